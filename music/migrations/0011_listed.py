"""Indexes in the order of the admin's lists, which sorted all rows for each page."""

from django.db import migrations, models

LISTS = (
    ("userlikedsong", "-created_at", "music_like_listed"),
    ("dismissal", "-created_at", "music_dismissal_listed"),
    ("matchcorrection", "-created_at", "music_correction_listed"),
    ("playlistimport", "-created_at", "music_import_listed"),
    ("share", "-created_at", "music_share_listed"),
    ("playback", "-created_at", "music_playback_listed"),
    ("steering", "-created_at", "music_steering_listed"),
    ("mix", "-updated_at", "music_mix_listed"),
    ("listenbrainzlink", "-created_at", "music_listenbrainz_listed"),
    ("listen", "-listened_at", "music_listen_listed"),
    ("lovedthere", "-created_at", "music_loved_there_listed"),
)


class Migration(migrations.Migration):
    dependencies = [("music", "0010_listenbrainz_and_shared_mixes")]

    operations = [
        migrations.AddIndex(model, models.Index(fields=[newest, "-id"], name=name))
        for model, newest, name in LISTS
    ]
    operations += [
        migrations.AddIndex(
            "videofeature",
            models.Index(fields=["-view_count", "video_id"], name="music_video_listed"),
        )
    ]
