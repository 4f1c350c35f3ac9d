"""The engine of the templates of songs: cards, rows, covers and buttons, in Jinja2.

They are all that is rendered once for each of many songs, for which Django's own engine takes five
times as long. Each file holds a macro of its own name. Pages put them in by ``{% part %}`` and
``{% form_part %}``, views by ``render_form``.
"""

from typing import Any

from django.templatetags.static import static
from django.utils.html import format_html
from jinja2 import Environment, StrictUndefined

from music.templatetags import music_tags
from music.templatetags.steady_addresses import find_address

FILTERS = {
    "address": find_address,
    "as_clock": music_tags.as_clock,
    "can_play_here": music_tags.can_play_here,
    "draw_cover": music_tags.draw_cover,
    "icon": music_tags.icon,
    "is_in_own_words": music_tags.is_in_own_words,
    "lang_attribute": music_tags.lang_attribute,
    "lang_code": music_tags.lang_code,
    "static": static,
    "take_label": music_tags.take_label,
    "youtube_url": music_tags.youtube_url,
}
"""What templates call. A filter of a constant (``"play"|icon``) is called once, when its template
is compiled: that is why icons and addresses are filters."""
INPUT = '<input type="hidden" name="{}" value="{}">'


def environment(**options: Any) -> Environment:
    """Return the engine, for ``TEMPLATES``; everything that it prints is escaped."""
    strict = options | {"undefined": StrictUndefined, "lstrip_blocks": True}
    strict.pop("autoescape", None)
    made = Environment(autoescape=True, **strict)
    made.filters |= FILTERS
    made.globals |= {
        "csrf_input": format_html(INPUT, "csrfmiddlewaretoken", music_tags.TOKEN_PLACE),
        "next_input": format_html(INPUT, "next", music_tags.NEXT_PLACE),
    }
    return made
