"""The rules that one sentence must pass. Pure; `sentence_findings` gives every reason against it, none when it may be shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assistant.guide.claim_rules import (
    BEFORE_ONE,
    BEFORE_PEOPLE,
    CLAIM_PHRASES,
    CLAIMS,
    EARLIER,
    LICENCES,
    MONEY_WORDS,
    NOT_BEFORE,
    NUMBER_WORDS,
    PEOPLE,
    REDUCTION_CUES,
    REFERENCE_AFTER,
    WHOSE,
)
from assistant.guide.model_rules import model_findings
from assistant.guide.reading import Frame, Reading, name_of, read
from assistant.guide.units import Scope, Unit, clause_end, phrase_tokens
from assistant.guide.words import Token, tokens, word_set
from assistant.schema import Finding

WISH_CUE = re.compile(
    r"\b(?:you (?:said|asked|want|wanted|wish|wished|like|need|needed|prefer|preferred|mentioned|told|would|had|have|are|were|gave)"
    r"|your (?:wish|wishes|taste|request|liking|preference|preferences|words)|look(?:ed|ing)? for|search(?:ed|ing)? for|noted|in mind)\b"
)
"""After these the words are the shopper's, until the sentence comes back to the items."""
BACK_TO_ITEMS = word_set("here these those this they it its is has have each both so which that")

WISH_FOLLOWS = re.compile(r"(?:(?!here\b|these\b|those\b|this\b|they\b|it\b)\w+ )*you (?:asked|wanted|wished|mentioned)\b")
"""What goes on to a wish without coming to the items."""

YOUR_WORD = ("for", "your")
"""What is for "your ..." is the shopper's: her words may follow, to the end of the clause."""


def sentence_findings(sentence: str, frame: Frame) -> tuple[Finding, ...]:
    """Everything that speaks against showing `sentence`."""
    parts = tokens(sentence)
    found = [*_signs(parts), *_references(parts, frame)]
    if found:
        return tuple(found)
    reading = read(parts, frame)
    return (
        *_figures(reading),
        *_capitals(reading, frame),
        *_negations(reading, frame),
        *_phrases(reading, frame),
        *(finding for unit in reading.units for finding in _unit_findings(unit, reading, frame)),
        *(model_findings(reading, frame) if frame.modelled else ()),
    )


def _signs(parts: Sequence[Token]) -> Iterable[Finding]:
    for part in parts:
        if part.kind == "number":
            yield Finding(words=part.text, rule="number", reason="figures and currencies stand in references only")
        elif part.kind == "link":
            yield Finding(words=part.text, rule="link", reason="no address is ever shown")
        elif part.kind == "markup":
            yield Finding(words=part.text, rule="markup", reason="only plain words and punctuation are shown")


def _references(parts: Sequence[Token], frame: Frame) -> Iterable[Finding]:
    for part in parts:
        if part.kind != "reference":
            continue
        space, _ = name_of(part)
        if part.text.strip("{}") not in frame.references:
            yield Finding(words=part.text, rule="reference", reason="there is no such fact in this turn")
        elif space in frame.foreign or not (space in frame.labels or frame.namespaces is None or space in frame.namespaces):
            yield Finding(words=part.text, rule="reference", reason="this fact belongs to another section")


def _figures(reading: Reading) -> Iterable[Finding]:
    """A figure must stand where its neighbours say no more of it than it is."""
    parts = reading.tokens
    for place, part in enumerate(parts):
        kind = name_of(part)[1] if part.kind == "reference" else ""
        if kind not in REFERENCE_AFTER:
            continue
        before = parts[place - 1] if place else None
        after = parts[place + 1] if place + 1 < len(parts) else None
        if before is not None and before.kind != "stop" and before.kind != "mark" and before.word not in REFERENCE_AFTER[kind]:
            yield Finding(words=f"{before.text} {part.text}", rule="reference", reason=f"{kind} cannot follow this word")
        elif (
            before is not None
            and before.word in ("to", "of")
            and place > 1
            and parts[place - 2].word in ("up", "close", "near", "instead")
        ):
            if not (kind in EARLIER and parts[place - 2].word == "instead"):
                yield Finding(
                    words=f"{parts[place - 2].text} {before.text}", rule="reference", reason=f"{kind} cannot follow these words"
                )
        elif (
            after is not None
            and after.word in NOT_BEFORE
            and not (kind in (*EARLIER, "saving") and after.word in ("before", "less", "off"))
        ):
            yield Finding(words=f"{part.text} {after.text}", rule="reference", reason=f"{kind} cannot be followed by this word")
        elif kind in EARLIER and not any(token.word in REDUCTION_CUES for token in parts[:place] + parts[place + 1 : place + 2]):
            yield Finding(words=part.text, rule="reference", reason="an earlier price must be called one")


