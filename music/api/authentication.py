"""The caller of the API (``accounts.authentication``), cached between requests."""

from accounts.authentication import AnyKind, BearerAuthentication
from accounts.backends import find_user
from accounts.models import AccessToken, ServiceKey, User
from music.caching import listeners
from tunetrace_site.replication.keys import derive_row_key


class RememberingBearerAuthentication(BearerAuthentication):
    """Reads a credential and its listener again only when either has changed."""

    def load_credential(self, kind: AnyKind, digest: str) -> AccessToken | ServiceKey | None:
        load = super().load_credential
        pk = derive_row_key(kind, digest)
        credential: AccessToken | ServiceKey | None = listeners.fetch(
            kind, pk, lambda: load(kind, digest)
        )
        if not isinstance(credential, AccessToken) or AccessToken.user.is_cached(credential):
            return credential
        owner = find_stored_listener(credential.user_id)
        if owner is None:
            return None
        credential.user = owner
        return credential


def find_stored_listener(pk: int) -> User | None:
    """Return the listener with this primary key, or None."""
    return listeners.fetch(User, pk, lambda: find_user(pk))
