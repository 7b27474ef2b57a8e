"""What a sentence of a language model must keep to, beside the rules for every sentence: forms for who does what. Pure; fails closed.

The program's own sentences are trusted code, made of patterns that tests read; a model's may be anything. Words that claim nothing one by
one can promise, remember and give away together ("it is on us", "you liked it before", "{price} for each month"). So a model has a short list
of words (`model_words.txt`), and those of them that say who does what stand only in the forms of model_forms.py. What no form foresees is
withheld."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from assistant.guide.claim_rules import PERSONS
from assistant.guide.model_forms import (
    AT_HER,
    BARRED,
    BEFORE,
    BESIDE_FIGURE,
    BESIDE_THING,
    CHOOSERS,
    CHOOSES,
    FACT,
    FIGURE_WORDS,
    FOLLOWED,
    HERS,
    LINKS,
    NEW_CLAUSE,
    OPENING_ONLY,
    PASSED_OVER,
    PERSON,
    REWORDED,
    SAID_WITH,
    SHE_MAY,
    STOP,
    TITLE,
)
from assistant.guide.reading import Frame, Reading, name_of
from assistant.guide.units import Unit
from assistant.guide.words import singular
from assistant.schema import Finding
from catalog_data.vocabulary import normalise

_SMALL = frozenset(
    {"of", "in", "and", "a", "an", "with", "the", "for", "on", "details", "detail", "only", "strap", "front", "fingertips"}
)
"""In the vocabulary's phrases these add nothing to the value."""
_ALIKE = {"imitation": "faux"}
_DOWN_THE_FRONT = ("down", "the", "front")
LIKENESS = ("+ like this", "+ like these")
_REWORDED = re.compile(rf"\b(?:{'|'.join(REWORDED)})\b")
_WISH = re.compile(
    r"(if )?\byou (?:have |would |are |were )?(?:asked|wanted|wished|mentioned|want|wish|like|need|prefer|looking)\b(?: for\b)?"
)
_WISH_ENDS = re.compile(r" (?:\||so|but|as|because|since|which|(?:and|or) (?:it|they|this|these|here|@))(?= |$)")


def model_findings(reading: Reading, frame: Frame) -> Iterator[Finding]:
    """What speaks against a sentence because a model wrote it."""
    said = _said(reading, frame)
    text = _REWORDED.sub(lambda match: REWORDED[match.group()], " ".join(said))
    words = text.split()
    yield from _forms(words, frame)
    yield from _choosers(words)
    yield from _people(words, reading, frame)
    for kind, pattern in BARRED:
        match = re.search(pattern, text)
        if match is not None:
            yield _claim(match.group(), f"a claim ({kind}) that no fact proves")
    yield from _figures(text, frame)
    yield from _wishes(reading, frame)
    yield from _with_another(reading)
    yield from _overclaims(reading, frame)
    if frame.free:
        yield from _denials(reading, frame)


def _claim(words: str, reason: str) -> Finding:
    return Finding(words=words, rule="claim", reason=reason)


def _said(reading: Reading, frame: Frame) -> tuple[str, ...]:
    """The sentence as the forms see it, a symbol a unit; quotation marks are left out."""
    units = {unit.first: unit for unit in reading.units}
    said: list[str] = []
    inside = 0
    for place, part in enumerate(reading.tokens):
        if part.kind == "reference":
            name = name_of(part)[1]
            said.append(TITLE if name == "title" else f"#{name}")
        elif part.kind == "stop":
            said.append(STOP)
        elif part.kind == "word" and place >= inside:
            unit = units.get(place)
            said.append(FACT if unit is None else _symbol(unit, reading, frame))  # no unit: the item's own brand
            inside = place + 1 if unit is None else unit.end
    return tuple(said)


def _symbol(unit: Unit, reading: Reading, frame: Frame) -> str:
    if unit.text in frame.idle or unit.text == "one":
        return unit.text
    if reading.facts.allows(unit):
        return FACT
    if frame.shopper.allows(unit) or unit.text == frame.recipient:
        return PERSON if PERSONS.intersection(unit.words) else HERS
    return "_".join(unit.words)


