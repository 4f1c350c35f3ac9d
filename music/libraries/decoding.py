"""Decodes the text of a file, whatever its encoding."""

import codecs

from music.errors import InvalidInput

NOT_TEXT = "This file is not a list of songs: it is not text."
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LOOKED_AT = 4096
_MANY = 0.3
_CONTROL = {chr(code): None for code in range(32) if chr(code) not in "\t\n\r\f"}


def decode(data: bytes) -> str:
    """Return ``data`` as text: UTF-8, UTF-16 (also without a mark) or, failing that, Windows-1252.

    Raises ``InvalidInput`` for ``file``, naming the row, where it is not text.
    """
    text = _decode(data)
    for sign in _CONTROL:
        if (place := text.find(sign)) >= 0:
            row = text.count("\n", 0, place) + 1
            raise InvalidInput(
                "file", f"{NOT_TEXT} Row {row} has the control character U+{ord(sign):04X}."
            )
    return text


def _decode(data: bytes) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _decode_as(data[len(mark) :], encoding)
    beginning = data[:_LOOKED_AT]
    if beginning.count(0) > _MANY * len(beginning):
        # Latin letters in UTF-16: every other byte is zero.
        is_little = beginning[1::2].count(0) > beginning[::2].count(0)
        return _decode_as(data, "utf-16-le" if is_little else "utf-16-be")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace").replace("\ufffd", "")


def _decode_as(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InvalidInput(
            "file",
            f"{NOT_TEXT} It begins as {encoding.upper()}, but byte {error.start} does not fit.",
        ) from None
