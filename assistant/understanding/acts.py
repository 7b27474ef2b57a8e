"""What the shopper does beside wishing: compares, asks, adds to the basket, greets, wanders off."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.schema import Act, ActKind, BasketChange, ParseContext, Reference
from assistant.understanding.clauses import trimmed
from assistant.understanding.lexicon import Hit
from assistant.understanding.references import Pointer
from assistant.understanding.sizes import SizeFound
from assistant.understanding.tokens import Chunk, Cover, Span, Utterance, View, by_first
from assistant.understanding.words import ITEM, ActCues, Words, any_of
from catalog_data.schema import Product, Slot

POINTING: frozenset[ActKind] = frozenset({"compare", "describe", "more_like", "not_this", "pair", "basket", "explain"})
"""The acts that are about items."""
_BESIDE: frozenset[ActKind] = frozenset({"greeting", "thanks", "goodbye", "affirm", "deny"})
"""What may be said in the same clause as anything else."""
_BEFORE_SIZE = frozenset({"in", "size", "to", "into", "a", "an", "the"})
_CODE = re.compile(r"(?<![\w])(?=[A-Za-z0-9_-]*\d)[A-Za-z][A-Za-z0-9_-]{2,39}(?![\w])|(?<![\w])[A-Z][A-Z0-9_-]{3,39}(?![\w])")
_NAMED_CODE = re.compile(r"\b(?:code|voucher|coupon)(?: is| called|:)? +[\"'“]?([A-Za-z0-9][A-Za-z0-9_-]{2,39})", re.IGNORECASE)


@dataclass(frozen=True)
class FoundAct:
    """An act, the words that say it, the words that belong to it alone, and what it points at. `described`: an item that is on no screen
    and only described, from there to the end of the clause ("what goes with black trousers?"). `change`: of the basket, where it is known."""

    kind: ActKind
    detail: str
    span: Span
    claimed: Span | None
    pointers: tuple[Pointer, ...] = ()
    described: Span | None = None
    change: BasketChange | None = None


@dataclass(frozen=True)
class Scene:
    """What acts are read from: the message, its clauses, and what was understood in it so far."""

    utterance: Utterance
    clauses: tuple[Span, ...]
    chunks: Mapping[int, Chunk]
    pointers: tuple[Pointer, ...]
    hits: tuple[Hit, ...]
    sizes: tuple[SizeFound, ...]
    context: ParseContext

    def may(self, when: str) -> bool:
        """True where a rule that needs this holds: something in the basket ("held"), or a turn before that was about it ("priced")."""
        last = self.context.state.last_actions
        return {"held": bool(self.context.held), "priced": "price" in last and "search" not in last}.get(when, True)


class ActReader:
    """Finds acts. One clause has at most one act that claims it whole."""

    def __init__(self, cues: Sequence[ActCues], words: Words) -> None:
        self._rules = tuple((rule, _pattern(rule, words)) for rule in cues)
        self._again = any_of([cue.replace("{ref}", "@(?:it|item)") for cue in words.again])
        self._values = tuple(
            (slot, value, any_of(found)) for slot, each in words.asks_for.items() for value, found in each.items()
        )
        self._please = any_of(words.please)
        self._back = any_of(words.back)
        self._asking = any_of(words.asking)
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
        return tuple(_without_liking(tuple(_without_echoes(sorted(found, key=lambda act: act.span)))))

    def _in_clause(self, scene: Scene, clause: Span) -> Iterator[FoundAct]:
        clause = trimmed(scene.utterance, clause)
        view = View(scene.utterance.tokens, scene.chunks, within=clause)
        words = View(scene.utterance.tokens, by_first(pointer.chunk for pointer in scene.pointers), within=clause)
        asks = self._asking.search(view.flat) is not None
        taken = Cover()
        claimed = False
        for rule, pattern in self._rules:
            if (claimed and rule.kind not in _BESIDE) or (rule.asked and not asks) or not scene.may(rule.when):
                continue
            for span, match in (words if rule.plain else view).find(pattern):
                if not taken.frees(span):
                    continue
                taken.add(span)
                if rule.kind == "describe" and self._seeks_again(scene, view, clause):
                    continue
                claimed = claimed or rule.claims in ("clause", "lead")
                if rule.claims == "lead":
                    described = Span(view.span_of(match.start("described") + 1, match.end()).first, clause.last)
                    yield FoundAct(rule.kind, rule.detail, clause, Span(clause.first, described.first), (), described)
                else:
                    yield self._act(scene, rule, span, clause)
                if rule.claims in ("clause", "lead"):
                    break

    def _seeks_again(self, scene: Scene, view: View, clause: Span) -> bool:
        """True for "do you have those in brown?": of all that is on screen others are sought, no one item is asked about."""
        pointers = [pointer for pointer in scene.pointers if pointer.span.within(clause)]
        return bool(pointers) and all(p.several for p in pointers) and self._again.search(view.flat) is not None

    def _act(self, scene: Scene, rule: ActCues, span: Span, clause: Span) -> FoundAct:
        pointers = tuple(p for p in scene.pointers if p.span.within(clause)) if rule.kind in POINTING else ()
        if rule.kind in ("more_like", "not_this"):
            pointers = tuple(_joined(scene.utterance, pointers, span)) or pointers[:1]
        if rule.kind == "basket":
            pointers = tuple(_of_basket(rule.detail, pointers, scene.context))
        claimed = {"clause": clause, "span": span}.get(rule.claims)
        return FoundAct(rule.kind, rule.detail, clause if rule.claims == "clause" else span, claimed, pointers)

    def finished(self, act: FoundAct, scene: Scene) -> Act:
        """The act as the next step reads it."""
        references = (*(pointer.reference for pointer in act.pointers), *_description(act, scene))
        evidence = scene.utterance.words(act.span)
        if act.kind == "basket":
            change = act.change or self._change(act, scene)
            return Act(kind="basket", evidence=evidence, references=references, change=change)
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
        """A message that only points ("the second one", "the second one in M") asks to hear of that item, or takes it ("yes, the second one",
        "the second one please"); None where it does or seeks anything else, or means several ("the red ones only")."""
        pointers = tuple(p for p in scene.pointers if p.reference.kind != "pronoun" and p.reference.product_ids)
        back = next(scene.utterance.plain.find(self._back), None) is not None
        if not pointers or back or any(p.several for p in pointers) or any(act.kind not in _BESIDE for act in acts):
            return None
        span = Span(pointers[0].span.first, _end_with_version(scene, pointers[-1]))
        pointed = Cover([*(pointer.span for pointer in pointers), Span(pointers[-1].span.first, span.last)])
        content = [*(hit.span for hit in scene.hits if hit.meanings), *(size.span for size in scene.sizes)]
        seeks = any(pointed.frees(found) for found, _ in scene.utterance.plain.find(self._seeking))
        if seeks or not all(pointed.holds(each) for each in content):
            return None
        closed = Cover([*(act.span for act in acts), *(p.span for p in pointers), Span(pointers[-1].span.first, span.last)])
        for at, token in enumerate(scene.utterance.tokens):
            if token.is_word and token.norm not in self._words.idle and closed.frees(Span(at, at + 1)):
                return None
        claimed = span if span.last > pointers[-1].span.last else None
        if self._takes(scene, acts, pointers):
            return FoundAct("basket", "add", span, claimed, pointers)
        return FoundAct("describe", "", span, claimed, pointers)

    def _takes(self, scene: Scene, acts: Sequence[FoundAct], pointers: Sequence[Pointer]) -> bool:
        """True where one item that is pointed at is taken with "yes" or "please"; not in answer to a question which one is meant."""
        agreed = next(scene.utterance.plain.find(self._please), None) is not None or any(act.kind == "affirm" for act in acts)
        sure = all(len(p.reference.product_ids) == 1 and p.reference.kind != "page" for p in pointers)
        return agreed and sure and "ask" not in scene.context.state.last_actions

    def size_answer(self, scene: Scene, acts: Sequence[FoundAct]) -> FoundAct | None:
        """The size that was asked for before an item could go into the basket ("M", "the 39 please"); None where something else is said."""
        context = scene.context
        if not context.sizing or any(act.kind not in _BESIDE for act in acts):
            return None
        labels = [(size.span, size.label) for size in scene.sizes] or list(_labels(scene, context.sizing))
        closed = Cover([*(span for span, _ in labels), *(act.span for act in acts)])
        words = [at for at, token in enumerate(scene.utterance.tokens) if token.is_word and closed.frees(Span(at, at + 1))]
        if len({label for _, label in labels}) != 1 or any(
            scene.utterance.tokens[at].norm not in self._words.idle for at in words
        ):
            return None
        whole = Span(0, len(scene.utterance.tokens))
        ids = tuple(product.product_id for product in context.sizing)
        pointer = Pointer(whole, Reference(kind="pronoun", words=scene.utterance.words(whole), product_ids=ids))
        change = BasketChange(verb="add", size=labels[0][1], quantity=context.state.quantity_asked_for)
        return FoundAct("basket", "add", whole, whole, (pointer,), change=change)

    def _asked(self, act: FoundAct, scene: Scene) -> tuple[tuple[Slot, ...], tuple[str, ...], str]:
        """What a question is about: slots, values, and "care" for how an item is washed."""
        outside = [p.span for p in act.pointers] if act.described is None else [act.described]
        terms: list[tuple[Slot, str]] = []
        for hit in scene.hits:
            named = " ".join(scene.utterance.norms(hit.span)) in self._words.slot_words  # "what is the pattern" asks which one
            if hit.span.within(act.span) and not named and not any(hit.span.overlaps(span) for span in outside):
                terms.extend((meaning.term.slot, meaning.term.value) for meaning in hit.meanings)
        terms.extend(("size", size.label) for size in scene.sizes if size.span.within(act.span))
        view = View(scene.utterance.tokens, by_first(p.chunk for p in act.pointers), within=act.span)
        plain = View(scene.utterance.tokens, within=act.span)
        terms.extend((slot, value) for slot, value, cue in self._values if next(plain.find(cue), None))
        slot_names = [slot for slot, pattern in (*self._slot_words, *self._about) if next(view.find(pattern), None)]
        care = next(view.find(self._care), None) is not None
        if act.kind == "pair":
            slot_names = []
        slots = tuple(dict.fromkeys([*(slot for slot, _ in terms), *slot_names]))
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
        meant = {each for pointer in act.pointers for each in pointer.reference.product_ids}
        products = [product for product in scene.context.known if product.product_id in meant or not meant]
        sizes = [(found.span, found.label) for found in scene.sizes] or list(_labels(scene, products))
        labels = [(span, label) for span, label in sizes if span.within(act.span)]
        size = labels[0][1] if labels else None
        quantity = self._quantity(act, scene, [span for span, _ in labels])
        match act.detail:
            case "apply_code":
                return BasketChange(verb="apply_code", code=_code(scene.utterance.words(act.span)))
            case "add":
                return BasketChange(verb="add", quantity=quantity, size=size, code=_code_beside(act, scene))
            case "set_quantity" if quantity is not None or size is None:
                return BasketChange(verb="set_quantity", quantity=quantity)
            case "set_quantity" | "set_size":
                return BasketChange(verb="set_size", size=size)
            case "remove":
                return BasketChange(verb="remove")
            case "clear":
                return BasketChange(verb="clear")
        return BasketChange(verb="show")

    def _quantity(self, act: FoundAct, scene: Scene, sizes: Sequence[Span]) -> int | None:
        """The number said outside sizes and pointers ("two of them"); None where none is."""
        closed = [
            *(p.span for p in act.pointers),
            *sizes,
            *(size.span for size in scene.sizes),
            *(h.span for h in scene.hits if h.meanings),
            *(chunk.span for chunk in scene.chunks.values() if chunk.label == "@code"),
        ]
        for at in range(*act.span):
            token = scene.utterance.tokens[at]
            led = at > 0 and act.detail == "add" and scene.utterance.tokens[at - 1].norm in _BEFORE_SIZE
            if led or any(span.first <= at < span.last for span in closed):
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


def _without_liking(found: Sequence[FoundAct]) -> Iterator[FoundAct]:
    """Without praise of an item that is taken in the same message ("I like the second, I'll have that")."""
    taken = {
        each
        for act in found
        if act.kind == "basket" and act.detail == "add"
        for pointer in act.pointers
        for each in pointer.reference.product_ids
    }
    for act in found:
        ids = {each for pointer in act.pointers for each in pointer.reference.product_ids}
        if act.kind != "more_like" or not ids or not ids <= taken:
            yield act


def _of_basket(detail: str, pointers: Sequence[Pointer], context: ParseContext) -> Iterator[Pointer]:
    """What a change of the basket is about. What is altered or taken out is what the basket holds of what the words say, and a pronoun is
    only the first of several pointers, or what was put in last; what goes in is one of those that have a property."""
    held = [product.product_id for product in context.held]
    if detail == "add":
        for pointer in pointers:
            reference = pointer.reference
            one = reference.kind == "attribute" and not pointer.several
            ids = reference.product_ids[:1] if one else reference.product_ids
            yield replace(pointer, reference=reference.model_copy(update={"product_ids": ids}))
        return
    named = [pointer for pointer in pointers if pointer.reference.kind != "pronoun"]
    for pointer in named or pointers[:1]:
        reference = pointer.reference
        ids = pointer.held or reference.product_ids
        if reference.kind == "pronoun" and held and not set(ids) & set(held):
            ids = (held[-1],)
        yield replace(pointer, reference=reference.model_copy(update={"product_ids": ids}))


def _labels(scene: Scene, products: Sequence[Product]) -> Iterator[tuple[Span, str]]:
    """The words that are sizes of these items, as the items write them or in part ("39" of "39/40"): a number behind "in", "size" or "to", and
    any other where nothing but idle words stands beside it."""
    written = {size.label.casefold() for product in products for size in product.sizes}
    parts = {part for label in written for part in (label, *re.split(r"\s*[/-]\s*", label))}
    tokens = scene.utterance.tokens
    for at, token in enumerate(tokens):
        led = at > 0 and tokens[at - 1].norm in _BEFORE_SIZE
        if token.norm in parts and (led or len(tokens) <= 2 or (not token.norm.isdecimal() and len(token.norm) > 1)):
            yield Span(at, at + 1), scene.utterance.words(Span(at, at + 1)).upper()


def _code_beside(act: FoundAct, scene: Scene) -> str | None:
    """The code given in the same breath as an item ("add the first, code WELCOME10")."""
    spans = [chunk.span for chunk in scene.chunks.values() if chunk.label == "@code" and chunk.span.within(act.span)]
    if spans:
        return scene.utterance.words(spans[0]).upper()
    named = _NAMED_CODE.search(scene.utterance.words(act.span))
    return named.group(1).upper() if named is not None and any(char.isdecimal() for char in named.group(1)) else None


def _end_with_version(scene: Scene, pointer: Pointer) -> int:
    """The token behind a pointer, and behind the size or colour right after it ("the second one in blue")."""
    end = pointer.span.last
    if pointer.weak or len(pointer.reference.product_ids) != 1:
        return end
    places = [*(size.span for size in scene.sizes), *(hit.span for hit in scene.hits if hit.slot == "color")]
    tokens = scene.utterance.tokens
    led = end + 1 if end < len(tokens) and tokens[end].norm in ("in", ",") else end
    return next((span.last for span in places if span.first in (end, led)), end)


def _pattern(rule: ActCues, words: Words) -> re.Pattern[str]:
    """The cues of a rule as one pattern; behind those that only lead to an item, the item itself."""
    cues = list(rule.cues)
    for name, meant in (*words.macros.items(), ("ref", "@(?:it|item)"), ("basket", words.basket)):
        cues = [cue.replace(f"{{{name}}}", meant) for cue in cues]
    return any_of(cues, after=f"(?P<described> {ITEM})") if rule.claims == "lead" else any_of(cues)


def _description(act: FoundAct, scene: Scene) -> Iterator[Reference]:
    """The reference to an item that is only described: it points at nothing on screen."""
    if act.described is not None:
        hit = next(hit for hit in scene.hits if hit.slot == "category" and hit.span.within(act.described))
        words = scene.utterance.words(Span(act.described.first, hit.span.last))
        yield Reference(kind="attribute", words=words, slot="category", value=hit.meanings[0].term.value)


def _joined(utterance: Utterance, pointers: Sequence[Pointer], span: Span) -> Iterator[Pointer]:
    """The pointers in `span`, and those joined to them behind it ("I like the first and the third")."""
    end: int | None = None
    for pointer in pointers:
        between = {utterance.tokens[at].norm for at in range(end, pointer.span.first)} if end is not None else None
        if pointer.span.overlaps(span) or (between is not None and between <= {"and", "or", ",", "&"}):
            end = pointer.span.last
            yield pointer


def _code(words: str) -> str | None:
    """The code in the shopper's words, in capitals: named as one, else the first word with a digit or all in capitals."""
    named = _NAMED_CODE.search(words)
    if named is not None and named.group(1).casefold() not in ("code", "please", "for", "and", "the", "with"):
        return named.group(1).upper()
    found = _CODE.search(words)
    return found.group().upper() if found else None
