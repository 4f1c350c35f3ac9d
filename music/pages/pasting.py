"""Messages about a pasted list of which some lines name no song."""

from django.contrib import messages
from django.http import HttpRequest

from .forms import PasteForm


def warn_of_refused(request: HttpRequest, form: PasteForm) -> None:
    """Add a message that names the lines that were not taken, for the next page."""
    for line in form.describe_refused():
        messages.warning(request, line)
