"""The shop's own form: good rows load whatever stands beside them, and each fault is told by file, line and field."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog_data.errors import CatalogEmpty, CatalogNotFound, CatalogUnreadable
from catalog_data.loader import FORMS, Form, load_catalog
from catalog_data.native.events import EVENTS_A_USER
from catalog_data.reading import SHOWN_OF_A_KIND
from catalog_data.schema import Catalog, Problem
from catalog_data.vocabulary import Vocabulary, load_vocabulary

MANIFEST = "catalog_id: test\nname: Test shop\ncurrency: EUR\nshipping: {standard_minor: 495, free_from_minor: 5000}\n"
NOW = datetime(2026, 11, 27, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary()


def product(number: int = 1, **fields: Any) -> dict[str, Any]:
    price = {"amount_minor": 1999, "currency": "EUR"}
    return {"product_id": f"p{number}", "title": f"Item {number}", "product_type": "dress", "price": price} | fields


def write(folder: Path, products: Iterable[Any] = (), **files: str | bytes) -> Path:
    """A folder with a manifest, the products (those that are no text as JSON), and more files: interactions_csv="...", ..."""
    folder.mkdir(exist_ok=True)
    lines = [row if isinstance(row, str) else json.dumps(row) for row in products]
    named = {name.replace("_", "."): content for name, content in files.items()}
    for name, content in {"catalog.yaml": MANIFEST, "products.jsonl": "\n".join(lines), **named}.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def places(catalog: Catalog, file: str) -> list[tuple[int | None, str | None, str]]:
    return [(fault.line, fault.field, fault.severity) for fault in catalog.report.problems if fault.file == file]


def only(catalog: Catalog) -> Problem:
    assert len(catalog.report.problems) == 1, catalog.report.problems
    return catalog.report.problems[0]


# --- which form -----------------------------------------------------------------------------------------------------------


def test_a_missing_folder_says_what_to_set(tmp_path: Path, vocabulary: Vocabulary) -> None:
    with pytest.raises(CatalogNotFound, match="SHOPGUIDE_CATALOG"):
        load_catalog(tmp_path / "none", vocabulary)


def test_an_unknown_form_lists_what_was_found_and_what_is_read(tmp_path: Path, vocabulary: Vocabulary) -> None:
    (tmp_path / "feed.xml").touch()
    with pytest.raises(CatalogUnreadable, match=r"feed\.xml.*catalog\.yaml.*items\.parquet.*products\.yaml"):
        load_catalog(tmp_path, vocabulary)
    with pytest.raises(CatalogUnreadable, match="a file"):
        load_catalog(tmp_path / "feed.xml", vocabulary)
    (tmp_path / "empty").mkdir()
    with pytest.raises(CatalogUnreadable, match="nothing"):
        load_catalog(tmp_path / "empty", vocabulary)


def test_a_further_form_is_a_further_pair(tmp_path: Path, vocabulary: Vocabulary) -> None:
    native = load_catalog(write(tmp_path / "native", [product()]), vocabulary)
    feed = Form("a feed", "feed.xml", lambda path: (path / "feed.xml").exists(), lambda path, words, now: native)
    (tmp_path / "feed.xml").touch()
    assert load_catalog(tmp_path, vocabulary, forms=(*FORMS, feed)) is native


# --- products -------------------------------------------------------------------------------------------------------------


def test_a_good_folder_has_no_problems(tmp_path: Path, vocabulary: Vocabulary) -> None:
    rows = [product(1, colors=["navy"], sizes=[{"system": "eu", "label": "38", "stock": 2}]), product(2)]
    catalog = load_catalog(write(tmp_path, rows), vocabulary)
    assert [item.product_id for item in catalog.products] == ["p1", "p2"]
    assert catalog.by_id["p1"].sizes[0].in_stock
    assert catalog.manifest.currency == "EUR"
    assert catalog.report.problems == ()
    assert catalog.report.counts["products.jsonl"] == 2
    assert len(catalog.digest) == 64


@pytest.mark.parametrize(
    ("line", "field", "found", "allowed"),
    [
        ('{"product_id": "p1"', None, "no JSON", "one JSON object"),
        ("[1, 2]", None, "list", "one JSON object"),
        ("[" * 100_000, None, "nested", "one JSON object"),
        ('{"a": ' + "9" * 5000 + "}", None, "no JSON", "one JSON object"),
        (product(title=None), "title", "None", "string"),
        ({"product_id": "p1"}, "title", "nothing", "required"),
        (product(product_id=" "), "product_id", '" "', "at least 1 character"),
        (product(price={"amount_minor": -5, "currency": "EUR"}), "price.amount_minor", "-5", "greater than or equal to 0"),
        (product(price={"amount_minor": float("nan"), "currency": "EUR"}), "price.amount_minor", "nan", "finite"),
        (product(price={"amount_minor": 19.99, "currency": "EUR"}), "price.amount_minor", "19.99", "integer"),
        (product(price={"amount_minor": 1999, "currency": "USD"}), "price.currency", "USD", "EUR"),
        (
            product(price=None, list_price={"amount_minor": 1, "currency": "EUR"}),
            None,
            "these fields together",
            "without a price",
        ),
        (product(rating=7), "rating", "7", "less than or equal to 5"),
        (product(rating=float("inf")), "rating", "inf", "finite"),
        (product(colors=7), "colors", "7", "tuple"),
        (product(colors=["red", 7]), "colors.1", "7", "string"),
        (product(sizes=[{"system": "shoe", "label": "38"}]), "sizes.0.system", '"shoe"', "'eu_shoe'"),
        (product(sizes=[{"system": "eu", "label": "38", "stock": -1}]), "sizes.0.stock", "-1", "greater than or equal to 0"),
        (product(added_at="2026-01-01T00:00:00"), "added_at", "2026-01-01", "timezone"),
    ],
)
def test_a_bad_line_is_told_and_the_others_load(
    tmp_path: Path, vocabulary: Vocabulary, line: Any, field: str | None, found: str, allowed: str
) -> None:
    catalog = load_catalog(write(tmp_path, [product(100), line, product(101)]), vocabulary)
    assert [item.product_id for item in catalog.products] == ["p100", "p101"]
    fault = only(catalog)
    assert (fault.file, fault.line, fault.field, fault.severity) == ("products.jsonl", 2, field, "error")
    assert found in fault.found
    assert allowed in fault.allowed
    assert len(fault.found) <= 200
    assert str(fault).startswith("products.jsonl:2")


def test_every_fault_of_a_line_is_told_at_once(tmp_path: Path, vocabulary: Vocabulary) -> None:
    catalog = load_catalog(write(tmp_path, [product(1), product(2, title=3, rating="x", rating_count=-1)]), vocabulary)
    assert [place[1] for place in places(catalog, "products.jsonl")] == ["title", "rating", "rating_count"]


def test_of_two_equal_ids_the_first_stays(tmp_path: Path, vocabulary: Vocabulary) -> None:
    catalog = load_catalog(write(tmp_path, [product(1, title="first"), product(1, title="second")]), vocabulary)
    assert catalog.products[0].title == "first"
    assert only(catalog).line == 2
    assert only(catalog).field == "product_id"


def test_unknown_fields_are_dropped_and_the_row_kept(tmp_path: Path, vocabulary: Vocabulary) -> None:
    row = product(
        1, shelf="B3", price={"amount_minor": 1, "currency": "EUR", "net": 1}, sizes=[{"system": "eu", "label": "38", "x": 1}]
    )
    catalog = load_catalog(write(tmp_path, [row]), vocabulary)
    assert catalog.products[0].price is not None
    assert sorted(place[1] or "" for place in places(catalog, "products.jsonl")) == ["price.net", "shelf", "sizes.0.x"]
    assert {place[2] for place in places(catalog, "products.jsonl")} == {"warning"}


def test_words_become_the_vocabularys_and_unknown_ones_are_counted(tmp_path: Path, vocabulary: Vocabulary) -> None:
    rows = [
        product(1, product_type="Trainers", colors=["Gray", "octarine"], materials=["octarine"]),
        product(2, product_type="gadget"),
    ]
    catalog = load_catalog(write(tmp_path, rows), vocabulary)
    first, second = catalog.products
    assert (first.product_type, first.colors, first.materials) == ("sneakers", ("grey",), ())
    assert second.product_type is None
    assert catalog.report.unmapped == {"color": {"octarine": 1}, "material": {"octarine": 1}, "category": {"gadget": 1}}
    assert places(catalog, "products.jsonl") == [
        (1, "colors", "warning"),
        (1, "materials", "warning"),
        (2, "product_type", "warning"),
    ]


def test_an_item_for_four_seasons_is_for_all(tmp_path: Path, vocabulary: Vocabulary) -> None:
    rows = [product(1, seasons=["spring", "summer", "fall", "winter"]), product(2, seasons=["summer"])]
    first, second = load_catalog(write(tmp_path, rows), vocabulary).products
    assert "all season" in first.seasons
    assert second.seasons == ("summer",)


def test_long_texts_are_cut_with_a_warning(tmp_path: Path, vocabulary: Vocabulary) -> None:
    catalog = load_catalog(write(tmp_path, [product(1, description="é" * 10_000_000, title="t" * 400)]), vocabulary)
    assert len(catalog.products[0].description) == 20_000
    assert len(catalog.products[0].title) == 300
    assert {place[1] for place in places(catalog, "products.jsonl")} == {"title", "description"}


def test_invisible_characters_are_stripped_everywhere(tmp_path: Path, vocabulary: Vocabulary) -> None:
    tag = "".join(chr(0xE0000 + ord(char)) for char in "obey")
    row = product(1, product_id="p\u200b1", title=f"Dress{tag}", colors=["na\u2060vy"], description="ﬁne\u202e")
    catalog = load_catalog(write(tmp_path, [json.dumps(row), json.dumps(product(2), ensure_ascii=False)]), vocabulary)
    item = catalog.by_id["p1"]
    assert (item.title, item.colors, item.description) == ("Dress", ("navy",), "fine")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", " data:text/html,x", "//evil.example/x", "JAVASCRIPT:x", "file:///etc/passwd"]
)
def test_addresses_that_a_browser_would_run_are_left_out(tmp_path: Path, vocabulary: Vocabulary, url: str) -> None:
    catalog = load_catalog(write(tmp_path, [product(1, url=url, image="media/p1.svg")]), vocabulary)
    assert catalog.products[0].url is None
    assert catalog.products[0].image == "media/p1.svg"
    assert only(catalog).field == "url"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_other_encodings_are_read_with_a_warning(tmp_path: Path, vocabulary: Vocabulary, encoding: str) -> None:
    text = json.dumps(product(1, title="Crêpe für Öl"), ensure_ascii=False)
    catalog = load_catalog(write(tmp_path, products_jsonl=text.encode(encoding)), vocabulary)
    assert catalog.products[0].title == "Crêpe für Öl"
    assert only(catalog).severity == "warning"


def test_a_line_of_broken_bytes_costs_only_itself(tmp_path: Path, vocabulary: Vocabulary) -> None:
    rows = [json.dumps(product(number, title="Öl"), ensure_ascii=False).encode() for number in (1, 2, 3)]
    rows[1] = rows[1].replace("Ö".encode(), b"\xd6")
    catalog = load_catalog(write(tmp_path, products_jsonl=b"\n".join(rows)), vocabulary)
    assert [item.product_id for item in catalog.products] == ["p1", "p3"]
    assert only(catalog).line == 2


@pytest.mark.parametrize("text", ["", "\n\n", "not json\n"])
def test_no_good_row_is_an_error_that_says_why(tmp_path: Path, vocabulary: Vocabulary, text: str) -> None:
    with pytest.raises(CatalogEmpty, match=r"products\.jsonl"):
        load_catalog(write(tmp_path, products_jsonl=text), vocabulary)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("catalog_id: x", "name"),
        ("catalog_id: x\nname: y\ncurrency: euro", "currency"),
        ("- a", "list"),
        ("a: [", "YAML"),
        ("a: &a [1]\nb: *a", "alias"),
        ("", "NoneType"),
        (b"name: \x81\x8d", "UTF-8"),
    ],
)
def test_a_broken_manifest_is_refused_by_name(tmp_path: Path, vocabulary: Vocabulary, text: str | bytes, names: str) -> None:
    with pytest.raises(CatalogUnreadable, match=names):
        load_catalog(write(tmp_path, [product()], catalog_yaml=text), vocabulary)


def test_an_unknown_field_of_the_manifest_is_a_warning(tmp_path: Path, vocabulary: Vocabulary) -> None:
    catalog = load_catalog(write(tmp_path, [product()], catalog_yaml=f"{MANIFEST}mood: good\n"), vocabulary)
    assert only(catalog).field == "mood"


def test_equal_bytes_have_equal_digests_and_any_file_counts(tmp_path: Path, vocabulary: Vocabulary) -> None:
    one = load_catalog(write(tmp_path / "a", [product()]), vocabulary)
    same = load_catalog(write(tmp_path / "b", [product()]), vocabulary)
    more = load_catalog(write(tmp_path / "c", [product()], policy_md="## Returns\nThirty days."), vocabulary)
    assert one.digest == same.digest != more.digest
    assert one == same


# --- events, ties, reviews ------------------------------------------------------------------------------------------------

HEADER = "user_id,kind,at,product_id,query,size,price_minor"


def events(*rows: str, header: str = HEADER) -> str:
    return "\n".join([header, *rows])


def test_events_of_every_kind(tmp_path: Path, vocabulary: Vocabulary) -> None:
    text = events(
        "u1,view,2026-01-01T10:00:00Z,p1,,,",
        'u1,search,2026-01-02T10:00:00+02:00,,"red, or ""navy""",,',
        "u2,purchase,2026-01-03T10:00:00Z,p1,,38,1999",
    )
    catalog = load_catalog(write(tmp_path, [product()], interactions_csv=text), vocabulary)
    assert [event.kind for event in catalog.interactions] == ["view", "search", "purchase"]
    assert catalog.interactions[1].query == 'red, or "navy"'
    assert catalog.interactions[2].price_minor == 1999
    assert catalog.report.problems == ()


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("u1,view,2026-01-01T10:00:00Z,p1", None),
        ('u1,view,2026-01-01T10:00:00Z,"p1,,,', None),
        ("u1,view,2026-01-01T10:00:00,p1,,,", "at"),
        ("u1,view,yesterday,p1,,,", "at"),
        ("u1,glance,2026-01-01T10:00:00Z,p1,,,", "kind"),
        (",view,2026-01-01T10:00:00Z,p1,,,", "user_id"),
        ("u1,purchase,2026-01-01T10:00:00Z,p1,,,-4", "price_minor"),
        ("u1,purchase,2026-01-01T10:00:00Z,p1,,,nan", "price_minor"),
        ("u1,view,2026-01-01T10:00:00Z,p9,,,", "product_id"),
        ("u1,view,2026-01-01T10:00:00Z,,,,", "product_id"),
        ("u1,search,2026-01-01T10:00:00Z,p1,red,,", "query"),
        ("u1,search,2026-01-01T10:00:00Z,,,,", "query"),
        ("u1,view,2026-11-28T10:00:00Z,p1,,,", "at"),
    ],
)
def test_a_bad_event_is_told_and_the_others_load(tmp_path: Path, vocabulary: Vocabulary, row: str, field: str | None) -> None:
    good = "u1,view,2026-01-01T10:00:00Z,p1,,,"
    catalog = load_catalog(write(tmp_path, [product()], interactions_csv=events(good, row, good)), vocabulary, NOW)
    assert len(catalog.interactions) == 2
    assert places(catalog, "interactions.csv") == [(3, field, "error")]


