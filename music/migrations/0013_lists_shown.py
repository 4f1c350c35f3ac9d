"""One row for each suggestion list, beside rows of one song each of the code of before.

Those stay as they are, and are dropped with the days: what that code writes while both serve is
read as well, and nothing has to be copied.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("music", "0012_suggestion_sums")]

    operations = [
        *(
            migrations.AddField("impression", name, models.JSONField(null=True))
            for name in ("song_ids", "stages", "outcomes")
        ),
        migrations.AlterField(
            "impression",
            "request_id",
            models.CharField(help_text="Names the list.", max_length=32),
        ),
        migrations.AlterField(
            "impression",
            "liked_at",
            models.DateTimeField(
                blank=True, help_text="When a song of it was first liked.", null=True
            ),
        ),
        migrations.AlterField(
            "impression",
            "dismissed_at",
            models.DateTimeField(
                blank=True, help_text="When a song of it was first dismissed.", null=True
            ),
        ),
    ]
