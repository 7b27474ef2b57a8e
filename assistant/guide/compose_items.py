"""The composer's sentences about the items shown: what each is, what speaks for it here, what does not, how it stands beside the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from assistant.guide.english import number
from assistant.guide.explain import UNSAID, met_values, size_there, tied, upper_limit, well_rated
from assistant.guide.references import names
from assistant.guide.turn import Draft, Turn
from assistant.guide.words import fold
from catalog_data.schema import VALUE_SLOTS, Product, ValueSlot
from catalog_data.vocabulary import Term
from retrieval.schema import RankedItem

SECONDS = ("tie", "also", "rank", "size", "also", "budget", "also", "rating")
"""What the second sentence of an item may be about, in rotation; details may come again, but not of two neighbours."""
QUOTED = ("title", "price", "list_price", "saving", "offer", "before")
"""References of an item's facts that sentences about it use."""
MOST_ALSO = 3


class Say(NamedTuple):
    """What there is to say of one item: words for patterns, and texts for references, by name."""

    fragments: Mapping[str, str]
    references: Mapping[str, str]


def item_sections(turn: Turn, items: Sequence[RankedItem]) -> list[Draft]:
    """One section an item, in order. Second sentences are spread so that neighbours do not say the same kind of thing."""
    ranks = standings(turn, items)
    met = [met_by(turn, item.product) for item in items]
    used = ["size"] if any(new.slot == "size" for new in turn.change.added) else []
    found = []
    for index, item in enumerate(items):
        asked = to_mention(met, index)
        say = _what_to_say(turn, item, asked, ranks.get(item.product.product_id, ""))
        found.append(_item_section(turn, item, say, index, used))
    return found


def met_by(turn: Turn, product: Product) -> list[tuple[ValueSlot, str]]:
    """The wishes that an item meets, by its fields or by the shop's own words."""
    found = dict.fromkeys(met_values(product, turn.wishes, turn.vocabulary))
    terms = turn.stated[product.product_id].terms
    for wish in turn.wishes:
        if wish.polarity == "like" and wish.slot == "feature" and isinstance(wish.value, str):
            found.update({(wish.slot, wish.value): None} if Term(slot=wish.slot, value=wish.value) in terms else {})
    return list(found)


def to_mention(met: Sequence[Sequence[tuple[ValueSlot, str]]], index: int) -> list[tuple[ValueSlot, str]]:
    """The met wishes to speak of with one item: those that not every item meets; what all meet is said of the first alone."""
    own = [value for value in met[index] if not all(value in other for other in met)]
    return (own or (list(met[index]) if index == 0 else []))[:3]


def _item_section(turn: Turn, item: RankedItem, say: Say, index: int, used: list[str]) -> Draft:
    product = item.product
    label = turn.labels[product.product_id]
    several = turn.several(product)
    draft = Draft(kind="item", section_id=label, labels=(label,), modelled=True)
    doubts = say.references.keys() & {"unmet", "unknown"} or turn.misfits.shared()
    flags = (*(("leading",) if index == 0 else ()), *(("doubt",) if doubts else ()))
    draft.say(turn, _lead_pools(say), say.fragments, say.references, flags, label, several)
    if "list_price" in say.references and not {f"{label}.list_price", f"{label}.saving"} & set(names(draft.sentences[0])):
        draft.say(turn, "was", say.fragments, say.references, (), label, several)
        return draft
    doubt = next((pool for pool in ("unmet", "unknown") if say.references.get(pool)), None)
    if doubt is not None and turn.picker.fresh(doubt, say.references):
        draft.say(turn, doubt, say.fragments, say.references, (), label, several)
        return draft
    second = _second(turn, say, index, used)
    if second:
        used.append(second)
        draft.say(turn, second, say.fragments, say.references, (), label, several)
    return draft


def _lead_pools(say: Say) -> tuple[str, ...]:
    """Where to take the first sentence from: by what is known of the price, and by whether a wish is met."""
    have = say.references
    if "silent" in have:
        return ("lead_bare",)
    price = "unpriced" if "price" not in have else "offer" if "offer" in have else "reduced" if "list_price" in have else ""
    asked = "asked" if say.fragments.get("match") else "" if price else "plain"
    return ("_".join(part for part in ("lead", price, asked) if part),)


def _second(turn: Turn, say: Say, index: int, used: Sequence[str]) -> str:
    """What the second sentence is about: something not yet said of a neighbour, and in words not lately used; empty for none."""
    have = {name for source in (say.fragments, say.references) for name, text in source.items() if text}
    start = (turn.state.turn + index) % len(SECONDS)
    for kind in (*SECONDS[start:], *SECONDS[:start]):
        again = (bool(used) and used[-1] == kind) if kind == "also" else kind in used
        if not again and turn.picker.fresh(kind, have):
            return kind
    return ""


