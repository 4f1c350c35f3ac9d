import csv
import json

import pytest
from django.core.management import call_command

from music.domain.exporting import export_feedback
from music.domain.song_joining import join_songs
from music.models import Impression
from tests.factories import LikeFactory, ListenerFactory, SongFactory, show_list

pytestmark = pytest.mark.django_db


def test_latest_fifth_of_each_listeners_likes_is_the_test(tmp_path):
    listener = ListenerFactory()
    likes = [LikeFactory(user=listener) for _ in range(5)]
    summary = export_feedback(tmp_path)
    assert (summary.n_listeners, summary.n_songs) == (1, 5)
    assert (tmp_path / "train.txt").read_text() == "0 0 1 2 3\n"
    assert (tmp_path / "test.txt").read_text() == "0 4\n"
    with (tmp_path / "items.csv").open() as file:
        assert [row["name"] for row in csv.DictReader(file)] == [str(li.song) for li in likes]


def test_export_is_a_folder_that_can_be_scored(tmp_path, capsys):
    songs = [like.song for like in LikeFactory.create_batch(8)]
    for _ in range(3):
        listener = ListenerFactory()
        for song in songs:
            LikeFactory(user=listener, song=song)
    export_feedback(tmp_path)
    call_command("score_recommender", str(tmp_path), "--format", "json")
    assert json.loads(capsys.readouterr().out)["tunetrace"]["recall@10"] == 1.0


def test_likes_not_to_learn_from_stay_out(tmp_path):
    LikeFactory(learn=False)
    LikeFactory(song=None, song_name="Unknown")
    assert export_feedback(tmp_path).n_songs == 0


def test_impressions_say_what_became_of_them_and_name_nobody(tmp_path):
    like, joined, other = LikeFactory(), SongFactory(), SongFactory()
    join_songs(song=joined, into=like.song)
    about = {"user": like.user, "request_id": "a" * 16 + "b" * 16}
    row = show_list(other, joined, **about, stages=["popular", "content"])
    row.note("liked_at", {joined.pk}, like.created_at)
    row.save()
    Impression.objects.create(  # as the version before wrote it
        **about, song=like.song, position=3, stage="content", dismissed_at=like.created_at
    )
    assert export_feedback(tmp_path).n_impressions == 3
    lines = (tmp_path / "impressions.jsonl").read_text().splitlines()
    names = ("list", "item", "position", "stage", "liked", "dismissed")
    assert [tuple(json.loads(line)[name] for name in names) for line in lines] == [
        ("b" * 16, None, 1, "popular", False, False),
        ("b" * 16, 0, 2, "content", True, False),
        ("b" * 16, 0, 3, "content", False, True),
    ]


def test_command_says_what_it_wrote(tmp_path, capsys):
    LikeFactory()
    call_command("export_feedback", str(tmp_path / "new"))
    assert capsys.readouterr().out == (
        f"Wrote 1 listeners, 1 songs and 0 impressions to {tmp_path / 'new'}.\n"
    )
