"""Words that point at items: "the second one", "#3", "the blue one", "the cheaper one", an item's name, "it", "those"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.schema import ParseContext, Reference
from assistant.understanding.lexicon import Hit, Meaning
from assistant.understanding.numbers import read_digits
from assistant.understanding.tokens import Chunk, Cover, Span, Utterance, View, by_first, fold, tokenise
from assistant.understanding.words import Words, any_of
from catalog_data.schema import Product
from catalog_data.vocabulary import Vocabulary

_OF_THE_SHOP = re.compile(
    r"(?:(?:that )?(?:you|u|they|the shop) (?:have|got|sell|stock|carry|offer)|youve got|first|on top|in (?:the|your) shop)(?!\S)"
)
_OTHERS = ("this one", "that one", "the other one", "other one")
"""Pronouns that mean another item than the one just named."""
_PLURAL = ("these", "those", "them", "they", "ones", "both")
_BEFORE_MAKER = frozenset({"not", "no", "without", "except", "but", "from", "by", "only", "avoid", "brand"})
_ATTRIBUTE = r"@(?:color|material|pattern|fit|length|occasion|season|style|feature|brand|gender|size)"


@dataclass(frozen=True)
class Pointer:
    """Words that point, what they point at, and the label that the acts' patterns see. `weak`: may also be a plain wish
    ("the red dress"), and is one unless an act takes it. `held`: what the basket holds of what the words say."""

    span: Span
    reference: Reference
    weak: bool = False
    held: tuple[str, ...] = ()

    @property
    def several(self) -> bool:
        """True for words that mean more than one item: "those", "the red ones", "the dresses" where there are several."""
        last = fold(self.reference.words).split()[-1]
        if self.reference.kind in ("pronoun", "page"):
            return last in _PLURAL
        plural = last.endswith("s") and not last.endswith("ss") and len(self.reference.product_ids) > 1
        return last == "ones" or (self.reference.kind == "attribute" and plural)

    @property
    def chunk(self) -> Chunk:
        """The place of the pointer in the line for the patterns."""
        return Chunk(self.span, "@it" if self.reference.kind in ("pronoun", "page") else "@item")


class Pointers:
    """Finds pointing words and resolves them against what is on screen."""

    def __init__(self, vocabulary: Vocabulary, words: Words) -> None:
        self._vocabulary = vocabulary
        self._idle, self._ordinary = words.idle, words.idle | words.common
        self._words = pointing = words.pointing
        self._numbers = words.numbers
        noun = _either(pointing.nouns)
        ordinals = "|".join(pointing.ordinals)
        place = rf"{ordinals}|\d{{1,2}} (?:st|nd|rd|th)|last|middle"
        no_place = rf"(?! (?:{'|'.join(pointing.not_places)})(?!\S))"
        counts = "|".join(pointing.counts)
        spelt = "|".join(word for word, value in words.numbers.items() if 1 <= value <= 10)
        self._few = _whole(rf"(?:the |my )?(?P<end>first|last|top|other) (?P<n>{counts})(?: {noun})?(?!\S){no_place}")
        led = rf"(?:the|that|this|your|my) (?:very )?(?P<place>{place})(?: {_ATTRIBUTE})?(?: {noun})?"
        self._ordinal = _whole(rf"(?:{led}|(?P<bare>{place}) {noun})(?!\S){no_place}")
        no_number = rf"(?! (?:{'|'.join(pointing.not_numbers)})(?!\S))"
        self._number = _whole(rf"{_either(pointing.numbered)} ?(?P<n>\d{{1,2}}|{spelt})(?!\S){no_number}")
        joint = r"(?:,? ?(?:or|and|vs|versus|against|with|to|&))"
        self._joined_places = _whole(
            rf"(?:the )?(?:{place})(?: {noun})?(?: {joint} (?:the )?(?:{place})(?: {noun})?){{1,3}}{no_place}"
        )
        self._place_alone = _whole(rf"(?P<place>{place})")
        amount = r"(?:[€$£] ?)?(?P<{}>\d+(?:[.,]\d\d?)?)(?: ?(?:[€$£]|euros?|eur|quid|pounds?|dollars?))?"
        self._priced = _whole(
            rf"(?:the|that|this) (?:(?:{noun}) (?:{'|'.join(pointing.priced)}) {amount.format('a')}|{amount.format('b')} {noun})"
        )
        self._compared_numbers = _whole(r"compare (?:items? )?\d{1,2}(?: (?:and|with|to|vs|versus|,|&) \d{1,2}){1,3}")
        compared = "|".join(f"(?P<{kind}>{'|'.join(cues)})" for kind, cues in pointing.compared.items())
        self._compared = _whole(rf"the (?:{compared})(?: {noun})?(?: of (?:the two|them|these|those))?")
        several = rf"{_ATTRIBUTE}(?:(?: and| ,)? {_ATTRIBUTE}){{0,3}}"
        self._attribute = _whole(
            rf"(?:(?:the|that|this|those|these)(?: two)?(?: other)? {several} (?:one|ones|pair|item|version)"
            rf"|the ones? (?:in|with|from|made of|by) (?:the )?{_ATTRIBUTE})"
        )
        self._typed = _whole(rf"(?P<which>the|that|this|those|these|your)(?: \w+)?(?: {_ATTRIBUTE}){{0,3}} @category")
        self._brand = _whole(rf"the @brand(?: {noun})?")
        self._many = re.compile(_either(pointing.many))
        self._pronoun = any_of([*pointing.one, *pointing.many, *pointing.maybe])

    def find(self, utterance: Utterance, hits: Sequence[Hit], context: ParseContext) -> tuple[Pointer, ...]:
        """The pointers of the message, in order, none overlapping: names first, then places, properties, pronouns."""
        starts = {hit.span.first: hit for hit in hits if hit.meanings}
        view = View(utterance.tokens, by_first(Chunk(hit.span, f"@{hit.slot}") for hit in starts.values()))
        found: list[Pointer] = []
        closed = Cover(hit.span for hit in hits if not hit.meanings)
        readers: tuple[Callable[[Utterance, View, Mapping[int, Hit], ParseContext], Iterator[Pointer]], ...] = (
            self._names,
            self._places,
            self._priced_ones,
            self._properties,
            self._typed_ones,
            self._pronouns,
        )
        for reader in readers:
            for pointer in reader(utterance, view, starts, context):
                if closed.frees(pointer.span):
                    found.append(pointer)
                    closed.add(pointer.span)
        found.sort(key=lambda pointer: pointer.span)
        return _linked(found)

    def _places(self, utterance: Utterance, view: View, starts: Mapping[int, Hit], context: ParseContext) -> Iterator[Pointer]:
        shown = tuple(product.product_id for product in context.shown)
        for span, match in view.find(self._few):
            count = self._words.counts[match.group("n")]
            ids = shown[-count:] if match.group("end") == "last" else shown[:count]
            yield _pointer(utterance, span, "ordinal", ids if match.group("end") != "other" else shown[1 : count + 1], position=1)
        for span, match in view.find(self._ordinal):
            place = self._place(match.group("place") or match.group("bare"), len(shown))
            yield _pointer(utterance, span, "ordinal", _at(shown, place), position=place)
        for span, match in view.find(self._number):
            written = match.group("n")
            place = int(written) if written.isdecimal() else self._numbers[written]
            yield _pointer(utterance, span, "ordinal", _at(shown, place), position=place)
        for span, _ in view.find(self._compared_numbers):
            for at in (at for at in range(*span) if utterance.tokens[at].norm.isdecimal()):
                place = int(utterance.tokens[at].norm)
                yield _pointer(utterance, Span(at, at + 1), "ordinal", _at(shown, place), position=place)
        for whole, _ in view.find(self._joined_places):
            for span, match in View(utterance.tokens, within=whole).find(self._place_alone):
                place = self._place(match.group("place"), len(shown))
                yield _pointer(utterance, span, "ordinal", _at(shown, place), position=place)

    def _priced_ones(
        self, utterance: Utterance, view: View, starts: Mapping[int, Hit], context: ParseContext
    ) -> Iterator[Pointer]:
        """ "the one for 20.99", "the €59 one": only where something on screen costs that."""
        for span, match in view.find(self._priced):
            asked = read_digits((match.group("a") or match.group("b")).replace(",", "."))
            ids = [each.product_id for each in context.shown if asked is not None and _costs(each, context) == asked * 100]
            if ids:
                yield _pointer(utterance, span, "attribute", ids, slot="price")

    def _place(self, written: str, count: int) -> int:
        """The place that "second", "2 nd", "last" or "middle" names among `count` items, from 1."""
        if written == "last":
            return max(count, 1)
        if written == "middle":
            return (count + 1) // 2 or 1
        return self._words.ordinals[written] if written in self._words.ordinals else int(written.split()[0])

    def _properties(
        self, utterance: Utterance, view: View, starts: Mapping[int, Hit], context: ParseContext
    ) -> Iterator[Pointer]:
        for span, match in view.find(self._compared):
            kind = next(name for name in self._words.compared if match.group(name))
            if not self._is_on_screen(utterance, span, starts, context):
                continue
            yield _pointer(utterance, span, "attribute", _extreme(context, kind), slot="rating" if kind == "rated" else "price")
        for pattern in (self._attribute, self._brand):
            for span, _ in view.find(pattern):
                yield self._with_values(utterance, span, starts, context)

    def _is_on_screen(self, utterance: Utterance, span: Span, starts: Mapping[int, Hit], context: ParseContext) -> bool:
        """True unless the extreme of all that the shop has is meant: of a type that is not shown, "that you have", or "first"."""
        after = " ".join(utterance.norms(Span(span.last, min(len(utterance.tokens), span.last + 3))))
        if _OF_THE_SHOP.match(after):
            return False
        meanings = [meaning for at in range(*span) if at in starts for meaning in starts[at].meanings]
        types = [meaning for meaning in meanings if meaning.term.slot == "category"]
        return all(any(self._has(product, meaning) for product in context.shown) for meaning in types)

    def _typed_ones(
        self, utterance: Utterance, view: View, starts: Mapping[int, Hit], context: ParseContext
    ) -> Iterator[Pointer]:
        """ "the red dress", "that hoodie": only where something on screen is one; "this dress" on an item's page is that item."""
        extremes = {cue for cues in self._words.compared.values() for cue in cues}
        for span, match in view.find(self._typed):
            if extremes & set(utterance.norms(span)) and not self._is_on_screen(utterance, span, starts, context):
                continue
            if match.group("which") in ("this", "that") and context.page is not None:
                yield Pointer(span, Reference(kind="page", words=utterance.words(span), product_ids=(context.page.product_id,)))
                continue
            pointer = self._with_values(utterance, span, starts, context)
            if pointer.reference.product_ids:
                yield replace(pointer, weak=match.group("which") == "the")
            elif match.group("which") in ("this", "that", "these", "those") and _single(context):
                yield Pointer(span, Reference(kind="pronoun", words=utterance.words(span), product_ids=_single(context)))

    def _with_values(self, utterance: Utterance, span: Span, starts: Mapping[int, Hit], context: ParseContext) -> Pointer:
        meanings = [meaning for at in range(*span) if at in starts for meaning in starts[at].meanings]
        page = (context.page,) if context.page is not None else ()
        found = [
            tuple(each.product_id for each in products if all(self._has(each, meaning) for meaning in meanings))
            for products in (context.shown, page, context.held)
        ]
        ids = next(filter(None, found), ())
        first = meanings[0].term if meanings else None
        reference = Reference(
            kind="attribute",
            words=utterance.words(span),
            slot=first.slot if first else None,
            value=first.value if first else None,
            product_ids=ids if meanings else (),
        )
        return Pointer(span, reference, weak=True, held=found[-1] if meanings else ())

    def _has(self, product: Product, meaning: Meaning) -> bool:
        accepted = self._vocabulary.expand(meaning.term.slot, meaning.term.value)
        return bool(accepted & set(product.values(meaning.term.slot))) is not meaning.refused

    def _names(self, utterance: Utterance, view: View, starts: Mapping[int, Hit], context: ParseContext) -> Iterator[Pointer]:
        """Items called by their titles: the most words of a title that no other title on screen has together."""
        products = (*context.shown, *((context.page,) if context.page else ()))
        titles = {product.product_id: tuple(token.norm for token in tokenise(product.title)) for product in products}
        plain = {word for hit in starts.values() for word in utterance.norms(hit.span) if not hit.names("brand")}
        named = {word for hit in starts.values() for word in utterance.norms(hit.span)}
        for product_id, title in titles.items():
            others = {word for other, words in titles.items() if other != product_id for word in words}
            run = _longest_run(utterance.norms(Span(0, len(utterance.tokens))), title)
            if run is None:
                continue
            if self._is_maker(utterance, run, starts):
                continue
            said = set(utterance.norms(run))
            whole = len(title) > 1 and run.last - run.first == len(title)
            led = run.first > 0 and utterance.tokens[run.first - 1].norm in ("the", "that", "this")
            alone = led and bool(said - others - named - self._ordinary)
            if whole or alone or (run.last - run.first >= 2 and said - others - plain - self._idle):
                last = next(
                    (
                        starts[at].span.last
                        for at in (run.last,)
                        if at in starts and self._is_type(products, product_id, starts[at])
                    ),
                    run.last,
                )
                yield _pointer(
                    utterance, Span(run.first - 1 if led else run.first, last), "name", (product_id,), value=product_id
                )

    @staticmethod
    def _is_maker(utterance: Utterance, run: Span, starts: Mapping[int, Hit]) -> bool:
        """True for a brand and nothing else behind words that choose or refuse a maker ("not Kettering Bay")."""
        brand = run.first in starts and starts[run.first].names("brand") and run.within(starts[run.first].span)
        return brand and run.first > 0 and utterance.tokens[run.first - 1].norm in _BEFORE_MAKER

    def _is_type(self, products: Sequence[Product], product_id: str, hit: Hit) -> bool:
        """True when `hit` names the type of this item ("the Nocturne gown")."""
        product = next(each for each in products if each.product_id == product_id)
        return hit.slot == "category" and self._has(product, hit.meanings[0])

    def _pronouns(self, utterance: Utterance, view: View, starts: Mapping[int, Hit], context: ParseContext) -> Iterator[Pointer]:
        for span, match in view.find(self._pronoun):
            word = match.group()
            if word in self._words.maybe and not self._is_pronoun(word, span, utterance, starts):
                continue
            many = word == "they" or self._many.fullmatch(word) is not None
            ids = _several(word, context) if many else _single(context, word)
            of_page = context.page is not None and ids == (context.page.product_id,)
            yield _pointer(utterance, span, "page" if of_page else "pronoun", ids)

    def _is_pronoun(self, word: str, span: Span, utterance: Utterance, starts: Mapping[int, Hit]) -> bool:
        """True unless "that" or "this" only leads to a noun or a clause ("a dress that is warm", "this summer"), or "they" are people."""
        tokens = utterance.tokens
        before = tokens[span.first - 1].norm if span.first else ","
        after = tokens[span.last].norm if span.last < len(tokens) else "."
        if word == "they":
            return before in self._words.before_they
        if span.last in starts and before not in ("is", "are", "does"):
            return False
        if before in ("is", "are", "does", "was") and after not in self._words.nouns:
            return True
        return (before in self._words.before and after in self._words.after) or span.first == 0


