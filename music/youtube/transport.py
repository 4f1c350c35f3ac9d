"""The HTTP transport of API calls: pooled connections with connect, read and total time limits.

google-api-python-client uses httplib2 by default, which is not safe to share between threads, has
one time-out for everything, sends a request a second time by itself (an attempt that the quota
ledger would not see), and lets a server that sends a byte at a time hold a thread for ever. The
client takes any object with httplib2's ``request``: this is one, on urllib3.

The API key is added here and nowhere else, so that no address that the client library logs or puts
in an exception ever contains it, and hidden in what urllib3 logs.
"""

import logging
import re
import time
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import httplib2
import urllib3

MAX_CONNECTIONS = 40
"""The connections kept open to the server; more threads than this should not ask at once."""
MAX_BODY_BYTES = 8 * 1024 * 1024
"""Fifty videos with 500 tags and 5,000 characters of description each stay under 2 MB."""

_CHUNK_BYTES = 64 * 1024
_KEY_IN_ADDRESS = re.compile(r"\bkey=[^&\s]+")


def _hide_key(record: logging.LogRecord) -> bool:
    """Hide the text after ``key=`` in urllib3's DEBUG logs, which show every address."""
    if "key=" in record.getMessage():
        record.msg, record.args = _KEY_IN_ADDRESS.sub("key=…", record.getMessage()), None
    return True


logging.getLogger("urllib3.connectionpool").addFilter(_hide_key)


class NoAnswer(Exception):
    """No complete answer came. ``reached`` is False only when the request was never sent."""

    def __init__(self, message: str, *, reached: bool) -> None:
        super().__init__(message)
        self.reached = reached


class Transport:
    """A thread-safe stand-in for ``httplib2.Http``, for one API key and one server."""

    def __init__(
        self, *, api_key: str, base_url: str, connect_timeout_seconds: float, timeout_seconds: float
    ) -> None:
        self._api_key = api_key
        self._timeout_seconds = timeout_seconds
        self._timeout = urllib3.Timeout(connect=connect_timeout_seconds, read=timeout_seconds)
        self._pool = _build_pool(base_url)

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_httplib2_options: object,
    ) -> tuple[httplib2.Response, bytes]:
        """Send once; return status, headers and the whole decoded body of the answer.

        Raises NoAnswer when none came in time, or only a part of one.
        """
        separator = "&" if "?" in uri else "?"
        keyed_uri = f"{uri}{separator}{urlencode({'key': self._api_key})}"
        return self._send(keyed_uri, method, body, headers)

    def ping(self, uri: str) -> tuple[int, bytes]:
        """Return status and body of a GET without the key; raise NoAnswer if no answer came."""
        answer, body = self._send(uri, "GET", None, None)
        return answer.status, body

    def _send(
        self,
        uri: str,
        method: str,
        body: str | bytes | None,
        headers: Mapping[str, str] | None,
    ) -> tuple[httplib2.Response, bytes]:
        deadline = time.monotonic() + self._timeout_seconds
        try:
            answer = self._pool.request(
                method,
                uri,
                body=body,
                headers=headers,
                timeout=self._timeout,
                retries=False,
                redirect=False,
                preload_content=False,
            )
            content = _read_body(answer, deadline)
        except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError):
            raise NoAnswer("cannot connect", reached=False) from None
        except urllib3.exceptions.HTTPError as error:
            # Only the kind of error: its text contains the address, and with it the key.
            raise NoAnswer(type(error).__name__, reached=True) from None
        # The body is decoded already; httplib2 also drops these headers after decoding.
        kept = {k: v for k, v in answer.headers.items() if k.lower() != "content-encoding"}
        return httplib2.Response({**kept, "status": str(answer.status)}), content


def _build_pool(base_url: str) -> urllib3.PoolManager:
    """Return a pool that uses the proxy of the environment, as httplib2 would."""
    parts = urlsplit(base_url)
    proxy_url = getproxies().get(parts.scheme)
    if proxy_url and not proxy_bypass(parts.hostname or ""):
        return urllib3.ProxyManager(proxy_url, maxsize=MAX_CONNECTIONS, block=False)
    return urllib3.PoolManager(maxsize=MAX_CONNECTIONS, block=False)


def _read_body(answer: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
    chunks: list[bytes] = []
    n_bytes = 0
    try:
        while chunk := answer.read1(_CHUNK_BYTES):
            chunks.append(chunk)
            n_bytes += len(chunk)
            if n_bytes > MAX_BODY_BYTES:
                raise NoAnswer("the answer is too long", reached=True)
            if time.monotonic() > deadline:
                raise NoAnswer("the answer took too long", reached=True)
    except NoAnswer:
        answer.close()
        raise
    answer.release_conn()
    return b"".join(chunks)
