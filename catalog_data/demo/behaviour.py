"""What the made-up shoppers do: they come with something in mind, search, look, like, buy, and now and then send back."""

from __future__ import annotations

import math
import random
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from catalog_data.demo.products import OPENING, Style
from catalog_data.demo.searches import SearchWords
from catalog_data.demo.shoppers import Shopper, look_groups
from catalog_data.demo.tables import Tables
from catalog_data.schema import Interaction, InteractionKind, Product, SizeSystem

END = datetime(2026, 11, 20, tzinfo=UTC)
"""No event is later."""

REDUCED_FROM = datetime(2026, 11, 6, tzinfo=UTC)
"""From here on reduced items cost what they cost now; before, their list price."""

LOOK_PULL = 30.0
"""How many times more an item of one of the shopper's looks is wanted."""

PACE = 0.54
"""Scales how often everybody comes, and with it the size of the files."""

_MONTHS = {"spring": (3, 4, 5), "summer": (6, 7, 8), "autumn": (9, 10, 11), "winter": (12, 1, 2)}
_OFTEN_RETURNED = {"dress": 0.13, "gown": 0.2, "jeans": 0.13, "shoes": 0.1, "outerwear": 0.1, "bottom": 0.1, "top": 0.06}


@dataclass(frozen=True)
class Secret:
    """What only time tells of a style: its look (a hidden taste), how it runs (-1 small, 1 large), how well it is made (0 to 1)."""

    look: int
    runs: int
    quality: float


@dataclass(frozen=True)
class Purchase:
    """One item bought, and what came of it."""

    shopper: Shopper
    recipient: str
    product: Product
    size: str
    at: datetime
    returned: bool


@dataclass(frozen=True, slots=True)
class _Offer:
    """An item on the shelf of one type and audience, with what shoppers weigh."""

    product: Product
    style: Style
    secret: Secret
    style_id: str
    brand: str
    look: int
    color: str
    popularity: float
    level: float
    months: frozenset[int]
    system: SizeSystem
    labels: Mapping[str, str]
    added_at: datetime
    styles: frozenset[str]
    occasions: frozenset[str]


def make_secrets(styles: dict[str, Style], tables: Tables, rng: random.Random) -> dict[str, Secret]:
    """One secret a style. Its look follows its first style word."""
    groups = look_groups(tables)
    return {
        style_id: Secret(
            look=2 * groups[style.shared["styles"][0]] + rng.randint(0, 1),
            runs=rng.choices((-1, 0, 1), (13, 77, 10))[0] if style.sizes[0] != "one" else 0,
            quality=1 - (1 - rng.random()) * rng.random(),
        )
        for style_id, style in styles.items()
    }


