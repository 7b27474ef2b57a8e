"""What a wish set by hand must obey before it is kept: words that the shop knows, sizes that exist. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from assistant.errors import BadRequest
from assistant.schema import Preference, PriceRange, RatingRange
from catalog_data.schema import VALUE_SLOTS, SizeSystem, ValueSlot
from catalog_data.vocabulary import Vocabulary, normalise
from retrieval.sizes import ALPHA_ORDER, labels

BY_HAND = "set by hand"
NAMED = 8
"""So many allowed words are named where one is refused, the likest first."""

NUMBERED: Mapping[SizeSystem, tuple[float, float]] = {"eu_shoe": (16, 50), "eu": (30, 60), "height": (50, 188), "waist": (22, 44)}
"""The systems whose labels are numbers, and the least and greatest; in the order in which a bare number is tried."""

CLOTHING: frozenset[SizeSystem] = frozenset(("alpha", "eu", "waist"))
"""Whatever comes in one of these may be asked for in letters."""
GENERAL: Mapping[str, frozenset[SizeSystem]] = {
    "clothing": frozenset(("alpha", "eu", "height")),
    "trousers": frozenset(("waist",)),
    "shoes": frozenset(("eu_shoe",)),
}
"""The categories whose sizes in these systems say the shopper's size of that system, whatever the item."""

_PREFIXED = re.compile(r"\s*(?:(?P<waist>w)|(?P<eu>eu))\s*(?P<number>\d.*)", re.IGNORECASE)


def checked_preferences(add: Sequence[Preference], vocabulary: Vocabulary, brands: Iterable[str]) -> tuple[Preference, ...]:
    """`add` with the shop's own words. Raises `BadRequest` for a word that neither the vocabulary nor the brands hold, a size that does not
    exist, a dislike of a price, a rating or a size (what is wanted instead would not be said), and a value of another slot's form."""
    names = {normalise(brand): brand for brand in brands}
    return tuple(_checked(f"add[{place}]", each, vocabulary, names) for place, each in enumerate(add))


def _checked(place: str, wish: Preference, vocabulary: Vocabulary, brands: Mapping[str, str]) -> Preference:
    form = {"price": PriceRange, "rating": RatingRange}.get(wish.slot, str)
    if not isinstance(wish.value, form):
        raise BadRequest(
            f'{place}.value: price takes {{"min", "max"}} in minor units, rating {{"stars"}}, every other slot a word.'
        )
    if wish.slot in ("price", "rating", "size") and wish.polarity == "dislike":
        raise BadRequest(f"{place}.polarity: a {wish.slot} can be liked alone; say what is wanted instead, or remove the wish.")
    if isinstance(wish.value, str) and wish.slot == "size":
        system = wish.size_system or ("alpha" if is_size("alpha", wish.value) else None)
        if system is None or not is_size(system, wish.value):
            raise BadRequest(
                f"{place}.value is no size{f' of the system {system}' if system else ''}; allowed: {_allowed(('alpha', *NUMBERED))}; "
                "a number needs its size_system."
            )
        return wish.model_copy(update={"size_system": system, "value": _spelt(system, wish.value)})
    if isinstance(wish.value, str) and wish.slot in VALUE_SLOTS:
        return wish.model_copy(update={"value": _word(f"{place}.value", wish.value, wish.slot, vocabulary, brands)})
    return wish


def _word(place: str, said: str, slot: ValueSlot, vocabulary: Vocabulary, brands: Mapping[str, str]) -> str:
    """The canonical value that `said` names in this slot."""
    known = {**{normalise(value): value for value in vocabulary.values(slot)}, **(brands if slot == "brand" else {})}
    found = next((term.value for term in vocabulary.lookup(said, slot)), known.get(normalise(said)))
    if found is None:
        near = get_close_matches(normalise(said), known, n=NAMED, cutoff=0.5)
        listed = [known[each] for each in dict.fromkeys([*near, *sorted(known)])][:NAMED]
        such = f"allowed is, among {len(known)}: {', '.join(listed)}" if listed else "it knows none"
        raise BadRequest(f"{place} is no {slot} that this shop knows; {such}.")
    return found


