"""An index in the order of the admin's list of access tokens."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_service_key_share")]

    operations = [
        migrations.AddIndex(
            "accesstoken",
            models.Index(fields=["-created_at", "-id"], name="accounts_token_listed"),
        ),
    ]
