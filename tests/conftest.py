"""Fixtures every test may use."""

import pytest


@pytest.fixture(autouse=True)
def fast_passwords(settings):
    """The real password hash takes 0.2 s on purpose; tests sign in hundreds of times."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
