"""Contract: the columns that only the code of before knew are dropped.

Waits until no process of that code can be serving (``init_db``).
"""

from django.db import migrations, models

from tunetrace_site.replication.contracts import ContractMigration

TAKES = (
    "original live acoustic cover remix karaoke instrumental lyrics demo tutorial reaction parody "
    "altered loop compilation clip"
).split()
FACTS_OF_SONGS = (
    "artist",
    "song_title",
    "artist_key",
    "title_key",
    "aliases",
    "popularity",
    "year",
    "language",
)


class Migration(ContractMigration):
    dependencies = [("music", "0014_copy_songs_again")]

    operations = [
        migrations.RemoveConstraint("dismissal", "music_dismissal_once"),
        migrations.RemoveField("dismissal", "video"),
        migrations.RemoveConstraint("impression", "music_impression_once"),
        migrations.RemoveIndex("impression", "music_impression_pair"),
        migrations.RemoveField("impression", "video"),
        migrations.RemoveConstraint("playback", "music_playback_once"),
        migrations.RemoveField("playback", "video"),
        migrations.RemoveIndex("matchcorrection", "music_correction_query"),
        migrations.RemoveField("matchcorrection", "video"),
        migrations.RemoveIndex("videofeature", "music_video_title_artist"),
        migrations.RemoveIndex("videofeature", "music_video_artist"),
        migrations.RemoveIndex("videofeature", "music_video_best_known"),
        *(migrations.RemoveField("videofeature", name) for name in FACTS_OF_SONGS),
        migrations.AlterField(
            "videofeature",
            "take",
            models.CharField(
                choices=[(take, take) for take in TAKES],
                default="original",
                help_text="Decided once, when the video is stored.",
                max_length=16,
            ),
        ),
    ]
