"""The parser's reading joined with a model's. Pure.

The parser is exact where it knows the words, the model covers words that the parser does not know. So the parser keeps every slot that it
found, and the model adds what it read from words that the parser left over. The acts are the parser's unless it was at a loss."""

from __future__ import annotations

from assistant.schema import SlotMention, Understanding
from catalog_data.vocabulary import normalise


def merge(parsed: Understanding, modelled: Understanding) -> Understanding:
    """Both readings of one message as one; `writer` names both."""
    taken = {word for slot in parsed.slots for word in normalise(slot.evidence).split()}
    known: set[tuple[str, str, str]] = {(slot.slot, slot.scope, str(slot.value)) for slot in parsed.slots}
    added = tuple(slot for slot in modelled.slots if _is_new(slot, taken, known))
    at_a_loss = parsed.has("out_of_scope") or (parsed.has("search") and not parsed.slots)
    acts = modelled.acts if at_a_loss and not modelled.has("out_of_scope") else parsed.acts
    scope = parsed.scope if parsed.slots or parsed.scope != "me" else modelled.scope
    slots = (*parsed.slots, *(slot.model_copy(update={"scope": scope}) for slot in added))
    writer = f"{parsed.writer}+{modelled.writer}"
    return parsed.model_copy(update={"acts": acts, "slots": slots, "scope": scope, "writer": writer})


def _is_new(slot: SlotMention, taken: set[str], known: set[tuple[str, str, str]]) -> bool:
    words = set(normalise(slot.evidence).split())
    return (slot.slot, slot.scope, str(slot.value)) not in known and not words <= taken
