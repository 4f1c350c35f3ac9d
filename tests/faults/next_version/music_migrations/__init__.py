"""All migrations of ``music``, and after them those of this folder."""

import pkgutil

from music import migrations

LAST_OF_THIS_VERSION = max(
    module.name for module in pkgutil.iter_modules(migrations.__path__) if module.name[0].isdigit()
)

__path__ = [*migrations.__path__, *__path__]
