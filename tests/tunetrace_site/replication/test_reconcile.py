"""Rows that differ behind the log's back: found every day, and never settled by losing one."""

import json
import stat
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from accounts.models import User
from music.models import UserLikedSong
from tunetrace_site.replication import background, daily_comparison
from tunetrace_site.replication.daily_comparison import DailyComparison
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.health import describe_replication
from tunetrace_site.replication.marks import Mark, set_marks
from tunetrace_site.replication.models import Reconciliation, RowVersion
from tunetrace_site.replication.reconcile import compare_databases, confirm
from tunetrace_site.replication.relay import Relay
from tunetrace_site.replication.repair import find_remedies, repair
from tunetrace_site.replication.triggers import drop_triggers, install_triggers
from tunetrace_site.replication.unit import run_unit

from .rows import add_listener, assert_equal_databases, change_only
from .test_health import PAGE, operator_client, read_gauges

__all__ = ["operator_client"]


@pytest.fixture
def likes(pair, sync):
    """Twenty likes of one listener, in both databases."""
    run_unit(lambda: add_listener("ann", n_likes=20))
    sync()
    return assert_equal_databases()


def damage(alias, action):
    """Change rows of one database so that no trigger notices."""
    drop_triggers(connections[alias])
    change_only(alias, action)
    install_triggers(connections[alias])


def delete_likes():
    UserLikedSong.objects.all().delete()


def settle():
    remedies = find_remedies(confirm(compare_databases().differences))
    kept = repair(remedies)
    for _ in range(2):
        Relay().run_pass()
    return remedies, kept


@pytest.mark.parametrize("damaged", [SQLITE, POSTGRES])
def test_survivors_are_put_back_whoever_leads(likes, preference, damaged):
    damage(damaged, delete_likes)
    remedies, kept = settle()
    assert assert_equal_databases() == likes
    assert len(remedies) == 20
    assert kept is None


def test_survivors_are_put_back_though_the_other_side_has_the_newer_version(likes, pair):
    """PostgreSQL was changed last, and then lost the rows."""
    change_only(POSTGRES, lambda: UserLikedSong.objects.update(learn=False))
    damage(POSTGRES, delete_likes)
    settle()
    assert len(assert_equal_databases()) == len(likes)


def test_row_that_was_sneaked_in_is_kept(likes, preference):
    damage(SQLITE, lambda: User.objects.create(user_id="sneaked into SQLite"))
    damage(POSTGRES, lambda: User.objects.create(user_id="sneaked into PostgreSQL"))
    settle()
    assert len(assert_equal_databases()) == len(likes) + 2


@pytest.mark.parametrize("holder", [SQLITE, POSTGRES])
def test_what_its_newest_version_deleted_is_deleted_and_kept_in_a_file(likes, pair, holder):
    """The deletion never reached one side, or the row was put back behind the log."""
    like = UserLikedSong.objects.get(song_name="ann 7")
    run_unit(lambda: UserLikedSong.objects.get(pk=like.pk).delete())
    Relay().run_pass()
    damage(holder, lambda: like.save(force_insert=True, using=holder))

    remedies, kept = settle()

    assert [str(remedy) for remedy in remedies] == [
        f"music_userlikedsong {like.pk}: delete it in"
        f" {'SQLite' if holder == SQLITE else 'PostgreSQL'}, since its newest version is a deletion"
    ]
    assert len(assert_equal_databases()) == len(likes) - 1
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert kept.parent == pair.state_dir
    entry = json.loads(kept.read_text())
    assert (entry["table"], entry["key"]) == ("music_userlikedsong", str(like.pk))
    assert entry["row"]["song_name"] == "ann 7"


def test_newer_row_wins_and_the_older_one_is_kept_in_a_file(likes, pair, preference):
    change_only(SQLITE, lambda: UserLikedSong.objects.filter(song_name="ann 3").update(learn=False))
    # As if the relay had lost the entry.
    with connections[SQLITE].cursor() as cursor:
        cursor.execute("DELETE FROM replication_change WHERE id = (SELECT max(id) FROM"
                       " replication_change)")  # fmt: skip
    damage(POSTGRES, lambda: UserLikedSong.objects.filter(song_name="ann 4").update(learn=False))
    _, first = settle()
    assert_equal_databases()
    assert not UserLikedSong.objects.get(song_name="ann 3").learn
    # Of equal versions the leading database's row stays.
    assert UserLikedSong.objects.get(song_name="ann 4").learn == (preference == "sqlite")
    entries = [json.loads(line) for line in first.read_text().splitlines()]
    assert sorted(entry["row"]["song_name"] for entry in entries) == ["ann 3", "ann 4"]

    damage(SQLITE, lambda: UserLikedSong.objects.filter(song_name="ann 5").update(learn=False))
    _, second = settle()
    assert second != first
    assert len(list(pair.state_dir.glob("overwritten-*.jsonl"))) == 2


