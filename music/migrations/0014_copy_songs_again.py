"""Copy what the code of before wrote since, and let go of the catalogue's entries among the videos.

Waits, like the next one, until no process of that code can be serving (``init_db``).
"""

from django.db import migrations

from tunetrace_site.replication.contracts import ContractMigration

from ._copying import Copy


def copy_again(apps, schema_editor):
    copy = Copy(apps, schema_editor.connection.alias)
    copy.run()
    copy.drop_halves()
    copy.retire_catalogue()


class Migration(ContractMigration):
    dependencies = [("music", "0013_lists_shown")]

    # A batch at a time: what one great transaction has written would stay locked to its end.
    atomic = False
    operations = [migrations.RunPython(copy_again, migrations.RunPython.noop)]