def test_times_are_not_judged_without_a_clock(tmp_path: Path, vocabulary: Vocabulary) -> None:
    text = events("u1,view,2099-01-01T10:00:00Z,p1,,,")
    assert len(load_catalog(write(tmp_path, [product()], interactions_csv=text), vocabulary).interactions) == 1


def test_columns_may_stand_in_any_order_and_unknown_ones_are_dropped(tmp_path: Path, vocabulary: Vocabulary) -> None:
    text = events("p1,2026-01-01T10:00:00Z,web,view,u1", header="product_id,at,channel,kind,user_id")
    catalog = load_catalog(write(tmp_path, [product()], interactions_csv=text), vocabulary)
    assert len(catalog.interactions) == 1
    assert places(catalog, "interactions.csv") == [(1, "channel", "warning")]


def test_a_missing_column_is_told_once(tmp_path: Path, vocabulary: Vocabulary) -> None:
    catalog = load_catalog(write(tmp_path, [product()], interactions_csv="user_id,kind\nu1,view\nu2,view"), vocabulary)
    assert catalog.interactions == ()
    assert "no column at" in only(catalog).found


def test_many_faults_of_a_kind_make_few_problems(tmp_path: Path, vocabulary: Vocabulary) -> None:
    rows = [f"u{number},view,2026-01-01T10:00:00Z,gone{number},,," for number in range(10_000)]
    links = "\n".join(["src,dst,relation,weight", *(f"p1,gone{number},bought_with,1" for number in range(10_000))])
    reviews = "\n".join(json.dumps(review(number, product_id="gone")) for number in range(100))
    folder = write(tmp_path, [product()], interactions_csv=events(*rows), links_csv=links, reviews_jsonl=reviews)
    catalog = load_catalog(folder, vocabulary)
    for file, count in (("interactions.csv", 10_000), ("links.csv", 10_000), ("reviews.jsonl", 100)):
        mine = [fault for fault in catalog.report.problems if fault.file == file]
        assert len(mine) == SHOWN_OF_A_KIND + 1
        assert f"{count - SHOWN_OF_A_KIND} more" in mine[-1].found


