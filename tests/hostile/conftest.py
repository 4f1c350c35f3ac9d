"""Fixtures of the hostile tests: those of the API."""

from tests.music.api.conftest import (  # noqa: F401
    _cold_start,
    api,
    listener,
    listener_api,
    service_api,
    songs,
)