def test_command_shows_what_it_would_do_and_does_it_only_when_told(likes, capsys):
    damage(POSTGRES, delete_likes)
    with pytest.raises(CommandError, match="20 rows differ"):
        call_command("reconcile")
    out = capsys.readouterr().out
    assert out.count("put it back into PostgreSQL, since its newest version says") == 20
    assert UserLikedSong.objects.using(POSTGRES).count() == 0

    damage(SQLITE, lambda: User.objects.update(display_name="x"))
    call_command("reconcile", "--repair")
    out = capsys.readouterr().out
    assert "21 rows repaired." in out
    assert "What was overwritten is kept in " in out
    assert assert_equal_databases().keys() == likes.keys()


def run_daily(comparison, n_steps=100):
    """Steps between passes of the relay, as the thread does them."""
    relay = Relay()
    for _ in range(n_steps):
        relay.run_pass()
        if result := comparison.step():
            return result
    return None


def test_daily_comparison_finds_a_silent_difference_and_tells_everywhere(
    likes, operator_client, caplog
):
    damage(POSTGRES, delete_likes)
    result = run_daily(DailyComparison())
    background.log_comparison(result)
    assert len(result.differences) == 20
    assert "20 rows differ in SQLite and PostgreSQL: run manage.py reconcile" in caplog.text
    assert read_gauges()["different_rows", None] == 20
    assert describe_replication()["last_reconciliation"]["n_different"] == 20
    page = operator_client.get(PAGE).text
    assert "20 different, 0 repaired" in page
    assert "20 rows still differ" in " ".join(page.split())
    # It changes nothing.
    assert UserLikedSong.objects.using(POSTGRES).count() == 0


def test_daily_comparison_goes_in_small_steps(pair, monkeypatch):
    monkeypatch.setattr(daily_comparison, "STEP_ROWS", 10)
    run_unit(lambda: add_listener("ann", n_likes=95))
    comparison, pages = DailyComparison(), []
    real = daily_comparison.compare_in_steps

    def note_pages(range_rows):
        for step in real(range_rows):
            pages.append(step[1])
            yield step

    monkeypatch.setattr(daily_comparison, "compare_in_steps", note_pages)
    result = run_daily(comparison)
    assert (result.n_rows, result.differences) == (96, ())
    assert max(pages) == 10
    assert len(pages) > 10


def test_daily_comparison_runs_once_a_day(pair):
    assert run_daily(DailyComparison()) is not None
    assert Reconciliation.objects.using(SQLITE).count() == 1
    # A new leader of the relay knows of it.
    assert run_daily(DailyComparison(), n_steps=5) is None
    yesterday = timezone.now() - timedelta(days=1)
    Reconciliation.objects.using(SQLITE).update(finished_at=yesterday)
    assert run_daily(DailyComparison()) is not None
    assert Reconciliation.objects.using(SQLITE).count() == 2


def test_row_that_only_looked_different_while_it_was_written_is_no_difference(likes, monkeypatch):
    comparison = DailyComparison()
    change_only(SQLITE, lambda: UserLikedSong.objects.update(learn=False))
    while not comparison._suspects:
        assert comparison.step() is None
    result = run_daily(comparison)
    assert result.differences == ()


def test_daily_comparison_waits_for_a_database_and_begins_anew_after_a_failure(likes, pair, sync):
    comparison = DailyComparison()
    set_marks(SQLITE, Mark.BEHIND)
    assert [comparison.step() for _ in range(3)] == [None] * 3
    assert comparison._steps is None
    sync()
    comparison.step()
    comparison.step()
    assert comparison._steps is not None
    pair.server.kill()
    comparison.step()
    assert comparison._steps is None
    pair.server.start()
    sync()
    assert RowVersion.objects.using(POSTGRES).count() == len(likes)
