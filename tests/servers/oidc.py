"""An OpenID Connect provider in its own process, which signs in the person that was set last.

It speaks what a real one does: discovery, the authorization code flow, PKCE (required, S256 only),
a signed identity token, userinfo. ``python -m tests.servers.oidc PORT`` serves it.
"""

import base64
import hashlib
import json
import secrets
import subprocess
import sys
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from .redis import find_free_port

CLIENT_ID, CLIENT_SECRET = "tunetrace", "the client's secret"
START_SECONDS = 20.0


class Handler(BaseHTTPRequestHandler):
    """One request; state is kept on the server."""

    def do_GET(self) -> None:
        path, query = self._read_address()
        issuer = self.server.issuer
        if path == "/.well-known/openid-configuration":
            self._send(
                {
                    "issuer": issuer,
                    "authorization_endpoint": f"{issuer}/authorize",
                    "token_endpoint": f"{issuer}/token",
                    "userinfo_endpoint": f"{issuer}/userinfo",
                    "jwks_uri": f"{issuer}/jwks",
                    "code_challenge_methods_supported": ["S256"],
                    "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                }
            )
        elif path == "/jwks":
            key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.server.key.public_key()))
            self._send({"keys": [{**key, "kid": "1", "use": "sig", "alg": "RS256"}]})
        elif path == "/authorize":
            self._authorize(query)
        elif path == "/userinfo":
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            self._send(self.server.people.get(token), 200 if token in self.server.people else 401)
        else:
            self._send({"error": "not_found"}, 404)

    def do_POST(self) -> None:
        path, _ = self._read_address()
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if path == "/person":
            self.server.person = json.loads(body)
            self._send({})
        elif path == "/token":
            self._exchange({name: values[0] for name, values in parse_qs(body).items()})
        else:
            self._send({"error": "not_found"}, 404)

    def _authorize(self, query: dict[str, str]) -> None:
        if query.get("code_challenge_method") != "S256" or not query.get("code_challenge"):
            self._send({"error": "invalid_request", "error_description": "PKCE required"}, 400)
            return
        code = secrets.token_urlsafe(8)
        self.server.codes[code] = (query, dict(self.server.person))
        self.send_response(302)
        target = urlencode({"code": code, "state": query["state"]})
        self.send_header("Location", f"{query['redirect_uri']}?{target}")
        self.end_headers()

    def _exchange(self, form: dict[str, str]) -> None:
        asked, person = self.server.codes.pop(form.get("code", ""), ({}, {}))
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        is_client = self.headers.get("Authorization") == f"Basic {basic}"
        if not is_client or challenge != asked.get("code_challenge"):
            self._send({"error": "invalid_grant"}, 400)
            return
        token = secrets.token_urlsafe(8)
        self.server.people[token] = person
        now = int(time.time())
        claims = {**person, "iss": self.server.issuer, "aud": CLIENT_ID, "iat": now}
        claims["exp"] = now + 60
        if "nonce" in asked:
            claims["nonce"] = asked["nonce"]
        identity = jwt.encode(claims, self.server.key, algorithm="RS256", headers={"kid": "1"})
        self._send({"access_token": token, "token_type": "Bearer", "id_token": identity})

    def _read_address(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.path)
        return parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}

    def _send(self, body: Any, status: int = 200) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""


class OidcServer:
    """The provider's process, started with ``with``; ``be`` sets who signs in there next."""

    def __init__(self) -> None:
        self.port = find_free_port()
        self._process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "OidcServer":
        self._process = subprocess.Popen([sys.executable, "-m", __name__, str(self.port)])
        give_up_at = time.monotonic() + START_SECONDS
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/jwks", timeout=1):
                    return self
            except OSError:
                if time.monotonic() > give_up_at:
                    raise
                time.sleep(0.05)

    def __exit__(self, *exc: object) -> None:
        self._process.kill()
        self._process.wait()

    def be(self, **claims: Any) -> None:
        """Set the claims of the person who signs in from now on."""
        data = json.dumps(claims).encode()
        with urllib.request.urlopen(f"{self.url}/person", data=data, timeout=5):
            pass

    def authorize(self, address: str) -> str:
        """Return the address to which the provider redirects a browser that opens ``address``."""
        opener = urllib.request.build_opener(_NoRedirects)
        with pytest.raises(urllib.error.HTTPError) as caught:
            opener.open(address, timeout=5)
        assert caught.value.code == 302, caught.value.read()
        return caught.value.headers["Location"]


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        return None


def serve(port: int) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.issuer = f"http://127.0.0.1:{port}"
    server.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    server.codes, server.people, server.person = {}, {}, {}
    server.serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
