"""What is known of a shopper, turn by turn. Pure: a profile and what was said give a new profile and what changed; nothing is ever lost.

The rules, strongest first:

- Stated beats behaviour, behaviour beats inferred; among equals newer beats older. What is beaten moves to `superseded`.
- No two preferences in force contradict: a value that a person likes is not one that the same person dislikes in the same slot.
- `replace` ends the person's other likes of the slot (of a size: of its system); `retract` ends the value, or with an empty value all likes
  of the slot. A dislike outlives its turn and topic: only its own retraction or a later like of the same value ends it.
- A price completes the one before where the two bounds together are a range ("under 80", then "at least 20"), else takes its place.
  A price measured by what was shown ("cheaper") and a stated amount end each other, the newer the older, where both set the same bound or
  no price is within both. What is measured so ends with its topic; the stated amount that it took the place of is then in force again.
- Several sizes of one system are alternatives; a size set by hand for a kind of item takes the place of what was known for that kind.
- A value said again is not taken twice; said hard it hardens, said soft it does not soften.
- A new topic ends the person's stated likes that belonged to the former item (`OF_THE_ITEM`). It is a `search` that names a type of item
  as one more where others were sought. What belongs to the person or the purse stays: a stated budget, sizes, audience, every dislike,
  and tastes, which are soft likes in `TASTES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from assistant.profile_book import Book, size_for
from assistant.schema import Preference, Profile, ProfileChange, SlotMention, Understanding
from catalog_data.schema import Slot
from retrieval.schema import Fault

OF_THE_ITEM: frozenset[Slot] = frozenset(
    {"category", "color", "brand", "material", "pattern", "fit", "length", "occasion", "season", "style", "feature", "rating"}
)
"""Slots whose likes belong to the item sought and end with its topic."""
TASTES: frozenset[Slot] = frozenset({"color", "brand", "material", "pattern", "fit"})
"""Slots in which a soft like is a taste of the person and outlives the topic."""


def merge(profile: Profile, understanding: Understanding, turn: int) -> ProfileChange:
    """The profile after one message. The same message again changes nothing; the version grows by one with every change. An item that
    the shopper wants more of ("more like the second") counts as liked."""
    book = Book(profile, turn)
    for scope in dict.fromkeys(mention.scope for mention in understanding.slots):
        mentions = [mention for mention in understanding.slots if mention.scope == scope]
        for mention in mentions:
            if mention.operation == "retract":
                book.end(_retracted_by(mention))
        if understanding.has("search") and _is_new_topic(book.held, mentions, scope):
            book.end(_of_former_item(book.held, scope))
        measured = [held for held in book.held if _measured_by_others(scope)(held)]
        if measured and understanding.has("search", "correct") and _is_other_kind(book.held, mentions, scope):
            book.end(_measured_by_others(scope))
            book.restore(scope)
        for mention in mentions:
            if mention.operation == "replace":
                book.end(_replaced_by(mention, mentions))
        for mention in mentions:
            if mention.operation != "retract" and not (mention.slot == "price" and isinstance(mention.value, str)):
                book.take(_preference(mention, turn))
    for act in understanding.acts:
        for product_id in (each for reference in act.references for each in reference.product_ids if act.kind == "more_like"):
            book.thumb(product_id, "up")
    return book.closed()


Sizes = Mapping[str, Mapping[str, Preference | None]]
"""By scope and category: the size to set (None takes it out)."""


def edit(
    profile: Profile,
    add: Sequence[Preference] = (),
    remove: Sequence[str] = (),
    sizes: Sizes | None = None,
    turn: int = 0,
) -> ProfileChange:
    """The profile after the shopper changed it by hand: preferences out by id, then these in (numbered anew, as stated), then sizes, each
    in place of all that was known for its category. An id that is not in force is passed over."""
    book = Book(profile, turn)
    gone = frozenset(remove)
    book.end(lambda held: held.preference_id in gone)
    for preference in add:
        book.take(preference.model_copy(update={"source": "stated", "turn": turn}))
    for scope, by_category in (sizes or {}).items():
        for category, size in by_category.items():
            book.end(size_for(scope, category))
            book.size(scope, category, "")
            if size is not None:
                book.take(size.model_copy(update={"source": "stated", "turn": turn}))
    return book.closed()


def with_feedback(profile: Profile, product_id: str, value: Literal["up", "down"], reason: Fault | None = None) -> Profile:
    """The profile after a thumb on an item: it is liked or rejected, never both. The reason says what was wrong with that item, not what
    is wanted instead: it makes no preference, and is kept with the rejection."""
    book = Book(profile, turn=0)
    book.thumb(product_id, value, reason)
    return book.closed().profile


def _preference(mention: SlotMention, turn: int) -> Preference:
    """A mention as a preference; its number is given when it is taken."""
    return Preference(
        preference_id="p0",
        slot=mention.slot,
        value=mention.value,
        polarity=mention.polarity,
        strength=mention.strength,
        scope=mention.scope,
        evidence=mention.evidence,
        turn=turn,
        size_system=mention.size_system,
        relative=mention.relative,
    )


def _retracted_by(mention: SlotMention) -> Callable[[Preference], bool]:
    """What a retraction ends: the value in either polarity, or all likes of the slot."""

    def ends(held: Preference) -> bool:
        if (held.scope, held.slot) != (mention.scope, mention.slot):
            return False
        if mention.value == "":
            return held.polarity == "like"
        other = mention.slot == "size" and mention.size_system is not None and held.size_system != mention.size_system
        return held.value == mention.value and not other

    return ends


def _replaced_by(mention: SlotMention, mentions: Sequence[SlotMention]) -> Callable[[Preference], bool]:
    """What a replacement ends: the likes of its slot (and size system) that the message does not name as well."""
    named = [each.value for each in mentions if each.slot == mention.slot and each.polarity == mention.polarity]

    def ends(held: Preference) -> bool:
        if (held.scope, held.slot, held.polarity) != (mention.scope, mention.slot, mention.polarity):
            return False
        return held.value not in named and (held.slot != "size" or held.size_system == mention.size_system)

    return ends


def _is_of_a_kind(wish: Preference, held: Sequence[Preference]) -> bool:
    """True for what was said with a kind of item, in its name ("pencil" of "pencil skirt"): it is no taste."""
    return any(
        each.slot == "category" and each.turn == wish.turn and each.scope == wish.scope and wish.evidence in each.evidence
        for each in held
    )


def _of_former_item(held: Sequence[Preference], scope: str) -> Callable[[Preference], bool]:
    """What ends with its topic. An occasion or season that was said before any kind of item is what all of it is for ("my cousin gets
    married in July, and I have nothing to wear"), and outlives each kind."""
    first = min((each.turn for each in held if each.scope == scope and each.slot == "category"), default=0)

    def ends(each: Preference) -> bool:
        own = each.scope == scope and each.source == "stated" and each.polarity == "like" and each.slot in OF_THE_ITEM
        taste = each.strength == "soft" and each.slot in TASTES and not _is_of_a_kind(each, held)
        errand = each.slot in ("occasion", "season") and each.turn < first
        return own and not taste and not errand

    return ends


def _measured_by_others(scope: str) -> Callable[[Preference], bool]:
    """Prices that were measured by the items of a kind that is no longer sought."""
    return lambda held: held.scope == scope and held.relative is not None


def _is_new_topic(held: Sequence[Preference], mentions: Sequence[SlotMention], scope: str) -> bool:
    """True when types of item are named as `add`, others were sought, and none is named again."""
    sought = _sought(held, scope)
    named = _kinds(mentions)
    new = all(mention.operation == "add" and mention.value not in sought for mention in named)
    return bool(sought and named) and new


def _is_other_kind(held: Sequence[Preference], mentions: Sequence[SlotMention], scope: str) -> bool:
    """True when other types of item are sought from now on than before: as a new topic, in the place of those sought ("actually a skirt"),
    or the first that are named ("socks for her", after a gift of any kind)."""
    sought, named = _sought(held, scope), _kinds(mentions)
    return bool(named) and all(mention.value not in sought for mention in named)


def _sought(held: Sequence[Preference], scope: str) -> frozenset[object]:
    return frozenset(p.value for p in held if p.scope == scope and p.slot == "category" and p.polarity == "like")


def _kinds(mentions: Sequence[SlotMention]) -> list[SlotMention]:
    return [m for m in mentions if m.slot == "category" and m.polarity == "like" and m.operation != "retract"]
