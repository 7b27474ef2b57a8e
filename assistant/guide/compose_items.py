"""The composer's sentences about the items shown: each with its price, in few words what it is, and its own reason for being here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from assistant.guide.explain import (
    GUESSED,
    UNSAID,
    guessed_values,
    met_values,
    size_there,
    standings,
    tied,
    upper_limit,
    well_rated,
)
from assistant.guide.item_lines import UNTOLD
from assistant.guide.turn import Draft, Turn
from assistant.guide.wishes import holding
from assistant.guide.wording import DULL
from assistant.guide.words import fold
from catalog_data.schema import VALUE_SLOTS, Product, ValueSlot
from catalog_data.vocabulary import Term, normalise
from retrieval.schema import RankedItem

SAID_FIRST = ("match", "budget", "size", "tie", "guess", "offer")
"""The kinds of reason in which the shopper's own words and deeds count, and what explains a price; strongest first."""
SAID_NEXT = ("reduced", "rank", "described", "rating")
"""The others; which comes first changes from turn to turn. "described": what it is, where its title leaves that to say, else its details."""
AGAIN = frozenset(("match", "also", "plain"))
"""Kinds that may be the reason of two items in one reply, for other words stand in each."""
QUOTED = ("title", "price", "list_price", "saving", "offer", "before", "brand")
"""References of an item's facts that sentences about it use."""
CHILDREN = frozenset(("girls", "boys", "kids", "baby"))
MOST_ALSO = 2
FURTHER: tuple[tuple[ValueSlot, ...], ...] = (("feature",), ("occasion", "season"))
"""Where further facts are taken from: the first of these that has any."""
MOST_MATCHES = 3

Values = list[tuple[ValueSlot, str]]


class Say(NamedTuple):
    """What there is to say of one item: words for patterns, and texts for references, by name."""

    fragments: Mapping[str, str]
    references: Mapping[str, str]

    def words(self, kind: str) -> str:
        """What a reason of this kind says, to be compared with what was said of the other items; empty where it cannot be given."""
        return self.fragments.get(kind) or self.references.get("list_price" if kind == "reduced" else kind, "")


@dataclass
class Told:
    """What the reply has said of the items so far: kinds of reason, and their words."""

    kinds: set[str] = field(default_factory=set)
    words: set[frozenset[str]] = field(default_factory=set)

    def is_new(self, kind: str, words: str) -> bool:
        """True for a reason that no item before has, in whatever order its words stood."""
        return bool(words) and _bag(words) not in self.words and (kind in AGAIN or kind not in self.kinds)

    def add(self, kind: str, *words: str) -> None:
        """Notes a reason, and what else was said with it."""
        self.kinds.add(kind)
        self.words.update(_bag(each) for each in words if each)


def _bag(words: str) -> frozenset[str]:
    return frozenset(normalise(words).split()) - {"a", "an", "and", "in", "with", "for"}


def item_sections(turn: Turn, items: Sequence[RankedItem]) -> list[Draft]:
    """One section an item, in order, each with a reason of its own."""
    told = Told()
    material = {wish.value for wish in turn.wishes if wish.slot == "material" and wish.polarity == "like"}
    ranks = standings(items, turn.prices, turn.vocabulary, {each for each in material if isinstance(each, str)})
    met = [met_by(turn, item.product) for item in items]
    opened = holding(turn, items)
    found = []
    for index, item in enumerate(items):
        asked = to_mention(met, index, opened)
        say = _what_to_say(turn, item, items, asked, ranks.get(item.product.product_id, ""))
        # What most of them have goes without saying: of those that have it not, it is said.
        rare = any(2 * sum(value in other for other in met) <= len(met) for value in asked)
        found.append(_item_section(turn, item, say, index, told, rare))
    return found


def met_by(turn: Turn, product: Product) -> Values:
    """The wishes that an item meets, by its fields or by the shop's own words."""
    found = dict.fromkeys(met_values(product, turn.wishes, turn.vocabulary))
    terms = turn.stated[product.product_id].terms
    for wish in turn.wishes:
        if wish.polarity == "like" and wish.slot == "feature" and isinstance(wish.value, str):
            found.update({(wish.slot, wish.value): None} if Term(slot=wish.slot, value=wish.value) in terms else {})
    return list(found)


