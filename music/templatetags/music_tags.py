"""Songs in templates: covers, icons, links to YouTube, durations, languages."""

import hashlib
import secrets
from collections.abc import Hashable, Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django import template
from django.conf.locale import LANG_INFO
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.backends.jinja2 import Template as JinjaTemplate
from django.template.context import Context
from django.template.loader import get_template
from django.templatetags.static import static
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from music.names.normalization import normalize_key
from music.names.takes import Take
from music.records import Cause, ShownSong, Suggestion, read_fields_of

register = template.Library()

MAX_PARTS = 4096
"""The number of rendered parts that a process caches, one to eight kilobytes each."""
# Random, so that no song's name can contain them: it would be given the reader's token.
TOKEN_PLACE, NEXT_PLACE = secrets.token_hex(16), secrets.token_hex(16)
N_PATTERNS = 12
N_PALETTES = 10
N_TURNS = 4
SECONDS_PER_MINUTE = 60
NO_WORDS = "zxx"
OTHER_LANGUAGES = {
    NO_WORDS: "No words",
    "am": "Amharic",
    "gcf": "Antillean Creole",
    "la": "Latin",
    "ln": "Lingala",
    "si": "Sinhala",
    "sn": "Shona",
    "tl": "Tagalog",
    "wo": "Wolof",
    "xh": "Xhosa",
    "yo": "Yoruba",
    "yue": "Cantonese",
    "zh": "Chinese",
    "zu": "Zulu",
}
"""Languages of the catalogue that Django has no name for."""
TAKE_LABELS: dict[str, str] = {
    Take.LIVE: "Live version",
    Take.ACOUSTIC: "Acoustic version",
    Take.COVER: "Cover version",
    Take.REMIX: "Remix",
    Take.KARAOKE: "Karaoke version",
    Take.INSTRUMENTAL: "Instrumental version",
    Take.DEMO: "Demo",
    Take.TUTORIAL: "Lesson",
    Take.REACTION: "Reaction",
    Take.PARODY: "Parody",
    Take.ALTERED: "Altered sound",
    Take.LOOP: "Loop",
    Take.COMPILATION: "Several songs",
    Take.CLIP: "Excerpt",
}
"""What is said of a video that is not the song itself, which the others are."""
_read_facts = read_fields_of(ShownSong)


@register.simple_tag
def part(template_name: str, **values: Hashable) -> SafeString:
    """Render a template with ``values``, which are all that it reads; cached per process.

    Much of a page is the same on every page, and much of a card for everybody. A template in Jinja2
    is a macro with the name of its file, of which ``values`` are the arguments.
    """
    return _make_part(template_name, *((name, _plain(value)) for name, value in values.items()))


@lru_cache(MAX_PARTS)
def _make_part(template_name: str, *values: tuple[str, Hashable]) -> SafeString:
    template = get_template(template_name)
    if isinstance(template, JinjaTemplate):
        macro = getattr(template.template.module, Path(template_name).stem.removeprefix("_"))
        return SafeString(macro(**dict(values)))  # nosec B703: it escapes what it prints
    made = template.render({"csrf_token": TOKEN_PLACE, "next": NEXT_PLACE, **dict(values)})
    return SafeString(made)  # nosec B703: it escapes what it prints


@register.simple_tag(takes_context=True)
def form_part(context: Context, template_name: str, **values: Hashable) -> SafeString:
    """Return what ``part`` renders, of a template with forms.

    Such a template may also read the forms' token and ``next`` (the page to return to), which are
    put in for each request; in Jinja2, ``csrf_input`` and ``next_input``.
    """
    return _fill_for(context, part(template_name, **values))


@register.simple_tag(takes_context=True)
def form_parts(
    context: Context, template_name: str, name: str, each: Iterable[Hashable], **values: Hashable
) -> SafeString:
    """Return what ``form_part`` renders for each value of a list, as the value ``name``."""
    made = (part(template_name, **{name: value}, **values) for value in each)
    return _fill_for(context, "\n".join(made))


def _fill_for(context: Context, made: str) -> SafeString:
    next_page = context.get("next") or context["request"].get_full_path()
    return _fill(made, str(context["csrf_token"]), next_page)


def render_form(
    request: HttpRequest, template_name: str, *, next_page: str = "", **values: Hashable
) -> SafeString:
    """Return what ``form_part`` renders, for an answer of its own; see there."""
    made = part(template_name, **values)
    return _fill(made, get_token(request), next_page or request.get_full_path())


def _fill(made: str, token: str, next_page: str) -> SafeString:
    filled = made.replace(TOKEN_PLACE, token)
    # Safe: rendered with escaping, with a token of letters and digits and an escaped address.
    return SafeString(filled.replace(NEXT_PLACE, escape(next_page)))  # nosec B703


