"""What a script expects of a turn's state as lines of Python that hold it against the turn record alone: what a promptfoo assertion of type
`python` runs. The shop's own regular expressions keep their dialect that way.

A record tells of an item no more than its card does (id, title, brand, price, stars, what it was reduced from). What is expected of
its colour, its material and the like, of sizes in stock and of the basket needs the catalog or another call, and is not carried over.
"""

from __future__ import annotations

from collections.abc import Iterator

from assistant.evaluation.conditions import canonical, listed
from assistant.evaluation.export_code import Line, literal, literals, within_code
from assistant.evaluation.script import (
    Expect,
    ItemCondition,
    OffersExpect,
    OutfitsExpect,
    ProductsExpect,
    ProfileExpect,
    RelaxationsExpect,
    ReplyExpect,
)
from assistant.schema import ME
from catalog_data.schema import VALUE_SLOTS
from catalog_data.vocabulary import Vocabulary

CARD_FIELDS = ("product_id", "title", "brand", "price", "rating", "reduced")
PIECE_FIELDS = ("product_id", "title")


def checks(expect: Expect, vocabulary: Vocabulary) -> tuple[Line, ...]:
    """Every expectation but those of the reply's words, in the script's order."""
    return tuple(_all(expect, vocabulary))


def _all(expect: Expect, vocabulary: Vocabulary) -> Iterator[Line]:
    if expect.profile is not None:
        yield from _profile(expect.profile, vocabulary)
    if expect.products is not None:
        yield from _products(expect.products)
    yield from ((f"actions: {each}", f'{literal(each)} in record["actions"]') for each in expect.actions)
    yield from ((f"not_actions: {each}", f'{literal(each)} not in record["actions"]') for each in expect.not_actions)
    if expect.offers is not None:
        yield from _offers(expect.offers)
    if expect.outfits is not None:
        yield from _outfits(expect.outfits)
    if expect.relaxations is not None:
        yield from _relaxations(expect.relaxations)
    if expect.comparison is not None:
        yield "comparison", f'(record["comparison"] is not None) == {expect.comparison}'
    if isinstance(expect.question, str):
        yield "question", f'found({literal(expect.question)}, record["question"] or "") and record["question"] is not None'
    elif expect.question is not None:
        yield "question", f'(record["question"] is not None) == {expect.question}'
    if expect.notices is not None:
        yield from words_of("notices", expect.notices, '"\\n".join(record["notices"])', '"\\n".join(before["notices"])')
    if expect.cart is not None:
        yield "cart", None


def words_of(path: str, expect: ReplyExpect, text: str, earlier: str) -> Iterator[Line]:
    """What is expected of a text, which the expression `text` stands for; `earlier`: that of the turn before."""
    for each in expect.mentions:
        yield f"{path}.mentions: {each}", f"{literal(each.casefold())} in ({text}).casefold()"
    for each in expect.not_mentions:
        yield f"{path}.not_mentions: {each}", f"{literal(each.casefold())} not in ({text}).casefold()"
    if expect.mentions_any:
        some = [each.casefold() for each in expect.mentions_any]
        yield f"{path}.mentions_any", f"any(each in ({text}).casefold() for each in {literals(some)})"
    if expect.max_words is not None:
        yield f"{path}.max_words", f"len(({text}).split()) <= {expect.max_words}"
    yield from patterns_of(path, expect, text, earlier)


def patterns_of(path: str, expect: ReplyExpect, text: str, earlier: str) -> Iterator[Line]:
    """Those of them for which promptfoo has no type of its own with the same meaning: its `regex` minds case."""
    if expect.regex is not None:
        yield f"{path}.regex", f"found({literal(expect.regex)}, {text})"
    if expect.not_regex is not None:
        yield f"{path}.not_regex", f"not found({literal(expect.not_regex)}, {text})"
    if expect.language is not None:
        yield f"{path}.language", f'found("[\\u4e00-\\u9fff]", {text}) == {expect.language == "zh"}'
    if expect.differs is not None:
        yield f"{path}.differs", f"(({text}) != ({earlier})) == {expect.differs}"


def _products(expect: ProductsExpect) -> Iterator[Line]:
    yield from _count("products", expect.min, expect.max, "products")
    for path, condition in (("all", expect.all), ("first", expect.first)):
        if condition is not None:
            shown = "products" if path == "all" else "products[:1]"
            for field in sorted(_given(condition)):
                code = _of_card(field, condition, CARD_FIELDS)
                holds = f"bool({shown}) and all({code} for card in {shown})" if code is not None else None
                yield f"products.{path}.{field}", holds
    for path, condition, wanted in (("none", expect.none, "not any"), ("any", expect.any, "any")):
        if condition is not None:
            parts = [_of_card(field, condition, CARD_FIELDS) for field in sorted(_given(condition))]
            whole = " and ".join(f"({part})" for part in parts if part is not None)
            yield f"products.{path}", f"{wanted}({whole} for card in products)" if None not in parts else None
    if expect.ids is not None:
        yield "products.ids", f"ids == {literals(expect.ids)}"
    if expect.order is not None:
        yield "products.order", _order(expect.order)
    if expect.new is not None:
        yield "products.new", f"set(ids).isdisjoint(earlier) == {expect.new}"
    if expect.same is not None:
        yield "products.same", f"(sorted(ids) == sorted(earlier)) == {expect.same}"