def _linked(found: Sequence[Pointer]) -> tuple[Pointer, ...]:
    """Pronouns after an item named in the same message mean that item; none where its place is not on screen ("the ninth one: is it
    washable?")."""
    linked: list[Pointer] = []
    last: Reference | None = None
    for pointer in found:
        reference = pointer.reference
        if last is not None and _goes_back(reference):
            resolved = reference.model_copy(update={"kind": "pronoun", "product_ids": last.product_ids})
            meant = resolved if last.product_ids else last.model_copy(update={"words": reference.words})
            pointer = replace(pointer, reference=meant)
        elif reference.kind == "ordinal" or (
            reference.kind in ("attribute", "name") and reference.product_ids and not pointer.weak
        ):
            last = reference
        linked.append(pointer)
    return tuple(linked)


def _goes_back(reference: Reference) -> bool:
    """True for a pronoun that means what was named just before; "this" on an item's page is that item."""
    words = fold(reference.words)
    of_page = reference.kind == "page" and words in ("it", "they", "them")
    return of_page or (reference.kind == "pronoun" and words not in _OTHERS)


def _pointer(
    utterance: Utterance,
    span: Span,
    kind: str,
    ids: Sequence[str],
    position: int | None = None,
    slot: str | None = None,
    value: str | None = None,
) -> Pointer:
    fields = {
        "kind": kind,
        "words": utterance.words(span),
        "position": position,
        "slot": slot,
        "value": value,
        "product_ids": tuple(ids),
    }
    return Pointer(span, Reference.model_validate(fields))


