"""Job: look again for songs not found before, of likes and of imports under review."""

from music.domain.import_parts import retry_missing
from music.domain.pending import resolve_pending
from music.domain.youtube_trouble import describe_trouble

MAX_LIKES = 10_000


def run_pending() -> str:
    """Look again; return a sentence about the result."""
    report = resolve_pending(max_likes=MAX_LIKES)
    told = f"{report.n_resolved} of {report.n_tried} likes found their song."
    n_rows = retry_missing()
    rows = f" {n_rows} rows of imports are looked for again." if n_rows else ""
    return f"{told}{rows} {describe_trouble()}".strip()
