"""The browser that is driven, how it is started, and the two sizes of its window."""

import shutil

CHROMIUM = (
    shutil.which("chromium-headless-shell") or shutil.which("chromium") or "/usr/bin/chromium"
)
"""Chromium without a window or a desktop's parts takes half of the processor time."""
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE = {"width": 360, "height": 800}
DESKTOP = {"width": 1280, "height": 900}
