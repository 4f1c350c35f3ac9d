"""The operators' tool: every table searchable and filterable, and what can be done about a row."""

from . import feedback, likes, quota, songs

__all__ = ["feedback", "likes", "quota", "songs"]
