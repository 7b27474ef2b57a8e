"""What must hold after every turn of every conversation, whatever was said. Each looks at the record and the catalog's own rows, never at
the code that made them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from assistant.evaluation.conditions import has_size, states_any
from assistant.evaluation.money_invariants import grounded, offers_valid, prices_match_catalog, sums_add_up
from assistant.evaluation.results import Failure, Played, Shop
from assistant.evaluation.script import InvariantName
from assistant.schema import Preference, PriceRange, RatingRange
from catalog_data.schema import VALUE_SLOTS, Product

Broken = tuple[str, str]
"""What must hold, and what was found instead."""
Invariant = Callable[[Played, Shop, datetime], Iterator[Broken]]

ENOUGH = 3
CHILDREN = frozenset(("girls", "boys", "baby", "kids"))


def ids_exist(played: Played, shop: Shop, _: datetime) -> Iterator[Broken]:
    """Every item shown, worn in a look, compared or on the receipt is the catalog's, under its own title."""
    record = played.record
    named = [(card.product_id, card.title) for card in record.products]
    named += [(piece.product_id, piece.title) for outfit in record.outfits for piece in outfit.pieces]
    for product_id, title in named:
        product = shop.catalog.by_id.get(product_id)
        if product is None or product.title != title:
            yield "an item of the catalog under its own title", f"{product_id} {title!r}"
    bare = [*(record.comparison.product_ids if record.comparison is not None else ())]
    bare += [str(line["product_id"]) for line in record.offers.receipt if line["product_id"] is not None]
    yield from (("an item of the catalog", each) for each in bare if each not in shop.catalog.by_id)


def cards_equal_reply(played: Played, shop: Shop, _: datetime) -> Iterator[Broken]:
    """Every item on screen is named in the reply, and no item is named that is not on screen, in a look or in the basket. An answer that
    searches nothing may also name what was on screen before, the item of the page, and what the profile quotes."""
    record, rest = played.record, played.record.reply
    for card in record.products:
        if card.title not in record.reply:
            yield "every item on screen named in the reply", f"{card.product_id} {card.title!r} is not"
    titles = _titles_shown(played, shop) | (_titles_known(played, shop) if "search" not in record.actions else set())
    for title in sorted(titles, key=len, reverse=True):
        rest = rest.replace(title, "|")
    for product in shop.catalog.products:
        if len(product.title.split()) > 1 and product.title in rest:
            yield "no item named that is not shown", f"{product.product_id} {product.title!r}"
            return


def _titles_shown(played: Played, shop: Shop) -> set[str]:
    record = played.record
    titles = {card.title for card in record.products} | {piece.title for outfit in record.outfits for piece in outfit.pieces}
    ids = [line["product_id"] for line in record.offers.receipt] + [outfit.anchor_product_id for outfit in record.outfits]
    ids += [line.product_id for line in played.cart.lines] if played.cart is not None else []
    ids += record.comparison.product_ids if record.comparison is not None else ()
    offers = {promotion.title for promotion in shop.catalog.promotions}
    return titles | offers | {shop.catalog.by_id[each].title for each in ids if each in shop.catalog.by_id}


def _titles_known(played: Played, shop: Shop) -> set[str]:
    titles = {card.title for old in played.earlier for card in old.products}
    titles |= {piece.title for old in played.earlier for outfit in old.outfits for piece in outfit.pieces}
    receipts = [line["product_id"] for old in played.earlier for line in old.offers.receipt]
    titles |= {shop.catalog.by_id[each].title for each in receipts if each in shop.catalog.by_id}
    quoted = "\n".join(each.evidence for each in played.record.profile.preferences if each.source != "stated")
    titles |= {product.title for product in shop.catalog.products if quoted and product.title in quoted}
    page = shop.catalog.by_id.get(played.page_product_id or "")
    return titles | ({page.title} if page is not None else set())


def evidence(played: Played, shop: Shop, _: datetime) -> Iterator[Broken]:
    """Every entry of the profile says where it comes from; a stated one in the shopper's own words."""
    del shop
    said = " ".join(" ".join(record.message.split()) for record in (*played.earlier, played.record)).casefold()
    for each in played.record.profile.preferences:
        # What was said in two turns is quoted from both.
        quotes = [" ".join(quote.split()).casefold() for quote in (each.evidence, *each.evidence.split("; "))]
        quoted = quotes[0] in said or all(quote and quote in said for quote in quotes[1:])
        if not quotes[0] or (each.source == "stated" and not quoted):
            yield "evidence in the shopper's own words", f"{each.slot} {each.value}: {each.evidence!r}"


def constraints_hold(played: Played, shop: Shop, _: datetime) -> Iterator[Broken]:
    """What a search shows meets every hard wish of the one it is for."""
    if "search" not in played.record.actions or played.record.comparison is not None:
        return
    for card in played.record.products:
        product = shop.catalog.by_id.get(card.product_id)
        for wish in hard_wishes(played) if product is not None else ():
            if product is not None and not allows(product, wish, hard_wishes(played), shop):
                yield f"{wish.polarity} {wish.slot} {_value(wish)}", f"{product.product_id} {product.title!r}"