def _given(condition: ItemCondition) -> set[str]:
    return set(condition.model_dump(exclude_none=True))


def _of_card(field: str, condition: ItemCondition, known: tuple[str, ...]) -> str | None:
    """The expression for one field of one `card`; None where a card does not tell."""
    wanted = getattr(condition, field)
    if field not in known:
        return None
    if field == "title":
        return f'found({literal(wanted)}, card["title"])'
    if field == "price":
        return within_code("asked(card)", wanted)
    if field == "rating":
        return within_code('card["rating"]', wanted)
    if field == "reduced":
        return f'(card["list_price"] is not None) == {wanted}'
    if field == "brand":
        return f'(card["brand"] or "").casefold() in {literals(each.casefold() for each in listed(wanted))}'
    return f'card["product_id"] in {literals(listed(wanted))}'


def _count(path: str, least: int | None, most: int | None, of: str) -> Iterator[Line]:
    if least is not None:
        yield f"{path}.min", f"len({of}) >= {least}"
    if most is not None:
        yield f"{path}.max", f"len({of}) <= {most}"


def _order(order: str) -> str:
    values = '[-(card["rating"] or 0) for card in products]'
    if order != "rating":
        sign = "" if order == "price_ascending" else "-"
        values = f"[{sign}asked(card) for card in products if asked(card) is not None]"
    return f"{values} == sorted({values})"


def _offers(expect: OffersExpect) -> Iterator[Line]:
    applied = '[each["promotion_id"] for each in offers["applied"]]'
    yield from ((f"offers.applied: {each}", f"{literal(each)} in {applied}") for each in expect.applied)
    yield from ((f"offers.not_applied: {each}", f"{literal(each)} not in {applied}") for each in expect.not_applied)
    refused = '[each["code"] for each in offers["rejected"]]'
    yield from ((f"offers.rejected: {each}", f"{literal(each)} in {refused}") for each in expect.rejected)
    if expect.saved is not None:
        saved = 'sum(each["amount_minor"] for each in offers["applied"]) / unit'
        yield "offers.saved", within_code(f"({saved})", expect.saved)
    if expect.total is not None:
        total = 'next((line["amount_minor"] / unit for line in offers["receipt"] if line["kind"] == "total"), None)'
        yield "offers.total", within_code(f"({total})", expect.total)


def _outfits(expect: OutfitsExpect) -> Iterator[Line]:
    yield from _count("outfits", expect.min, expect.max, 'record["outfits"]')
    pieces = '[piece for outfit in record["outfits"][:1] for piece in outfit["pieces"]]'
    for role in expect.roles:
        yield f"outfits.roles: {role}", f'{literal(role)} in [piece["role"] for piece in {pieces}]'
    for field in sorted(_given(expect.pieces)) if expect.pieces is not None else ():
        code = _of_card(field, expect.pieces, PIECE_FIELDS) if expect.pieces is not None else None
        yield f"outfits.pieces.{field}", f"all({code} for card in {pieces})" if code is not None else None


def _relaxations(expect: RelaxationsExpect) -> Iterator[Line]:
    yield from _count("relaxations", expect.min, expect.max, 'record["relaxations"]')
    slots = '[each["slot"] for each in record["relaxations"]]'
    yield from ((f"relaxations.slots: {slot}", f"{literal(slot)} in {slots}") for slot in expect.slots)


def _profile(expect: ProfileExpect, vocabulary: Vocabulary) -> Iterator[Line]:
    scope = literal(expect.scope or ME)
    if expect.scope not in (None, ME):
        yield "profile.scope", f'any(each["scope"] == {scope} for each in profile["preferences"])'

    def same(slot: str, wanted: tuple[str, ...], polarity: str) -> str:
        own = next((each for each in VALUE_SLOTS if each == slot), None)
        words = sorted({(word if own is None else canonical(own, word, vocabulary)).casefold() for word in wanted})
        return f"words(held({scope}, {literal(slot)}, {literal(polarity)})) == {literals(words)}"

    for slot in (*VALUE_SLOTS, "size"):
        if getattr(expect, slot) is not None:
            yield f"profile.{slot}", same(slot, listed(getattr(expect, slot)), "like")
    for slot, words in expect.dislikes.items():
        yield f"profile.dislikes.{slot}", same(slot, listed(words), "dislike")
    if expect.price is not None:
        bounds = ", ".join(f"{'None' if b is None else repr(b)}" for b in (expect.price.min, expect.price.max))
        told = '[tuple(b if b is None else b / unit for b in (each["min"], each["max"]))'
        yield "profile.price", f"{told} for each in held({scope}, 'price', 'like')] == [({bounds})]"
    if expect.rating is not None:
        stars = f'[value["stars"] for polarity in ("like", "dislike") for value in held({scope}, "rating", polarity)]'
        yield "profile.rating", f"{stars} == [{expect.rating!r}]"
    for slot in expect.absent:
        yield f"profile.absent: {slot}", f"not strengths({scope}, {literal(slot)})"
    for strength, slots in (("soft", expect.soft), ("hard", expect.hard)):
        for slot in slots:
            yield f"profile.{strength}: {slot}", f"strengths({scope}, {literal(slot)}) == set([{literal(strength)}])"
    gone = '[each["slot"] for each in profile["superseded"]]'
    yield from ((f"profile.superseded: {slot}", f"{literal(slot)} in {gone}") for slot in expect.superseded)