def checked_sizes(
    sizes: Mapping[str, Mapping[str, str]], vocabulary: Vocabulary
) -> Mapping[str, Mapping[str, Preference | None]]:
    """The sizes by scope and category as wishes; None for one that is to be taken out (an empty label). Raises `BadRequest` for a category
    that the vocabulary lacks, and for a label that is no size of it.

    A bare number is of the first system of `NUMBERED` in which the category comes and which has it, those of `GENERAL` before the others;
    for what is worn below, waist inches come first, as on its labels. "EU 38" and "W 32" say it themselves."""
    return {
        scope: {_kind(scope, name, vocabulary): _size(scope, name, label, vocabulary) for name, label in by_name.items()}
        for scope, by_name in sizes.items()
    }


def _kind(scope: str, name: str, vocabulary: Vocabulary) -> str:
    found = vocabulary.lookup(name, "category")
    if not found:
        near = get_close_matches(
            normalise(name), [normalise(each) for each in vocabulary.values("category")], n=NAMED, cutoff=0.5
        )
        listed = ", ".join(dict.fromkeys(["clothing", "shoes", "trousers", *near]))
        raise BadRequest(f"sizes names a category that this shop does not know; allowed are its own, such as {listed}.")
    return found[0].value


def _size(scope: str, name: str, label: str, vocabulary: Vocabulary) -> Preference | None:
    if not label:
        return None
    kind = _kind(scope, name, vocabulary)
    system, number = _system(kind, label, vocabulary)
    general = GENERAL.get(kind)
    return Preference(
        preference_id="new",
        slot="size",
        value=_spelt(system, number),
        scope=scope,
        evidence=BY_HAND,
        turn=0,
        size_system=system,
        category=None if general is not None and system in general else kind,
    )


def _system(kind: str, label: str, vocabulary: Vocabulary) -> tuple[SizeSystem, str]:
    """The system of a label and the label without its prefix."""
    types = [vocabulary.entry("category", value) for value in vocabulary.expand("category", kind)]
    systems: set[SizeSystem] = {entry.sizes for entry in types if entry.sizes is not None}
    systems |= {"alpha"} if systems & CLOTHING else set()
    if (match := _PREFIXED.fullmatch(label)) is not None:
        named: SizeSystem = "waist" if match.group("waist") else "eu_shoe" if systems == {"eu_shoe"} else "eu"
        if is_size(named, match.group("number")):
            return named, match.group("number")
    below: tuple[SizeSystem, ...] = ("waist",) if {entry.role for entry in types if entry.role} == {"bottom"} else ()
    general = [system for system in NUMBERED if system in GENERAL.get(kind, frozenset())]
    for system in dict.fromkeys(("alpha", *general, *below, *NUMBERED)):
        if system in systems and is_size(system, label):
            return system, label
    raise BadRequest(f"sizes has a label for {kind} that is no size of it; allowed: {_allowed(systems)}.")


def _spelt(system: SizeSystem, label: str) -> str:
    """Letters as the table of sizes spells them ("xl" and "X-Large" are XL); other labels as they are."""
    return "/".join(sorted(labels(system, label), key=ALPHA_ORDER.index)) if system == "alpha" else label.strip()


def is_size(system: SizeSystem, label: str) -> bool:
    """True for a label that `system` can have: letters from XXS to 5XL, numbers within `NUMBERED`, anything for one size."""
    spelt = labels(system, label)
    if system == "one":
        return bool(label)
    if system == "alpha":
        return bool(spelt) and spelt <= set(ALPHA_ORDER)
    low, high = NUMBERED[system]
    return bool(spelt) and all(re.fullmatch(r"\d{1,3}(?:\.\d)?", each) and low <= float(each) <= high for each in spelt)


def _allowed(systems: Iterable[SizeSystem]) -> str:
    """ "letters from XXS to 5XL, eu 30 to 60"."""
    letters = [f"letters from {ALPHA_ORDER[0]} to {ALPHA_ORDER[-1]}"] if "alpha" in systems else []
    numbers = [f"{system} {low:g} to {high:g}" for system, (low, high) in NUMBERED.items() if system in systems]
    return ", ".join((*letters, *numbers)) or "none, it comes in one size"
