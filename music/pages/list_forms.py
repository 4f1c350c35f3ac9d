"""Forms about lists of songs: which to show, save, and change."""

from typing import Any, cast

from django import forms

from music.domain.filters import MOODS
from music.domain.history import PLAYED, SUGGESTED
from music.domain.mixes import MAX_SONGS, clean_name
from music.domain.songs import MAX_QUERY_LENGTH, REFERENCE_MAX_LENGTH
from music.models import Steering
from music.models.mix import NAME_MAX_LENGTH
from music.models.steering import KEY_MAX_LENGTH
from music.templatetags.music_tags import language_name

from .forms import check
from .widgets import KeptCheckbox, KeptHidden, KeptNumber, KeptSelect, KeptText

ANY_GENRE = ""
LIMITS = (10, 20, 30, 40, 50, 100, 150, 200)
DECADES = range(2020, 1910, -10)
STEERING_CHOICES = [(kind.value, kind.label) for kind in Steering.BY_SONG]


class FilterForm(forms.Form):
    """Filters of the suggestions; every field is optional."""

    genre = forms.ChoiceField(label="Genre", required=False, widget=KeptSelect)
    decade = forms.TypedChoiceField(
        label="Decade",
        choices=[("", "Any decade"), *((year, f"{year}s") for year in DECADES)],
        coerce=int,
        empty_value=None,
        required=False,
        widget=KeptSelect,
    )
    mood = forms.ChoiceField(
        label="Mood",
        choices=[("", "Any mood"), *MOODS.items()],
        required=False,
        widget=KeptSelect,
    )
    language = forms.ChoiceField(label="Language", required=False, widget=KeptSelect)
    plays = forms.BooleanField(label="Only what plays here", required=False, widget=KeptCheckbox)
    adventure = forms.IntegerField(
        label="Familiar or adventurous",
        min_value=0,
        max_value=100,
        required=False,
        widget=KeptNumber(attrs={"type": "range", "step": 25}),
    )
    like = forms.CharField(max_length=REFERENCE_MAX_LENGTH, required=False, widget=KeptHidden)
    limit = forms.TypedChoiceField(
        choices=[(n, n) for n in LIMITS],
        coerce=int,
        empty_value=LIMITS[0],  # type: ignore[arg-type]  # the stubs know texts only
        required=False,
    )

    def __init__(self, *args: Any, genres: list[str], languages: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        genre, language = (cast(forms.ChoiceField, self.fields[n]) for n in ("genre", "language"))
        genre.choices = [(ANY_GENRE, "Any genre"), *((g, g) for g in genres)]
        language.choices = [
            ("", "Any language"),
            *((code, language_name(code)) for code in languages),
        ]

    def clean_adventure(self) -> int:
        value = self.cleaned_data["adventure"]
        return 50 if value is None else value


class SteeringForm(forms.Form):
    """What to suggest less: songs by an artist, or songs like a liked one."""

    kind = forms.ChoiceField(choices=STEERING_CHOICES)
    song = forms.CharField(max_length=REFERENCE_MAX_LENGTH)


class SteeringUndoForm(forms.Form):
    """The steering to undo."""

    kind = forms.ChoiceField(choices=STEERING_CHOICES)
    key = forms.CharField(max_length=KEY_MAX_LENGTH)


class MixForm(forms.Form):
    """The name of a mix."""

    name = forms.CharField(
        label="Name",
        max_length=NAME_MAX_LENGTH,
        error_messages={"required": "Give it a name."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_name(self) -> str:
        return check(clean_name, self.cleaned_data["name"])


class MixSongForm(forms.Form):
    """A song of a mix and its new place; without a place it is removed."""

    song = forms.CharField(max_length=KEY_MAX_LENGTH)
    place = forms.IntegerField(min_value=0, max_value=MAX_SONGS, required=False)


class ShareMixForm(forms.Form):
    """Whether to share a mix at a secret address."""

    is_shared = forms.BooleanField(required=False)


class LinkActionForm(forms.Form):
    """What to do with the listener's connection to ListenBrainz."""

    action = forms.ChoiceField(
        choices=[(name, name) for name in ("connect", "send", "disconnect", "bring")]
    )


class SendingForm(forms.Form):
    """What is sent to ListenBrainz."""

    sends_plays = forms.BooleanField(
        label="Send what I play",
        help_text="Songs you play for half a minute or longer.",
        required=False,
        initial=True,
    )
    sends_likes = forms.BooleanField(
        label="Send my likes",
        help_text="They become loved recordings there.",
        required=False,
        initial=True,
    )


class ConnectForm(SendingForm):
    """A listener's token, and what is to be sent with it."""

    token = forms.CharField(
        label="Your ListenBrainz user token",
        max_length=64,
        error_messages={"required": "Paste your token: this is empty."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ("token", "sends_plays", "sends_likes")


class HistoryForm(forms.Form):
    """What to delete from the history."""

    what = forms.ChoiceField(choices=[(PLAYED, PLAYED), (SUGGESTED, SUGGESTED)])


class LikesForm(forms.Form):
    """Which likes to list, and in which order."""

    q = forms.CharField(
        label="Find among your likes",
        max_length=MAX_QUERY_LENGTH,
        required=False,
        widget=KeptText(attrs={"type": "search", "autocomplete": "off"}),
    )
    order = forms.ChoiceField(
        label="Order",
        required=False,
        choices=[
            ("newest", "Newest first"),
            ("oldest", "Oldest first"),
            ("title", "By title"),
            ("artist", "By artist"),
        ],
        widget=KeptSelect,
    )
    missing = forms.BooleanField(label="Not found yet", required=False, widget=KeptCheckbox)


class ManyLikesForm(forms.Form):
    """What to do with many likes."""

    ACTIONS = (("remove", "Remove"), ("stop", "Do not use"), ("use", "Use"))

    action = forms.ChoiceField(choices=ACTIONS)
    like = forms.TypedMultipleChoiceField(coerce=int, required=True)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        # The domain checks that they are the listener's; here they are numbers that a database can
        # hold.
        ids = [value for value in data.getlist("like") if value.isdecimal() and len(value) < 20]
        chosen = cast(forms.MultipleChoiceField, self.fields["like"])
        chosen.choices = [(value, value) for value in ids]
        chosen.error_messages["required"] = "Choose at least one like."
