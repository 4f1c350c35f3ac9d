"""What several worker processes share: one computation a key, and news of every change."""

import time

import pytest

from tests.servers.redis import RedisServer
from tests.waiting import wait_until

from .workers import Worker


@pytest.fixture
def start(tmp_path):
    """Starts workers; ``start("m1", "m1")`` are two of one machine."""
    workers = []

    def start_workers(*machines, redis_url="", **extra):
        for machine in machines:
            (tmp_path / machine).mkdir(exist_ok=True)
            workers.append(Worker(tmp_path / machine, redis_url, **extra))
        return workers[-len(machines) :]

    yield start_workers
    for worker in workers:
        worker.kill()


def _with_redis(request, with_redis):
    return request.getfixturevalue("redis_server").url if with_redis else ""


@pytest.mark.parametrize(
    ("machines", "with_redis"),
    [(["m", "m", "m"], False), (["m1", "m1", "m2", "m3"], True)],
    ids=["a machine", "three machines"],
)
def test_one_cold_key_is_computed_once_for_all_processes(
    start, tmp_path, request, machines, with_redis
):
    workers = start(*machines, redis_url=_with_redis(request, with_redis))
    log = tmp_path / "computations"
    for worker in workers:  # start up, so that all ask at the same time
        worker.ask("invalidate", 1)
    for worker in workers:
        worker.send("fetch", f"cold {with_redis} {tmp_path}", str(log), 0.3)
    answers = [worker.receive() for worker in workers]
    assert answers == [answers[0]] * len(machines)
    assert len(log.read_text().split()) == 1


def test_a_computation_whose_process_is_killed_is_made_by_another(start, tmp_path):
    first, second = start("m", "m")
    log = tmp_path / "computations"
    first.send("fetch", "killed", str(log), 60)
    while not (log.exists() and log.read_text()):
        time.sleep(0.01)
    second.send("fetch", "killed", str(log), 0)
    first.kill()
    assert set(second.receive()) == {"computed_by"}
    assert len(log.read_text().split()) == 2


@pytest.mark.parametrize("with_redis", [False, True])
def test_a_change_by_one_worker_is_seen_by_all_in_the_next_request(
    start, tmp_path, request, with_redis
):
    workers = start("m", "m", "m", redis_url=_with_redis(request, with_redis))
    rows = tmp_path / "rows"
    for round_ in range(20):
        rows.write_text(f"likes {round_}")
        workers[round_ % 3].ask("invalidate", 7)
        read = [worker.ask("likes", 7, str(rows)) for worker in workers]
        assert read == [f"likes {round_}"] * 3
    rows.write_text("changed behind the back")
    assert workers[0].ask("likes", 7, str(rows)) == "likes 19"


def test_a_change_reaches_another_machine_through_redis(start, tmp_path):
    with RedisServer() as server:
        here, there = start("m1", "m2", redis_url=server.url)
        rows = tmp_path / "rows"
        rows.write_text("old")
        _wait_until_both_listen(server, here, there)
        assert [worker.ask("likes", 7, str(rows)) for worker in (here, there)] == ["old", "old"]
        rows.write_text("new")
        here.ask("invalidate", 7)
        wait_until(lambda: there.ask("likes", 7, str(rows)) == "new", seconds=5)


# The database is never asked here: that there is one is all that the settings want to know.
WITHOUT_SQLITE = {"SQLITE_MIRROR": "none", "POSTGRES_DATABASE_URL": "postgres://localhost/unused"}


def test_machine_without_sqlite_serves_nothing_that_another_one_has_changed(start, tmp_path):
    """Whoever hops between them asks the next one at once: no message need have arrived. While
    Redis is away, nothing that is kept is served.
    """
    with RedisServer() as server:
        here, there = start("m1", "m2", redis_url=server.url, **WITHOUT_SQLITE)
        rows = tmp_path / "rows"
        for round_ in range(20):
            rows.write_text(f"likes {round_}")
            here.ask("invalidate", 7)
            read = [worker.ask("likes", 7, str(rows)) for worker in (there, here, there)]
            assert read == [f"likes {round_}"] * 3
        rows.write_text("changed behind the back")
        assert there.ask("likes", 7, str(rows)) == "likes 19"
        server.kill()
        rows.write_text("changed, and nobody could be told")
        here.ask("invalidate", 7)
        for worker in (there, here):
            assert worker.ask("likes", 7, str(rows)) == "changed, and nobody could be told"


def test_changes_missed_while_redis_was_down_are_read_again(start, tmp_path):
    with RedisServer() as server:
        here, there = start("m1", "m2", redis_url=server.url)
        rows = tmp_path / "rows"
        rows.write_text("old")
        _wait_until_both_listen(server, here, there)
        assert there.ask("likes", 7, str(rows)) == "old"
        server.kill()
        rows.write_text("new")
        here.ask("invalidate", 7)
        server.start()
        wait_until(lambda: there.ask("likes", 7, str(rows)) == "new", seconds=10)


def _wait_until_both_listen(server, here, there):
    wait_until(lambda: here.ask("is_listening") and there.ask("is_listening"), seconds=30)
    with server.connect() as connection:
        wait_until(lambda: connection.pubsub_numsub("tunetrace:changes")[0][1] == 2, seconds=30)