def test_a_shopper_keeps_the_newest_events(tmp_path: Path, vocabulary: Vocabulary) -> None:
    start = datetime(2020, 1, 1, tzinfo=UTC)
    times = [start + timedelta(hours=(number * 7919) % 10_000) for number in range(10_000)]
    rows = [f"busy,view,{at.isoformat()},p1,,," for at in times]
    catalog = load_catalog(
        write(tmp_path, [product()], interactions_csv=events("calm,view,2019-01-01T00:00:00Z,p1,,,", *rows)), vocabulary
    )
    busy = [event for event in catalog.interactions if event.user_id == "busy"]
    oldest = sorted(times)[-EVENTS_A_USER]
    assert [event.at for event in busy] == [at for at in times if at >= oldest]
    assert len(catalog.interactions) == EVENTS_A_USER + 1
    assert only(catalog).severity == "warning"


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("p1,p9,bought_with,1", "dst"),
        ("p9,p1,bought_with,1", "src"),
        ("p1,p1,bought_with,1", "dst"),
        ("p1,p2,bought_with,0", "weight"),
        ("p1,p2,bought_with,nan", "weight"),
        ("p1,p2,,1", "relation"),
    ],
)
def test_a_bad_tie_is_told(tmp_path: Path, vocabulary: Vocabulary, row: str, field: str) -> None:
    text = f"src,dst,relation,weight\np1,p2,bought_with,0.5\n{row}\n"
    catalog = load_catalog(write(tmp_path, [product(1), product(2)], links_csv=text), vocabulary)
    assert [link.weight for link in catalog.links] == [0.5]
    assert places(catalog, "links.csv") == [(3, field, "error")]


