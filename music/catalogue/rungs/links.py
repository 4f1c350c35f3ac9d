"""The second rung: links to videos, which name a video exactly, so that nothing is matched.

Videos that are not stored are asked for by their ids, all links of a climb in one call of one unit,
or without a key one by one at YouTube's oEmbed address. A link climbs no further: a search for its
letters would cost quota and find nothing.
"""

import logging
from collections.abc import Collection, Mapping

from music.caching import queries
from music.caching.queries import CachedQuery
from music.catalogue.climb import UNRESOLVED, Climb
from music.collecting.leases import ask_alone
from music.errors import SourceError
from music.models import VideoFeature
from music.youtube import oembed
from music.youtube.availability import has_youtube
from tunetrace_site.replication.unit import unit_of_work

RUNG = "link"

logger = logging.getLogger(__name__)


def climb_links(climb: Climb) -> None:
    """Settle links by their videos, and give up those whose video cannot be shown."""
    for key, name in list(climb.pending.items()):
        if name.is_link_only and not name.video_id:  # a playlist, a channel, another site
            climb.give_up(key)
    linked = {key: name.video_id for key, name in climb.pending.items() if name.video_id}
    if not linked:
        return
    unknown = _settle_stored(climb, linked)
    if unknown and has_youtube():
        if climb.leases.enter_context(ask_alone(f"video {video_id}" for video_id in unknown)):
            unknown = _settle_stored(climb, linked)  # fetched by others meanwhile
        _fetch(unknown, climb.caller)
        _settle_stored(climb, linked)
    elif unknown and oembed.is_on():
        _fetch_without_key(unknown)
        _settle_stored(climb, linked)
    for key in linked:
        climb.give_up(key)


def _settle_stored(climb: Climb, linked: Mapping[str, str]) -> set[str]:
    """Answer with the videos that are stored; return the ids of the others."""
    rows = VideoFeature.objects.filter(video_id__in=linked.values(), available=True)
    stored = dict(rows.values_list("video_id", "song__address"))
    for key, video_id in linked.items():
        if video_id in stored:
            climb.settle(key, stored[video_id], video_id=video_id, confidence=1.0, rung=RUNG)
    return set(linked.values()) - stored.keys()


def _fetch(video_ids: Collection[str], caller: str) -> None:
    """Store these videos, and remember for a day which of them YouTube does not show."""
    from music.collecting.source import YouTubeSource

    asked = _leave_out_vain(video_ids)
    if not asked:
        return
    try:
        videos = YouTubeSource().fetch(asked, caller=caller)
    except SourceError as error:
        logger.warning("YouTube did not tell of %d linked videos: %s", len(asked), error)
        return
    with unit_of_work():
        VideoFeature.objects.store(videos)
    _remember_gone(set(asked) - {video.video_id for video in videos if video.available})


def _fetch_without_key(video_ids: Collection[str]) -> None:
    """Store these videos by their public descriptions, which need no key."""
    from music.collecting.pasted_links import fetch_linked

    found, gone = fetch_linked(_leave_out_vain(video_ids))
    if found:
        with unit_of_work():
            VideoFeature.objects.store(found)
    _remember_gone(gone)


def _leave_out_vain(video_ids: Collection[str]) -> list[str]:
    """Return those of ``video_ids`` that YouTube was not asked about without success lately."""
    vain = queries.fetch_many([_write_address(video_id) for video_id in video_ids])
    return [video_id for video_id in video_ids if _write_address(video_id) not in vain]


def _remember_gone(gone: Collection[str]) -> None:
    queries.store_many(CachedQuery(_write_address(i), None, rung=UNRESOLVED) for i in gone)


def _write_address(video_id: str) -> str:
    """Return the text under which a missing video is remembered: keys would mix up similar ids."""
    return f"youtu.be/{video_id}"
