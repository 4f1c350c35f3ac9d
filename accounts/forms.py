"""What the account pages accept."""

from django import forms


class DisplayNameForm(forms.Form):
    """The name that pages greet the listener by; may be empty."""

    display_name = forms.CharField(
        label="Your name here",
        max_length=80,
        required=False,
        help_text="Shown to nobody but you.",
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )


class TokenForm(forms.Form):
    """A new access token's name."""

    name = forms.CharField(
        label="What is the token for?",
        max_length=80,
        help_text="For example the name of the program that will use it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
