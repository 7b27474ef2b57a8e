"""What the catalog says to a question about one item, and several items side by side. Pure; the fields decide, nothing is guessed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from assistant.guide.english import counted
from assistant.guide.references import plain
from assistant.guide.text_facts import TextFacts, text_facts
from assistant.guide.units import units
from assistant.guide.words import tokens, word_set
from assistant.schema import Answer, Comparison, ComparisonRow, Language
from catalog_data.money import format_money
from catalog_data.schema import VALUE_SLOTS, Product, Slot
from catalog_data.vocabulary import Term, Vocabulary, normalise

CARE_WORDS = word_set("machine care wash washed washable washing clean cleaning iron ironing bleach tumble dry dryer dryclean")
SINGLE_VALUED = frozenset(("category", "brand"))
"""To state one of these is to deny every other."""
SELDOM_DENIED: frozenset[tuple[Slot, str]] = frozenset(
    ("feature", value)
    for value in (
        "sustainable",
        "soft",
        "cushioned",
        "supportive",
        "hypoallergenic",
        "breathable",
        "handmade",
        "organic",
        "vegan",
    )
) | {("style", "cosy")}
"""What a listing says where it is so, and whose absence tells nothing: that an item is none of it is never said."""

SUMMARY: tuple[Slot, ...] = ("category", "color", "material", "occasion", "feature", "price", "rating")
"""What is told of an item when nothing in particular was asked."""
LABELS: dict[Slot, str] = {
    "price": "Price",
    "rating": "Rating",
    "brand": "Brand",
    "color": "Colour",
    "material": "Material",
    "pattern": "Pattern",
    "fit": "Fit",
    "length": "Length",
    "occasion": "For",
    "season": "Season",
    "style": "Style",
    "feature": "Details",
    "size": "Sizes",
}
TEXT_LIMIT = 200
PURPOSES: dict[str, str] = {
    **dict.fromkeys(("wind", "winds", "windy", "gale", "gales", "storm", "storms"), "windproof"),
    **dict.fromkeys(("rain", "rains", "rainy", "raining", "downpour", "shower", "showers"), "waterproof"),
}
"""What an item must be for it to serve against what a question names: "is it good in wind" asks whether it is windproof."""


def answer(
    product: Product,
    about: Sequence[Slot],
    about_values: Sequence[str],
    question: str,
    vocabulary: Vocabulary,
    closed_slots: Collection[Slot] = (),
    language: Language = "en",
) -> tuple[Answer, ...]:
    """One answer for each value asked of (yes, no or unknown), or for each slot asked of (its values or unknown).

    Where neither was understood, what the question's own words name is answered; a question of care is answered from the care lines, or
    from the features that say how it is cleaned; a question that names nothing gets the item's main facts. "No" is said only where the
    slot is closed, single-valued, or the shop denies it."""
    found = [
        _named(product, _about_value(product, value, about, vocabulary, closed_slots), vocabulary, language)
        for value in about_values
    ]
    asked = dict.fromkeys(PURPOSES[word] for word in normalise(question).split() if word in PURPOSES)
    served = [_about_value(product, value, ("feature",), vocabulary, closed_slots) for value in asked]
    found += [each for each in served if each.asked not in {other.asked for other in found}]
    if not found:
        asks_care = bool(CARE_WORDS & set(normalise(question).split()))
        found = [_about_care(product)] if asks_care else []
        found += [_about_slot(product, slot, language) for slot in about if not (asks_care and slot == "feature")]
    if not found:
        named = [unit.text for unit in units(tokens(question), vocabulary, folded=False) if _asks(unit.terms)]
        found = [_about_value(product, words, (), vocabulary, closed_slots) for words in dict.fromkeys(named)]
    if not found:
        found = [each for slot in SUMMARY if (each := _about_slot(product, slot, language)).status == "value"]
    return tuple(each.model_copy(update={"product_id": product.product_id}) for each in dict.fromkeys(found))


def _named(product: Product, told: Answer, vocabulary: Vocabulary, language: Language) -> Answer:
    """`told`, or the item's own values where all that is asked after is a word for many ("the pattern"): they say more than a yes."""
    slot = next((each for each in VALUE_SLOTS if each == told.slot), None)
    if told.status != "yes" or slot is None or told.asked not in vocabulary.values(slot):
        return told
    values = product.values(slot)
    if not vocabulary.entry(slot, told.asked).umbrella or told.asked in values or not values:
        return told
    return _about_slot(product, slot, language)


def _asks(terms: Sequence[Term]) -> bool:
    return any(term.slot not in ("category", "gender") for term in terms)


