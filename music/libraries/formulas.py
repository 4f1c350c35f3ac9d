"""Cells that a spreadsheet would take for a formula: defused when written, undone when read.

https://owasp.org/www-community/attacks/CSV_Injection
"""

_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "'")
_MARK = "'"


def defuse(cell: str) -> str:
    """``cell`` with an apostrophe in front where a spreadsheet would run it."""
    return _MARK + cell if cell.startswith(_BEGINNINGS) else cell


def undo(cell: str) -> str:
    """``cell`` as it was before ``defuse``, or as somebody else's program wrote it."""
    rest = cell[1:]
    return rest if cell.startswith(_MARK) and rest.startswith(_BEGINNINGS) else cell
