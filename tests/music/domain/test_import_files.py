"""A file's songs: three piles, and what the listener decides before anything is liked."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection

from music.domain import import_parts, import_review, import_rows, imported_songs, imports, likes
from music.errors import InvalidInput, NotFound
from music.jobs import imports as jobs
from music.models import ImportRow, MatchCorrection, PlaylistImport, UserLikedSong
from tests.factories import LikeFactory, ListenerFactory, SongFactory, VideoFactory
from tests.work import begin_file, finish_import

pytestmark = pytest.mark.django_db
TABLE = "title,artist,added at\n"


@pytest.fixture
def listener():
    return ListenerFactory()


@pytest.fixture
def songs():
    """One that is clear, two of one title, one that nobody names."""
    clear = SongFactory(artist="Clear Band", title="Plain Tune")
    twins = [SongFactory(artist=f"Twin {n}", title="Same Name") for n in (1, 2)]
    return [clear, *twins]


def begin(listener, text, **more):
    return begin_file(listener=listener, data=text.encode(), file_name="My list.csv", **more)


def read_file(listener, text, **more):
    return finish_import(begin(listener, text, **more))


@pytest.fixture
def reviewed(listener, songs):
    text = f"{TABLE}Plain Tune,Clear Band,2020-01-02T03:04:05Z\nSame Name,,\nZzyzx Qwrtp,Nobody,\n"
    return read_file(listener, text)


def states(job):
    return dict(job.rows.values_list("name", "state"))


def act(job, action, **more):
    return import_review.act(listener=job.user, token=job.token, action=action, **more)


def test_nothing_is_liked_before_the_listener_says_so(reviewed):
    assert reviewed.state == PlaylistImport.State.REVIEW
    assert (reviewed.label, reviewed.n_total, reviewed.n_done) == ("My list", 3, 3)
    assert states(reviewed) == {
        "Clear Band - Plain Tune": "sure",
        "Same Name": "doubtful",
        "Nobody - Zzyzx Qwrtp": "missing",
    }
    assert not UserLikedSong.objects.exists()


def test_doubtful_row_has_its_candidates(reviewed, songs):
    [row] = imported_songs.list_rows(reviewed, state="doubtful")
    assert set(row.candidates) == {song.address for song in songs[1:]}
    assert imported_songs.list_candidates([row]).keys() == set(row.candidates)


@pytest.fixture
def long_file(listener, monkeypatch):
    """An import of seven songs, of which two at once get their rows."""
    for module in (imports, import_rows):
        monkeypatch.setattr(module, "STORED_AT_ONCE", 2)
    rows = "".join(f"Tune {n},Band {n},2020-01-02T03:04:0{n}Z\n" for n in range(1, 8))
    return begin(listener, f"{TABLE}{rows}")


def test_long_file_is_stored_by_the_worker_and_each_song_once(long_file):
    assert (long_file.n_total, long_file.rows.count(), long_file.is_paused) == (7, 0, False)
    assert import_review.estimate_searches(long_file).n_searches == 0  # there is no key
    job = finish_import(long_file)
    assert (job.state, job.new_rows) == ("review", None)
    rows = list(job.rows.order_by("number").values_list("number", "name", "liked_at"))
    assert [row[:2] for row in rows] == [(n, f"Band {n} - Tune {n}") for n in range(1, 8)]
    assert rows[0][2] == datetime(2020, 1, 2, 3, 4, 1, tzinfo=UTC)


def test_long_file_goes_on_by_itself_when_the_database_failed_while_it_was_stored(long_file):
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER broken BEFORE INSERT ON music_importrow WHEN NEW.number = 4 "
            "BEGIN SELECT RAISE(ABORT, 'the disk is broken'); END"
        )
    with pytest.raises(DatabaseError):
        jobs.run_import.call_local(long_file.token)
    long_file.refresh_from_db()
    assert list(long_file.rows.values_list("number", flat=True)) == [1, 2]
    assert long_file.is_open
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER broken")
    assert imports.list_open() == [long_file.token]
    job = finish_import(long_file)
    assert sorted(job.rows.values_list("number", flat=True)) == list(range(1, 8))
    assert job.state == "review"


def test_pile_of_sure_songs_is_liked_with_the_times_of_the_file(reviewed, songs):
    assert act(reviewed, "like", pile="sure").state == PlaylistImport.State.WAITING
    job = finish_import(reviewed)
    assert job.state == PlaylistImport.State.REVIEW
    [like] = UserLikedSong.objects.all()
    assert (like.song, like.created_at) == (songs[0], datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert states(job)["Clear Band - Plain Tune"] == "liked"


def test_doubtful_pile_takes_the_first_candidates_and_missing_words_are_kept(reviewed, songs):
    for pile in ("doubtful", "missing"):
        act(reviewed, "like", pile=pile)
        finish_import(reviewed)
    assert {like.song_name: like.song in songs[1:] for like in UserLikedSong.objects.all()} == {
        "Same Name": True,
        "Nobody - Zzyzx Qwrtp": False,
    }
    assert states(reviewed)["Nobody - Zzyzx Qwrtp"] == "kept"


def test_import_ends_with_its_last_pile(reviewed):
    for pile in ("sure", "doubtful", "missing"):
        act(reviewed, "like", pile=pile)
        job = finish_import(reviewed)
    assert (job.state, job.n_unresolved, job.paid_by) == (PlaylistImport.State.DONE, 1, None)
    with pytest.raises(InvalidInput, match="This import is finished"):
        act(job, "finish")


def test_choice_is_liked_and_helps_later_rows_of_the_same_name(reviewed, listener, songs):
    row = reviewed.rows.get(state="doubtful")
    act(reviewed, "choose", number=row.number, reference=songs[2].address)
    assert UserLikedSong.objects.get().song == songs[2]
    assert MatchCorrection.objects.get().song == songs[2]
    later = read_file(listener, f"{TABLE}Same Name,,\n")
    assert later.rows.get().state == "sure"
    assert later.rows.get().song == songs[2]


def test_row_is_looked_for_in_other_words(reviewed, songs):
    row = reviewed.rows.get(state="missing")
    act(reviewed, "reword", number=row.number, words="plain tune clear band")
    job = finish_import(reviewed)
    row.refresh_from_db()
    assert (row.state, row.song, job.state) == ("sure", songs[0], PlaylistImport.State.REVIEW)


def test_rows_are_left_out_or_kept_one_by_one_until_all_are_decided(reviewed):
    numbers = dict(reviewed.rows.values_list("state", "number"))
    act(reviewed, "leave", number=numbers["sure"])
    act(reviewed, "keep", number=numbers["missing"])
    job = act(reviewed, "leave", number=numbers["doubtful"])
    assert job.state == PlaylistImport.State.DONE
    assert [like.song_name for like in UserLikedSong.objects.all()] == ["Nobody - Zzyzx Qwrtp"]


def test_finish_leaves_the_rest_out(reviewed):
    assert act(reviewed, "finish").state == PlaylistImport.State.DONE
    assert not UserLikedSong.objects.exists()


@pytest.mark.parametrize(
    ("action", "more", "error"),
    [
        ("dance", {}, InvalidInput),
        ("like", {"pile": "liked"}, InvalidInput),
        ("choose", {"number": 99, "reference": "clear-band/plain-tune"}, NotFound),
        ("choose", {"number": 1, "reference": "no/such"}, NotFound),
        ("reword", {"number": 1, "words": "?!"}, InvalidInput),
        ("leave", {"number": 0}, NotFound),
    ],
)
def test_senseless_decision_is_refused(reviewed, action, more, error):
    with pytest.raises(error):
        act(reviewed, action, **more)
    assert states(reviewed)["Clear Band - Plain Tune"] == "sure"


def test_same_file_twice_changes_nothing(listener, songs):
    text = f"{TABLE}Plain Tune,Clear Band,2020-01-02T03:04:05Z\nZzyzx Qwrtp,Nobody,\n"
    for _ in range(2):
        job = read_file(listener, text, wants_review=False)
        likes_now = sorted(UserLikedSong.objects.values_list("pk", "song", "created_at"))
    assert len(likes_now) == 2
    assert sorted(job.rows.values_list("state", flat=True)) == ["had", "kept"]
    assert sorted(UserLikedSong.objects.values_list("pk", "song", "created_at")) == likes_now


def test_without_a_review_what_is_found_is_liked_and_words_are_kept(listener, songs):
    job = read_file(listener, f"{TABLE}Plain Tune,Clear Band,\nZzyzx,Nobody,\n", wants_review=False)
    assert (job.state, job.n_done, job.n_unresolved) == (PlaylistImport.State.DONE, 2, 1)
    assert UserLikedSong.objects.count() == 2


def test_order_of_a_file_without_times_is_kept(listener):
    named = [SongFactory(artist=f"Band {n}", title=f"Tune {n}") for n in range(5)]
    text = TABLE + "".join(f"{song.title},{song.artist},\n" for song in named)
    read_file(listener, text, wants_review=False)
    assert [like.song for like in likes.list_likes(listener=listener)] == named


def test_video_of_a_row_says_which_song_is_meant(listener):
    video = VideoFactory(video_id="fJ9rUzIMcZQ")
    other = SongFactory(artist="Other", title="Song")
    table = "Video ID,Song Title,Album Title,Artist Name 1\n"
    text = f"{table}fJ9rUzIMcZQ,Wrong,,Words\nxxxxxxxxxxx,Song,,Other\nyyyyyyyyyyy,,,\n"
    job = read_file(listener, text)
    rows = list(job.rows.order_by("number"))
    assert [row.state for row in rows] == ["sure", "sure", "missing"]
    assert [row.song_id for row in rows] == [video.song_id, other.pk, None]
    assert rows[2].name == "https://www.youtube.com/watch?v=yyyyyyyyyyy"


def test_equal_rows_are_one_and_rows_without_a_song_say_why(listener, songs):
    text = f"{TABLE}Plain Tune,Clear Band,\nplain tune,CLEAR BAND,\n,,2020-01-01\n?!,,\n"
    job = read_file(listener, text)
    assert list(job.rows.order_by("number").values_list("state", "why")) == [
        ("sure", ""),
        ("left", "There is no title."),
        ("left", "Name a song: this has no letter or digit."),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title,artist\n,\n", "No song was found in this file."),
        (
            TABLE + "".join(f"Song {n},Band,\n" for n in range(10_001)),
            "At most 10,000 different songs: this file has more.",
        ),
    ],
)
def test_file_without_songs_or_with_too_many_begins_nothing(listener, text, said):
    with pytest.raises(InvalidInput, match=said):
        begin(listener, text)
    assert not PlaylistImport.objects.exists()


def test_so_many_imports_wait_at_most(listener, monkeypatch):
    monkeypatch.setattr(imports, "MAX_OPEN_IMPORTS", 2)
    for _ in range(2):
        begin(listener, f"{TABLE}Song,Band,\n")
    with pytest.raises(InvalidInput, match="2 of your imports are not finished"):
        begin(listener, f"{TABLE}Song,Band,\n")


def test_paused_import_goes_on_where_it_stopped_and_cancelled_one_keeps_its_likes(
    listener, monkeypatch
):
    monkeypatch.setattr(import_parts, "SLICE", 2)
    monkeypatch.setattr(jobs, "TURN_SECONDS", 0)
    text = TABLE + "".join(f"Song {n},Band {n},\n" for n in range(6))
    job = begin(listener, text, wants_review=False)
    jobs.run_import.call_local(job.token)
    act(job, "pause")
    jobs.run_import.call_local(job.token)
    job.refresh_from_db()
    assert (job.n_done, job.is_paused) == (2, True)
    act(job, "resume")
    jobs.run_import.call_local(job.token)
    job = act(job, "cancel")
    assert (job.n_done, job.state, job.error) == (4, "done", imports.CANCELLED)
    jobs.run_import.call_local(job.token)
    assert job.rows.filter(state="waiting").count() == 2


def test_part_of_who_lost_the_import_meanwhile_is_not_written(listener, songs, monkeypatch):
    """As when a process is stopped for long, thought dead, and goes on."""
    job = begin(listener, f"{TABLE}Plain Tune,Clear Band,\n", wants_review=False)
    identify = import_parts.identify_rows

    def identify_late(*args, **kwargs):
        PlaylistImport.objects.update(claimed_by="another")
        return identify(*args, **kwargs)

    monkeypatch.setattr(import_parts, "identify_rows", identify_late)
    jobs.run_import.call_local(job.token)
    assert job.rows.get().state == "waiting"
    assert not UserLikedSong.objects.exists()


def test_decision_made_while_a_part_is_worked_on_stands(reviewed, monkeypatch):
    row = reviewed.rows.get(state="missing")
    act(reviewed, "reword", number=row.number, words="still unknown words")
    identify = import_parts.identify_rows

    def identify_late(*args, **kwargs):
        ImportRow.objects.filter(pk=row.pk).update(state="left")
        return identify(*args, **kwargs)

    monkeypatch.setattr(import_parts, "identify_rows", identify_late)
    finish_import(reviewed)
    row.refresh_from_db()
    assert row.state == "left"


def test_import_that_the_version_before_began_goes_on(listener, songs):
    job = PlaylistImport.objects.create(
        user=listener,
        token="old",
        pasted_songs=["done before", "Clear Band - Plain Tune", "Zzyzx"],
        n_done=1,
        n_total=3,
        state=PlaylistImport.State.RUNNING,
    )
    job = finish_import(job)
    assert (job.state, job.n_done, job.n_unresolved) == (PlaylistImport.State.DONE, 2, 1)
    assert UserLikedSong.objects.filter(song=songs[0]).count() == 1


def test_song_that_was_liked_before_is_told_so(listener, songs):
    LikeFactory(user=listener, song=songs[0], song_name="in my words")
    job = read_file(listener, f"{TABLE}Plain Tune,Clear Band,\n", wants_review=False)
    assert job.rows.get().state == "had"
    assert UserLikedSong.objects.get().song_name == "in my words"
