"""The file of song names: what is found in it, and that all processes see what one writes."""

import shutil
from datetime import timedelta

import pytest
from django.utils import timezone

from music.catalogue import name_file, name_keeping
from music.catalogue.ngrams import TrigramIndex
from music.catalogue.song_index import StoredSongs
from music.models import Song
from tests.factories import SongFactory
from tunetrace_site.machine.array_files import CURRENT

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def many_songs(settings, tmp_path, monkeypatch):
    """From four songs on they are many, of which the file has two blocks."""
    settings.STATE_DIR = tmp_path
    monkeypatch.setattr(name_keeping, "FEW_SONGS", 3)
    monkeypatch.setattr(name_keeping, "_tries_again_at", 0.0)
    monkeypatch.setattr(name_file, "BLOCK", 4)
    monkeypatch.setattr("music.catalogue.song_index.LOOK_EVERY_SECONDS", 0.0)


@pytest.fixture
def stored():
    """Six songs that were stored an hour ago, each with a title of its own."""
    titles = ("Quagga", "Okapi (Forest Mix)", "Aardvark", "Quoll", "Numbat", "Dugong")
    songs = [
        SongFactory(artist=f"Zebra {n}", title=title, popularity=n)
        for n, title in enumerate(titles)
    ]
    age(songs)
    return songs


def age(songs):
    """As if they had been written an hour ago."""
    Song.objects.filter(pk__in=[s.pk for s in songs]).update(updated_at=timezone.now() - HOUR)


def find(process, text):
    process.refresh()
    return [candidate.song_id for candidate in process.find(text, 5)]


def test_what_processes_find_in_the_file_is_what_one_finds_that_keeps_all(stored, monkeypatch):
    SongFactory(artist="Rihanna", title="Umbrella")
    guest = SongFactory(artist="Eminem", title="Love the Way You Lie", aliases=["Rihanna"])
    age([*stored, guest])
    texts = ["zebra quagga", "zebra okap", "dugung", "eminem love", "rihanna", "", "夜"]
    mapped = StoredSongs()
    mapped.refresh()
    monkeypatch.setattr(name_keeping, "FEW_SONGS", 100)
    name_keeping.drop_file()
    kept = StoredSongs()
    kept.refresh()
    for text in texts:
        assert mapped.find(text, 4) == kept.find(text, 4)
        assert mapped.find_containing(text, 4) == kept.find_containing(text, 4)
    for word in ("quagga", "love", "zebra", "quag", ""):
        assert mapped.is_word(word) == kept.is_word(word)
    for said in (("Eminem", "Stan", ["Rihanna"]), ("Nobody", "Song", ["Other Title"])):
        made = [p.alias_book.make_candidate("a", *said, 1) for p in (mapped, kept)]
        assert made[0] == made[1]
    assert len(mapped) == len(kept) == Song.objects.count()
    assert (mapped.n_fresh, kept.n_fresh) == (0, Song.objects.count())


def test_parts_make_the_same_trigram_index_as_the_whole():
    texts = ["nirvana lithium", "queen", "", "nirvana polly", "夜に駆ける", "queen of pain"]
    parts = [name_file.find_pairs(texts[start : start + 2], start) for start in (0, 2, 4)]
    merged, whole = TrigramIndex.merge(parts, len(texts)), TrigramIndex.of(texts)
    for name in ("trigrams", "starts", "texts", "weights", "totals"):
        assert getattr(merged, name).tolist() == getattr(whole, name).tolist()


def test_second_process_maps_what_the_first_one_wrote(stored, monkeypatch):
    StoredSongs().refresh()
    monkeypatch.setattr(name_keeping, "_write", lambda: pytest.fail("written twice"))
    second = StoredSongs()
    assert find(second, "zebra quagga")[0] == stored[0].address
    assert second.n_fresh == 0


def test_every_process_finds_a_song_at_once_that_is_new_or_has_another_name(stored):
    processes = [StoredSongs(), StoredSongs()]
    for process in processes:
        process.refresh()
    new = SongFactory(artist="Zebra 9", title="Wombat")
    Song.objects.filter(pk=stored[0].pk).update(title="Pangolin", updated_at=timezone.now())
    for process in processes:
        assert find(process, "zebra wombat")[0] == new.address
        assert find(process, "zebra pangolin")[0] == stored[0].address
        assert stored[0].address not in find(process, "quagga")
        assert process.is_word("wombat")
        assert (len(process), process.n_fresh) == (7, 2)


