"""The composer's words about the conversation: answers, comparisons, reasons, courtesy, the one question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.guide.english import listed, run
from assistant.guide.explain import avoided_values, met_values, reasons, standings
from assistant.guide.references import plain
from assistant.guide.turn import Draft, Turn
from assistant.guide.wishes import known_list, noted
from assistant.schema import Answer, AskAction
from catalog_data.schema import VALUE_SLOTS, Product, ValueSlot
from retrieval.schema import RankedItem

ANSWERS_SAID = 4
REASONS_SAID = 4
PRICE_ASKED = re.compile(
    r"\b(?:cheap|cheaper|cheapest|less expensive|least expensive|costs? (?:less|more)|price|dearer|dearest)\b", re.IGNORECASE
)
"""Words of a message that ask of things compared what they cost."""
ALL_ASKED = re.compile(r"\b(?:compar\w*|differ\w*|side by side)\b", re.IGNORECASE)
DIFFERENCES: tuple[ValueSlot, ...] = ("material", "length", "fit", "color", "pattern", "occasion", "feature", "style")
PLAIN = {"solid": "plain", "all season": "any season"}
SLOT_WORDS: dict[str, str] = {
    "category": "kind",
    "color": "colour",
    "feature": "details",
    "size": "sizes",
    "care": "care",
}


def answers(turn: Turn) -> Iterator[Draft]:
    """What the shop says to what was asked: one section an item, which each names, so that no two can be mistaken for one another."""
    described = turn.results.described
    about: dict[str, list[Answer]] = {}
    for each in turn.results.answers:
        product_id = each.product_id or (described.product_id if described is not None else "")
        about.setdefault(product_id, []).append(each)
    known = ((turn.catalog.by_id.get(product_id), told) for product_id, told in about.items() if product_id in turn.labels)
    for place, (product, told) in enumerate(((each, told) for each, told in known if each is not None), 1):
        yield _answers_about(turn, product, told[:ANSWERS_SAID], "answer" if place == 1 else f"answer{place}")


def _answers_about(turn: Turn, product: Product, told: Sequence[Answer], section_id: str) -> Draft:
    """All that is answered of one item. The first answer has its title, those after it "it"."""
    label = turn.labels[product.product_id]
    several = turn.several(product)
    draft = Draft(kind="answer", section_id=section_id, labels=(label,))
    title = turn.facts[label].references[f"{label}.title"]
    for place, each in enumerate(told, 1):
        subject = title if place == 1 else "they" if several else "it"
        if each.status == "yes" and each.slot in VALUE_SLOTS and each.slot != "brand":
            says = turn.speaker.verb_phrase([(each.slot, each.asked)], several)
            if place == 1:
                draft.say(turn, "answer_yes", {"says": says}, {"title": title}, (), label, several)
            else:
                draft.say(turn, "answer_yes_too", {"says": says}, {}, (), label, several)
            continue
        _say_text(turn, draft, f"{section_id}.text{place}", _answer_text(turn, product, each, subject), each.status)
    return draft


def _say_text(turn: Turn, draft: Draft, name: str, text: str, status: str) -> None:
    pool = {"yes": "answer_value", "value": "answer_value", "no": "answer_no", "unknown": "answer_unknown"}[status]
    if draft.say(turn, pool, references={"answer.text": text}):
        draft.sentences[-1] = draft.sentences[-1].replace("{answer.text}", f"{{{name}}}")
        draft.references[name] = draft.references.pop("answer.text")


def _answer_text(turn: Turn, product: Product, each: Answer, it: str) -> str:
    """A clause about the item, which it calls `it`."""
    several = turn.several(product)
    is_, has = ("are", "have") if several else ("is", "has")
    values = (run if each.slot == "size" else listed)([plain(value, 200) for value in each.values])
    if each.status == "unknown":
        return _unknown_text(turn, product, each, it)
    if each.slot == "size":
        asked = plain(each.asked, 20)
        if each.status == "no":
            return f"{it} {is_} not there in {asked}" + (f", but in {values}" if values else "")
        return f"{it} {is_} there in {asked if each.status == 'yes' else values}"
    if each.slot == "brand":
        maker = plain(product.brand or "", 60)
        return f"{it} {is_} by {maker}" + (f", not by {plain(each.asked, 60)}" if each.status == "no" else "")
    if each.status == "no":
        return f"{it} {_denied(turn, each, several)}"
    if each.slot == "price":
        return f"{it} {'cost' if several else 'costs'} {turn.money(turn.prices[product.product_id])}"
    if each.slot == "rating":
        return f"{it} {is_} rated {values}"
    if each.slot == "care":
        of_it = "" if it in ("it", "they") else f" for {it}"
        return f"the care label{of_it} says: {', '.join(plain(value, 200) for value in each.values)}"
    if each.slot == "category":
        return f"{it} {is_} {turn.speaker.noun_phrase(product)}"
    if each.slot in VALUE_SLOTS:
        return f"{it} {turn.speaker.verb_phrase([(each.slot, value) for value in each.values], several)}"
    return f"{it} {has} {values}"


def _denied(turn: Turn, each: Answer, several: bool) -> str:
    is_, has = ("are", "have") if several else ("is", "has")
    if each.slot == "material":
        return f"{is_} not made of {each.asked}"
    says = turn.speaker.complement(each.slot, each.asked, several) if each.slot in VALUE_SLOTS else each.asked
    if says.startswith("with "):
        return f"{has} no {says.removeprefix('with ').removeprefix('a ').removeprefix('an ')}"
    return f"{is_} not {'listed ' if says.startswith('for ') else ''}{says}"


def _unknown_text(turn: Turn, product: Product, each: Answer, it: str) -> str:
    several = turn.several(product)
    if each.slot in VALUE_SLOTS and each.asked != each.slot:
        subject = "" if it in ("it", "they") else it
        return f"the shop does not say {turn.misfits.question(each.slot, each.asked, several, subject)}"
    them = it if it not in ("it", "they") else "them" if several else "it"
    return f"the shop gives no {SLOT_WORDS.get(each.slot, each.slot)} for {them}"


def comparison(turn: Turn) -> Draft:
    """What they cost, where they differ, and which meets more of the wishes; all of it stands in the table beside. A question about the
    price alone is answered by the prices."""
    compared = turn.results.comparison
    products = [turn.catalog.by_id[each] for each in (compared.product_ids if compared else ()) if each in turn.catalog.by_id]
    draft = Draft(kind="comparison", section_id="comparison", labels=tuple(turn.labels[p.product_id] for p in products))
    # One order throughout, so that "leather against canvas" is said of the items as they were named.
    products.sort(key=lambda product: (turn.prices.get(product.product_id, 0), product.product_id))
    price = _price_text(turn, products)
    if not price:
        draft.say(turn, "compare_lead", references={"compare.titles": listed([plain(product.title) for product in products])})
    texts = {"compare_price": ("compare.price", price)}
    if not (price and PRICE_ASKED.search(turn.message) and not ALL_ASKED.search(turn.message)):
        texts |= {
            "compare_differs": ("compare.differs", _differences(turn, products)),
            "compare_advice": ("compare.advice", _advice(turn, products)),
        }
        if not texts["compare_differs"][1]:
            texts["compare_shares"] = ("compare.shares", _shared(turn, products))
    for pool, (name, text) in texts.items():
        if text:
            draft.say(turn, pool, references={name: text})
    return draft


def _price_text(turn: Turn, products: Sequence[Product]) -> str:
    """Who costs what, as `products` stand, least first, and the gap between two; empty where a price is not known."""
    if any(product.product_id not in turn.prices for product in products):
        return ""
    first, *others = products
    cost = turn.money(turn.prices[first.product_id])
    gap = turn.prices[products[-1].product_id] - turn.prices[first.product_id]
    if not gap:
        return f"{listed([plain(p.title) for p in products])} {'both' if len(products) == 2 else 'all'} cost {cost}"
    less = "less" if len(products) == 2 else "least"
    dearer = [f"{plain(p.title)} {turn.money(turn.prices[p.product_id])}" for p in others]
    apart = f", {turn.money(gap)} apart" if len(products) == 2 else ""
    return f"{plain(first.title)} {'cost' if turn.several(first) else 'costs'} {less}, {cost}, and {listed(dearer)}{apart}"


def _differences(turn: Turn, products: Sequence[Product]) -> str:
    """At most three slots in which the shop states different things of every item, each with what only that item has: "leather against
    canvas"; of three items and more with the slot's name, in their order."""
    found = []
    for slot in DIFFERENCES:
        values = [product.values(slot) for product in products]
        own = [[v for v in each if sum(v in other for other in values) < len(values)] for each in values]
        if all(own):
            texts = [listed([PLAIN.get(value, plain(value, 60)) for value in each[:2]]) for each in own]
            found.append(" against ".join(texts) if len(texts) == 2 else f"{SLOT_WORDS.get(slot, slot)} ({'; '.join(texts)})")
    return "; ".join(found[:3])


