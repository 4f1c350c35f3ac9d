"""Job: apply YouTube's rule of 30 days, once a day."""

from music.domain.refreshing import refresh_videos
from music.youtube.gateway import find_gateway

MAX_UNITS = 2000


def run_refresh() -> str:
    """Refresh old data, delete what was not confirmed; return a sentence about the result.

    Without a key only the deletion is done. Raises ``KeyRejected``, after the deletion.
    """
    report = refresh_videos(gateway=find_gateway(), max_units=MAX_UNITS)
    why = f" Ended early: {report.stopped_by.rstrip('.')}." if report.stopped_by else ""
    return (
        f"{report.n_refreshed} videos refreshed, {report.n_gone} gone, {report.n_deleted} deleted "
        f"for {report.n_units} units.{why}"
    )
