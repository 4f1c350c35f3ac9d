"""Where a Redis (or Valkey) is: one server, or several that Sentinels watch, told by one URL.

``redis://user:password@host:6379/0``, ``rediss://`` with TLS, ``unix:///path``; and
``redis+sentinel://user:password@host:26379,host:26379/service/0`` (``rediss+sentinel://``), whose
query may say ``sentinel_user`` and ``sentinel_password``. ``valkey`` may stand for ``redis``.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from . import env

SENTINEL_PORT = 26379
_ONE_SERVER = ("redis", "rediss", "unix")
_SENTINELS = ("redis+sentinel", "rediss+sentinel")
_ALLOWED = (
    "a URL that starts with redis://, rediss:// or unix://, or"
    " redis+sentinel://host:26379,host:26379/service/0"
)
_NO_CLUSTER = (
    "names a Redis Cluster, which TuneTrace cannot use: the queue of jobs and its transactions need"
    " all keys in one place. Use one Redis, or several with redis+sentinel:// (docs/choices.md)."
)
_HOST = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[^\[\]:,@/]{1,253})(?::(?P<port>\d{1,5}))?")


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """A server (``url``), or the ``sentinels`` (host, port) that know which server of ``service``
    is the primary, and what to tell it.
    """

    url: str = ""
    sentinels: tuple[tuple[str, int], ...] = ()
    service: str = ""
    database: int = 0
    has_tls: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    sentinel_user: str | None = None
    sentinel_password: str | None = field(default=None, repr=False)


def read_redis_url(name: str) -> str | None:
    """The URL of the variable ``name``, which ``parse_redis_url`` understands; ``None`` when unset.

    Raises ``WrongVariable``; credentials never reach the error.
    """
    url = env.read_text(name)
    if url is None:
        return None
    scheme = _find_scheme(url)
    if "cluster" in scheme:
        raise env.WrongVariable(f"{name}={scheme}://… {_NO_CLUSTER}")
    if scheme in _ONE_SERVER:
        # Which says what is wrong with its port and its host.
        env.read_url(name, (url.partition("://")[0],))
        return url
    shown = f"{scheme}://…" if scheme else "a text without a scheme"
    wrong = env.WrongVariable(f"{name}={shown!r} is not valid: use {_ALLOWED}.")
    if scheme not in _SENTINELS:
        raise wrong
    try:
        parse_redis_url(url)
    except ValueError:
        raise wrong from None
    return url


def parse_redis_url(url: str) -> RedisAddress:
    """Parse a URL. Raises ``ValueError`` for one without a Sentinel, service or database."""
    scheme = _find_scheme(url)
    if scheme not in _SENTINELS:
        return RedisAddress(url=f"{scheme}://{url.partition('://')[2]}")
    parts = urlsplit(url)
    credentials, _, hosts = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    service, _, database = parts.path.strip("/").partition("/")
    if not service:
        raise ValueError("no service")
    query = dict(parse_qsl(parts.query))
    return RedisAddress(
        sentinels=tuple(_parse_host(host) for host in hosts.split(",")),
        service=unquote(service),
        database=int(database or 0),
        has_tls=scheme == "rediss+sentinel",
        user=unquote(user) or None,
        password=unquote(password) or None,
        sentinel_user=query.get("sentinel_user"),
        sentinel_password=query.get("sentinel_password"),
    )


def _find_scheme(url: str) -> str:
    scheme, colon, _ = url.partition("://")
    return re.sub("^valkey", "redis", scheme.lower()) if colon else ""


def _parse_host(text: str) -> tuple[str, int]:
    found = _HOST.fullmatch(text)
    port = int((found and found["port"]) or SENTINEL_PORT)
    if not found or not 0 < port < 65_536:
        raise ValueError("no host and port")
    return found["host"].strip("[]"), port
