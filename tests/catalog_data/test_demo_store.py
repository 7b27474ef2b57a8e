"""A Retail Demo Store: what its names and descriptions state is read and nothing else, and bad input costs only itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog_data.adapters.demo_store import MANIFEST, OFFERS, PRODUCTS
from catalog_data.adapters.demo_store_rows import RULES_FILE, RowReader, load_rules, mended
from catalog_data.adapters.stating import load_text
from catalog_data.errors import CatalogEmpty, CatalogUnreadable, VocabularyInvalid
from catalog_data.loader import load_catalog
from catalog_data.schema import VALUE_SLOTS, Catalog, Product
from catalog_data.vocabulary import Vocabulary, load_vocabulary

DATA = Path(__file__).resolve().parents[2] / "../shared/data/demo_store"
Row = dict[str, Any]


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary()


@pytest.fixture(scope="module")
def reader(vocabulary: Vocabulary) -> RowReader:
    return RowReader(vocabulary, load_rules(vocabulary), load_text(vocabulary))


def row(number: int = 1, **fields: Any) -> Row:
    base: Row = {
        "id": f"s{number}",
        "current_stock": 15,
        "name": "Classic Brown Leather Oxfords",
        "category": "footwear",
        "style": "formal",
        "description": "Timeless brown leather oxfords with white stitching. Perfect for the office, paired with a navy suit.",
        "price": 129.99,
        "image": "s1.jpg",
        "gender_affinity": "M",
        "where_visible": "UI",
    }
    return base | fields


def write(folder: Path, rows: list[Any], offers: Any = None, **raw: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / PRODUCTS).write_bytes(raw.get("products") or yaml.safe_dump(rows, sort_keys=False, allow_unicode=True).encode())
    if offers is not None:
        (folder / OFFERS).write_bytes(offers if isinstance(offers, bytes) else json.dumps(offers).encode())
    return folder


def one(folder: Path, item: Row, vocabulary: Vocabulary) -> Product:
    catalog = load_catalog(write(folder, [item]), vocabulary)
    assert catalog.report.problems == ()
    return catalog.products[0]


def places(catalog: Catalog, file: str = PRODUCTS) -> list[tuple[int | None, str | None, str]]:
    return [(fault.line, fault.field, fault.severity) for fault in catalog.report.problems if fault.file == file]


# --- what a row states ----------------------------------------------------------------------------------------------------


def test_a_row_becomes_a_product(tmp_path: Path, vocabulary: Vocabulary) -> None:
    item = one(tmp_path, row(), vocabulary)
    assert (item.product_id, item.title, item.product_type, item.gender) == ("s1", row()["name"], "lace-up shoes", ("men",))
    assert item.colors == ("brown", "white")  # the main one first, then the stitching's; the suit is another thing
    assert item.materials == ("leather",)
    assert item.styles == ("classic",)
    assert item.price is not None
    assert (item.price.amount_minor, item.price.currency) == (12999, "USD")
    assert (item.brand, item.sizes, item.rating, item.image, item.list_price, item.color_name) == (
        None,
        (),
        None,
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("kind", "name", "description", "product_type"),
    [
        ("apparel > jacket", "Alpine Puffer Jacket", "Warm.", "puffer jacket"),
        ("apparel > jacket", "Dual-Tone Windbreaker Jacket", "Warm.", "windbreaker"),
        ("apparel > jacket", "Urban Crossbody Backpack", "A pack.", "backpack"),
        ("apparel > jacket", "Autumn Mood", "This belted trench coat is warm.", "trench coat"),
        ("apparel > jacket", "Autumn Mood", "Warm. Perfect for a night in boots.", "jacket"),
        ("apparel > scarf", "Bohemian Wall Hanging", "Woven.", None),
        ("footwear > sneaker", "Stealth Runner", "Fast.", "sneakers"),
        ("footwear > formal", "Dapper Set", "Brown oxfords and two silk ties.", "lace-up shoes"),
        ("homedecor > clock", "Banana Clock Socks", "Ticks.", "clock"),
        ("instruments > strings", "Melody", "An acoustic guitar.", "guitar"),
        ("instruments > strings", "Melody", "It sings.", None),
        ("no > such", "Leather Boots", "Boots.", None),
    ],
)
def test_types(tmp_path: Path, vocabulary: Vocabulary, kind: str, name: str, description: str, product_type: str | None) -> None:
    category, style = kind.split(" > ")
    given_row = row(category=category, style=style, name=name, description=description)
    assert one(tmp_path, given_row, vocabulary).product_type == product_type


def test_what_has_no_type_is_counted(tmp_path: Path, vocabulary: Vocabulary) -> None:
    rows = [row(1, category="outdoors", style="pet"), row(2, category="outdoors", style="pet"), row(3)]
    catalog = load_catalog(write(tmp_path, rows), vocabulary)
    assert catalog.report.unmapped == {"category": {"outdoors > pet": 2}}
    assert catalog.report.counts == {PRODUCTS: 3, OFFERS: 0}


@pytest.mark.parametrize(
    ("name", "affinity", "expected"),
    [
        ("Oxfords", "M", ("men",)),
        ("Oxfords", "F", ("women",)),
        ("Oxfords", None, ()),
        ("Oxfords", "X", ()),
        ("Unicorn Kids Backpack", "F", ("kids",)),
        ("Gentleman's Watch", None, ("men",)),
    ],
)
def test_for_whom_is_never_guessed(
    tmp_path: Path, vocabulary: Vocabulary, name: str, affinity: str | None, expected: tuple[str, ...]
) -> None:
    assert one(tmp_path, row(name=name, gender_affinity=affinity), vocabulary).gender == expected


def test_the_picture_and_what_goes_with_an_item_say_nothing_of_it(tmp_path: Path, vocabulary: Vocabulary) -> None:
    said = "Navy canvas pack. Set against a red velvet curtain. It complements the yellow silk jacket."
    item = one(tmp_path, row(category="accessories", style="backpack", name="City Backpack", description=said), vocabulary)
    assert (item.colors, item.materials) == (("navy",), ("canvas",))


def test_food_has_no_colour_and_no_fabric(tmp_path: Path, vocabulary: Vocabulary) -> None:
    item = one(tmp_path, row(category="groceries", style="fruits", name="Velvet Plum", description="Red."), vocabulary)
    assert (item.product_type, item.colors, item.materials) == ("food", (), ())


def test_stock_is_told_only_where_it_needs_no_size(tmp_path: Path, vocabulary: Vocabulary) -> None:
    bag = row(1, category="accessories", style="backpack", name="Backpack", current_stock=0)
    catalog = load_catalog(write(tmp_path, [bag, row(2, current_stock=3)]), vocabulary)
    first, second = catalog.products
    assert [(size.system, size.stock) for size in first.sizes] == [("one", 0)]
    assert not first.in_stock
    assert second.sizes == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("macramxE9 throw, dxE9cor", "macramé throw, décor"),
        ("a clocku2014it ticks", "a clock—it ticks"),
        ("Model xE900 and box", "Model xE900 and box"),
    ],
)
def test_lost_characters_are_given_back(text: str, said: str) -> None:
    assert mended(text) == said


@given(text=st.text(max_size=200))
def test_any_text_is_read_without_failing(text: str, vocabulary: Vocabulary, reader: RowReader) -> None:
    fields = reader.fields(row(name=text, description=text, category="apparel", style="jacket"))
    assert set(fields["colors"]) <= set(vocabulary.values("color"))
    assert fields["product_type"] is None or fields["product_type"] in vocabulary.values("category")


def test_the_tables_name_only_values_of_the_vocabulary(vocabulary: Vocabulary, tmp_path: Path) -> None:
    broken = yaml.safe_load(RULES_FILE.read_text(encoding="utf-8"))
    broken["kinds"]["apparel > jacket"]["type"] = "octarine robe"
    path = tmp_path / "rules.yaml"
    path.write_text(yaml.safe_dump(broken), encoding="utf-8")
    with pytest.raises(VocabularyInvalid, match="octarine robe"):
        load_rules(vocabulary, path)


# --- bad input ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (row(1), "id"),
        (row(9, price=float("nan")), "price.amount_minor"),
        (row(9, price=float("inf")), "price.amount_minor"),
        (row(9, price=-5), "price.amount_minor"),
        (row(9, price="cheap"), "price"),
        (row(9, price=[1]), "price"),
        (row(9, id=None), "product_id"),
        (row(9, id={"a": 1}), "product_id"),
        (row(9, name=7), "name"),
        (row(9, name=""), "title"),
        (row(9, description=["a"]), "description"),
        (row(9, category={"a": 1}), "category"),
        (row(9, category="accessories", style="backpack", name="Pack", current_stock="many"), "sizes.0.stock"),
        (row(9, category="accessories", style="backpack", name="Pack", current_stock=-1), "sizes.0.stock"),
        ("a word", None),
        ([1, 2], None),
        (None, None),
    ],
)
def test_a_bad_row_is_told_by_line_and_the_others_load(
    tmp_path: Path, vocabulary: Vocabulary, bad: Any, field: str | None
) -> None:
    rows = [row(1), bad, row(3)]
    catalog = load_catalog(write(tmp_path, rows), vocabulary)
    assert [item.product_id for item in catalog.products] == ["s1", "s3"]
    second = len(yaml.safe_dump([rows[0]], sort_keys=False, allow_unicode=True).splitlines()) + 1
    assert places(catalog) == [(second, field, "error")]


def test_ten_megabytes_of_description_are_cut(tmp_path: Path, vocabulary: Vocabulary) -> None:
    catalog = load_catalog(write(tmp_path, [row(1, description="silk " * 2_000_000, name="Belt " * 100)]), vocabulary)
    assert (len(catalog.products[0].description), len(catalog.products[0].title)) == (20_000, 299)
    assert {place[1:] for place in places(catalog)} == {("description", "warning"), ("name", "warning")}


def test_unknown_fields_are_told_and_left_out(tmp_path: Path, vocabulary: Vocabulary) -> None:
    catalog = load_catalog(write(tmp_path, [row(1, shelf="B3")]), vocabulary)
    assert len(catalog.products) == 1
    assert places(catalog) == [(1, "shelf", "warning")]


@pytest.mark.parametrize(("raw", "says"), [(b"[]", "not one good item"), (b"- word\n", "not one good item")])
def test_no_rows_are_refused(tmp_path: Path, vocabulary: Vocabulary, raw: bytes, says: str) -> None:
    with pytest.raises(CatalogEmpty, match=says):
        load_catalog(write(tmp_path, [], products=raw), vocabulary)


@pytest.mark.parametrize("raw", [b"a: 1", b"- a: [", b"- &a {id: x}\n- *a\n", b"\x00\x01", b"\xff" * 10, b"- " * 5_000, b" "])
def test_what_is_no_list_is_refused_in_words(tmp_path: Path, vocabulary: Vocabulary, raw: bytes) -> None:
    with pytest.raises((CatalogUnreadable, CatalogEmpty), match=r"products\.yaml"):
        load_catalog(write(tmp_path, [], products=raw), vocabulary)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_other_encodings_are_read_with_a_warning(tmp_path: Path, vocabulary: Vocabulary, encoding: str) -> None:
    text = yaml.safe_dump([row(1, name="Décor Belt")], allow_unicode=True)
    catalog = load_catalog(write(tmp_path, [], products=text.encode(encoding)), vocabulary)
    assert catalog.products[0].title == "Décor Belt"
    assert [place[2] for place in places(catalog)] == ["warning"]


def test_codes_take_their_share_off_an_order(tmp_path: Path, vocabulary: Vocabulary) -> None:
    offers = [
        {"id": 1, "codes": ["SALE5", "low er"], "description": "5% off any purchase", "expiry": None},
        {"id": 2, "codes": ["BOOTS"], "description": "A gift with boots", "expiry": None},
        {"id": 3, "codes": ["OLD"], "description": "9% off any purchase", "expiry": "2020-01-01"},
        {"id": 4, "codes": "NINE", "description": "9% off any purchase", "expiry": None},
        7,
    ]
    catalog = load_catalog(write(tmp_path, [row()], offers), vocabulary)
    assert [(each.code, each.kind, each.promotion_class, each.percent) for each in catalog.promotions] == [
        ("SALE5", "percent", "order", 5)
    ]
    assert [place[0] for place in places(catalog, OFFERS)] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("offers", [b"[", b"\xff\xfe", b"[" * 100_000])
def test_broken_offers_cost_only_themselves(tmp_path: Path, vocabulary: Vocabulary, offers: bytes) -> None:
    catalog = load_catalog(write(tmp_path, [row()], offers), vocabulary)
    assert (len(catalog.products), catalog.promotions) == (1, ())
    assert places(catalog, OFFERS) == [(None, None, "error")]


@settings(max_examples=30)
@given(
    rows=st.lists(
        st.dictionaries(
            st.sampled_from(sorted(row())),
            st.none() | st.booleans() | st.floats() | st.text(max_size=20) | st.lists(st.text(max_size=5)),
        ),
        max_size=6,
    )
)
def test_no_rows_raise_anything_but_a_catalog_error(
    rows: list[Row], vocabulary: Vocabulary, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = write(tmp_path_factory.mktemp("store"), [row(1), *({"id": f"r{at}", **each} for at, each in enumerate(rows))])
    catalog = load_catalog(folder, vocabulary)
    assert catalog.by_id["s1"].product_type == "lace-up shoes"


# --- the real one ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def catalog(vocabulary: Vocabulary) -> Catalog:
    if not (DATA / PRODUCTS).is_file():
        pytest.skip(f"{DATA} is not there: the real store is not shipped")
    return load_catalog(DATA, vocabulary)


def test_every_row_is_there(catalog: Catalog) -> None:
    assert (len(catalog.products), len(catalog.promotions)) == (2_465, 15)
    assert catalog.report.problems == ()
    assert catalog.manifest == MANIFEST


def test_most_of_it_has_a_type_and_the_rest_is_counted(catalog: Catalog) -> None:
    untyped = sum(product.product_type is None for product in catalog.products)
    assert untyped == sum(catalog.report.unmapped["category"].values())
    assert untyped < 0.06 * len(catalog.products)


def test_every_value_is_the_vocabularys(catalog: Catalog, vocabulary: Vocabulary) -> None:
    for product in catalog.products:
        for slot in VALUE_SLOTS:
            assert set(product.values(slot)) <= set(vocabulary.values(slot)), product.product_id


def test_what_the_source_lacks_is_absent(catalog: Catalog) -> None:
    assert {product.brand for product in catalog.products} == {None}
    assert {product.rating for product in catalog.products} == {None}
    assert {size.system for product in catalog.products for size in product.sizes} == {"one"}
    assert (catalog.interactions, catalog.links, catalog.reviews, catalog.policy) == ((), (), (), ())


@pytest.mark.parametrize(
    ("name", "product_type", "colors", "materials"),
    [
        ("Mauve Leather Daypack", "backpack", ("mauve", "gold"), ("leather",)),
        ("Classic Caramel Leather Belt", "belt", ("light brown",), ("leather",)),
        ("Turquoise Rodeo Queen Boots", "boots", ("turquoise", "white"), ()),
        ("Midnight Weave Stiletto Pumps", "heels", ("black",), ()),
        ("Banana Bonanza Socks", "socks", ("pink", "yellow"), ()),
        ("Rustic Charm Striped Sweater", "sweater", ("blue", "white", "peach"), ()),
    ],
)
def test_rows_read_by_hand(
    catalog: Catalog, name: str, product_type: str, colors: tuple[str, ...], materials: tuple[str, ...]
) -> None:
    found = [product for product in catalog.products if product.title == name]
    assert any((one.product_type, one.colors, one.materials) == (product_type, colors, materials) for one in found), found
