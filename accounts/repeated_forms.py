"""Prevents a form from being sent twice when its page is reloaded."""

from django.http import HttpRequest

FIELD = "once"
SESSION_KEY = "sent_forms"
MAX_REMEMBERED = 20


def was_sent(request: HttpRequest) -> bool:
    """Return whether the form with this mark (its field ``once``) was sent before, and record it.

    A form without a mark always counts as new.
    """
    mark = request.POST.get(FIELD, "")[:64]
    if not mark:
        return False
    sent = request.session.get(SESSION_KEY, [])
    if mark in sent:
        return True
    request.session[SESSION_KEY] = [*sent, mark][-MAX_REMEMBERED:]
    return False
