"""The tables of listeners, and of the credentials by which programs act for them."""

import hashlib
import secrets
import uuid
from collections.abc import Callable
from typing import Any, ClassVar, Self, TypeVar

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, UNUSABLE_PASSWORD_SUFFIX_LENGTH
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.crypto import salted_hmac

from tunetrace_site.replication.keys import NaturalKeyField, derive_row_key
from tunetrace_site.replication.prepared import insert_missing
from tunetrace_site.replication.unit import on_commit

from .audit_entries import AuditEntry as AuditEntry
from .change_signals import TellingModel, TellingQuerySet

USER_ID_MAX_LENGTH = 255
DISPLAY_NAME_MAX_LENGTH = 80
CREDENTIAL_NAME_MAX_LENGTH = 80


def make_user_id() -> str:
    """Return a random public name for a listener who did not bring one."""
    return uuid.uuid4().hex


class UserQuerySet(TellingQuerySet["User"]):
    def guests(self) -> "UserQuerySet":
        """Keep listeners without an account."""
        return self.filter(is_guest=True)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]  # a class made by a call
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Store a listener who signs in with ``email`` (kept in lower case) and ``password``."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Store an operator with all permissions."""
        from allauth.account.models import EmailAddress

        user = self.create_user(email, password, is_staff=True, is_superuser=True, **fields)
        # An operator on the console vouches for the address, so it counts as verified.
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return user

    def make_guest(self) -> "User":
        """Return an unsaved listener without an account (``User.ensure_stored`` saves them)."""
        guest = self.make_named(make_user_id())
        guest.is_guest = True
        return guest

    def make_named(self, user_id: str) -> "User":
        """Return an unsaved listener whom a program names (``User.ensure_stored`` saves them)."""
        key = derive_row_key(self.model, user_id)
        # As make_password(None), which asks the system for random bits forty times.
        password = (
            f"{UNUSABLE_PASSWORD_PREFIX}{secrets.token_hex(UNUSABLE_PASSWORD_SUFFIX_LENGTH // 2)}"
        )
        return self.model(pk=key, user_id=user_id, password=password)

    def get_by_natural_key(self, email: str) -> "User":
        """Return the oldest account with the address; raise ``User.DoesNotExist``."""
        user = self.filter(email=email.lower()).order_by("created_at", "pk").first()
        if user is None:
            raise self.model.DoesNotExist
        return user


class User(TellingModel, AbstractBaseUser, PermissionsMixin):
    """A listener: with an account, a guest, or known only by a client program's ``user_id``."""

    id = NaturalKeyField(from_fields=("user_id",))
    user_id = models.CharField(
        max_length=USER_ID_MAX_LENGTH,
        unique=True,
        default=make_user_id,
        editable=False,
        help_text="Public name of the listener; never changes.",
    )
    # Claimed by the person who typed it; proven only where allauth's EmailAddress says "verified",
    # which one account alone can have.
    email = models.EmailField(db_index=True, null=True, blank=True)
    display_name = models.CharField(max_length=DISPLAY_NAME_MAX_LENGTH, blank=True)
    is_guest = models.BooleanField(default=False)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    n_sign_outs = models.PositiveIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text="How often the listener signed out everywhere.",
    )

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    _password: str | None
    when_stored: Callable[[], None] | None = None
    """Called by ``ensure_stored`` when it saves a new listener, in the same unit of work."""

    class Meta:
        verbose_name = "listener"
        indexes = [models.Index(fields=["-created_at"], name="accounts_user_newest")]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a new password, however it was set, ends all access tokens, as it does sessions."""
        has_new_password = self._password is not None and not self._state.adding
        super().save(*args, **kwargs)
        if has_new_password:
            self.access_tokens.filter(revoked_at=None).update(revoked_at=timezone.now())

    def ensure_stored(self) -> bool:
        """Store a new guest, or a listener whom a program names; no-op for a stored one.

        Call it in the unit of work that stores something of theirs. The unit may run again on the
        other database: only its commit makes the listener stored. Returns whether this unit has
        stored the row: then nothing of theirs is stored yet.
        """
        if not self._state.adding:
            return False
        row = User(pk=self.pk, user_id=self.user_id, is_guest=self.is_guest, password=self.password)
        # An equal request may have stored the row first: then this does nothing.
        is_first = insert_missing([row]) > 0
        if self.when_stored is not None:
            self.when_stored()
        on_commit(self._note_stored)
        return is_first

    def _note_stored(self) -> None:
        self._state.adding = False

    def sign_out_everywhere(self) -> None:
        """End every session, listed or not, by changing the hash that each of them carries."""
        self.n_sign_outs += 1
        self.save(update_fields=["n_sign_outs"])

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """Return Django's hash of the password, with ``n_sign_outs`` in it once that is not 0."""
        proof = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]  # not in stubs
        if not self.n_sign_outs:
            return proof
        text = f"{proof}:{self.n_sign_outs}"
        return salted_hmac("accounts.sign_out", text, secret=secret, algorithm="sha256").hexdigest()

    def __str__(self) -> str:
        """Return the email, or the start of a guest's random id, or the id that a program uses."""
        shown_id = f"guest {self.user_id[:8]}" if self.is_guest else self.user_id
        return self.display_name or self.email or shown_id

    @property
    def has_account(self) -> bool:
        """Whether somebody can sign in as this listener."""
        return self.email is not None


