"""A column for which SQLite makes the table anew, filled from the row alone."""

from django.db import migrations, models
from django.db.models.functions import Length


def fill(apps, schema_editor):
    likes = apps.get_model("music", "UserLikedSong").objects.using(schema_editor.connection.alias)
    likes.update(mood=Length("song_name"))


class Migration(migrations.Migration):
    dependencies = [("music", "9998_pause")]
    operations = [
        migrations.AddField("userlikedsong", "mood", models.IntegerField(db_default=0)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