def _forms(words: Sequence[str], frame: Frame) -> Iterator[Finding]:
    """Every word that needs a neighbour has it."""
    for place, word in enumerate(words):
        after, before = FOLLOWED.get(word), BEFORE.get(word)
        if after is not None and re.match(rf"(?:{after})(?= |$)", " ".join(words[place + 1 :])) is None:
            yield _claim(" ".join(words[place : place + 3]), f'no form in which "{word}" may be said')
        if before is not None and re.search(before, " ".join(words[:place])) is None:
            yield _claim(" ".join(words[max(place - 2, 0) : place + 1]), f'no form in which "{word}" may be said')
        if word in OPENING_ONLY and not frame.free:
            yield _claim(word, "not said of one item")


def _choosers(words: Sequence[str]) -> Iterator[Finding]:
    """Nobody but the shopper and the writer chooses, likes or wears."""
    for place, word in enumerate(words):
        if word not in CHOOSERS or " ".join(words[place - 1 : place + 2]) in LIKENESS:
            continue
        first = place
        while first and words[first - 1] in PASSED_OVER:
            first -= 1
        allowed = CHOOSES | ({PERSON} if word == "wear" else set())
        if first and words[first - 1] not in allowed and not (word == "look" and words[first - 1] != "they"):
            yield _claim(" ".join(words[first - 1 : place + 1]), "somebody who chooses")


def _people(words: Sequence[str], reading: Reading, frame: Frame) -> Iterator[Finding]:
    for place, word in enumerate(words):
        own = AT_HER.search(" ".join(words[:place])) if word == PERSON else None
        if word == PERSON and words[place - 1 : place] == ["your"] and SHE_MAY.match(" ".join(words[place + 1 :])):
            continue
        if word in PERSONS or (word == PERSON and own is None):
            yield _claim(word, "a person who does or is something")
        elif own is not None and own.group().startswith("at ") and " ".join(words[place + 1 : place + 2]) not in (FACT, HERS):
            yield _claim("at your", "a person who is a place")
    followed = {unit.first for unit in reading.units if reading.facts.allows(unit)}
    for unit in reading.units:
        if any(term.slot == "gender" and term.value != "unisex" for term in unit.terms) and unit.text not in frame.idle:
            before = [part.word for part in reading.tokens[: unit.first] if part.word not in ("the", "a", "your", "my")][-1:]
            if before not in (["for"], ["and"], ["or"]) and unit.end not in followed:
                yield _claim(unit.text, "people who do or are something")


def _with_another(reading: Reading) -> Iterator[Finding]:
    """An item is not "with a dress": what it has is no item of its own."""
    taken = {place for unit in reading.units if reading.facts.allows(unit) for place in range(unit.first, unit.end)}
    for unit in reading.units:
        if not unit.terms or any(term.slot != "category" for term in unit.terms):
            continue
        before = unit.first - 1
        while before >= 0 and (before in taken or reading.tokens[before].word in BESIDE_THING):
            before -= 1
        if before >= 0 and reading.tokens[before].word in ("with", "has", "have"):
            yield _claim(unit.text, "another item beside this one")


def _overclaims(reading: Reading, frame: Frame) -> Iterator[Finding]:
    """The vocabulary takes many a word for a value that says more than it: "down jacket" finds puffers, "pure silk" silk. To find by them is
    right, to say them is not, unless the facts have the word. And what something is made of is a material, not its colour."""
    facts = reading.facts
    names = facts.own | {singular(word) for term in facts.terms for word in normalise(term.value).split()}
    told = [unit for unit in reading.units if unit.terms and unit.text not in frame.idle and facts.allows(unit)]
    canonical = {normalise(term.value) for term in facts.terms}
    for unit in (each for each in told if each.text not in canonical):
        slots = {term.slot for term in unit.terms if term in facts.terms}
        narrow = bool(slots & {"material", "feature"}) or (slots == {"category"} and len(unit.words) > 1)
        words = unit.words[:-3] if unit.words[-3:] == _DOWN_THE_FRONT else unit.words  # there "down" is a place
        if narrow and not all(_is_named(_ALIKE.get(word, word), names) for word in words):
            yield _claim(unit.text, "says more than the facts do")
        for terms in unit.parts[: len(words)] if "material" not in slots else ():
            material = [term for term in terms if term.slot == "material"]
            if material and not facts.terms.intersection(material):
                yield _claim(unit.text, "names a material that no fact has")
    for place, part in enumerate(reading.tokens[:-2]):
        if part.word == "made" and reading.tokens[place + 1].word in ("of", "from", "in", "with"):
            stuff = next((each for each in told if each.first == place + 2), None)
            if stuff is None or not any(term.slot == "material" and term in facts.terms for term in stuff.terms):
                yield _claim(f"made {reading.tokens[place + 1].word}", "not followed by a material of the item")


