"""Job: send plays and likes of listeners to ListenBrainz."""

from music.domain.listenbrainz import is_offered, send_due

from .queue import stopping


def run_listenbrainz() -> str:
    """Send what is new; return a sentence about the result."""
    if not is_offered():
        return "LISTENBRAINZ is off."
    report = send_due(is_stopping=stopping.is_set)
    told = (
        f"{report.n_plays} plays and {report.n_likes} likes sent, "
        f"{report.n_taken_back} likes taken back."
    )
    return f"{told} {report.stopped_by}".strip()
