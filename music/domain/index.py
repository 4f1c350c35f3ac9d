"""The fitted recommender that this process serves from, always the newest one that was built."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from music.recommender.snapshot import Snapshot, SnapshotCorrupt, load_snapshot, read_version

logger = logging.getLogger(__name__)

_CHECK_EVERY_SECONDS = 1.0
