"""Forms that nobody honest sends to a page: each is a 4xx, and leaves nothing behind."""

from urllib.parse import quote

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import LikeFactory, ListenerFactory, SongFactory, VideoFactory

from .table import ROWS

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
MARKUP = "<img src=x onerror=alert(1)>"
POSTS = sorted(
    {row.address for row in ROWS if row.kind == "page" and row.method == "POST"} | {"/nowhere/"}
)
PAGES = sorted(
    row.address.partition("?")[0] for row in ROWS if row.kind == "page" and row.method == "GET"
)
IDS = {"like": "1", "token": "1", "mix": "t", "import": "t", "share": "t"}


@pytest.fixture
def visitor(db):
    """A browser to which a bug is a 500, as it is to people."""
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


@pytest.fixture(autouse=True)
def _nothing_is_left_behind(db):
    yield
    assert list(User.objects.filter(email=None)) == []


@pytest.fixture
def listener_with_markup(db):
    listener = ListenerFactory(display_name=MARKUP)
    song = SongFactory(artist=MARKUP, title=MARKUP, genre=MARKUP)
    LikeFactory(user=listener, song_name=MARKUP, song=song)
    LikeFactory(user=listener, song_name=f"{MARKUP} again", song=None)
    browser = Client()
    browser.force_login(listener, "django.contrib.auth.backends.ModelBackend")
    return browser


@pytest.mark.parametrize("address", POSTS)
@pytest.mark.parametrize("charset", ["utf-16", "latin-1", "rot13"])
def test_form_in_another_charset_is_refused(visitor, address, charset):
    response = visitor.generic(
        "POST", address.format(**IDS), b"songs=a", f"{FORM}; charset={charset}"
    )
    assert 400 <= response.status_code < 500
    assert response["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("address", POSTS)
def test_form_without_its_token_is_refused(visitor, address):
    assert visitor.post(address.format(**IDS), {"songs": "Yesterday"}).status_code in {403, 404}


OURS = [row for row in ROWS if row.method == "POST" and row.kind == "page"]
OURS = [row for row in OURS if not row.address.startswith(("/admin/", "/accounts/"))]


def spoil(body: dict) -> list[dict]:
    """``body`` with each field missing, empty, too long, or naming what is not there."""
    spoilt = [{name: body[name] for name in body if name != left_out} for left_out in body]
    return spoilt + [
        {**body, name: value} for name in body for value in ("", "no/such-thing", "x" * 2000)
    ]


MAKE_GUESTS = {"/likes/add/", "/likes/song/", "/import/", "/not-for-me/add/", "/steer/"}
MAKE_GUESTS |= {"/mixes/save/", "/share/"}
"""Where something is kept of who is not known yet."""


def test_form_that_is_refused_makes_nobody(db, own_index):
    VideoFactory(video_id="video", song=SongFactory(artist="Other", title="Song"))
    refused, made = set(), set()
    for row in OURS:
        spoilt = spoil(row.body or {}) if row.address in MAKE_GUESTS else []
        for body in [row.body or {}, *spoilt, {"playlist": "?"}]:
            response = Client().post(row.address.format(**IDS), body)
            if response.status_code >= 400:
                refused.add(row.address)
                left = User.objects.count(), "sessionid" in response.cookies
                assert left == (0, False), (row.address, body)
            elif User.objects.all().delete()[0]:
                made.add(row.address)
    assert made == MAKE_GUESTS
    assert made <= refused


BROKEN = [
    (b"--x\r\n", "multipart/form-data"),
    (b"--x\r\n", "multipart/form-data; boundary=\xff\xff"),
    (b'--x\r\nContent-Disposition: form-data; name="songs"\r\n\r\nabc\r\n--y', MULTIPART),
    (b"--x\r\nContent-Disposition: form-data; name=\xff\r\n\r\nabc\r\n--x--", MULTIPART),
    (b"&".join(b"a%d=1" % n for n in range(2000)), FORM),
    (b"songs=" + b"a" * 10_000_000, FORM),
]


@pytest.mark.parametrize("address", ["/likes/add/", "/accounts/login/", "/admin/login/"])
@pytest.mark.parametrize(("body", "content_type"), BROKEN, ids=range(len(BROKEN)))
def test_form_that_is_broken_or_too_large_is_a_4xx(visitor, address, body, content_type):
    response = visitor.generic("POST", address, body, content_type)
    assert 400 <= response.status_code < 500


TEXTS = ["\x00", "\ud800", "\u202e", "🎵", "a" * 5000, "9" * 400, "-1", "NaN", "1e309", "{{7*7}}"]


@pytest.mark.parametrize("page", PAGES)
def test_page_survives_any_value_in_its_address(db, page):
    names = ("q", "by", "page", "genre", "adventure", "limit", "next", "theme")
    for text in TEXTS:
        value = quote(text, errors="surrogatepass")
        address = page.format(
            **dict.fromkeys(("reference", "import", "like", "mix", "share"), value)
        )
        query = "&".join(f"{name}={value}" for name in names)
        response = Client(raise_request_exception=False).get(f"{address}?{query}")
        assert response.status_code < 500, (address, text)


def test_markup_in_names_is_shown_and_not_obeyed(listener_with_markup):
    for address in ("/", "/likes/", "/for-you/", "/taste/", "/search/?q=onerror", "/account/"):
        assert "<img src=x" not in listener_with_markup.get(address).text
    assert "&lt;img src=x onerror=alert(1)&gt;" in listener_with_markup.get("/likes/").text


FILE = (
    b'--x\r\nContent-Disposition: form-data; name="songs"; filename="songs.txt"\r\n'
    b"Content-Type: text/plain\r\n\r\n%s\r\n--x--\r\n"
)


@pytest.mark.parametrize("address", [*POSTS, "/accounts/login/", "/admin/login/", "/health"])
def test_file_that_is_too_large_is_refused_on_every_page_before_it_is_read(visitor, address):
    body = UnreadableBody(300_000_000)
    response = visitor.generic(
        "POST",
        address.format(**IDS),
        b"",
        MULTIPART,
        CONTENT_LENGTH=str(body.length),
        **{"wsgi.input": body},
    )
    assert response.status_code == (405 if address == "/health" else 413)


def test_file_is_never_written_to_the_disk(visitor, settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "not-there")
    body = FILE % (b"a" * 200_000)
    assert visitor.generic("POST", "/theme/", body, MULTIPART).status_code == 403


class UnreadableBody:
    """A body that is announced, and that nobody may begin to read."""

    def __init__(self, length: int) -> None:
        self.length = length

    def read(self, *_: int) -> bytes:
        raise AssertionError("a body that is too large was read")

    readline = read
