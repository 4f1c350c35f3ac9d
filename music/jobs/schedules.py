"""Schedules: a time of the day (``06:30``, UTC), an interval (``5m``, ``1h``), or never.

Pure functions of a schedule's text, as the settings have it (``tunetrace_site/settings.py``).
"""

from datetime import UTC, datetime, time, timedelta

OFF = "off"
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def find_next(schedule: str, last: datetime) -> datetime | None:
    """Return when a job whose last run began at ``last`` is due again (UTC); None for never."""
    if schedule == OFF:
        return None
    if ":" in schedule:
        return _find_next_time(time.fromisoformat(schedule), last.astimezone(UTC))
    return last + int(schedule[:-1]) * _UNITS[schedule[-1]]


def _find_next_time(at: time, last: datetime) -> datetime:
    today = datetime.combine(last.date(), at, UTC)
    return today if today > last else today + timedelta(days=1)
