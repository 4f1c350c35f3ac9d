"""Routes of the pages. ``/suggestions``, ``/liked-songs``, ``/discover`` are the API's."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from .views import (
    exports,
    history,
    imports,
    likes,
    listenbrainz,
    listener,
    listening,
    many_likes,
    mixes,
    sharing,
    site,
    songs,
    steering,
    suggestions,
)


class SongConverter(StringConverter):
    """A song's address, such as ``nirvana/come-as-you-are``, or a YouTube id."""

    regex = r"(?:[^/\x00-\x1f]{1,200}/)?[^/\x00-\x1f]{1,200}"


register_converter(SongConverter, "reference")

urlpatterns = [
    path("", songs.home, name="home"),
    path("search/suggest/", songs.suggest, name="suggest"),
    path("search/", songs.search, name="search"),
    path("songs/<reference:reference>", songs.song, name="song"),
    path("for-you/", suggestions.for_you, name="for_you"),
    path("for-you/more/", suggestions.more_songs, name="more_songs"),
    path("for-you/next/", suggestions.next_song, name="next_song"),
    path("steer/", steering.steer, name="steer"),
    path("steer/undo/", steering.undo_steering, name="undo_steering"),
    path("for-you/export/", exports.suggestions_file, name="suggestions_file"),
    path("not-for-me/", suggestions.dismissals, name="dismissals"),
    path("not-for-me/add/", suggestions.dismiss, name="dismiss"),
    path("not-for-me/undo/", suggestions.undo_dismiss, name="undo_dismiss"),
    path("opinion/", listening.opinion, name="opinion"),
    path("plays/", listening.playback, name="playback"),
    path("plays/trouble/", listening.report, name="report_video"),
    path("mixes/", mixes.list_mixes, name="mixes"),
    path("mixes/save/", mixes.save_mix, name="save_mix"),
    path("mixes/<slug:token>/", mixes.show_mix, name="mix"),
    path("mixes/<slug:token>/rename/", mixes.rename_mix, name="rename_mix"),
    path("mixes/<slug:token>/place/", mixes.place_song, name="place_song"),
    path("mixes/<slug:token>/delete/", mixes.delete_mix, name="delete_mix"),
    path("mixes/<slug:token>/share/", sharing.share_one_mix, name="share_mix"),
    path("history/", history.history, name="history"),
    path("history/clear/", history.clear, name="clear_history"),
    path("history/learning/", history.learn_from_plays, name="learn_from_plays"),
    path("likes/", likes.likes, name="likes"),
    path("mixes/<str:token>/export/", exports.mix_file, name="mix_file"),
    path("likes/export/", exports.likes_file, name="likes_file"),
    path("likes/add/", likes.add_likes, name="add_likes"),
    path("likes/song/", likes.like, name="like"),
    path("likes/song/undo/", likes.unlike, name="unlike"),
    path("likes/many/", many_likes.change_many, name="change_many"),
    path("likes/many/restore/", many_likes.restore_many, name="restore_many"),
    path("likes/restore/", likes.restore_like, name="restore_like"),
    path("likes/<int:like_id>/remove/", likes.remove_like, name="remove_like"),
    path("likes/<int:like_id>/learning/", likes.learning, name="learning"),
    path("likes/<int:like_id>/match/", likes.match, name="match"),
    path("import/", imports.new_import, name="new_import"),
    path("import/<str:token>/", imports.show_import, name="import"),
    path("import/<str:token>/change/", imports.change_import, name="change_import"),
    path("import/<str:token>/rows/", imports.import_rows, name="import_rows"),
    path("share/", sharing.sharing, name="sharing"),
    path("shared/<str:token>/", sharing.shared, name="shared"),
    path("shared/<str:token>/feed/", sharing.shared_feed, name="shared_feed"),
    path("taste/", listener.taste, name="taste"),
    path("account/listenbrainz/", listenbrainz.listenbrainz_link, name="listenbrainz"),
    path("account/export/", listener.export, name="export"),
    path("account/delete/", listener.delete, name="delete_everything"),
    path("about/", site.about, name="about"),
    path("privacy/", site.privacy, name="privacy"),
    path("favicon.ico", site.favicon, name="favicon"),
    path("theme/", site.theme, name="theme"),
]
