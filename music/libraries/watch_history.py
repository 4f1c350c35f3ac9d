"""Google's entries of a watch history: "Watched ..." in the language of the account."""

from typing import Any

from music.names.addresses import is_video_id
from music.names.channels import TOPIC

from .records import REMOVED, LibrarySong, find_video

ADVERT = "An advertisement."
# Some languages put the title in quotation marks, others a word before or after it.
_OPENING, _CLOSING = "„“”«»「『", "“”«»」』"
_BEGINNINGS = (
    "Watched ",
    "Vous avez regardé ",
    "Regardé ",
    "Has visto ",
    "Hai guardato ",
    "Assistiu a ",
    "Você assistiu a ",
    "Просмотрено видео ",
    "Вы посмотрели видео ",
    "Obejrzano: ",
    "Tittade på ",
    "Gekeken naar ",
)
_ENDINGS = (" angesehen", " を視聴しました", " bekeken", " izlendi", " adlı videoyu izledi")


def read_watched(entry: dict[str, Any]) -> LibrarySong:
    """Return the song of one entry of a watch history, or one that says why it is left out."""
    title = entry.get("title")
    name = _strip_verb(title) if isinstance(title, str) else ""
    video = find_video(entry.get("titleUrl"))
    if entry.get("details"):
        return LibrarySong(name or "–", left_out=ADVERT)
    if not video or name.startswith(("http://", "https://")):
        return LibrarySong(name or "–", left_out=REMOVED)
    channel = _find_channel(entry)
    artist = channel.removesuffix(TOPIC) if channel.endswith(TOPIC) else ""
    # The channel of a video need not be the artist; that of a topic channel is.
    is_named = artist or " - " in name or not channel
    return LibrarySong(name, artist if is_named else channel, video if is_video_id(video) else "")


def _strip_verb(title: str) -> str:
    text = title.replace("\xa0", " ").strip()
    if quoted := _find_quoted(text):
        return quoted
    for beginning in _BEGINNINGS:
        if text.startswith(beginning):
            return text[len(beginning) :].strip()
    for ending in _ENDINGS:
        if text.endswith(ending):
            return text[: -len(ending)].strip()
    return text


def _find_quoted(text: str) -> str:
    """Return the text between the first quotation mark and the last; empty without any."""
    starts = [place for mark in _OPENING if (place := text.find(mark)) >= 0]
    end = max(text.rfind(mark) for mark in _CLOSING)
    return text[min(starts) + 1 : end].strip() if starts else ""


def _find_channel(entry: dict[str, Any]) -> str:
    told = entry.get("subtitles")
    first = told[0] if isinstance(told, list) and told else None
    name = first.get("name") if isinstance(first, dict) else None
    return name.strip() if isinstance(name, str) else ""
