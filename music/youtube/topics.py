"""Genres from the topics that YouTube gives a video (``topicDetails.topicCategories``).

Topics are addresses of Wikipedia articles. The list of music topics is in the reference of the
``videos`` resource, under ``topicDetails.topicIds[]``.
"""

from collections.abc import Iterable

# From the most to the least specific: a video often has "Pop_music" beside something better.
_GENRES = {
    "Christian_music": "Gospel",
    "Classical_music": "Classical",
    "Country_music": "Country",
    "Jazz": "Jazz",
    "Reggae": "Reggae",
    "Hip_hop_music": "Hip-Hop",
    "Soul_music": "Soul",
    "Rhythm_and_blues": "R&B",
    "Electronic_music": "Electronic",
    "Music_of_Latin_America": "Latin",
    "Independent_music": "Indie",
    "Rock_music": "Rock",
    "Pop_music": "Pop",
}


def find_topic_genre(topic_categories: Iterable[str]) -> str:
    """Return the most specific genre of a video's topics; empty when none is about music."""
    topics = {address.rpartition("/")[2] for address in topic_categories}
    return next((genre for topic, genre in _GENRES.items() if topic in topics), "")
