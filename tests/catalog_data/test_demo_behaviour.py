"""The demo shop's shoppers: what they do makes sense, what they write follows from it, and the offers and the policy hold."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from catalog_data.demo.behaviour import END
from catalog_data.loader import DEMO_SHOP
from catalog_data.schema import Catalog, Interaction, Promotion
from catalog_data.vocabulary import Vocabulary

NOW = datetime(2026, 11, 27, tzinfo=UTC)
SMALL = re.compile(r"\bsmall\b|tight|size up|one up|next one|size bigger|size more|snug", re.I)
LARGE = re.compile(r"\blarge\b|\bbig|size down|size smaller|one smaller|roomy|swimming in|generous", re.I)


def _purchases(shop: Catalog) -> dict[str, list[Interaction]]:
    bought: dict[str, list[Interaction]] = defaultdict(list)
    for event in shop.interactions:
        if event.kind == "purchase":
            bought[event.user_id].append(event)
    return bought


# --- interactions -------------------------------------------------------------------------------------------------------------


def test_there_are_enough_dated_interactions_of_every_kind(demo_shop: Catalog) -> None:
    events = demo_shop.interactions
    kinds = Counter(event.kind for event in events)
    assert len(events) >= 60_000
    assert set(kinds) == {"view", "like", "basket", "purchase", "return", "search"}
    assert kinds["view"] > kinds["basket"] > kinds["purchase"] > kinds["like"] > kinds["return"] > 500
    assert 3_800 <= len({event.user_id for event in events}) <= 4_000
    assert datetime(2025, 5, 20, tzinfo=UTC) <= events[0].at < events[-1].at < END
    assert list(events) == sorted(events, key=lambda event: event.at)
    months = {(event.at.year, event.at.month) for event in events}
    assert len(months) == 19


def test_every_event_is_possible(demo_shop: Catalog) -> None:
    bought: dict[tuple[str, str], datetime] = {}
    for event in demo_shop.interactions:
        if event.kind == "search":
            assert event.query
            assert event.product_id is None
            continue
        product = demo_shop.by_id[str(event.product_id)]
        assert product.added_at is not None
        assert product.added_at < event.at
        if event.kind in ("basket", "purchase", "return"):
            assert event.size in {size.label for size in product.sizes}
        if event.kind == "purchase":
            prices = {money.amount_minor for money in (product.price, product.list_price) if money is not None}
            assert event.price_minor in prices
            bought[event.user_id, product.product_id] = event.at
        if event.kind == "return":
            assert bought[event.user_id, product.product_id] < event.at


def test_shoppers_keep_to_their_sizes(demo_shop: Catalog) -> None:
    worn: dict[tuple[str, str], set[str]] = defaultdict(set)
    for user, events in _purchases(demo_shop).items():
        for event in events:
            product = demo_shop.by_id[str(event.product_id)]
            system = product.sizes[0].system
            if system in ("eu", "waist") and product.gender[0] in ("women", "men"):
                worn[user, f"{system} {product.gender[0]}"].add(str(event.size))
    assert len(worn) > 1_000
    assert all(len(labels) == 1 for labels in worn.values())


def test_searches_use_shopper_words(demo_shop: Catalog, demo_vocabulary: Vocabulary) -> None:
    queries = [event.query for event in demo_shop.interactions if event.query]
    brands = {brand.lower() for brand in demo_shop.brands}
    phrases = set(demo_vocabulary.phrases)

    def understood(query: str) -> bool:
        words = query.split()
        spans = (" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, min(len(words), i + 4) + 1))
        return any(span in phrases or span in brands for span in spans)

    assert len(set(queries)) > 3_000
    assert sum(understood(query) for query in queries) >= 0.97 * len(queries)
    assert all(query == query.lower() and len(query) < 90 for query in queries)


def test_purchases_come_in_outfits(demo_shop: Catalog) -> None:
    """Who buys running shoes sooner buys socks within the hour than others; who buys chinos, a shirt; a raincoat, boots."""
    by_user = {
        user: [(event.at, str(demo_shop.by_id[str(event.product_id)].product_type)) for event in events]
        for user, events in _purchases(demo_shop).items()
    }
    overall = Counter(kind for events in by_user.values() for _, kind in events)
    total = sum(overall.values())
    for first, second in (("running shoes", "socks"), ("chinos", "shirt"), ("raincoat", "rain boots"), ("wool coat", "scarf")):
        followed = [
            sum(kind == second and at < other < at + timedelta(hours=1) for other, kind in events)
            for events in by_user.values()
            for at, anchor in events
            if anchor == first
        ]
        assert len(followed) >= 40, first
        assert sum(map(bool, followed)) / len(followed) > 2.5 * overall[second] / total, (first, second)


def _hit_rate(shop: Catalog, cut: int = 10) -> tuple[float, float]:
    """HR@`cut` of the last purchase of everybody with three or more: damped item-to-item co-occurrence, and popularity."""
    items = {product.product_id: index for index, product in enumerate(shop.products)}
    histories = [list(dict.fromkeys(items[str(e.product_id)] for e in events)) for events in _purchases(shop).values()]
    tested = [history for history in histories if len(history) >= 3]
    train = [history[:-1] if len(history) >= 3 else history for history in histories]
    rows = np.repeat(np.arange(len(train)), [len(history) for history in train])
    matrix = csr_matrix((np.ones(len(rows)), (rows, np.concatenate(train))), shape=(len(train), len(items)))
    counts = np.asarray((matrix.T @ matrix).todense())
    popularity = counts.diagonal().copy()
    np.fill_diagonal(counts, 0)
    scores = counts / (np.sqrt(np.outer(popularity, popularity)) + 10)
    hits = np.zeros(2)
    for history in tested:
        for which, row in enumerate((scores[history[:-1]].sum(axis=0), popularity.copy())):
            row[history[:-1]] = -1
            hits[which] += history[-1] in np.argpartition(-row, cut)[:cut]
    return float(hits[0] / len(tested)), float(hits[1] / len(tested))


def test_collaborative_filtering_has_something_true_to_find(demo_shop: Catalog) -> None:
    item_to_item, popular = _hit_rate(demo_shop)
    assert popular > 0
    assert item_to_item >= 2 * popular


# --- reviews ------------------------------------------------------------------------------------------------------------------


def test_reviews_are_by_buyers_after_they_bought(demo_shop: Catalog) -> None:
    first: dict[tuple[str, str | None], datetime] = {}
    for event in demo_shop.interactions:
        if event.kind == "purchase":
            first.setdefault((event.user_id, event.product_id), event.at)
    assert len(demo_shop.reviews) >= 8_000
    assert len({review.review_id for review in demo_shop.reviews}) == len(demo_shop.reviews)
    assert len({(review.user_id, review.product_id) for review in demo_shop.reviews}) == len(demo_shop.reviews)
    for review in demo_shop.reviews:
        assert first[review.user_id, review.product_id] < review.at < END
        assert 2 <= len(review.text) <= 320
        assert not re.search(r"[{}\[\]|]|deliver|shipping|  ", review.text), review.text


def test_ratings_are_the_means_of_the_stars(demo_shop: Catalog) -> None:
    stars: dict[str, list[int]] = defaultdict(list)
    for review in demo_shop.reviews:
        stars[review.product_id].append(review.stars)
    for product in demo_shop.products:
        given = stars.get(product.product_id, [])
        assert product.rating_count == len(given)
        assert product.rating == (round(sum(given) / len(given), 2) if given else None)


def test_stars_are_spread_as_in_real_shops(demo_shop: Catalog) -> None:
    stars = Counter(review.stars for review in demo_shop.reviews)
    shares = [stars[count] / len(demo_shop.reviews) for count in (5, 4, 3, 2, 1)]
    assert shares == sorted(shares, reverse=True)
    assert 0.35 < shares[0] < 0.6
    assert 0.02 < shares[4] < 0.12


def test_some_styles_clearly_run_small(demo_shop: Catalog) -> None:
    fit: dict[str | None, list[int]] = defaultdict(list)
    for review in demo_shop.reviews:
        small, large = bool(SMALL.search(review.text)), bool(LARGE.search(review.text))
        if small != large:
            fit[demo_shop.by_id[review.product_id].style_id].append(-1 if small else 1)
    clear = [says for says in fit.values() if len(says) >= 4]
    assert sum(says.count(-1) >= 0.75 * len(says) for says in clear) >= 40
    assert sum(says.count(1) >= 0.75 * len(says) for says in clear) >= 20


def test_reviews_are_varied(demo_shop: Catalog) -> None:
    texts = Counter(review.text for review in demo_shop.reviews)
    assert len(texts) >= 0.75 * len(demo_shop.reviews)
    assert texts.most_common(1)[0][1] <= 0.01 * len(demo_shop.reviews)


# --- promotions and policy ----------------------------------------------------------------------------------------------------


def _holds(promotion: Promotion, at: datetime) -> bool:
    return (promotion.starts_at is None or promotion.starts_at <= at) and (promotion.ends_at is None or at < promotion.ends_at)


def test_there_are_promotions_of_every_sort(demo_shop: Catalog) -> None:
    offers = demo_shop.promotions
    assert len(offers) >= 14
    assert {offer.kind for offer in offers} == {"percent", "amount", "buy_x_get_y", "threshold", "free_shipping"}
    assert {offer.promotion_class for offer in offers} == {"item", "order", "shipping"}
    assert any(offer.members_only for offer in offers)
    assert any(offer.scope.excludes_reduced for offer in offers)
    assert any(offer.once_per_customer for offer in offers)
    assert any(offer.code and offer.scope.categories for offer in offers)
    codes = [offer.code for offer in offers if offer.code]
    assert len(codes) == len(set(codes))
    welcome = next(offer for offer in offers if offer.code == "WELCOME10")
    assert (welcome.kind, welcome.percent, welcome.promotion_class, welcome.first_order) == ("percent", 10, "order", True)
    assert welcome.cap_minor


@pytest.mark.parametrize("year", [2026, 2027, 2031])
def test_offers_hold_now_and_in_a_shop_opened_later(demo_shop: Catalog, year: int) -> None:
    holding = [offer for offer in demo_shop.promotions if _holds(offer, NOW.replace(year=year))]
    assert len(holding) >= 8
    assert {offer.kind for offer in holding} == {"percent", "amount", "buy_x_get_y", "threshold", "free_shipping"}


def test_some_offers_have_ended_and_some_have_not_begun(demo_shop: Catalog) -> None:
    by_code = {offer.code: offer for offer in demo_shop.promotions}
    assert by_code["SUMMER20"].ends_at == datetime(2026, 9, 1, tzinfo=UTC)
    assert sum(offer.ends_at is not None and offer.ends_at <= NOW for offer in demo_shop.promotions) >= 2
    assert sum(offer.starts_at is not None and offer.starts_at > NOW for offer in demo_shop.promotions) >= 2


def test_every_offer_touches_something_that_the_shop_sells(demo_shop: Catalog, demo_vocabulary: Vocabulary) -> None:
    for offer in demo_shop.promotions:
        scope = offer.scope
        wanted = {value for category in scope.categories for value in demo_vocabulary.expand("category", category)}
        touched = [
            product
            for product in demo_shop.products
            if (not wanted or product.product_type in wanted)
            and (not scope.brands or product.brand in scope.brands)
            and (not scope.collections or product.collection in scope.collections)
            and (not scope.genders or set(product.gender) & set(scope.genders))
            and not (scope.excludes_reduced and product.list_price)
        ]
        assert len(touched) >= 3, offer.promotion_id


def test_the_policy_agrees_with_the_manifest(demo_shop: Catalog) -> None:
    shipping = demo_shop.manifest.shipping
    assert shipping is not None
    assert shipping.free_from_minor is not None
    sections = {section.heading: section.text for section in demo_shop.policy}
    assert set(sections) >= {
        "Delivery", "Returns", "Exchanges", "Care", "Payment", "Privacy", "Gift wrapping", "Contact", "Sizes",
    }  # fmt: skip
    assert f"{shipping.standard_minor / 100:.2f} EUR" in sections["Delivery"]
    assert f"{shipping.free_from_minor / 100:.2f} EUR" in sections["Delivery"]
    assert "30 days" in sections["Returns"]
    member = next(offer for offer in demo_shop.promotions if offer.members_only)
    assert f"{member.percent} %" in sections["Membership"]
    assert (DEMO_SHOP / "policy.md").read_text(encoding="utf-8").startswith("# ")
