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
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. What is done is kept; run it again to go on.\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
