"""The tables of TuneTrace, one noun a file."""

from .chore import Chore
from .correction import MatchCorrection
from .dismissal import Dismissal
from .feedback import Impression, Playback
from .liked_song import UserLikedSong
from .mix import Mix
from .playlist_import import PlaylistImport
from .query_cache import QueryCache
from .quota import QuotaUsage
from .song import Song
from .song_move import SongMove
from .steering import Steering
from .video_feature import VideoFeature
from .video_report import VideoReport

__all__ = [
    "Chore",
    "Dismissal",
    "Impression",
    "MatchCorrection",
    "Mix",
    "Playback",
    "PlaylistImport",
    "QueryCache",
    "QuotaUsage",
    "Song",
    "SongMove",
    "Steering",
    "UserLikedSong",
    "VideoFeature",
    "VideoReport",
]