def _plain(value: Hashable) -> Hashable:
    return as_shown(value) if isinstance(value, Suggestion) else value


def as_shown(song: ShownSong) -> ShownSong:
    """Return a suggested song without the fields that differ from list to list."""
    if type(song) is ShownSong:
        return song
    return ShownSong(**_read_facts(song))


@register.simple_tag(name="cover")
def show_cover(song: ShownSong | None, name: str = "") -> SafeString:
    """Return a square drawn from the song's name, the same each time, and any thumbnail.

    Without a song (its like is not matched yet) the listener's own ``name`` is drawn.
    """
    return part("music/_cover.html", song=song, name="" if song else name)


def draw_cover(song: ShownSong | None, name: str = "") -> dict[str, Any]:
    """Return the elements of the drawing of a song, or of a ``name``."""
    artist, title = (song.artist, song.title) if song else ("", name)
    digest = hashlib.blake2s(f"{artist}\n{title}".encode("utf-8", "replace")).digest()
    return {
        "pattern": digest[0] % N_PATTERNS,
        "palette": digest[1] % N_PALETTES,
        "turn": digest[2] % N_TURNS,
        "initials": find_initials(title),
        "thumbnail": thumbnail_url(song) if song else "",
    }


def find_initials(title: str) -> str:
    """Return the first letters of the first two words that have one: "Come As You Are" -> "CA"."""
    letters = [word[0] for word in title.split() if word[0].isalnum()]
    return "".join(letters[:2]).upper()


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """Return an icon of ``static/img/icons.svg``, hidden from screen readers.

    Cached per process.
    """
    return format_html(
        '<svg class="icon icon-{}" aria-hidden="true" focusable="false">'
        '<use href="{}#{}"></use></svg>',
        name,
        static("img/icons.svg"),
        name,
    )


@register.filter
def can_play_here(song: ShownSong) -> bool:
    """Return whether our page may play a song: a playable video, not for kids, of no minimum age.

    YouTube forbids tracking around videos made for kids, so those are only linked to.
    """
    return song.video_id is not None and not song.is_restricted


@register.filter
def youtube_url(song: ShownSong) -> str:
    """Return the page of the song's video on YouTube, or a search there for a song without one."""
    if song.video_id:
        return f"https://www.youtube.com/watch?{urlencode({'v': song.video_id})}"
    words = f"{song.artist} {song.title}"
    return f"https://www.youtube.com/results?{urlencode({'search_query': words})}"


@register.filter
def channel_url(song: ShownSong) -> str:
    """Return the page of the video's channel on YouTube; empty when unknown."""
    return f"https://www.youtube.com/channel/{song.channel_id}" if song.channel_id else ""


def thumbnail_url(song: ShownSong) -> str:
    """Return YouTube's thumbnail of the song's video; empty for a song without one."""
    if not song.video_id:
        return ""
    return f"https://i.ytimg.com/vi/{song.video_id}/mqdefault.jpg"


@register.filter
def is_in_own_words(song_name: str, song: ShownSong) -> bool:
    """Return whether the listener's words differ from the song's artist and title."""
    artist, title = normalize_key(song.artist), normalize_key(song.title)
    usual = {title, f"{artist} {title}", f"{title} {artist}", normalize_key(song.video_title)}
    return normalize_key(song_name) not in usual


@register.filter
def get(values: Mapping[Any, Any], key: Any) -> Any:
    """Return the value of ``key``; None where there is none."""
    return values.get(key)


@register.filter
def longest(bars: Iterable[Any]) -> int:
    """Return the largest count of some bars; 0 where there are none."""
    return max((bar.count for bar in bars), default=0)


@register.filter
def take_label(song: ShownSong) -> str:
    """Return which take plays a song, such as "Live version"; empty for the song itself."""
    return TAKE_LABELS.get(song.take, "")


@register.filter
def as_clock(seconds: int | None) -> str:
    """Format seconds: 215 -> "3:35"; empty when unknown."""
    if not seconds:
        return ""
    minutes, rest = divmod(seconds, SECONDS_PER_MINUTE)
    return f"{minutes}:{rest:02d}"


@register.filter
def language_name(code: str) -> str:
    """Return a language's name: "pt" and "pt-BR" -> "Portuguese"; an unknown code unchanged."""
    base = code.partition("-")[0].lower()
    return OTHER_LANGUAGES.get(base) or LANG_INFO.get(base, {}).get("name", code)


@register.filter
def lang_code(song: ShownSong | Cause) -> str:
    """Return the language of the song's title, such as "ja"; empty when unknown or wordless."""
    return "" if song.language == NO_WORDS else song.language


@register.filter
def lang_attribute(song: ShownSong | Cause) -> SafeString | str:
    """Return ``lang="ja"`` for the element with the song's title: voices and fonts use it."""
    code = lang_code(song)
    return format_html(' lang="{}"', code) if code else ""
