"""Invariant 1: whatever changes a mirrored row, the same transaction logs it, in the same database.

Each way of changing rows is tried in both databases; what the triggers logged is compared with the
exact set of rows that changed.
"""

import json
import subprocess
import sys

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connections, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import F

from accounts.models import AccessToken, User
from music.models import UserLikedSong, VideoFeature
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.router import pinned
from tunetrace_site.replication.tables import mirrored_tables
from tunetrace_site.replication.triggers import find_uncaptured_tables, install_triggers

USER, LIKE, VIDEO = "accounts_user", "music_userlikedsong", "music_videofeature"


@pytest.fixture(params=[SQLITE, POSTGRES])
def alias(request, pair):
    with pinned(request.param):
        yield request.param


@pytest.fixture
def ann(alias):
    return User.objects.create(user_id="ann")


@pytest.fixture
def ben(alias):
    return User.objects.create(user_id="ben")


def execute(alias, sql, params=()):
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


class Logged:
    """The rows logged since it was made."""

    def __init__(self, alias):
        self.alias = alias
        self.before = execute(alias, "SELECT coalesce(max(id), 0) FROM replication_change")[0][0]

    def rows(self):
        sql = "SELECT table_name, row_pk FROM replication_change WHERE id > %s"
        return {(t, int(pk)) for t, pk in execute(self.alias, sql, [self.before])}


def like(user, song):
    return UserLikedSong.objects.create(user=user, song_name=song)


def test_save_create_and_delete(alias, ann):
    logged = Logged(alias)
    ann.display_name = "Ann"
    ann.save()
    ben = User.objects.create(user_id="ben")
    ben_pk = ben.pk
    ben.delete()
    assert logged.rows() == {(USER, ann.pk), (USER, ben_pk)}


def test_get_or_create_and_update_or_create(alias, ann):
    logged = Logged(alias)
    User.objects.get_or_create(user_id="ann")
    assert logged.rows() == set()
    ben, _ = User.objects.get_or_create(user_id="ben")
    User.objects.update_or_create(user_id="ann", defaults={"display_name": "A"})
    assert logged.rows() == {(USER, ann.pk), (USER, ben.pk)}


def test_bulk_create_with_its_conflict_options(alias, ann):
    logged = Logged(alias)
    ben = User(user_id="ben")
    User.objects.bulk_create([User(user_id="ann"), ben], ignore_conflicts=True)
    ben_pk = User.objects.get(user_id="ben").pk
    assert logged.rows() == {(USER, ben_pk)}
    carl = User(user_id="carl")
    User.objects.bulk_create(
        [User(user_id="ann", display_name="x"), carl],
        update_conflicts=True,
        unique_fields=["user_id"],
        update_fields=["display_name"],
    )
    assert logged.rows() == {(USER, ben_pk), (USER, ann.pk), (USER, carl.pk)}


def test_bulk_update_and_queryset_update(alias, ann, ben):
    logged = Logged(alias)
    ann.display_name = "Ann"
    User.objects.bulk_update([ann], ["display_name"])
    assert logged.rows() == {(USER, ann.pk)}
    User.objects.filter(is_active=True).update(is_active=False)
    assert logged.rows() == {(USER, ann.pk), (USER, ben.pk)}


def test_update_with_expression(alias):
    video = VideoFeature.objects.create(video_id="v", title="t", view_count=1)
    logged = Logged(alias)
    VideoFeature.objects.filter(view_count=1).update(view_count=F("view_count") + 1)
    assert logged.rows() == {(VIDEO, video.pk)}


def test_cascade_and_set_null(alias, ann):
    video = VideoFeature.objects.create(video_id="v", title="t")
    kept = UserLikedSong.objects.create(user=ann, song_name="a", video=video)
    logged, video_pk = Logged(alias), video.pk
    video.delete()
    assert logged.rows() == {(VIDEO, video_pk), (LIKE, kept.pk)}
    logged, ann_pk = Logged(alias), ann.pk
    User.objects.filter(user_id="ann").delete()
    assert logged.rows() == {(USER, ann_pk), (LIKE, kept.pk)}


def test_raw_delete_base_manager_and_related_manager(alias, ann):
    first, second = like(ann, "a"), like(ann, "b")
    logged = Logged(alias)
    ann.liked_songs.update(learn=False)
    assert logged.rows() == {(LIKE, first.pk), (LIKE, second.pk)}
    logged = Logged(alias)
    User._base_manager.filter(pk=ann.pk).update(display_name="q")
    UserLikedSong.objects.filter(pk=first.pk)._raw_delete(alias)
    assert logged.rows() == {(USER, ann.pk), (LIKE, first.pk)}


def test_many_to_many_rows(alias, ann):
    from django.contrib.auth.models import Group

    group = Group.objects.create(name="editors")
    logged = Logged(alias)
    ann.groups.add(group)
    through = User.groups.through.objects.get()
    assert logged.rows() == {("accounts_user_groups", through.pk)}
    logged = Logged(alias)
    ann.groups.clear()
    assert logged.rows() == {("accounts_user_groups", through.pk)}


