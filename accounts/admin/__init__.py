"""Admin pages of listeners: accounts, ways to sign in, tokens and the audit."""

from . import audit, credentials, listeners, ways_in

__all__ = ["audit", "credentials", "listeners", "ways_in"]
