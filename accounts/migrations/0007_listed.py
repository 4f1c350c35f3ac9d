"""Indexes: of the admin's list of access tokens, and of audit entries about a listener."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_service_key_share")]

    operations = [
        migrations.AddIndex(
            "accesstoken",
            models.Index(fields=["-created_at", "-id"], name="accounts_token_listed"),
        ),
        migrations.AddIndex(
            "auditentry", models.Index(fields=["subject_pk"], name="accounts_audit_subject")
        ),
    ]