class Simulation:
    """Plays every shopper's visits in turn, from one stream of random numbers."""

    def __init__(
        self,
        products: Sequence[Product],
        styles: dict[str, Style],
        secrets: dict[str, Secret],
        tables: Tables,
        words: SearchWords,
        rng: random.Random,
    ) -> None:
        self._tables, self._words, self._rng = tables, words, rng
        self._secrets = secrets
        self._shelves: dict[tuple[str, str], list[_Offer]] = defaultdict(list)
        for product in products:
            style = styles[str(product.style_id)]
            offer = _offer(product, style, secrets[style.style_id], tables)
            for recipient in _recipients(style.audience):
                self._shelves[style.product_type, recipient].append(offer)
        self.events: list[Interaction] = []
        self.purchases: list[Purchase] = []

    def play(self, shoppers: Sequence[Shopper]) -> None:
        """Fills `events` (in time order) and `purchases`."""
        for shopper in shoppers:
            joined = OPENING if self._rng.random() < 0.65 else OPENING + (END - OPENING) * self._rng.random() * 0.9
            years = (END - joined) / timedelta(days=365.25)
            visits = max(1, round(PACE * shopper.persona.pace * shopper.keen * years * (0.6 + 0.8 * self._rng.random())))
            owned: set[str] = set()
            for at in sorted(joined + (END - joined) * self._rng.random() for _ in range(visits)):
                self._visit(
                    shopper, at.replace(hour=self._rng.randint(7, 22), second=self._rng.randint(0, 59), microsecond=0), owned
                )
        self.events = sorted(
            (event for event in self.events if event.at < END), key=lambda event: (event.at, event.user_id, event.kind)
        )

    def _visit(self, shopper: Shopper, at: datetime, owned: set[str]) -> None:
        mission, recipient = self._mission(shopper, at)
        if mission is None:
            return
        anchor: _Offer | None = None
        for step in mission["steps"]:
            types, chance = _step(step, recipient)
            if not types or self._rng.random() >= chance:
                continue
            found = self._consider(shopper, types, recipient, at, anchor, owned)
            if found is None:
                continue
            offer, at = found
            anchor = anchor or offer

    def _mission(self, shopper: Shopper, at: datetime) -> tuple[dict[str, list[str]] | None, str]:
        table = self._tables.shoppers["missions"]
        weights: dict[tuple[str, str], float] = {}
        for name, weight in shopper.persona.missions.items():
            wanted = table[name].get("for")
            recipients = [shopper.gender] if wanted is None else [who for who in wanted if who in shopper.others]
            months = table[name].get("months")
            season = 0.5 if months is None else months.count(at.month) / len(months) * 4
            for recipient in recipients:
                weights[name, recipient] = weight * season / len(recipients) * (6 if name in shopper.habits else 1)
        if not any(weights.values()):
            return None, shopper.gender
        name, recipient = self._rng.choices(list(weights), list(weights.values()))[0]
        return table[name], recipient

    def _consider(
        self, shopper: Shopper, types: list[str], recipient: str, at: datetime, anchor: _Offer | None, owned: set[str]
    ) -> tuple[_Offer, datetime] | None:
        """Looks at a few items of one type, perhaps buys the best liked. Gives what was liked best and the time after."""
        rng = self._rng
        shelves = [self._shelves[kind, recipient] for kind in types if self._shelves.get((kind, recipient))]
        if not shelves:
            return None
        shelf = rng.choices(shelves, [math.sqrt(len(shelf)) for shelf in shelves])[0]
        fitting = [offer for offer in shelf if offer.added_at < at and _size(offer, shopper, recipient) is not None]
        if not fitting:
            return None
        own = recipient == shopper.gender
        weights = [_appeal(offer, shopper, own, at.month, anchor, owned) for offer in fitting]
        seen = list(dict.fromkeys(rng.choices(range(len(fitting)), weights, k=rng.choice((1, 1, 2, 2, 3)))))
        best = fitting[seen[0]]
        if rng.random() < (0.42 if anchor is None else 0.16):
            self._add(shopper, "search", at, query=self._words.query(best.product, best.style, recipient))
        for place in rng.sample(seen, len(seen)):
            at += timedelta(seconds=rng.randint(12, 260))
            self._add(shopper, "view", at, fitting[place].product)
            if rng.random() < (0.16 if place == seen[0] else 0.05):
                self._add(shopper, "like", at + timedelta(seconds=5), fitting[place].product)
        at += timedelta(seconds=rng.randint(20, 200))
        size = _size(best, shopper, recipient)
        if size is None or rng.random() > 0.8:
            return best, at
        self._add(shopper, "basket", at, best.product, size=size)
        if rng.random() < 0.82:
            at += timedelta(seconds=rng.randint(30, 600))
            self._buy(shopper, recipient, best, size, at, owned)
        return best, at

    def _buy(self, shopper: Shopper, recipient: str, offer: _Offer, size: str, at: datetime, owned: set[str]) -> None:
        product, rng = offer.product, self._rng
        reduced = product.list_price is not None and at < REDUCED_FROM
        price = product.list_price if reduced else product.price
        self._add(shopper, "purchase", at, product, size=size, price=price.amount_minor if price else None)
        owned.add(str(product.style_id))
        back = at + timedelta(days=rng.randint(3, 13), minutes=rng.randint(0, 900))
        chance = _return_chance(product, offer.secret, self._words.role(product.product_type))
        returned = back < END and rng.random() < chance
        if returned:
            self._add(shopper, "return", back, product, size=size)
        if at < END:
            self.purchases.append(Purchase(shopper, recipient, product, size, at, returned))

    def _add(
        self,
        shopper: Shopper,
        kind: InteractionKind,
        at: datetime,
        product: Product | None = None,
        *,
        query: str | None = None,
        size: str | None = None,
        price: int | None = None,
    ) -> None:
        self.events.append(
            Interaction(
                user_id=shopper.user_id,
                kind=kind,
                at=at,
                product_id=product.product_id if product else None,
                query=query,
                size=size,
                price_minor=price,
            )
        )


