"""Readers of typed environment variables; an error names the variable, its value and the fix."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar, overload
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

Number = TypeVar("Number", int, float)

POSTGRES_SCHEMES = ("postgres", "postgresql")
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


class WrongVariable(ImproperlyConfigured):
    """The value of an environment variable cannot be used; the text says what is allowed."""


def _refuse(name: str, value: str, allowed: str) -> WrongVariable:
    return WrongVariable(f"{name}={value!r} is not valid: use {allowed}.")


@overload
def read_text(name: str, default: str) -> str: ...
@overload
def read_text(name: str) -> str | None: ...
def read_text(name: str, default: str | None = None) -> str | None:
    """Return the variable's text without surrounding spaces; ``default`` when unset or empty."""
    return os.environ.get(name, "").strip() or default


def read_bool(name: str, default: bool) -> bool:
    """Return a truth value from ``true``/``false`` (also 1/0, yes/no, on/off)."""
    value = read_text(name)
    if value is None:
        return default
    if value.lower() not in _TRUE | _FALSE:
        raise _refuse(name, value, "true or false")
    return value.lower() in _TRUE


def read_int(name: str, default: int, *, minimum: int, maximum: int) -> int:
    """Return a whole number in ``[minimum, maximum]``."""
    return _read_number(name, default, minimum, maximum, int, "a whole number")


def read_float(name: str, default: float, *, minimum: float, maximum: float) -> float:
    """Return a number in ``[minimum, maximum]``."""
    return _read_number(name, default, minimum, maximum, float, "a number")


def _read_number(
    name: str, default: Number, minimum: Number, maximum: Number, kind: type[Number], word: str
) -> Number:
    value = read_text(name)
    if value is None:
        return default
    allowed = f"{word} from {minimum} to {maximum}"
    try:
        number = kind(value)
    except ValueError:
        raise _refuse(name, value, allowed) from None
    if not minimum <= number <= maximum:
        raise _refuse(name, value, allowed)
    return number


def read_choice(name: str, default: str, choices: Iterable[str]) -> str:
    """Return one of ``choices``, in lower case."""
    allowed = sorted(choices)
    value = (read_text(name) or default).lower()
    if value not in allowed:
        raise _refuse(name, value, " or ".join(allowed))
    return value


def read_match(name: str, default: str, pattern: str, allowed: str) -> str:
    """Return a text that ``pattern`` matches as a whole; ``allowed`` says the same in words."""
    value = read_text(name) or default
    if not re.fullmatch(pattern, value):
        raise _refuse(name, value, allowed)
    return value


def read_schedule(name: str, default: str) -> str:
    """Return when a job is due: ``06:30`` (UTC), ``5m``, ``1h``, ``1d``, or ``off``."""
    return read_match(
        name,
        default,
        r"off|(?:[01]\d|2[0-3]):[0-5]\d|[1-9]\d{0,2}[mhd]",
        "a time of the day (06:30, in UTC), an interval (5m, 1h, 1d), or off",
    )


