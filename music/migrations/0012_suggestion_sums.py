"""A row of sums for each listener, of suggestions that are too old to be kept one by one."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import tunetrace_site.replication.keys


class Migration(migrations.Migration):
    dependencies = [
        ("music", "0011_listed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SuggestionSum",
            fields=[
                (
                    "id",
                    tunetrace_site.replication.keys.NaturalKeyField(
                        default=None,
                        editable=False,
                        from_fields=("user_id",),
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("by_stage", models.JSONField(default=dict)),
                (
                    "counted_until",
                    models.DateTimeField(
                        help_text="When the latest suggestion that is counted was made.", null=True
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="suggestion_sum",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-counted_until", "-id"], name="music_sum_newest")
                ],
            },
        ),
    ]
