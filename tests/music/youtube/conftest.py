"""The API server, for every test of the YouTube part."""

from tests.servers.youtube_fixture import gateway, youtube_process, youtube_server

__all__ = ["gateway", "youtube_process", "youtube_server"]
