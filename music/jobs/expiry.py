"""Job: delete expired guests, sessions, answers, impressions and cache entries."""

from music.domain.purging import purge


def run_expiry() -> str:
    """Delete what has expired; return how many rows of each kind."""
    gone = {what: n for what, n in purge().items() if n}
    if not gone:
        return "Nothing was due."
    return f"Forgotten: {', '.join(f'{n} {what}' for what, n in gone.items())}."
