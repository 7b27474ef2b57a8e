"""Why an item is shown, in short reasons made by code from its checks, its score and the profile. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Literal

from assistant.guide.english import counted, listed
from assistant.guide.references import plain
from assistant.guide.wording import Speaker, load_wording
from assistant.schema import ME, Language, Preference, PriceRange, Profile
from catalog_data.money import format_minor, format_money
from catalog_data.schema import VALUE_SLOTS, Product, ValueSlot
from catalog_data.vocabulary import Vocabulary
from retrieval.schema import RankedItem

MOST = 4
FEWEST = 2
GOOD_STARS = 4.0
ENOUGH_REVIEWS = 3
UNSAID: tuple[ValueSlot, ...] = ("category", "gender", "brand")
"""Slots whose wishes need no word: who asks for a dress sees that it is one. The brand stands on the card."""

Kind = Literal["asked", "usual", "avoided", "price", "size", "tie", "reduced", "rating", "fact"]


def why(item: RankedItem, profile: Profile, scope: str, vocabulary: Vocabulary, language: Language = "en") -> tuple[str, ...]:
    """Two to four short reasons for the card, strongest first; fewer only where the shop says next to nothing of the item.

    "red, as you asked", "within your €80.00", "shoppers who liked what you liked chose it too", "4.6 of 5 stars from 23 reviews"."""
    wishes = profile.in_scope(scope)
    found = [text for _, text in reasons(item, wishes, profile.liked_product_ids, scope, vocabulary, language)]
    if len(found) < FEWEST:
        found.extend(_plain_facts(item.product, speaker(vocabulary), language))
    return tuple(dict.fromkeys(found))[:MOST]


@cache
def speaker(vocabulary: Vocabulary) -> Speaker:
    """The speaker for a vocabulary, made once for each."""
    return Speaker(vocabulary, load_wording())


def reasons(
    item: RankedItem,
    wishes: Sequence[Preference],
    liked: Sequence[str],
    scope: str,
    vocabulary: Vocabulary,
    language: Language = "en",
) -> Iterable[tuple[Kind, str]]:
    """Every reason that holds, strongest first."""
    product, speak = item.product, speaker(vocabulary)
    several = speak.several(product.product_type)
    for kind, source, ending in (("asked", True, "as you asked"), ("usual", False, "as you often choose")):
        values = met_values(product, [w for w in wishes if (w.source == "stated") is source], vocabulary)
        if values:
            yield ("asked" if kind == "asked" else "usual"), f"{speak.complements(values[:3], several)}, {ending}"
    avoided = avoided_values(item, wishes)
    if avoided:
        yield "avoided", f"no {listed(avoided, 'or')}, as you wished"
    price = within_limit(product, wishes, language)
    if price:
        yield "price", price
    size = size_there(item, wishes, scope)
    if size:
        yield "size", f"there {size}"
    if tied(item, liked):
        yield "tie", f"shoppers who liked what you liked chose {'them' if several else 'it'} too"
    if product.struck_price is not None:
        yield "reduced", f"reduced from {format_money(product.struck_price, language)}"
    if well_rated(product):
        yield "rating", f"{product.rating:.1f} of 5 stars from {counted(product.rating_count, 'review', 'reviews')}"


def well_rated(product: Product) -> bool:
    """True where a rating is worth a mention: good, and from more than a couple of reviews."""
    return product.rating is not None and product.rating >= GOOD_STARS and product.rating_count >= ENOUGH_REVIEWS


def met_values(product: Product, wishes: Sequence[Preference], vocabulary: Vocabulary) -> list[tuple[ValueSlot, str]]:
    """The wishes that the item's stated values meet, in the shopper's words ("blue" of a navy item), none twice; `UNSAID` slots left out."""
    found: dict[tuple[ValueSlot, str], None] = {}
    for wish in wishes:
        if wish.polarity != "like" or not isinstance(wish.value, str) or wish.slot not in VALUE_SLOTS or wish.slot in UNSAID:
            continue
        if vocabulary.expand(wish.slot, wish.value).intersection(product.values(wish.slot)):
            found[(wish.slot, wish.value)] = None
    return list(found)


def avoided_values(item: RankedItem, wishes: Sequence[Preference]) -> list[str]:
    """What is not wanted and is known not to be there: its check is met."""
    unwanted = [w.value for w in wishes if w.polarity == "dislike" and isinstance(w.value, str)]
    met = {check.value for check in item.checks if check.status == "met"}
    return [value for value in dict.fromkeys(unwanted) if f"not {value}" in met]


def upper_limit(wishes: Sequence[Preference]) -> int | None:
    """The lowest upper limit that was named, in minor units."""
    return min((w.value.max for w in wishes if isinstance(w.value, PriceRange) and w.value.max is not None), default=None)


def within_limit(product: Product, wishes: Sequence[Preference], language: Language) -> str:
    """ "within your €80.00"; empty where no upper limit was named or the price is above it."""
    limit = upper_limit(wishes)
    if limit is None or product.price is None or product.price.amount_minor > limit:
        return ""
    return f"within your {format_minor(limit, product.price.currency, language)}"


def size_there(item: RankedItem, wishes: Sequence[Preference], scope: str) -> str:
    """ "in your size, M" where a wished size is met by an item that has sizes; empty otherwise."""
    labels = [w.value for w in wishes if w.slot == "size" and w.polarity == "like" and isinstance(w.value, str)]
    met = {check.value.rpartition(" ")[2].casefold() for check in item.checks if check.slot == "size" and check.status == "met"}
    asked = next((label for label in labels if label.casefold() in met), None)
    if asked is None or not any(size.in_stock and size.system != "one" for size in item.product.sizes):
        return ""
    return f"in your size, {plain(asked, 20)}" if scope == ME else f"in the size you gave, {plain(asked, 20)}"


def tied(item: RankedItem, liked: Sequence[str]) -> bool:
    """True where the collaborative score ties the item to something that was liked in this chat."""
    return item.scores.collaborative > 0 and any(product_id != item.product.product_id for product_id in liked)


def _plain_facts(product: Product, speak: Speaker, language: Language) -> Iterable[str]:
    """What can be said of an item whatever was asked."""
    if product.price is not None:
        yield format_money(product.price, language)
    if product.colors or product.materials or product.patterns:
        yield speak.noun_phrase(product)
    uses = [("occasion", value) for value in product.occasions[:2]] + [("season", value) for value in product.seasons[:1]]
    if uses:
        yield speak.complements([(slot, value) for slot, value in uses if slot in VALUE_SLOTS])
    if product.rating is not None and product.rating_count:
        yield f"{product.rating:.1f} of 5 stars from {counted(product.rating_count, 'review', 'reviews')}"