def to_mention(met: Sequence[Values], index: int, opened: Sequence[tuple[ValueSlot, str]]) -> Values:
    """The met wishes to speak of with one item: those that not every item meets. What all meet the opening has said (`opened`), or else
    the first item says it."""
    own = [value for value in met[index] if not all(value in other for other in met)]
    unsaid = [value for value in met[index] if value not in opened and value not in own] if index == 0 else []
    return (own + unsaid)[:MOST_MATCHES]


def _item_section(turn: Turn, item: RankedItem, say: Say, index: int, told: Told, rare: bool) -> Draft:
    product = item.product
    label = turn.labels[product.product_id]
    several = turn.several(product)
    draft = Draft(kind="item", section_id=label, labels=(label,), modelled=True)
    doubts = say.references.keys() & {"unmet", "unknown"} or turn.misfits.shared()
    flags = (*(("leading",) if index == 0 else ()), *(("doubt",) if doubts else ()))
    kind = _reason(turn, say, told)
    told.add(kind, say.words(kind), say.fragments.get("what", ""))
    draft.say(turn, f"item_{kind}", say.fragments, say.references, flags, label, several)
    if kind != "match" and rare:
        draft.say(turn, "item_too", say.fragments, say.references, (), label, several)
    doubt = next((name for name in ("unmet", "unknown", "unpriced") if say.references.get(name)), None)
    if doubt is None or kind == "silent":
        return draft
    if len(draft.sentences) == 1 and turn.picker.fresh(doubt, say.references):
        draft.say(turn, doubt, say.fragments, say.references, (), label, several)
    else:
        draft.sentences[-1] = f"{draft.sentences[-1].rstrip('.?')}, though {{{label}.{doubt}}}."
        draft.references[f"{label}.{doubt}"] = say.references[doubt]
    return draft


def _reason(turn: Turn, say: Say, told: Told) -> str:
    """The kind of reason for an item: the strongest that was not given for another, in a pattern that was not lately used."""
    if "silent" in say.references:
        return "silent"
    start = turn.state.turn % len(SAID_NEXT)
    described = "plain" if "what" in say.fragments else "also"
    later = [described if kind == "described" else kind for kind in (*SAID_NEXT[start:], *SAID_NEXT[:start])]
    kinds = (*SAID_FIRST, *later, "also", "plain", "brand")
    new = [kind for kind in kinds if told.is_new(kind, say.words(kind))]
    have = {*say.fragments, *say.references}
    fresh = [kind for kind in new if turn.picker.fresh(f"item_{kind}", have)]
    if fresh or new:
        return (fresh or new)[0]
    return "plain" if say.words("plain") else next((kind for kind in kinds if say.words(kind)), "silent")


def _what_to_say(turn: Turn, item: RankedItem, items: Sequence[RankedItem], asked: Values, rank: str) -> Say:
    product = item.product
    label = turn.labels[product.product_id]
    facts = turn.facts[label].references
    several = turn.several(product)
    quoted = (*QUOTED, *(("rating", "rating_count") if well_rated(product) else ()))
    references = {name: facts.get(f"{label}.{name}", "") for name in quoted}
    price = references["price"]
    references |= {
        "rank": rank,
        "budget": _below_limit(turn, product, items),
        "size": "" if _is_size_said(turn, items) else size_there(item, turn.wishes, turn.scope),
        "tie": f"shoppers who liked what you liked chose {'them' if several else 'it'} too"
        if tied(item, turn.profile.liked_product_ids)
        else "",
        "offer": "" if shared_offer(turn, items) == references["offer"] else references["offer"],
        "unmet": turn.misfits.unmet(item) or _for_a_child(turn, product, items),
        "unknown": turn.misfits.unknown(item),
        "unpriced": "" if price else f"the shop gives no price for {'them' if several else 'it'}",
        "silent": _silent(price, several) if _says_little(turn, product) else "",
    }
    fragments, guess = _fragments(turn, item, items, asked)
    references["guess"] = guess
    kept = {name: text for name, text in references.items() if text}
    return Say({name: text for name, text in fragments.items() if text}, kept)


