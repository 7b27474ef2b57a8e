"""Sentence patterns as data, and the choice among them: never the same one twice within six turns. Pure but for reading the files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import yaml

from assistant.guide.english import agree
from assistant.guide.references import REFERENCE, raised
from assistant.guide.verification import read_words
from assistant.guide.wording import Wording, load_wording
from catalog_data.schema import Frozen

FOLDER = Path(__file__).with_name("phrases")
DESCRIPTIVE_FILE = Path(__file__).with_name("descriptive.txt")
FILES = ("items", "openings", "closings", "shop", "talk")
WINDOW = 6
"""Turns within which no pattern is used twice, as long as another one can say the same."""

_FRAGMENT = re.compile(r"<([a-z_]+)>")
_OPTIONAL = re.compile(r"\[\[(.*?)\]\]")
"""A part that is said only where its own blanks can be filled: "{title}[[, {price}]]: <what>."; no agreement stands in one."""


class Pattern(Frozen):
    """One sentence (or two) with blanks. `needs`: the names of its blanks but those of optional parts; `when`, `unless`: conditions beside
    them."""

    pattern_id: str
    text: str
    needs: frozenset[str]
    when: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()

    @property
    def beginning(self) -> str:
        """Its first words, by which two patterns may sound alike: no turn has the same twice where it can be helped."""
        return " ".join(re.sub(r"[^\w{}<>' ]", "", _OPTIONAL.sub("", self.text)).split()[:3])

    def usable(self, have: Collection[str], flags: Collection[str]) -> bool:
        """True when every blank can be filled and every condition holds."""
        return self.needs <= set(have) and self.when <= set(flags) and not self.unless & set(flags)


class Voice(Frozen):
    """All that the composer speaks with: patterns by pool, the words for values, and the words that a shop's prose may add to the facts."""

    pools: Mapping[str, tuple[Pattern, ...]]
    wording: Wording
    descriptive: frozenset[str]


def read_patterns(folder: Path = FOLDER) -> Mapping[str, tuple[Pattern, ...]]:
    """Every pool of every file. A pattern's id is its pool and the start of its text's SHA-256, so that it stays when others come and go."""
    pools: dict[str, tuple[Pattern, ...]] = {}
    for name in FILES:
        raw = yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8"))
        for pool, entries in raw.items():
            pools[pool] = tuple(_pattern(pool, entry) for entry in entries)
    return pools


def _pattern(pool: str, entry: str | Mapping[str, object]) -> Pattern:
    fields = {"text": entry} if isinstance(entry, str) else dict(entry)
    text = str(fields["text"])
    digest = hashlib.sha256(text.encode()).hexdigest()[:6]
    return Pattern.model_validate({**fields, "pattern_id": f"{pool}.{digest}", "needs": _blanks(_OPTIONAL.sub("", text))})


def _blanks(text: str) -> frozenset[str]:
    return frozenset((*_FRAGMENT.findall(text), *REFERENCE.findall(text)))


@cache
def load_voice() -> Voice:
    """The voice as shipped. Read once: its files do not change while the program runs."""
    return Voice(pools=read_patterns(), wording=load_wording(), descriptive=read_words(DESCRIPTIVE_FILE))


class Picker:
    """Chooses patterns for one turn. The same turn, message and past give the same choices.

    `past`: entries "turn:pattern id" of earlier turns, as `used` gives them."""

    def __init__(self, voice: Voice, turn: int, seed: str, past: Sequence[str]) -> None:
        self._voice = voice
        self._turn = turn
        self._seed = seed
        self._last: dict[str, int] = {}
        for entry in past:
            number, _, pattern_id = entry.partition(":")
            if number.isdigit() and turn - int(number) < WINDOW:
                self._last[pattern_id] = int(number)
        self._used: list[str] = []
        self._begun: set[str] = set()

    @property
    def used(self) -> tuple[str, ...]:
        """What this turn used, as "turn:pattern id", in order."""
        return tuple(f"{self._turn}:{pattern_id}" for pattern_id in self._used)

    def fresh(self, pool: str, have: Collection[str], flags: Collection[str] = ()) -> bool:
        """True when the pool has a usable pattern that was not used within the window."""
        return any(p.usable(have, flags) and p.pattern_id not in self._last for p in self._voice.pools[pool])

    def lately(self, pool: str, turns: int = WINDOW) -> bool:
        """True when a pattern of the pool was used in one of the last `turns` turns before this one."""
        return any(each.startswith(f"{pool}.") and self._turn - turns <= turn < self._turn for each, turn in self._last.items())

    def has_said(self, pool: str) -> bool:
        """True when a pattern of the pool was used in this turn."""
        return any(each.startswith(f"{pool}.") for each in self._used)

    def pick(self, pools: str | Sequence[str], have: Collection[str], flags: Collection[str] = ()) -> Pattern | None:
        """A usable pattern of any of the pools: a fresh one, else the one used longest ago; None where none is usable."""
        names = (pools,) if isinstance(pools, str) else pools
        usable = [p for name in names for p in self._voice.pools[name] if p.usable(have, flags)]
        fresh = [p for p in usable if p.pattern_id not in self._last]
        fresh = [p for p in fresh if p.beginning not in self._begun] or fresh
        if not usable:
            return None
        oldest = min(usable, key=lambda p: (self._last.get(p.pattern_id, 0), self._rank(p.pattern_id)))
        chosen = fresh[self._number(names, len(fresh))] if fresh else oldest
        self._last[chosen.pattern_id] = self._turn
        self._used.append(chosen.pattern_id)
        self._begun.add(chosen.beginning)
        return chosen

    def _number(self, names: Iterable[str], most: int) -> int:
        key = f"{self._seed}|{self._turn}|{','.join(names)}|{len(self._used)}"
        return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") % most

    def _rank(self, pattern_id: str) -> int:
        return self._used.index(pattern_id) if pattern_id in self._used else -1


def worded(
    pattern: Pattern, fragments: Mapping[str, str], have: Collection[str] = (), label: str | None = None, several: bool = False
) -> str:
    """A pattern's text with its fragments put in; optional parts stay where `have` (the names that can be filled) holds their blanks;
    references without a dot become those of `label`; forms agree with `several`."""
    known = {*have, *fragments}
    text = _OPTIONAL.sub(lambda match: match.group(1) if _blanks(match.group(1)) <= known else "", pattern.text)
    text = _FRAGMENT.sub(lambda match: fragments[match.group(1)], agree(text, several))
    if label is not None:
        text = REFERENCE.sub(lambda match: match.group() if "." in match.group() else f"{{{label}.{match.group(1)}}}", text)
    return raised(text)
