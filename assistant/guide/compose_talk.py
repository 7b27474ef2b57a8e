"""The composer's words about the conversation: answers, comparisons, reasons, courtesy, the one question."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.guide.compose_items import standings
from assistant.guide.english import listed
from assistant.guide.explain import met_values, reasons
from assistant.guide.references import plain
from assistant.guide.turn import Draft, Turn
from assistant.guide.wishes import known_list, noted
from assistant.schema import Answer, AskAction, Preference
from catalog_data.schema import VALUE_SLOTS, Product, ValueSlot
from retrieval.schema import RankedItem, Scores

ANSWERS_SAID = 4
DIFFERENCES: tuple[ValueSlot, ...] = ("material", "length", "fit", "color", "pattern", "occasion", "feature", "style")
PLAIN = {"solid": "plain", "all season": "any season"}
SLOT_WORDS: dict[str, str] = {
    "category": "kind",
    "color": "colour",
    "feature": "details",
    "size": "sizes",
    "care": "care",
}


def answers(turn: Turn, product: Product) -> Draft:
    """What the shop says to what was asked of an item."""
    label = turn.labels[product.product_id]
    draft = Draft(kind="answer", section_id="answer", labels=(label,))
    title = {"title": turn.facts[label].references[f"{label}.title"]}
    several = turn.several(product)
    for place, each in enumerate(turn.results.answers[:ANSWERS_SAID], 1):
        if each.status == "yes" and each.slot in VALUE_SLOTS and each.slot != "brand":
            says = turn.speaker.verb_phrase([(each.slot, each.asked)], several)
            draft.say(turn, "answer_yes", {"says": says}, title, (), label, several)
            continue
        _say_text(turn, draft, f"answer{place}.text", _answer_text(turn, product, each), each.status)
    return draft


def _say_text(turn: Turn, draft: Draft, name: str, text: str, status: str) -> None:
    pool = {"yes": "answer_value", "value": "answer_value", "no": "answer_no", "unknown": "answer_unknown"}[status]
    if draft.say(turn, pool, references={"answer.text": text}):
        draft.sentences[-1] = draft.sentences[-1].replace("{answer.text}", f"{{{name}}}")
        draft.references[name] = draft.references.pop("answer.text")


def _answer_text(turn: Turn, product: Product, each: Answer) -> str:
    """A clause with the item's title in it."""
    title = plain(product.title)
    several = turn.several(product)
    is_, has = ("are", "have") if several else ("is", "has")
    values = listed([plain(value, 200) for value in each.values])
    if each.status == "unknown":
        return _unknown_text(turn, product, each)
    if each.slot == "size":
        if each.status == "yes":
            return f"{title} {is_} there in {plain(each.asked, 20)}"
        if each.status == "no":
            return f"{title} {is_} not there in {plain(each.asked, 20)}" + (f", but in {values}" if values else "")
        return f"{title} {is_} there in {values}"
    if each.slot == "brand":
        maker = plain(product.brand or "", 60)
        return f"{title} {is_} by {maker}" + (f", not by {plain(each.asked, 60)}" if each.status == "no" else "")
    if each.status == "no":
        return f"{title} {_denied(turn, each, several)}"
    if each.slot == "price":
        return f"{title} {'cost' if several else 'costs'} {turn.money(turn.prices[product.product_id])}"
    if each.slot == "rating":
        return f"{title} {is_} rated {values}"
    if each.slot == "care":
        return f"the care line of {title} says: {'; '.join(plain(value, 200) for value in each.values)}"
    if each.slot == "category":
        return f"{title} {is_} {turn.speaker.noun_phrase(product)}"
    if each.slot in VALUE_SLOTS:
        return f"{title} {is_} {turn.speaker.complements([(each.slot, value) for value in each.values], several)}"
    return f"{title} {has} {values}"


def _denied(turn: Turn, each: Answer, several: bool) -> str:
    is_, has = ("are", "have") if several else ("is", "has")
    if each.slot == "material":
        return f"{is_} not made of {each.asked}"
    says = turn.speaker.complement(each.slot, each.asked, several) if each.slot in VALUE_SLOTS else each.asked
    if says.startswith("with "):
        return f"{has} no {says.removeprefix('with ').removeprefix('a ').removeprefix('an ')}"
    return f"{is_} not {'listed ' if says.startswith('for ') else ''}{says}"


def _unknown_text(turn: Turn, product: Product, each: Answer) -> str:
    title = plain(product.title)
    if each.slot in VALUE_SLOTS and each.asked != each.slot:
        return f"the shop does not say {turn.misfits.question(each.slot, each.asked, turn.several(product), title)}"
    return f"the shop gives no {SLOT_WORDS.get(each.slot, each.slot)} for {title}"