def _capitals(reading: Reading, frame: Frame) -> Iterable[Finding]:
    """A name in the middle of a sentence is that of a brand, an item or a place: it must be known."""
    covered = {place for unit in reading.units for place in range(unit.first, unit.end)}
    for place, part in enumerate(reading.tokens):
        starts = place == 0 or (reading.tokens[place - 1].kind == "mark" and place == 1)
        if part.kind != "word" or starts or place not in covered or not part.text[0].isupper():
            continue
        if part.text in ("I", "AI") or (
            part.text == "V" and place + 1 < len(reading.tokens) and reading.tokens[place + 1].joint == "-"
        ):
            continue
        unit = next(unit for unit in reading.units if unit.first <= place < unit.end)
        known = frame.free and part.word in frame.shopper.words
        if not known and not (unit.terms and reading.facts.allows(unit)):
            yield Finding(words=part.text, rule="vocabulary", reason="a name that is none of this item's facts")


def _negations(reading: Reading, frame: Frame) -> Iterable[Finding]:
    """A negation must reach something that is known not to hold, and nothing that holds."""
    if frame.service or (frame.free and not frame.labels):
        return
    for scope in reading.scopes:
        reached = [unit for unit in reading.units if scope.first <= unit.first < scope.end]
        words = " ".join(part.text for part in reading.tokens[scope.negator : scope.end])
        if any(part.kind == "reference" and not _is_earlier(part) for part in reading.tokens[scope.first : scope.end]):
            yield Finding(words=words, rule="claim", reason="a fact of this turn is denied")
        elif any(reading.facts.allows(unit) for unit in reached):
            yield Finding(words=words, rule="claim", reason="denies what the item's facts say")
        elif not any(reading.facts.denies(unit) for unit in reached) and not _is_reduction(reading, scope):
            yield Finding(words=words, rule="claim", reason="denies what the shop does not say")


def _phrases(reading: Reading, frame: Frame) -> Iterable[Finding]:
    """What harmless words claim together. "it is liked by guests": every word of it may stand, the sentence may not."""
    known = phrase_tokens([unit for unit in reading.units if reading.facts.allows(unit)])
    words = (part.word if part.kind == "word" and place not in known else "|" for place, part in enumerate(reading.tokens))
    text = " ".join(words)
    for kind, pattern in CLAIM_PHRASES:
        match = re.search(rf"\b(?:{pattern})\b", text)
        if match is not None and not frame.service:
            yield Finding(words=match.group(), rule="claim", reason=f"a claim ({kind}) that no fact proves")
    for place, part in enumerate(reading.tokens):
        if part.word in PEOPLE and not frame.free and not _are_named_for(reading.tokens[:place]):
            yield Finding(words=part.text, rule="claim", reason="a claim (popularity) that no fact proves")


def _are_named_for(before: Sequence[Token]) -> bool:
    """True when people are those for or with whom something is: "for guests", "with your friends"."""
    words = [part.word for part in before[-2:]]
    return bool(words) and (words[-1] in BEFORE_PEOPLE or (words[-1] in WHOSE and words[0] in BEFORE_PEOPLE))


def _is_earlier(part: Token) -> bool:
    return name_of(part)[1] in EARLIER


def _is_reduction(reading: Reading, scope: Scope) -> bool:
    """ "instead of" an earlier price denies nothing."""
    return any(_is_earlier(part) for part in reading.tokens[scope.first : scope.end])


def _unit_findings(unit: Unit, reading: Reading, frame: Frame) -> Iterable[Finding]:
    negated = reading.negated(unit)
    if negated and reading.facts.denies(unit):
        return
    single = unit.words[0] if len(unit.words) == 1 else ""
    claim = _claim(single, unit, reading, frame)
    if claim is not None:
        yield claim
    elif single in frame.idle or single == "one" or _licensed(single, reading) or (not negated and reading.facts.allows(unit)):
        return
    elif not _is_shoppers(unit, reading, frame):
        yield Finding(words=unit.text, rule="vocabulary", reason=_why_not(unit, frame))


