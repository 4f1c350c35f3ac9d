"""Which database answers this unit of work."""

from typing import Any

from django.db import models

from .unit import current_alias


class UnitRouter:
    """Sends every read and write of a unit of work to that unit's database."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str:
        return current_alias()

    def db_for_write(self, model: type[models.Model], **hints: Any) -> str:
        return current_alias()
