"""References: names in braces that stand for what only the program may write (titles, prices, counts). Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from assistant.guide.english import capitalised
from assistant.schema import Finding

REFERENCE = re.compile(r"\{([a-z0-9_]{1,24}(?:\.[a-z0-9_]{1,40})?)\}")
_LINK = re.compile(
    r"(?i:\w+://|www\.)\S*|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b(?:[\w-]+\.)+(?:[a-z]{2,}|[A-Z]{2,})(?:[/?#]\S*)?(?=\W|$)"
)
"""Addresses. "Mr.Smith" is none: a domain's last part is written in one case."""
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_MARKUP = re.compile(r"<[^<>]{0,200}>|[<>`\\{}]|\$(?=\{)|^[#>*+\s-]+(?=\s)")
_LEADING = re.compile(r"^[#>*+\s-]+(?=\s)")
_ENDS_SENTENCE = re.compile(r"(?:^|[.!?…][\"”’)]*\s+|^[\"“(]+)$")
_SENTENCE_START = re.compile(r"(?:^|(?<=[.!?…] ))[\"“(]*[a-z]")
_OWN_SPELLING = (".title", ".brand")
TITLE_LIMIT = 300
"""Characters; as long as a catalog's titles may be."""


def names(text: str) -> tuple[str, ...]:
    """The names of the references in `text`, in order, as often as they stand there."""
    return tuple(REFERENCE.findall(text))


def fill(text: str, references: Mapping[str, str]) -> tuple[str, tuple[Finding, ...]]:
    """`text` with every known reference replaced; each unknown one is left out and reported. What begins a sentence
    gets a capital, but titles and brands keep their shop's spelling."""
    parts: list[str] = []
    findings: dict[str, Finding] = {}
    place = 0
    for match in REFERENCE.finditer(text):
        parts.append(text[place : match.start()])
        place, name = match.end(), match.group(1)
        value = references.get(name)
        if value is None:
            reason = "there is no such fact in this turn; use a name that was given"
            findings[name] = Finding(words=match.group(), rule="reference", reason=reason)
        elif _ENDS_SENTENCE.search(text[: match.start()]) and not name.endswith(_OWN_SPELLING):
            value = capitalised(value)
        parts.append(value or "")
    filled = re.sub(r"[ \t]{2,}", " ", "".join([*parts, text[place:]])).strip()
    return filled, tuple(findings.values())


def raised(text: str) -> str:
    """`text` with a capital at its start and after each full stop; references stay as they are."""
    return _SENTENCE_START.sub(lambda match: match.group()[:-1] + match.group()[-1].upper(), text)


def plain(text: str, limit: int = TITLE_LIMIT, mail: bool = False) -> str:
    """Somebody else's words as harmless plain text on one line: no control or invisible characters, no links or addresses, nothing that
    Markdown, HTML or a template would read, at most `limit` characters. `mail`: the words are the shop's own page, whose mail addresses
    stay; its links go all the same."""
    visible = "".join(
        " " if char in "\t\r\n\u2028\u2029" else char
        for char in unicodedata.normalize("NFC", text[: 20 * limit])
        if char in "\t\r\n" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    unlinked = _LINK.sub(lambda link: link.group() if mail and _MAIL.fullmatch(link.group()) else " ", visible)
    bare = _MARKUP.sub(" ", unlinked).replace("](", "] (")
    line = _LEADING.sub("", re.sub(r"\s+", " ", bare).strip()).strip()  # what stood behind markup may be a list's mark now
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"
