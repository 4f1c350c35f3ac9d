"""Reads a channel's uploads page by page: as far as a caller waits for them, then to the end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from music.youtube.answers import PlaylistPage

from .parallel_calls import Questions
from .source import YouTubeSource

CHANNEL_PAGES = 4
"""Pages of uploads that are read: the newest 200 of an artist."""
OTHERS_PAGES = 10
"""Pages of a channel that shows other people's songs: it may be all that shows some of them."""
CHANNEL_EVERY = timedelta(days=7)
"""How often a channel is read from its beginning, by a climb or by the harvest."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """The place up to which a channel has been read."""

    channel_id: str
    page_token: str = ""
    n_read: int = 0

    def ask(
        self,
        questions: Questions,
        *,
        caller: str,
        then: Callable[["Bookmark", PlaylistPage | None], None],
    ) -> None:
        """Ask for the next 50 titles; one unit. ``then`` gets None where there is no channel."""
        read = partial(
            YouTubeSource().list_uploads, self.channel_id, caller=caller, page_token=self.page_token
        )
        questions.ask(read, partial(then, self))

    def after(self, page: PlaylistPage | None) -> "Bookmark | None":
        """Return the bookmark after ``page``; None at the end."""
        n_read = self.n_read + 1
        if page is None or not page.next_page_token or n_read >= CHANNEL_PAGES:
            return None
        return Bookmark(self.channel_id, page.next_page_token, n_read)