def review(number: int = 1, **fields: Any) -> dict[str, Any]:
    base = {
        "review_id": f"r{number}",
        "product_id": "p1",
        "user_id": "u1",
        "stars": 4,
        "text": "Good.",
        "at": "2026-01-01T10:00:00Z",
    }
    return base | fields


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (review(stars=6), "stars"),
        (review(product_id="p9"), "product_id"),
        (review(0), "review_id"),
        (review(at="2027-01-01T10:00:00Z"), "at"),
        ("{", None),
    ],
)
def test_a_bad_review_is_told(tmp_path: Path, vocabulary: Vocabulary, row: Any, field: str | None) -> None:
    lines = [json.dumps(review(0)), row if isinstance(row, str) else json.dumps(row), json.dumps(review(2, text="x" * 6_000))]
    catalog = load_catalog(write(tmp_path, [product()], reviews_jsonl="\n".join(lines)), vocabulary, NOW)
    assert [one.review_id for one in catalog.reviews] == ["r0", "r2"]
    assert len(catalog.reviews[1].text) == 5_000
    assert (2, field, "error") in places(catalog, "reviews.jsonl")
    assert (3, "text", "warning") in places(catalog, "reviews.jsonl")


# --- promotions and policy ------------------------------------------------------------------------------------------------