def test_aliases_count_once_for_a_song_that_is_written_again(stored):
    once = SongFactory(artist="Zebra 0", title="Kudu", aliases=["Stripes"])
    age([once])
    process = StoredSongs()
    process.refresh()
    Song.objects.filter(pk=once.pk).update(updated_at=timezone.now(), popularity=99)
    process.refresh()
    assert process.find("kudu", 1)[0].titles == ("kudu", "stripes")
    again = SongFactory(artist="Zebra 0", title="Oryx", aliases=["Stripes"])
    assert find(process, "oryx") == [again.address]
    assert "stripes" in process.find("oryx", 1)[0].artists


def test_nothing_is_written_while_nothing_has_changed(stored):
    assert name_keeping.bring_up_to_date() == "Wrote the names of 6 songs."
    assert name_keeping.bring_up_to_date() == "The song names are up to date."
    SongFactory()
    assert name_keeping.bring_up_to_date() == "The song names are up to date."


def test_rows_that_no_time_tells_of_are_noticed_and_found_by_all(stored):
    name_keeping.bring_up_to_date()
    process = StoredSongs()
    process.refresh()
    copied = SongFactory(artist="Zebra 8", title="Wombat")
    age([copied])
    assert copied.address not in find(process, "wombat")
    assert name_keeping.bring_up_to_date() == "Wrote the names of 7 songs."
    assert find(process, "wombat")[0] == copied.address
    stored[0].delete()
    assert name_keeping.bring_up_to_date() == "Wrote the names of 6 songs."
    assert stored[0].address not in find(process, "quagga")


def test_many_new_songs_go_into_the_file_and_out_of_the_processes(stored):
    name_keeping.bring_up_to_date()
    process = StoredSongs()
    SongFactory.create_batch(4)
    process.refresh()
    assert process.n_fresh == 4
    assert name_keeping.bring_up_to_date() == "Wrote the names of 10 songs."
    age(Song.objects.all())
    process.refresh()
    assert len(process) == 10


def test_without_the_job_a_process_that_keeps_too_much_writes_the_file(stored):
    process = StoredSongs()
    process.refresh()
    version = name_keeping.find_version()
    SongFactory.create_batch(7)
    process.refresh()
    process.refresh()
    assert name_keeping.find_version() != version
    assert len(process) == 13


def test_few_songs_need_no_file():
    song = SongFactory(artist="Zebra", title="Quagga")
    process = StoredSongs()
    assert find(process, "zebra quagga") == [song.address]
    assert name_keeping.bring_up_to_date() == "The song names are up to date."
    assert name_keeping.find_version() is None


@pytest.mark.parametrize("damage", ["cut", "lost", "other name"])
def test_damaged_file_is_written_again(stored, damage):
    name_keeping.bring_up_to_date()
    folder = name_keeping._folder()
    lines = folder / name_keeping.find_version() / "lines.npy"
    if damage == "cut":
        lines.write_bytes(lines.read_bytes()[:-1])
    elif damage == "lost":
        shutil.rmtree(lines.parent)
    else:
        (folder / CURRENT).write_text("../elsewhere")
    process = StoredSongs()
    assert find(process, "zebra quagga")[0] == stored[0].address
    assert process.n_fresh == 0


def test_without_room_for_the_file_each_process_keeps_all_songs(stored, monkeypatch, caplog):
    def fail(*_args, **_named):
        raise OSError("No space left on device")

    monkeypatch.setattr("numpy.save", fail)
    process = StoredSongs()
    for _ in range(3):
        assert find(process, "zebra quagga")[0] == stored[0].address
    assert process.n_fresh == 6
    assert caplog.text.count("No space left on device") == 1
    with pytest.raises(OSError, match="No space"):
        name_keeping.bring_up_to_date()


def test_files_of_old_versions_go_after_a_day(stored, monkeypatch):
    other = name_keeping._folder().parent / "of-an-old-version"
    other.mkdir(parents=True)
    name_keeping.bring_up_to_date()
    assert other.exists()
    monkeypatch.setattr(name_keeping, "_OLD_SECONDS", -1.0)
    name_keeping.bring_up_to_date()
    assert not other.exists()
    assert name_keeping.find_version()
