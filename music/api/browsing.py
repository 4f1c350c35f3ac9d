"""The browsable API: pages whose answers link to what they name."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from rest_framework.renderers import BrowsableAPIRenderer

MAX_LINKS = 100


class BrowsablePage(BrowsableAPIRenderer):
    """Django REST framework's page, with links to what the answer names."""

    def get_context(
        self, data: Any, accepted_media_type: str | None, renderer_context: Mapping[str, Any]
    ) -> dict[str, Any]:
        context = super().get_context(data, accepted_media_type, renderer_context)
        path = renderer_context["request"].path.rstrip("/")
        links = {link for link in _list_links(data) if link[1].rstrip("/") != path}
        return {**context, "links": sorted(links)[:MAX_LINKS]}


def _list_links(data: Any) -> Iterator[tuple[str, str]]:
    """Return a label and an address for each like, song and import in ``data``."""
    if isinstance(data, Mapping):
        yield from _link(data)
        for value in data.values():
            yield from _list_links(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _list_links(value)


def _link(thing: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    title = thing.get("title") or thing.get("song_name")
    is_like = "song_name" in thing
    if is_like and thing.get("id"):
        yield f"Like: {title}", reverse("api:liked-song", args=[thing["id"]])
    song_id = thing.get("song_id") if "song_id" in thing else thing.get("id")
    if title and song_id and not (is_like and "song_id" not in thing):
        song = f"{reverse('api:songs')}/{quote(str(song_id))}"
        yield f"Song: {title}", song
        yield f"Songs like {title}", f"{song}/similar"
    if "state" in thing and "token" in thing:
        yield "This import", reverse("api:import", args=[thing["token"]])
        yield "Rows of this import", reverse("api:import-rows", args=[thing["token"]])