def _is_named(word: str, names: frozenset[str] | set[str]) -> bool:
    """True where the facts have the word, or one that it is formed of ("hooded" of "hood")."""
    if word in _SMALL or singular(word) in names:
        return True
    return any((len(name) >= 4 and word.startswith(name)) or _stem(name) == _stem(word) for name in names)


def _stem(word: str) -> str:
    return next((word.removesuffix(end) for end in ("ing", "ed", "y") if word.endswith(end) and len(word) > len(end) + 2), word)


def _figures(text: str, frame: Frame) -> Iterator[Finding]:
    """A clause with a figure says what it is and no more; beside it nothing stands that could be its condition."""
    figured, earlier = "#" in text, "#list_price" in text or "#before" in text
    for clause in NEW_CLAUSE.split(text):
        said = clause.split()
        names = re.findall(r"#(\w+)", clause)
        if not said or clause in LINKS:
            continue
        if names:
            allowed = (SAID_WITH.get(name) for name in names)
            if frame.free or not all(pattern is not None and re.fullmatch(pattern, clause) for pattern in allowed):
                yield Finding(words=clause, rule="reference", reason="no form in which a figure may be said")
            elif "now" in said and not earlier:
                yield Finding(words=clause, rule="reference", reason='"now" without an earlier price')
        elif not FIGURE_WORDS.isdisjoint(said):
            yield _claim(clause, "said beside a figure only")
        elif figured and not BESIDE_FIGURE.match(clause):
            yield Finding(words=clause, rule="reference", reason="could be a condition of the figure beside it")


def _wishes(reading: Reading, frame: Frame) -> Iterator[Finding]:
    """What the shopper is said to wish is in her words. "It is red, as you asked": then so is whatever the sentence says of the item."""
    symbols = ["@" if part.kind == "reference" else part.word or STOP for part in reading.tokens]
    ends = [len(" ".join(symbols[: place + 1])) for place in range(len(symbols))]
    text = " ".join(symbols)
    telling = [unit for unit in reading.units if unit.text not in frame.idle]
    properties = [unit for unit in telling if any(term.slot != "category" for term in unit.terms)]
    for wish in _WISH.finditer(text):
        if wish.group(1):
            continue
        close = _WISH_ENDS.search(text, wish.end())
        end = close.start() if close is not None else len(text)
        wished = [unit for unit in telling if wish.end() < ends[unit.first] and ends[unit.end - 1] <= end]
        for unit in wished or properties:
            if not _is_hers(unit, reading, frame):
                yield _claim(unit.text, "not what the shopper said")


def _is_hers(unit: Unit, reading: Reading, frame: Frame) -> bool:
    if reading.negated(unit):
        return frame.shopper.denies(unit)
    return frame.shopper.allows(unit) or unit.text == frame.recipient


def _denials(reading: Reading, frame: Frame) -> Iterable[Finding]:
    """In talk, only what the shopper does not want is denied, or what no item shown has."""
    for scope in reading.scopes:
        reached = [unit for unit in reading.units if scope.first <= unit.first < scope.end]
        if not any(frame.shopper.denies(unit) or reading.facts.denies(unit) for unit in reached):
            yield _claim(" ".join(part.text for part in reading.tokens[scope.negator : scope.end]), "denies what nobody refused")
