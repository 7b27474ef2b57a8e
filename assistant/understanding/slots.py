"""From what was found in a message to slot mentions: value, polarity, strength, whose, and the shopper's own words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.schema import Polarity, SlotMention, Strength
from assistant.understanding.lexicon import Hit, Meaning, vocabulary_term
from assistant.understanding.negation import Refusals
from assistant.understanding.recipients import RecipientReader, Scopes
from assistant.understanding.sizes import SizeFound
from assistant.understanding.strength import StrengthReader
from assistant.understanding.tokens import Cover, Span, Utterance
from assistant.understanding.words import Words, any_of
from catalog_data.schema import ValueSlot
from catalog_data.vocabulary import Vocabulary

_LOOK_AND_STUFF: frozenset[ValueSlot] = frozenset({"color", "material"})


@dataclass(frozen=True)
class Said:
    """A mention and where it stands."""

    mention: SlotMention
    span: Span


class MentionBuilder:
    """Builds the mentions of values; prices, stars and retractions are the parser's."""

    def __init__(self, words: Words, vocabulary: Vocabulary) -> None:
        self._words, self._vocabulary = words, vocabulary
        self._strength = StrengthReader(words)
        self._situations = tuple(
            (Meaning(term), any_of(cues))
            for says, cues in words.situations.items()
            if (term := vocabulary_term(vocabulary, says))
        )

    def of_hits(
        self, utterance: Utterance, hits: Sequence[Hit], parts: Sequence[Hit], refusals: Refusals, scopes: Scopes
    ) -> Iterator[Said]:
        """The mentions of vocabulary words, phrases and brands. `parts`: what phrases for types say beside the type."""
        soft, hard = self._strength.soft_spans(utterance), self._strength.hard_spans(utterance)
        for hit in (*hits, *parts):
            refusal = refusals.refused.get(hit.span)
            evidence = refusal.evidence if refusal else hit.span
            for meaning in self._every(utterance, hit) if refusal is not None else hit.meanings:
                if refusal is not None:
                    strength: Strength = "soft" if self._strength.is_soft_refusal(utterance, evidence) else "hard"
                else:
                    strength = self._strength_of(utterance, hit, meaning, soft, hard)
                yield self._said(utterance, meaning, refusal is not None, strength, scopes, hit.span, evidence)

    def _every(self, utterance: Utterance, hit: Hit) -> Iterator[Meaning]:
        """What is refused with a word that names a colour and a material: both ("no gold")."""
        yield from hit.meanings
        if hit.slot in _LOOK_AND_STUFF:
            known = {meaning.term for meaning in hit.meanings}
            others = self._vocabulary.lookup(" ".join(utterance.norms(hit.span)))
            yield from (Meaning(term) for term in others if term.slot in _LOOK_AND_STUFF and term not in known)

    def _strength_of(self, utterance: Utterance, hit: Hit, meaning: Meaning, soft: Cover, hard: Cover) -> Strength:
        """What a part of a phrase adds binds only in the slots listed for it."""
        slot = meaning.term.slot
        if meaning.part:
            return "hard" if slot in self._words.binding_parts else "soft"
        return self._strength.of(utterance, hit, slot, soft, hard)

    def _said(
        self,
        utterance: Utterance,
        meaning: Meaning,
        refused: bool,
        strength: Strength,
        scopes: Scopes,
        span: Span,
        evidence: Span,
    ) -> Said:
        turned: Polarity = "dislike" if refused != meaning.refused else "like"
        mention = SlotMention(
            slot=meaning.term.slot,
            value=meaning.term.value,
            polarity=turned,
            strength="hard" if meaning.refused else strength,
            scope=scopes.at(span.first),
            evidence=utterance.words(evidence),
        )
        return Said(mention, span)

    def of_situations(self, utterance: Utterance, taken: Cover, scopes: Scopes) -> Iterator[Said]:
        """What a situation says without naming it ("she runs"): soft."""
        for meaning, pattern in self._situations:
            for span, _ in utterance.plain.find(pattern):
                if taken.frees(span):
                    yield self._said(utterance, meaning, False, "soft", scopes, span, span)

    def soft_spans(self, utterance: Utterance) -> Cover:
        """The tokens at which wishes are only welcome."""
        return self._strength.soft_spans(utterance)

    def hard_spans(self, utterance: Utterance) -> Cover:
        """The tokens at which wishes must be met."""
        return self._strength.hard_spans(utterance)

    def of_people(self, utterance: Utterance, scopes: Scopes) -> Iterator[Said]:
        """The audience that a recipient implies."""
        for person in scopes.persons:
            if person.gender is not None:
                mention = SlotMention(
                    slot="gender", value=person.gender, scope=person.scope, evidence=utterance.words(person.span)
                )
                yield Said(mention, person.span)

    def of_sizes(
        self, utterance: Utterance, sizes: Sequence[SizeFound], scopes: Scopes, recipients: RecipientReader, known: Sequence[str]
    ) -> Iterator[Said]:
        """The sizes. `known`: recipients spoken of before, the latest first."""
        for size in sizes:
            mention = SlotMention(
                slot="size",
                value=size.label,
                strength=size.strength,
                scope=recipients.of_size(size.whose, scopes, size.span.first, known),
                evidence=utterance.words(size.span),
                size_system=size.system,
            )
            yield Said(mention, size.span)


def softened(mention: SlotMention, span: Span, soft: Cover) -> SlotMention:
    """`mention` of an amount, soft where its part of the message is ("ideally under 50")."""
    return mention.model_copy(update={"strength": "soft"}) if soft.holds(span) else mention


def once_each(found: Sequence[Said]) -> list[Said]:
    """The mentions in the order of the message, each slot, value, person and polarity once; what is said hard is not softened by a repeat."""
    kept: dict[tuple[object, ...], Said] = {}
    for said in sorted(found, key=lambda each: each.span):
        mention = said.mention
        key = (mention.slot, repr(mention.value), mention.scope, mention.polarity, mention.operation, mention.size_system)
        earlier = kept.get(key)
        if earlier is None or (earlier.mention.strength == "soft" and mention.strength == "hard"):
            kept[key] = said
    return list(kept.values())
