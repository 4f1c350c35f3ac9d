"""HTTP around the endpoints: keys, quota, faults, gzip, and the control pages of the tests."""

import contextlib
import gzip
import json
import socket
import time
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

from tests.servers.youtube_world.world import World

from . import refusals
from .discovery import check_parameters
from .endpoints import ENDPOINTS
from .keyless import STATUSES, answer_feed, answer_oembed
from .ledger import Fault, Ledger
from .partial import select
from .refusals import Refused

WITHOUT_KEY = {"/oembed": ("oembed", answer_oembed), "/feeds/videos.xml": ("feed", answer_feed)}
REFUSALS = {
    "quotaExceeded": refusals.quota_exceeded,
    "searchQuotaExceeded": refusals.search_quota_exceeded,
    "rateLimitExceeded": refusals.rate_limit_exceeded,
    "tooManyRequests": refusals.too_many_requests,
    "keyInvalid": refusals.key_invalid,
    "keyInvalidOld": refusals.key_invalid_old,
    "accessNotConfigured": refusals.access_not_configured,
    "invalidParameter": refusals.parameter_invalid,
    "backendError": refusals.backend_error,
    "serviceUnavailable": refusals.service_unavailable,
}
BODIES = {
    "garbage": b"<!DOCTYPE html><html><body>Sign in to the hotel network</body></html>",
    "empty": b"",
    "list": b'["not", "an", "object"]',
    "null": b"null",
    "binary": bytes(range(256)) * 8,
    "truncated": b'{"kind": "youtube#videoListResponse", "items": [{"id": "abc',
}
"""Answers with status 200 that are no answer; "truncated" has a matching Content-Length."""


class Handler(BaseHTTPRequestHandler):
    """One request; ``tests.servers.youtube`` sets the world, the ledger, the keys, the latency."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    world: World
    ledger: Ledger
    valid_keys: frozenset[str]
    latency_seconds: float

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/_control/report":
            self._send(200, self.ledger.report())
        else:
            self._answer(parts.path, parts.query)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = urlsplit(self.path).path
        if path == "/_control/reset":
            self.ledger.reset()
            self._send(200, {})
        elif path == "/_control/fault":
            self.ledger.faults.append(Fault(**json.loads(body)))
            self._send(200, {})
        elif path == "/_control/settings":
            self._change_settings(json.loads(body))
        elif self.headers.get("X-HTTP-Method-Override") == "GET":
            # The client sends addresses over 2,048 characters this way.
            query = "&".join(filter(None, [body.decode(), urlsplit(self.path).query]))
            self._answer(path, query)
        else:
            self._send(405, {"error": {"code": 405, "message": "Method not allowed."}})

    def _change_settings(self, settings: dict) -> None:
        for name in ("daily_searches", "daily_units"):
            if name in settings:
                setattr(self.ledger, name, settings[name])
        if "latency_seconds" in settings:
            type(self).latency_seconds = settings["latency_seconds"]
        for video_id, change in settings.get("videos", {}).items():
            for name, value in change.items():
                setattr(self.world.videos[video_id], name, value)
        self._send(200, {})

    def _answer(self, path: str, query: str) -> None:
        time.sleep(self.latency_seconds)
        if path in WITHOUT_KEY:
            self._answer_without_key(path, query)
            return
        if path not in ENDPOINTS:
            self._send(404, {"error": {"code": 404, "message": "Not Found", "errors": []}})
            return
        resource, endpoint = ENDPOINTS[path]
        given = parse_qs(query, keep_blank_values=True)
        key = given.get("key", [self.headers.get("X-Goog-Api-Key", "")])[0]
        fault = self.ledger.take_fault(resource, is_probe=not key)
        if fault and not self._show(fault):
            return
        try:
            self._check_key(key)
            self.ledger.count(resource)
            if fault and fault.mode in REFUSALS:
                raise REFUSALS[fault.mode]()
            check_parameters(resource, given)
            flat = {name: ",".join(values) for name, values in given.items()}
            answer = endpoint(self.world, flat)
            self._send(
                200, select(answer, flat["fields"], resource) if "fields" in flat else answer
            )
        except Refused as refused:
            self._send(refused.status, refused.body)

    def _answer_without_key(self, path: str, query: str) -> None:
        resource, endpoint = WITHOUT_KEY[path]
        fault = self.ledger.take_fault(resource, is_probe=False)
        self.ledger.by_resource[resource] += 1
        if fault and fault.mode in STATUSES:
            self._send_bytes(STATUSES[fault.mode], b"No")
        elif fault is None or self._show(fault):
            status, body = endpoint(self.world, parse_qs(query))
            self._send_bytes(status, body if isinstance(body, bytes) else json.dumps(body).encode())

    def _check_key(self, key: str) -> None:
        if not key:
            raise refusals.key_missing()
        if key not in self.valid_keys:
            raise refusals.key_invalid()

    def _show(self, fault: Fault) -> bool:
        """Show the fault; return True when the call is to be answered afterwards."""
        if fault.mode in BODIES:
            self._send_bytes(200, BODIES[fault.mode])
            return False
        match fault.mode:
            case "slow":
                time.sleep(fault.seconds)
            case "hang":
                time.sleep(fault.seconds or 3600)
                self.close_connection = True
                return False
            case "close":
                self._drop()
                return False
            case "half_body":
                self._send_half()
                return False
            case "drip":
                self._drip(fault.seconds)
                return False
        return True

    def _drop(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _send_half(self) -> None:
        self._send_head(200, {"Content-Length": "1000"})
        self.wfile.write(b'{"kind": "youtube#searchListResponse", "items": [')
        self._drop()

    def _drip(self, seconds: float) -> None:
        """Send a byte now and then, so that no single read times out."""
        self._send_head(200, {"Content-Length": "100000"})
        for _ in range(100_000):
            self.wfile.write(b" ")
            time.sleep(seconds or 0.05)

    def _send(self, status: int, body: dict) -> None:
        self._send_bytes(status, json.dumps(body).encode())

    def _send_bytes(self, status: int, content: bytes) -> None:
        headers = {"Content-Type": "application/json; charset=UTF-8"}
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            content = gzip.compress(content, 1)
            headers["Content-Encoding"] = "gzip"
        self._send_head(status, {**headers, "Content-Length": str(len(content))})
        self.wfile.write(content)

    def _send_head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def handle(self) -> None:
        """Ignore clients that gave up waiting."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            super().handle()

    def log_message(self, *_args: object) -> None:
        """Say nothing: tests read the ledger."""
