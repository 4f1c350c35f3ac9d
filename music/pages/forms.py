"""The forms of the pages. The rules are the domain's; here they become messages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from music.domain.import_review import ACTIONS, PILES
from music.domain.import_rows import MAX_ROWS
from music.domain.imports import FILE_NAME_MAX_LENGTH
from music.domain.names import clean_song_name, refuse_other_links
from music.domain.playlists import MAX_IMPORTED_SONGS, PLAYLIST_MAX_LENGTH, clean_playlist
from music.domain.songs import MAX_QUERY_LENGTH, REFERENCE_MAX_LENGTH, clean_query
from music.errors import InvalidInput
from music.models import Playback, Share
from music.models.liked_song import SONG_NAME_MAX_LENGTH
from music.models.video_feature import VIDEO_ID_MAX_LENGTH
from music.names.lines import list_lines

from .widgets import KeptText

DELETE_WORD = "delete"
MAX_NAMED_LINES = 10
PLACES = ("card", "dock", "for_you", "said")
PASTE_MAX_LENGTH = MAX_IMPORTED_SONGS * (SONG_NAME_MAX_LENGTH + 2)


def check(rule: Callable[..., Any], value: str, **kwargs: Any) -> Any:
    """Return ``rule(value)`` of the domain, with its error as the form's own."""
    try:
        return rule(value, **kwargs)
    except InvalidInput as error:
        raise forms.ValidationError(error.message) from error


class SearchForm(forms.Form):
    """Words to search for: a song's name, or a mood."""

    q = forms.CharField(
        label="Name a song",
        max_length=MAX_QUERY_LENGTH,
        error_messages={"required": "Name a song: this is empty."},
        widget=KeptText(
            attrs={
                "type": "search",
                "placeholder": "Title or artist",
                "data-suggests": True,
                "autocomplete": "off",
                "spellcheck": "false",
            }
        ),
    )

    def clean_q(self) -> str:
        return check(clean_query, self.cleaned_data["q"])


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line of a pasted list that names no song: its number, counted from one, and why."""

    number: int
    text: str
    why: str

    def __str__(self) -> str:
        return f"Line {self.number}: {self.why}"


@dataclass(frozen=True, slots=True)
class PastedSongs:
    """The names in a pasted list, in their order, and the lines that name nothing."""

    names: list[str]
    refused: list[RefusedLine]


class SongListField(forms.CharField):
    """Song names, one per line; cleans to 1 to 1,000 names and the lines that are none.

    Numbers, times and the marks of playlist files are not part of a name.
    """

    widget = forms.Textarea(attrs={"rows": 6, "spellcheck": "false"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=PASTE_MAX_LENGTH, strip=False, **kwargs)

    def clean(self, value: Any) -> PastedSongs:
        lines = list(list_lines(super().clean(value)))
        if len(lines) > MAX_IMPORTED_SONGS:
            raise forms.ValidationError(
                f"At most {MAX_IMPORTED_SONGS} songs at a time, not {len(lines)}."
            )
        pasted = PastedSongs([], [])
        for line in lines:
            try:
                refuse_other_links(line.text)
                pasted.names.append(clean_song_name(line.text))
            except InvalidInput as error:
                pasted.refused.append(RefusedLine(line.number, line.whole, error.message))
        if not pasted.names:
            refused = [str(line) for line in pasted.refused[:MAX_NAMED_LINES]]
            raise forms.ValidationError(refused or self.error_messages["required"])
        return pasted


class PasteForm(forms.Form):
    """A pasted list of songs. ``refused`` are its lines that name none: the others count."""

    refused: Sequence[RefusedLine] = ()
    songs = SongListField(
        label="Songs you like, one per line",
        error_messages={"required": "Name at least one song."},
    )

    def clean_songs(self) -> list[str]:
        pasted: PastedSongs = self.cleaned_data["songs"]
        self.refused = pasted.refused
        return pasted.names

    def describe_refused(self) -> list[str]:
        """Return which lines were not taken, and why; of many the first."""
        named = [str(line) for line in self.refused[:MAX_NAMED_LINES]]
        if n_more := len(self.refused) - len(named):
            named.append(f"{n_more} more line{'s' * (n_more != 1)} could not be read either.")
        return named

    def keep_refused(self) -> "PasteForm":
        """Return a form with the lines that were not taken, to be corrected."""
        return PasteForm(initial={"songs": "\n".join(line.text for line in self.refused)})


class FileForm(forms.Form):
    """A file that another service or program wrote."""

    file = forms.FileField(
        label="A file",
        max_length=FILE_NAME_MAX_LENGTH,
        allow_empty_file=True,
        help_text="Up to 20 MB and 10,000 songs.",
        error_messages={"required": "Choose a file."},
        widget=forms.ClearableFileInput(attrs={"data-drop": "file"}),
    )


class ImportActionForm(forms.Form):
    """A decision of the listener about an import, or about one of its rows."""

    action = forms.ChoiceField(choices=[(action, action) for action in ACTIONS])
    pile = forms.ChoiceField(choices=[(pile, pile) for pile in PILES], required=False)
    number = forms.IntegerField(min_value=1, max_value=MAX_ROWS, required=False)
    reference = forms.CharField(max_length=REFERENCE_MAX_LENGTH, required=False)
    words = forms.CharField(max_length=SONG_NAME_MAX_LENGTH, required=False)

    def clean_number(self) -> int:
        return self.cleaned_data["number"] or 0

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("action") == "choose" and not values.get("reference"):
            raise forms.ValidationError("Choose a song.")
        return values


class ShareForm(forms.Form):
    """Which songs to share at a secret address, or to stop sharing."""

    kind = forms.ChoiceField(choices=Share.Kind.choices)
    is_shared = forms.BooleanField(required=False)


class PlaylistForm(forms.Form):
    """The address or id of a YouTube playlist."""

    playlist = forms.CharField(
        label="YouTube playlist",
        max_length=PLAYLIST_MAX_LENGTH,
        help_text="Its address, or the part after “list=”. It must be public or unlisted.",
        error_messages={"required": "Paste the address or id of a playlist."},
        widget=forms.TextInput(
            attrs={
                "placeholder": "https://www.youtube.com/playlist?list=…",
                "autocomplete": "off",
                "spellcheck": "false",
            }
        ),
    )

    def clean_playlist(self) -> str:
        address = self.cleaned_data["playlist"]
        check(clean_playlist, address)
        return address


class SongForm(forms.Form):
    """The song that a button is about: its address, or the id of a video."""

    song = forms.CharField(max_length=REFERENCE_MAX_LENGTH)


class PlaybackForm(SongForm):
    """A song that was played, or skipped."""

    kind = forms.ChoiceField(choices=Playback.Kind.choices)


class TroubleForm(forms.Form):
    """The error of YouTube's player for a video that it did not play."""

    video = forms.CharField(max_length=VIDEO_ID_MAX_LENGTH)
    code = forms.IntegerField(min_value=0, max_value=999)


