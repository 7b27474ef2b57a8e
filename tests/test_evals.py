"""The scripted conversations as data: each loads, is tagged, speaks of things that its shop has, and can fail."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import get_args

import pytest
import yaml

from assistant.evaluation.conditions import misses, states_any
from assistant.evaluation.errors import ScriptsInvalid
from assistant.evaluation.results import Shop
from assistant.evaluation.script import ItemCondition, Script, ScriptTurn, Words
from assistant.evaluation.script_files import FIRST_LINE, SCHEMA_FILE, json_schema, load_scripts
from assistant.known_shoppers import KnownShoppers
from assistant.schema import Action
from assistant.settings import read_settings
from catalog_data.loader import load_catalog
from catalog_data.schema import VALUE_SLOTS, Role
from catalog_data.vocabulary import load_vocabulary

EVALS = Path(__file__).resolve().parents[1] / "evals"
FILES = sorted(EVALS.glob("*.yaml"))
CATALOGS: dict[str, Path | None] = {"demo": None, "fashion20k": EVALS.parent / "../shared/data/fashion20k"}
"""Where each catalog lies that conversations are written for; None: the demo shop."""

LEAST_OF_A_TAG = {
    "budget": 8,
    "negation": 8,
    "correction": 8,
    "recipient": 7,
    "reference": 7,
    "adversarial": 7,
    "promotion": 6,
    "outfit": 5,
    "impossible": 5,
    "out-of-scope": 4,
    "small-talk": 4,
    "policy": 4,
    "size": 4,
    "feedback": 3,
    "comparison": 3,
    "long": 2,
    "undo": 2,
    "known-shopper": 2,
}
ACTIONS = frozenset(str(get_args(one.model_fields["kind"].annotation)[0]) for one in get_args(Action))
Meeting = Callable[[ItemCondition], frozenset[str]]
"""The items in stock that meet a condition, by id."""
PIECE = re.compile(r"\b[a-z]{2}-\d{4}\b")


@pytest.fixture(scope="module")
def scripts() -> tuple[Script, ...]:
    return load_scripts([EVALS])


@pytest.fixture(scope="module", params=sorted(CATALOGS))
def served(request: pytest.FixtureRequest) -> str:
    """The name of a catalog that conversations are written for; skipped where it is not there."""
    folder = CATALOGS[request.param]
    if folder is not None and not folder.is_dir():
        pytest.skip(f"{folder} is not there: this catalog is not shipped")
    return str(request.param)


@pytest.fixture(scope="module")
def own(scripts: tuple[Script, ...], served: str) -> tuple[Script, ...]:
    """The conversations for that catalog."""
    return tuple(script for script in scripts if script.catalog == served)


@pytest.fixture(scope="module")
def shop(own: tuple[Script, ...], served: str) -> Shop:
    vocabulary = load_vocabulary()
    return Shop(load_catalog(CATALOGS[served] or read_settings({}).catalog, vocabulary, own[0].now), vocabulary)


@pytest.fixture(scope="module")
def meeting(shop: Shop) -> Meeting:
    """Field by field, since most conditions share theirs."""
    in_stock = [product for product in shop.catalog.products if product.in_stock]

    @cache
    def alone(condition: ItemCondition) -> frozenset[str]:
        return frozenset(product.product_id for product in in_stock if not misses(product, condition, shop))

    def together(condition: ItemCondition) -> frozenset[str]:
        fields = {name: value for name in condition.model_fields_set if (value := getattr(condition, name)) is not None}
        found = frozenset(product.product_id for product in in_stock)
        for name, value in fields.items():
            found &= alone(ItemCondition(**{name: value}))
        return found

    return together


def turns_of(scripts: tuple[Script, ...]) -> Iterator[tuple[str, ScriptTurn]]:
    """Every turn, with its place: "sorry-i-meant-green, turn 2"."""
    for script in scripts:
        yield from ((f"{script.id}, turn {number}", turn) for number, turn in enumerate(script.turns, 1))


def conditions_of(turn: ScriptTurn) -> Iterator[tuple[str, ItemCondition]]:
    """Every condition on items, under its key."""
    products, outfits = turn.expect.products, turn.expect.outfits
    if products is not None:
        found = (("all", products.all), ("none", products.none), ("any", products.any), ("first", products.first))
        yield from ((key, condition) for key, condition in found if condition is not None)
    if outfits is not None and outfits.pieces is not None:
        yield "pieces", outfits.pieces


def several(words: Words | None) -> tuple[str, ...]:
    return () if words is None else (words,) if isinstance(words, str) else words


# ---------------------------------------------------------------- the files


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_names_its_schema_and_is_called_as_its_conversation(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.splitlines()[0] == FIRST_LINE
    assert text.splitlines()[1] == f"id: {path.stem}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_key_stands_twice_in_a_map(path: Path) -> None:
    """YAML would keep the second one and drop what the first expects."""

    def walk(node: yaml.Node) -> Iterator[str]:
        if isinstance(node, yaml.MappingNode):
            counts = Counter(str(key.value) for key, _ in node.value)
            yield from (f"line {node.start_mark.line + 1}: {key}" for key, count in counts.items() if count > 1)
            for _, value in node.value:
                yield from walk(value)
        elif isinstance(node, yaml.SequenceNode):
            for value in node.value:
                yield from walk(value)

    tree = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    assert tree is not None
    assert list(walk(tree)) == []


def test_the_published_schema_is_that_of_the_code() -> None:
    assert (EVALS / SCHEMA_FILE).read_text(encoding="utf-8") == json_schema()


def test_every_conversation_is_for_a_catalog_that_is_looked_into(scripts: tuple[Script, ...]) -> None:
    assert Counter(script.catalog for script in scripts).keys() == CATALOGS.keys()
    assert sum(script.catalog == "fashion20k" for script in scripts) == 15


def test_there_are_fifty_conversations_and_as_many_of_each_tag_as_promised(scripts: tuple[Script, ...]) -> None:
    assert len(scripts) >= 50
    counts = Counter(tag for script in scripts for tag in set(script.tags))
    assert {tag: counts[tag] for tag, least in LEAST_OF_A_TAG.items() if counts[tag] < least} == {}
    assert sum(len(script.turns) >= 4 for script in scripts) >= 20
    assert sum(len(script.turns) >= 30 for script in scripts if "long" in script.tags) >= 2


def test_each_conversation_says_what_it_shows_and_has_tags_that_differ(scripts: tuple[Script, ...]) -> None:
    assert [script.id for script in scripts if len(script.about.split()) < 5 or not script.about.endswith(".")] == []
    assert [script.id for script in scripts if len(set(script.tags)) != len(script.tags)] == []


# ---------------------------------------------------------------- each can fail


def test_every_turn_expects_something(scripts: tuple[Script, ...]) -> None:
    assert [place for place, turn in turns_of(scripts) if not turn.expect.model_dump(exclude_defaults=True)] == []


def test_actions_and_roles_are_ones_that_there_are(scripts: tuple[Script, ...]) -> None:
    """A misspelt action among those that must not be taken would never fail."""
    for place, turn in turns_of(scripts):
        assert {*turn.expect.actions, *turn.expect.not_actions} <= ACTIONS, place
        if turn.expect.outfits is not None:
            assert set(turn.expect.outfits.roles) <= set(get_args(Role)), place


def test_closed_words_are_the_vocabularys(own: tuple[Script, ...], shop: Shop) -> None:
    brands = {brand.casefold() for brand in shop.catalog.brands}

    def known(slot: str, word: str) -> bool:
        if slot == "brand":
            return word.casefold() in brands
        own = next(each for each in VALUE_SLOTS if each == slot)
        return word in shop.vocabulary.values(own) or bool(shop.vocabulary.lookup(word, own))

    unknown: list[str] = []
    for place, turn in turns_of(own):
        holders = [*(condition for _, condition in conditions_of(turn)), *([turn.expect.profile] if turn.expect.profile else [])]
        stated = [(slot, word) for holder in holders for slot in VALUE_SLOTS for word in several(getattr(holder, slot))]
        if turn.expect.profile is not None:
            stated += [(slot, word) for slot, words in turn.expect.profile.dislikes.items() for word in several(words)]
        unknown += [f"{place}: {slot} {word}" for slot, word in stated if not known(slot, word)]
    assert unknown == []


def test_items_promotions_codes_and_shoppers_are_the_shops(own: tuple[Script, ...], shop: Shop) -> None:
    promotions = {promotion.promotion_id for promotion in shop.catalog.promotions}
    known = KnownShoppers(shop.catalog)
    for script in own:
        assert script.shopper is None or known.bought(script.shopper), script.id
    for place, turn in turns_of(own):
        named = PIECE.findall(turn.model_dump_json())
        assert [each for each in named if each not in shop.catalog.by_id] == [], place
        if turn.expect.offers is not None:
            assert {*turn.expect.offers.applied, *turn.expect.offers.not_applied} <= promotions, place


def test_the_shop_has_as_many_items_as_are_asked_for(own: tuple[Script, ...], meeting: Meeting) -> None:
    """What is expected can be met: so many items are in stock and as they should be."""
    short: list[str] = []
    for place, turn in turns_of(own):
        products = turn.expect.products
        if products is None or products.min is None:
            continue
        fitting = meeting(products.all or ItemCondition())
        fitting -= meeting(products.none) if products.none is not None else frozenset()
        if len(fitting) < products.min:
            short.append(f"{place}: {len(fitting)} of {products.min}")
    assert short == []


def test_what_must_not_be_shown_is_in_the_shop(own: tuple[Script, ...], meeting: Meeting) -> None:
    """A `none` that no item meets could not fail; nor could an `all` that every item meets."""
    everything = meeting(ItemCondition())
    idle: list[str] = []
    for place, turn in turns_of(own):
        for key, condition in conditions_of(turn):
            met = meeting(condition)
            if not met or (key != "none" and met == everything):
                idle.append(f"{place}: {key} is met by {len(met)} of {len(everything)}")
    assert idle == []


@pytest.mark.parametrize("pattern", ["regex", "not_regex"])
def test_expressions_compile(scripts: tuple[Script, ...], pattern: str) -> None:
    for place, turn in turns_of(scripts):
        for words in (turn.expect.reply, turn.expect.notices):
            if words is not None and (expression := getattr(words, pattern)) is not None:
                assert re.compile(expression), place


def test_wishes_ruled_out_are_ones_that_items_have(own: tuple[Script, ...], shop: Shop) -> None:
    for place, turn in turns_of(own):
        for slot, words in (turn.expect.profile.dislikes if turn.expect.profile is not None else {}).items():
            for word in several(words):
                assert any(states_any(product, slot, [word], shop) for product in shop.catalog.products), (
                    f"{place}: {slot} {word}"
                )


# ---------------------------------------------------------------- mistakes in a file

GOOD = """id: one
tags: [size]
turns:
  - user: a red dress
    context: {product_id: x}
    expect:
      profile: {color: red, price: {max: 5}, dislikes: {material: lace}}
      products: {min: 3, all: {pattern: striped, rating: {lte: 4}}}
      offers: {applied: [welcome10], saved: {equals: 3}}
      outfits: {roles: [shoes]}
      relaxations: {slots: [price]}
      notices: {mentions: [dollar]}
      reply: {max_words: 60}
      question: false
      cart: {lines: 1}
