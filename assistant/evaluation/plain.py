"""Text of shoppers, catalogs and models as a report may show it: nothing in it steers a terminal, and nothing in it is unseen."""

from __future__ import annotations

from unicodedata import category

_UNSEEN = ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")
_KEPT = "\n\t\u200d"
"""Line breaks, and the joiner inside an emoji."""


def visible(text: object) -> str:
    """The text with every control, format and private character written out: a terminal's escape as "\\x1b", a text that runs backwards
    as "\\u202e"."""
    return "".join(char if char in _KEPT or category(char) not in _UNSEEN else _written(char) for char in str(text))


def one_line(text: object) -> str:
    """`visible`, with every run of blanks as one."""
    return visible(" ".join(str(text).split()))


def _written(char: str) -> str:
    point = ord(char)
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def cut(text: str, most: int) -> str:
    """The beginning of a text, with a sign where it goes on."""
    return text if len(text) <= most else f"{text[: most - 4]} ..."