def _shared(turn: Turn, products: Sequence[Product]) -> str:
    found = []
    for slot in DIFFERENCES:
        common = [value for value in products[0].values(slot) if all(value in other.values(slot) for other in products[1:])]
        if common:
            found.append(f"{SLOT_WORDS.get(slot, slot)} ({listed([plain(value, 60) for value in common[:3]])})")
    return listed(found[:3])


def _advice(turn: Turn, products: Sequence[Product]) -> str:
    """The item that meets more of the wishes than every other, with those it meets; empty where none does."""
    met = [(met_values(product, turn.wishes, turn.vocabulary), product) for product in products]
    ranked = sorted(met, key=lambda pair: -len(pair[0]))
    if len(ranked) < 2 or len(ranked[0][0]) <= len(ranked[1][0]):
        return ""
    values, product = ranked[0]
    return f"{plain(product.title)} meets more of your wishes: {turn.speaker.complements(values[:3], turn.several(product))}"


def explanation(turn: Turn, item: RankedItem) -> Draft:
    """Why an item is shown: the wishes with the words that said them, the other reasons, what its place comes from, how to change it."""
    draft = Draft(kind="explanation", section_id="explanation", labels=(turn.labels[item.product.product_id],))
    texts = [*_said_reasons(turn, item), *_other_reasons(turn, item)][:REASONS_SAID]
    listed_reasons = "; ".join(texts) if texts else "nothing else came nearer to your words"
    references = {"explain.title": plain(item.product.title), "explain.reasons": listed_reasons}
    draft.say(turn, "explain_lead", references=references, several=turn.several(item.product))
    draft.say(turn, "explain_order", references={"explain.parts": place_text(turn, item)}, several=turn.several(item.product))
    draft.say(turn, "explain_change")
    return draft


