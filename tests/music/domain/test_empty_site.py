"""A site on which nothing was loaded yet."""

import pytest

from music.domain import songs, suggestions
from music.errors import NothingToSuggest

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_index")]


def test_nothing_to_suggest_is_said_plainly():
    with pytest.raises(NothingToSuggest):
        suggestions.suggest_popular()


def test_search_finds_nothing_and_says_what_would_help():
    found = songs.search_songs(text="Yesterday")
    assert found.songs == ()
    assert found.notices == (
        "Nothing in the bundled catalogue matches “Yesterday”. "
        "With a YouTube API key TuneTrace finds any song.",
    )
