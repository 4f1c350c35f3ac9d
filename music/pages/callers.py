"""Who pays for requests to YouTube that a page makes."""

from django.http import HttpRequest

from music.youtube.budgets import Caller, identify_caller
from music.youtube.quota import LISTENER
from tunetrace_site.addresses import get_client_address


def get_caller(request: HttpRequest) -> Caller:
    """Return the signed-in account, or the address: guests are free to make, addresses are not."""
    account = request.user.pk if request.user.is_authenticated else None
    return identify_caller(LISTENER, address=get_client_address(request), account=account)
