"""The only seam between talk and search: one person's profile and one turn's words become an item query."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from assistant.schema import ME, DialogueState, Preference, PriceRange, Profile, RatingRange, SearchAction, Understanding
from catalog_data.schema import VALUE_SLOTS, SizeSystem, ValueSlot
from retrieval.schema import Constraint, ItemQuery, RangeConstraint, Rejection, SizeConstraint, Strength, ValueConstraint
from retrieval.sizes import size_group

SHOWN = 4
"""Items a search shows. Design: three to six; four are one row on a desk and two on a phone, and a guide to four is still read."""

NOT_FOR_CHILDREN = ValueConstraint(slot="gender", values=("kids", "baby"), negative=True)
FOR_CHILDREN = ValueConstraint(slot="gender", values=("kids", "baby"))
FIRST_GROWN_SHOE = 35
GROWN_UPS = frozenset({"women", "men", "unisex"})

OUTFIT_SLOTS: tuple[ValueSlot, ...] = ("color", "brand", "material", "pattern", "style", "feature", "gender")
"""Slots whose dislikes hold for every piece of a look. A disliked category does too; the rest is about the one item asked for."""


def item_query(
    profile: Profile,
    action: SearchAction,
    understanding: Understanding,
    state: DialogueState,
    history: tuple[str, ...] = (),
    limit: int = SHOWN,
) -> ItemQuery:
    """What to ask of the catalog for the person in `action.scope`. `history`: a known shopper's own purchases, oldest first; not used
    for anybody else. Rejected items never come back; for `more`, and for more like an item, neither do those already shown.
    "Cheap" and "the dearest", said of no amount and of nothing shown, order by price."""
    wishes = profile.in_scope(action.scope)
    seen = state.ever_shown if action.more or action.like_product_id else ()
    return ItemQuery(
        text="" if action.like_product_id else query_text(profile, action.scope, understanding, state),
        constraints=constraints(wishes),
        liked=profile.liked_product_ids,
        rejected=profile.rejected_product_ids,
        rejections=tuple(Rejection(product_id=each, fault=fault) for each, fault in profile.rejection_reasons.items()),
        history=history if action.scope == ME else (),
        like_product_id=action.like_product_id,
        excluded=tuple(dict.fromkeys([*profile.rejected_product_ids, *seen])),
        limit=limit,
        sort=_order(understanding),
    )


def _order(understanding: Understanding) -> Literal["best", "price_ascending", "price_descending"]:
    """The order that this turn's words ask for."""
    said = {slot.value for slot in understanding.slots if slot.slot == "price" and slot.relative == slot.value}
    return "price_ascending" if "cheaper" in said else "price_descending" if "dearer" in said else "best"


def for_grown_ups(query: ItemQuery) -> ItemQuery:
    """`query` without children's things, where nothing in it says for whom it is: "a red dress" means one for a grown-up, and one in 104
    is for a child."""
    sizes = [each for each in query.constraints if isinstance(each, SizeConstraint)]
    audience = [each for each in query.constraints if isinstance(each, ValueConstraint) and each.slot == "gender"]
    if any(each.strength == "hard" or not GROWN_UPS.issuperset(each.values) for each in audience):
        return query
    whose = FOR_CHILDREN if any(_is_childs(each) for each in sizes) else NOT_FOR_CHILDREN
    return query.model_copy(update={"constraints": (*query.constraints, whose)})


def _is_childs(size: SizeConstraint) -> bool:
    """True where only children wear these sizes: a height, or shoes below EU 34."""
    if size.system == "eu_shoe":
        return all(label.isdecimal() and int(label) < FIRST_GROWN_SHOE for label in size.labels)
    return size.system == "height"


def what_it_is(query: ItemQuery) -> tuple[Constraint, ...]:
    """Of the hard constraints those that say what is sought, whatever it looks like or costs: its kind and its maker."""
    values = [each for each in query.constraints if isinstance(each, ValueConstraint) and not each.negative]
    return tuple(each for each in values if each.strength == "hard" and each.slot in ("category", "brand"))


def query_text(profile: Profile, scope: str, understanding: Understanding, state: DialogueState) -> str:
    """The words that are embedded and matched: what this person likes, then what else was said for it, no word twice.

    Tastes that are only inferred speak where nothing else does: else they would pull a search for one thing towards all that was bought.
    Of an earlier message's words those of values that ended since, or are refused, are left out."""
    liked = [p for p in profile.in_scope(scope) if p.polarity == "like" and p.slot not in ("size", "gender")]
    stated = _words(p for p in liked if p.source != "inferred")
    said = understanding.query_text.split() or _still_meant(profile, scope, state, stated)
    return " ".join(dict.fromkeys([*stated, *said])) or " ".join(dict.fromkeys(_words(liked)))