def _said_reasons(turn: Turn, item: RankedItem) -> list[str]:
    """What the item meets of the wishes, by the shopper's words and their turn."""
    several = turn.several(item.product)
    it = "they" if several else "it"
    met: dict[str, list[tuple[ValueSlot, str]]] = {}
    for wish in turn.wishes:
        values = met_values(item.product, [wish], turn.vocabulary)
        if values or avoided_values(item, [wish]):
            met.setdefault(f"you said “{plain(wish.evidence, 80)}” on turn {wish.turn}", []).extend(values)
    keeps = f"{it} {'keep' if several else 'keeps'} to that"
    return [
        f"{said}, and {f'{it} {turn.speaker.verb_phrase(values, several)}' if values else keeps}" for said, values in met.items()
    ]


def _other_reasons(turn: Turn, item: RankedItem) -> list[str]:
    """The reasons that are no wish put in words: price, size, other shoppers' choices, purchases, rating; how it stands beside the others."""
    kinds = ("price", "size", "tie", "usual", "rating")
    wishes, liked = turn.profile.in_scope(turn.scope), turn.profile.liked_product_ids
    told = [
        (kind, text) for kind, text in reasons(item, wishes, liked, turn.scope, turn.vocabulary, turn.language) if kind in kinds
    ]
    it_is = "they are" if turn.several(item.product) else "it is"
    texts = [text if kind == "tie" else f"{it_is} {'rated ' if kind == 'rating' else ''}{text}" for kind, text in told]
    rank = standings(turn.results.items, turn.prices, turn.vocabulary).get(item.product.product_id)
    return [*texts, *([f"{it_is} {rank}"] if rank else [])]


def place_text(turn: Turn, item: RankedItem) -> str:
    """What an item's place comes from, in words: only what counted for it. The figures stand with its card."""
    scores = item.scores
    is_, meets, it = ("are", "meet", "they") if turn.several(item.product) else ("is", "meets", "it")
    parts = [f"how near {it} {is_} to your words"]
    parts += [f"how many of your softer wishes {it} {meets}"] if scores.preference > 0 else []
    parts += ["what shoppers with your likes chose"] if scores.collaborative > 0 else []
    parts += [f"how often {it} {is_} chosen here"] if scores.popularity > 0 else []
    return listed(parts)


def chat(turn: Turn, about: str) -> Draft:
    """An answer that needs no catalog."""
    draft = Draft(kind="chat", section_id=f"chat_{about}")
    references = {
        "shop.name": plain(turn.catalog.manifest.name, 80),
        "heard.noted": noted(turn),
        "profile.list": known_list(turn),
    }
    draft.say(turn, _chat_pool(turn, about), references=references)
    return draft


def _chat_pool(turn: Turn, about: str) -> str:
    if about == "greeting":
        return "greeting" if turn.state.turn == 0 else "greeting_again"
    if about == "profile":
        return "profile" if known_list(turn) else "profile_empty"
    if about == "noted":
        return "noted_with" if noted(turn) else "noted"
    return about


def ask(turn: Turn, action: AskAction) -> Draft:
    """The one question of the turn."""
    draft = Draft(kind="closing", section_id="ask")
    pool = action.question_id if action.question_id in turn.voice.pools else "which_item"
    draft.say(turn, pool)
    return draft
