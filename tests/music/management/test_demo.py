"""A site to look at: made-up listeners, and an operator who can sign in."""

import re

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from music.domain.taste import describe_taste
from music.management.commands.demo import LISTENERS, N_LIKES
from music.models import Dismissal, Impression, Playback, UserLikedSong
from tests.servers.catalogue import copy_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(240)]


def count_rows() -> list[int]:
    models = (User, UserLikedSong, Playback, Impression, Dismissal)
    return [model.objects.count() for model in models]


@pytest.mark.django_db(transaction=True)
def test_demo_fills_charts_and_makes_an_operator_and_repeats_nothing(
    settings, own_index, capsys, make_site_folder
):
    settings.DEBUG = True
    copy_catalogue(make_site_folder())
    call_command("demo")
    said = capsys.readouterr().out
    n_users, n_likes, n_plays, n_shown, n_dismissed = count_rows()
    assert n_users == len(LISTENERS) + 1
    assert n_likes >= len(LISTENERS) * N_LIKES
    assert n_plays > n_dismissed == len(LISTENERS)
    assert n_shown >= len(LISTENERS)
    for listener in User.objects.filter(is_staff=False):
        taste = describe_taste(listener=listener)
        assert taste.n_likes >= N_LIKES
        assert taste.genres
        assert taste.decades

    password = re.search(r"password (\S+)", said)[1]
    for email, status in (("operator@demo.example", 200), ("listener1@demo.example", 302)):
        client = Client()
        client.post("/accounts/login/", {"login": email, "password": password})
        assert client.get("/account/").status_code == 200
        assert client.get("/admin/").status_code == status

    call_command("demo")
    assert count_rows() == [n_users, n_likes, n_plays, n_shown, n_dismissed]


def test_demo_is_refused_without_debug(settings):
    settings.DEBUG = False
    with pytest.raises(CommandError, match="set DEBUG=true"):
        call_command("demo")
    assert not User.objects.exists()


def test_demo_is_refused_without_songs(settings):
    settings.DEBUG = True
    with pytest.raises(CommandError, match="run load_catalogue first"):
        call_command("demo")
    assert not User.objects.exists()
