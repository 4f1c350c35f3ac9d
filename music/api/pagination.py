"""How lists are cut into pages."""

from rest_framework.pagination import LimitOffsetPagination


class SongPagination(LimitOffsetPagination):
    """``?limit=`` (1 to 100) and ``?offset=``."""

    default_limit = 50
    max_limit = 100
