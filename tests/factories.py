"""One factory a model; texts are realistic, ids are of the right shape."""

import factory

from accounts.models import User
from music.models import Dismissal, UserLikedSong, VideoFeature
from music.names.normalization import normalize_key

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
    """A playable YouTube video of a song."""

    class Meta:
        model = VideoFeature

    video_id = factory.Sequence(lambda n: f"video{n:06d}")
    artist = factory.Sequence(lambda n: f"Artist {n}")
    song_title = factory.Sequence(lambda n: f"Song {n}")
    title = factory.LazyAttribute(lambda song: f"{song.artist} - {song.song_title}")
    artist_key = factory.LazyAttribute(lambda song: normalize_key(song.artist))
    title_key = factory.LazyAttribute(lambda song: normalize_key(song.song_title))
    genre = "Rock"
    tags = factory.LazyFunction(lambda: ["rock", "energetic"])
    duration = 200
    popularity = 50


class LikeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = UserLikedSong

    user = factory.SubFactory(ListenerFactory)
    video = factory.SubFactory(SongFactory)
    song_name = factory.LazyAttribute(lambda like: str(like.video))


class DismissalFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Dismissal

    user = factory.SubFactory(ListenerFactory)
    video = factory.SubFactory(SongFactory)
