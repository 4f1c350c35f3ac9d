"""Resolving without a key, over the bundled catalogue and made-up songs."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from music.catalogue import bundled, resolver
from music.catalogue.resolver import resolve, search
from music.models import MatchCorrection, QueryCache, Song
from tests.factories import ListenerFactory, SongFactory, VideoFactory
from tunetrace_site.machine.counters import read_totals

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
    chosen = {s.address: s for s in [*songs[::20], *(s for s in songs if s.artist in ARTISTS)]}
    Song.objects.load_bundle([song.to_song() for song in chosen.values()])


def find(name, **options):
    return resolve([name], **options)[0].song_id


@pytest.mark.parametrize(
    ("name", "song_id"),
    [
        ("come as you are", "nirvana/come-as-you-are"),
        ("Nirvana - Come As You Are", "nirvana/come-as-you-are"),
        ("Come As You Are - Nirvana", "nirvana/come-as-you-are"),
        ("Come As You Are (Official Video)", "nirvana/come-as-you-are"),
        ("COME AS YOU ARE nirvana lyrics", "nirvana/come-as-you-are"),
        ("nirvanna come as u are", "nirvana/come-as-you-are"),
        ("come as you are by nirvana", "nirvana/come-as-you-are"),
        ("comeasyouare", "nirvana/come-as-you-are"),
        ("Yesterday", "the-beatles/yesterday"),
        ("beatles yesterday", "the-beatles/yesterday"),
        ("Like a Rolling Stone", "bob-dylan/like-a-rolling-stone"),
        ("hotel califrnia", "eagles/hotel-california"),
        ("bohemian rapsody queen", "queen/bohemian-rhapsody"),
        ("smashing pumpkins 1979", "the-smashing-pumpkins/1979"),
        ("stairway to heaven led zep", "led-zeppelin/stairway-to-heaven"),
        ("hello adele", "adele/hello"),
        ("one u2", "u2/one"),
        ("one metallica", "metallica/one"),
        ("99 red balloons", "nena/99-luftballons"),
        ("time to say goodbye", "andrea-bocelli/con-te-partiro"),
        ("メギツネ", "babymetal/メギツネ"),
        ("Megitsune Babymetal", "babymetal/メギツネ"),
        ("Каждый раз", "монеточка/каждый-раз"),
        ("kazhdyi raz", "монеточка/каждый-раз"),
    ],
)
def test_resolve_finds_the_song(catalogue, name, song_id):
    assert find(name) == song_id


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


@pytest.mark.parametrize(
    "text", ["#EXTINF:219,https://example.com/a", "https://x.org/b #EXTINF:1,"]
)
def test_address_beside_marks_alone_means_nothing(catalogue, text):
    assert find(text) is None
    assert search(text, 5) == []


def test_resolve_answers_in_order_in_the_words_of_the_listener(catalogue):
    names = ["YESTERDAY", "asdfgh qwerty", "yesterday"]
    answers = resolve(names)
    assert [answer.query for answer in answers] == names
    assert [answer.rung for answer in answers] == ["stored", "unresolved", "stored"]


def test_resolve_prefers_the_best_known_of_a_shared_title_and_offers_the_others():
    little = SongFactory(artist="Nobody", title="Hallelujah", popularity=10)
    known = SongFactory(artist="Leonard Cohen", title="Hallelujah", popularity=90)
    other = SongFactory(artist="Jeff Buckley", title="Hallelujah", popularity=80)
    answer = resolve(["hallelujah"])[0]
    assert answer.song_id == known.address
    assert answer.alternatives == (other.address, little.address)
    assert find("hallelujah jeff buckley") == other.address


def test_artists_name_is_no_mistyped_title():
    SongFactory(artist="Take That", title="Shine")
    SongFactory(artist="MK", title="17")
    for artist in ("SHINee", "SEVENTEEN"):
        SongFactory(artist=artist, title="Another Song")
    assert [find(name) for name in ("shinee", "Seventeen")] == [None, None]
    assert find("shiine") == "take-that/shine"
    self_titled = SongFactory(artist="Iron Maiden", title="Iron Maiden")
    assert find("iron maiden") == self_titled.address


def test_rows_of_exports_mean_their_songs():
    song = SongFactory(artist="Snoop Dogg", title="Young, Wild & Free")
    SongFactory(artist="Snoop Dogg", title="Wild")
    other = SongFactory(artist="尾崎豊", title="I LOVE YOU")
    assert find("Snoop Dogg;Young, Wild & Free;Some Album;2011") == song.address
    assert find("尾崎豊;I LOVE YOU;Some Album;2001") == other.address


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Song Here", None),
        ("Band - Song Here live", "live"),
        ("Song Here (Acoustic)", "acoustic"),
        ("Song Here karaoke", None),
    ],
)
def test_name_means_the_song_and_the_take_that_it_asks_for(name, wanted):
    song = SongFactory(artist="Band", title="Song Here")
    ids = {
        take: VideoFactory(song=song, take=take).video_id
        for take in ("original", "live", "acoustic", "karaoke")
    }
    answer = resolve([name])[0]
    assert (answer.song_id, answer.video_id) == (song.address, ids.get(wanted))


def test_song_that_is_called_live_asks_for_no_live_take():
    song = SongFactory(artist="Oasis", title="Live Forever")
    VideoFactory(song=song, take="live")
    assert resolve(["Oasis - Live Forever"])[0].video_id is None


def test_resolve_prefers_what_can_be_played_when_there_is_a_key(settings):
    SongFactory(artist="A", title="B Song", popularity=99)
    other = SongFactory(artist="C", title="B Song", popularity=1)
    VideoFactory(song=other)
    assert find("B Song") == "a/b-song"
    settings.YOUTUBE_API_KEY = "a-key-that-is-not-used-for-a-stored-song"
    assert find("B Song") == other.address


def test_resolve_never_answers_with_a_song_that_is_gone():
    song = SongFactory(artist="Gone", title="Soon Forgotten")
    assert find("soon forgoten") == song.address
    Song.objects.update(is_bundled=False)
    assert find("soon forgoten") is None


def test_resolve_sees_a_song_that_was_stored_a_moment_ago():
    assert find("brand new sonng") is None
    song = SongFactory(artist="Someone", title="Brand New Song")
    assert find("brand new sonng") == song.address


def test_resolve_sees_a_title_that_was_changed_a_moment_ago():
    song = SongFactory(artist="Someone", title="Working Title")
    assert find("working titel") == song.address
    Song.objects.update(title="Final Choice", updated_at=timezone.now())
    assert find("finl choice someone") == song.address
    assert find("working titel") is None


def test_own_correction_comes_first_and_stays_private():
    right, wrong = SongFactory(title="Right One"), SongFactory(title="My Song Name")
    listener = ListenerFactory()
    MatchCorrection.objects.create(user=listener, query="my song name", song=right)
    assert find("My Song Name!", listener_id=listener.pk) == right.address
    assert find("My Song Name!") == wrong.address


def correct(song, *, query="my song name", days=2, **account):
    """A listener's word, of an account that is some days old, that ``query`` means ``song``."""
    listener = ListenerFactory(created_at=timezone.now() - timedelta(days=days), **account)
    MatchCorrection.objects.create(user=listener, query=query, song=song)


