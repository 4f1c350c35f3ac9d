"""Identifies the caller of the API: a listener's browser or program, or a separate front end."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from django.conf import settings
from django.db import DatabaseError, router
from django.db.models import Q
from django.http import HttpRequest
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
from tunetrace_site.replication.prepared import PreparedQuery, restore
from tunetrace_site.replication.unit import unit_of_work

from .auditing import note, note_use
from .change_signals import tell_change
from .guests import find_listener
from .models import AccessToken, AuditEntry, Credential, Scope, ServiceKey, User, digest_secret

logger = logging.getLogger(__name__)

LAST_USED_PRECISION = timedelta(minutes=1)
AnyKind = type[AccessToken] | type[ServiceKey]
_KINDS: dict[str, AnyKind] = {AccessToken.kind: AccessToken, ServiceKey.kind: ServiceKey}
_OF_TOKEN = [field.attname for field in AccessToken._meta.concrete_fields]
_OF_OWNER = [field.attname for field in User._meta.concrete_fields]
_TOKENS = PreparedQuery(
    AccessToken,
    lambda digest: AccessToken.objects.filter(digest=digest).values_list(
        *_OF_TOKEN, *(f"user__{name}" for name in _OF_OWNER)
    ),
)
_KEYS = PreparedQuery(ServiceKey, lambda digest: ServiceKey.objects.filter(digest=digest))
_REFUSAL = "This token or key is not valid: it is wrong, has expired, or was revoked."


@dataclass(frozen=True, slots=True)
class ServiceCaller:
    """A separate front end: not a listener itself, it may act for any listener that it names."""

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
    the scope ``read``, others ``write``, except a POST of a view that is declared to change nothing
    (``only_reads``).
    """

    def authenticate(self, request: Request) -> tuple[Any, Credential] | None:
        """Return the caller and the credential; None without a bearer token.

        An invalid one is answered with 401, one without the scope that the request needs with 403.
        """
        secret = find_secret(request)
        if secret is None:
            return None
        credential = self.find_credential(secret)
        if credential is None:
            note(request._request, AuditEntry.Kind.CREDENTIAL_REFUSED, what="bearer")
            raise AuthenticationFailed(_REFUSAL)
        _require_scope(request, credential)
        _record_use(request, credential)
        if isinstance(credential, ServiceKey):
            return ServiceCaller(credential), credential
        return credential.user, credential

    def find_credential(self, secret: bytes) -> AccessToken | ServiceKey | None:
        """Return the valid credential with this secret; None if there is none.

        It is looked up by its digest, so that the time taken reveals nothing about the secret.
        """
        try:
            text = secret.decode("ascii")
        except UnicodeDecodeError:
            return None
        kind = _KINDS.get(text.partition("_")[0])
        credential = self.load_credential(kind, digest_secret(text)) if kind else None
        return credential if credential is not None and credential.is_valid() else None

    def load_credential(self, kind: AnyKind, digest: str) -> AccessToken | ServiceKey | None:
        """Return the credential of this kind and digest, valid or not, with its listener.

        Or None. One prepared query.
        """
        if kind is ServiceKey:
            return _KEYS.find_model(digest)
        rows = _TOKENS.fetch(digest)
        if not rows:
            return None
        alias, n = router.db_for_read(AccessToken), len(_OF_TOKEN)
        token = restore(AccessToken, alias, _OF_TOKEN, rows[0][:n])
        token.user = restore(User, alias, _OF_OWNER, rows[0][n:])
        return token

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


def find_secret(request: Request | HttpRequest) -> bytes | None:
    """Return what stands behind ``Bearer`` in the header; None without such a header."""
    # It reads META, which both have.
    header = get_authorization_header(cast(Request, request))
    scheme, _, secret = header.partition(b" ")
    return secret.strip() if scheme.lower() == b"bearer" else None


def _require_scope(request: Request, credential: Credential) -> None:
    view = (getattr(request, "parser_context", None) or {}).get("view")
    reads = request.method in SAFE_METHODS or getattr(view, "only_reads", False)
    needed = Scope.READ if reads else Scope.WRITE
    if not credential.allows(needed):
        raise PermissionDenied(f"This token or key lacks the scope {needed.value!r}.")


def was_used_lately(credential: Credential) -> bool:
    """Return whether ``last_used_at`` need not be written anew."""
    used_at = credential.last_used_at
    return used_at is not None and timezone.now() - used_at < LAST_USED_PRECISION


def _record_use(request: Request, credential: Credential) -> None:
    """Record the use and write ``last_used_at``, at most once a minute.

    A failure to write must not refuse the caller.
    """
    if was_used_lately(credential):
        return
    now = timezone.now()
    note_use(request._request, credential)
    unchanged = Q(last_used_at=None) | Q(last_used_at__lt=now - LAST_USED_PRECISION)
    model = type(credential)
    try:
        with unit_of_work():
            rows = model._base_manager.filter(unchanged, pk=credential.pk)
            rows.update(last_used_at=now)
            # Only for this row: cached rows of other, equally busy callers are still correct.
            tell_change(model, credential.pk)
    except (DatabaseError, Unavailable):
        logger.warning("last use of %s could not be written", credential.prefix, exc_info=True)
