"""Looks: what must hold for each, on small catalogs made by hand and on the demo shop."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import combinations
from random import Random
from typing import Any

import numpy as np
import pytest

from catalog_data.loader import DEMO_SHOP, load_catalog
from catalog_data.schema import Catalog, Interaction, Link, Manifest, Money, Product, SizeStock
from catalog_data.vocabulary import Vocabulary, load_vocabulary
from retrieval.errors import UnknownProduct
from retrieval.filters import satisfies
from retrieval.outfit_columns import NOT_WORN, QUIET_PATTERNS, UNDER_A_SUIT, WEARERS
from retrieval.outfit_reasons import OFTEN
from retrieval.pairings import Pairings
from retrieval.schema import Constraint, Outfit, RangeConstraint, SizeConstraint, ValueConstraint

CLOSED = ("occasion", "season", "pattern", "color", "material")
DAY = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def words() -> Vocabulary:
    return load_vocabulary()


def item(product_id: str, product_type: str | None, **fields: Any) -> Product:
    defaults: dict[str, Any] = {
        "title": product_id,
        "gender": ("women",),
        "colors": ("black",),
        "patterns": ("solid",),
        "price": Money(amount_minor=5000, currency="EUR"),
    }
    return Product.model_validate({**defaults, "product_id": product_id, "product_type": product_type, **fields})


def shop(*products: Product, **fields: Any) -> Catalog:
    manifest = Manifest(catalog_id="t", name="t", currency="EUR", closed_slots=CLOSED)
    return Catalog(manifest=manifest, products=products, digest="0", **fields)


def catalog_price(product: Product) -> int:
    assert product.price is not None
    return product.price.amount_minor


def picked(looks: tuple[Outfit, ...]) -> dict[str, str]:
    return {piece.role: piece.product.product_id for piece in looks[0].pieces} if looks else {}


GOWN = item("gown", "gown", formality=5, occasions=("evening", "black tie"), seasons=("all season",))


def test_a_gown_is_not_worn_with_running_shoes_or_wellingtons(words: Vocabulary) -> None:
    for unfit in (item("run", "running shoes", occasions=("running",)), item("rain", "rain boots", occasions=("outdoors",))):
        assert Pairings(shop(GOWN, unfit), words).complete("gown") == ()
    heels = item("heels", "heels", formality=4, occasions=("evening",))
    assert picked(Pairings(shop(GOWN, unfit, heels), words).complete("gown")) == {"shoes": "heels"}


def test_formality_keeps_unfit_types_away_even_where_no_occasion_is_stated(words: Vocabulary) -> None:
    bare = item("gown", "gown"), item("run", "running shoes"), item("heels", "heels")
    assert picked(Pairings(shop(*bare), words).complete("gown")) == {"shoes": "heels"}


def test_a_dress_gets_no_top_and_no_bottom_and_a_top_no_dress(words: Vocabulary) -> None:
    types = ("dress", "dress", "blouse", "skirt", "trousers", "heels", "handbag", "blazer", "necklace", "scarf")
    pairings = Pairings(shop(*(item(f"{kind}-{place}", kind) for place, kind in enumerate(types))), words)
    assert set(picked(pairings.complete("dress-0"))) == {"shoes", "bag", "outerwear", "accessory"}
    around_top = picked(pairings.complete("blouse-2"))
    assert {"bottom", "shoes"} <= set(around_top)
    assert "dress" not in around_top
    assert len(around_top) == 4


def test_children_and_adults_do_not_share_a_look(words: Vocabulary) -> None:
    anchor = item("dress", "dress")
    for gender in (("girls",), ("kids",), ("baby",), ("men",)):
        assert Pairings(shop(anchor, item("shoes", "flat shoes", gender=gender)), words).complete("dress") == ()
    assert Pairings(shop(anchor, item("shoes", "flat shoes", gender=("unisex",))), words).complete("dress")
    assert Pairings(shop(item("dress", "dress", gender=("girls",)), item("s", "flat shoes", gender=("kids",))), words).complete(
        "dress"
    )


def test_around_a_unisex_piece_all_fit_one_wearer(words: Vocabulary) -> None:
    pieces = [item(f"{kind}-{who}", kind, gender=(who,)) for who in ("women", "men") for kind in ("t-shirt", "jeans", "sneakers")]
    look = Pairings(shop(item("bag", "backpack", gender=("unisex",), formality=2), *pieces), words).complete("bag")[0]
    assert len({piece.product.gender for piece in look.pieces}) == 1
    assert len(look.pieces) == 3


def test_at_most_one_piece_has_a_loud_pattern(words: Vocabulary) -> None:
    anchor = item("dress", "dress", patterns=("floral",))
    loud, quiet = item("loud", "heels", patterns=("leopard print",)), item("quiet", "heels", patterns=("solid",))
    assert picked(Pairings(shop(anchor, loud), words).complete("dress")) == {}
    assert picked(Pairings(shop(anchor, loud, quiet), words).complete("dress")) == {"shoes": "quiet"}
    plain = item("plain", "dress")
    pieces = [item("bag", "handbag", patterns=("striped",)), item("scarf", "scarf", patterns=("tartan",)), loud]
    assert len(Pairings(shop(plain, *pieces), words).complete("plain")[0].pieces) == 1


def test_seasons_that_do_not_meet_are_kept_apart_where_the_catalog_states_them_in_full(words: Vocabulary) -> None:
    summer, winter = item("dress", "dress", seasons=("summer",)), item("boots", "boots", seasons=("winter",))
    assert Pairings(shop(summer, winter), words).complete("dress") == ()
    open_shop = shop(summer, winter).model_copy(update={"manifest": Manifest(catalog_id="t", name="t", currency="EUR")})
    assert Pairings(open_shop, words).complete("dress")


def test_ski_wear_and_running_wear_are_both_sport_and_still_do_not_meet(words: Vocabulary) -> None:
    ski = item("ski", "ski trousers", occasions=("skiing",))
    assert Pairings(shop(ski, item("run", "running shoes", occasions=("running",))), words).complete("ski") == ()
    assert Pairings(shop(ski, item("any", "running shoes", occasions=("sports",))), words).complete("ski")


def test_no_blazer_over_a_suit(words: Vocabulary) -> None:
    suit = item("suit", "suit")
    assert picked(Pairings(shop(suit, item("blazer", "blazer"), item("coat", "wool coat")), words).complete("suit")) == {
        "outerwear": "coat"
    }


def test_a_shirt_completes_a_suit_and_nothing_else_of_its_role_does(words: Vocabulary) -> None:
    suit = item("suit", "suit", gender=("men",), formality=4)
    tops = [item(kind, kind, gender=("men",), formality=4) for kind in ("polo shirt", "sweater", "shirt")]
    rest = [item(kind, kind, gender=("men",), formality=4) for kind in ("trousers", "lace-up shoes", "tie")]
    look = Pairings(shop(suit, *tops, *rest), words).complete("suit")
    assert picked(look) == {"top": "shirt", "shoes": "lace-up shoes", "accessory": "tie"}
    assert picked(Pairings(shop(suit, *tops[:2], *rest), words).complete("suit")) == {
        "shoes": "lace-up shoes",
        "accessory": "tie",
    }


def test_around_a_tie_a_suit_comes_with_its_shirt_and_never_alone(words: Vocabulary) -> None:
    tie, suit, shirt, shoes = (
        item(kind, kind, gender=("men",), formality=4) for kind in ("tie", "suit", "shirt", "lace-up shoes")
    )
    assert picked(Pairings(shop(tie, suit, shirt, shoes), words).complete("tie")) == {
        "dress": "suit",
        "top": "shirt",
        "shoes": "lace-up shoes",
    }
    dress = item("dress", "dress", gender=("women",), formality=4)
    bag = item("bag", "handbag", gender=("women",), formality=4)
    with_dress = Pairings(shop(bag, dress, item("blouse", "blouse", formality=4)), words).complete("bag")
    assert picked(with_dress)["dress"] == "dress"
    assert "top" not in picked(with_dress)


def test_colours_decide_between_equals(words: Vocabulary) -> None:
    dress = item("dress", "dress", colors=("red",))
    clash, match = item("clash", "heels", colors=("purple",)), item("match", "heels", colors=("camel",))
    look = Pairings(shop(dress, clash, match), words).complete("dress")
    assert picked(look) == {"shoes": "match"}
    assert "red goes with camel" in look[0].reasons


def baskets(*together: tuple[str, str]) -> tuple[Interaction, ...]:
    return tuple(
        Interaction(user_id=f"u{place}", kind="purchase", at=DAY + timedelta(days=place), product_id=one)
        for place, pair in enumerate(together)
        for one in pair
    )


def test_what_was_bought_together_decides_between_equals_and_is_said_only_when_it_happened_often(words: Vocabulary) -> None:
    products = (item("dress", "dress"), item("a", "heels"), item("b", "heels"))
    assert picked(Pairings(shop(*products), words).complete("dress")) == {"shoes": "a"}
    for times in (1, OFTEN):
        look = Pairings(shop(*products, interactions=baskets(*[("dress", "b")] * times)), words).complete("dress")
        assert picked(look) == {"shoes": "b"}
        assert ("dress and heels often bought together" in look[0].reasons) is (times >= OFTEN)


def test_purchases_on_different_days_are_not_one_basket(words: Vocabulary) -> None:
    products = (item("dress", "dress"), item("a", "heels"), item("b", "heels"))
    apart = tuple(
        Interaction(user_id="u", kind="purchase", at=DAY + timedelta(days=day), product_id=one)
        for day, one in enumerate(("dress", "b"))
    )
    assert picked(Pairings(shop(*products, interactions=apart), words).complete("dress")) == {"shoes": "a"}


@pytest.mark.parametrize(
    ("relation", "reason"),
    [
        ("shownWith", "dress and heels shown together by the shop"),
        ("bought_with", "dress and heels often bought together"),
        ("otherColors", None),
    ],
)
def test_links_of_the_shop_count_by_their_relation(words: Vocabulary, relation: str, reason: str | None) -> None:
    links = (Link(src="b", dst="dress", relation=relation, weight=3.0),)
    look = Pairings(shop(item("dress", "dress"), item("a", "heels"), item("b", "heels"), links=links), words).complete("dress")
    assert picked(look) == {"shoes": "a" if reason is None else "b"}
    assert [each for each in look[0].reasons if "together" in each] == ([reason] if reason else [])


def test_what_goes_with_a_type_is_learnt_for_items_never_bought(words: Vocabulary) -> None:
    products = [item(f"dress-{n}", "dress") for n in range(30)] + [
        item(f"s-{n}", kind) for n, kind in enumerate(("flat shoes", "heels"))
    ]
    products += [item(f"h-{n}", "heels") for n in range(30)] + [item(f"t-{n}", "t-shirt") for n in range(30)]
    bought = baskets(*[(f"dress-{n}", f"h-{n}") for n in range(1, 30)], *[(f"t-{n}", "s-0") for n in range(30)])
    look = Pairings(shop(*products, interactions=bought), words).complete("dress-0")
    assert picked(look)["shoes"].startswith(("h-", "s-1"))


def test_an_item_borrows_from_those_of_its_type_that_read_like_it(words: Vocabulary) -> None:
    products = (item("new", "dress"), item("old", "dress"), item("other", "dress"), item("a", "heels"), item("b", "heels"))
    vectors = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [0, 1]], dtype=np.float32)
    bought = baskets(("old", "b"), ("other", "a"))
    assert picked(Pairings(shop(*products, interactions=bought), words, vectors).complete("new")) == {"shoes": "b"}
    with pytest.raises(ValueError, match="4 vectors for 5 items"):
        Pairings(shop(*products), words, vectors[:4])


def test_a_budget_holds_for_the_whole_look_and_takes_cheaper_pieces_first(words: Vocabulary) -> None:
    def priced(product_id: str, kind: str, minor: int) -> Product:
        return item(product_id, kind, price=Money(amount_minor=minor, currency="EUR"))

    pieces = [priced("dear", "heels", 9000), priced("cheap", "heels", 3000), priced("bag", "handbag", 2500)]
    pairings = Pairings(shop(priced("dress", "dress", 4000), *pieces), words)
    assert picked(pairings.complete("dress", budget_minor=9500)) == {"shoes": "cheap", "bag": "bag"}
    assert pairings.complete("dress", budget_minor=9500)[0].total.amount_minor == 9500
    assert picked(pairings.complete("dress", budget_minor=9499)) == {"shoes": "cheap"}
    assert pairings.complete("dress", budget_minor=6000) == ()
    halved = pairings.complete("dress", budget_minor=6000, price_of=lambda product: catalog_price(product) // 2)
    assert halved[0].total.amount_minor <= 6000
    assert set(picked(halved)) == {"shoes", "bag"}


def test_stock_exclusion_and_price_are_kept(words: Vocabulary) -> None:
    gone = item("gone", "heels", sizes=(SizeStock(system="eu_shoe", label="38", stock=0),))
    free, foreign = item("free", "heels", price=None), item("foreign", "heels", price=Money(amount_minor=100, currency="USD"))
    pairings = Pairings(shop(item("dress", "dress"), gone, free, foreign, item("left", "heels")), words)
    assert picked(pairings.complete("dress")) == {"shoes": "left"}
    assert pairings.complete("dress", exclude=frozenset(("left", "no such item"))) == ()
    assert pairings.complete("free") == ()


def test_no_piece_stands_in_two_looks(words: Vocabulary) -> None:
    products = [item("dress", "dress"), *(item(f"{kind}-{n}", kind) for kind in ("heels", "handbag") for n in range(2))]
    looks = Pairings(shop(*products), words).complete("dress", count=5)
    assert len(looks) == 2
    assert not set(picked(looks[:1]).values()) & set(picked(looks[1:]).values())


def test_what_makes_no_look_gets_none(words: Vocabulary) -> None:
    products = [item(kind, kind) for kind in ("socks", "perfume", "wallet", "dress", "heels")]
    pairings = Pairings(shop(*products, item("what", None)), words)
    for product_id in ("socks", "perfume", "wallet", "what"):
        assert pairings.complete(product_id) == ()
    with pytest.raises(UnknownProduct, match="'nothing'"):
        pairings.complete("nothing")


# --- the demo shop ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo(words: Vocabulary) -> Catalog:
    return load_catalog(DEMO_SHOP, words)


@pytest.fixture(scope="module")
def pairings(demo: Catalog, words: Vocabulary) -> Pairings:
    return Pairings(demo, words)


def wanted(random: Random, words: Vocabulary) -> list[Constraint]:
    """What a shopper may have said for the whole look."""
    said: list[Constraint] = [
        ValueConstraint(slot="color", values=(random.choice(("black", "blue", "neutrals", "brown")),), negative=True),
        ValueConstraint(
            slot="material", values=(random.choice(("leather", "wool", "synthetic")),), negative=True, strength="soft"
        ),
        ValueConstraint(slot="pattern", values=(random.choice(("striped", "patterned")),), negative=True),
        ValueConstraint(slot="brand", values=("Vantwell", "Zephine"), negative=True),
        ValueConstraint(slot="gender", values=(random.choice(("women", "men")),)),
        SizeConstraint(system="eu_shoe", label=random.choice(("38", "41", "43"))),
        SizeConstraint(system="alpha", label=random.choice(("S", "M", "L"))),
        RangeConstraint(slot="rating", minimum=3.5),
    ]
    return random.sample(said, random.randint(0, 3))


def assert_wearable(look: Outfit, words: Vocabulary) -> None:
    items = [look.anchor, *(piece.product for piece in look.pieces)]
    roles = [words.role(product.product_type) for product in items]
    assert 1 <= len(look.pieces) <= 4
    assert len(set(roles)) == len(roles)
    assert roles[1:] == [piece.role for piece in look.pieces]
    suited = "suit" in {product.product_type for product in items}
    assert not ("dress" in roles and {"bottom"} & set(roles))
    if "dress" in roles and "top" in roles:
        assert suited
        assert items[roles.index("top")].product_type in UNDER_A_SUIT
    assert not NOT_WORN & {product.product_type for product in items[1:]}
    assert sum(not QUIET_PATTERNS.issuperset(product.patterns) for product in items) <= 1
    wearers = 0b11111
    for product in items:
        wearers &= sum(WEARERS[who] for who in product.gender)
    assert wearers
    formal = [product.formality for product in items if product.formality is not None]
    assert max(abs(each - formal[0]) for each in formal) <= 1
    for first, second in combinations(items, 2):
        assert related(first.occasions, second.occasions, words), (first.product_id, second.product_id)
        assert {"all season"} & {*first.seasons, *second.seasons} or set(first.seasons) & set(second.seasons)


def related(first: tuple[str, ...], second: tuple[str, ...], words: Vocabulary) -> bool:
    return any(b in words.expand("occasion", a) or a in words.expand("occasion", b) for a in first for b in second)


def test_looks_of_the_demo_shop_hold_all_that_was_asked(demo: Catalog, words: Vocabulary, pairings: Pairings) -> None:
    random = Random(7)
    found = 0
    for anchor in random.sample(demo.products, 160):
        constraints = wanted(random, words)
        budget = random.choice((None, None, random.randint(3_000, 40_000)))
        exclude = frozenset(product.product_id for product in random.sample(demo.products, 200))
        for look in pairings.complete(anchor.product_id, constraints, budget, count=2, exclude=exclude):
            found += 1
            assert_wearable(look, words)
            hard = [one.model_copy(update={"strength": "hard"}) for one in constraints]
            for piece in look.pieces:
                assert satisfies(piece.product, hard, words, demo.manifest.closed_slots)
                assert piece.product.in_stock
                assert piece.product.product_id not in exclude
            total = sum(catalog_price(product) for product in (look.anchor, *(piece.product for piece in look.pieces)))
            assert look.total.amount_minor == total
            assert budget is None or total <= budget
            assert 0 <= look.score <= 1
    assert found > 150


def test_most_wearable_items_of_the_demo_shop_get_a_look_of_three_or_more(
    demo: Catalog, words: Vocabulary, pairings: Pairings
) -> None:
    wearable = [
        p for p in demo.products if words.role(p.product_type) in ("dress", "top", "bottom", "shoes") and "baby" not in p.gender
    ]
    sample = Random(11).sample(wearable, 120)
    sizes = Counter(len(looks[0].pieces) if (looks := pairings.complete(p.product_id)) else 0 for p in sample)
    assert sum(number for size, number in sizes.items() if size >= 3) >= 100, sizes


def test_most_suits_of_the_demo_shop_get_a_shirt(demo: Catalog, words: Vocabulary, pairings: Pairings) -> None:
    suits = [p for p in demo.products if p.product_type == "suit"]
    looks = [look for suit in suits for look in pairings.complete(suit.product_id)]
    for look in looks:
        assert_wearable(look, words)
    dressed = [look for look in looks if any(piece.role == "top" for piece in look.pieces)]
    assert len(dressed) >= 0.8 * len(suits)


def test_the_same_question_gets_the_same_look(demo: Catalog, words: Vocabulary, pairings: Pairings) -> None:
    again = Pairings(demo, words)
    for anchor in Random(5).sample(demo.products, 15):
        assert again.complete(anchor.product_id, count=2) == pairings.complete(anchor.product_id, count=2)


def test_every_reason_is_true_of_the_data(demo: Catalog, words: Vocabulary, pairings: Pairings) -> None:
    bought = Counter(frozenset(pair) for basket in days_baskets(demo) for pair in combinations(sorted(basket), 2))
    kinds: Counter[str] = Counter()
    for anchor in Random(13).sample(demo.products, 200):
        for look in pairings.complete(anchor.product_id):
            for reason in look.reasons:
                kinds[assert_true(reason, look, bought, words)] += 1
    assert {"color", "occasion", "season", "bought"} <= set(kinds), kinds


def days_baskets(catalog: Catalog) -> list[set[str]]:
    days: dict[tuple[str, str], set[str]] = {}
    for act in catalog.interactions:
        if act.kind == "purchase" and act.product_id is not None:
            days.setdefault((act.user_id, act.at.date().isoformat()), set()).add(act.product_id)
    return list(days.values())


OCCASIONS = {"everyday wear": "everyday", "the outdoors": "outdoors", "formal occasions": "formal", "cocktails": "cocktail"}


def assert_true(reason: str, look: Outfit, bought: Counter[frozenset[str]], words: Vocabulary) -> str:
    """Checks one reason against the catalog; gives its kind. A reason of an unknown form fails."""
    items = [look.anchor, *(piece.product for piece in look.pieces)]
    if " goes with " in reason:
        mine, other = reason.split(" goes with ")
        assert look.anchor.colors[0] == mine
        assert other in {product.colors[0] for product in items[1:] if product.colors}
        return "color"
    if " in " in reason and reason.split(" in ")[0] in ("all", "both"):
        assert {product.colors[0] for product in items if product.colors} == {reason.split(" in ")[1]}
        return "color"
    if reason.endswith(" often bought together"):
        named = reason.removesuffix(" often bought together")
        pairs = [p for p in items[1:] if f"{look.anchor.product_type} and {p.product_type}" == named]
        assert any(bought[frozenset((look.anchor.product_id, p.product_id))] >= OFTEN for p in pairs)
        return "bought"
    who, _, what = reason.partition("for ")
    if who in ("all ", "both ") and {*what.split(" and ")} <= {"spring", "summer", "autumn", "winter"}:
        for product in items:
            assert "all season" in product.seasons or {*what.split(" and ")} <= set(product.seasons)
        return "season"
    occasion = OCCASIONS.get(what, what.removeprefix("a ").removeprefix("an ").removeprefix("the "))
    assert occasion in words.values("occasion"), reason
    named_items = items if who in ("all ", "both ") else named_two(who, items)
    for product in named_items:
        assert set(product.occasions) & words.expand("occasion", occasion), reason
    return "occasion"


def named_two(who: str, items: list[Product]) -> list[Product]:
    pairs = [[items[0], other] for other in items[1:] if who == f"{items[0].product_type} and {other.product_type} both "]
    return pairs[0]
