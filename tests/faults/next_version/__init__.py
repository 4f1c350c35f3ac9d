"""The next version of TuneTrace: this one, and two migrations that it does not know."""
