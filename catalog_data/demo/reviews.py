"""What buyers write, and the ratings that follow from it."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

from catalog_data.demo.behaviour import END, Purchase, Secret
from catalog_data.demo.products import Style
from catalog_data.demo.tables import Tables
from catalog_data.demo.wording import tidy
from catalog_data.schema import Product, Review
from catalog_data.vocabulary import Vocabulary

SHARE_REVIEWED = 0.6
_SLOT = re.compile(r"\{(\w+)\}")
_CHILDREN = ("girls", "boys", "kids", "baby")


class Reviewer:
    """Writes reviews from hand-written sentences, each of which comes again as late as possible."""

    def __init__(self, tables: Tables, vocabulary: Vocabulary, rng: random.Random) -> None:
        self._tables, self._vocabulary, self._rng = tables, vocabulary, rng
        self._decks = {name: list(lines) for name, lines in tables.reviews["patterns"].items()}
        for deck in self._decks.values():
            rng.shuffle(deck)

    def write(self, purchases: Sequence[Purchase], styles: Mapping[str, Style], secrets: Mapping[str, Secret]) -> list[Review]:
        """At most one review a shopper and item, in time order, none after the end of the records."""
        rng = self._rng
        drafts: dict[tuple[str, str], Review] = {}
        for purchase in purchases:
            key = (purchase.shopper.user_id, purchase.product.product_id)
            at = purchase.at + timedelta(days=rng.randint(4, 32), minutes=rng.randint(0, 1200))
            if rng.random() >= SHARE_REVIEWED or at >= END or key in drafts:
                continue
            style = styles[str(purchase.product.style_id)]
            secret = secrets[style.style_id]
            stars = self._stars(purchase, secret)
            text = self._text(purchase, style, secret, stars)
            drafts[key] = Review(
                review_id="draft", product_id=key[1], user_id=key[0], stars=stars, text=text, at=at.replace(microsecond=0)
            )
        ordered = sorted(drafts.values(), key=lambda review: (review.at, review.user_id, review.product_id))
        return [review.model_copy(update={"review_id": f"r-{number:05d}"}) for number, review in enumerate(ordered, start=1)]

    def _stars(self, purchase: Purchase, secret: Secret) -> int:
        if purchase.returned:
            return self._rng.choices((1, 2, 3, 4), (24, 34, 30, 12))[0]
        bad = 1 - secret.quality + (0.25 if secret.runs else 0)
        return self._rng.choices((5, 4, 3, 2, 1), (50, 32, 6 + 26 * bad, 2 + 16 * bad, 1 + 10 * bad))[0]

    def _text(self, purchase: Purchase, style: Style, secret: Secret, stars: int) -> str:
        rng = self._rng
        topics = self._topics(purchase, style, secret, stars)
        mood = "good" if stars >= 4 else "middle" if stars == 3 else "bad"
        if rng.random() < 0.5:
            topics = [f"opening_{mood}", *topics]
        return " ".join(self._sentence(topic, purchase, style) for topic in topics)

    def _topics(self, purchase: Purchase, style: Style, secret: Secret, stars: int) -> list[str]:
        """What the review is about: fit where the item has a size, then one or two other things, good or bad by the stars."""
        rng = self._rng
        fit = {-1: "small", 0: "right", 1: "large"}[secret.runs if rng.random() < 0.8 else 0]
        topics = [fit] if style.sizes[0] != "one" and rng.random() < (0.75 if fit != "right" else 0.35) else []
        good = ["quality_good", "colour_good", "use_good", "use_good"]
        if style.audience in _CHILDREN:
            good[3] = "child_good"
        elif purchase.recipient != purchase.shopper.gender:
            good[3] = "gift_good"
        bad = ["quality_bad", "colour_bad", "use_bad"]
        pool = good if stars >= 4 else bad if stars <= 2 else [*good[:2], *bad]
        rest = list(dict.fromkeys(rng.sample(pool, rng.choice((1, 2, 2)))))
        return [*topics, *rest] if rng.random() < 0.5 else [*rest, *topics]

    def _sentence(self, topic: str, purchase: Purchase, style: Style) -> str:
        """The next pattern of a topic whose slots the item can fill."""
        product, deck, rng = purchase.product, self._decks[topic], self._rng
        words = self._tables.words
        materials = words["materials"]
        filled = {
            "noun": style.noun,
            "brand": style.brand,
            "colour": product.colors[0],
            "size": "" if style.sizes[0] == "one" else purchase.size,
            "material": materials.get(product.materials[0], {}).get("noun", product.materials[0]),
            "cloth": " " if "wash" in product.care[0] else "",
            "occasion": words["occasions"][rng.choice(product.occasions)]["for"],
        }
        place = next(place for place, pattern in enumerate(deck) if all(filled[match[1]] for match in _SLOT.finditer(pattern)))
        pattern = deck.pop(place)
        deck.insert(len(deck) - rng.randint(0, len(deck) // 3), pattern)
        plural = self._vocabulary.plural(style.product_type) == style.product_type
        return tidy(_SLOT.sub(lambda match: filled[match[1]], pattern), plural)


def rated(products: Sequence[Product], reviews: Sequence[Review]) -> list[Product]:
    """The items with the mean of their stars, to two decimals, and how many there are."""
    stars: dict[str, list[int]] = defaultdict(list)
    for review in reviews:
        stars[review.product_id].append(review.stars)
    return [
        product.model_copy(update={"rating": round(sum(given) / len(given), 2), "rating_count": len(given)}) if given else product
        for product, given in ((product, stars.get(product.product_id, [])) for product in products)
    ]
