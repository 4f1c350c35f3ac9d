"""Resolving without a key, over the bundled catalogue and made-up songs."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from music.catalogue import bundled, resolver
from music.catalogue.resolver import resolve, search
from music.models import MatchCorrection, QueryCache, VideoFeature
from tests.factories import ListenerFactory, SongFactory
from tunetrace_site.counters import read_totals

pytestmark = pytest.mark.django_db


ARTISTS = {
    "ABBA", "Adele", "Andrea Bocelli", "Babymetal", "Bob Dylan", "Eagles", "Led Zeppelin",
    "Metallica", "Nena", "Nirvana", "Queen", "Rihanna", "The Beatles", "The Rolling Stones",
    "The Smashing Pumpkins", "U2", "Монеточка",
}  # fmt: skip


@pytest.fixture
def catalogue():
    """Some artists of the catalogue whole, and every twentieth song of the others."""
    songs = bundled.load_songs()
    chosen = {s.video_id: s for s in songs if s.artist in ARTISTS}
    VideoFeature.objects.store([*chosen.values(), *songs[::20]])


def find(name, **options):
    return resolve([name], **options)[0].video_id


@pytest.mark.parametrize(
    ("name", "video_id"),
    [
        ("come as you are", "catalogue:nirvana/come-as-you-are"),
        ("Nirvana - Come As You Are", "catalogue:nirvana/come-as-you-are"),
        ("Come As You Are - Nirvana", "catalogue:nirvana/come-as-you-are"),
        ("Come As You Are (Official Video)", "catalogue:nirvana/come-as-you-are"),
        ("COME AS YOU ARE nirvana lyrics", "catalogue:nirvana/come-as-you-are"),
        ("nirvanna come as u are", "catalogue:nirvana/come-as-you-are"),
        ("come as you are by nirvana", "catalogue:nirvana/come-as-you-are"),
        ("comeasyouare", "catalogue:nirvana/come-as-you-are"),
        ("Yesterday", "catalogue:the-beatles/yesterday"),
        ("beatles yesterday", "catalogue:the-beatles/yesterday"),
        ("Like a Rolling Stone", "catalogue:bob-dylan/like-a-rolling-stone"),
        ("hotel califrnia", "catalogue:eagles/hotel-california"),
        ("bohemian rapsody queen", "catalogue:queen/bohemian-rhapsody"),
        ("smashing pumpkins 1979", "catalogue:the-smashing-pumpkins/1979"),
        ("stairway to heaven led zep", "catalogue:led-zeppelin/stairway-to-heaven"),
        ("hello adele", "catalogue:adele/hello"),
        ("one u2", "catalogue:u2/one"),
        ("one metallica", "catalogue:metallica/one"),
        ("99 red balloons", "catalogue:nena/99-luftballons"),
        ("time to say goodbye", "catalogue:andrea-bocelli/con-te-partiro"),
        ("メギツネ", "catalogue:babymetal/メギツネ"),
        ("Megitsune Babymetal", "catalogue:babymetal/メギツネ"),
        ("Каждый раз", "catalogue:монеточка/каждый-раз"),
        ("kazhdyi raz", "catalogue:монеточка/каждый-раз"),
    ],
)
def test_resolve_finds_the_song(catalogue, name, video_id):
    assert find(name) == video_id


@pytest.mark.parametrize(
    "name",
    [
        "asdfgh qwerty",
        "Adele - Yesterday",
        "rihanna",
        "smashing pumpkins",
        "queen",
        "the",
        "!!!",
        "",
        "💜",
        "\x00",
        "smells like teen",
        "hollow rock song of nobody",
    ],
)
def test_resolve_would_rather_find_nothing_than_a_wrong_song(catalogue, name):
    assert find(name) is None


def test_resolve_answers_in_order_in_the_words_of_the_listener(catalogue):
    names = ["YESTERDAY", "asdfgh qwerty", "yesterday"]
    answers = resolve(names)
    assert [answer.query for answer in answers] == names
    assert [answer.rung for answer in answers] == ["stored", "unresolved", "stored"]


def test_resolve_prefers_the_best_known_of_a_shared_title_and_offers_the_others():
    little = SongFactory(artist="Nobody", song_title="Hallelujah", popularity=10)
    known = SongFactory(artist="Leonard Cohen", song_title="Hallelujah", popularity=90)
    other = SongFactory(artist="Jeff Buckley", song_title="Hallelujah", popularity=80)
    answer = resolve(["hallelujah"])[0]
    assert answer.video_id == known.video_id
    assert answer.alternatives == (other.video_id, little.video_id)
    assert find("hallelujah jeff buckley") == other.video_id


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("Song Here", "plain"), ("Song Here live", "live"), ("Song Here (Karaoke)", "karaoke")],
)
def test_resolve_prefers_the_take_that_was_asked_for(name, wanted):
    takes = {"live": " (Live at Wembley)", "karaoke": " (Karaoke Version)", "plain": ""}
    ids = {
        take: SongFactory(
            artist="Band", song_title="Song Here", title=f"Band - Song Here{suffix}", popularity=n
        ).video_id
        for n, (take, suffix) in enumerate(reversed(takes.items()))
    }
    assert find(name) == ids[wanted]


def test_resolve_prefers_what_can_be_played_when_there_is_a_key(settings):
    SongFactory(video_id="catalogue:a/b-song", artist="A", song_title="B Song", popularity=99)
    video = SongFactory(artist="A", song_title="B Song", popularity=1)
    assert find("A - B Song") == "catalogue:a/b-song"
    settings.YOUTUBE_API_KEY = "a-key-that-is-not-used-for-a-stored-song"
    assert find("A - B Song") == video.video_id


def test_resolve_never_answers_with_a_song_that_is_gone():
    song = SongFactory(artist="Gone", song_title="Soon Forgotten")
    assert find("soon forgoten") == song.video_id
    VideoFeature.objects.update(available=False)
    assert find("soon forgoten") is None


def test_resolve_sees_a_song_that_was_stored_a_moment_ago():
    assert find("brand new sonng") is None
    song = SongFactory(artist="Someone", song_title="Brand New Song")
    assert find("brand new sonng") == song.video_id


def test_resolve_sees_a_title_that_was_changed_a_moment_ago():
    song = SongFactory(artist="Someone", song_title="Working Title")
    assert find("working titel") == song.video_id
    record = song.to_record()
    changed = type(record)(record.video_id, "x", record.artist, "Final Choice", source="youtube")
    VideoFeature.objects.store([changed])
    assert find("finl choice someone") == song.video_id
    assert find("working titel") is None


def test_own_correction_comes_first_and_stays_private():
    right, wrong = SongFactory(song_title="Right One"), SongFactory(song_title="My Song Name")
    listener = ListenerFactory()
    MatchCorrection.objects.create(user=listener, query="my song name", video=right)
    assert find("My Song Name!", listener_id=listener.pk) == right.video_id
    assert find("My Song Name!") == wrong.video_id


def test_correction_by_two_listeners_helps_everybody():
    right, _ = SongFactory(song_title="Right One"), SongFactory(song_title="My Song Name")
    for _ in range(2):
        MatchCorrection.objects.create(user=ListenerFactory(), query="my song name", video=right)
    answer = resolve(["my song name"])[0]
    assert (answer.video_id, answer.rung) == (right.video_id, "correction")


def test_rejected_song_is_not_answered_to_that_listener_again():
    first = SongFactory(artist="A", song_title="Shared Title", popularity=90)
    second = SongFactory(artist="B", song_title="Shared Title", popularity=10)
    listener = ListenerFactory()
    MatchCorrection.objects.create(
        user=listener, query="shared title", rejected_ids=[first.video_id]
    )
    answer = resolve(["shared title"], listener_id=listener.pk)[0]
    assert answer.video_id == second.video_id
    assert first.video_id not in answer.alternatives


def test_remembered_answer_is_used_unless_its_song_is_gone():
    song = SongFactory(song_title="Whatever")
    QueryCache.objects.create(
        query="words only i use", best_video_id=song.video_id, rung="search", confidence=0.9
    )
    answer = resolve(["Words only I use"])[0]
    assert (answer.video_id, answer.rung, answer.confidence) == (song.video_id, "query_cache", 0.9)
    song.delete()
    assert find("Words only I use") is None


def count_queries(names):
    with CaptureQueriesContext(connection) as captured:
        resolve(names, listener_id=1)
    return len(captured)


def test_number_of_queries_does_not_depend_on_the_number_of_names(catalogue):
    found = [song.song_title for song in bundled.load_songs() if song.artist in ARTISTS]
    nothing = [f"{word} qwerty" for word in ("asdfgh", "zxcvb", "poiuy")]
    resolve(["warm up"])
    assert count_queries(found[:1]) == count_queries(found[:50]) == 5
    assert count_queries(nothing[:1]) == count_queries(nothing) == 5
    assert count_queries([*found[:47], *nothing]) == 5


def test_more_than_fifty_names_are_refused():
    with pytest.raises(ValueError, match="at most 50"):
        resolve(["a"] * 51)


def test_every_rung_is_counted_and_logged(catalogue, caplog):
    before = read_totals().get("resolutions|rung=stored", 0)
    with caplog.at_level("INFO", logger="music.catalogue.resolver"):
        resolve(["yesterday", "hello adele", "asdfgh qwerty"])
    assert read_totals()["resolutions|rung=stored"] == before + 2
    assert caplog.messages == ["resolved 3 names: stored=2 unresolved=1"]


@given(names=st.lists(st.text(max_size=60), max_size=5))
@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_resolve_and_search_are_total(catalogue, names):
    assert [answer.query for answer in resolve(names)] == names
    for name in names:
        assert len(search(name, 5)) <= 5


def test_bundled_songs_are_found_by_artist_and_title_among_all_of_them():
    songs = bundled.load_songs()
    VideoFeature.objects.store(songs)
    wanted = songs[:: len(songs) // 50][:50]
    answers = resolve([f"{song.artist} - {song.song_title}" for song in wanted])
    assert [answer.video_id for answer in answers] == [song.video_id for song in wanted]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("bohem", "catalogue:queen/bohemian-rhapsody"),
        ("yesterdy", "catalogue:the-beatles/yesterday"),
        ("rolling stones satis", "catalogue:the-rolling-stones/i-cant-get-no-satisfaction"),
        ("dancing queen", "catalogue:abba/dancing-queen"),
        ("smells like", "catalogue:nirvana/smells-like-teen-spirit"),
    ],
)
def test_search_finds_by_beginnings_and_past_typing_errors(catalogue, text, first):
    assert search(text, 5)[0] == first


def test_search_for_an_artist_finds_all_their_songs_best_known_first(catalogue):
    songs = [s for s in bundled.load_songs() if s.artist == "Nirvana"]
    songs.sort(key=lambda song: (-song.popularity, song.video_id))
    found = search("nirvana", 50)
    assert found[: len(songs)] == [song.video_id for song in songs]


@pytest.mark.parametrize("text", ["asdfgh qwerty", "", "!!!"])
def test_search_for_nothing_finds_nothing(catalogue, text):
    assert search(text, 5) == []


def test_rungs_are_the_ones_that_are_counted():
    assert set(resolver.RESOLUTIONS) == set(resolver.RUNGS)
    assert all(re.fullmatch("[a-z_]+", rung) for rung in resolver.RUNGS)


@pytest.mark.parametrize(
    ("title", "is_answer"),
    [
        ("Band - Tune (Live at Wembley)", True),
        ("Band - Tune (Acoustic)", True),
        ("Band - Tune (Cover by Fan)", False),
        ("Band - Tune (Fan Remix)", False),
        ("Band - Tune (Karaoke Version)", False),
    ],
)
def test_where_the_song_is_missing_only_its_artists_own_take_will_do(title, is_answer):
    take = SongFactory(artist="Band", song_title="Tune", title=title)
    answer = resolver.resolve(["Band - Tune"])[0]
    assert answer.video_id == (take.video_id if is_answer else None)
    assert is_answer or answer.alternatives == (take.video_id,)
