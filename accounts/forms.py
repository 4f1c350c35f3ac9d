"""Forms of the account pages."""

from django import forms

from .models import CREDENTIAL_NAME_MAX_LENGTH, DISPLAY_NAME_MAX_LENGTH, Scope

LIFETIMES = [(30, "30 days"), (90, "90 days"), (365, "a year"), (0, "until it is revoked")]
POWERS = [
    (f"{Scope.READ} {Scope.WRITE}", "look, ask and change"),
    (Scope.READ.value, "look and ask only"),
]


class DisplayNameForm(forms.Form):
    """The name by which pages greet the listener; may be empty."""

    display_name = forms.CharField(
        label="Your name here",
        max_length=DISPLAY_NAME_MAX_LENGTH,
        required=False,
        help_text="Shown to nobody but you.",
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )


class TokenForm(forms.Form):
    """A new access token: its name, its scopes and its lifetime."""

    name = forms.CharField(
        label="What is the token for?",
        max_length=CREDENTIAL_NAME_MAX_LENGTH,
        help_text="For example the name of the program that will use it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.ChoiceField(
        label="What may it do?", choices=POWERS, initial=POWERS[0][0], required=False
    )
    expires_in_days = forms.TypedChoiceField(
        label="How long is it valid?",
        choices=LIFETIMES,
        coerce=int,
        empty_value=0,  # type: ignore[arg-type]  # the stubs know texts only
        initial=90,
        required=False,
    )

    def clean_scopes(self) -> list[str]:
        """Return the chosen scopes, or all of them when none was chosen."""
        return (self.cleaned_data["scopes"] or POWERS[0][0]).split()


class EndSessionsForm(forms.Form):
    """Which sessions to end; ``session`` names one when only one is to end."""

    ONE, OTHERS, ALL = "one", "others", "all"

    which = forms.ChoiceField(choices=[(name, name) for name in (ONE, OTHERS, ALL)])
    session = forms.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