def _what_to_say(turn: Turn, item: RankedItem, asked: Sequence[tuple[ValueSlot, str]], rank: str) -> Say:
    product = item.product
    label = turn.labels[product.product_id]
    facts = turn.facts[label].references
    several = turn.several(product)
    quoted = (*QUOTED, *(("rating", "rating_count") if well_rated(product) else ()))
    references = {name: facts.get(f"{label}.{name}", "") for name in quoted}
    references |= {
        "rank": rank,
        "budget": _below_limit(turn, product),
        "size": size_there(item, turn.wishes, turn.scope),
        "tie": f"shoppers who liked what you liked chose {'them' if several else 'it'} too"
        if tied(item, turn.profile.liked_product_ids)
        else "",
        "unmet": turn.misfits.unmet(item),
        "unknown": turn.misfits.unknown(item),
    }
    if not references["price"]:
        references["unpriced"] = f"the shop gives no price for {'them' if several else 'it'}"
    if _says_little(turn, product):
        references["silent"] = _silent(references["price"], several)
    fragments = {
        "what": turn.speaker.noun_phrase(product, told=product.title),
        "match": turn.speaker.noun_phrase(product, asked, product.title) if asked else "",
        "also": _also(turn, product, asked, several),
    }
    return Say(fragments, {name: text for name, text in references.items() if text})


def _below_limit(turn: Turn, product: Product) -> str:
    """ "€20.05 under your limit"; empty where no upper limit was named, or the price shown is above it."""
    limit, price = upper_limit(turn.wishes), turn.prices.get(product.product_id)
    if limit is None or price is None or price > limit:
        return ""
    return f"{turn.money(limit - price)} under your limit" if limit > price else "right at your limit"


def _says_little(turn: Turn, product: Product) -> bool:
    """True where the fields say nothing that the title does not say already."""
    told = [value for slot in VALUE_SLOTS if slot not in UNSAID for value in product.values(slot)]
    kind = product.product_type
    return not told and (kind is None or kind in fold(product.title) or turn.speaker.kind(kind, many=True) in fold(product.title))


def _silent(price: str, several: bool) -> str:
    it, its = ("them", "their") if several else ("it", "its")
    more = f"the price, {price}" if price else "that, not even a price"
    return (
        f"the shop tells nothing of {it} but {its} name and {more}"
        if price
        else f"the shop tells {its} name and nothing beyond {more}"
    )


def _also(turn: Turn, product: Product, asked: Sequence[tuple[ValueSlot, str]], several: bool) -> str:
    """Facts that neither the noun phrase nor the wishes have said: features first, then what it is for."""
    pool: list[tuple[ValueSlot, str]] = [("feature", value) for value in product.features]
    pool += [("occasion", value) for value in product.occasions] + [("season", value) for value in product.seasons]
    fresh = [each for each in pool if each not in asked]
    features = [each for each in fresh if each[0] == "feature"][:MOST_ALSO]
    return turn.speaker.verb_phrase(features or fresh[:MOST_ALSO], several)


def standings(turn: Turn, items: Sequence[RankedItem]) -> dict[str, str]:
    """How items stand to one another, by id, as clauses: "the least expensive of the three". Each kind of standing is given once."""
    count = len(items)
    if count < 2:
        return {}
    of_all = f"of the {number(count)}"
    found: dict[str, str] = {}
    for product_id, text in (*_by_price(turn, items, of_all), *_by_rating(items, of_all), *_by_material(turn, items, of_all)):
        found.setdefault(product_id, text)
    return found


def _by_price(turn: Turn, items: Sequence[RankedItem], of_all: str) -> list[tuple[str, str]]:
    """By the prices that the page shows; only where every item has one."""
    order = sorted(
        (turn.prices[item.product.product_id], item.product.product_id)
        for item in items
        if item.product.product_id in turn.prices
    )
    found: list[tuple[str, str]] = []
    if len(order) < len(items):
        return found
    if order[0][0] < order[1][0]:
        found.append((order[0][1], f"the {'least' if len(order) > 2 else 'less'} expensive {of_all}"))
    if len(order) > 2 and order[-1][0] > order[-2][0]:
        found.append((order[-1][1], f"the most expensive {of_all}"))
    return found


def _by_rating(items: Sequence[RankedItem], of_all: str) -> list[tuple[str, str]]:
    rated = sorted(
        ((item.product.rating, item.product.product_id) for item in items if item.product.rating is not None), reverse=True
    )
    if len(rated) < len(items) or rated[0][0] == rated[1][0]:
        return []
    return [(rated[0][1], f"the {'highest' if len(rated) > 2 else 'higher'} rated {of_all}")]


def _by_material(turn: Turn, items: Sequence[RankedItem], of_all: str) -> list[tuple[str, str]]:
    """The only item in a material, where the shop states what every item is made of."""
    if len(items) < 3 or not all(item.product.materials for item in items):
        return []
    wished = {wish.value for wish in turn.wishes if wish.slot == "material" and wish.polarity == "like"}
    found = []
    for item in items:
        material = item.product.materials[0]
        accepted = turn.vocabulary.expand("material", material)
        others = [other.product.materials for other in items if other is not item]
        alone = not any(accepted.intersection(stated) for stated in others)
        if alone and (material in wished or len({stated[0] for stated in others}) == 1):
            found.append((item.product.product_id, f"the only one {of_all} listed in {material}"))
    return found
