"""What a page says about a pasted list of which some lines name no song."""

from django.contrib import messages
from django.http import HttpRequest

from .forms import PasteForm


def warn_of_refused(request: HttpRequest, form: PasteForm) -> None:
    """Name the lines that were not taken, on the page that is shown next."""
    for line in form.describe_refused():
        messages.warning(request, line)
