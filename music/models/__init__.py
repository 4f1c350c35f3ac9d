"""The tables of TuneTrace, one noun a file."""

from .chore import Chore
from .correction import MatchCorrection
from .dismissal import Dismissal
from .feedback import Playback, SuggestionSum
from .import_row import ImportRow
from .impression import Impression
from .liked_song import UserLikedSong
from .listenbrainz import Listen, ListenBrainzLink, LovedThere
from .mix import Mix
from .playlist_import import PlaylistImport
from .query_cache import QueryCache
from .quota import QuotaUsage
from .scheduled_job import ScheduledJob
from .share import Share
from .song import Song
from .song_move import SongMove
from .steering import Steering
from .video_feature import VideoFeature
from .video_report import VideoReport

__all__ = [
    "Chore",
    "Dismissal",
    "ImportRow",
    "Impression",
    "Listen",
    "ListenBrainzLink",
    "LovedThere",
    "MatchCorrection",
    "Mix",
    "Playback",
    "PlaylistImport",
    "QueryCache",
    "QuotaUsage",
    "ScheduledJob",
    "Share",
    "Song",
    "SongMove",
    "Steering",
    "SuggestionSum",
    "UserLikedSong",
    "VideoFeature",
    "VideoReport",
]
