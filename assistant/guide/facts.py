"""What may be said of one item: its words by slot, and the references that stand for its title and figures. Pure."""

from __future__ import annotations

from collections.abc import Collection

from assistant.guide.english import counted, listed
from assistant.guide.references import plain
from assistant.guide.text_facts import TextFacts, text_facts
from assistant.schema import ItemFacts, Language
from catalog_data.money import format_money
from catalog_data.schema import VALUE_SLOTS, Money, Product
from catalog_data.vocabulary import Vocabulary
from retrieval.schema import Check, RankedItem, UnitOffer

BRAND_LIMIT = 60
LINE_LIMIT = 200


def item_facts(
    label: str,
    item: RankedItem,
    why: tuple[str, ...],
    vocabulary: Vocabulary,
    language: Language = "en",
    unit_offer: UnitOffer | None = None,
    descriptive: Collection[str] = frozenset(),
) -> ItemFacts:
    """Everything a writer may know of `item`, which it calls `label`. No figure is among the words; figures are references.

    Of the shop's own prose only words of the vocabulary (facts["description"]) and of `descriptive` (facts["details"]) are kept;
    facts["not"] is what is known not to hold."""
    product = item.product
    prose = text_facts(f"{product.title}.\n{product.description}", product, vocabulary, descriptive)
    care = text_facts(".\n".join(product.care), product, vocabulary, descriptive)
    facts = {slot: product.values(slot) for slot in VALUE_SLOTS if product.values(slot)}
    said = {
        "description": tuple(dict.fromkeys([*prose.terms, *care.terms])),
        "details": tuple(dict.fromkeys([*prose.words, *care.words])),
        "not": _denied(item.checks, prose, care),
    }
    return ItemFacts(
        label=label,
        product_id=product.product_id,
        facts={**facts, **{name: words for name, words in said.items() if words}},
        references={f"{label}.{name}": text for name, text in _references(product, unit_offer, language).items()},
        why=why,
        unmet=tuple(check.value for check in item.checks if check.status == "unmet" and check.slot in VALUE_SLOTS),
    )


def _denied(checks: Collection[Check], *texts: TextFacts) -> tuple[str, ...]:
    """What checks have shown not to hold ("not lace": met), and what the shop's texts deny."""
    checked = [
        check.value.removeprefix("not ")
        for check in checks
        if check.status == "met" and check.value.startswith("not ") and check.slot in VALUE_SLOTS
    ]
    return tuple(dict.fromkeys([*checked, *(word for text in texts for word in text.denied)]))


def _references(product: Product, unit_offer: UnitOffer | None, language: Language) -> dict[str, str]:
    """The texts that are filled in, by name; only those that exist."""
    sizes = [size.label for size in product.sizes if size.in_stock and size.system != "one"]
    found = {
        "title": plain(product.title) or product.product_id,
        "brand": plain(product.brand, BRAND_LIMIT) if product.brand else "",
        **_prices(product, unit_offer, language),
        "rating": f"{product.rating:.1f} of 5 stars" if product.rating is not None else "",
        "rating_count": counted(product.rating_count, "review", "reviews") if product.rating_count else "",
        "sizes": listed([plain(label, 20) for label in sizes]) if sizes else "",
        "care": plain(listed(product.care), LINE_LIMIT) if product.care else "",
        "color": plain(product.color_name, BRAND_LIMIT) if product.color_name else "",
    }
    return {name: text for name, text in found.items() if text}


def _prices(product: Product, unit_offer: UnitOffer | None, language: Language) -> dict[str, str]:
    """The price of one as the card shows it, and what it was, where that may be said: the 30-day low (Product.struck_price), or today's
    tag, which an offer brings down, where it is not above that low."""
    if product.price is None:
        return {}
    price = unit_offer.price if unit_offer is not None else product.price
    found = {"price": format_money(price, language)}
    if unit_offer is not None and unit_offer.offer is not None and price.amount_minor < product.price.amount_minor:
        found["offer"] = plain(unit_offer.offer.title)
        if _may_be_named(product.price, product.lowest_price_30d):
            found["before"] = format_money(product.price, language)
    struck = product.struck_price
    if struck is not None:
        saved = Money(amount_minor=struck.amount_minor - price.amount_minor, currency=price.currency)
        found |= {"list_price": format_money(struck, language), "saving": format_money(saved, language)}
    return found


def _may_be_named(tag: Money, low: Money | None) -> bool:
    """True where a reduction may be announced against `tag`: the prior price is the lowest of the 30 days before (Directive 98/6 Art. 6a),
    so one that the shop does not state, or that is lower, forbids it."""
    return low is not None and tag.amount_minor <= low.amount_minor