def test_correction_by_two_accounts_helps_everybody():
    right, _ = SongFactory(title="Right One"), SongFactory(title="My Song Name")
    for _ in range(2):
        correct(right)
    answer = resolve(["my song name"])[0]
    assert (answer.song_id, answer.rung) == (right.address, "correction")


@pytest.mark.parametrize("account", [{"is_guest": True}, {"days": 0}, {"is_active": False}])
def test_guests_new_and_blocked_accounts_correct_for_themselves_only(account):
    wrong, named = SongFactory(title="Wrong One"), SongFactory(title="My Song Name")
    for _ in range(5):
        correct(wrong, **account)
    assert find("my song name") == named.address


def test_corrections_that_contradict_each_other_help_nobody():
    one, other = SongFactory(title="Right One"), SongFactory(title="Other One")
    named = SongFactory(title="My Song Name")
    for song in (one, one, other, other):
        correct(song)
    assert find("my song name") == named.address


def test_rejected_song_is_not_answered_to_that_listener_again():
    first = SongFactory(artist="A", title="Shared Title", popularity=90)
    second = SongFactory(artist="B", title="Shared Title", popularity=10)
    listener = ListenerFactory()
    MatchCorrection.objects.create(
        user=listener, query="shared title", rejected_ids=[first.address]
    )
    answer = resolve(["shared title"], listener_id=listener.pk)[0]
    assert answer.song_id == second.address
    assert first.address not in answer.alternatives