def _still_meant(profile: Profile, scope: str, state: DialogueState, liked: Iterable[str]) -> list[str]:
    """The words of the search that goes on, where it is for this person."""
    if state.scope != scope:
        return []
    ended = [p for p in profile.superseded if p.scope == scope]
    refused = [p for p in profile.in_scope(scope) if p.polarity == "dislike"]
    gone = set(_words([*ended, *refused])) - set(liked)
    return [word for word in state.topic.split() if word not in gone]


def _words(preferences: Iterable[Preference]) -> list[str]:
    return [word for p in preferences if isinstance(p.value, str) for word in p.value.split()]


def constraints(wishes: Iterable[Preference]) -> tuple[Constraint, ...]:
    """The preferences of one person as constraints, in a fixed order: what she said, then what is only inferred of her; each values by slot,
    price, rating, size.

    Likes of one slot and strength are alternatives ("red or blue"), sizes those of one system and kind of item ("M or L"); features and
    occasions must all hold. Each dislike stands alone. A size, a price or stars that are disliked exclude nothing: what is wanted instead
    was not said."""
    kept = tuple(wishes)
    return (*stated_constraints(kept), *_constraints([p for p in kept if p.source == "inferred"]))


def stated_constraints(wishes: Iterable[Preference]) -> tuple[Constraint, ...]:
    """The first of `constraints`: those that the shopper has voiced, and may be told of as hers."""
    return tuple(_constraints([p for p in wishes if p.source != "inferred"]))


def _constraints(preferences: list[Preference]) -> Iterable[Constraint]:
    for slot in VALUE_SLOTS:
        yield from _value_constraints(slot, [p for p in preferences if p.slot == slot])
    yield from _ranges(preferences)
    yield from _sizes([p for p in preferences if p.slot == "size" and p.polarity == "like"])


def _sizes(liked: list[Preference]) -> Iterable[SizeConstraint]:
    """One for each system and kind of item. Where she has several sizes for one body, an item is judged by that of its own system, and by
    that of its own kind."""
    strengths: tuple[Strength, ...] = ("hard", "soft")
    for strength in strengths:
        groups: dict[tuple[str | None, SizeSystem], list[str]] = {}
        for p in liked:
            if p.strength == strength and isinstance(p.value, str):
                groups.setdefault((p.category, p.size_system or "alpha"), []).append(p.value)
        for (category, system), labels in groups.items():
            label, *others = dict.fromkeys(labels)
            comparable = [each for each in groups if size_group(each[1]) == size_group(system)]
            kinds = dict.fromkeys(kind for kind, _ in comparable if kind is not None)
            yield SizeConstraint(
                system=system,
                label=label,
                alternatives=tuple(others),
                beside=tuple(other for kind, other in comparable if kind == category and other != system),
                categories=(category,) if category is not None else (),
                except_categories=tuple(kinds) if category is None else (),
                strength=strength,
            )


def outfit_constraints(wishes: Iterable[Preference]) -> tuple[Constraint, ...]:
    """What must hold for every piece of a look: all dislikes that are not about one kind of item, the audience, and hard sizes."""
    found: list[Constraint] = []
    for constraint in constraints(wishes):
        if constraint.strength != "hard":
            continue
        dislike = (
            isinstance(constraint, ValueConstraint) and constraint.negative and constraint.slot in (*OUTFIT_SLOTS, "category")
        )
        audience = isinstance(constraint, ValueConstraint) and constraint.slot == "gender"
        if dislike or audience or isinstance(constraint, SizeConstraint):
            found.append(constraint)
    return tuple(found)


def _value_constraints(slot: ValueSlot, preferences: list[Preference]) -> Iterable[Constraint]:
    strengths: tuple[Strength, ...] = ("hard", "soft")
    for strength in strengths:
        liked = [p.value for p in preferences if p.strength == strength and p.polarity == "like" and isinstance(p.value, str)]
        groups = [(value,) for value in liked] if slot in ("feature", "occasion") else [tuple(liked)] if liked else []
        yield from (ValueConstraint(slot=slot, values=values, strength=strength) for values in groups)
    for preference in preferences:
        if preference.polarity == "dislike" and isinstance(preference.value, str):
            yield ValueConstraint(slot=slot, values=(preference.value,), negative=True, strength=preference.strength)


def _ranges(preferences: Iterable[Preference]) -> Iterable[Constraint]:
    for preference in preferences:
        if preference.polarity == "dislike":
            continue
        if isinstance(preference.value, PriceRange):
            yield RangeConstraint(
                slot="price", minimum=preference.value.min, maximum=preference.value.max, strength=preference.strength
            )
        elif isinstance(preference.value, RatingRange):
            yield RangeConstraint(slot="rating", minimum=preference.value.stars, strength=preference.strength)