def _fragments(turn: Turn, item: RankedItem, items: Sequence[RankedItem], asked: Values) -> tuple[dict[str, str], str]:
    """The words about an item, and how to call what is a guess of them."""
    product, speak = item.product, turn.speaker
    source, values = guessed_values(product, turn.guesses, turn.vocabulary)
    guessed = [each for each in values if each[1] not in DULL][:2]
    guess = GUESSED[source] if source is not None and guessed and not turn.picker.lately("item_guess") else ""
    also = _further(turn, product, items, asked)
    several = turn.several(product)
    what = speak.untold_phrase(product, told=" ".join([product.title, *(value for _, value in asked)]))
    return {
        "what": what,
        "plain": what or ("" if asked else speak.noun_phrase(product, told=product.title)),
        "match": speak.complements(asked, several),
        "asked": speak.complements(asked, several),
        "holds": speak.verb_phrase(asked, several),
        "taste": speak.noun_phrase(product, guessed, product.title) if guess else "",
        "also": speak.verb_phrase(also, several),
        "with": speak.complements(also, several),
    }, guess


def _below_limit(turn: Turn, product: Product, items: Sequence[RankedItem]) -> str:
    """ "€20.05 under your limit", of the item that leaves most of it; empty for the others, and where no upper limit was named."""
    limit, price = upper_limit(turn.wishes), turn.prices.get(product.product_id)
    prices = [turn.prices.get(item.product.product_id) for item in items]
    if limit is None or price is None or price > limit or any(other is not None and other < price for other in prices):
        return ""
    return f"{turn.money(limit - price)} under your limit" if limit > price else "right at your limit"


def _for_a_child(turn: Turn, product: Product, items: Sequence[RankedItem]) -> str:
    """That an item is made for children, among others that are not, where nobody asked for that; empty for all others."""
    wished = {wish.value for wish in (*turn.wishes, *turn.guesses) if wish.slot == "gender"}
    if not _is_for_children(product) or wished & CHILDREN or all(_is_for_children(item.product) for item in items):
        return ""
    made_for = turn.speaker.complements([("gender", value) for value in product.gender])
    return f"{'they are' if turn.several(product) else 'it is'} made {made_for}"


def _is_for_children(product: Product) -> bool:
    return bool(product.gender) and CHILDREN.issuperset(product.gender)


def _is_size_said(turn: Turn, items: Sequence[RankedItem]) -> bool:
    """True where the opening has said it, or all of several items are there in the size: that sets none apart."""
    shared = len(items) > 1 and all(size_there(item, turn.wishes, turn.scope) for item in items)
    return shared or turn.picker.has_said("note_sized")


def shared_offer(turn: Turn, items: Sequence[RankedItem]) -> str:
    """The offer that brings the price of most of the items down, where it is that of two or more; empty for none."""
    labels = (turn.labels[item.product.product_id] for item in items)
    counts = Counter(offer for label in labels if (offer := turn.facts[label].references.get(f"{label}.offer")))
    offer, count = max(counts.items(), key=lambda pair: (pair[1], pair[0]), default=("", 0))
    return offer if count > 1 else ""


def _says_little(turn: Turn, product: Product) -> bool:
    """True where the fields say nothing that the title does not say already."""
    told = [value for slot in VALUE_SLOTS if slot not in UNSAID for value in product.values(slot)]
    kind = product.product_type
    return not told and (kind is None or kind in fold(product.title) or turn.speaker.kind(kind, many=True) in fold(product.title))


def _silent(price: str, several: bool) -> str:
    it, its = ("them", "their") if several else ("it", "its")
    return (
        f"the shop tells nothing of {it} but {its} name and the price, {price}"
        if price
        else f"the shop tells {its} name and nothing beyond that, not even a price"
    )


def _further(turn: Turn, product: Product, items: Sequence[RankedItem], asked: Values) -> Values:
    """At most two facts that neither the title nor the wishes have said: what fewest of the others have too; features first, then uses."""
    title = f" {normalise(product.title)} "
    counts = Counter((slot, value) for item in items for slot in VALUE_SLOTS for value in set(item.product.values(slot)))
    for slots in FURTHER:
        fresh = [
            (slot, value)
            for slot in slots
            for value in product.values(slot)
            if (slot, value) not in asked and value not in UNTOLD and f" {normalise(value)} " not in title
        ]
        if fresh:
            return sorted(fresh, key=lambda each: counts[each])[:MOST_ALSO]
    return []
