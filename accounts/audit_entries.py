"""The table of the audit: who did what to whom, and when; no contents, addresses or names."""

import uuid

from django.db import models
from django.utils import timezone

from tunetrace_site.replication.keys import NaturalKeyField


def make_entry_key() -> str:
    """Return a random key that no other entry has."""
    return uuid.uuid4().hex


class AuditEntry(models.Model):
    """One action that was done or refused.

    Listeners appear in it only by their primary keys, so that nothing identifies one who was
    deleted.
    """

    class Kind(models.TextChoices):
        SIGN_IN = "sign_in", "signed in"
        SIGN_OUT = "sign_out", "signed out"
        SIGN_IN_REFUSED = "sign_in_refused", "wrong password or code"
        CREDENTIAL_USED = "credential_used", "token or key used"
        CREDENTIAL_REFUSED = "credential_refused", "token or key refused"
        REFUSED = "refused", "not allowed"
        ADMIN = "admin", "done in admin"

    id = NaturalKeyField(from_fields=("key",))
    key = models.CharField(max_length=32, unique=True, default=make_entry_key, editable=False)
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    actor_pk = models.BigIntegerField(null=True, blank=True, help_text="Who; empty: nobody known.")
    subject_pk = models.BigIntegerField(null=True, blank=True, help_text="To which listener.")
    what = models.CharField(
        max_length=200, blank=True, help_text="The action and the page, or the credential's prefix."
    )

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["-at"], name="accounts_audit_newest"),
            models.Index(fields=["actor_pk", "-at"], name="accounts_audit_actor"),
            models.Index(fields=["subject_pk"], name="accounts_audit_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_kind_display()} {self.what}".strip()
