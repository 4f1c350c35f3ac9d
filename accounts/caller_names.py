"""Names of whoever makes a request, under which their writes are noted (``replica_reads.py``)."""

from django.http import HttpRequest

from tunetrace_site.addresses import get_client_address

from .guests import find_listener
from .models import digest_secret


def name_callers(request: HttpRequest) -> list[str]:
    """Return the listener and the credential behind ``request``, or else its address.

    A listener has the name of their scope in the caches (``music/caching/keys.py``).
    """
    names = []
    listener = find_listener(request)
    if listener is not None and listener.pk is not None:
        names.append(f"listener:{listener.pk}")
    if secret := request.headers.get("Authorization"):
        names.append(f"credential:{digest_secret(secret)}")
    return names or [f"address:{get_client_address(request)}"]