def _offer(product: Product, style: Style, secret: Secret, tables: Tables) -> _Offer:
    return _Offer(
        product=product,
        style=style,
        secret=secret,
        style_id=style.style_id,
        brand=style.brand,
        look=secret.look,
        color=product.colors[0],
        popularity=style.popularity,
        level=tables.brands[style.brand].level,
        months=frozenset(month for season in product.seasons for month in _MONTHS.get(season, ())),
        system=style.sizes[0],
        labels={part: size.label for size in product.sizes for part in size.label.split("/")},
        added_at=product.added_at or OPENING,
        styles=frozenset(product.styles),
        occasions=frozenset(product.occasions),
    )


def _recipients(audience: str) -> tuple[str, ...]:
    return {"unisex": ("women", "men"), "kids": ("kids", "girls", "boys")}.get(audience, (audience,))


def _step(text: str, recipient: str) -> tuple[list[str], float]:
    """The types and the chance of a step as the table writes it, for one recipient; no types where it is not for them."""
    parts = dict(part.strip().split(": ", 1) for part in text.split(";")) if ":" in text else {recipient: text}
    part = parts.get(recipient)
    if part is None:
        return [], 0.0
    found = re.fullmatch(r"(.*?)(?: ([0-9.]+))?", part)
    assert found is not None
    return found[1].split("|"), float(found[2] or _last_chance(text))


def _last_chance(text: str) -> str:
    """A chance that is written once, at the end, is that of every part."""
    return text.rsplit(" ", 1)[1]


def _appeal(offer: _Offer, shopper: Shopper, own: bool, month: int, anchor: _Offer | None, owned: set[str]) -> float:
    """How much a shopper is drawn to an item: a product of what they like, of season, price and what it should go with."""
    appeal = offer.popularity / (1 + 3 * abs(offer.level - shopper.level))
    appeal *= 1 + (1.4 if own else 0.56) * len(shopper.styles & offer.styles)
    if offer.brand in shopper.brands:
        appeal *= 2.6
    if offer.color in shopper.colours:
        appeal *= 2.2
    if offer.look in shopper.looks:
        appeal *= LOOK_PULL
    if offer.months and month not in offer.months:
        appeal *= 0.3
    if offer.style_id in owned:
        appeal *= 0.04
    if anchor is not None:
        appeal *= 5 if anchor.look == offer.look else 1
        appeal *= 2 if anchor.brand == offer.brand else 1
        appeal *= 1 if anchor.occasions.isdisjoint(offer.occasions) else 3
    return appeal


def _size(offer: _Offer, shopper: Shopper, recipient: str) -> str | None:
    """The label that the recipient wears, where the item comes in it."""
    if offer.system == "one":
        return offer.product.sizes[0].label
    return offer.labels.get(shopper.sizes.get((recipient, offer.system), ""))


def _return_chance(product: Product, secret: Secret, role: str) -> float:
    base = _OFTEN_RETURNED.get(str(product.product_type), _OFTEN_RETURNED.get(role, 0.03))
    return base * (2.2 if secret.runs else 1) * (1.5 - secret.quality * 0.7)
