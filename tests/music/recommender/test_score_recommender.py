"""The command that scores a folder of listening data."""

import json

import pytest
from django.core.management import CommandError, call_command

from music.recommender import offline_scoring

MODELS = {
    "tunetrace",
    "tunetrace-ranking",
    "popularity",
    "shared-two-likes",
    "mean-tfidf",
    "item-knn",
}


@pytest.fixture
def folder(tmp_path):
    """Twelve listeners of two tastes over twenty songs; the text says which taste a song is."""
    train, test = [], []
    for listener in range(12):
        songs = [2 * ((listener + k) % 10) + listener % 2 for k in range(0, 9)]
        train.append(" ".join(map(str, [listener, *songs[:6]])))
        test.append(" ".join(map(str, [listener, *songs[6:]])))
    items = [f"{song},Artist {song},{('metal', 'bossa')[song % 2]}:9|music" for song in range(20)]
    (tmp_path / "train.txt").write_text("\n".join(train))
    (tmp_path / "test.txt").write_text("\n".join(test))
    (tmp_path / "items.csv").write_text("\n".join(["item,name,tags", *items]))
    return tmp_path


def score(capsys, *arguments):
    call_command("score_recommender", *map(str, arguments), "--format", "json")
    return json.loads(capsys.readouterr().out)


def test_score_recommender_json_has_every_model_and_metric(folder, capsys):
    figures = score(capsys, folder)
    assert set(figures) == MODELS
    metrics = {f"{m}@{k}" for m in ("recall", "ndcg", "hitrate", "coverage") for k in (10, 20)}
    assert all(set(values) == metrics for values in figures.values())
    assert figures["tunetrace"]["recall@10"] == 1.0
    assert figures["popularity"]["recall@10"] < 1.0


def test_score_recommender_slices_include_new_songs(folder, capsys):
    figures = score(capsys, folder, "--slices")
    assert figures["new songs"]["tunetrace"]["recall@20"] > 0.0
    assert set(figures["1 likes given"]) == MODELS


def test_score_recommender_without_text_runs(folder, capsys):
    assert score(capsys, folder, "--without-text")["mean-tfidf"]["coverage@20"] > 0.0


def test_score_recommender_table_names_the_models(folder, capsys):
    call_command("score_recommender", str(folder))
    lines = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in lines[1:] if line} == MODELS


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("train.txt", None, "lacks train.txt"),
        ("test.txt", "", "test.txt holds no likes"),
        ("train.txt", "1 2 3\n2 x", "train.txt, line 2: ids must be whole numbers"),
        ("test.txt", b"1 \xff", "test.txt cannot be read"),
        ("items.csv", "id,tags\n1,a", "the columns item and name are needed"),
        ("items.csv", "item,name,tags\nx,y,z", "line 2: a whole number and a name are needed"),
    ],
)
def test_score_recommender_broken_folder_says_what_is_wrong(folder, name, content, reason):
    path = folder / name
    if content is None:
        path.unlink()
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content)
    with pytest.raises(CommandError, match=reason):
        call_command("score_recommender", str(folder))


def test_score_recommender_missing_valid_is_named(folder):
    with pytest.raises(CommandError, match=r"has no valid\.txt"):
        call_command("score_recommender", str(folder), "--target", "valid")


def test_score_recommender_no_folder_is_named(tmp_path):
    with pytest.raises(CommandError, match="is not a folder"):
        call_command("score_recommender", str(tmp_path / "nothing"))


def test_score_recommender_of_an_empty_folder_says_what_is_missing(tmp_path):
    with pytest.raises(CommandError, match=r"lacks train\.txt and test\.txt"):
        call_command("score_recommender", str(tmp_path))


def test_score_recommender_that_is_stopped_ends_in_one_line(folder, monkeypatch):
    def stop(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(offline_scoring, "score", stop)
    with pytest.raises(CommandError, match="Stopped before the end"):
        call_command("score_recommender", str(folder))
