"""For every field of what a script may expect, a turn in which it holds and one in which it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assistant.evaluation.results import Played
from assistant.schema import Cart, CartLine, Comparison, OffersBlock, Profile, RelaxationCard
from tests.assistant.evaluation.records import bag_offers, cards, look, offer, played, receipt, record
from tests.assistant.rule_shop import profile_of, wish


@dataclass(frozen=True)
class Case:
    """`field`: where it stands among the fields of `Expect`; `fails`: the path that is named where it does not hold."""

    field: str
    expect: dict[str, Any]
    holds: Played
    breaks: Played
    fails: str


ONE, OTHER = cards("i1"), cards("i2")
BOTH = cards("i1", "i2")


def _at(path: str, value: Any) -> dict[str, Any]:
    """{"products": {"min": 3}} of "products.min"."""
    for key in reversed(path.split(".")):
        value = {key: value}
    found: dict[str, Any] = value
    return found


def of_profile(field: str, value: Any, holds: Profile, breaks: Profile, fails: str | None = None) -> Case:
    """What is in force."""
    path = f"profile.{field}"
    return Case(path, _at(path, value), played(record(profile=holds)), played(record(profile=breaks)), fails or path)


def of_item(field: str, value: Any) -> Case:
    """What one item is: i1 is so, i2 is not."""
    return Case(
        f"products.all.{field}",
        _at(f"products.all.{field}", value),
        played(record(ONE)),
        played(record(OTHER)),
        f"products.all.{field}",
    )


def of_words(block: str, field: str, value: Any, good: str, bad: str) -> Case:
    """What is said, in the reply or in the notices; the words of the turn before are "Same as ever."."""
    before = record(reply="Same as ever.", notices=("Same as ever.",))
    key = {"reply": "reply", "notices": "notices"}[block]
    texts: tuple[Any, Any] = (good, bad) if block == "reply" else ((good,), (bad,))
    holds, breaks = (played(record(**{key: text}), before) for text in texts)
    return Case(f"{block}.{field}", _at(f"{block}.{field}", value), holds, breaks, f"{block}.{field}")


def of_record(field: str, value: Any, holds: Any, breaks: Any, fails: str | None = None) -> Case:
    """What stands in one field of the record."""
    key = field.split(".")[0]
    return Case(field, _at(field, value), played(record(**{key: holds})), played(record(**{key: breaks})), fails or field)


def of_products(field: str, value: Any, holds: Played, breaks: Played, fails: str | None = None) -> Case:
    """What is on screen."""
    path = f"products.{field}"
    return Case(path, _at(path, value), holds, breaks, fails or path)


def shown(*product_ids: str, before: tuple[str, ...] = ()) -> Played:
    """These on screen, after those."""
    return played(record(cards(*product_ids)), *([record(cards(*before))] if before else []))


def of_cart(field: str, value: Any, holds: Cart, breaks: Cart | None) -> Case:
    """What is in the basket."""
    path = f"cart.{field}"
    return Case(path, _at(path, value), played(record(), cart=holds), played(record(), cart=breaks), path if breaks else "cart")


LINE = CartLine(product_id="i1", quantity=2, size="M")
VALUES = {
    "category": ("dresses", "dress", "shirt"),
    "color": ("red", "red", "black"),
    "brand": ("aster", "Aster", "Birch"),
    "material": ("linen", "linen", "wool"),
    "pattern": ("striped", "striped", "solid"),
    "fit": ("slim", "slim", "loose"),
    "length": ("midi", "midi", "mini"),
    "size": ("M", "M", "L"),
    "occasion": ("wedding", "wedding", "party"),
    "season": ("summer", "summer", "winter"),
    "style": ("casual", "casual", "sporty"),
    "feature": ("breathable", "breathable", "warm"),
    "gender": ("women", "women", "men"),
}
"""A word as a script says it, the value that it names, and another one."""

RELAXED = (RelaxationCard.model_validate({"slot": "price", "action": "move", "from": "50", "to": "60", "count": 4}),)
SIDES = Comparison(product_ids=("i1", "i2"), rows=())
SAVING = bag_offers(offer("bags", 600), off=600)
REFUSED = OffersBlock(rejected=({"code": "SUMMER20", "reason": "expired"},))

PROFILE_CASES = (
    of_profile("scope", "sister", profile_of(wish("color", "red", scope="sister")), profile_of(wish("color", "red"))),
    *(
        of_profile(slot, said, profile_of(wish(slot, value)), profile_of(wish(slot, value), wish(slot, no)))
        for slot, (said, value, no) in VALUES.items()
    ),
    of_profile(
        "price", {"max": 50}, profile_of(wish("price", {"max": 5_000})), profile_of(wish("price", {"min": 100, "max": 5_000}))
    ),
    of_profile("rating", 4, profile_of(wish("rating", {"stars": 4})), profile_of(wish("rating", {"stars": 3}))),
    of_profile(
        "dislikes",
        {"color": ["black"]},
        profile_of(wish("color", "black", polarity="dislike")),
        profile_of(wish("color", "black")),
        "profile.dislikes.color",
    ),
    of_profile("absent", ["price"], profile_of(wish("color", "red")), profile_of(wish("price", {"max": 5_000}))),
    of_profile("soft", ["color"], profile_of(wish("color", "red", strength="soft")), profile_of(wish("color", "red"))),
    of_profile("hard", ["color"], profile_of(wish("color", "red")), profile_of(wish("color", "red", strength="soft"))),
    of_profile(
        "superseded",
        ["color"],
        Profile.model_validate({"superseded": [wish("color", "red").model_dump() | {"superseded_by_turn": 2}]}),
        profile_of(wish("color", "red")),
    ),
)

ITEM_CASES = (
    of_item("product_id", ["i1", "i9"]),
    of_item("title", "^RED dress"),
    *(of_item(slot, said) for slot, (said, _, _) in VALUES.items()),
    of_item("price", {"lte": 49.9, "gt": 49}),
    of_item("rating", {"gte": 4.6}),
    of_item("in_stock", True),
    of_item("reduced", True),
)

PRODUCT_CASES = (
    of_products("min", 2, shown("i1", "i2"), shown("i1")),
    of_products("max", 1, shown("i1"), shown("i1", "i2")),
    of_products("all", {"color": "red"}, shown("i1", "i4"), played(record())),
    of_products("none", {"color": "black", "brand": "Birch"}, shown("i1", "i5"), shown("i1", "i2")),
    of_products("any", {"brand": "Birch"}, shown("i1", "i2"), shown("i1", "i3")),
    of_products("first", {"brand": "Aster"}, shown("i1", "i2"), shown("i2", "i1")),
    of_products("ids", ["i1", "i2"], shown("i1", "i2"), shown("i2", "i1")),
    of_products("order", "price_ascending", shown("i4", "i1", "i2"), shown("i1", "i4")),
    of_products("order", "price_descending", shown("i2", "i1", "i4"), shown("i4", "i1")),
    of_products("order", "rating", shown("i1", "i2", "i3"), shown("i2", "i1")),
    of_products("new", True, shown("i1", before=("i2",)), shown("i1", before=("i1", "i2"))),
    of_products("new", False, shown("i1", before=("i1",)), shown("i1", before=("i2",))),
    of_products("same", True, shown("i1", "i2", before=("i2", "i1")), shown("i1", before=("i1", "i2"))),
    of_products("same", False, shown("i1", before=("i2",)), shown("i1", before=("i1",))),
)


def word_cases(block: str) -> tuple[Case, ...]:
    """Every field of `ReplyExpect`."""
    return (
        of_words(block, "mentions", ["RED", "dress"], "A red dress.", "A red hat."),
        of_words(block, "mentions_any", ["hat", "Dress"], "A red dress.", "A red scarf."),
        of_words(block, "not_mentions", ["Hat"], "A red dress.", "A red hat."),
        of_words(block, "regex", r"(?P<two>\d\d)\.\d{2}", "At 49.90.", "At 4.90."),
        of_words(block, "not_regex", "GUARANTEE", "A red dress.", "I guarantee it."),
        of_words(block, "language", "zh", "红色连衣裙", "A red dress."),
        of_words(block, "max_words", 3, "A red dress.", "A very red dress."),
        of_words(block, "differs", True, "Other words.", "Same as ever."),
        of_words(block, "differs", False, "Same as ever.", "Other words."),
    )


RECORD_CASES = (
    of_record("actions", ["search"], ("search", "outfit"), ("chat",)),
    Case("not_actions", _at("not_actions", ["handover"]), played(record()), played(record(actions=("handover",))), "not_actions"),
    of_record("offers.applied", ["bags"], SAVING, bag_offers()),
    of_record("offers.not_applied", ["bags"], bag_offers(), SAVING),
    of_record("offers.rejected", ["SUMMER20"], REFUSED, OffersBlock()),
    of_record("offers.saved", {"equals": 6}, SAVING, bag_offers()),
    of_record("offers.total", {"lt": 30}, SAVING, OffersBlock(receipt=receipt(("total", 3_000)))),
    of_record("outfits.min", 1, (look("i1", ("shoes", "i4")),), ()),
    of_record("outfits.max", 0, (), (look("i1", ("shoes", "i4")),)),
    of_record("outfits.roles", ["shoes"], (look("i1", ("shoes", "i4")),), (look("i1", ("bag", "i5")),)),
    of_record("outfits.pieces", {"title": "sandals"}, (look("i1", ("shoes", "i4")),), (look("i1", ("bag", "i5")),)),
    of_record("relaxations.min", 1, RELAXED, ()),
    of_record("relaxations.max", 0, (), RELAXED),
    of_record("relaxations.slots", ["price"], RELAXED, ()),
    of_record("comparison", True, SIDES, None),
    of_record("comparison", False, None, SIDES),
    of_record("question", True, "Which size?", None),
    of_record("question", False, None, "Which size?"),
    of_record("question", "SIZE|fit", "Which size?", "For whom?"),
    of_record("question", "size", "Which size?", None),
)

CART_CASES = (
    of_cart("lines", 1, Cart(lines=(LINE,)), Cart()),
    of_cart("quantity", 2, Cart(lines=(LINE,)), Cart()),
    of_cart("codes", ["BAG15"], Cart(codes=("BAG15",)), Cart()),
    of_cart("sizes", ["M"], Cart(lines=(LINE,)), Cart()),
    of_cart("lines", 0, Cart(), None),
)

CASES = (
    *PROFILE_CASES,
    *ITEM_CASES,
    *PRODUCT_CASES,
    *word_cases("reply"),
    *word_cases("notices"),
    *RECORD_CASES,
    *CART_CASES,
)
