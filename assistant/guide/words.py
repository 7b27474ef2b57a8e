"""Prose as sentences and tokens: what verification reads. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple

Kind = Literal["word", "reference", "stop", "mark", "number", "link", "markup"]

_TOKEN = re.compile(
    r"(?P<reference>\{[a-z0-9_]{1,24}(?:\.[a-z0-9_]{1,40})?\})"
    r"|(?P<link>[\w.+-]*@[\w.-]+|\w+://\S*|(?:\w[\w-]*\.)+(?=\w)[\w/%?=&#-]+)"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<number>[\d\u00bc-\u00be\u2150-\u218b%‰\u20a0-\u20cf$¢£¤¥]+)"
    r"|(?P<joint>(?<=[^\W\d_])['’\-‐‑](?=[^\W\d_]))"
    r"|(?P<stop>[,;:()–—]|\s-\s|[.!?…]+)"
    r"|(?P<mark>[\"“”‘’'-]|(?<=\s)&(?=\s))"
    r"|(?P<space>\s+)"
    r"|(?P<markup>.)",
    re.DOTALL,
)
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’)]*\s+|[\r\n\u2028\u2029]+")
_LATIN = re.compile(r"[a-z]+")


class Token(NamedTuple):
    """A piece of a sentence. `word` is `text` folded (for words alone); `joint` is what ties it to the word before: "", "'" or "-"."""

    kind: Kind
    text: str
    word: str = ""
    joint: str = ""


def word_set(text: str) -> frozenset[str]:
    """The words of `text`, cut at spaces."""
    return frozenset(text.split())


def fold(text: str) -> str:
    """Lower case, accents off: how words are compared."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in spread if not unicodedata.combining(char))


def sentences(text: str) -> tuple[str, ...]:
    """`text` cut after . ! ? … before a space, and at line breaks; none is empty."""
    return tuple(part for part in (piece.strip() for piece in _SENTENCE_END.split(text)) if part)


def tokens(sentence: str) -> tuple[Token, ...]:
    """The tokens of a sentence, spaces left out. What is no Latin word, reference or plain punctuation is a number, a link or markup.

    "isn't" gives "is" and "not", "won't" "will" and "not"; of "it's", "you'll" and the like the ending is left out."""
    found: list[Token] = []
    joint = ""
    for match in _TOKEN.finditer(sentence):
        kind, text = match.lastgroup or "markup", match.group()
        if kind == "joint":
            joint = "-" if text in "-‐‑" else "'"
            continue
        if kind == "word":
            found.extend(_word(text, joint, found))
        elif kind != "space":
            found.append(Token(kind, text))  # type: ignore[arg-type]  # every other group is named after its kind
        joint = ""
    return tuple(found)


def _word(text: str, joint: str, before: list[Token]) -> list[Token]:
    word = fold(text)
    if not _LATIN.fullmatch(word):
        return [Token("number" if any(char.isnumeric() for char in text) else "markup", text)]
    if joint == "'" and before and before[-1].kind == "word":
        if word == "t":
            last = before.pop()
            stem = {"won": "will", "shan": "shall", "can": "can"}.get(last.word, last.word.removesuffix("n"))
            return [last._replace(word=stem), Token("word", "not", "not")]
        if word in ("s", "ll", "re", "ve", "d", "m"):
            return []
    return [Token("word", text, word, joint)]


def singular(word: str) -> str:
    """A regular plural's singular, else `word` itself: "cuffs" -> "cuff", "dresses" -> "dress", "bodies" -> "body"."""
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith(("xes", "zes", "ches", "shes", "sses")):
        return word[:-2]
    return word[:-1]
