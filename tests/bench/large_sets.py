"""The location of the large sets of real data that benches measure with.

They are not part of the repository: their licences differ, and some allow measuring only. A figure
that needs one looks for it in the folder that the environment variable ``TUNETRACE_DATA`` names,
else in ``shared/data`` beside the repository, and is left out with a line that says so when it is
not there.
"""

import os
from pathlib import Path

_BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data"


class SetMissingError(FileNotFoundError):
    """A set is missing; the text says which, where it was looked for, and what to do."""


def find_set(name: str) -> Path:
    """Return the file ``name`` of the large sets, such as ``youtube/labelled_videos.csv``."""
    folder = Path(os.environ.get("TUNETRACE_DATA") or _BESIDE)
    if not (folder / name).is_file():
        raise SetMissingError(
            f"left out: there is no {name} in {folder} (TUNETRACE_DATA names another folder)"
        )
    return folder / name
