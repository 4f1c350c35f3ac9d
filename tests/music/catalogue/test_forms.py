"""Songs of the catalogue, in every form in which people write them."""

import pytest

from music.catalogue.resolver import MAX_NAMES, resolve
from music.catalogue.rungs.stored import match_names
from music.names.keys import song_address, song_key
from music.names.matching import SURE
from music.names.song_names import read_name
from tests.catalogue_names import FORMS, read_names
from tests.servers.catalogue import copied_catalogue

pytestmark = pytest.mark.django_db

EVERY = 45
"""The whole catalogue in every form is ``tests/bench/resolving.py``."""


@pytest.fixture(scope="module")
def catalogue(django_db_setup, django_db_blocker, make_site_folder):
    """All songs of the bundle, for all tests of the module."""
    with django_db_blocker.unblock(), copied_catalogue(make_site_folder()):
        yield


def find(names, **options):
    """The addresses of the songs that ``names`` mean, None where nobody is sure."""
    answers = []
    for start in range(0, len(names), MAX_NAMES):
        answers += resolve(names[start : start + MAX_NAMES], **options)
    return [answer.song_id for answer in answers]


def test_songs_of_the_catalogue_are_found_in_every_form(catalogue):
    for place, (what, form) in enumerate(FORMS.items()):
        songs = read_names()[place::EVERY]
        names = [form(song)[:200] for song in songs]
        found = find(names, wants_alternatives=False)
        if place == 0:
            assert found == find(names)
        addresses = [song_address(*song_key(*song)) for song in songs]
        right = sum(a == b for a, b in zip(found, addresses, strict=True))
        wrong = sum(a not in (None, b) for a, b in zip(found, addresses, strict=True))
        assert (what, right >= 0.99 * len(songs), wrong <= 1) == (what, True, True)


def test_songs_that_are_not_stored_are_not_answered_with_others(catalogue):
    songs = read_names()[::EVERY]
    names = {read_name(f"{song.artist} - {song.title}").key: song for song in songs}
    rejected = {key: [song_address(*song_key(*song))] for key, song in names.items()}
    wrong = []
    for start in range(0, len(songs), MAX_NAMES):
        part = [read_name(f"{s.artist} - {s.title}") for s in songs[start : start + MAX_NAMES]]
        found = match_names(part, rejected)
        wrong += [
            key for key, matches in found.items() if matches and matches[0].confidence >= SURE
        ]
    assert len(wrong) <= 0.01 * len(songs), wrong