def _at(shown: Sequence[str], place: int) -> tuple[str, ...]:
    return (shown[place - 1],) if 1 <= place <= len(shown) else ()


def _costs(product: Product, context: ParseContext) -> int:
    """What the screen gives as the price of `product`, in minor units; 0 where it gives none."""
    return context.prices.get(product.product_id, product.price.amount_minor if product.price else 0)


def _extreme(context: ParseContext, kind: str) -> tuple[str, ...]:
    """The cheapest, dearest or best rated item on screen; the first of equals."""
    shown = context.shown
    if kind == "rated":
        rated = [product for product in shown if product.rating is not None]
        return (max(rated, key=lambda product: product.rating or 0).product_id,) if rated else ()
    priced = [product for product in shown if product.price is not None]
    if not priced:
        return ()
    chosen = (min if kind == "cheap" else max)(priced, key=lambda product: _costs(product, context))
    return (chosen.product_id,)


def _single(context: ParseContext, word: str = "it") -> tuple[str, ...]:
    """What "it" means: the item talked of last, else the page's own, else the only one on screen; "this" is the page's own first."""
    if word.startswith("this") and context.page is not None:
        return (context.page.product_id,)
    if context.state.focus is not None:
        return (context.state.focus,)
    if context.page is not None:
        return (context.page.product_id,)
    return (context.shown[0].product_id,) if len(context.shown) == 1 else ()


def _several(word: str, context: ParseContext) -> tuple[str, ...]:
    shown = tuple(product.product_id for product in context.shown)
    if word.startswith("both") or word.endswith(" two"):
        return shown[:2]
    return shown[:3] if word.endswith(" three") else shown or _single(context)


def _whole(pattern: str) -> re.Pattern[str]:
    """`pattern` as whole words."""
    return re.compile(rf"(?<!\S){pattern}(?!\S)")


def _either(cues: Sequence[str]) -> str:
    return f"(?:{'|'.join(sorted(cues, key=len, reverse=True))})"


def _longest_run(message: Sequence[str], title: Sequence[str]) -> Span | None:
    """The longest run of message words that stand in `title` in the same order, side by side."""
    places: dict[str, list[int]] = {}
    for index, word in enumerate(title):
        places.setdefault(word, []).append(index)
    best: Span | None = None
    for start, word in enumerate(message):
        for place in places.get(word, ()):
            size = 0
            while start + size < len(message) and place + size < len(title) and message[start + size] == title[place + size]:
                size += 1
            if best is None or size > best.last - best.first:
                best = Span(start, start + size)
    return best
