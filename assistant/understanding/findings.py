"""All that is found in a message before it is decided what it means: values, amounts, pointers, sizes, persons, refusals."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.schema import ParseContext
from assistant.understanding.changes import ChangeReader, Retraction
from assistant.understanding.clauses import clauses
from assistant.understanding.lexicon import Hit, Lexicon
from assistant.understanding.negation import NegationReader, Refusals
from assistant.understanding.prices import PriceFound, PriceReader
from assistant.understanding.ratings import RatingFound, RatingReader
from assistant.understanding.recipients import Person, RecipientReader, Scopes, divided
from assistant.understanding.references import Pointer, Pointers
from assistant.understanding.sizes import SizeFound, SizeReader, Wear
from assistant.understanding.tokens import Chunk, Cover, Span, Utterance, by_first
from assistant.understanding.words import Words
from catalog_data.schema import SizeSystem
from catalog_data.vocabulary import Vocabulary

_CODE = re.compile(r"(?<![\w-])[A-Z]{4,20}-?\d{1,4}(?![\w-])")


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
        self._negation, self.recipients, self._changes = NegationReader(words), RecipientReader(words), ChangeReader(words)

    def find(self, utterance: Utterance, context: ParseContext) -> Findings:
        """Everything in the message. Where two readings want the same words, an amount wins over a value, a brand over an amount."""
        codes = _codes(utterance)
        closed = Cover(codes)
        hits = tuple(hit for hit in self._lexicon.find(utterance) if closed.frees(hit.span))
        brands = [hit.span for hit in hits if hit.names("brand")]
        retractions = self._changes.retractions(utterance, hits)
        cleared = [retraction.span for retraction in retractions if retraction.hit is None]
        closed = Cover([*brands, *cleared])
        ratings = tuple(found for found in self._ratings.find(utterance) if closed.frees(found.span))
        closed = Cover([*brands, *cleared, *(found.span for found in ratings)])
        prices = tuple(found for found in self._prices.find(utterance, context) if closed.frees(found.span))
        amounts = [*cleared, *(found.span for found in ratings), *(found.span for found in prices)]
        closed = Cover(amounts)
        hits = tuple(hit for hit in hits if hit.names("brand") or closed.frees(hit.span))
        persons = self.recipients.persons(utterance, context)
        closed = Cover(person.cue for person in persons)
        hits = tuple(hit for hit in hits if not hit.names("gender") or closed.frees(hit.span))
        pointers = self._pointers.find(utterance, hits, context)
        sizes = self._sized(utterance, hits, amounts, pointers, persons, context)
        closed = Cover(size.span for size in sizes)
        hits = tuple(hit for hit in hits if closed.frees(hit.span))
        content = [*(hit.span for hit in hits if hit.meanings), *amounts, *(size.span for size in sizes)]
        blocked = [*amounts, *(pointer.span for pointer in pointers if not pointer.weak)]
        return Findings(
            utterance=utterance,
            clauses=clauses(utterance, self._words.clause_starts),
            hits=hits,
            parts=tuple(part for hit in hits for part in self._lexicon.parts(hit, utterance)),
            prices=prices,
            ratings=ratings,
            sizes=sizes,
            pointers=pointers,
            codes=codes,
            scopes=divided(utterance, persons, content, context.state.scope),
            refusals=self._negation.read(utterance, hits, blocked),
            retractions=retractions,
            corrected=self._changes.corrected(utterance),
        )

    def is_also(self, utterance: Utterance, span: Span, names_type: bool) -> bool:
        """True when these words are said as one more."""
        return self._changes.is_also(utterance, span, names_type)

    def _sized(
        self,
        utterance: Utterance,
        hits: Sequence[Hit],
        amounts: Sequence[Span],
        pointers: Sequence[Pointer],
        persons: Sequence[Person],
        context: ParseContext,
    ) -> tuple[SizeFound, ...]:
        placed = [pointer.span for pointer in pointers if pointer.reference.kind in ("ordinal", "name")]
        taken = [*amounts, *placed, *(hit.span for hit in hits if hit.meanings and hit.slot != "category")]
        return self._sizes.find(utterance, self._wear(hits, persons, context), taken)

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
        return Wear(systems, named, audience)

    def _systems(self, types: Sequence[str]) -> frozenset[SizeSystem]:
        inner = {value for each in types for value in self._vocabulary.expand("category", each)}
        entries = (self._vocabulary.entry("category", value) for value in inner)
        return frozenset(entry.sizes for entry in entries if entry.sizes is not None)


def _codes(utterance: Utterance) -> tuple[Span, ...]:
    """The places of voucher codes ("SUMMER20"), whose letters are no season."""
    starts = [token.start for token in utterance.tokens]
    return tuple(
        Span(bisect_left(starts, match.start()), bisect_left(starts, match.end())) for match in _CODE.finditer(utterance.text)
    )