class PlaceForm(SongForm):
    """The song that a set of buttons is about, and where they stand: a card, or the player."""

    place = forms.ChoiceField(choices=[(place, place) for place in PLACES], required=False)
    next = forms.CharField(max_length=REFERENCE_MAX_LENGTH, required=False)


class LearningForm(forms.Form):
    """Whether a like counts for suggestions."""

    learn = forms.BooleanField(required=False)


class MatchForm(forms.Form):
    """The song that a like means; empty when it is none of those offered."""

    song = forms.CharField(max_length=REFERENCE_MAX_LENGTH, required=False)


class RestoreForm(forms.Form):
    """A removed like, as the undo button carries it."""

    song_name = forms.CharField(max_length=SONG_NAME_MAX_LENGTH)
    song = forms.CharField(max_length=REFERENCE_MAX_LENGTH, required=False)
    learn = forms.BooleanField(required=False)

    def clean_song_name(self) -> str:
        return check(clean_song_name, self.cleaned_data["song_name"])


class DeleteForm(forms.Form):
    """Deleting everything requires typing a word, so that it cannot happen by accident."""

    confirm = forms.CharField(
        label=f"Type “{DELETE_WORD}” to confirm",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )

    def clean_confirm(self) -> str:
        word = self.cleaned_data["confirm"].strip().lower()
        if word != DELETE_WORD:
            raise forms.ValidationError(f"Type the word “{DELETE_WORD}”.")
        return word