final: {without: {grounded: why}}
budgets: {turn_ms: 300}
"""

MISSPELT = [
    ("tags", "tgas", 2),
    ("user", "usr", 4),
    ("product_id", "prodct_id", 5),
    ("expect", "expct", 6),
    ("profile", "profil", 7),
    ("color", "colour", 7),
    ("max", "maxx", 7),
    ("material", "materiel", 7),
    ("products", "prodcts", 8),
    ("min", "minn", 8),
    ("all", "al", 8),
    ("pattern", "patern", 8),
    ("lte", "let", 8),
    ("applied", "aplied", 9),
    ("equals", "equal", 9),
    ("roles", "role", 10),
    ("slots", "slot", 11),
    ("mentions", "mention", 12),
    ("max_words", "max_word", 13),
    ("question", "queston", 14),
    ("lines", "line", 15),
    ("without", "withot", 16),
    ("grounded", "groundd", 16),
    ("turn_ms", "turn_mss", 17),
]


def faults_of(folder: Path, **texts: str) -> tuple[str, ...]:
    """What is wrong with a folder of these files."""
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ScriptsInvalid) as caught:
        load_scripts([folder])
    return caught.value.faults


def test_the_example_of_a_file_is_good(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(GOOD, encoding="utf-8")
    assert [script.id for script in load_scripts([tmp_path])] == ["one"]


@pytest.mark.parametrize(("right", "wrong", "line"), MISSPELT, ids=[wrong for _, wrong, _ in MISSPELT])
def test_a_misspelt_key_is_named_with_file_line_and_the_right_one(tmp_path: Path, right: str, wrong: str, line: int) -> None:
    faults = faults_of(tmp_path, one=re.sub(rf"\b{right}:", f"{wrong}:", GOOD, count=1))
    here = [fault for fault in faults if re.search(rf"\b{wrong}\b", fault)]
    assert len(here) == 1, faults
    assert here[0].startswith(f"{tmp_path / 'one.yaml'}:{line}: ")
    assert f"'{right}'" in here[0] or f" {right}," in here[0]


@pytest.mark.parametrize(
    ("right", "wrong", "line"),
    [
        ("tags: [size]", "tags: size", 2),
        ("tags: [size]", "tags: []", 2),
        ("id: one", "id: One", 1),
        ("max: 5", "max: cheap", 7),
        ("min: 3", "min: three", 8),
        ("{lte: 4}", "{}", 8),
        ("roles: [shoes]", "roles: shoes", 10),
        ("slots: [price]", "slots: [prise]", 11),
        ("question: false", "question: 3", 14),
        ("lines: 1", "lines: -1", 15),
        ("turn_ms: 300", "turn_ms: 0", 17),
    ],
    ids=lambda value: str(value),
)
def test_a_value_of_another_kind_is_named_with_file_and_line(tmp_path: Path, right: str, wrong: str, line: int) -> None:
    assert GOOD.count(right) == 1
    faults = faults_of(tmp_path, one=GOOD.replace(right, wrong))
    key = re.sub(r".*?(\w+):.*", r"\1", wrong) if wrong != "{}" else "rating"
    assert any(fault.startswith(f"{tmp_path / 'one.yaml'}:{line}: ") and key in fault for fault in faults), faults


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    faults = faults_of(tmp_path, one="id: one\ntags: [size]\n")
    assert len(faults) == 1
    assert "one.yaml" in faults[0]
    assert "turns" in faults[0]


def test_two_files_of_one_id_are_refused(tmp_path: Path) -> None:
    faults = faults_of(tmp_path, one=GOOD, two=GOOD)
    assert len(faults) == 1
    assert str(tmp_path / "two.yaml") in faults[0]
    assert "'one'" in faults[0]


def test_faults_of_every_file_are_told_at_once(tmp_path: Path) -> None:
    faults = faults_of(
        tmp_path, one=GOOD.replace("user:", "usr:"), two=GOOD.replace("id: one", "id: two").replace("cart:", "crt:")
    )
    assert any("one.yaml:4" in fault for fault in faults)
    assert any("two.yaml:15" in fault for fault in faults)


def test_a_folder_without_conversations_and_a_path_without_anything_are_refused(tmp_path: Path) -> None:
    assert str(tmp_path) in faults_of(tmp_path)[0]
    with pytest.raises(ScriptsInvalid, match=r"nowhere: there is nothing"):
        load_scripts([tmp_path / "nowhere"])


@pytest.mark.parametrize("text", ["turns: [\n", "id: one\n  tags: [size]\n"])
def test_what_is_no_yaml_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    (fault,) = faults_of(tmp_path, one=text)
    assert fault.startswith(f"{tmp_path / 'one.yaml'}")
    assert "not YAML" in fault
    assert "line 2" in fault


@pytest.mark.parametrize(("text", "found"), [("- a\n", "list"), ("just words\n", "str"), ("", "NoneType")])
def test_what_is_no_map_is_refused(tmp_path: Path, text: str, found: str) -> None:
    (fault,) = faults_of(tmp_path, one=text)
    assert "one.yaml" in fault
    assert f"found {found}" in fault
