#!/usr/bin/env python
"""Django's command line for TuneTrace."""

import os
import sys


def main() -> None:
    """Run the command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tunetrace_site.settings")
    from django.core.management import execute_from_command_line

    from tunetrace_site.env import WrongVariable

    try:
        execute_from_command_line(sys.argv)
    except WrongVariable as error:
        sys.exit(str(error))  # says all there is to say; a traceback would hide it


if __name__ == "__main__":
    main()
