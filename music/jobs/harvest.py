"""Job: add songs with cheap YouTube quota, once a day."""

from music.collecting.harvest import harvest
from music.collecting.harvest_targets import REGIONS
from music.youtube.availability import has_youtube
from music.youtube.gateway import get_gateway

MAX_UNITS = 5000
MAX_SEARCHES = 50
"""Upper limits; the listeners' reserve is never touched."""
NO_KEY = "There is no YouTube key: nothing to do."


def run_harvest() -> str:
    """Store charts and uploads; return a sentence about the result. Raises ``SourceError``."""
    if not has_youtube():
        return NO_KEY
    report = harvest(
        gateway=get_gateway(), max_units=MAX_UNITS, max_searches=MAX_SEARCHES, regions=REGIONS
    )
    why = f" Ended early: {report.stopped_by.rstrip('.')}." if report.stopped_by else ""
    return (
        f"{report.n_new_songs} new songs for {report.n_units} units and "
        f"{report.n_searches} searches.{why}"
    )
