"""Refusals that refuse no value: complaints ("that's not a blazer"), what is left out again ("without the block heel"), and the type that another
takes the place of ("a dress not a skirt")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.schema import ParseContext, Preference, SlotMention
from assistant.understanding.slots import Said
from assistant.understanding.tokens import SENTENCE_ENDS, Span, Utterance
from assistant.understanding.words import Words
from catalog_data.schema import VALUE_SLOTS
from catalog_data.vocabulary import Vocabulary

_BEFORE = 8
"""Tokens before a value in which the words that turn it are looked for."""


class ContrastReader:
    """Reads refused values as what they are by their words and what is in force."""

    def __init__(self, words: Words, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._complaint = re.compile(f"(?:{'|'.join(words.negation.complaint)})$")
        self._left_out = re.compile(f"(?<!\\S)(?:{'|'.join(words.negation.left_out)})$")
        self._left_out_again = re.compile(f"(?<!\\S)(?:{'|'.join(words.negation.left_out_again)})$")
        self._again = re.compile(f"(?:{'|'.join(words.negation.again)})(?!\\S)")

    def turned(self, utterance: Utterance, found: Sequence[Said], context: ParseContext) -> Iterator[Said]:
        """`found` with its refusals read so."""
        for said in found:
            mention = said.mention
            if mention.polarity == "like" or mention.operation != "add" or not isinstance(mention.value, str):
                yield said
            elif self.complains(utterance, said.span):
                operation = "add" if mention.slot == "category" else "replace"
                yield Said(mention.model_copy(update={"polarity": "like", "strength": "hard", "operation": operation}), said.span)
            elif held := self._left(utterance, said, context):
                words = mention.evidence
                for wish in held:
                    fields = {"slot": wish.slot, "value": wish.value, "scope": wish.scope, "evidence": words}
                    yield Said(SlotMention.model_validate({**fields, "operation": "retract"}), said.span)
            else:
                yield said

    def complains(self, utterance: Utterance, span: Span) -> bool:
        """True when the value at `span` is what something shown is said not to be."""
        end = next((at for at in range(span.last, len(utterance.tokens)) if utterance.tokens[at].norm in SENTENCE_ENDS), None)
        asks = end is not None and utterance.tokens[end].norm == "?"
        before = " ".join([".", *utterance.norms(Span(max(0, span.first - _BEFORE), span.first))])
        return not asks and self._complaint.search(before) is not None

    def _left(self, utterance: Utterance, said: Said, context: ParseContext) -> list[Preference]:
        """The likes in force that these words leave out again."""
        mention, span = said.mention, said.span
        before = " ".join(utterance.norms(Span(max(0, span.first - _BEFORE), span.first)))
        after = " ".join(utterance.norms(Span(span.last, min(len(utterance.tokens), span.last + 3))))
        again = self._again.match(after) is not None and self._left_out_again.search(before) is not None
        if not again and self._left_out.search(before) is None:
            return []
        inner = {
            each for slot in VALUE_SLOTS if slot == mention.slot for each in self._vocabulary.expand(slot, str(mention.value))
        }
        return [
            p
            for p in context.profile.in_scope(mention.scope)
            if p.slot == mention.slot and p.polarity == "like" and p.source == "stated" and p.value in (*inner, mention.value)
        ]


def replacing(mentions: Sequence[SlotMention], context: ParseContext) -> tuple[frozenset[int], frozenset[int]]:
    """Of types set against each other ("a dress not a skirt", where a skirt is sought): the indices of those that replace, and of those
    that are replaced."""
    types = [(i, m) for i, m in enumerate(mentions) if m.slot == "category" and m.operation == "add"]
    held = {(p.scope, p.value) for p in context.profile.preferences if p.slot == "category" and p.polarity == "like"}
    out = {i for i, m in types if m.polarity == "dislike" and (m.scope, m.value) in held}
    scopes = {mentions[i].scope for i in out}
    new = {i for i, m in types if m.polarity == "like" and m.scope in scopes and (m.scope, m.value) not in held}
    kept = {mentions[i].scope for i in new}
    return frozenset(new), frozenset(i for i in out if mentions[i].scope in kept)
