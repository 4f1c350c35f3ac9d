"""A listener's account at ListenBrainz, against a server that speaks its API."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from music.domain import listenbrainz
from music.domain.history import clear_history
from music.domain.import_review import act
from music.domain.imports import start_loved_import
from music.domain.listens import record_playback
from music.errors import InvalidInput, NotFound
from music.jobs.imports import run_import
from music.jobs.listenbrainz import run_listenbrainz
from music.models import Listen, ListenBrainzLink, LovedThere, Song, UserLikedSong
from tests.factories import LikeFactory, ListenerFactory, SongFactory
from tests.servers.listenbrainz import NAME, TOKEN, make_mbid, running_listenbrainz

CREATED = 1_700_000_000


@pytest.fixture
def brainz(settings, db):
    """The server, and a site that may speak with it."""
    with running_listenbrainz() as server:
        settings.LISTENBRAINZ = True
        settings.LISTENBRAINZ_URL = server.url
        settings.LISTENBRAINZ_TIMEOUT_SECONDS = 10.0
        yield server


@pytest.fixture
def listener(brainz) -> User:
    listener = ListenerFactory()
    listenbrainz.connect(listener=listener, token=f" {TOKEN}\n")
    return listener


def find_link(listener: User) -> ListenBrainzLink:
    return ListenBrainzLink.objects.get(user=listener)


def make_due() -> None:
    ListenBrainzLink.objects.update(due_at=timezone.now())


def test_nothing_is_asked_before_somebody_connects_and_where_it_is_off(brainz, settings):
    listener, song = ListenerFactory(), SongFactory()
    record_playback(listener=listener, reference=song.address, kind="play")
    assert run_listenbrainz() == "0 plays and 0 likes sent, 0 likes taken back."
    settings.LISTENBRAINZ = False
    with pytest.raises(NotFound):
        listenbrainz.connect(listener=listener, token=TOKEN)
    assert run_listenbrainz() == "LISTENBRAINZ is off."
    assert (brainz.asked, Listen.objects.count()) == ([], 0)


def test_token_is_kept_sealed_and_checked_by_the_job(brainz, listener):
    assert TOKEN not in find_link(listener).sealed_token
    assert brainz.asked == []
    run_listenbrainz()
    assert (find_link(listener).user_name, find_link(listener).trouble) == (NAME, "")


@pytest.mark.parametrize("token", ["", "short", "a" * 65, "\u00e4" * 20, "a b" * 9, "a\n" * 9])
def test_text_that_is_no_token_is_refused(brainz, token):
    with pytest.raises(InvalidInput):
        listenbrainz.connect(listener=ListenerFactory(), token=token)


def test_each_play_is_told_once_and_a_skip_is_not(brainz, listener, monkeypatch):
    song, other = SongFactory(), SongFactory()
    now = timezone.now()
    for seconds in (40, 38):  # told twice
        monkeypatch.setattr(timezone, "now", lambda at=now - timedelta(seconds=seconds): at)
        record_playback(listener=listener, reference=song.address, kind="play")
    record_playback(listener=listener, reference=other.address, kind="skip")
    monkeypatch.undo()
    Listen.objects.create(user=listener, artist="A", title="Earlier", listened_at=CREATED)
    assert run_listenbrainz() == "2 plays and 0 likes sent, 0 likes taken back."
    assert run_listenbrainz() == "0 plays and 0 likes sent, 0 likes taken back."
    told = [listen["track_metadata"] for listen in brainz.listens]
    assert [track["track_name"] for track in told] == ["Earlier", song.title]
    assert told[1]["artist_name"] == song.artist
    assert told[1]["additional_info"]["submission_client"] == "TuneTrace"
    assert brainz.listens[0]["listened_at"] == CREATED


def test_play_that_is_refused_does_not_hold_up_the_others(brainz, listener):
    brainz.refused_artists.add("Refused")
    names = ("First", "Refused", "Third")
    for number, artist in enumerate(names):
        Listen.objects.create(user=listener, artist=artist, title="T", listened_at=CREATED + number)
    run_listenbrainz()
    told = {listen["track_metadata"]["artist_name"] for listen in brainz.listens}
    assert (told, Listen.objects.count()) == ({"First", "Third"}, 0)


def test_likes_are_loved_there_and_taken_back_with_the_like(brainz, listener):
    first, second = LikeFactory(user=listener), LikeFactory(user=listener)
    LikeFactory(user=listener, song=None, song_name="words alone")
    LikeFactory()  # somebody else's
    brainz.love("Their own", "Love", CREATED)
    assert run_listenbrainz() == "0 plays and 2 likes sent, 0 likes taken back."
    mbids = [make_mbid(like.song.artist, like.song.title) for like in (first, second)]
    theirs = make_mbid("Their own", "Love")
    assert set(brainz.loved) == {*mbids, theirs}
    first.delete()
    assert run_listenbrainz() == "0 plays and 0 likes sent, 1 likes taken back."
    assert set(brainz.loved) == {mbids[1], theirs}
    n_asked = len(brainz.asked)
    run_listenbrainz()
    assert len(brainz.asked) == n_asked


def test_two_songs_of_one_recording_are_taken_back_with_the_last(brainz, listener, monkeypatch):
    one, two = LikeFactory(user=listener), LikeFactory(user=listener)
    run_listenbrainz()
    LovedThere.objects.update(recording_mbid="same")
    brainz.loved["same"] = CREATED
    one.delete()
    run_listenbrainz()
    assert "same" in brainz.loved
    two.delete()
    run_listenbrainz()
    assert "same" not in brainz.loved


def test_song_that_musicbrainz_does_not_know_is_looked_for_again_after_a_month(brainz, listener):
    like = LikeFactory(user=listener)
    brainz.unknown.add(like.song.title)
    for _ in range(2):
        run_listenbrainz()
    assert brainz.asked.count("GET /1/metadata/lookup/") == 1
    brainz.unknown.clear()
    LovedThere.objects.update(created_at=timezone.now() - timedelta(days=31))
    run_listenbrainz()
    assert list(brainz.loved) == [make_mbid(like.song.artist, like.song.title)]


def test_song_that_is_not_there_at_present_stays_loved(brainz, listener):
    like = LikeFactory(user=listener)
    run_listenbrainz()
    Song.objects.filter(pk=like.song_id).delete()
    run_listenbrainz()
    assert len(brainz.loved) == 1


def test_many_likes_take_several_turns_so_that_others_have_theirs(brainz, listener, monkeypatch):
    monkeypatch.setattr(listenbrainz, "LIKES_AT_ONCE", 2)
    LikeFactory.create_batch(3, user=listener)
    run_listenbrainz()
    assert len(brainz.loved) == 2
    run_listenbrainz()
    assert len(brainz.loved) == 3


@pytest.mark.parametrize("fault", ["500", "429", "hang", "garbage", "list", "close", "302"])
def test_answer_that_does_not_come_loses_nothing_and_is_asked_for_later(
    brainz, listener, fault, settings
):
    settings.LISTENBRAINZ_TIMEOUT_SECONDS = 0.4 if fault == "hang" else 10.0
    other = ListenerFactory()
    listenbrainz.connect(listener=other, token=TOKEN)
    song = SongFactory()
    record_playback(listener=listener, reference=song.address, kind="play")
    brainz.faults = [fault]
    before = timezone.now()
    assert "did not answer" in run_listenbrainz()
    assert len(brainz.asked) == 1  # nobody else waits for a server that is down
    link = find_link(listener)
    assert "did not answer" in link.trouble
    assert timedelta(seconds=5) < link.due_at - before
    assert (link.due_at - before < timedelta(seconds=60)) == (fault == "429")
    settings.LISTENBRAINZ_TIMEOUT_SECONDS = 10.0
    make_due()
    run_listenbrainz()
    assert find_link(listener).trouble == ""
    assert [listen["track_metadata"]["track_name"] for listen in brainz.listens] == [song.title]


def test_refused_token_is_said_to_the_listener_and_asked_no_more_today(brainz, listener):
    other = ListenerFactory()
    listenbrainz.connect(listener=other, token="another-token-of-nobody")
    LikeFactory(user=listener)
    run_listenbrainz()
    run_listenbrainz()
    assert find_link(other).trouble == "ListenBrainz does not know this token."
    assert brainz.asked.count("GET /1/validate-token") == 2
    assert len(brainz.loved) == 1
    listenbrainz.connect(listener=other, token=TOKEN)
    run_listenbrainz()
    assert (find_link(other).user_name, find_link(other).trouble) == (NAME, "")


def test_token_sealed_with_a_lost_key_is_asked_for_again(brainz, listener, settings):
    settings.SECRET_KEY = "another " * 8
    run_listenbrainz()
    assert find_link(listener).trouble == listenbrainz.NEW_TOKEN
    assert brainz.asked == []


def test_what_is_not_to_be_sent_is_not_sent_and_disconnecting_forgets(brainz, listener):
    LikeFactory(user=listener)
    song = SongFactory()
    record_playback(listener=listener, reference=song.address, kind="play")
    listenbrainz.set_sending(listener=listener, sends_plays=False, sends_likes=False)
    record_playback(listener=listener, reference=song.address, kind="play")
    run_listenbrainz()
    assert (brainz.listens, brainz.loved) == ([], {})
    listenbrainz.disconnect(listener=listener)
    assert [m.objects.count() for m in (ListenBrainzLink, Listen, LovedThere)] == [0, 0, 0]
    with pytest.raises(NotFound):
        listenbrainz.set_sending(listener=listener, sends_plays=True, sends_likes=True)


def test_history_that_is_cleared_is_not_sent(brainz, listener):
    record_playback(listener=listener, reference=SongFactory().address, kind="play")
    clear_history(listener=listener, what="played")
    run_listenbrainz()
    assert brainz.listens == []


def test_loved_songs_are_brought_in_for_review_with_their_times(brainz, listener, monkeypatch):
    monkeypatch.setattr("music.listenbrainz.client.PAGE", 2)
    names = [("Clear Band", "Plain Tune"), ("Third Choir", "Evening"), ("Sextet", "Harbour")]
    songs = [SongFactory(artist=artist, title=title) for artist, title in names]
    for number, song in enumerate(songs):
        brainz.love(song.artist, song.title, CREATED + number)
    brainz.loved["d0000000-0000-4000-8000-000000000000"] = CREATED - 1  # without a name there
    job = start_loved_import(listener=listener)
    assert brainz.asked == []
    run_import.call_local(job.token)
    job.refresh_from_db()
    assert (job.state, job.n_total, job.service) == ("review", 4, "")
    states = list(job.rows.order_by("number").values_list("state", flat=True))
    assert states == ["sure", "sure", "sure", "left"]
    assert not UserLikedSong.objects.exists()
    act(listener=listener, token=job.token, action="like", pile="sure")
    run_import.call_local(job.token)
    likes = UserLikedSong.objects.filter(user=listener).order_by("created_at")
    assert [like.song for like in likes] == songs
    assert likes[0].created_at == datetime.fromtimestamp(CREATED, UTC)


def test_song_loved_meanwhile_moves_the_pages_and_is_no_second_row(brainz, listener, monkeypatch):
    monkeypatch.setattr("music.listenbrainz.client.PAGE", 2)
    monkeypatch.setattr("music.jobs.imports.TURN_SECONDS", 0)
    for number in range(3):
        brainz.love("Artist", f"Song {number}", CREATED + number)
    job = start_loved_import(listener=listener)
    run_import.call_local(job.token)
    brainz.love("Artist", "Loved meanwhile", CREATED + 9)
    for _ in range(4):
        run_import.call_local(job.token)
    names = job.rows.order_by("number").values_list("name", flat=True)
    assert list(names) == [f"Artist - Song {number}" for number in (2, 1, 0)]


def test_import_of_loved_songs_goes_on_by_itself_where_no_answer_comes(brainz, listener):
    brainz.love("Artist", "Song", CREATED)
    run_listenbrainz()
    brainz.faults = ["429"]
    job = start_loved_import(listener=listener)
    run_import.call_local(job.token)
    job.refresh_from_db()
    assert (job.state, job.rows.count()) == ("waiting", 0)
    assert "It will be tried again automatically." in job.error
    assert job.resumes_at > timezone.now()
    type(job).objects.update(resumes_at=timezone.now())
    run_import.call_local(job.token)
    job.refresh_from_db()
    assert (job.state, job.rows.count(), job.error) == ("review", 1, "")


def test_import_of_loved_songs_fails_with_a_reason_where_the_token_does(brainz, listener):
    brainz.token = "revoked"
    job = start_loved_import(listener=listener)
    run_import.call_local(job.token)
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "ListenBrainz does not know this token.")
    listenbrainz.disconnect(listener=listener)
    with pytest.raises(InvalidInput):
        start_loved_import(listener=listener)