PROMOTIONS = """\
- {promotion_id: ten, title: Ten percent, kind: percent, percent: 10, scope: {categories: [dress]}}
- {promotion_id: ten, title: Again, kind: percent, percent: 20}
- {promotion_id: bad, title: No percent, kind: percent}
- promotion_id: wide
  title: Unknown family
  kind: percent
  percent: 50
  scope: {categories: [gizmos]}
- just words
- {promotion_id: gone, title: Two items, kind: amount, amount_minor: 500, scope: {product_ids: [p1, p9]}}
- {promotion_id: dated, title: Dated, kind: free_shipping, promotion_class: shipping, starts_at: 2026-11-01T00:00:00Z}
"""


def test_promotions_are_told_by_line_and_a_scope_is_never_widened(tmp_path: Path, vocabulary: Vocabulary) -> None:
    catalog = load_catalog(write(tmp_path, [product()], promotions_yaml=PROMOTIONS), vocabulary)
    assert [one.promotion_id for one in catalog.promotions] == ["ten", "gone", "dated"]
    assert catalog.promotions[0].title == "Ten percent"
    assert places(catalog, "promotions.yaml") == [
        (2, "promotion_id", "error"),
        (3, None, "error"),
        (4, "scope.categories", "error"),
        (9, None, "error"),
        (10, "scope.product_ids", "warning"),
    ]


