"""The vocabulary file is whole: every value can be said in both languages, every family resolves, every type can be dressed."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from catalog_data.errors import VocabularyInvalid
from catalog_data.schema import VALUE_SLOTS, ValueSlot
from catalog_data.vocabulary import VOCABULARY_FILE, Vocabulary, load_vocabulary, normalise, regular_plural

SLOTS_WITH_WORDS = tuple(slot for slot in VALUE_SLOTS if slot != "brand")


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary()


def every_value(vocabulary: Vocabulary) -> list[tuple[ValueSlot, str]]:
    return [(slot, value) for slot in SLOTS_WITH_WORDS for value in vocabulary.values(slot)]


def test_every_slot_but_brand_has_values(vocabulary: Vocabulary) -> None:
    sizes = {slot: len(vocabulary.values(slot)) for slot in SLOTS_WITH_WORDS}
    assert min(sizes.values()) >= 6
    assert sizes["category"] >= 70
    assert sizes["color"] >= 45


def test_every_value_has_chinese_words(vocabulary: Vocabulary) -> None:
    missing = [term for term in every_value(vocabulary) if not vocabulary.entry(*term).zh]
    assert missing == []
    assert all(
        any("\u4e00" <= char <= "\u9fff" for char in "".join(vocabulary.entry(*term).zh)) for term in every_value(vocabulary)
    )


def test_every_type_has_a_role_a_formality_and_a_size_system(vocabulary: Vocabulary) -> None:
    types = [value for value in vocabulary.values("category") if not vocabulary.entry("category", value).umbrella]
    entries = [vocabulary.entry("category", value) for value in types]
    missing = [value for value, entry in zip(types, entries, strict=True) if None in (entry.role, entry.formality, entry.sizes)]
    assert missing == []
    assert {entry.role for entry in entries} == {"top", "bottom", "dress", "outerwear", "shoes", "bag", "accessory", "other"}


def test_every_colour_has_a_hex_and_umbrellas_have_none(vocabulary: Vocabulary) -> None:
    for value in vocabulary.values("color"):
        entry = vocabulary.entry("color", value)
        assert (entry.hex is None) == entry.umbrella, value


def test_every_name_is_canonical_and_every_umbrella_holds_something(vocabulary: Vocabulary) -> None:
    for slot, value in every_value(vocabulary):
        entry = vocabulary.entry(slot, value)
        assert value == value.lower().strip(), (slot, value)
        assert not entry.umbrella or entry.includes, (slot, value)


def test_a_word_has_one_meaning_in_a_slot(vocabulary: Vocabulary) -> None:
    for phrases in (vocabulary.phrases, vocabulary.phrases_zh):
        for word, terms in phrases.items():
            assert len({term.slot for term in terms}) == len(terms), (word, terms)


def test_no_value_is_unreachable_and_none_is_written_twice(vocabulary: Vocabulary) -> None:
    reached = {(term.slot, term.value) for terms in vocabulary.phrases.values() for term in terms}
    assert set(every_value(vocabulary)) - reached == set()


@pytest.mark.parametrize(
    ("slot", "asked", "accepted", "refused"),
    [
        ("category", "shoes", {"sneakers", "chelsea boots", "heeled sandals"}, {"socks", "bag"}),
        ("category", "coat", {"trench coat", "parka", "coat"}, {"jacket", "denim jacket"}),
        ("category", "jacket", {"denim jacket", "leather jacket"}, {"coat", "blazer"}),
        ("category", "boots", {"ankle boots", "chelsea boots"}, {"sneakers"}),
        ("category", "trousers", {"chinos", "joggers"}, {"jeans", "leggings", "shorts"}),
        ("category", "tops", {"top", "t-shirt", "sweater", "hoodie"}, {"coat", "skirt"}),
        ("category", "clothing", {"dress", "jeans", "parka", "bra", "socks"}, {"belt", "sneakers"}),
        ("color", "blue", {"navy", "light blue", "sky blue", "cobalt"}, {"green", "teal", "turquoise"}),
        ("color", "green", {"khaki green", "olive", "mint"}, {"teal", "blue"}),
        ("color", "brown", {"dark brown"}, {"beige", "camel", "tan"}),
        ("material", "wool", {"merino", "cashmere", "mohair", "alpaca", "tweed", "lambswool"}, {"cotton", "silk"}),
        ("material", "cashmere", {"cashmere"}, {"wool"}),
        ("material", "lace", {"guipure lace"}, {"broderie anglaise", "mesh"}),
        ("length", "mini", {"mini", "short"}, {"midi", "cropped", "long"}),
        ("length", "maxi", {"maxi", "long", "ankle length"}, {"midi", "full length"}),
        ("gender", "women", {"women", "unisex"}, {"men", "girls"}),
        ("gender", "girls", {"girls", "kids"}, {"boys", "baby"}),
        ("gender", "boys", {"boys", "kids"}, {"girls"}),
        ("gender", "kids", {"girls", "boys", "kids"}, {"women", "baby"}),
        ("season", "summer", {"summer", "all season"}, {"winter"}),
        ("season", "all season", {"all season"}, {"summer"}),
    ],
)
def test_families_as_shoppers_see_them(
    vocabulary: Vocabulary, slot: ValueSlot, asked: str, accepted: set[str], refused: set[str]
) -> None:
    expanded = vocabulary.expand(slot, asked)
    assert accepted <= expanded
    assert not refused & expanded


@pytest.mark.parametrize(
    ("words", "slot", "value"),
    [
        ("trainers", "category", "sneakers"),
        ("kicks", "category", "sneakers"),
        ("jumpers", "category", "sweater"),
        ("Sweatpants", "category", "joggers"),
        ("a-line", "fit", "a-line"),
        ("purses", "category", "handbag"),
        ("tops", "category", "tops"),
        ("top", "category", "top"),
        ("pants", "category", "trousers"),
        ("gray", "color", "grey"),
        ("fall", "season", "autumn"),
        ("lacy", "material", "lace"),
        ("women's", "gender", "women"),
        ("vacation", "occasion", "holiday"),
    ],
)
def test_words_of_shoppers(vocabulary: Vocabulary, words: str, slot: ValueSlot, value: str) -> None:
    assert [term.value for term in vocabulary.lookup(words, slot)] == [value]


def test_lace_up_is_not_lace(vocabulary: Vocabulary) -> None:
    for words in ("lace-up", "lace-ups", "lace-up shoes", "laces"):
        assert vocabulary.lookup(words, "material") == ()


def test_roles_and_plurals(vocabulary: Vocabulary) -> None:
    assert vocabulary.role("chinos") == "bottom"
    assert vocabulary.role("no such type") == vocabulary.role(None) == "other"
    assert vocabulary.plural("dress") == "dresses"
    assert "shoes" not in vocabulary.types_of("shoes")
    assert [regular_plural(word) for word in ("bag", "watch", "body", "toy", "jeans")] == [
        "bags",
        "watches",
        "bodies",
        "toys",
        "jeans",
    ]


def test_the_file_defines_nothing_twice() -> None:
    seen: list[tuple[str, str]] = []
    root = yaml.compose(VOCABULARY_FILE.read_text(encoding="utf-8"))
    assert root is not None
    for slot_node, values in root.value:
        seen += [(slot_node.value, key.value) for key, _ in values.value]
    assert sorted({term for term in seen if seen.count(term) > 1}) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("color: {blue: {includes: [navy]}}", "navy"),
        ("color: {blue: {accepts: [navy]}}", "navy"),
        ("color: {a: {includes: [b]}, b: {includes: [a]}}", "itself"),
        ("colour: {blue: {}}", "colour"),
        ("color: {blue: {hex: blue}}", "blue"),
        ("color: {blue: {}, blue: {}}", "twice"),
        ("[blue]", "slot"),
        ("color: [blue]", "color"),
        ("color: {blue: [", "YAML"),
    ],
)
def test_a_broken_file_is_refused_by_name(tmp_path: Path, text: str, names: str) -> None:
    path = tmp_path / "words.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(VocabularyInvalid, match=names):
        load_vocabulary(path)


def test_normalise_folds_what_shoppers_type() -> None:
    assert normalise("  Crêpe-de_CHINE! ") == "crepe de chine"
    assert normalise("Ｔ-Shirt 100% H&M") == "t shirt 100% h&m"
