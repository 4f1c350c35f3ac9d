"""One process of the ledger's concurrency test: reserves until refused, prints how often it could.

Runs in the settings of a site, whose databases the environment names.
"""

import django

django.setup()

from music.errors import QuotaExhausted  # noqa: E402
from music.youtube import quota  # noqa: E402

n_granted = 0
try:
    while True:
        quota.reserve("units", 1, "listener")
        n_granted += 1
except QuotaExhausted:
    print(n_granted)