@pytest.mark.parametrize("text", ["a: 1", "- [", "- &a {x: 1}\n- *a"])
def test_promotions_that_are_no_list_are_told_and_the_shop_opens(tmp_path: Path, vocabulary: Vocabulary, text: str) -> None:
    catalog = load_catalog(write(tmp_path, [product()], promotions_yaml=text), vocabulary)
    assert catalog.promotions == ()
    assert only(catalog).file == "promotions.yaml"


def test_the_policy_is_cut_at_its_headings(tmp_path: Path, vocabulary: Vocabulary) -> None:
    text = (
        "# Policy\nAll of it.\n\n## Returns & refunds\n**Thirty** days, see [how](https://x.example).\n### Sale\n- also\n\n"
        "## Returns & refunds\r\nAgain.\n##No\n"
    )
    sections = load_catalog(write(tmp_path, [product()], policy_md=text), vocabulary).policy
    assert [(one.heading, one.anchor) for one in sections] == [
        ("Returns & refunds", "returns-&-refunds"),
        ("Returns & refunds", "returns-&-refunds-2"),
        ("No", "no"),
    ]
    assert sections[0].text == "Thirty days, see how.\nSale\n- also"
    assert sections[1].text == "Again."


def test_a_policy_without_headings_is_a_warning(tmp_path: Path, vocabulary: Vocabulary) -> None:
    catalog = load_catalog(write(tmp_path, [product()], policy_md="Thirty days."), vocabulary)
    assert only(catalog).severity == "warning"


# --- any mix --------------------------------------------------------------------------------------------------------------

GOOD = st.integers(0, 999).map(lambda number: json.dumps(product(number)))
BROKEN = st.one_of(
    st.text(st.characters(exclude_characters="\n\r", codec="utf-8"), min_size=1).filter(
        lambda text: not _is_object(text) and bool(text.strip())
    ),
    st.sampled_from(["{", "[]", "null", "NaN", '"text"', '{"product_id": 7}', '{"product_id": "x", "title": ""}', "{}"]),
    GOOD.map(lambda line: line[:-3]),
    st.builds(
        lambda amount: json.dumps(product(5000, price={"amount_minor": amount, "currency": "EUR"})), st.integers(max_value=-1)
    ),
)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