def read_list(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """Return a list of comma-separated words."""
    value = read_text(name)
    if value is None:
        return list(default)
    return [word.strip() for word in value.split(",") if word.strip()]


def read_url(name: str, schemes: Iterable[str]) -> str | None:
    """Return a URL with one of ``schemes``, or None when unset; errors never show credentials."""
    value = read_text(name)
    if value is None:
        return None
    allowed = sorted(schemes)
    parts = _split(name, value)
    if parts.scheme not in allowed or not (parts.netloc or parts.path.strip("/")):
        shown = f"{parts.scheme}://…" if parts.scheme else "a text without a scheme"
        raise _refuse(
            name, shown, "a URL that starts with " + " or ".join(f"{s}://" for s in allowed)
        )
    return value


def read_origins(name: str) -> list[str]:
    """Return comma-separated origins such as ``https://music.example.org``, without paths."""
    origins = read_list(name)
    for origin in origins:
        parts = _split(name, origin)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/"):
            raise _refuse(name, origin, "origins such as https://music.example.org")
    return origins


def find_origin(url: str) -> str:
    """Return scheme, host and port of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, slots=True)
class PostgresAddress:
    """The parts of a ``postgres://user:password@host:port/name?sslmode=require`` URL."""

    name: str
    user: str
    password: str = field(repr=False)
    host: str
    port: str
    tls: dict[str, str] = field(default_factory=dict)

    def is_same_place(self, other: "PostgresAddress") -> bool:
        """Return whether both name one database of one server."""
        return (self.host, self.port, self.name) == (other.host, other.port, other.name)


def is_postgres_url(url: str) -> bool:
    """Return whether ``url`` names PostgreSQL; SQLAlchemy's ``postgresql+driver://`` does too."""
    return url.partition("://")[0].partition("+")[0] in POSTGRES_SCHEMES


def parse_postgres_url(name: str, url: str) -> PostgresAddress:
    """Split a PostgreSQL URL; ``?host=/run/postgresql`` names a socket directory.

    Of the other query parameters only those that begin with ``ssl`` are used (libpq's, for TLS).
    """
    parts = _split(name, url)
    database = unquote(parts.path.lstrip("/"))
    if not database:
        raise _refuse(name, "postgres://…", "postgres://user:password@host:5432/database")
    query = dict(parse_qsl(parts.query))
    return PostgresAddress(
        name=database,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        host=query.get("host") or parts.hostname or "",
        port=str(parts.port or ""),
        tls={word: value for word, value in query.items() if word.startswith("ssl")},
    )


def read_postgres_urls(name: str) -> list[PostgresAddress]:
    """Return the servers that a comma-separated list of PostgreSQL URLs names.

    Raises ``WrongVariable`` for what is no such URL and for one that stands there twice; errors
    never show credentials.
    """
    found: list[PostgresAddress] = []
    for number, url in enumerate(read_list(name), start=1):
        if not is_postgres_url(url):
            allowed = (
                "URLs such as postgres://user:password@host:5432/database, with commas between"
            )
            raise _refuse(name, f"… (URL {number})", allowed)
        address = parse_postgres_url(name, url)
        if any(address.is_same_place(other) for other in found):
            raise _refuse(name, f"… (URL {number}, a server named before)", "each server once")
        found.append(address)
    return found


def parse_sqlite_url(name: str, url: str, base: str) -> str:
    """Return the path in ``sqlite:///relative.db`` (to ``base``) or ``sqlite:////absolute.db``."""
    prefix = "sqlite:///"
    path = unquote(url.removeprefix(prefix))
    if not url.startswith(prefix) or not path:
        raise _refuse(name, url, "sqlite:///app.db or sqlite:////absolute/path.db")
    return path if path.startswith("/") else os.path.join(base, path)


_MAIL = "django.core.mail.backends"
QUIET_MAIL_BACKENDS = frozenset(
    f"{_MAIL}.{name}.EmailBackend" for name in ("console", "dummy", "locmem", "filebased")
)
"""Backends whose mails reach nobody."""
_ADDRESS = r"[^\s@<>,]+@[^\s@<>,.][^\s@<>,]*"
_SMTP_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server for outgoing mail; ``starts_tls``: by STARTTLS, ``is_tls``: from the start."""

    backend: str
    host: str = "localhost"
    port: int = 25
    user: str = ""
    password: str = ""
    starts_tls: bool = False
    is_tls: bool = False


def read_mail_server(name: str, default: str) -> MailServer:
    """Parse ``smtp+tls://user:password@host:587`` (STARTTLS), ``smtps://`` (TLS) or ``smtp://``.

    ``console://`` prints mails, ``dummy://`` drops them. Errors never show credentials.
    """
    parts = _split(name, read_text(name, default) or "")
    if parts.scheme in {"console", "dummy"} and not parts.netloc:
        return MailServer(f"{_MAIL}.{parts.scheme}.EmailBackend")
    if parts.scheme not in _SMTP_PORTS or not parts.hostname or parts.path.strip("/"):
        allowed = "smtp+tls://user:password@host:587, smtps://, smtp://, console:// or dummy://"
        raise _refuse(name, f"{parts.scheme or '…'}://…", allowed)
    return MailServer(
        f"{_MAIL}.smtp.EmailBackend",
        host=parts.hostname,
        port=parts.port or _SMTP_PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starts_tls=parts.scheme == "smtp+tls",
        is_tls=parts.scheme == "smtps",
    )


def read_mailbox(name: str, default: str) -> str:
    """Return one sender, such as ``TuneTrace <music@example.org>`` or ``music@example.org``."""
    value = read_text(name) or default
    if not re.fullmatch(rf"[^<>@,\r\n]*<{_ADDRESS}>|{_ADDRESS}", value):
        raise _refuse(name, value, "an address such as TuneTrace <music@example.org>")
    return value


def _split(name: str, value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises when it is no port
    except ValueError:
        raise _refuse(
            name, "…", "a well-formed URL, with a port from 1 to 65535 if with one"
        ) from None
    return parts
