"""Operators' pages of listeners: who they are, how they sign in, what programs do for them."""

from . import audit, credentials, listeners, ways_in

__all__ = ["audit", "credentials", "listeners", "ways_in"]
