"""Cells that a spreadsheet would run as a formula: escaped when written, restored when read.

https://owasp.org/www-community/attacks/CSV_Injection
"""

_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "'")
_MARK = "'"


def defuse(cell: str) -> str:
    """Return ``cell``, prefixed by an apostrophe where a spreadsheet would run it."""
    return _MARK + cell if cell.startswith(_BEGINNINGS) else cell


def undo(cell: str) -> str:
    """Return ``cell`` as it was before ``defuse``, or as another program wrote it."""
    rest = cell[1:]
    return rest if cell.startswith(_MARK) and rest.startswith(_BEGINNINGS) else cell
