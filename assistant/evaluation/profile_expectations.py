"""What a script expects of the profile, held against what is in force for one person."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.evaluation.conditions import canonical, listed, major
from assistant.evaluation.results import Shop
from assistant.evaluation.script import ProfileExpect, Words
from assistant.schema import ME, Preference, PriceRange, Profile, RatingRange
from catalog_data.schema import VALUE_SLOTS

Miss = tuple[str, str, str]


def profile_failures(expect: ProfileExpect, profile: Profile, shop: Shop) -> Iterator[Miss]:
    """Path, what was expected, what was found; for each thing that does not hold."""
    scope = expect.scope or ME
    held = profile.in_scope(scope)
    if expect.scope is not None and scope != ME and not held:
        yield "profile.scope", scope, ", ".join(sorted({each.scope for each in profile.preferences})) or "nobody"
    for slot in (*VALUE_SLOTS, "size"):
        wanted = getattr(expect, slot)
        if wanted is not None:
            yield from _same(f"profile.{slot}", _wanted(slot, wanted, shop), _words(held, slot, "like"))
    for slot, words in expect.dislikes.items():
        yield from _same(f"profile.dislikes.{slot}", _wanted(slot, words, shop), _words(held, slot, "dislike"))
    yield from _ranges(expect, held, shop.catalog.manifest.currency)
    yield from _standing(expect, held, profile)


def _wanted(slot: str, words: Words, shop: Shop) -> set[str]:
    own = next((each for each in VALUE_SLOTS if each == slot), None)
    return {word if own is None else canonical(own, word, shop.vocabulary) for word in listed(words)}


def _words(held: tuple[Preference, ...], slot: str, polarity: str) -> set[str]:
    return {str(each.value) for each in held if each.slot == slot and each.polarity == polarity and isinstance(each.value, str)}


def _same(path: str, wanted: set[str], found: set[str]) -> Iterator[Miss]:
    if {word.casefold() for word in wanted} != {word.casefold() for word in found}:
        yield path, ", ".join(sorted(wanted)) or "nothing", ", ".join(sorted(found)) or "nothing"


def _ranges(expect: ProfileExpect, held: tuple[Preference, ...], currency: str) -> Iterator[Miss]:
    if expect.price is not None:
        ranges = [each.value for each in held if isinstance(each.value, PriceRange) and each.polarity == "like"]
        found = [tuple(None if bound is None else major(bound, currency) for bound in (one.min, one.max)) for one in ranges]
        wanted = (expect.price.min, expect.price.max)
        if found != [wanted]:
            yield "profile.price", _range(wanted), "; ".join(map(_range, found)) or "nothing"
    if expect.rating is not None:
        stars = [each.value.stars for each in held if isinstance(each.value, RatingRange)]
        if stars != [expect.rating]:
            yield "profile.rating", f"{expect.rating:g}", ", ".join(f"{each:g}" for each in stars) or "nothing"


def _range(bounds: tuple[float | None, ...]) -> str:
    return " to ".join("open" if bound is None else f"{bound:g}" for bound in bounds)


def _standing(expect: ProfileExpect, held: tuple[Preference, ...], profile: Profile) -> Iterator[Miss]:
    for slot in expect.absent:
        if any(each.slot == slot for each in held):
            yield "profile.absent", f"no {slot}", ", ".join(str(each.value) for each in held if each.slot == slot)
    for strength, slots in (("soft", expect.soft), ("hard", expect.hard)):
        for slot in slots:
            found = {each.strength for each in held if each.slot == slot}
            if found != {strength}:
                yield f"profile.{strength}", f"{slot} {strength}", ", ".join(sorted(found)) or "nothing"
    gone = {each.slot for each in profile.superseded}
    yield from (
        ("profile.superseded", slot, ", ".join(sorted(gone)) or "nothing") for slot in expect.superseded if slot not in gone
    )
