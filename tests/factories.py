"""One factory a model; texts are realistic, ids are of the right shape."""

from itertools import count

import factory

from accounts.models import User
from music.models import Dismissal, Impression, Song, UserLikedSong, VideoFeature

PASSWORD = "correct horse battery staple"


class ListenerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"listener{n}@example.org")
    password = factory.django.Password(PASSWORD)


class GuestFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    is_guest = True
    password = factory.django.Password(None)


class SongFactory(factory.django.DjangoModelFactory):
    """A song of the bundled catalogue, without a video; ``is_bundled=False``: a learnt one."""

    class Meta:
        model = Song

    artist = factory.Sequence(lambda n: f"Artist {n}")
    title = factory.Sequence(lambda n: f"Song {n}")
    genre = "Rock"
    tags = factory.LazyFunction(lambda: ["rock", "energetic"])
    popularity = 50
    is_bundled = True

    @classmethod
    def _build(cls, model_class, *args, **kwargs):
        return model_class.named(kwargs.pop("artist"), kwargs.pop("title"), **kwargs)

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        song = cls._build(model_class, *args, **kwargs)
        song.save(force_insert=True)
        return song


class VideoFactory(factory.django.DjangoModelFactory):
    """A playable take of a song: ``song__artist="Nirvana"`` names it; ``song=None``: of no song."""

    class Meta:
        model = VideoFeature

    video_id = factory.Sequence(lambda n: f"video{n:06d}")
    song = factory.SubFactory(SongFactory, is_bundled=False)
    title = factory.LazyAttribute(
        lambda video: f"{video.song.artist} - {video.song.title}" if video.song else "A video"
    )
    channel_title = factory.LazyAttribute(lambda video: video.song.artist if video.song else "")
    genre = "Rock"
    tags = factory.LazyFunction(lambda: ["rock", "energetic"])
    duration = 200
    view_count = 100_000


class LikeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = UserLikedSong

    user = factory.SubFactory(ListenerFactory)
    song = factory.SubFactory(SongFactory)
    song_name = factory.LazyAttribute(lambda like: str(like.song))


class DismissalFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Dismissal

    user = factory.SubFactory(ListenerFactory)
    song = factory.SubFactory(SongFactory)


_lists = count(1)


def show_list(*songs, user=None, stages=(), **columns):
    """A stored list of ``songs`` as it was suggested to ``user``; ``stages`` default to content."""
    row = Impression.of_list(
        user_id=(user or ListenerFactory()).pk,
        request_id=columns.pop("request_id", f"list{next(_lists)}"),
        songs=[
            (song.pk, stage)
            for song, stage in zip(songs, stages or ["content"] * len(songs), strict=True)
        ],
        **columns,
    )
    row.save(force_insert=True)
    return row