@settings(max_examples=150, deadline=None)
@given(
    lines=st.lists(
        st.one_of(GOOD.map(lambda line: (True, line)), BROKEN.map(lambda line: (False, line)), st.just((None, " "))), max_size=30
    )
)
def test_any_mix_of_lines_loads_the_good_and_tells_the_broken(
    tmp_path_factory: pytest.TempPathFactory, vocabulary: Vocabulary, lines: Sequence[tuple[bool | None, str]]
) -> None:
    folder = write(
        tmp_path_factory.mktemp("mix"),
        [product(9_999)],
        products_jsonl="\n".join([json.dumps(product(9_999)), *(line for _, line in lines)]),
    )
    catalog = load_catalog(folder, vocabulary)
    good = dict.fromkeys(json.loads(line)["product_id"] for right, line in lines if right)
    assert [item.product_id for item in catalog.products] == ["p9999", *good]
    told = {fault.line for fault in catalog.report.problems if fault.severity == "error"}
    broken = {number for number, (right, _) in enumerate(lines, 2) if right is False}
    repeated = {number for number, (right, line) in enumerate(lines, 2) if right and (True, line) in lines[: number - 2]}
    assert told == broken | repeated


ROW = st.sampled_from(["view", "like", "basket"]).map(lambda kind: f"u1,{kind},2026-01-01T10:00:00Z,p1,,,")
BAD_ROW = st.sampled_from(
    ["", ",", "x", '"', "u1,view,never,p1,,,", "u1,view,2026-01-01T10:00:00Z,p2,,,", ",,,,,,", '"u1"x,view,,,,,']
) | st.text(st.characters(exclude_characters="\n\r", codec="utf-8"), max_size=20)


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(st.one_of(ROW.map(lambda row: (True, row)), BAD_ROW.map(lambda row: (False, row))), max_size=20))
def test_any_mix_of_events_loads_the_good_and_tells_the_broken(
    tmp_path_factory: pytest.TempPathFactory, vocabulary: Vocabulary, rows: Sequence[tuple[bool, str]]
) -> None:
    folder = write(tmp_path_factory.mktemp("mix"), [product()], interactions_csv=events(*(row for _, row in rows)))
    catalog = load_catalog(folder, vocabulary)
    assert [event.kind for event in catalog.interactions] == [row.split(",")[1] for good, row in rows if good]
    told = {fault.line for fault in catalog.report.problems}
    assert told == {number for number, (good, row) in enumerate(rows, 2) if not good and row.strip()}


@settings(max_examples=100, deadline=None)
@given(
    data=st.dictionaries(
        st.sampled_from(["products.jsonl", "interactions.csv", "links.csv", "reviews.jsonl", "promotions.yaml", "policy.md"]),
        st.binary(max_size=200),
    )
)
def test_no_bytes_raise_anything_but_a_catalog_error(
    tmp_path_factory: pytest.TempPathFactory, vocabulary: Vocabulary, data: dict[str, bytes]
) -> None:
    folder = write(tmp_path_factory.mktemp("bytes"), [product()])
    for name, content in data.items():
        (folder / name).write_bytes(content)
    try:
        catalog = load_catalog(folder, vocabulary, NOW)
    except CatalogEmpty:
        assert "products.jsonl" in data
    else:
        assert catalog.products


# --- speed ----------------------------------------------------------------------------------------------------------------


def test_a_shop_of_the_demos_size_loads_fast(tmp_path: Path, vocabulary: Vocabulary) -> None:
    items = [
        product(number, colors=["navy"], materials=["cotton"], description="A dress of cotton. " * 10) for number in range(2_500)
    ]
    rows = [f"u{number % 4_000},view,2026-01-01T10:00:{number % 60:02d}Z,p{number % 2_500},,," for number in range(60_000)]
    reviews = "\n".join(json.dumps(review(number, product_id=f"p{number % 2_500}")) for number in range(8_000))
    folder = write(tmp_path, items, interactions_csv=events(*rows), reviews_jsonl=reviews)
    took = []
    for _ in range(2):
        started = time.process_time()
        catalog = load_catalog(folder, vocabulary, NOW)
        took.append(time.process_time() - started)
    assert (len(catalog.products), len(catalog.interactions), len(catalog.reviews)) == (2_500, 60_000, 8_000)
    assert catalog.report.problems == ()
    assert min(took) < 4.0  # measured 1.0 s on a busy machine; the margin is for a busier one
