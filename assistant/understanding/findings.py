"""All that is found in a message before it is decided what it means: values, amounts, pointers, sizes, persons, refusals."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.schema import ParseContext
from assistant.understanding.bare_numbers import BareNumbers
from assistant.understanding.changes import ChangeReader
from assistant.understanding.clauses import clauses
from assistant.understanding.lexicon import Hit, Lexicon
from assistant.understanding.negation import NegationReader, Refusals
from assistant.understanding.numbers import amounts
from assistant.understanding.prices import PriceFound, PriceReader
from assistant.understanding.ratings import RatingFound, RatingReader
from assistant.understanding.recipients import Person, RecipientReader, Scopes, divided
from assistant.understanding.references import Pointer, Pointers
from assistant.understanding.retractions import Retraction, RetractionReader
from assistant.understanding.sizes import CHILDREN, SizeFound, SizeReader, Wear
from assistant.understanding.tokens import Chunk, Cover, Span, Utterance, View, by_first
from assistant.understanding.words import ITEM, Words, any_of
from catalog_data.schema import SizeSystem
from catalog_data.vocabulary import Vocabulary

_CODE = re.compile(r"(?<![\w-])[A-Z]{4,20}-?\d{1,4}(?![\w-])")
_SMALL_CODE = re.compile(
    r"(?:\b(?:code|codes|voucher|coupon|promo)\b[^.!?\n]{0,30}?|^\W*(?:(?:use|apply|redeem|enter|try|and|also|with)\s+){0,2})"
    r"(?<![\w-])(?P<code>[a-z]{3,20}-?\d{1,4})(?![\w-])(?=[^\w]*(?:$|[.,!?]|please|pls|too|as well|for|on|to|then|and))",
    re.IGNORECASE,
)
"""A code in any letters, where it is called one or is all that is said."""
_CALLED_CAPITALS = re.compile(r"\b(?i:code|voucher|coupon|promo)(?: (?i:is))?:? +(?P<code>[A-Z]{4,20})(?![\w-])")
_CAPITALS = re.compile(rf"(?:{_CALLED_CAPITALS.pattern.split('(?P')[0]}|^\W*)(?P<code>[A-Z]{{5,20}})(?![\w-])(?=\W*$)")
_NO_CODE = re.compile(r"(?:size|sizes|under|below|over|max|min|age|aged|item|number|nr|option|about|upto)-?\d", re.IGNORECASE)


@dataclass(frozen=True)
class Findings:
    """What one message holds. `parts`: what phrases for types of items say beside the type; `corrected`: the parts of the message that
    put something in the place of something else."""

    utterance: Utterance
    clauses: tuple[Span, ...]
    hits: tuple[Hit, ...]
    parts: tuple[Hit, ...]
    prices: tuple[PriceFound, ...]
    ratings: tuple[RatingFound, ...]
    sizes: tuple[SizeFound, ...]
    pointers: tuple[Pointer, ...]
    codes: tuple[Span, ...]
    scopes: Scopes
    refusals: Refusals
    retractions: tuple[Retraction, ...]
    corrected: tuple[Span, ...]

    @property
    def chunks(self) -> Mapping[int, Chunk]:
        """What the acts' patterns see, by first token: pointers, and values and amounts outside them."""
        pointed = [pointer.chunk for pointer in self.pointers]
        closed = Cover(chunk.span for chunk in pointed)
        others = [
            *(Chunk(hit.span, f"@{hit.slot}") for hit in self.hits if hit.meanings),
            *(Chunk(price.span, "@price") for price in self.prices if price.relative is None),
            *(Chunk(rating.span, "@rating") for rating in self.ratings),
            *(Chunk(size.span, "@size") for size in self.sizes),
            *(Chunk(code, "@code") for code in self.codes),
        ]
        return by_first([*pointed, *(chunk for chunk in others if closed.frees(chunk.span))])