def _about_value(
    product: Product, value: str, about: Sequence[Slot], vocabulary: Vocabulary, closed_slots: Collection[Slot]
) -> Answer:
    """Whether the item is, or has, `value`."""
    if "size" in about:
        return _about_size(product, value)
    terms = [term for term in vocabulary.lookup(value) if not about or term.slot in about]
    if not terms:
        stated = [(slot, own) for slot in VALUE_SLOTS if slot in about or not about for own in product.values(slot)]
        hit = next((slot for slot, own in stated if normalise(own) == normalise(value)), None)
        slot = hit or (about[0] if about else "feature")
        denied = slot in SINGLE_VALUED and any(own_slot == slot for own_slot, _ in stated)
        return Answer(slot=slot, asked=plain(value, 60), status="yes" if hit else "no" if denied else "unknown")
    said = text_facts(f"{product.description}\n" + ".\n".join(product.care), product, vocabulary, ())
    statuses = {term: _status(product, term, said, vocabulary, closed_slots) for term in terms}
    term = next((term for wanted in ("yes", "unknown", "no") for term in terms if statuses[term] == wanted), terms[0])
    return Answer(slot=term.slot, asked=term.value, status=statuses[term])


def _status(product: Product, term: Term, said: TextFacts, vocabulary: Vocabulary, closed_slots: Collection[Slot]) -> str:
    accepted = vocabulary.expand(term.slot, term.value)
    stated = product.values(term.slot)
    if accepted.intersection(stated):
        return "yes"
    if _names(said.terms, term, accepted, vocabulary):
        return "yes"
    if _names(said.denied, term, frozenset((term.value,)), vocabulary):
        return "no"
    # "blue" of an item may be the navy that is asked about: a word too coarse to tell is no answer.
    if any(vocabulary.expand(term.slot, value) & accepted for value in stated):
        return "unknown"
    if (term.slot, term.value) in SELDOM_DENIED:
        return "unknown"  # a shop praises with it, and says of no item that it is not
    return "no" if term.slot in closed_slots or (stated and term.slot in SINGLE_VALUED) else "unknown"


def _names(phrases: Iterable[str], term: Term, accepted: Collection[str], vocabulary: Vocabulary) -> bool:
    return any(other.slot == term.slot and other.value in accepted for phrase in phrases for other in vocabulary.lookup(phrase))


def _about_size(product: Product, label: str) -> Answer:
    """In stock, not to be had, or not known for want of sizes."""
    asked = plain(label, 20)
    if not product.sizes:
        return Answer(slot="size", asked=asked, status="unknown")
    there = tuple(_size_labels(product))
    found = label.casefold() in {size.label.casefold() for size in product.sizes if size.in_stock}
    return Answer(slot="size", asked=asked, status="yes" if found else "no", values=there)


def _about_slot(product: Product, slot: Slot, language: Language) -> Answer:
    values = tuple(_values(product, slot, language))
    return Answer(slot=slot, asked=slot, status="value" if values else "unknown", values=values)


def _size_labels(product: Product) -> Iterable[str]:
    return (plain(size.label, 20) for size in product.sizes if size.in_stock)


def _about_care(product: Product) -> Answer:
    lines = tuple(plain(line, TEXT_LIMIT) for line in product.care) or tuple(
        value for value in product.features if CARE_WORDS & set(value.split())
    )
    return Answer(slot="care", asked="care", status="value" if lines else "unknown", values=lines)


def _values(product: Product, slot: Slot, language: Language) -> Iterable[str]:
    if slot == "price":
        yield from (format_money(product.price, language),) if product.price is not None else ()
    elif slot == "size":
        yield from _size_labels(product)
    elif slot == "rating":
        if product.rating is not None:
            count = f" from {counted(product.rating_count, 'review', 'reviews')}" if product.rating_count else ""
            yield f"{product.rating:.1f} of 5 stars{count}"
    else:
        yield from (plain(value, 60) for value in product.values(slot))


def compare(products: Sequence[Product], vocabulary: Vocabulary, language: Language = "en") -> Comparison:
    """Items side by side: their titles first, then a row for each property of which the shop says something for any of them."""
    rows = [ComparisonRow(slot="title", label="Item", cells=tuple(plain(product.title) for product in products))]
    for slot, label in LABELS.items():
        cells = tuple(_cell(product, slot, language) for product in products)
        if any(cells):
            rows.append(ComparisonRow(slot=slot, label=label, cells=cells))
    care = tuple(plain("; ".join(product.care), TEXT_LIMIT) for product in products)
    if any(care):
        rows.append(ComparisonRow(slot="care", label="Care", cells=care))
    return Comparison(product_ids=tuple(product.product_id for product in products), rows=tuple(rows))


def _cell(product: Product, slot: Slot, language: Language) -> str:
    values = list(_values(product, slot, language))
    if slot == "price" and product.struck_price is not None and values:
        return f"{values[0]}, reduced from {format_money(product.struck_price, language)}"
    return ", ".join(values)
