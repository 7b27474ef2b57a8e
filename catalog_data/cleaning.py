"""What is done to every text of a catalog before anything else sees it: decoding, compatibility folding, invisible characters out.

Pure functions. Invisible characters can carry instructions to a language model that no person sees (the tag block, zero-width
and bidirectional controls), or make two equal names differ; none of them has a place in a shop's copy.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from typing import Any, NamedTuple

_INVISIBLE = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"  # controls but tab, line feed, carriage return, next line
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # soft hyphen, joiners, fillers, Mongolian selectors
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"  # zero width, bidirectional controls, variation selectors
    "\ufeff\uffa0\ufff0-\ufffb"  # byte-order mark, half-width filler, interlinear annotation
    "\ud800-\udfff"  # lone surrogates: no encoding can write them
    "\U000e0000-\U000e0fff"  # tags and further variation selectors
    "]"
)
_LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Decoded(NamedTuple):
    """A file's lines without their line feeds, `None` where a line's bytes are no text; and what had to be assumed to read them."""

    lines: list[str | None]
    warning: str | None = None


def clean_text(text: str) -> str:
    """`text` in NFKC, without invisible characters, with line feeds for all line ends. Idempotent; never longer than 18 times."""
    if text.isascii() and text.isprintable():
        return text
    return unicodedata.normalize("NFKC", _LINE_ENDS.sub("\n", _INVISIBLE.sub("", text)))


def clean(value: Any) -> Any:
    """`clean_text` on every string of a value as JSON or YAML gives it, keys included."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean(key): clean(inner) for key, inner in value.items()}
    return [clean(inner) for inner in value] if isinstance(value, list) else value


def decode(data: bytes) -> Decoded:
    """Reads bytes as lines of text: UTF-8, or what a byte-order mark, NUL bytes or the lack of any valid UTF-8 sequence give away."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return Decoded(
                _replaced(data[len(mark) :].decode(encoding, "replace")), f"a byte-order mark; read as {encoding.upper()}"
            )
    head = data[:4096]
    if head.count(0) * 5 > len(head):  # text in Latin letters has a NUL in every other byte of UTF-16
        encoding = "utf-16-be" if head[::2].count(0) > head[1::2].count(0) else "utf-16-le"
        return Decoded(_replaced(data.decode(encoding, "replace")), f"NUL bytes; read as {encoding.upper()}")
    try:
        return Decoded([*data.decode().split("\n")])
    except UnicodeDecodeError:
        return _mixed(data)


def _replaced(text: str) -> list[str | None]:
    return [None if "\ufffd" in line else line for line in text.split("\n")]


def _mixed(data: bytes) -> Decoded:
    """Not UTF-8 as a whole. Where some line holds valid UTF-8 beyond ASCII, the file is UTF-8 with damaged lines; else it is Latin-1."""
    lines: list[str | None] = []
    for line in data.split(b"\n"):
        try:
            lines.append(line.decode())
        except UnicodeDecodeError:
            lines.append(None)
    if not any(line is not None and not line.isascii() for line in lines):
        try:
            return Decoded([*data.decode("cp1252").split("\n")], "bytes that are not UTF-8; read as Latin-1 (Windows-1252)")
        except UnicodeDecodeError:  # bytes that Windows-1252 does not define: no guess is left, the damaged lines are reported
            pass
    return Decoded(lines)
