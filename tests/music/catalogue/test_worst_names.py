"""Names made to be slow: however they are written, fifty take under a second of the processor."""

import time
from collections.abc import Callable, Iterable
from functools import partial
from random import Random

import pytest

from music.catalogue import bundled
from music.catalogue.resolver import MAX_NAMES, resolve, search
from music.domain import imports
from music.models.liked_song import SONG_NAME_MAX_LENGTH
from tests.factories import ListenerFactory
from tests.servers.catalogue import copied_catalogue
from tests.work import finish_import

pytestmark = pytest.mark.django_db

N_IMPORTED = 300


@pytest.fixture(scope="module")
def catalogue(django_db_setup, django_db_blocker, make_site_folder):
    """All songs of the bundle, for all tests of the module."""
    with django_db_blocker.unblock(), copied_catalogue(make_site_folder()):
        yield


def vary(text: str, n: int) -> list[str]:
    """``n`` names that differ, each ``text`` again and again."""
    return [(f"{i} " + text * SONG_NAME_MAX_LENGTH)[:SONG_NAME_MAX_LENGTH] for i in range(n)]


def mix(words: Iterable[str], n: int) -> list[str]:
    """``n`` names of words in an order of their own."""
    listed, rng = list(words), Random(7)
    return [" ".join(rng.choices(listed, k=60))[:SONG_NAME_MAX_LENGTH] for _ in range(n)]


def read_words(n: int) -> list[str]:
    songs = bundled.load_songs()
    return [w for s in songs[:n] for w in f"{s.artist} {s.title}".lower().split()]


WORST = {
    "one sign that is eighteen letters": lambda n: vary("\ufdfa", n),
    "version words in a bracket that stays open": lambda n: vary("x (version version ", n),
    "brackets": lambda n: vary("(live) [mix] ", n),
    "brackets in brackets": lambda n: vary("((", n),
    "quotes": lambda n: vary("\"'", n),
    "dashes": lambda n: vary("a - ", n),
    "little words": lambda n: vary("the you of me ", n),
    "letters": lambda n: vary("a e i o u ", n),
    "no spaces": lambda n: vary("love", n),
    "signs": lambda n: vary("&", n),
    "words of songs": lambda n: mix(read_words(4000), n),
    "words of songs with errors": lambda n: mix([f"{w}x" for w in read_words(4000)], n),
    "the catalogue's first songs in a row": lambda n: mix(read_words(40), n),
}  # fmt: skip


def clock(action: Callable[[], object]) -> float:
    began = time.process_time()
    action()
    return time.process_time() - began


def test_fifty_worst_names_take_under_a_second(catalogue):
    resolve(["warm up"])
    took = {what: clock(partial(resolve, write(MAX_NAMES))) for what, write in WORST.items()}
    assert {what: seconds for what, seconds in took.items() if seconds >= 1.0} == {}


def test_search_for_the_worst_name_is_quick(catalogue):
    search("warm up", 20)
    took = {what: clock(partial(search, write(1)[0], 20)) for what, write in WORST.items()}
    assert {what: seconds for what, seconds in took.items() if seconds >= 0.5} == {}


def test_import_of_the_worst_names_takes_a_few_milliseconds_each(catalogue):
    kinds = list(WORST.values())
    names = [name for write in kinds for name in write(-(-N_IMPORTED // len(kinds)))][:N_IMPORTED]
    listener = ListenerFactory()

    job = imports.start_import(listener=listener, songs=names)
    assert clock(partial(finish_import, job)) < 0.02 * N_IMPORTED
    job.refresh_from_db()
    assert job.n_done == job.n_total
