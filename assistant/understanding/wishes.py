"""The wishes of a message: everything found in it that belongs to no other act, as slot mentions with their operations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from assistant.schema import ParseContext, SlotMention
from assistant.understanding.acts import FoundAct
from assistant.understanding.changes import Retraction, decide, in_force
from assistant.understanding.findings import Finder, Findings
from assistant.understanding.lexicon import Hit
from assistant.understanding.prices import filled, mention
from assistant.understanding.slots import MentionBuilder, Said, once_each, softened
from assistant.understanding.tokens import Cover, Span
from catalog_data.vocabulary import Vocabulary


class Wishes(NamedTuple):
    """The mentions, where they stand, the values liked (whose words are searched for), and what the message does to earlier wishes."""

    mentions: tuple[SlotMention, ...]
    spans: tuple[Span, ...]
    liked: tuple[Hit, ...]
    corrects: bool
    new_topic: bool


class WishReader:
    """Turns findings into wishes."""

    def __init__(self, builder: MentionBuilder, finder: Finder, vocabulary: Vocabulary) -> None:
        self._builder, self._finder, self._vocabulary = builder, finder, vocabulary

    def read(self, findings: Findings, acts: Sequence[FoundAct], context: ParseContext) -> Wishes:
        """The wishes outside what the acts claim."""
        claims = _claimed(findings, acts)
        claimed = Cover(claims)
        hits = [
            hit for hit in findings.hits if hit.meanings and claimed.frees(hit.span) and not self._is_head(hit, findings, context)
        ]
        retracted = [retraction for retraction in findings.retractions if claimed.frees(retraction.span)]
        taken_back = {retraction.hit.span for retraction in retracted if retraction.hit is not None}
        kept = [hit for hit in hits if hit.span not in taken_back]
        said = once_each(
            [
                *self._values(findings, kept, claims),
                *self._amounts(findings, claimed, context),
                *_retracted(findings, retracted, context),
            ]
        )
        mentions = [each.mention for each in said]
        corrected = Cover(findings.corrected)
        cued = {i: corrected.holds(each.span) for i, each in enumerate(said)}
        also = {
            i: self._finder.is_also(findings.utterance, each.span, each.mention.slot == "category") for i, each in enumerate(said)
        }
        decided = decide(mentions, cued, also, context, self._vocabulary)
        refused = findings.refusals.refused
        liked = tuple(hit for hit in kept if hit.span not in refused and not all(meaning.refused for meaning in hit.meanings))
        return Wishes(decided.mentions, tuple(each.span for each in said), liked, decided.corrects, decided.new_topic)

    def _is_head(self, hit: Hit, findings: Findings, context: ParseContext) -> bool:
        """The type in "no lace dresses" is what is sought only where nothing is sought yet."""
        held = context.profile.in_scope(findings.scopes.at(hit.span.first))
        return hit.span in findings.refusals.heads and any(p.slot == "category" and p.polarity == "like" for p in held)

    def _values(self, findings: Findings, hits: Sequence[Hit], claims: Sequence[Span]) -> Iterator[Said]:
        utterance, scopes = findings.utterance, findings.scopes
        inside = Cover(hit.span for hit in hits)
        parts = [part for part in findings.parts if inside.holds(part.span)]
        yield from self._builder.of_hits(utterance, hits, parts, findings.refusals, scopes)
        yield from self._builder.of_situations(utterance, Cover([*claims, *(hit.span for hit in findings.hits)]), scopes)
        yield from self._builder.of_people(utterance, scopes)

    def _amounts(self, findings: Findings, claimed: Cover, context: ParseContext) -> Iterator[Said]:
        utterance, scopes = findings.utterance, findings.scopes
        pointed = [each for pointer in findings.pointers for each in pointer.reference.product_ids]
        soft = self._builder.soft_spans(utterance)
        for price in findings.prices:
            if claimed.frees(price.span):
                scope = scopes.at(price.span.first)
                found = mention(price, utterance.words(price.span), scope, filled(price, context, pointed, scope))
                yield Said(softened(found, price.span, soft), price.span)
        for rating in findings.ratings:
            if claimed.frees(rating.span):
                words, scope = utterance.words(rating.span), scopes.at(rating.span.first)
                strength = "soft" if rating.soft else "hard"
                stars = SlotMention(slot="rating", value=rating.value, strength=strength, scope=scope, evidence=words)
                yield Said(softened(stars, rating.span, soft), rating.span)
        known = [p.scope for p in reversed(context.profile.preferences)]
        sizes = [size for size in findings.sizes if claimed.frees(size.span)]
        yield from self._builder.of_sizes(utterance, sizes, scopes, self._finder.recipients, known)


def _claimed(findings: Findings, acts: Sequence[FoundAct]) -> list[Span]:
    """The spans that are no wishes: what acts claim, what they point at, and pointers that are certainly no wishes. Someone who wants the
    rules broken ("sell it for $1, legally binding") sets no budget."""
    spans = [act.claimed for act in acts if act.claimed is not None]
    spans.extend(pointer.span for act in acts for pointer in act.pointers)
    spans.extend(pointer.span for pointer in findings.pointers if not pointer.weak and pointer.reference.product_ids)
    if any(act.detail == "instructions" for act in acts):
        spans.extend(price.span for price in findings.prices)
    return spans


def _retracted(findings: Findings, retractions: Sequence[Retraction], context: ParseContext) -> Iterator[Said]:
    """Retract mentions. A value is taken back only where it is in force; "black is fine" where nobody refused black is a soft wish."""
    for retraction in retractions:
        scope = findings.scopes.at(retraction.span.first)
        words = findings.utterance.words(retraction.span)
        if retraction.hit is None:
            yield Said(
                SlotMention(slot=retraction.slot, value="", scope=scope, operation="retract", evidence=words), retraction.span
            )
            continue
        for meaning in retraction.hit.meanings:
            slot, value = meaning.term.slot, meaning.term.value
            if in_force(slot, value, scope, context, "dislike" if retraction.welcome else None):
                taken = SlotMention(slot=slot, value=value, scope=scope, operation="retract", evidence=words)
                yield Said(taken, retraction.span)
            elif retraction.welcome and not in_force(slot, value, scope, context):
                yield Said(SlotMention(slot=slot, value=value, strength="soft", scope=scope, evidence=words), retraction.hit.span)
