"""What the shopper does beside wishing: compares, asks, adds to the basket, greets, wanders off."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.schema import Act, ActKind, BasketChange
from assistant.understanding.clauses import trimmed
from assistant.understanding.lexicon import Hit
from assistant.understanding.references import Pointer
from assistant.understanding.sizes import SizeFound
from assistant.understanding.tokens import Chunk, Cover, Span, Utterance, View, by_first
from assistant.understanding.words import ActCues, Claims, Words, any_of
from catalog_data.schema import Slot

POINTING: frozenset[ActKind] = frozenset({"compare", "describe", "more_like", "not_this", "pair", "basket", "explain"})
"""The acts that are about items."""
_BESIDE: frozenset[ActKind] = frozenset({"greeting", "thanks", "goodbye", "affirm", "deny"})
"""What may be said in the same clause as anything else."""
_CODE = re.compile(r"(?<![\w])(?=[A-Za-z0-9_-]*\d)[A-Za-z][A-Za-z0-9_-]{2,39}(?![\w])|(?<![\w])[A-Z][A-Z0-9_-]{3,39}(?![\w])")
_NAMED_CODE = re.compile(r"\b(?:code|voucher|coupon)(?: is| called|:)? +[\"'“]?([A-Za-z0-9][A-Za-z0-9_-]{2,39})", re.IGNORECASE)


@dataclass(frozen=True)
class FoundAct:
    """An act, the words that say it, the words that belong to it alone, and what it points at."""

    kind: ActKind
    detail: str
    span: Span
    claimed: Span | None
    pointers: tuple[Pointer, ...] = ()


@dataclass(frozen=True)
class Scene:
    """What acts are read from: the message, its clauses, and what was understood in it so far."""

    utterance: Utterance
    clauses: tuple[Span, ...]
    chunks: Mapping[int, Chunk]
    pointers: tuple[Pointer, ...]
    hits: tuple[Hit, ...]
    sizes: tuple[SizeFound, ...]


class ActReader:
    """Finds acts. One clause has at most one act that claims it whole."""

    def __init__(self, cues: Sequence[ActCues], words: Words) -> None:
        self._rules: tuple[tuple[ActCues, re.Pattern[str]], ...] = tuple(
            (rule, any_of([cue.replace("{ref}", "@(?:it|item)") for cue in rule.cues])) for rule in cues
        )
        self._about: tuple[tuple[Slot, re.Pattern[str]], ...] = tuple(
            (slot, any_of(found)) for slot, found in words.about.items()
        )
        self._slot_words = tuple((slot, any_of([word])) for word, slot in words.slot_words.items())
        self._care = any_of(words.care)
        self._reasons = tuple((reason, any_of(found)) for reason, found in words.reasons.items())
        self._seeking = any_of(words.seeking)
        self._words = words

    def find(self, scene: Scene) -> tuple[FoundAct, ...]:
        """The acts of the message in the order in which they are said."""
        found = [act for clause in scene.clauses for act in self._in_clause(scene, clause)]
        return tuple(_without_echoes(sorted(found, key=lambda act: act.span)))

    def _in_clause(self, scene: Scene, clause: Span) -> Iterator[FoundAct]:
        clause = trimmed(scene.utterance, clause)
        view = View(scene.utterance.tokens, scene.chunks, within=clause)
        taken = Cover()
        claimed = False
        for rule, pattern in self._rules:
            if claimed and rule.kind not in _BESIDE:
                continue
            for span, _ in view.find(pattern):
                if not taken.frees(span):
                    continue
                taken.add(span)
                claimed = claimed or rule.claims == "clause"
                yield self._act(scene, rule.kind, rule.detail, span, clause, rule.claims)
                if rule.claims == "clause":
                    break

    def _act(self, scene: Scene, kind: ActKind, detail: str, span: Span, clause: Span, claims: Claims) -> FoundAct:
        whole = claims == "clause"
        pointers = tuple(p for p in scene.pointers if p.span.within(clause)) if kind in POINTING else ()
        if kind in ("more_like", "not_this"):
            pointers = tuple(p for p in pointers if p.span.overlaps(span)) or pointers[:1]
        return FoundAct(kind, detail, clause if whole else span, {"clause": clause, "span": span, "none": None}[claims], pointers)

    def finished(self, act: FoundAct, scene: Scene) -> Act:
        """The act as the next step reads it."""
        references = tuple(pointer.reference for pointer in act.pointers)
        evidence = scene.utterance.words(act.span)
        if act.kind == "basket":
            return Act(kind="basket", evidence=evidence, references=references, change=self._change(act, scene))
        if act.kind in ("describe", "pair"):
            about, values, detail = self._asked(act, scene)
            return Act(
                kind=act.kind,
                evidence=evidence,
                references=references,
                about=about,
                about_values=values,
                detail=act.detail or detail,
            )
        detail = self._reason(act, scene) if act.kind == "not_this" else act.detail
        return Act(kind=act.kind, evidence=evidence, references=references, detail=detail)

    def bare_reference(self, scene: Scene, acts: Sequence[FoundAct]) -> FoundAct | None:
        """A message that only points ("the second one please") asks to hear of that item; None where it does or seeks anything else."""
        pointers = tuple(p for p in scene.pointers if p.reference.kind != "pronoun" and p.reference.product_ids)
        content = [*(hit.span for hit in scene.hits if hit.meanings), *(size.span for size in scene.sizes)]
        busy = any(act.kind not in _BESIDE for act in acts) or next(scene.utterance.plain.find(self._seeking), None) is not None
        pointed = Cover(pointer.span for pointer in pointers)
        if not pointers or busy or not all(pointed.holds(span) for span in content):
            return None
        span = Span(pointers[0].span.first, pointers[-1].span.last)
        closed = Cover([*(act.span for act in acts), *(pointer.span for pointer in pointers)])
        for at in range(len(scene.utterance.tokens)):
            token = scene.utterance.tokens[at]
            if token.is_word and token.norm not in self._words.idle and closed.frees(Span(at, at + 1)):
                return None
        return FoundAct("describe", "", span, None, pointers)

    def _asked(self, act: FoundAct, scene: Scene) -> tuple[tuple[Slot, ...], tuple[str, ...], str]:
        """What a question is about: slots, values, and "care" for how an item is washed."""
        outside = [p.span for p in act.pointers]
        terms: list[tuple[Slot, str]] = []
        for hit in scene.hits:
            if hit.span.within(act.span) and not any(hit.span.overlaps(span) for span in outside):
                terms.extend((meaning.term.slot, meaning.term.value) for meaning in hit.meanings)
        terms.extend(("size", size.label) for size in scene.sizes if size.span.within(act.span))
        view = View(scene.utterance.tokens, by_first(p.chunk for p in act.pointers), within=act.span)
        named = [slot for slot, pattern in (*self._slot_words, *self._about) if next(view.find(pattern), None)]
        care = next(view.find(self._care), None) is not None
        if act.kind == "pair":
            named = []
        slots = tuple(dict.fromkeys([*(slot for slot, _ in terms), *named]))
        return slots, tuple(dict.fromkeys(value for _, value in terms)), "care" if care and act.kind == "describe" else ""

    def _reason(self, act: FoundAct, scene: Scene) -> str:
        """Why an item is not wanted: price, fit, quality or style; "" where nothing is said of it."""
        sentence = next((clause for clause in scene.clauses if act.span.within(clause)), act.span)
        following = [clause for clause in scene.clauses if clause.first == sentence.last]
        around = Span(sentence.first, following[0].last if following else sentence.last)
        view = View(scene.utterance.tokens, scene.chunks, within=around)
        raw = View(scene.utterance.tokens, within=around)
        for reason, pattern in self._reasons:
            if next(raw.find(pattern), None) or next(view.find(pattern), None):
                return reason
        return ""

    def _change(self, act: FoundAct, scene: Scene) -> BasketChange:
        """What to do to the basket: how many, in which size, with which code."""
        size = next((found.label for found in scene.sizes if found.span.within(act.span)), None)
        quantity = self._quantity(act, scene)
        match act.detail:
            case "apply_code":
                return BasketChange(verb="apply_code", code=_code(scene.utterance.words(act.span)))
            case "add":
                return BasketChange(verb="add", quantity=quantity, size=size)
            case "set_quantity":
                return BasketChange(verb="set_quantity", quantity=quantity)
            case "set_size":
                return BasketChange(verb="set_size", size=size)
            case "remove":
                return BasketChange(verb="remove")
            case "clear":
                return BasketChange(verb="clear")
        return BasketChange(verb="show")

    def _quantity(self, act: FoundAct, scene: Scene) -> int | None:
        """The number said outside sizes and pointers ("two of them"); None where none is."""
        closed = [
            *(p.span for p in act.pointers),
            *(size.span for size in scene.sizes),
            *(h.span for h in scene.hits if h.meanings),
        ]
        for at in range(*act.span):
            token = scene.utterance.tokens[at]
            if any(span.first <= at < span.last for span in closed):
                continue
            number = int(token.norm) if token.norm.isdecimal() and len(token.norm) <= 2 else self._words.numbers.get(token.norm)
            if number is not None and 0 <= number <= 99 and not (token.norm == "one" and act.detail != "set_quantity"):
                return number
        return None


def _without_echoes(found: Sequence[FoundAct]) -> Iterator[FoundAct]:
    """Without a refusal of an item that only gives the reason for the one before it ("I don't like the third, it looks boring")."""
    last: FoundAct | None = None
    for act in found:
        if act.kind == "not_this" and last is not None and last.kind == "not_this":
            ids = {each for pointer in act.pointers for each in pointer.reference.product_ids}
            if ids <= {each for pointer in last.pointers for each in pointer.reference.product_ids}:
                continue
        last = act
        yield act


def _code(words: str) -> str | None:
    """The code in the shopper's words, in capitals: named as one, else the first word with a digit or all in capitals."""
    named = _NAMED_CODE.search(words)
    if named is not None and named.group(1).casefold() not in ("code", "please", "for", "and", "the", "with"):
        return named.group(1).upper()
    found = _CODE.search(words)
    return found.group().upper() if found else None
