"""Suggested replies: a few things the shopper may say next, each of which the assistant can do now. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assistant.schema import Cart, DialogueState, Profile, Results
from catalog_data.money import format_minor
from catalog_data.schema import Catalog, Slot
from retrieval.schema import RankedItem, Relaxation, SearchResult

MOST = 4
FEWEST = 3
RELAXED = 2
MOST_SIZES = 12

_NAMES: dict[Slot, str] = {"color": "colour", "price": "budget"}
_ONE_BY_ONE: frozenset[Slot] = frozenset({"feature", "occasion"})
"""Slots of which several wishes must hold at once: there the one that is in the way is named."""


def suggestions(
    results: Results, profile: Profile, cart: Cart, catalog: Catalog | None = None, state: DialogueState | None = None
) -> tuple[str, ...]:
    """At most `MOST` short sentences in the shopper's voice, most useful first; the sizes to choose from alone where one is asked for.
    `catalog`: what the shop has to ask for (offers, rules, its currency); without one, none of these is suggested. `state`: the one before
    this turn: a list that is on screen is gone on with; without one the talk begins."""
    if results.sizes_asked:
        return tuple(f"Add it in {label}" for label in results.sizes_asked[:MOST_SIZES])
    shown = state.shown if state is not None else ()
    found: list[str] = list(results.ask.choices) if results.ask is not None else []
    if results.search is not None:
        found.extend(_of_relaxations(results.search.relaxations, catalog))
        found.extend(_of_search(results.search, results))
    elif results.subjects:
        found.extend(_of_subject(results))
    elif results.outfits:
        found.extend(("Add it to my basket", "More like it"))
    if results.search is None and shown:
        found.extend(_of_list(results, shown))
    if cart.lines and not results.basket_is_cart:
        found.insert(MOST - 1, "What is in my basket?")
    if results.search is None and len(found) < FEWEST:
        found.extend(_openers(results, profile, catalog, begun=bool(found)))
    return tuple(dict.fromkeys(found))[:MOST]


def _of_relaxations(relaxations: Sequence[Relaxation], catalog: Catalog | None) -> Iterable[str]:
    """One for each slot, the cheapest change first."""
    said: dict[Slot, str] = {}
    for each in relaxations:
        sentence = _relaxed(each, catalog)
        if sentence is not None:
            said.setdefault(each.slot, sentence)
    return tuple(said.values())[:RELAXED]


def _relaxed(change: Relaxation, catalog: Catalog | None) -> str | None:
    """What the shopper says for this change; None where one sentence does not say it, or it would be another search: for any kind of thing."""
    if change.action == "drop":
        if change.source.startswith("not "):
            return f"{_capital(change.source.removeprefix('not '))} is fine"
        if change.slot in _ONE_BY_ONE and " or " not in change.source:
            return f"Forget about {change.source}"
        return f"The {_NAMES.get(change.slot, change.slot)} doesn't matter" if change.slot != "category" else None
    target = change.target or ""
    if change.slot == "price":
        return _budget(change.source, target, catalog.manifest.currency) if catalog is not None else None
    if change.slot == "rating":
        stars = re.match(r"[\d.]+?(?=\.\.)", target)
        return f"{stars.group()} stars or more" if stars else None
    if change.slot == "size":
        return f"Size {target.split(' ', 1)[-1]} instead"
    return f"{_capital(target)} instead" if " or " not in target else None


def _budget(source: str, target: str, currency: str) -> str | None:
    """The bound of "5000..8000" (minor units) that moved."""
    (low, high), (new_low, new_high) = source.split(".."), target.split("..")
    if new_high and new_high != high:
        return f"Up to {format_minor(int(float(new_high)), currency)}"
    return f"From {format_minor(int(float(new_low)), currency)}" if new_low and new_low != low else None


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _of_search(search: SearchResult, results: Results) -> Iterable[str]:
    """About what was found: more of it where there is more, cheaper where anything has a price, and the items themselves."""
    items = results.items
    more = search.matching > len(items)
    if items and more:
        yield "Show me more"
        if any(item.product.price is not None for item in items):
            yield "Something cheaper"
    if len(items) > 1:
        yield "Compare the first two"
        if _pairs_too(items[1], results):
            yield "What goes with the second one?"
    yield "Why the first one?" if items else "Start over"


def _pairs_too(second: RankedItem, results: Results) -> bool:
    """True where a look can be made with the second item, as one was with the first of its kind."""
    anchor = results.outfits[0].anchor if results.outfits else None
    return anchor is not None and second.product.price is not None and second.product.product_type == anchor.product_type


def _of_subject(results: Results) -> Iterable[str]:
    """About what is talked of, and not what was just answered of it."""
    product, compared = results.subjects[0].product, results.comparison is not None
    it = "the first one" if compared else "it"
    if product.price is not None and product.in_stock:
        yield f"Add {it} to my basket"
    yield f"More like {it}"
    answered = {each.slot for each in results.answers}
    if not compared and sum(size.in_stock for size in product.sizes) > 1 and "size" not in answered:
        yield "What sizes does it come in?"
    if not compared and product.care and "care" not in answered:
        yield "How do I wash it?"


def _of_list(results: Results, shown: Sequence[str]) -> Iterable[str]:
    """Back to what was found before this turn, which talked of something else."""
    yield "Show me the list again"
    if len(shown) > 1 and results.comparison is None and not results.subjects and not results.outfits:
        yield "Compare the first two"


def _openers(results: Results, profile: Profile, catalog: Catalog | None, begun: bool) -> Iterable[str]:
    """What to begin with, or, where the talk has `begun`, what else there is to ask; not what this turn has just answered."""
    if not begun:
        yield "Show me what suits me" if profile.preferences else "A dress for a summer wedding"
        yield "A gift for my sister under 50"
    if catalog is not None and catalog.promotions and not results.offers:
        yield "What is on offer?"
    if catalog is not None and catalog.policy and not results.policy_asked:
        yield "How do returns work?"
