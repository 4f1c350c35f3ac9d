"""Forms that must not be sent twice by a page that is loaded again."""

from django.http import HttpRequest

FIELD = "once"
SESSION_KEY = "sent_forms"
MAX_REMEMBERED = 20


def was_sent(request: HttpRequest) -> bool:
    """Whether the form with this mark (its field ``once``) was sent before; remembers that it is.

    A form without a mark is always a new one.
    """
    mark = request.POST.get(FIELD, "")[:64]
    if not mark:
        return False
    sent = request.session.get(SESSION_KEY, [])
    if mark in sent:
        return True
    request.session[SESSION_KEY] = [*sent, mark][-MAX_REMEMBERED:]
    return False
