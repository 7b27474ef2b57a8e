"""A profile being rewritten: what comes into force, what that ends, and the table of sizes that follows. Pure but for the book itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from assistant.schema import Preference, PriceRange, Profile, ProfileChange, Source, SupersededPreference
from catalog_data.schema import SizeSystem, Slot
from retrieval.schema import Fault

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


class Book:
    """A profile being rewritten: what is in force (`held`), and what ended since it was opened."""

    def __init__(self, before: Profile, turn: int) -> None:
        self._before, self._turn = before, turn
        self.held: list[Preference] = list(before.preferences)
        self._ended: list[SupersededPreference] = []
        self._sizes = {scope: dict(labels) for scope, labels in before.sizes.items()}
        self._liked, self._rejected = before.liked_product_ids, before.rejected_product_ids
        self._reasons = dict(before.rejection_reasons)
        ids = (p.preference_id for p in (*before.preferences, *before.superseded))
        self._last_id = max((int(match.group(1)) for each in ids if (match := re.fullmatch(r"p(\d{1,9})", each))), default=0)

    def end(self, when: Callable[[Preference], bool]) -> None:
        """Ends every preference in force for which `when` is true; a size also leaves the table of sizes to the one before it, if any."""
        for preference in [held for held in self.held if when(held)]:
            self.held.remove(preference)
            self._ended.append(_ended(preference, self._turn))
            name = _size_name(preference)
            if name is not None and self._sizes.get(preference.scope, {}).get(name) == preference.value:
                left = [held.value for held in self.held if size_for(preference.scope, name)(held)]
                self.size(preference.scope, name, str(left[-1]) if left else "")

    def take(self, new: Preference) -> None:
        """Puts a preference in force, by the rules above; ends what it beats, or leaves it out where it is beaten or already known."""
        rivals = [held for held in self.held if held.scope == new.scope and held.slot == new.slot]
        said = new  # what is relative is held against the words, not against the bound that completes them
        if new.slot == "price" and new.polarity == "like":
            new = _completed(new, rivals)
        same = [
            held for held in rivals if (held.value, held.size_system, held.category) == (new.value, new.size_system, new.category)
        ]
        beaten = [held for held in same if held.polarity != new.polarity or _is_weaker(held, new)]
        beaten += [held for held in rivals if held not in same and _gives_way(held, said if held.relative else new)]
        if any(_WEIGHT[held.source] > _WEIGHT[new.source] for held in beaten) or any(held not in beaten for held in same):
            return
        self.end(lambda held: held in beaten)
        self._last_id += 1
        self.held.append(new.model_copy(update={"preference_id": f"p{self._last_id}"}))
        if (name := _size_name(new)) is not None:
            self.size(new.scope, name, str(new.value))

    def restore(self, scope: str) -> None:
        """Puts the stated amount that "cheaper" or "dearer" took the place of back in force, where no other has since."""
        prices = [each for each in (*self._before.superseded, *self._ended) if each.scope == scope and each.slot == "price"]
        measured = {each.turn for each in prices if each.relative is not None}
        amounts = [
            each
            for each in prices
            if each.relative is None
            and each.source == "stated"
            and each.polarity == "like"
            and each.superseded_by_turn in measured
        ]
        if amounts and not any(p.slot == "price" and p.scope == scope and p.source == "stated" for p in self.held):
            last = amounts[-1]
            self.take(Preference(**last.model_dump(exclude={"value", "superseded_by_turn"}), value=last.value))

    def size(self, scope: str, name: str, label: str) -> None:
        """Sets one entry of the table of sizes, or takes it out where the label is empty."""
        labels = self._sizes.setdefault(scope, {})
        if label:
            labels[name] = label
        else:
            labels.pop(name, None)
        if not labels:
            del self._sizes[scope]

    def thumb(self, product_id: str, value: Literal["up", "down"], reason: Fault | None = None) -> None:
        """Notes an item as liked or rejected, the newest last, and never as both; a rejection without a reason keeps an earlier one."""
        self._liked = tuple(each for each in self._liked if each != product_id or value == "up")
        self._rejected = tuple(each for each in self._rejected if each != product_id or value == "down")
        if value == "up":
            self._liked = tuple(dict.fromkeys([*self._liked, product_id]))
        else:
            self._rejected = tuple(dict.fromkeys([*self._rejected, product_id]))
        self._reasons = {each: fault for each, fault in self._reasons.items() if each in self._rejected}
        if value == "down" and reason is not None:
            self._reasons[product_id] = reason

    def closed(self) -> ProfileChange:
        """The new profile and the difference; the old one itself where what is in force is the same."""
        after = Profile(
            preferences=tuple(self.held),
            superseded=(*self._before.superseded, *self._ended),
            sizes=self._sizes,
            liked_product_ids=self._liked,
            rejected_product_ids=self._rejected,
            rejection_reasons=self._reasons,
            version=self._before.version + 1,
        )
        if _in_force(after) == _in_force(self._before):
            return ProfileChange(profile=self._before)
        known = {preference.preference_id for preference in self._before.preferences}
        added = tuple(preference for preference in self.held if preference.preference_id not in known)
        removed = tuple(preference for preference in self._ended if preference.preference_id in known)
        return ProfileChange(profile=after, added=added, removed=removed)


def taken_back(now: Profile, earlier: Profile, turn: int) -> ProfileChange:
    """The profile of before a change, and what that undoes: what came into force since ends, and stays among what was; nothing is lost."""
    back = {preference.preference_id for preference in earlier.preferences}
    undone = tuple(_ended(each, turn) for each in now.preferences if each.preference_id not in back)
    was = {each.preference_id for each in now.preferences}
    profile = earlier.model_copy(
        update={
            "superseded": (*(each for each in now.superseded if each.preference_id not in back), *undone),
            "version": now.version + 1,
        }
    )
    return ProfileChange(
        profile=profile, added=tuple(each for each in earlier.preferences if each.preference_id not in was), removed=undone
    )


def _ended(preference: Preference, turn: int) -> SupersededPreference:
    fields = preference.model_dump(exclude={"value"})
    return SupersededPreference(**fields, value=preference.value, superseded_by_turn=turn)


def size_for(scope: str, category: str) -> Callable[[Preference], bool]:
    """The sizes liked that fill this entry of the table of sizes."""
    return lambda held: held.scope == scope and _size_name(held) == category


def _completed(new: Preference, rivals: Sequence[Preference]) -> Preference:
    """A price with the bound that it lacks taken from the stated one of the same strength in force, where both make a range. Amounts
    complete amounts; what was measured by the items shown completes its like."""
    alike = [p for p in rivals if p.source == "stated" and p.strength == new.strength and p.polarity == "like"]
    old = next((p for p in alike if (p.relative is None) == (new.relative is None)), None)
    if old is None or not isinstance(old.value, PriceRange) or not isinstance(new.value, PriceRange) or new.source != "stated":
        return new
    low = new.value.min if new.value.min is not None else old.value.min
    high = new.value.max if new.value.max is not None else old.value.max
    if (low, high) == (new.value.min, new.value.max) or (low is not None and high is not None and low > high):
        return new
    evidence = old.evidence if new.evidence in old.evidence else f"{old.evidence}; {new.evidence}"
    return new.model_copy(update={"value": PriceRange(min=low, max=high), "evidence": evidence})


def _is_weaker(held: Preference, new: Preference) -> bool:
    """True when the same wish is said more surely now: by a better source, hard instead of soft, an amount instead of "cheaper"."""
    if _WEIGHT[held.source] != _WEIGHT[new.source]:
        return _WEIGHT[held.source] < _WEIGHT[new.source]
    if held.relative is not None and new.relative is None:
        return True
    return held.strength == "soft" and new.strength == "hard"


def _gives_way(held: Preference, new: Preference) -> bool:
    """True when a like of another value cannot stay beside the new one."""
    if held.polarity == "dislike" or new.polarity == "dislike":
        return False
    if new.slot == "size" and held.size_system != new.size_system:
        return False
    if isinstance(held.value, PriceRange) and isinstance(new.value, PriceRange) and held.strength == new.strength:
        if new.relative is not None and held.relative is None:
            return held.source == "stated" and (not _meet(held.value, new.value) or _same_bound(held.value, new.value))
        if held.relative is not None and new.relative is None:
            return not _meet(held.value, new.value) or _same_bound(held.value, new.value)
    if new.slot in OWN and held.source != new.source:
        return new.relative is None
    return new.slot in ONE_LIKE and held.strength == new.strength


def _meet(one: PriceRange, other: PriceRange) -> bool:
    """True when some price is within both."""
    lows = [bound for bound in (one.min, other.min) if bound is not None]
    highs = [bound for bound in (one.max, other.max) if bound is not None]
    return not lows or not highs or max(lows) <= min(highs)


def _same_bound(one: PriceRange, other: PriceRange) -> bool:
    """True when both set an upper bound, or both a lower one."""
    return None not in (one.max, other.max) or None not in (one.min, other.min)


def _size_name(preference: Preference) -> str | None:
    """The entry of the table of sizes that a liked size fills; None for anything else, and for one size."""
    if preference.slot != "size" or preference.polarity == "dislike":
        return None
    return preference.category or _NAME_OF_SIZE.get(preference.size_system or "alpha")


def _in_force(profile: Profile) -> object:
    """What a profile says, without numbers, turns and words."""
    held = [
        (p.scope, p.slot, p.value, p.polarity, p.strength, p.source, p.size_system, p.category, p.relative)
        for p in profile.preferences
    ]
    items = (profile.liked_product_ids, profile.rejected_product_ids, profile.rejection_reasons)
    return sorted(map(repr, held)), profile.sizes, *items
