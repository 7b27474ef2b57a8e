"""What the catalog's own records say of its shoppers: orders, profile, and what promotions need to know. Read once, asked often."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import islice

from assistant.history import infer, purchases, shares
from assistant.schema import Profile
from catalog_data.schema import Catalog, Interaction
from retrieval.schema import Shopper

EXAMPLES = 5


class KnownShoppers:
    """Answers for shoppers by id; for a visitor (None), and for an id that is not on record, with nothing."""

    def __init__(self, catalog: Catalog) -> None:
        self._by_id = catalog.by_id
        self._usual = shares(catalog.products) if catalog.interactions else {}
        self._on_record = frozenset(event.user_id for event in catalog.interactions)
        self._events: dict[str, list[Interaction]] = defaultdict(list)
        for event in catalog.interactions:
            if event.kind in ("purchase", "return"):
                self._events[event.user_id].append(event)

    def bought(self, shopper_id: str | None) -> tuple[Interaction, ...]:
        """What she bought and kept, oldest first."""
        return purchases(self._events.get(shopper_id, ()), shopper_id) if shopper_id is not None else ()

    def history(self, shopper_id: str | None) -> tuple[str, ...]:
        """The ids of what she bought and kept, oldest first."""
        return tuple(event.product_id for event in self.bought(shopper_id) if event.product_id is not None)

    def shopper(self, shopper_id: str | None) -> Shopper:
        """What promotions ask: whether this would be a first order. A visitor, or an id that is not on record, may be new and counts as
        new, which is then said to be assumed (`first_order_known`)."""
        return Shopper(first_order=not self._events.get(shopper_id or "", ()), first_order_known=shopper_id in self._on_record)

    def profile(self, shopper_id: str) -> Profile:
        """Where a conversation with her starts."""
        return infer(self.bought(shopper_id), self._by_id, self._usual)

    def examples(self, most: int = EXAMPLES) -> Sequence[tuple[str, str]]:
        """(id, label) of some shoppers with many purchases that say something of them, for trying the shop as one of them."""
        busiest = sorted(self._events, key=lambda key: (-len(self._events[key]), key))
        telling = islice((key for key in busiest if self.profile(key).preferences), most)
        return [(key, f"{key}: {len(self.bought(key))} purchases") for key in telling]
