"""The parser's reading joined with a model's. Pure.

The parser is exact where it knows the words; a model is of use where it does not. So the parser keeps everything that it found. Where it
was at a loss, the model's reading stands; elsewhere the model adds what it read from words that the parser did not know, as a soft wish:
a guess may order the items and never hides one. What takes something away (undo, the basket, a rejection) is never a model's to read."""

from __future__ import annotations

from assistant.schema import ME, ActKind, SlotMention, Understanding
from catalog_data.vocabulary import normalise

ADOPTED: frozenset[ActKind] = frozenset(
    (
        *("search", "refine", "correct", "retract", "show_more", "compare", "describe", "pair", "offers", "policy", "order"),
        *("human", "explain", "profile", "greeting", "thanks", "goodbye", "small_talk"),
    )
)
"""Acts that are taken from a model."""


def merge(parsed: Understanding, modelled: Understanding) -> Understanding:
    """Both readings of one message as one; `writer` names both."""
    writer = f"{parsed.writer}+{modelled.writer}"
    acts = tuple(act for act in modelled.acts if act.kind in ADOPTED)
    if at_a_loss(parsed) and acts:
        slots = (*parsed.slots, *_new(parsed, modelled))
        scope = parsed.scope if parsed.scope != ME else modelled.scope
        update = {"acts": acts, "slots": slots, "scope": scope, "writer": writer}
    else:
        unknown = set(parsed.unknown_words)
        added = [slot for slot in _new(parsed, modelled) if slot.operation == "add" and unknown & _words(slot)]
        guesses = (slot.model_copy(update={"scope": parsed.scope, "strength": "soft"}) for slot in added)
        update = {"slots": (*parsed.slots, *guesses), "writer": writer}
    return parsed.model_copy(update=update)


def at_a_loss(parsed: Understanding) -> bool:
    """True where the parser understood nothing, or that something is searched for and not what, or a question and not of what."""
    asks = parsed.has("policy") and bool(parsed.unknown_words)
    return parsed.has("out_of_scope") or ((asks or parsed.has("search")) and not parsed.slots)


def _new(parsed: Understanding, modelled: Understanding) -> list[SlotMention]:
    """The model's slots in which the parser found nothing alike: not the same value, not from the same words, and no second amount."""
    known = {(slot.slot, str(slot.value)) for slot in parsed.slots}
    taken = {word for slot in parsed.slots for word in _words(slot)}
    amounts = {slot.slot for slot in parsed.slots if slot.slot in ("price", "rating")}
    return [
        slot
        for slot in modelled.slots
        if (slot.slot, str(slot.value)) not in known and not _words(slot) <= taken and slot.slot not in amounts
    ]


def _words(slot: SlotMention) -> set[str]:
    return set(normalise(slot.evidence).split())
