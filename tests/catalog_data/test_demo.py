"""The demo shop: that it is what its maker makes, and that its items are enough, true to their fields and lawful."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from catalog_data.demo.stock import size_run
from catalog_data.loader import DEMO_SHOP
from catalog_data.schema import VALUE_SLOTS, Catalog, Product, ValueSlot
from catalog_data.vocabulary import Vocabulary

ROOT = Path(__file__).resolve().parents[2]
SEED = "7"
FILES = {
    "README.md", "catalog.yaml", "interactions.csv", "policy.md", "products.jsonl", "promotions.yaml", "reviews.jsonl",
}  # fmt: skip


def _held(product: Product, slot: ValueSlot, value: str, vocabulary: Vocabulary) -> bool:
    return not vocabulary.expand(slot, value).isdisjoint(product.values(slot))


# --- made anew ----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made_twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two runs of the command, side by side, with different orders of hashes."""
    folders = (tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second"))
    command = [sys.executable, "-m", "catalog_data.demo", "--seed", SEED, "--out"]
    runs = [
        subprocess.Popen(
            [*command, str(folder)], cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": str(number)}, stdout=subprocess.PIPE
        )
        for number, folder in enumerate(folders, start=1)
    ]
    for run in runs:
        out, _ = run.communicate(timeout=120)
        assert run.returncode == 0
        assert b"interactions" in out
    return folders


def test_the_same_seed_gives_the_same_bytes(made_twice: tuple[Path, Path]) -> None:
    first, second = made_twice
    assert {path.name for path in first.iterdir()} == FILES
    for name in sorted(FILES):
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_the_committed_files_are_what_the_maker_makes(made_twice: tuple[Path, Path]) -> None:
    remedy = f"run: python -m catalog_data.demo --seed {SEED} --out catalog_data/files"
    for name in sorted(FILES):
        assert (DEMO_SHOP / name).read_bytes() == (made_twice[0] / name).read_bytes(), f"{name} is not up to date; {remedy}"


def test_the_files_are_small_and_say_that_they_are_synthetic(demo_shop: Catalog) -> None:
    assert sum(path.stat().st_size for path in DEMO_SHOP.iterdir()) < 14 * 2**20
    readme = (DEMO_SHOP / "README.md").read_text(encoding="utf-8")
    assert "synthetic" in readme
    assert f"--seed {SEED}" in readme
    for count in (len(demo_shop.products), len(demo_shop.interactions), len(demo_shop.reviews)):
        assert f"{count:,}" in readme


# --- the items ----------------------------------------------------------------------------------------------------------------


def test_it_loads_without_a_problem(demo_shop: Catalog) -> None:
    assert demo_shop.report.problems == ()
    assert demo_shop.report.unmapped == {}
    assert demo_shop.manifest.synthetic
    assert (demo_shop.manifest.catalog_id, demo_shop.manifest.currency) == ("demo", "EUR")


def test_there_is_enough_of_everything(demo_shop: Catalog) -> None:
    assert len(demo_shop.products) >= 2200
    assert len({product.product_type for product in demo_shop.products}) >= 55
    assert len(demo_shop.brands) >= 24
    audiences = Counter(product.gender[0] for product in demo_shop.products)
    assert set(audiences) == {"women", "men", "unisex", "girls", "boys", "kids", "baby"}
    assert min(audiences.values()) >= 30
    colours_of = Counter(product.style_id for product in demo_shop.products)
    assert sum(count > 1 for count in colours_of.values()) >= len(colours_of) / 3
    assert max(colours_of.values()) <= 4


def test_ids_and_titles_name_one_item_each(demo_shop: Catalog) -> None:
    assert len({product.product_id for product in demo_shop.products}) == len(demo_shop.products)
    assert len({product.title.lower() for product in demo_shop.products}) == len(demo_shop.products)
    assert all(re.fullmatch(r"[a-z]{2}-\d{4}", product.product_id) for product in demo_shop.products)
    assert all(len(product.title) <= 90 for product in demo_shop.products)


def test_every_value_is_canonical_and_no_umbrella(demo_shop: Catalog, demo_vocabulary: Vocabulary) -> None:
    for product in demo_shop.products:
        for slot in VALUE_SLOTS:
            if slot != "brand":
                for value in product.values(slot):
                    assert value in demo_vocabulary.values(slot), (product.product_id, slot, value)
                    assert not demo_vocabulary.entry(slot, value).umbrella, (product.product_id, slot, value)


def test_every_item_states_what_a_closed_slot_needs(demo_shop: Catalog) -> None:
    assert "rating" not in demo_shop.manifest.closed_slots
    for product in demo_shop.products:
        assert all((product.product_type, product.brand, product.gender, product.colors, product.materials, product.patterns))
        assert all((product.seasons, product.occasions, product.styles, product.care, product.formality, product.added_at))
        assert product.sizes
        assert product.color_name


def test_no_feature_contradicts_another(demo_shop: Catalog) -> None:
    exclusive = (
        {"halter neck", "long sleeves", "short sleeves", "puff sleeves", "flared sleeves", "spaghetti straps"},
        {"strapless", "sleeveless", "spaghetti straps", "long sleeves", "short sleeves"},
        {"strapless", "v-neck", "halter neck", "one-shoulder", "off-shoulder"},
        {"one-shoulder", "spaghetti straps"},
        {"sheer", "opaque"},
        {"high waist", "mid waist", "low waist"},
        {"underwired", "non-wired"},
        {"double-breasted", "single-breasted"},
        {"machine washable", "dry clean"},
        {"laces", "slip-on"},
        {"crew neck", "v-neck", "round neck", "turtleneck", "square neck"},
    )
    for product in demo_shop.products:
        assert len(set(product.features)) == len(product.features)
        for group in exclusive:
            assert len(group & set(product.features)) <= 1, product.product_id
        assert ("stretch" in product.features) == ("elastane" in product.materials)
        animal = {"leather", "suede", "nappa", "wool", "silk", "down", "shearling", "nubuck"}
        assert "vegan" not in product.features or not animal & set(product.materials)


def test_colours_of_one_style_share_all_but_colour_and_price(demo_shop: Catalog) -> None:
    styles: dict[str | None, list[Product]] = defaultdict(list)
    for product in demo_shop.products:
        styles[product.style_id].append(product)
    for colours in styles.values():
        assert (
            len({(p.product_type, p.brand, p.materials, p.features, p.occasions, p.collection, p.added_at) for p in colours}) == 1
        )
        assert len({product.colors[0] for product in colours}) == len(colours)


def test_prices_are_plausible_and_reductions_lawful(demo_shop: Catalog) -> None:
    reduced = [product for product in demo_shop.products if product.list_price is not None]
    assert 0.15 <= len(reduced) / len(demo_shop.products) <= 0.21
    for product in demo_shop.products:
        assert product.price is not None
        assert 300 <= product.price.amount_minor <= 50_000
        assert (product.list_price is None) == (product.lowest_price_30d is None)
        if product.list_price and product.lowest_price_30d:
            assert product.price.amount_minor < product.lowest_price_30d.amount_minor <= product.list_price.amount_minor
            assert product.struck_price == product.lowest_price_30d


def test_sizes_are_of_the_right_system_and_some_are_sold_out(demo_shop: Catalog) -> None:
    pieces = [size for product in demo_shop.products for size in product.sizes]
    assert 0.05 < sum(size.stock == 0 for size in pieces) / len(pieces) < 0.2
    assert 0 < sum(not product.in_stock for product in demo_shop.products) < 0.05 * len(demo_shop.products)
    for product in demo_shop.products:
        (system,) = {size.system for size in product.sizes}
        run = size_run(system, product.gender[0], product.product_type or "")
        assert set(run) >= {size.label for size in product.sizes}
        assert len({size.label for size in product.sizes}) == len(product.sizes) >= len(run) - 1
        if product.product_type == "dress":
            assert system == ("alpha" if product.gender == ("women",) else "height")


@pytest.mark.parametrize(
    ("least", "wanted", "unwanted", "most_cents", "label"),
    [
        (8, {"category": "dress", "color": "red", "season": "summer", "occasion": "wedding"}, ("material", "lace"), 8000, None),
        (8, {"category": "dress", "color": "red", "season": "summer", "occasion": "wedding"}, ("material", "lace"), 8000, "M"),
        (8, {"category": "dress", "color": "blue", "season": "summer", "occasion": "wedding"}, ("material", "lace"), 8000, "M"),
        (2, {"category": "dress", "color": "coral", "occasion": "wedding"}, None, 8000, None),
        (3, {"category": "dress", "color": "black"}, ("material", "lace"), 6000, None),
        (25, {"occasion": "running", "gender": "women"}, None, None, None),
        (25, {"occasion": "running", "gender": "men"}, None, None, None),
        (150, {"occasion": "work"}, None, None, None),
        (20, {"category": "scarf"}, None, 5000, None),
        (20, {"category": "jewellery"}, None, 5000, None),
        (20, {"category": "bags"}, None, 5000, None),
        (40, {"category": "shirt", "gender": "men"}, None, None, None),
        (3, {"category": "shirt", "gender": "men", "color": "blue"}, None, 3500, None),
        (10, {"category": "raincoat", "gender": "kids"}, None, None, None),
        (25, {"category": "coat", "season": "winter", "gender": "women"}, None, None, None),
        (20, {"category": "coat", "season": "winter", "gender": "men"}, None, None, None),
        (60, {"feature": "vegan"}, None, None, None),
        (50, {"material": "faux leather"}, ("material", "leather"), None, None),
    ],
)
def test_typical_requests_find_stock(
    demo_shop: Catalog,
    demo_vocabulary: Vocabulary,
    least: int,
    wanted: dict[ValueSlot, str],
    unwanted: tuple[ValueSlot, str] | None,
    most_cents: int | None,
    label: str | None,
) -> None:
    found = [
        product
        for product in demo_shop.products
        if product.price is not None
        and product.in_stock
        and all(_held(product, slot, value, demo_vocabulary) for slot, value in wanted.items())
        and not (unwanted and _held(product, *unwanted, demo_vocabulary))
        and (most_cents is None or product.price.amount_minor <= most_cents)
        and (label is None or any(size.label == label and size.in_stock for size in product.sizes))
    ]
    assert len(found) >= least
