"""Folders of listening data as they come: other columns, gaps, blank lines."""

from music.recommender.listening_files import read_listening_folder


def read(folder, items: str, train: str = "1 2 3", test: str = "1 4"):
    (folder / "train.txt").write_text(train)
    (folder / "test.txt").write_text(test)
    (folder / "items.csv").write_text(items, encoding="utf-8")
    data = read_listening_folder(folder)
    return data, {document.song_id: document for document in data.documents}


def test_read_songs_of_the_test_alone_and_listeners_without_training_likes(tmp_path):
    data, documents = read(tmp_path, "item,name\n2,Two", "1 2 3\n\n7\n", "\n1 9\n8 2\n")
    assert data.train == {"1": ("2", "3"), "7": ()}
    assert data.test == {"1": ("9",), "8": ("2",)}
    assert sorted(documents) == ["2", "3", "9"]


def test_read_items_with_columns_of_their_own(tmp_path):
    items = '\ufeffItem,Title,artist,album,genres\n2,"Hello, ""You""",Kai,17,pop|soul\n3,,,,\n'
    _, documents = read(tmp_path, items)
    assert documents["2"].title == 'Hello, "You"'
    assert documents["2"].artist == "Kai"
    assert documents["2"].tags == ("pop", "soul", "album 17")
    assert documents["3"].tags == ()


def test_read_tags_with_counts_without_and_with_labels(tmp_path):
    items = "item,name,tags\n2,a,album:5|rock:3|mellow\n3,b,album:6|rock:1.5\n4,c,album:5|a:b"
    _, documents = read(tmp_path, items)
    assert documents["2"].tags == ("album:5", "rock", "mellow")
    assert documents["2"].tag_weights == (10.0, 3.0, 10.0)
    assert documents["3"].tag_weights == (10.0, 1.5)
    assert documents["4"].tags == ("album:5", "a:b")