def _why_not(unit: Unit, frame: Frame) -> str:
    if unit.terms:
        slot = unit.terms[0].slot
        return f"a {slot} that the facts do not state" if not frame.free else f"a {slot} that does not hold of every item shown"
    return "in none of: the item's facts, the shopper's words, the words that claim nothing"


def _claim(single: str, unit: Unit, reading: Reading, frame: Frame) -> Finding | None:
    """What no plain word may say: numbers, money, superlatives, popularity, stock, delivery, promises, offers, health."""
    if not single or single in frame.exempt or _licensed(single, reading):
        return None
    if single == "one":
        return (
            None
            if _stands_for_item(unit, reading)
            else Finding(words=single, rule="number", reason="numbers stand in references only")
        )
    if single in NUMBER_WORDS or _is_roman(reading.tokens[unit.first].text):
        return Finding(words=single, rule="number", reason="numbers stand in references only")
    if single in MONEY_WORDS:
        return Finding(words=single, rule="number", reason="money stands in references only")
    if unit.terms and reading.facts.allows(unit):
        return None
    return next(
        (
            Finding(words=single, rule="claim", reason=f"a claim ({kind}) that no fact proves")
            for kind, held in CLAIMS.items()
            if single in held
        ),
        None,
    )


def _is_roman(text: str) -> bool:
    return len(text) > 1 and re.fullmatch(r"[IVXLCDM]+", text) is not None


def _licensed(single: str, reading: Reading) -> bool:
    """True when a reference in the sentence proves what the word says, or a true fit or length makes "fit" or "length" a noun."""
    if single in ("fit", "length"):
        return any(term.slot == single and reading.facts.allows(unit) for unit in reading.units for term in unit.terms)
    return any(single in LICENCES.get(name_of(part)[1], ()) for part in reading.tokens if part.kind == "reference")


def _stands_for_item(unit: Unit, reading: Reading) -> bool:
    """ "this one", "the romantic one": no count."""
    if not unit.first or reading.tokens[unit.first - 1].kind != "word":
        return False
    before = next((each for each in reading.units if each.end == unit.first), None)
    return reading.tokens[unit.first - 1].word in BEFORE_ONE or (before is not None and reading.facts.allows(before))


def _is_shoppers(unit: Unit, reading: Reading, frame: Frame) -> bool:
    """True when the sentence says a word as the shopper's own: of her wishes, where it is about the conversation; else only what follows
    "for your", and only words that are no property of an item."""
    shopper = frame.shopper
    if unit.text == frame.recipient and unit.first and reading.tokens[unit.first - 1].word == "your":
        return True
    if frame.free and not frame.labels:
        if reading.negated(unit):
            return shopper.denies(unit) and _after_cue(unit, reading)
        if not shopper.allows(unit):
            return False
        purpose = not unit.terms or any(term.slot == "occasion" for term in unit.terms)
        free_word = not unit.terms and not frame.modelled
        return free_word or _after_cue(unit, reading) or _before_wish(unit, reading) or (purpose and _for_your(unit, reading))
    if unit.terms or not shopper.allows(unit) or reading.negated(unit):
        return False
    return _for_your(unit, reading)


def _for_your(unit: Unit, reading: Reading) -> bool:
    """True when the unit stands in a clause after "for your"."""
    return any(
        (first.word, second.word) == YOUR_WORD and place < unit.first < clause_end(reading.tokens, place)
        for place, (first, second) in enumerate(zip(reading.tokens, reading.tokens[1:], strict=False))
    )


def _before_wish(unit: Unit, reading: Reading) -> bool:
    """True when the sentence begins "for", and goes on to what the shopper asked, with the unit between and nothing that leads to the items."""
    before = reading.tokens[: unit.first]
    after = " ".join(part.word for part in reading.tokens[unit.end :] if part.kind == "word")
    return (
        reading.tokens[0].word == "for"
        and not any(part.kind == "reference" or part.word in BACK_TO_ITEMS for part in before)
        and WISH_FOLLOWS.match(after) is not None
    )


def _after_cue(unit: Unit, reading: Reading) -> bool:
    """True when the unit follows words that make it a wish, and nothing between leads back to the items."""
    before = reading.tokens[: unit.first]
    for place in range(len(before) - 1, -1, -1):
        if before[place].kind == "reference" or before[place].word in BACK_TO_ITEMS:
            text = " ".join(part.word for part in before[place + 1 :] if part.kind == "word")
            return WISH_CUE.search(text) is not None
    return WISH_CUE.search(" ".join(part.word for part in before if part.kind == "word")) is not None
