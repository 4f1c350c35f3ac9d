"""Expand: songs get a table, and whatever is about a song a column for it.

The code of before goes on serving: columns that it writes stay, and those that the new code does
not know any more get defaults in the database, so that either can insert.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import music.models.song
import music.models.song_move
import tunetrace_site.replication.keys

TAKES = (
    "original live acoustic cover remix karaoke instrumental lyrics demo tutorial reaction parody "
    "altered loop compilation clip"
).split()


def key(*names: str) -> tunetrace_site.replication.keys.NaturalKeyField:
    return tunetrace_site.replication.keys.NaturalKeyField(
        default=None, editable=False, from_fields=names, primary_key=True, serialize=False
    )


def song(related_name: str, **options: str) -> music.models.song.SongForeignKey:
    return music.models.song.SongForeignKey(
        blank=True,
        db_constraint=False,
        null=True,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name=related_name,
        to="music.song",
        **options,
    )


def loose_video(related_name: str) -> models.ForeignKey:
    """Empty in what the new code writes, and nothing that keeps it from deleting a video."""
    return models.ForeignKey(
        blank=True,
        db_constraint=False,
        null=True,
        on_delete=django.db.models.deletion.CASCADE,
        related_name=related_name,
        to="music.videofeature",
    )


def text(max_length: int, **options: bool) -> models.CharField:
    return models.CharField(blank=True, db_default="", max_length=max_length, **options)


class Migration(migrations.Migration):
    dependencies = [
        ("music", "0002_chore"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Song",
            fields=[
                ("id", key("artist_key", "title_key")),
                ("artist_key", models.CharField(editable=False, max_length=255)),
                ("title_key", models.CharField(editable=False, max_length=255)),
                (
                    "address",
                    models.CharField(
                        editable=False,
                        help_text="Names the song in URLs and in the API, such as nirvana/come-as-you-are.",
                        max_length=128,
                        unique=True,
                    ),
                ),
                ("artist", models.CharField(max_length=255)),
                ("title", models.CharField(max_length=255)),
                ("aliases", models.JSONField(blank=True, default=list)),
                ("genre", models.CharField(blank=True, max_length=128)),
                ("tags", models.JSONField(blank=True, default=list)),
                ("year", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("language", models.CharField(blank=True, max_length=16)),
                (
                    "popularity",
                    models.SmallIntegerField(
                        default=0,
                        help_text="How widely known, 0 to 100; orders songs, shown to nobody.",
                    ),
                ),
                (
                    "is_bundled",
                    models.BooleanField(
                        default=False,
                        help_text="Its facts are of the bundled catalogue, and stay for ever.",
                    ),
                ),
                (
                    "joined_to",
                    models.ForeignKey(
                        blank=True,
                        help_text="An operator found it to be this song; its address leads there.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="joined",
                        to="music.song",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now,
                        help_text="When a fact of it last changed.",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["title_key"], name="music_song_title"),
                    models.Index(fields=["-popularity", "address"], name="music_song_best_known"),
                    models.Index(fields=["created_at"], name="music_song_created"),
                    models.Index(fields=["updated_at"], name="music_song_updated"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("artist_key", "title_key"), name="music_song_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SongMove",
            fields=[
                ("id", key("token")),
                (
                    "token",
                    models.CharField(
                        default=music.models.song_move.new_token,
                        editable=False,
                        max_length=32,
                        unique=True,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("join", "two songs joined"), ("take", "a take moved")],
                        max_length=8,
                    ),
                ),
                (
                    "from_song",
                    song("moves_away", help_text="Empty where the take was of no song before."),
                ),
                ("to_song", song("moves_here")),
                (
                    "moved",
                    models.JSONField(
                        default=dict,
                        help_text="The rows that were repointed, by table: what the undoing needs.",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="song_moves",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "move of songs",
                "verbose_name_plural": "moves of songs",
                "indexes": [models.Index(fields=["-created_at"], name="music_move_newest")],
            },
        ),
        # --- Videos: a take of a song ---------------------------------------------------------
        migrations.AlterModelOptions(name="videofeature", options={"verbose_name": "video"}),
        migrations.AddField(
            "videofeature",
            "song",
            song("takes", help_text="Empty where the video is no song."),
        ),
        migrations.AddField(
            "videofeature",
            "take",
            models.CharField(
                choices=[(take, take) for take in TAKES],
                db_default="original",
                default="original",
                help_text="Decided once, when the video is stored.",
                max_length=16,
            ),
        ),
        migrations.AlterField("videofeature", "artist", text(255)),
        migrations.AlterField("videofeature", "song_title", text(255)),
        migrations.AlterField("videofeature", "artist_key", text(255, editable=False)),
        migrations.AlterField("videofeature", "title_key", text(255, editable=False)),
        migrations.AlterField("videofeature", "language", text(16)),
        migrations.AlterField(
            "videofeature",
            "aliases",
            models.JSONField(
                blank=True,
                db_default=models.Value([], output_field=models.JSONField()),
                default=list,
            ),
        ),
        migrations.AlterField(
            "videofeature", "popularity", models.SmallIntegerField(db_default=0, default=0)
        ),
        # --- What listeners said is about songs -----------------------------------------------
        migrations.AddField("userlikedsong", "song", song("likes")),
        migrations.AlterField(
            "userlikedsong",
            "video",
            models.ForeignKey(
                blank=True,
                help_text="The take that was meant, where one was.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="likes",
                to="music.videofeature",
            ),
        ),
        migrations.AddField("dismissal", "song", song("dismissals")),
        migrations.AlterField("dismissal", "video", loose_video("dismissals")),
        migrations.AlterField("dismissal", "id", key("user_id", "song_id")),
        migrations.AddConstraint(
            "dismissal",
            models.UniqueConstraint(fields=("user", "song"), name="music_dismissal_song_once"),
        ),
        migrations.AddField("impression", "song", song("impressions")),
        migrations.AlterField("impression", "video", loose_video("impressions")),
        migrations.AlterField("impression", "id", key("request_id", "song_id")),
        migrations.AddIndex(
            "impression", models.Index(fields=["user", "song"], name="music_impression_song")
        ),
        migrations.AddConstraint(
            "impression",
            models.UniqueConstraint(
                fields=("request_id", "song"), name="music_impression_song_once"
            ),
        ),
        migrations.AddField("playback", "song", song("playbacks")),
        migrations.AlterField("playback", "video", loose_video("playbacks")),
        migrations.AlterField("playback", "id", key("user_id", "song_id", "kind")),
        migrations.AddConstraint(
            "playback",
            models.UniqueConstraint(
                fields=("user", "song", "kind"), name="music_playback_song_once"
            ),
        ),
        migrations.AddField(
            "matchcorrection",
            "song",
            song(
                "corrections",
                help_text="What it means; empty: only known what it does not mean.",
            ),
        ),
        migrations.AlterField("matchcorrection", "video", loose_video("corrections")),
        migrations.AlterField(
            "matchcorrection",
            "rejected_ids",
            models.JSONField(
                blank=True,
                default=list,
                help_text="Addresses of songs and ids of videos it does not mean.",
            ),
        ),
        migrations.AddIndex(
            "matchcorrection", models.Index(fields=["query", "song"], name="music_correction_song")
        ),
        # --- The query cache ------------------------------------------------------------------
        migrations.AddField(
            "querycache", "song", song("queries", help_text="Empty where no song was found.")
        ),
        migrations.AlterField(
            "querycache",
            "candidate_ids",
            models.JSONField(
                blank=True,
                default=list,
                help_text="Addresses of other songs it may mean, best first.",
            ),
        ),
    ]
