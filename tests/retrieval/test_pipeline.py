"""Search, whole: real Chroma, real words, real ranking; the embedder alone is a stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject, SearchStrategy

from catalog_data.schema import Catalog, Manifest, Product
from catalog_data.vocabulary import Vocabulary
from retrieval.assembly import build_search, index_home
from retrieval.candidates import SearchTuning
from retrieval.errors import UnknownProduct
from retrieval.fake_embedding import HashingEmbedder
from retrieval.filters import satisfies
from retrieval.pipeline import SearchEngine
from retrieval.schema import Constraint, ItemQuery, RangeConstraint, Rejection, SearchResult, ValueConstraint

TEXTS = ("", "red dress", "something light for summer", "Borealis & Co", "zebra")
ALWAYS_CHROMA = SearchTuning(pool=50, exact_filtered=0, exact_all=0)


def ids(result: SearchResult) -> list[str]:
    return [item.product.product_id for item in result.items]


def want(slot: str, *values: str, negative: bool = False) -> ValueConstraint:
    return ValueConstraint.model_validate({"slot": slot, "values": values, "negative": negative})


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, shop: Catalog, vocabulary: Vocabulary) -> Iterator[SearchEngine]:
    with build_search(shop, vocabulary, index_home(tmp_path_factory.mktemp("shop")), HashingEmbedder()) as made:
        yield made


@pytest.fixture(scope="module")
def many(many_products: tuple[Product, ...]) -> Catalog:
    manifest = Manifest(catalog_id="many", name="Many", currency="EUR", closed_slots=("material",))
    return Catalog(manifest=manifest, products=many_products, digest="m")


@pytest.fixture(scope="module", params=["exact", "chroma"])
def crowd(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, many: Catalog, vocabulary: Vocabulary
) -> Iterator[SearchEngine]:
    tuning = SearchTuning(pool=50) if request.param == "exact" else ALWAYS_CHROMA
    with build_search(many, vocabulary, index_home(tmp_path_factory.mktemp("many")), HashingEmbedder(), tuning=tuning) as made:
        yield made


def test_a_red_dress_under_80_not_lace(engine: SearchEngine) -> None:
    constraints = (
        want("category", "dress"),
        want("color", "red"),
        RangeConstraint(slot="price", maximum=8000),
        want("material", "lace", negative=True),
    )
    result = engine.search(ItemQuery(text="red dress for a wedding", constraints=constraints))
    assert ids(result) == ["item-01"]
    assert result.matching == 1
    assert [check.status for check in result.items[0].checks] == ["met", "met", "met", "unknown"]
    assert result.items[0].scores.similarity > 0.2
    assert {one.slot for one in result.relaxations} >= {"material", "price", "color"}


def test_words_and_meaning_lead(engine: SearchEngine) -> None:
    assert ids(engine.search(ItemQuery(text="charcoal bag", limit=1))) == ["item-11"]


def test_more_like_this(engine: SearchEngine) -> None:
    result = engine.search(ItemQuery(like_product_id="item-08", limit=13))
    assert "item-08" not in ids(result)
    assert ids(result)[0] == "item-09", "the other sandals"
    assert engine.search(ItemQuery(like_product_id="no-such-item")).matching == 13


def test_similar(engine: SearchEngine) -> None:
    found = engine.similar("item-08", 3)
    assert found[0][0].product_id == "item-09"
    assert [cosine for _, cosine in found] == sorted((cosine for _, cosine in found), reverse=True)
    with pytest.raises(UnknownProduct, match="no-such-item"):
        engine.similar("no-such-item", 3)


def test_out_of_stock_only_when_asked_for(engine: SearchEngine) -> None:
    assert "item-06" not in ids(engine.search(ItemQuery(limit=20)))
    assert "item-06" in ids(engine.search(ItemQuery(limit=20, in_stock_only=False)))


def test_cheapest_is_over_everything_that_passes(engine: SearchEngine) -> None:
    dresses = (want("category", "dress"),)
    assert ids(engine.search(ItemQuery(text="dress", constraints=dresses, sort="price_ascending", limit=2))) == [
        "item-00",
        "item-02",
    ]
    assert ids(engine.search(ItemQuery(text="dress", constraints=dresses, sort="price_descending", limit=1))) == ["item-04"]
    assert ids(engine.search(ItemQuery(text="dress", constraints=dresses, sort="rating", limit=2))) == ["item-01", "item-03"]
    by_price = ids(engine.search(ItemQuery(text="dress", constraints=dresses, sort="price_ascending")))
    assert by_price[-1] == "item-05", "the one without a price comes last"


def test_counts_and_look_up(engine: SearchEngine) -> None:
    assert engine.matching([want("category", "shoes")]) == 3
    assert engine.matching([want("color", "red")], in_stock_only=False) == 5
    assert engine.product("item-03") is not None
    assert engine.product("nobody") is None


@pytest.mark.parametrize("text", ["", " ", "🦓🦓", "\0", "<b>${x}</b>", "dress " * 20_000, "红色连衣裙"])
def test_any_text_is_taken(engine: SearchEngine, text: str) -> None:
    assert len(engine.search(ItemQuery(text=text)).items) == 6


def test_same_query_same_answer_from_many_threads(engine: SearchEngine) -> None:
    queries = [ItemQuery(text=f"{color} {kind}") for color in ("red", "black") for kind in ("dress", "bag", "sandals")] * 5
    expected = [engine.search(query) for query in queries]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(engine.search, queries)) == expected


def test_an_empty_shop_answers(tmp_path_factory: pytest.TempPathFactory, shop: Catalog, vocabulary: Vocabulary) -> None:
    nothing = shop.model_copy(update={"products": ()})
    with build_search(nothing, vocabulary, index_home(tmp_path_factory.mktemp("none")), HashingEmbedder()) as made:
        assert made.search(ItemQuery(text="red dress", constraints=(want("color", "red"),))) == SearchResult(items=(), matching=0)


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_results_obey_and_all_that_exist_can_come(
    data: DataObject,
    crowd: SearchEngine,
    many: Catalog,
    vocabulary: Vocabulary,
    constraint_lists: SearchStrategy[tuple[Constraint, ...]],
) -> None:
    constraints = data.draw(constraint_lists)
    every = [product.product_id for product in many.products]
    excluded = tuple(data.draw(st.lists(st.sampled_from([*every, "no-such-item"]), max_size=20)))
    rejected = tuple(data.draw(st.lists(st.sampled_from(every), max_size=3)))
    faults = st.sampled_from((None, "price", "style", "fit", "quality"))
    blamed = data.draw(st.lists(st.builds(Rejection, product_id=st.sampled_from(every), fault=faults), max_size=2))
    query = ItemQuery(
        text=data.draw(st.sampled_from(TEXTS)),
        constraints=constraints,
        excluded=excluded,
        rejected=rejected,
        rejections=tuple(blamed),
        liked=tuple(data.draw(st.lists(st.sampled_from(every), max_size=2))),
        in_stock_only=data.draw(st.booleans()),
        limit=data.draw(st.sampled_from([1, 6, 60, 500])),
        sort=data.draw(st.sampled_from(["best", "best", "price_ascending", "price_descending", "rating"])),
    )
    wanted = {
        p.product_id
        for p in many.products
        if satisfies(p, constraints, vocabulary, many.manifest.closed_slots)
        and p.product_id not in {*excluded, *rejected, *(each.product_id for each in blamed)}
        and (p.in_stock or not query.in_stock_only)
    }
    result = crowd.search(query)
    found = ids(result)
    assert set(found) <= wanted
    assert len(found) == len(set(found)) == min(query.limit, len(wanted))
    assert result.matching == len(wanted)
    assert not (result.relaxations and len(wanted) >= 3)
    if query.sort == "price_ascending" and len(wanted) <= query.limit:
        prices = [item.product.price.amount_minor for item in result.items if item.product.price is not None]
        assert prices == sorted(prices)


@given(data=st.data(), budget=st.integers(0, 12_000), raise_by=st.integers(0, 12_000))
@settings(max_examples=60, deadline=None)
def test_a_higher_budget_never_loses_an_item(
    data: DataObject, crowd: SearchEngine, constraint_lists: SearchStrategy[tuple[Constraint, ...]], budget: int, raise_by: int
) -> None:
    constraints, text = data.draw(constraint_lists), data.draw(st.sampled_from(TEXTS))

    def under(maximum: int) -> set[str]:
        bound = RangeConstraint(slot="price", maximum=maximum)
        return set(ids(crowd.search(ItemQuery(text=text, constraints=(*constraints, bound), limit=500))))

    assert under(budget) <= under(budget + raise_by)


def test_both_searches_were_used(crowd: SearchEngine, request: pytest.FixtureRequest) -> None:
    writer = crowd.search(ItemQuery(text="red dress")).writer
    assert writer == request.node.callspec.params["crowd"]