def test_raw_sql_and_another_program(alias, ann, pair):
    logged = Logged(alias)
    execute(alias, "UPDATE accounts_user SET display_name = 'r' WHERE user_id = 'ann'")
    assert logged.rows() == {(USER, ann.pk)}
    logged = Logged(alias)
    statement = "UPDATE accounts_user SET display_name = 's' WHERE user_id = 'ann'"
    if alias == SQLITE:
        shell = f"import sqlite3; c = sqlite3.connect({str(pair.sqlite_path)!r})"
        code = f"{shell}; c.execute({statement!r}); c.commit()"
        subprocess.run([sys.executable, "-c", code], check=True)
    else:
        pair.server.run_psql(pair.name, statement)
    assert logged.rows() == {(USER, ann.pk)}


def test_insert_or_replace_logs_both_rows(pair):
    with pinned(SQLITE):
        ann = User.objects.create(user_id="ann")
        logged = Logged(SQLITE)
        columns = [f.column for f in User._meta.concrete_fields]
        chosen = ", ".join("12345" if c == "id" else f'"{c}"' for c in columns)
        names = ", ".join(f'"{c}"' for c in columns)
        execute(
            SQLITE,
            f"INSERT OR REPLACE INTO accounts_user ({names}) SELECT {chosen} FROM accounts_user",
        )
        assert logged.rows() == {(USER, ann.pk), (USER, 12345)}


def test_loaddata(alias, tmp_path):
    row = {"model": "accounts.user", "pk": 77, "fields": {"user_id": "fix", "password": "x"}}
    fixture = tmp_path / "users.json"
    fixture.write_text(json.dumps([row]))
    logged = Logged(alias)
    call_command("loaddata", str(fixture), database=alias, verbosity=0)
    assert logged.rows() == {(USER, 77)}


def test_historical_model_of_a_data_migration(alias, ann, ben):
    historical = MigrationExecutor(connections[alias]).loader.project_state().apps
    old_user = historical.get_model("accounts", "User")
    logged = Logged(alias)
    old_user.objects.using(alias).filter(user_id="ann").update(display_name="m")
    row = old_user.objects.using(alias).get(user_id="ben")
    row.save(using=alias)
    assert logged.rows() == {(USER, ann.pk), (USER, ben.pk)}


def test_rolled_back_savepoint_logs_nothing(alias, ann, ben):
    logged = Logged(alias)
    with transaction.atomic(using=alias):
        ann.save()
        with pytest.raises(KeyError), transaction.atomic(using=alias):
            ben.save()
            raise KeyError
    assert logged.rows() == {(USER, ann.pk)}


def test_changed_primary_key_is_refused(alias, ann):
    with pytest.raises(DatabaseError, match="primary keys of mirrored rows never change"):
        User.objects.filter(pk=ann.pk).update(id=99)


def test_truncate_is_refused_by_postgres(pair):
    with pytest.raises(DatabaseError, match="TRUNCATE would escape the change log"):
        execute(POSTGRES, "TRUNCATE accounts_user CASCADE")


def test_versions_of_a_row_only_grow(alias, ann):
    def version():
        sql = "SELECT version FROM replication_rowversion WHERE table_name = %s AND row_pk = %s"
        return execute(alias, sql, [USER, str(pk)])[0][0]

    pk, seen = ann.pk, []
    seen.append(version())
    for _ in range(3):
        ann.save()
        seen.append(version())
    ann.delete()
    seen.append(version())
    User.objects.create(user_id="ann")
    seen.append(version())
    assert seen == sorted(set(seen))


def test_every_table_is_watched_again_after_django_rebuilt_it(alias):
    field = models.CharField(max_length=81)
    field.set_attributes_from_name("name")
    field.model = AccessToken
    connection = connections[alias]
    old = AccessToken._meta.get_field("name")
    schema_change(connection, old, field)
    if alias == SQLITE:
        assert find_uncaptured_tables(connection) == ["accounts_accesstoken"]
    install_triggers(connection)
    schema_change(connection, field, old)
    install_triggers(connection)
    assert find_uncaptured_tables(connection) == []


def schema_change(connection, old, new):
    constraints = connection.disable_constraint_checking()
    with connection.schema_editor() as editor:
        editor.alter_field(AccessToken, old, new)
    if constraints:
        connection.enable_constraint_checking()


def test_every_table_but_reference_data_is_mirrored():
    names = set(mirrored_tables())
    assert {"django_content_type", "auth_permission", "replication_change"} & names == set()
    assert {
        "accounts_user",
        "accounts_user_groups",
        "auth_group_permissions",
        "django_admin_log",
        "django_session",
        "account_emailaddress",
        "socialaccount_socialaccount",
        "music_userlikedsong",
    } <= names
