"""Limits on password guessing that slow it down without locking the owner out.

Wrong passwords are counted for the address and the account *together*: a guesser makes only
themself wait, and the account's owner signs in from another address as usual. After some free
attempts each waits twice as long as the one before, up to a minute. An address that tries many
accounts waits too, except for accounts that have signed in from it before. Counts are shared by all
workers (the ``default`` cache). Failures of one account are not counted over all addresses: with
such a count anybody could lock anybody out.
"""

import hashlib
import time

from allauth.core.internal.ratelimit import cache_lock, truncate_ip
from django.conf import settings
from django.core.cache import cache

WINDOW_SECONDS = 15 * 60
"""How long after the last attempt a count is forgotten."""
FREE_FOR_PAIR = 5
FREE_FOR_ADDRESS = 30
MAX_WAIT_SECONDS = 60
KNOWN_SECONDS = 90 * 86_400
"""How long an address stays trusted for an account that signed in from it."""


class TooFast(Exception):
    """Raised before the password is looked at; try again in ``seconds``."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"wait {seconds} seconds")
        self.seconds = seconds


def admit(address: str, account: str) -> None:
    """Count an attempt before its password is looked at. Raises ``TooFast``.

    ``account`` is the email as it was typed; one without an account is counted alike.
    """
    pair, place, known = _keys(address, account)
    _count(pair, FREE_FOR_PAIR)
    if cache.get(known) is None:
        _count(place, FREE_FOR_ADDRESS)


def forgive(address: str, account: str) -> None:
    """Forget the pair's attempts after a correct password, and trust the address from now on.

    The address's own count is reduced by this attempt only: signing in to an account of one's own
    between guesses must not reset it.
    """
    pair, place, known = _keys(address, account)
    cache.delete(pair)
    with cache_lock(place):
        n_attempts, at = cache.get(place, (0, 0.0))
        if n_attempts and cache.get(known) is None:
            cache.set(place, (n_attempts - 1, at), WINDOW_SECONDS)
    cache.set(known, 1, KNOWN_SECONDS)


def _keys(address: str, account: str) -> tuple[str, str, str]:
    """Return cache keys, which are digests with the site's key: no address, no email is stored."""
    place, login = truncate_ip(address), account.strip().lower()
    return (
        _digest("pair", place, login),
        _digest("address", place),
        _digest("known", place, login),
    )


def _digest(*words: str) -> str:
    text = "\x1f".join(words).encode("utf-8", "surrogatepass")
    key = hashlib.sha256(settings.SECRET_KEY.encode()).digest()
    return f"sign-in:{words[0]}:{hashlib.blake2b(text, digest_size=16, key=key).hexdigest()}"


def _count(key: str, n_free: int) -> None:
    with cache_lock(key) as locked:
        if not locked:
            raise TooFast(1)
        n_attempts, at = cache.get(key, (0, 0.0))
        now = time.time()
        wait = min(MAX_WAIT_SECONDS, 2 ** min(n_attempts - n_free, 10))
        left = at + wait - now
        if n_attempts >= n_free and left > 0:
            raise TooFast(max(1, round(left)))
        cache.set(key, (n_attempts + 1, now), WINDOW_SECONDS)
