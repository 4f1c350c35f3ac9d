import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import tunetrace_site.replication.keys


def natural_key(*from_fields):
    return tunetrace_site.replication.keys.NaturalKeyField(
        default=None,
        editable=False,
        from_fields=from_fields,
        primary_key=True,
        serialize=False,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("music", "0009_shares"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="mix",
            name="share_token",
            field=models.CharField(
                editable=False,
                help_text="Whoever knows it sees the mix; none: nobody but the listener does.",
                max_length=43,
                null=True,
                unique=True,
            ),
        ),
        migrations.AddField(
            model_name="mix",
            name="shared_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="playlistimport",
            name="new_rows",
            field=models.JSONField(
                blank=True,
                help_text="The songs of a file until each has a row; then none.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="playlistimport",
            name="service",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Who is still to be asked for the songs.",
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="playlistimport",
            name="page_token",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Where a list goes on.",
                max_length=255,
            ),
        ),
        migrations.CreateModel(
            name="ListenBrainzLink",
            fields=[
                ("id", natural_key("user_id")),
                (
                    "sealed_token",
                    models.CharField(
                        help_text="The listener's token, encrypted with SECRET_KEY.",
                        max_length=512,
                    ),
                ),
                (
                    "user_name",
                    models.CharField(
                        blank=True,
                        help_text="Theirs; empty until it is checked.",
                        max_length=255,
                    ),
                ),
                ("sends_plays", models.BooleanField(default=True)),
                ("sends_likes", models.BooleanField(default=True)),
                (
                    "trouble",
                    models.CharField(
                        blank=True, help_text="What went wrong the last time.", max_length=200
                    ),
                ),
                (
                    "due_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, help_text="Not to be asked before."
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="listenbrainz",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "link to ListenBrainz",
                "verbose_name_plural": "links to ListenBrainz",
                "indexes": [models.Index(fields=["due_at"], name="music_listenbrainz_due")],
            },
        ),
        migrations.CreateModel(
            name="Listen",
            fields=[
                ("id", natural_key("user_id", "listened_at")),
                ("artist", models.CharField(max_length=255)),
                ("title", models.CharField(max_length=255)),
                (
                    "listened_at",
                    models.PositiveBigIntegerField(help_text="Seconds since 1970."),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="listens",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "listen to be sent",
                "verbose_name_plural": "listens to be sent",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["user", "listened_at"], name="music_listen_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LovedThere",
            fields=[
                ("id", natural_key("user_id", "song_pk")),
                (
                    "song_pk",
                    models.BigIntegerField(
                        help_text="The song's key; it stays when the song goes."
                    ),
                ),
                (
                    "recording_mbid",
                    models.CharField(
                        blank=True,
                        help_text="MusicBrainz’ id; empty: not known there.",
                        max_length=36,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="loved_there",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "like told to ListenBrainz",
                "verbose_name_plural": "likes told to ListenBrainz",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["user", "song_pk"], name="music_loved_there_once"
                    )
                ],
            },
        ),
    ]
