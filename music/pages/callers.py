"""Who pays for what a page asks of YouTube."""

from django.http import HttpRequest

from music.youtube.budgets import Caller, identify
from music.youtube.quota import LISTENER
from tunetrace_site.addresses import get_client_address


def get_caller(request: HttpRequest) -> Caller:
    """The account that is signed in, or the address: guests are made at will, addresses are not."""
    account = request.user.pk if request.user.is_authenticated else None
    return identify(LISTENER, address=get_client_address(request), account=account)
