"""Fixtures of the hostile tests: those of the API, and an admin that is quick to draw."""

import pytest
from django.contrib import admin

from tests.music.api.conftest import (  # noqa: F401
    _cold_start,
    api,
    listener,
    listener_api,
    service_api,
    songs,
)


@pytest.fixture
def admin_without_sidebar(monkeypatch):
    """Pages of admin without the list of all tables, which takes half of the time of thousands."""
    monkeypatch.setattr(admin.site, "enable_nav_sidebar", False)
    monkeypatch.setattr(admin.site, "get_app_list", lambda request, app_label=None: [])
