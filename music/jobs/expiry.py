"""Forget what is due: guests, sessions, answers, what was suggested, expired entries of caches."""

from music.domain.purging import purge


def run_expiry() -> str:
    """Forget it; returns how many rows of each kind went."""
    gone = {what: n for what, n in purge().items() if n}
    if not gone:
        return "Nothing was due."
    return f"Forgotten: {', '.join(f'{n} {what}' for what, n in gone.items())}."