def test_remembered_answer_is_used_unless_its_song_is_gone():
    song = SongFactory(title="Whatever")
    QueryCache.objects.create(query="words only i use", song=song, rung="search", confidence=0.9)
    answer = resolve(["Words only I use"])[0]
    assert (answer.song_id, answer.rung, answer.confidence) == (song.address, "query_cache", 0.9)
    song.delete()
    assert find("Words only I use") is None


def count_queries(names):
    with CaptureQueriesContext(connection) as captured:
        resolve(names, listener_id=1)
    return len(captured)


def test_number_of_queries_does_not_depend_on_the_number_of_names(catalogue):
    found = [song.title for song in bundled.load_songs() if song.artist in ARTISTS]
    nothing = [f"{word} qwerty" for word in ("asdfgh", "zxcvb", "poiuy")]
    resolve(["warm up"])
    assert count_queries(found[:1]) == count_queries(found[:50]) == 4
    assert count_queries(nothing[:1]) == count_queries(nothing) == 4
    assert count_queries([*found[:47], *nothing]) == 4


def test_of_songs_of_similar_names_only_possible_ones_are_read(catalogue):
    with CaptureQueriesContext(connection) as captured:
        found = resolve(["yesterdy love"])[0], resolve(["the beatles yesterdy"])[0]
    assert [answer.song_id for answer in found] == [None, "the-beatles/yesterday"]
    asked = [query["sql"].split(" WHERE ")[-1] for query in captured]
    read = [address for sql in asked for address in re.findall(r'"([\w-]+/[\w-]+)"', sql)]
    assert read == ["the-beatles/yesterday"]


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
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_resolve_and_search_are_total(catalogue, names):
    assert [answer.query for answer in resolve(names)] == names
    for name in names:
        assert len(search(name, 5)) <= 5


def test_bundled_songs_are_found_by_artist_and_title_among_all_of_them():
    songs = bundled.load_songs()
    Song.objects.load_bundle([song.to_song() for song in songs])
    wanted = songs[:: len(songs) // 50][:50]
    answers = resolve([f"{song.artist} - {song.title}" for song in wanted])
    assert [answer.song_id for answer in answers] == [song.address for song in wanted]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("bohem", "queen/bohemian-rhapsody"),
        ("yesterdy", "the-beatles/yesterday"),
        ("rolling stones satis", "the-rolling-stones/i-cant-get-no-satisfaction"),
        ("dancing queen", "abba/dancing-queen"),
        ("smells like", "nirvana/smells-like-teen-spirit"),
    ],
)
def test_search_finds_by_beginnings_and_past_typing_errors(catalogue, text, first):
    assert search(text, 5)[0] == first


def test_search_for_an_artist_finds_all_their_songs_best_known_first(catalogue):
    songs = [s for s in bundled.load_songs() if s.artist == "Nirvana"]
    songs.sort(key=lambda song: (-song.popularity, song.address))
    found = search("nirvana", 50)
    assert found[: len(songs)] == [song.address for song in songs]


@pytest.mark.parametrize("text", ["asdfgh qwerty", "", "!!!"])
def test_search_for_nothing_finds_nothing(catalogue, text):
    assert search(text, 5) == []


def test_rungs_are_the_ones_that_are_counted():
    assert set(resolver.RESOLUTIONS) == set(resolver.RUNGS)
    assert all(re.fullmatch("[a-z_]+", rung) for rung in resolver.RUNGS)


@pytest.mark.parametrize(
    ("take", "is_answer"),
    [("live", True), ("acoustic", True), ("cover", False), ("remix", False), ("karaoke", False)],
)
def test_where_the_song_is_missing_only_its_artists_own_take_will_do(take, is_answer):
    song = SongFactory(artist="Band", title="Tune", is_bundled=False)
    VideoFactory(song=song, take=take)
    assert find("Band - Tune") == (song.address if is_answer else None)


def test_song_that_was_joined_to_another_is_found_as_that_one():
    kept = SongFactory(artist="Band", title="Tune")
    SongFactory(artist="The Bland", title="Toone", joined_to=kept)
    assert find("The Bland - Toone") == kept.address