SECRET_PREFIX_LENGTH = 10


def digest_secret(secret: str) -> str:
    """Return SHA-256 as hex; a random 256-bit secret cannot be guessed and needs no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


AnyCredential = TypeVar("AnyCredential", bound="Credential")


class Scope(models.TextChoices):
    """A permission that a credential gives a program. ``ACT`` is for service keys only."""

    READ = "read", "look and ask"
    WRITE = "write", "change and delete"
    ACT = "act", "act for the listeners it names"


class CredentialQuerySet(TellingQuerySet[AnyCredential]):
    def valid(self) -> Self:
        """Keep credentials that are neither revoked nor expired."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), revoked_at=None)


class Credential(TellingModel):
    """Base of access tokens and service keys: shown once, stored as a digest."""

    id = NaturalKeyField(from_fields=("digest",))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    prefix = models.CharField(max_length=SECRET_PREFIX_LENGTH + 8, editable=False)
    name = models.CharField(max_length=CREDENTIAL_NAME_MAX_LENGTH)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Empty: never.")

    kind = ""
    secret: str
    """Known only where the credential has just been issued."""
    all_scopes: tuple[Scope, ...] = ()
    scopes: str | models.CharField

    objects = CredentialQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @classmethod
    def issue(cls, *, random_part: str = "", **fields: Any) -> tuple[Self, str]:
        """Return a new, unsaved credential and its secret, which is not kept anywhere.

        ``random_part`` is the part of the secret that nobody can guess, 256 new bits by default.
        """
        secret = f"{cls.kind}_{random_part or secrets.token_urlsafe(32)}"
        prefix = secret[: len(cls.kind) + 1 + SECRET_PREFIX_LENGTH - 4]
        return cls(digest=digest_secret(secret), prefix=prefix, **fields), secret

    def is_valid(self) -> bool:
        """Whether the credential is accepted now: neither revoked nor expired."""
        has_expired = self.expires_at is not None and self.expires_at <= timezone.now()
        return self.revoked_at is None and not has_expired

    def list_scopes(self) -> list[str]:
        """Return the names of the scopes of this credential."""
        return self.scopes.split()

    def describe_scopes(self) -> str:
        """Return what a program with this credential may do, as the end of a sentence."""
        return "; ".join(scope.label for scope in self.all_scopes if self.allows(scope))

    def allows(self, scope: Scope) -> bool:
        """Return whether a program with this credential has the permission ``scope``."""
        return scope in self.list_scopes()


def _make_scopes_field(everything: tuple[Scope, ...]) -> models.CharField:
    """Return a field for scopes, separated by spaces; rows older than the field have all scopes."""
    text = " ".join(everything)
    return models.CharField(max_length=40, default=text, db_default=text)


class AccessToken(Credential):
    """Lets a program act for one listener (``Authorization: Bearer ttu_…``)."""

    kind = "ttu"
    all_scopes = (Scope.READ, Scope.WRITE)

    scopes = _make_scopes_field(all_scopes)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="access_tokens")

    class Meta(Credential.Meta):
        indexes = [models.Index(fields=["-created_at", "-id"], name="accounts_token_listed")]

    def is_valid(self) -> bool:
        """Whether the token is accepted now, which those of a blocked listener are not."""
        return super().is_valid() and self.user.is_active


class ServiceKey(Credential):
    """Lets a separate front end act for any listener it names (``Authorization: Bearer tts_…``)."""

    kind = "tts"
    all_scopes = (Scope.READ, Scope.WRITE, Scope.ACT)

    scopes = _make_scopes_field(all_scopes)
    youtube_share = models.FloatField(
        "share of YouTube's quota",
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text="What its listeners together may spend of a day, 0 to 1. "
        "Empty: YOUTUBE_SERVICE_KEY_SHARE.",
    )
