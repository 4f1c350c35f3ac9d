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
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from tunetrace_site.replication.failures import Unavailable
from tunetrace_site.replication.unit import unit_of_work

from .guests import find_listener
from .models import AccessToken, Credential, ServiceKey, User, digest_secret

logger = logging.getLogger(__name__)

LAST_USED_PRECISION = timedelta(minutes=1)
_REFUSAL = "This token or key is not valid, or it was revoked."


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
    """``Authorization: Bearer ttu_…`` (an access token) or ``tts_…`` (a service key)."""

    def authenticate(self, request: Request) -> tuple[Any, Credential] | None:
        """The caller and the credential; ``None`` without a bearer; 401 for a bad one."""
        scheme, _, secret = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        credential = _find_credential(secret.strip())
        if credential is None:
            raise AuthenticationFailed(_REFUSAL)
        _record_use(credential)
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


def _find_credential(secret: bytes) -> Credential | None:
    """The valid credential with this secret. Looking up a digest tells nothing by its timing."""
    try:
        text = secret.decode("ascii")
    except UnicodeDecodeError:
        return None
    digest = digest_secret(text)
    if text.startswith(f"{AccessToken.kind}_"):
        tokens = AccessToken.objects.select_related("user")
        return tokens.filter(digest=digest, revoked_at=None, user__is_active=True).first()
    if text.startswith(f"{ServiceKey.kind}_"):
        return ServiceKey.objects.filter(digest=digest, revoked_at=None).first()
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
