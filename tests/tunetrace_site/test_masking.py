"""The page of an error with DEBUG shows no password of a database, a cache or a mail server."""

import sys

import pytest
from django.test import RequestFactory
from django.views.debug import technical_500_response

from tunetrace_site.env import PostgresAddress
from tunetrace_site.masking import mask_urls

SECRET = "s3cret-w0rd"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("postgres://user:secret@host:5432/name", "postgres://user:********@host:5432/name"),
        ("redis://:secret@host/0", "redis://:********@host/0"),
        ("at smtp://a:b@c and redis://d:e@f", "at smtp://a:********@c and redis://d:********@f"),
        ("postgres://user:p@ss:w@rd@host/name", "postgres://user:********@host/name"),
        ("https://music.example.org:8000/a@b", "https://music.example.org:8000/a@b"),
        ("no URL: a@b", "no URL: a@b"),
    ],
)
def test_passwords_of_urls_are_masked(text, masked):
    assert mask_urls(text) == masked


def test_page_of_an_error_masks_urls_in_settings_and_variables(settings):
    url = f"postgres://tunetrace:{SECRET}@postgres/tunetrace"
    settings.DEBUG = True
    settings.POSTGRES_DATABASE_URL = url
    settings.REDIS_URL = f"redis://:{SECRET}@redis/0"
    settings.CACHES = {"redis": {"LOCATION": settings.REDIS_URL, "OPTIONS": [settings.REDIS_URL]}}
    address = PostgresAddress("tunetrace", "tunetrace", SECRET, "postgres", "5432")
    try:
        raise RuntimeError(f"{address.host} is not there")
    except RuntimeError:
        page = technical_500_response(RequestFactory().get("/"), *sys.exc_info()).text
    assert "POSTGRES_DATABASE_URL" in page
    assert "postgres://tunetrace:********@postgres/tunetrace" in page
    assert "redis://:********@redis/0" in page
    shown = page.replace("s3cret-w0rd&quot;", "")  # this file's own source
    assert f":{SECRET}@" not in shown
