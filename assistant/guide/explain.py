"""Why an item is shown, in short reasons made by code from its checks, its score and the profile. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Literal

from assistant.guide.english import counted, listed, number
from assistant.guide.references import plain
from assistant.guide.wording import Speaker, load_wording
from assistant.schema import ME, Language, Preference, PriceRange, Profile, Source
from catalog_data.money import format_minor, format_money
from catalog_data.schema import VALUE_SLOTS, Product, ValueSlot
from catalog_data.vocabulary import Vocabulary
from retrieval.schema import RankedItem

MOST = 4
FEWEST = 2
GOOD_STARS = 4.0
ENOUGH_REVIEWS = 5
UNSAID: tuple[ValueSlot, ...] = ("category", "gender", "brand")
"""Slots whose wishes need no word: who asks for a dress sees that it is one. The brand stands on the card."""

Kind = Literal["asked", "usual", "avoided", "price", "size", "tie", "reduced", "rating"]
GUESSED: Mapping[Source, str] = MappingProxyType(
    {"inferred": "going by what you bought before", "behaviour": "going by what you looked at"}
)
"""How a wish is spoken of that nobody voiced, by its source: as a guess."""


def why(item: RankedItem, profile: Profile, scope: str, vocabulary: Vocabulary, language: Language = "en") -> tuple[str, ...]:
    """Two to four short reasons for the card, strongest first; fewer only where the shop says next to nothing of the item.

    "red, as you asked", "within your €80", "shoppers who liked what you liked chose it too", "4.6 of 5 stars from 23 reviews"."""
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
    """Every reason that holds, strongest first: what was said, then what was done here, then the rest; a guess is called one."""
    product, speak = item.product, speaker(vocabulary)
    several = speak.several(product.product_type)
    said = [wish for wish in wishes if wish.source == "stated"]
    values = met_values(product, said, vocabulary)
    if values:
        yield "asked", f"{speak.complements(values[:3], several)}, as you asked"
    avoided = avoided_values(item, said)
    if avoided:
        yield "avoided", f"no {listed(avoided, 'or')}, as you wished"
    price = within_limit(product, said, language)
    if price:
        yield "price", price
    size = size_there(item, said, scope)
    if size:
        yield "size", f"there {size}"
    if tied(item, liked):
        yield "tie", f"shoppers who liked what you liked chose {'them' if several else 'it'} too"
    source, values = guessed_values(product, wishes, vocabulary)
    if source is not None:
        yield "usual", f"{speak.complements(values[:2], several)}, {GUESSED[source]}"
    if product.struck_price is not None:
        yield "reduced", f"reduced from {format_money(product.struck_price, language)}"
    if well_rated(product):
        yield "rating", f"{product.rating:.1f} of 5 stars from {counted(product.rating_count, 'review', 'reviews')}"


def guessed_values(
    product: Product, wishes: Sequence[Preference], vocabulary: Vocabulary
) -> tuple[Source | None, list[tuple[ValueSlot, str]]]:
    """The likes that nobody voiced and the item meets, of one source, what was looked at before what was bought; (None, []) for none."""
    for source in ("behaviour", "inferred"):
        values = met_values(product, [wish for wish in wishes if wish.source == source], vocabulary)
        if values:
            return source, values
    return None, []


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
    """ "within your €80"; empty where no upper limit was named or the price is above it."""
    limit = upper_limit(wishes)
    if limit is None or product.price is None or product.price.amount_minor > limit:
        return ""
    return f"within your {format_minor(limit, product.price.currency, language).removesuffix('.00')}"


def size_there(item: RankedItem, wishes: Sequence[Preference], scope: str) -> str:
    """ "in your size, M" where a wished size is met by an item that has sizes; "in size 128" where it was not said as such (an age); empty
    otherwise."""
    asked = [wish for wish in wishes if wish.slot == "size" and wish.polarity == "like" and isinstance(wish.value, str)]
    met = {check.value.rpartition(" ")[2].casefold() for check in item.checks if check.slot == "size" and check.status == "met"}
    wish = next((wish for wish in asked if str(wish.value).casefold() in met), None)
    if wish is None or not any(size.in_stock and size.system != "one" for size in item.product.sizes):
        return ""
    label = plain(str(wish.value), 20)
    if str(wish.value).casefold() not in wish.evidence.casefold():
        return f"in size {label}"
    return f"in your size, {label}" if scope == ME else f"in the size you gave, {label}"


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


def standings(
    items: Sequence[RankedItem], prices: Mapping[str, int], vocabulary: Vocabulary, wished: Collection[str] = ()
) -> dict[str, str]:
    """What sets items apart from those beside them, by id, as clauses: "the least expensive of the three". Each is given once, an item has
    one at most. `prices`: what one costs as the page shows it, in minor units, by id; `wished`: the materials asked for."""
    if len(items) < 2:
        return {}
    of_all = f"of the {number(len(items))}"
    found: dict[str, str] = {}
    for product_id, text in (
        *_least_expensive(items, prices, of_all),
        *_highest_rated(items, of_all),
        *_only_in(items, vocabulary, wished, of_all),
    ):
        found.setdefault(product_id, text)
    return found


def _least_expensive(items: Sequence[RankedItem], prices: Mapping[str, int], of_all: str) -> Iterable[tuple[str, str]]:
    """By the prices that the page shows; only where every item has one."""
    order = sorted((prices[each], each) for each in (item.product.product_id for item in items) if each in prices)
    if len(order) == len(items) and order[0][0] < order[1][0]:
        yield order[0][1], f"the {'least' if len(order) > 2 else 'less'} expensive {of_all}"


def _highest_rated(items: Sequence[RankedItem], of_all: str) -> Iterable[tuple[str, str]]:
    """Only where every item is rated and the best rating is one to speak of."""
    rated = sorted((item.product for item in items if item.product.rating is not None), key=lambda p: -(p.rating or 0))
    if len(rated) == len(items) and well_rated(rated[0]) and rated[0].rating != rated[1].rating:
        yield rated[0].product_id, f"the {'highest' if len(rated) > 2 else 'higher'} rated {of_all}"


def _only_in(
    items: Sequence[RankedItem], vocabulary: Vocabulary, wished: Collection[str], of_all: str
) -> Iterable[tuple[str, str]]:
    """The only item in a material, where the shop states what every item is made of."""
    if len(items) < 3 or not all(item.product.materials for item in items):
        return
    for item in items:
        material = item.product.materials[0]
        accepted = vocabulary.expand("material", material)
        others = [other.product.materials for other in items if other is not item]
        alone = not any(accepted.intersection(stated) for stated in others)
        if alone and (material in wished if wished else len({stated[0] for stated in others}) == 1):
            yield item.product.product_id, f"the only one {of_all} in {material}"
