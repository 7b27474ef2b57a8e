"""Draws the needs of simulated shoppers from a catalog: an item, and one to four wishes that it meets; now and then a wish that none does."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from random import Random
from types import MappingProxyType
from typing import get_args

from assistant.evaluation.need import Need, Request, breaks, matching, meets
from assistant.schema import ME
from catalog_data.money import minor_digits
from catalog_data.schema import VALUE_SLOTS, Catalog, Product, Slot, ValueSlot
from catalog_data.vocabulary import Vocabulary
from retrieval.schema import Constraint, RangeConstraint, SizeConstraint, ValueConstraint

__all__ = ["Draw", "Need", "breaks", "draw_need", "matching", "meets"]

RECIPIENTS: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("husband", "father", "brother", "boyfriend", "grandfather", "uncle"), "men")
    | dict.fromkeys(("wife", "mother", "sister", "girlfriend", "grandmother", "aunt"), "women")
    | {"daughter": "girls", "niece": "girls", "son": "boys", "nephew": "boys", "baby": "baby"}
)
"""Whom people buy for, and the gender that saying so implies."""

GROWN_UP = ("women", "men", "unisex")
IMPOSSIBLE_SHARE = 0.08
GIFT_SHARE = 0.25
SOFT_SHARE = 0.1
FAMILY_SHARE = 0.25
REQUEST_SHARE = 0.3
FLOOR_SHARE = 0.1
WIDEST_FAMILY: Mapping[str, int] = MappingProxyType({"category": 24, "color": 9, "material": 12, "pattern": 12})
"""How many values a family may hold for a shopper to speak of it ("blue" for navy, "shoes" for loafers); slots not named: never."""

SAID_ALIKE = frozenset({"top", "tops"})
"""Families that people name with one word: a need of either could not be told from the other."""

ATTEMPTS = 200

WEIGHTS: Mapping[str, float] = MappingProxyType(
    {"color": 5, "price": 5, "size": 4, "material": 3, "gender": 2, "occasion": 2, "season": 2, "pattern": 2, "brand": 1.5}
    | {"feature": 1.5, "style": 1, "fit": 1, "length": 1, "not color": 1.5, "not material": 1.5, "not pattern": 1}
)
"""How often a slot is wanted beside the category."""

SEASONS = ("spring", "summer", "autumn", "winter")
COUNTS = (1, 2, 3, 4)
COUNT_WEIGHTS = (1, 3, 4, 3)


def round_up(minor: float, currency: str) -> int:
    """The next sum at or above `minor` that people say: in steps of 5 to 30, 10 to 100, 25 to 300, then 50 (major units)."""
    unit = int(10 ** minor_digits(currency))
    step = next((step for upto, step in ((30, 5), (100, 10), (300, 25)) if minor <= upto * unit), 50) * unit
    return math.ceil(minor / step) * step


def _wish(slot: ValueSlot, value: str) -> ValueConstraint:
    return ValueConstraint(slot=slot, values=(value,))


class Draw:
    """Draws needs of one catalog. All chance comes from the `rng` of each call."""

    def __init__(self, catalog: Catalog, vocabulary: Vocabulary) -> None:
        self.vocabulary, self.currency = vocabulary, catalog.manifest.currency
        self.by_id = catalog.by_id
        self.stock = tuple(product for product in catalog.products if product.in_stock)
        self.pool = tuple(product for product in self.stock if product.price is not None and product.product_type is not None)
        if not self.pool:
            raise ValueError(
                "found no item in stock with a price and a type; a need is drawn from one: give a catalog that has some"
            )

    def need(self, rng: Random) -> Need:
        """A need of one to four constraints, the recipient's gender among them, and last the shopper's own where none is; 8 in 100 are
        impossible."""
        impossible = rng.random() < IMPOSSIBLE_SHARE
        for _ in range(ATTEMPTS):
            target = rng.choice(self.pool)
            need = self._of_target(target, rng)
            if not impossible:
                return need
            changed = self._impossible(need, rng)
            if changed is not None:
                return changed
        raise ValueError(
            f"found no wish that the catalog cannot meet in {ATTEMPTS} tries; give a catalog that does not hold everything"
        )

    def _of_target(self, target: Product, rng: Random) -> Need:
        fitting = [name for name, value in RECIPIENTS.items() if not self._strange("gender", value, target)]
        recipient = rng.choice(fitting) if fitting and rng.random() < GIFT_SHARE else ME
        constraints: list[Constraint] = [_wish("category", self._named("category", target.values("category"), rng))]
        if recipient != ME:
            constraints.append(_wish("gender", RECIPIENTS[recipient]))
        elif not set(target.gender) & set(GROWN_UP) and target.gender:
            constraints.append(_wish("gender", rng.choice(target.gender)))  # who buys for a child says so at once
        count = max(rng.choices(COUNTS, COUNT_WEIGHTS)[0], len(constraints))
        weights = dict(WEIGHTS)
        while len(constraints) < count and weights:
            kind = rng.choices(list(weights), list(weights.values()))[0]
            slot = kind.removeprefix("not ")
            drawn = None if any(kept.slot == slot for kept in constraints) else self.constraint(kind, target, rng)
            for same in (slot, f"not {slot}"):
                weights.pop(same, None)
            if drawn is not None:
                constraints.append(drawn)
        if all(wish.slot != "gender" for wish in constraints):
            constraints.extend(self._own_gender(target, rng))
        requests = (rng.choice(get_args(Request)),) if rng.random() < REQUEST_SHARE else ()
        return Need(
            kind="target",
            recipient=recipient,
            constraints=tuple(constraints),
            requests=requests,
            target_product_id=target.product_id,
        )

    def _is_said_alike(self, target: Product) -> bool:
        """True where the words of the material say something else as well: a colour ("silver"), or what the thing is called ("denim jacket")."""
        return any(
            value in self.vocabulary.values("color") or any(value in name.split() for name in target.values("category"))
            for value in target.values("material")[:1]
        )

    def _own_gender(self, target: Product, rng: Random) -> tuple[Constraint, ...]:
        """Who buys for herself wears one sex's things, said or not; what is for all suits either."""
        stated = GROWN_UP[:2] if "unisex" in target.gender else target.gender
        return (_wish("gender", rng.choice(stated)),) if stated else ()

    def constraint(self, kind: str, target: Product, rng: Random) -> Constraint | None:
        """A constraint of this kind (a slot, or "not " and a slot) that the target meets; None where it states nothing to go by."""
        if kind == "price":
            return self._price(target, rng)
        if kind == "size":
            return self.size(target, rng)
        slot = next(slot for slot in VALUE_SLOTS if slot == kind.removeprefix("not "))
        if kind == "material" and self._is_said_alike(target):
            return None
        if kind != slot:
            unwanted = self._unwanted(slot, target, rng)
            return ValueConstraint(slot=slot, values=(unwanted,), negative=True) if unwanted else None
        value = self._named(slot, target.values(slot), rng)
        soft = slot != "gender" and rng.random() < SOFT_SHARE
        return ValueConstraint(slot=slot, values=(value,), strength="soft" if soft else "hard") if value else None

    def _strange(self, slot: ValueSlot, value: str, target: Product) -> bool:
        return self.vocabulary.expand(slot, value).isdisjoint(target.values(slot))

    def _named(self, slot: ValueSlot, stated: tuple[str, ...], rng: Random) -> str:
        """One stated value, or at times a family of it that is not too wide ("blue" for navy); seasons by their own names."""
        if not stated:
            return ""
        if slot == "season":
            fitting = [name for name in SEASONS if self.vocabulary.expand(slot, name) & set(stated)]
            return rng.choice(fitting) if fitting else ""
        value = stated[0] if slot in ("category", "color", "material") else rng.choice(stated)
        families = [
            family
            for family in self.vocabulary.values(slot)
            if value in self.vocabulary.expand(slot, family) and family != value
            if len(self.vocabulary.expand(slot, family)) <= WIDEST_FAMILY.get(slot, 0) and family not in SAID_ALIKE
        ]
        return rng.choice(families) if families and rng.random() < FAMILY_SHARE else value

    def _unwanted(self, slot: ValueSlot, target: Product, rng: Random) -> str:
        """A value that items of the target's type have and it has not."""
        rivals = (product for product in self.pool if product.product_type == target.product_type)
        stated = [value for product in rivals for value in product.values(slot) if self._strange(slot, value, target)]
        return rng.choice(stated) if stated else ""

    def _price(self, target: Product, rng: Random) -> RangeConstraint | None:
        if target.price is None:
            return None
        minor = target.price.amount_minor
        top = round_up(max(minor, 1) * rng.uniform(1.0, 1.35), self.currency)
        bottom = round_up(minor * rng.uniform(0.3, 0.7), self.currency)
        floor = bottom if rng.random() < FLOOR_SHARE and bottom <= minor else None
        soft = floor is None and rng.random() < SOFT_SHARE
        return RangeConstraint(slot="price", minimum=floor, maximum=top, strength="soft" if soft else "hard")

    def size(self, target: Product, rng: Random) -> SizeConstraint | None:
        """A size of the target that is in stock, by one of its names ("39" of "39/40"); None where it comes in one size."""
        pieces = [piece for piece in target.sizes if piece.in_stock and piece.system != "one"]
        if not pieces:
            return None
        piece = rng.choice(pieces)
        return SizeConstraint(system=piece.system, label=rng.choice(piece.label.split("/")).strip())

    def _impossible(self, need: Need, rng: Random) -> Need | None:
        """The need with one wish put in place that no item in stock meets together with the rest; None where that was not found."""
        slot: Slot = rng.choice(("price", "color", "material", "brand", "size"))
        kept = [constraint for constraint in need.constraints if constraint.slot != slot]
        spare = [constraint for constraint in kept if constraint.slot not in ("category", "gender")]
        if len(spare) == COUNTS[-1] - 1:
            kept.remove(spare[-1])
        left = matching(self.stock, kept, self.vocabulary)
        wish = self._budget_below(left, rng) if slot == "price" else self._nowhere_in(slot, left, rng)
        if wish is None or matching(left, (wish,), self.vocabulary):
            return None
        return need.with_constraints([*kept, wish], None).model_copy(update={"requests": ()})

    def _budget_below(self, left: Sequence[Product], rng: Random) -> Constraint | None:
        cheapest = min((product.price.amount_minor for product in left if product.price is not None), default=0)
        unit = int(10 ** minor_digits(self.currency))
        top = int(cheapest * rng.uniform(0.4, 0.85)) // (5 * unit) * 5 * unit
        return RangeConstraint(slot="price", maximum=top) if top > 0 else None

    def _nowhere_in(self, slot: Slot, left: Sequence[Product], rng: Random) -> Constraint | None:
        """A wish in `slot` drawn from some other item that none of `left` meets."""
        systems = {piece.system for product in left for piece in product.sizes}
        for _ in range(30):
            wish = self.constraint(slot, rng.choice(self.pool), rng)
            if wish is None or wish.strength == "soft" or (isinstance(wish, SizeConstraint) and wish.system not in systems):
                continue
            if not matching(left, (wish,), self.vocabulary):
                return wish
        return None

    def changed(self, need: Need, among: Sequence[Constraint], rng: Random) -> tuple[Constraint, Constraint | None, Need] | None:
        """The shopper changes her mind: one of `among` (not category or gender) becomes another value, or goes; the target is drawn anew
        among what then fits. Gives (old, new, need), new None: dropped. None where nothing can change."""
        old_ones = [
            constraint for constraint in among if constraint.slot not in ("category", "gender") and constraint in need.constraints
        ]
        rng.shuffle(old_ones)
        for old in old_ones:
            kept = tuple(constraint for constraint in need.constraints if constraint != old)
            others = [product for product in matching(self.pool, kept, self.vocabulary) if breaks(product, old, self.vocabulary)]
            if not others:
                continue
            target = rng.choice(others)
            negative = isinstance(old, ValueConstraint) and old.negative
            drawn = None if negative or rng.random() < 0.25 else self.constraint(old.slot, target, rng)
            new = drawn.model_copy(update={"strength": "hard"}) if drawn is not None else None
            constraints = kept if new is None else tuple(new if one == old else one for one in need.constraints)
            return old, new, need.with_constraints(constraints, target)
        return None

    def without(self, need: Need, old: Constraint, new: Constraint | None, rng: Random) -> Need:
        """The need with `old` given up for `new` (None: for nothing), and a target among what then fits, if anything does."""
        kept = [constraint for constraint in need.constraints if constraint != old] + ([new] if new is not None else [])
        fitting = matching(self.pool, kept, self.vocabulary)
        return need.with_constraints(kept, rng.choice(fitting) if fitting else None)


def draw_need(catalog: Catalog, vocabulary: Vocabulary, rng: Random) -> Need:
    """A need of this catalog. Raises `ValueError` where the catalog holds nothing to want. For many needs, `Draw` is faster."""
    return Draw(catalog, vocabulary).need(rng)
