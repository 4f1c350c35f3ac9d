"""Encryption of secrets that must be read again, so that a copy of the database reveals none."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class CannotUnseal(Exception):
    """The text was encrypted with another ``SECRET_KEY``, or changed since."""


def seal(text: str, *, purpose: str) -> str:
    """Return ``text`` encrypted with ``SECRET_KEY`` for one ``purpose``."""
    return _make_cipher(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """Decrypt what was sealed for ``purpose``, also with one of ``SECRET_KEY_FALLBACKS``.

    Raises ``CannotUnseal``.
    """
    try:
        return _make_cipher(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise CannotUnseal from error


def _make_cipher(purpose: str) -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    digests = (hashlib.sha256(f"{purpose} {key}".encode()).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
