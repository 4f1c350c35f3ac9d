from dataclasses import replace

import pytest

from music.domain.playing import show_songs
from music.pages.cards import build_cards
from music.records import Cause, Suggestion
from music.templatetags.music_tags import part
from tests.factories import DismissalFactory, LikeFactory, ListenerFactory, SongFactory


def suggest(*because):
    return Suggestion(
        song_id="a/t", title="T", artist="A", score=1.0, stage="content", because=because
    )


@pytest.mark.django_db
def test_cards_know_what_the_listener_thinks_and_nobody_else(django_assert_num_queries):
    listener = ListenerFactory()
    like, dismissal = LikeFactory(user=listener), DismissalFactory(user=listener)
    songs = show_songs([like.song, dismissal.song, LikeFactory().song])
    with django_assert_num_queries(3):
        cards = build_cards(songs, listener)
    assert [card.state for card in cards] == ["liked", "dismissed", "new"]
    assert cards[0].is_liked
    assert len({card.dom_id for card in cards}) == 3


@pytest.mark.django_db
def test_cards_of_somebody_unknown_cost_nothing(django_assert_num_queries):
    songs = show_songs([SongFactory()])
    with django_assert_num_queries(0):
        assert [card.state for card in build_cards(songs, None)] == ["new"]


def test_reason_names_whom_listeners_of_the_seed_s_artist_also_love():
    cause = Cause("abba/fernando", "Fernando", 1.0, how="loved", artist="ABBA")
    [card] = build_cards([replace(suggest(cause), artist="A & B")], None)
    html = part("music/_because.html", card=card)
    assert "listeners of <bdi>ABBA</bdi> also love <bdi>A &amp; B</bdi>" in html


def test_only_weighty_causes_are_named():
    because = (Cause("a", "A", 0.6), Cause("b", "B", 0.24), Cause("c", "C", 0.23))
    [card] = build_cards([suggest(*because)], None)
    assert [cause.title for cause in card.because] == ["A", "B"]
