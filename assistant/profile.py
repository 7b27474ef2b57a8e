"""What is known of a shopper, turn by turn. Pure: a profile and what was said give a new profile and what changed; nothing is ever lost.

The rules, strongest first:

- Stated beats behaviour, behaviour beats inferred; among equals newer beats older. What is beaten moves to `superseded`.
- No two preferences in force contradict: a value that a person likes is not one that the same person dislikes in the same slot.
- `replace` ends the person's other likes of the slot (of a size: of its system); `retract` ends the value, or with an empty value all likes
  of the slot. A dislike outlives its turn and topic: only its own retraction or a later like of the same value ends it.
- A price completes the one before where the two bounds together are a range ("under 80", then "at least 20"), else takes its place.
- A value said again is not taken twice; said hard it hardens, said soft it does not soften.
- A new topic ends the person's stated likes that belonged to the former item (`OF_THE_ITEM`). It is a `search` that names a type of item
  as one more where others were sought. What belongs to the person or the purse stays: budget, sizes, audience, every dislike, and tastes,
  which are soft likes in `TASTES`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from assistant.schema import (
    Preference,
    PriceRange,
    Profile,
    ProfileChange,
    SlotMention,
    Source,
    SupersededPreference,
    Understanding,
)
from catalog_data.schema import SizeSystem, Slot

OF_THE_ITEM: frozenset[Slot] = frozenset(
    {"category", "color", "brand", "material", "pattern", "fit", "length", "occasion", "season", "style", "feature", "rating"}
)
"""Slots whose likes belong to the item sought and end with its topic."""
TASTES: frozenset[Slot] = frozenset({"color", "brand", "material", "pattern", "fit"})
"""Slots in which a soft like is a taste of the person and outlives the topic."""
ONE_LIKE: frozenset[Slot] = frozenset({"price", "rating"})
"""Slots of which a person has one like in force for each strength."""
OWN: frozenset[Slot] = frozenset({"price", "rating", "size", "gender"})
"""Slots in which what is stated ends what was only inferred, whatever its value."""

_WEIGHT: Mapping[Source, int] = {"stated": 2, "behaviour": 1, "inferred": 0}
_NAME_OF_SIZE: Mapping[SizeSystem, str] = {
    "alpha": "clothing",
    "eu": "clothing",
    "height": "clothing",
    "waist": "trousers",
    "eu_shoe": "shoes",
}


def merge(profile: Profile, understanding: Understanding, turn: int) -> ProfileChange:
    """The profile after one message. The same message again changes nothing; the version grows by one with every change. An item that
    the shopper wants more of ("more like the second") counts as liked."""
    book = _Book(profile, turn)
    for scope in dict.fromkeys(mention.scope for mention in understanding.slots):
        mentions = [mention for mention in understanding.slots if mention.scope == scope]
        for mention in mentions:
            if mention.operation == "retract":
                book.end(_retracted_by(mention))
        if understanding.has("search") and _is_new_topic(book.held, mentions, scope):
            book.end(_of_former_item(scope))
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


def edit(
    profile: Profile,
    add: Sequence[Preference] = (),
    remove: Sequence[str] = (),
    sizes: Mapping[str, Mapping[str, str]] | None = None,
    turn: int = 0,
) -> ProfileChange:
    """The profile after the shopper changed it by hand: preferences out by id, then these in (numbered anew, as stated), then sizes by
    scope and name ("" takes one out). An id that is not in force is passed over."""
    book = _Book(profile, turn)
    gone = frozenset(remove)
    book.end(lambda held: held.preference_id in gone)
    for preference in add:
        book.take(preference.model_copy(update={"source": "stated", "turn": turn}))
    for scope, labels in (sizes or {}).items():
        for name, label in labels.items():
            book.size(scope, name, label)
    return book.closed()


def with_feedback(profile: Profile, product_id: str, value: Literal["up", "down"], reason: str | None = None) -> Profile:
    """The profile after a thumb on an item: it is liked or rejected, never both. The reason says what was wrong with that item, not what
    is wanted instead, so it makes no preference; it is kept with the feedback."""
    book = _Book(profile, turn=0)
    book.thumb(product_id, value)
    return book.closed().profile


class _Book:
    """A profile being rewritten: what is in force (`held`), and what ended since it was opened."""

    def __init__(self, before: Profile, turn: int) -> None:
        self._before, self._turn = before, turn
        self.held: list[Preference] = list(before.preferences)
        self._ended: list[SupersededPreference] = []
        self._sizes = {scope: dict(labels) for scope, labels in before.sizes.items()}
        self._liked, self._rejected = before.liked_product_ids, before.rejected_product_ids
        ids = (p.preference_id for p in (*before.preferences, *before.superseded))
        self._last_id = max((int(match.group(1)) for each in ids if (match := re.fullmatch(r"p(\d{1,9})", each))), default=0)

    def end(self, when: Callable[[Preference], bool]) -> None:
        """Ends every preference in force for which `when` is true; a size also leaves the table of sizes."""
        for preference in [held for held in self.held if when(held)]:
            self.held.remove(preference)
            fields = preference.model_dump(exclude={"value"})
            self._ended.append(SupersededPreference(**fields, value=preference.value, superseded_by_turn=self._turn))
            name = _size_name(preference) if preference.slot == "size" else None
            if name is not None and self._sizes.get(preference.scope, {}).get(name) == preference.value:
                self.size(preference.scope, name, "")

    def take(self, new: Preference) -> None:
        """Puts a preference in force, by the rules above; ends what it beats, or leaves it out where it is beaten or already known."""
        rivals = [held for held in self.held if held.scope == new.scope and held.slot == new.slot]
        if new.slot == "price" and new.polarity == "like":
            new = _completed(new, rivals)
        same = [held for held in rivals if held.value == new.value and held.size_system == new.size_system]
        beaten = [held for held in same if held.polarity != new.polarity or _is_weaker(held, new)]
        beaten += [held for held in rivals if held not in same and _gives_way(held, new)]
        if any(_WEIGHT[held.source] > _WEIGHT[new.source] for held in beaten) or any(held not in beaten for held in same):
            return
        self.end(lambda held: held in beaten)
        self._last_id += 1
        self.held.append(new.model_copy(update={"preference_id": f"p{self._last_id}"}))
        if new.slot == "size" and new.polarity == "like" and (name := _size_name(new)) is not None:
            self.size(new.scope, name, str(new.value))

    def size(self, scope: str, name: str, label: str) -> None:
        """Sets one entry of the table of sizes, or takes it out where the label is empty."""
        labels = self._sizes.setdefault(scope, {})
        if label:
            labels[name] = label
        else:
            labels.pop(name, None)
        if not labels:
            del self._sizes[scope]

    def thumb(self, product_id: str, value: Literal["up", "down"]) -> None:
        """Notes an item as liked or rejected, the newest last, and never as both."""
        self._liked = tuple(each for each in self._liked if each != product_id or value == "up")
        self._rejected = tuple(each for each in self._rejected if each != product_id or value == "down")
        if value == "up":
            self._liked = tuple(dict.fromkeys([*self._liked, product_id]))
        else:
            self._rejected = tuple(dict.fromkeys([*self._rejected, product_id]))

    def closed(self) -> ProfileChange:
        """The new profile and the difference; the old one itself where what is in force is the same."""
        after = Profile(
            preferences=tuple(self.held),
            superseded=(*self._before.superseded, *self._ended),
            sizes=self._sizes,
            liked_product_ids=self._liked,
            rejected_product_ids=self._rejected,
            version=self._before.version + 1,
        )
        if _in_force(after) == _in_force(self._before):
            return ProfileChange(profile=self._before)
        known = {preference.preference_id for preference in self._before.preferences}
        added = tuple(preference for preference in self.held if preference.preference_id not in known)
        removed = tuple(preference for preference in self._ended if preference.preference_id in known)
        return ProfileChange(profile=after, added=added, removed=removed)


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
    )


def _retracted_by(mention: SlotMention) -> Callable[[Preference], bool]:
    """What a retraction ends: the value in either polarity, or all likes of the slot."""

    def ends(held: Preference) -> bool:
        if (held.scope, held.slot) != (mention.scope, mention.slot):
            return False
        return held.polarity == "like" if mention.value == "" else held.value == mention.value

    return ends


def _replaced_by(mention: SlotMention, mentions: Sequence[SlotMention]) -> Callable[[Preference], bool]:
    """What a replacement ends: the likes of its slot (and size system) that the message does not name as well."""
    named = [each.value for each in mentions if each.slot == mention.slot and each.polarity == mention.polarity]

    def ends(held: Preference) -> bool:
        if (held.scope, held.slot, held.polarity) != (mention.scope, mention.slot, mention.polarity):
            return False
        return held.value not in named and (held.slot != "size" or held.size_system == mention.size_system)

    return ends


def _of_former_item(scope: str) -> Callable[[Preference], bool]:
    """What ends with its topic."""

    def ends(held: Preference) -> bool:
        taste = held.strength == "soft" and held.slot in TASTES
        return (
            held.scope == scope and held.source == "stated" and held.polarity == "like" and held.slot in OF_THE_ITEM and not taste
        )

    return ends


def _is_new_topic(held: Sequence[Preference], mentions: Sequence[SlotMention], scope: str) -> bool:
    """True when types of item are named as `add`, others were sought, and none is named again."""
    sought = {p.value for p in held if p.scope == scope and p.slot == "category" and p.polarity == "like"}
    named = [mention for mention in mentions if mention.slot == "category" and mention.polarity == "like"]
    new = all(mention.operation == "add" and mention.value not in sought for mention in named)
    return bool(sought and named) and new


def _completed(new: Preference, rivals: Sequence[Preference]) -> Preference:
    """A price with the bound that it lacks taken from the stated one of the same strength in force, where both make a range."""
    old = next((p for p in rivals if p.source == "stated" and p.strength == new.strength and p.polarity == "like"), None)
    if old is None or not isinstance(old.value, PriceRange) or not isinstance(new.value, PriceRange) or new.source != "stated":
        return new
    low = new.value.min if new.value.min is not None else old.value.min
    high = new.value.max if new.value.max is not None else old.value.max
    if (low, high) == (new.value.min, new.value.max) or (low is not None and high is not None and low > high):
        return new
    evidence = old.evidence if new.evidence in old.evidence else f"{old.evidence}; {new.evidence}"
    return new.model_copy(update={"value": PriceRange(min=low, max=high), "evidence": evidence})


def _is_weaker(held: Preference, new: Preference) -> bool:
    """True when the same wish is said more surely now: by a better source, or hard instead of soft."""
    if _WEIGHT[held.source] != _WEIGHT[new.source]:
        return _WEIGHT[held.source] < _WEIGHT[new.source]
    return held.strength == "soft" and new.strength == "hard"


def _gives_way(held: Preference, new: Preference) -> bool:
    """True when a like of another value cannot stay beside the new one."""
    if held.polarity == "dislike" or new.polarity == "dislike":
        return False
    if new.slot == "size" and held.size_system != new.size_system:
        return False
    if new.slot in OWN and held.source != new.source:
        return True
    return new.slot in ONE_LIKE and held.strength == new.strength


def _size_name(preference: Preference) -> str | None:
    """The entry of the table of sizes that a size fills; None for one size."""
    return _NAME_OF_SIZE.get(preference.size_system or "alpha")


def _in_force(profile: Profile) -> object:
    """What a profile says, without numbers, turns and words."""
    held = [(p.scope, p.slot, p.value, p.polarity, p.strength, p.source, p.size_system) for p in profile.preferences]
    return sorted(map(repr, held)), profile.sizes, profile.liked_product_ids, profile.rejected_product_ids
