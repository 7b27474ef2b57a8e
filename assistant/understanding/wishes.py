"""The wishes of a message: everything found in it that belongs to no other act, as slot mentions with their operations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from assistant.schema import ME, ParseContext, SlotMention, Strength
from assistant.understanding.acts import FoundAct
from assistant.understanding.carrying import Carrier
from assistant.understanding.changes import decide, in_force
from assistant.understanding.contrasts import ContrastReader, replacing
from assistant.understanding.findings import Finder, Findings
from assistant.understanding.lexicon import Hit
from assistant.understanding.prices import filled, mention
from assistant.understanding.retractions import Retraction
from assistant.understanding.sizes import SizeFound
from assistant.understanding.slots import MentionBuilder, Said, once_each, softened
from assistant.understanding.tokens import Cover, Span
from assistant.understanding.words import Words
from catalog_data.vocabulary import Term, Vocabulary


class Wishes(NamedTuple):
    """The mentions, where they stand, the values liked (whose words are searched for), and what the message does to earlier wishes.
    `takes_back`: something is said not to matter, whether it was wished before or not."""

    mentions: tuple[SlotMention, ...]
    spans: tuple[Span, ...]
    liked: tuple[Hit, ...]
    corrects: bool
    new_topic: bool
    takes_back: bool


class WishReader:
    """Turns findings into wishes."""

    def __init__(self, builder: MentionBuilder, finder: Finder, vocabulary: Vocabulary, words: Words) -> None:
        self._builder, self._finder, self._vocabulary = builder, finder, vocabulary
        self._contrasts, self._carrier = ContrastReader(words, vocabulary), Carrier(words)

    def read(self, findings: Findings, acts: Sequence[FoundAct], context: ParseContext) -> Wishes:
        """The wishes outside what the acts claim."""
        claims = _claimed(findings, acts)
        claimed = Cover(claims)
        beside = self._finder.companions(findings)
        hits = [
            hit
            for hit in findings.hits
            if hit.meanings and claimed.frees(hit.span) and beside.frees(hit.span) and not self._is_head(hit, findings, context)
        ]
        retracted = [retraction for retraction in findings.retractions if claimed.frees(retraction.value or retraction.span)]
        taken_back = [retraction.value for retraction in retracted if retraction.value is not None]
        kept = [hit for hit in hits if hit.span not in taken_back]
        said = self._said(findings, kept, claims, taken_back, retracted, context)
        mentions = [each.mention for each in said]
        corrected = Cover(findings.corrected)
        contrasted, _ = replacing(mentions, context)
        cued = {i: i in contrasted or corrected.holds(each.span) for i, each in enumerate(said)}
        welcome = Cover(retraction.value for retraction in retracted if retraction.welcome and retraction.value is not None)
        # "And the beige ones?" asks for those in the place of others.
        instead = Cover(p.span for p in findings.pointers if p.several and p.reference.kind == "attribute")
        also = {
            i: welcome.holds(each.span)
            or (instead.frees(each.span) and self._finder.is_also(findings.utterance, each.span, each.mention.slot == "category"))
            for i, each in enumerate(said)
        }
        decided = decide(mentions, cued, also, context, self._vocabulary)
        refused = findings.refusals.refused
        liked = tuple(hit for hit in kept if hit.span not in refused and not all(meaning.refused for meaning in hit.meanings))
        spans = tuple(each.span for each in said)
        return Wishes(decided.mentions, spans, liked, decided.corrects, decided.new_topic, bool(retracted))

    def _said(
        self,
        findings: Findings,
        kept: Sequence[Hit],
        claims: Sequence[Span],
        taken_back: Sequence[Span],
        retracted: Sequence[Retraction],
        context: ParseContext,
    ) -> list[Said]:
        """Every mention, with what goes along to another person, and without the types that others take the place of."""
        utterance, scopes = findings.utterance, findings.scopes
        found = once_each(
            [
                *self._contrasts.turned(utterance, list(self._values(findings, kept, claims)), context),
                *self._amounts(findings, Cover([*claims, *taken_back]), context),
                *(said for retraction in retracted for said in self._retracted(findings, retraction, context)),
            ]
        )
        _, replaced = replacing([each.mention for each in found], context)
        said = [each for i, each in enumerate(found) if i not in replaced]
        carried = self._carrier.carried(utterance, scopes, [each.mention for each in said], context)
        here = scopes.persons[-1].span if scopes.persons and Cover(claims).frees(scopes.persons[-1].span) else None
        return [*said, *(Said(mention, here) for mention in carried if here is not None)]

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
        told = Cover(claims)
        yield from (each for each in self._builder.of_people(utterance, scopes) if told.frees(each.span))

    def _amounts(self, findings: Findings, claimed: Cover, context: ParseContext) -> Iterator[Said]:
        utterance, scopes = findings.utterance, findings.scopes
        pointed = [each for pointer in findings.pointers for each in pointer.reference.product_ids]
        soft, hard = self._builder.soft_spans(utterance), self._builder.hard_spans(utterance)
        dropped = [each.span.first for each in findings.retractions if each.slot == "price" and each.value is None]
        for price in findings.prices:
            if any(price.span.last <= first for first in dropped):
                continue  # "under 50, or no, money doesn't matter"
            if claimed.frees(price.span):
                scope = scopes.at(price.span.first)
                found = mention(price, utterance.words(price.span), scope, filled(price, context, pointed, scope))
                yield Said(softened(found, price.span, soft), price.span)
        for rating in findings.ratings:
            if claimed.frees(rating.span):
                words, scope = utterance.words(rating.span), scopes.at(rating.span.first)
                strength = "soft" if rating.soft and not hard.holds(rating.span) else "hard"
                stars = SlotMention(slot="rating", value=rating.value, strength=strength, scope=scope, evidence=words)
                yield Said(softened(stars, rating.span, soft), rating.span)
        known = [p.scope for p in reversed(context.profile.preferences)]
        # "The first, he's a 43" says whose size that is, whatever the rest does.
        refused = Cover(retraction.value for retraction in findings.retractions if retraction.value is not None)
        sizes = [
            size for size in findings.sizes if claimed.frees(size.span) or (size.whose != "nobody" and refused.frees(size.span))
        ]
        said = _as_held(self._builder.of_sizes(utterance, sizes, scopes, self._finder.recipients, known), context)
        yield from said
        named = {size.span for size in sizes if size.named}
        yield from (other for each in said if each.span in named for other in _other_readings(each, context))

    def _retracted(self, findings: Findings, retraction: Retraction, context: ParseContext) -> Iterator[Said]:
        """Retract mentions. A value is taken back only where it is in force; "black is fine" where nobody refused black is a wish of its own,
        beside what is wished there already."""
        scope, words = findings.scopes.at(retraction.span.first), findings.utterance.words(retraction.span)
        meant = retraction.meant
        if meant is None:
            whole = SlotMention(slot=retraction.slot, value="", scope=scope, operation="retract", evidence=words)
            yield Said(whole, retraction.span)
        elif isinstance(meant, SizeFound):
            scope = ME if meant.whose == "mine" else scope
            if in_force("size", meant.label, scope, context, system=meant.system):
                fields = {"slot": "size", "value": meant.label, "size_system": meant.system, "scope": scope, "evidence": words}
                yield Said(SlotMention.model_validate({**fields, "operation": "retract"}), meant.span)
        elif isinstance(meant, Hit):
            for term in self._terms(findings, meant, scope, context):
                yield from _taken_back(term, retraction, scope, words, context)

    def _terms(self, findings: Findings, hit: Hit, scope: str, context: ParseContext) -> Sequence[Term]:
        """What the words of a value that is taken back mean: of all their meanings those in force, else the usual one."""
        usual = [meaning.term for meaning in hit.meanings]
        every = (*usual, *self._vocabulary.lookup(" ".join(findings.utterance.norms(hit.span))))
        held = [term for term in dict.fromkeys(every) if in_force(term.slot, term.value, scope, context)]
        return held or usual


def _as_held(sizes: Iterable[Said], context: ParseContext) -> list[Said]:
    """`sizes`, without the second reading of a number whose system is known ("EU 38", then "nothing in 38?")."""
    found = list(sizes)
    held = {(p.scope, p.value, p.size_system) for p in context.profile.preferences if p.slot == "size"}
    known = {(m.scope, m.value) for m in (each.mention for each in found) if (m.scope, m.value, m.size_system) in held}
    return [
        each
        for each in found
        if (each.mention.scope, each.mention.value) not in known
        or (each.mention.scope, each.mention.value, each.mention.size_system) in held
    ]


def _other_readings(size: Said, context: ParseContext) -> Iterator[Said]:
    """What the number was taken for before its system was named ("a 36", then "EU 36"), taken back."""
    mention = size.mention
    for held in context.profile.in_scope(mention.scope):
        if held.slot == "size" and held.value == mention.value and held.size_system not in (mention.size_system, "alpha", None):
            fields = {"slot": "size", "value": held.value, "size_system": held.size_system, "scope": mention.scope}
            taken = SlotMention.model_validate({**fields, "operation": "retract", "evidence": mention.evidence})
            yield Said(taken, size.span)


def _claimed(findings: Findings, acts: Sequence[FoundAct]) -> list[Span]:
    """The spans that are no wishes: what acts claim, what they point at, and pointers that are certainly no wishes. Someone who wants the
    rules broken ("sell it for $1, legally binding") sets no budget."""
    spans = [act.claimed for act in acts if act.claimed is not None]
    spans.extend(pointer.span for act in acts for pointer in act.pointers)
    spans.extend(pointer.span for pointer in findings.pointers if not pointer.weak and pointer.reference.product_ids)
    if any(act.detail == "instructions" for act in acts):
        spans.extend(price.span for price in findings.prices)
    return spans


def _taken_back(term: Term, retraction: Retraction, scope: str, words: str, context: ParseContext) -> Iterator[Said]:
    if in_force(term.slot, term.value, scope, context, "dislike" if retraction.welcome else None):
        taken = SlotMention(slot=term.slot, value=term.value, scope=scope, operation="retract", evidence=words)
        yield Said(taken, retraction.span)
    elif retraction.welcome:
        held = any(p.slot == term.slot and p.polarity == "like" and p.strength == "hard" for p in context.profile.in_scope(scope))
        strength: Strength = "hard" if held or term.slot in ("category", "gender") else "soft"
        wish = SlotMention(slot=term.slot, value=term.value, strength=strength, scope=scope, evidence=words)
        yield Said(wish, retraction.value or retraction.span)
