"""Background work done at once, in the test's own process: as a worker does it that was woken."""

from django.utils import timezone

from accounts.models import User
from music.domain import imports
from music.jobs.imports import run_import
from music.models import PlaylistImport


def finish_import(job: PlaylistImport | str) -> PlaylistImport:
    """Work on an import (or the one of this token) until the site has nothing left to do."""
    token = job if isinstance(job, str) else job.token
    for _ in range(200):
        run_import.call_local(token)
        found = PlaylistImport.objects.get(token=token)
        waits = found.resumes_at and found.resumes_at > timezone.now()
        if waits or not found.is_open:
            return found
    raise AssertionError("the import does not end")


def begin_file(
    *, listener: User, data: bytes, file_name: str = "", **more: object
) -> PlaylistImport:
    """Begin to import a file, as the page does."""
    file = imports.read_song_file(data=data, file_name=file_name)
    return imports.start_file_import(listener=listener, file=file, **more)