def comparison(turn: Turn) -> Draft:
    """Which items, what they cost, where they differ, what they share, and which fits the wishes better."""
    compared = turn.results.comparison
    products = [turn.catalog.by_id[each] for each in (compared.product_ids if compared else ()) if each in turn.catalog.by_id]
    draft = Draft(kind="comparison", section_id="comparison", labels=tuple(turn.labels[p.product_id] for p in products))
    titles = listed([plain(product.title) for product in products])
    draft.say(turn, "compare_lead", references={"compare.titles": titles})
    texts = {
        "compare_price": ("compare.price", _price_text(turn, products)),
        "compare_differs": ("compare.differs", _differences(turn, products)),
        "compare_shares": ("compare.shares", _shared(turn, products)),
        "compare_advice": ("compare.advice", _advice(turn, products)),
    }
    for pool, (name, text) in texts.items():
        if text:
            draft.say(turn, pool, references={name: text})
    return draft


def _price_text(turn: Turn, products: Sequence[Product]) -> str:
    """Who costs what, and the gap between two."""
    if any(product.product_id not in turn.prices for product in products):
        return ""
    order = sorted(products, key=lambda p: (turn.prices[p.product_id], p.product_id))
    told = listed(
        [f"{plain(p.title)} {'cost' if turn.several(p) else 'costs'} {turn.money(turn.prices[p.product_id])}" for p in order]
    )
    gap = turn.prices[order[-1].product_id] - turn.prices[order[0].product_id]
    return f"{told}, a difference of {turn.money(gap)}" if gap and len(order) == 2 else told


def _differences(turn: Turn, products: Sequence[Product]) -> str:
    """At most four slots in which the shop states different things of every item: "viscose against linen"; three items and more with the
    slot's name, in their order."""
    found = []
    for slot in DIFFERENCES:
        values = [product.values(slot) for product in products]
        if all(values) and len(set(values)) > 1:
            texts = [listed([PLAIN.get(value, plain(value, 60)) for value in each[:3]]) for each in values]
            found.append(" against ".join(texts) if len(texts) == 2 else f"{SLOT_WORDS.get(slot, slot)} ({'; '.join(texts)})")
    return "; ".join(found[:4])


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
    """Why an item is shown: the wishes with the words that said them, the other reasons, the parts of the score, how to change it."""
    draft = Draft(kind="explanation", section_id="explanation", labels=(turn.labels[item.product.product_id],))
    texts = [*_said_reasons(turn, item), *_other_reasons(turn, item)]
    listed_reasons = "; ".join(texts) if texts else "it came nearest to the words of your search"
    draft.say(turn, "explain_lead", references={"explain.title": plain(item.product.title), "explain.reasons": listed_reasons})
    draft.say(turn, "explain_order", references={"explain.parts": score_text(item.scores)})
    draft.say(turn, "explain_change")
    return draft


def _said_reasons(turn: Turn, item: RankedItem) -> list[str]:
    """Each wish that the item meets, with the shopper's words and their turn."""
    several = turn.several(item.product)
    it, is_ = ("they", "are") if several else ("it", "is")
    found = []
    for wish in turn.wishes:
        values = met_values(item.product, [wish], turn.vocabulary)
        if values:
            says = turn.speaker.complements(values, several)
            found.append(f"{_source(wish)}, and {it} {is_} {says}")
        elif wish.polarity == "dislike" and f"not {wish.value}" in {c.value for c in item.checks if c.status == "met"}:
            found.append(f"{_source(wish)}, and {it} {'keep' if several else 'keeps'} to that")
    return found[:4]


def _source(wish: Preference) -> str:
    words = plain(wish.evidence, 80)
    return f"you said “{words}” on turn {wish.turn}" if wish.source == "stated" else f"{words}"


def _other_reasons(turn: Turn, item: RankedItem) -> list[str]:
    """The reasons that are no wish put in words: price, size, other shoppers' choices, rating; and how it stands beside the others."""
    kinds = ("price", "size", "tie", "rating")
    told = [
        text
        for kind, text in reasons(item, turn.wishes, turn.profile.liked_product_ids, turn.scope, turn.vocabulary, turn.language)
        if kind in kinds
    ]
    it_is = "they are" if turn.several(item.product) else "it is"
    texts = [text if text.startswith("shoppers") else f"{it_is} {'rated ' if 'stars' in text else ''}{text}" for text in told]
    rank = standings(turn, turn.results.items).get(item.product.product_id)
    return [*texts, *([f"{it_is} {rank}"] if rank else [])]


def score_text(scores: Scores) -> str:
    """The parts of a score in words and figures, as they were added up."""
    return (
        f"closeness to your words counts {scores.similarity:.2f}, choices of shoppers with your likes {scores.collaborative:.2f}, "
        f"softer wishes met {scores.preference:.2f}, and how much it is chosen here {scores.popularity:.2f}; "
        f"weighed together {scores.total:.2f} of 1"
    )


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