def hard_wishes(played: Played) -> tuple[Preference, ...]:
    """The hard preferences in force for the one whom the turn is about."""
    return tuple(each for each in played.record.profile.in_scope(played.record.scope) if each.strength == "hard")


def allows(product: Product, wish: Preference, wishes: Iterable[Preference], shop: Shop) -> bool:
    """Whether this wish lets the item through: liked words of one slot are alternatives, a disliked one is forbidden alone."""
    if isinstance(wish.value, PriceRange):
        price = product.price.amount_minor if product.price is not None else None
        low, high = wish.value.min, wish.value.max
        return price is not None and (low is None or price >= low) and (high is None or price <= high)
    if isinstance(wish.value, RatingRange):
        return product.rating is not None and product.rating >= wish.value.stars
    alike = [str(each.value) for each in wishes if each.slot == wish.slot and each.polarity == wish.polarity]
    if wish.slot == "size":
        return not _comparable(product, wish) or any(has_size(product, label) for label in alike)
    slot = next((slot for slot in VALUE_SLOTS if slot == wish.slot), None)
    if slot is None:
        return True
    stated = states_any(product, slot, alike if wish.polarity == "like" else [str(wish.value)], shop)
    return stated if wish.polarity == "like" else not stated


def _comparable(product: Product, wish: Preference) -> bool:
    """Whether labels alone tell: sizes of another system are compared by tables of their own, which are tested there."""
    system = wish.size_system or "alpha"
    return wish.polarity == "like" and any(size.system == system for size in product.sizes)


def _value(wish: Preference) -> str:
    if isinstance(wish.value, str):
        return wish.value
    return " ".join(f"{name} {bound}" for name, bound in wish.value.model_dump(exclude_none=True).items())


def enough_shown(played: Played, shop: Shop, _: datetime) -> Iterator[Broken]:
    """Where three items or more meet what was said and were not shown yet, a search shows three."""
    record = played.record
    if "search" not in record.actions or record.comparison is not None or len(record.products) >= ENOUGH:
        return
    wishes = hard_wishes(played)
    seen = {card.product_id for old in played.earlier for card in old.products} | set(record.profile.rejected_product_ids)
    grown_up = not any(each.slot == "gender" for each in wishes)
    fitting = [
        product
        for product in shop.catalog.products
        if product.in_stock
        and product.product_id not in seen
        and not (grown_up and CHILDREN & set(product.gender))
        and all(allows(product, wish, wishes, shop) and _sure_of_size(product, wish) for wish in wishes)
    ]
    if len(fitting) >= ENOUGH:
        yield f"at least {ENOUGH} items, since {len(fitting)} meet every wish", str(len(record.products))


def _sure_of_size(product: Product, wish: Preference) -> bool:
    """An item whose sizes cannot be compared by label alone is not counted on."""
    return wish.slot != "size" or (bool(product.sizes) and has_size(product, str(wish.value)))


def asked_once(played: Played, shop: Shop, _: datetime) -> Iterator[Broken]:
    """The same question is never put twice."""
    del shop
    question = played.record.question
    if question is not None and any(question == old.question for old in played.earlier):
        yield "a question asked once", question


def rejected_stay_away(played: Played, shop: Shop, _: datetime) -> Iterator[Broken]:
    """A search never shows what was rejected."""
    del shop
    rejected = set(played.record.profile.rejected_product_ids)
    if "search" in played.record.actions and played.record.comparison is None:
        yield from (("no rejected item", card.product_id) for card in played.record.products if card.product_id in rejected)


def nothing_forgotten(played: Played, shop: Shop, _: datetime) -> Iterator[Broken]:
    """What was said stays in force until something said later ends it, and is then kept as superseded."""
    del shop
    if not played.earlier:
        return
    after = played.record.profile
    before = played.earlier[-1].profile
    kept = {each.preference_id for each in (*after.preferences, *after.superseded)}
    gone = [each for each in before.preferences if each.preference_id not in kept]
    # An undo goes back to an earlier version; a new beginning is a new version that keeps nothing, and the answer says so in a chat.
    begun_anew = "chat" in played.record.actions and after.version > before.version and len(gone) == len(before.preferences)
    if after.version < before.version or begun_anew:
        return
    yield from ((f"{each.polarity} {each.slot} {_value(each)} in force or superseded", "gone") for each in gone)


INVARIANTS: Mapping[InvariantName, Invariant] = MappingProxyType(
    {
        "prices_match_catalog": prices_match_catalog,
        "ids_exist": ids_exist,
        "offers_valid": offers_valid,
        "cards_equal_reply": cards_equal_reply,
        "grounded": grounded,
        "evidence": evidence,
        "constraints_hold": constraints_hold,
        "enough_shown": enough_shown,
        "sums_add_up": sums_add_up,
        "asked_once": asked_once,
        "rejected_stay_away": rejected_stay_away,
        "nothing_forgotten": nothing_forgotten,
    }
)


def broken(names: Iterable[InvariantName], played: Played, shop: Shop, now: datetime) -> tuple[Failure, ...]:
    """Every invariant of `names` that this turn breaks."""
    return tuple(
        Failure(path=f"invariant.{name}", expected=expected, found=found)
        for name in names
        for expected, found in INVARIANTS[name](played, shop, now)
    )
