"""What a script expects of a turn, held against what was played. Pure: state first, words second."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from assistant.evaluation.conditions import asked_for, major, misses, told, within
from assistant.evaluation.profile_expectations import profile_failures
from assistant.evaluation.results import Failure, Played, Shop
from assistant.evaluation.script import (
    CartExpect,
    Expect,
    OffersExpect,
    OutfitsExpect,
    ProductsExpect,
    RelaxationsExpect,
    ReplyExpect,
)
from catalog_data.schema import Product

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def failures_of(expect: Expect, played: Played, shop: Shop) -> tuple[Failure, ...]:
    """Everything that does not hold."""
    return tuple(
        Failure(path=f"expect.{path}", expected=wanted, found=found) for path, wanted, found in _all(expect, played, shop)
    )


Miss = tuple[str, str, str]
"""Path, what was expected, what was found."""


def _all(expect: Expect, played: Played, shop: Shop) -> Iterator[Miss]:
    record = played.record
    before = played.earlier[-1] if played.earlier else None
    if expect.profile is not None:
        yield from profile_failures(expect.profile, record.profile, shop)
    if expect.products is not None:
        yield from _products(expect.products, played, shop)
    yield from _lists("actions", expect.actions, expect.not_actions, record.actions)
    if expect.offers is not None:
        yield from _offers(expect.offers, played, shop)
    if expect.outfits is not None:
        yield from _outfits(expect.outfits, played, shop)
    if expect.relaxations is not None:
        yield from _relaxations(expect.relaxations, played)
    if expect.comparison is not None and (record.comparison is not None) != expect.comparison:
        yield "comparison", str(expect.comparison).lower(), "none" if record.comparison is None else "one"
    if expect.question is not None:
        yield from _question(expect.question, record.question)
    if expect.notices is not None:
        yield from _words("notices", expect.notices, "\n".join(record.notices), "\n".join(before.notices) if before else None)
    if expect.reply is not None:
        yield from _words("reply", expect.reply, record.reply, before.reply if before else None)
    if expect.cart is not None:
        yield from _cart(expect.cart, played)


def _lists(path: str, wanted: Iterable[str], unwanted: Iterable[str], found: Sequence[str]) -> Iterator[Miss]:
    for each in wanted:
        if each not in found:
            yield path, each, ", ".join(found) or "nothing"
    block, _, field = path.rpartition(".")
    for each in unwanted:
        if each in found:
            yield ".".join(filter(None, (block, f"not_{field}"))), f"not {each}", ", ".join(found)


def _count(path: str, least: int | None, most: int | None, found: int) -> Iterator[Miss]:
    if least is not None and found < least:
        yield f"{path}.min", f"at least {least}", str(found)
    if most is not None and found > most:
        yield f"{path}.max", f"at most {most}", str(found)


def _products(expect: ProductsExpect, played: Played, shop: Shop) -> Iterator[Miss]:
    ids = [card.product_id for card in played.record.products]
    items = [shop.catalog.by_id[each] for each in ids if each in shop.catalog.by_id]
    if len(items) < len(ids):
        strange = ", ".join(each for each in ids if each not in shop.catalog.by_id)
        yield "products", "items of the catalog, whose rows can be looked at", strange
    yield from _count("products", expect.min, expect.max, len(ids))
    yield from _each(expect, items, shop)
    if expect.ids is not None and tuple(ids) != expect.ids:
        yield "products.ids", ", ".join(expect.ids), ", ".join(ids) or "none"
    if expect.order is not None:
        yield from _order(expect.order, items)
    old = [card.product_id for card in played.earlier[-1].products] if played.earlier else []
    again = [each for each in ids if each in old]
    if expect.new is not None and bool(again) == expect.new:
        yield "products.new", f"{'none' if expect.new else 'some'} of the items of the turn before", ", ".join(again) or "none"
    if expect.same is not None and (sorted(ids) == sorted(old)) != expect.same:
        yield "products.same", "the same items" if expect.same else "other items", ", ".join(ids) or "none"


def _each(expect: ProductsExpect, items: Sequence[Product], shop: Shop) -> Iterator[Miss]:
    for path, condition in (("all", expect.all), ("none", expect.none), ("any", expect.any), ("first", expect.first)):
        if condition is None:
            continue
        wrong = [(product, misses(product, condition, shop)) for product in items]
        wanted = asked_for(condition)
        if path == "all" and not wrong:
            yield "products.all", wanted, "no item"
        elif path == "all":
            yield from ((f"products.all.{why[0]}", wanted, _told(product, why)) for product, why in wrong if why)
        elif path == "none":
            yield from (("products.none", f"not: {wanted}", _told(product, ())) for product, why in wrong if not why)
        elif path == "any" and all(why for _, why in wrong):
            yield "products.any", wanted, f"none of {len(items)}"
        elif path == "first" and (not wrong or wrong[0][1]):
            yield "products.first", wanted, _told(*wrong[0]) if wrong else "no item"


def _told(product: Product, why: Sequence[str]) -> str:
    facts = ", ".join(f"{name} {_fact(product, name)}" for name in why)
    return f"{product.product_id} {product.title!r}" + (f": {facts}" if facts else "")


def _fact(product: Product, name: str) -> str:
    if name == "price" and product.price is not None:
        return f"{major(product.price.amount_minor, product.price.currency):g}"
    if name == "size":
        return "/".join(size.label for size in product.sizes if size.in_stock) or "none in stock"
    if name == "reduced":
        return str(product.struck_price is not None).lower()
    value = getattr(product, {"category": "product_type"}.get(name, name), None)
    if value is None and name not in ("rating", "brand"):
        value = getattr(product, f"{name}s", None)
    return "/".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _order(order: str, items: Sequence[Product]) -> Iterator[Miss]:
    if order == "rating":
        values = [-(product.rating or 0.0) for product in items]
    else:
        sign = 1 if order == "price_ascending" else -1
        values = [sign * float(product.price.amount_minor) for product in items if product.price is not None]
    if values != sorted(values):
        yield "products.order", order, ", ".join(f"{abs(value):g}" for value in values)


def _offers(expect: OffersExpect, played: Played, shop: Shop) -> Iterator[Miss]:
    offers, currency = played.record.offers, shop.catalog.manifest.currency
    yield from _lists(
        "offers.applied", expect.applied, expect.not_applied, [str(each["promotion_id"]) for each in offers.applied]
    )
    yield from _lists("offers.rejected", expect.rejected, (), [str(each["code"]) for each in offers.rejected])
    saved = sum(int(each["amount_minor"]) for each in offers.applied)
    total = next((int(line["amount_minor"]) for line in offers.receipt if line["kind"] == "total"), None)
    for path, bounds, amount in (("saved", expect.saved, saved), ("total", expect.total, total)):
        found = None if amount is None else major(amount, currency)
        if bounds is not None and not within(found, bounds):
            yield f"offers.{path}", told(bounds), "none" if found is None else f"{found:g}"


def _outfits(expect: OutfitsExpect, played: Played, shop: Shop) -> Iterator[Miss]:
    outfits = played.record.outfits
    yield from _count("outfits", expect.min, expect.max, len(outfits))
    pieces = outfits[0].pieces if outfits else ()
    yield from _lists("outfits.roles", expect.roles, (), [piece.role for piece in pieces])
    if expect.pieces is not None:
        for piece in pieces:
            product = shop.catalog.by_id.get(piece.product_id)
            if product is not None and (why := misses(product, expect.pieces, shop)):
                yield "outfits.pieces", asked_for(expect.pieces), _told(product, why)


def _relaxations(expect: RelaxationsExpect, played: Played) -> Iterator[Miss]:
    found = played.record.relaxations
    yield from _count("relaxations", expect.min, expect.max, len(found))
    yield from _lists("relaxations.slots", expect.slots, (), [each.slot for each in found])


def _question(expect: bool | str, found: str | None) -> Iterator[Miss]:
    if isinstance(expect, str):
        if found is None or re.search(expect, found, re.IGNORECASE) is None:
            yield "question", expect, found or "none"
    elif (found is not None) != expect:
        yield "question", "one" if expect else "none", found or "none"


def _words(path: str, expect: ReplyExpect, text: str, before: str | None) -> Iterator[Miss]:
    folded = text.casefold()
    yield from ((f"{path}.mentions", each, shortened(text)) for each in expect.mentions if each.casefold() not in folded)
    yield from (
        (f"{path}.not_mentions", f"not {each!r}", shortened(text)) for each in expect.not_mentions if each.casefold() in folded
    )
    if expect.mentions_any and not any(each.casefold() in folded for each in expect.mentions_any):
        yield f"{path}.mentions_any", " or ".join(expect.mentions_any), shortened(text)
    if expect.regex is not None and re.search(expect.regex, text, re.IGNORECASE) is None:
        yield f"{path}.regex", expect.regex, shortened(text)
    if expect.not_regex is not None and (hit := re.search(expect.not_regex, text, re.IGNORECASE)) is not None:
        yield f"{path}.not_regex", f"not {expect.not_regex}", hit.group()
    if expect.language is not None and ("zh" if CHINESE.search(text) else "en") != expect.language:
        yield f"{path}.language", expect.language, shortened(text)
    if expect.max_words is not None and len(text.split()) > expect.max_words:
        yield f"{path}.max_words", f"at most {expect.max_words}", str(len(text.split()))
    if expect.differs is not None and (text != before) != expect.differs:
        yield f"{path}.differs", f"{'other' if expect.differs else 'the same'} words as in the turn before", shortened(text)


def shortened(text: str, most: int = 160) -> str:
    """The beginning of a text, for a line of the report."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"{flat[:most]} ..."


def _cart(expect: CartExpect, played: Played) -> Iterator[Miss]:
    if played.cart is None:
        yield "cart", "a basket", "none could be read"
        return
    lines = played.cart.lines
    if expect.lines is not None and len(lines) != expect.lines:
        yield "cart.lines", str(expect.lines), str(len(lines))
    if expect.quantity is not None and sum(line.quantity for line in lines) != expect.quantity:
        yield "cart.quantity", str(expect.quantity), str(sum(line.quantity for line in lines))
    if expect.codes is not None and played.cart.codes != expect.codes:
        yield "cart.codes", ", ".join(expect.codes) or "none", ", ".join(played.cart.codes) or "none"
    sizes = tuple(line.size or "" for line in lines)
    if expect.sizes is not None and sizes != expect.sizes:
        yield "cart.sizes", ", ".join(expect.sizes), ", ".join(sizes)