class Finder:
    """Reads a message into findings."""

    def __init__(self, words: Words, lexicon: Lexicon, vocabulary: Vocabulary, currency: str) -> None:
        self._words, self._lexicon, self._vocabulary = words, lexicon, vocabulary
        self._prices, self._ratings = PriceReader(words, currency), RatingReader(words)
        self._sizes, self._pointers = SizeReader(words), Pointers(vocabulary, words)
        self._negation, self.recipients = NegationReader(words), RecipientReader(words)
        self._changes, self._retractions = ChangeReader(words), RetractionReader(words)
        self._bare = BareNumbers(words)
        self._companion = any_of(words.companions, after=f"(?P<item> {ITEM})")

    def find(self, utterance: Utterance, context: ParseContext) -> Findings:
        """Everything in the message. Where two readings want the same words, an amount wins over a value, a brand over an amount."""
        codes = _codes(utterance, bool(context.held))
        closed = Cover([*codes, *self.recipients.told(utterance)])
        named = tuple(hit for hit in self._lexicon.find(utterance) if closed.frees(hit.span))
        cleared = self._retractions.cleared(utterance, named)
        hits, prices, ratings = self._values(utterance, named, cleared, context)
        plain = [hit for hit in hits if hit.meanings]
        relative = [price for price in prices if price.relative is not None]
        retracted = self._retractions.of_values(utterance, [*plain, *relative], cleared)
        welcome = Cover(each.span for each in retracted if each.welcome)
        persons = tuple(each for each in self.recipients.persons(utterance, context) if not welcome.holds(each.cue))
        cues = Cover(person.cue for person in persons)
        retracted = tuple(each for each in retracted if each.value is None or cues.frees(each.value))
        people = {person.span for person in persons}
        hits = tuple(hit for hit in hits if hit.span not in people and (not hit.names("gender") or cues.frees(hit.span)))
        pointers = self._pointers.find(utterance, hits, context)
        told = [*(each.span for each in cleared), *(each.span for each in ratings)]
        sizes, prices = self._numbers(utterance, hits, prices, told, pointers, persons, context)
        told = [*told, *(each.span for each in prices)]
        sized = Cover(size.span for size in sizes)
        hits = tuple(hit for hit in hits if sized.frees(hit.span))
        content = [*(hit.span for hit in hits if hit.meanings), *told, *(size.span for size in sizes)]
        blocked = [*told, *(pointer.span for pointer in pointers if not pointer.weak)]
        return Findings(
            utterance=utterance,
            clauses=clauses(utterance, self._words.clause_starts, Cover(pointer.span for pointer in pointers)),
            hits=hits,
            parts=tuple(part for hit in hits for part in self._lexicon.parts(hit, utterance)),
            prices=prices,
            ratings=ratings,
            sizes=sizes,
            pointers=pointers,
            codes=codes,
            scopes=divided(utterance, persons, content, context.state.scope),
            refusals=self._negation.read(utterance, hits, blocked),
            retractions=(*cleared, *retracted, *self._retractions.of_sizes(utterance, sizes)),
            corrected=self._changes.corrected(utterance),
        )

    def _values(
        self, utterance: Utterance, hits: Sequence[Hit], cleared: Sequence[Retraction], context: ParseContext
    ) -> tuple[tuple[Hit, ...], tuple[PriceFound, ...], tuple[RatingFound, ...]]:
        """The words for values, the prices and the stars, none in the words of another."""
        taken = [*(hit.span for hit in hits if hit.names("brand")), *(each.span for each in cleared)]
        closed = Cover(taken)
        ratings = tuple(found for found in self._ratings.find(utterance) if closed.frees(found.span))
        closed = Cover([*taken, *(found.span for found in ratings)])
        prices = tuple(found for found in self._prices.find(utterance, context) if closed.frees(found.span))
        closed = Cover([*(each.span for each in cleared), *(each.span for each in ratings), *(each.span for each in prices)])
        return tuple(hit for hit in hits if hit.names("brand") or closed.frees(hit.span)), prices, ratings

    def is_also(self, utterance: Utterance, span: Span, names_type: bool) -> bool:
        """True when these words are said as one more."""
        return self._changes.is_also(utterance, span, names_type)

    def companions(self, findings: Findings) -> Cover:
        """The items that what is sought must go with ("shoes to go with a red dress"); none where nothing else is sought."""
        view = View(findings.utterance.tokens, findings.chunks)
        places = Cover(view.span_of(match.start("item") + 1, match.end()) for _, match in view.find(self._companion))
        sought = any(hit.slot == "category" and places.frees(hit.span) for hit in findings.hits)
        return places if sought else Cover()

    def _numbers(
        self,
        utterance: Utterance,
        hits: Sequence[Hit],
        prices: Sequence[PriceFound],
        told: Sequence[Span],
        pointers: Sequence[Pointer],
        persons: Sequence[Person],
        context: ParseContext,
    ) -> tuple[tuple[SizeFound, ...], tuple[PriceFound, ...]]:
        """The sizes, and the prices with those that only a number states."""
        placed = [pointer.span for pointer in pointers if pointer.reference.kind in ("ordinal", "name")]
        taken = [*told, *(each.span for each in prices), *placed]
        taken += [hit.span for hit in hits if hit.meanings and hit.slot != "category"]
        wear = self._wear(hits, persons, context)
        bare = self._bare.find(utterance, amounts(utterance, self._words), wear, Cover(taken), context, bool(prices))
        budgets = [found for number in bare.budgets if (found := self._prices.bare(number, context)) is not None]
        taken += [*(size.span for size in bare.sizes), *(found.span for found in budgets)]
        sizes = [*bare.sizes, *self._sizes.find(utterance, wear, taken)]
        return tuple(sorted(sizes, key=lambda each: each.span)), tuple(sorted([*prices, *budgets], key=lambda each: each.span))

    def _wear(self, hits: Sequence[Hit], persons: Sequence[Person], context: ParseContext) -> Wear:
        """What sizes can be about: the types named here, else those sought, else the items on screen."""
        types = [(hit.span, meaning.term.value) for hit in hits for meaning in hit.meanings if meaning.term.slot == "category"]
        held = context.profile.in_scope(context.state.scope)
        sought = [p.value for p in held if p.slot == "category" and p.polarity == "like" and isinstance(p.value, str)]
        systems = self._systems([value for _, value in types] or sought)
        if not systems:
            items = (*context.shown, *((context.page,) if context.page else ()))
            systems = frozenset(size.system for product in items for size in product.sizes)
        worn = {span: self._systems([value]) for span, value in types}
        named = {span.first: (span.last, found) for span, found in worn.items() if found - {"one"}}
        said = [meaning.term.value for hit in hits for meaning in hit.meanings if meaning.term.slot == "gender"]
        known = [p.value for p in held if p.slot == "gender" and isinstance(p.value, str)]
        audience = next((value for value in (*said, *(person.gender for person in persons if person.gender), *known)), None)
        if audience in CHILDREN and systems & {"alpha", "eu", "waist"}:
            systems |= {"height"}
        return Wear(systems, named, audience, context.state.invited == "size")

    def _systems(self, types: Sequence[str]) -> frozenset[SizeSystem]:
        inner = {value for each in types for value in self._vocabulary.expand("category", each)}
        entries = (self._vocabulary.entry("category", value) for value in inner)
        return frozenset(entry.sizes for entry in entries if entry.sizes is not None)


def _codes(utterance: Utterance, held: bool) -> tuple[Span, ...]:
    """The places of voucher codes ("SUMMER20", "my code is summer20"), whose letters are no season. A code in capitals alone is one behind
    the word for it, or where it is all that is said with something in the basket (`held`)."""
    starts = [token.start for token in utterance.tokens]
    small = [match.span("code") for match in _SMALL_CODE.finditer(utterance.text) if not _NO_CODE.match(match.group("code"))]
    named = [match.span("code") for match in (_CAPITALS if held else _CALLED_CAPITALS).finditer(utterance.text)]
    found = sorted({*(match.span() for match in _CODE.finditer(utterance.text)), *small, *named})
    return tuple(Span(bisect_left(starts, first), bisect_left(starts, last)) for first, last in found)
