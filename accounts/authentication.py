"""Who is calling the API: a listener's browser or program, or a separate front end."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Q
from django.utils import timezone
from rest_framework.authentication import (
    BaseAuthentication,
    SessionAuthentication,
    get_authorization_header,
)
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from tunetrace_site.replication.failures import Unavailable
from tunetrace_site.replication.unit import unit_of_work

from .auditing import note, note_use
from .guests import find_listener
from .models import AccessToken, AuditEntry, Credential, Scope, ServiceKey, User, digest_secret

logger = logging.getLogger(__name__)

LAST_USED_PRECISION = timedelta(minutes=1)
_REFUSAL = "This token or key is not valid: it is wrong, has expired, or was revoked."


@dataclass(frozen=True, slots=True)
class ServiceCaller:
    """A separate front end. It is nobody itself, and may name any listener."""

    key: ServiceKey

    is_authenticated = True
    is_anonymous = False
    is_active = True
    is_staff = False
    is_superuser = False
    pk = None

    def __str__(self) -> str:
        return f"service {self.key.name}"


class BearerAuthentication(BaseAuthentication):
    """``Authorization: Bearer ttu_…`` (an access token) or ``tts_…`` (a service key).

    The scopes are checked here, for every view alike: a view cannot forget to. Safe methods need
    ``read``, others ``write``, but where ``only_reads`` of the view says that its POST asks only.
    """

    def authenticate(self, request: Request) -> tuple[Any, Credential] | None:
        """The caller and the credential; ``None`` without a bearer.

        A bad one is 401, one without the scope that the request needs 403.
        """
        scheme, _, secret = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        credential = _find_credential(secret.strip())
        if credential is None:
            note(request._request, AuditEntry.Kind.CREDENTIAL_REFUSED, what="bearer")
            raise AuthenticationFailed(_REFUSAL)
        _require_scope(request, credential)
        _record_use(credential)
        note_use(request._request, credential)
        if isinstance(credential, ServiceKey):
            return ServiceCaller(credential), credential
        return credential.user, credential

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="TuneTrace"'


class ListenerSessionAuthentication(SessionAuthentication):
    """A browser's session: a signed-in listener or a guest. Writes need the CSRF token."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None  # spares a caller without a session the search for one
        listener = find_listener(request._request)
        if listener is None or not listener.is_active:
            return None
        self.enforce_csrf(request)
        return listener, None


def _require_scope(request: Request, credential: Credential) -> None:
    view = (getattr(request, "parser_context", None) or {}).get("view")
    reads = request.method in SAFE_METHODS or getattr(view, "only_reads", False)
    needed = Scope.READ if reads else Scope.WRITE
    if not credential.allows(needed):
        raise PermissionDenied(f"This token or key lacks the scope {needed.value!r}.")


def _find_credential(secret: bytes) -> AccessToken | ServiceKey | None:
    """The valid credential with this secret. Looking up a digest tells nothing by its timing."""
    try:
        text = secret.decode("ascii")
    except UnicodeDecodeError:
        return None
    digest = digest_secret(text)
    if text.startswith(f"{AccessToken.kind}_"):
        tokens = AccessToken.objects.valid().select_related("user")
        return tokens.filter(digest=digest, user__is_active=True).first()
    if text.startswith(f"{ServiceKey.kind}_"):
        return ServiceKey.objects.valid().filter(digest=digest).first()
    return None


def _record_use(credential: Credential) -> None:
    """Write ``last_used_at`` at most once a minute; failing to must not refuse the caller."""
    now = timezone.now()
    if credential.last_used_at and now - credential.last_used_at < LAST_USED_PRECISION:
        return
    unchanged = Q(last_used_at=None) | Q(last_used_at__lt=now - LAST_USED_PRECISION)
    try:
        with unit_of_work():
            type(credential).objects.filter(unchanged, pk=credential.pk).update(last_used_at=now)
    except (DatabaseError, Unavailable):
        logger.warning("last use of %s could not be written", credential.prefix, exc_info=True)
