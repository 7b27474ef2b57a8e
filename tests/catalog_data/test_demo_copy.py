"""The demo shop's copy: it says only what an item's fields say, in English, and never the same way for long."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_data.demo.tables import Tables, parse_choice, pick
from catalog_data.demo.wording import Facts, Telling, fill, joined, tidy
from catalog_data.schema import Catalog, Product, ValueSlot
from catalog_data.vocabulary import Term, Vocabulary, normalise

CLAIMS: tuple[ValueSlot, ...] = (
    "material", "pattern", "feature", "fit", "length", "occasion", "color", "season", "style",
)  # fmt: skip


def _held(product: Product, slot: ValueSlot, value: str, vocabulary: Vocabulary) -> bool:
    return not vocabulary.expand(slot, value).isdisjoint(product.values(slot))


class Reader:
    """Reads English with the vocabulary: which terms a text names, longest phrase first, clause by clause."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._longest = max(len(phrase.split()) for phrase in vocabulary.phrases)

    def phrases(self, text: str) -> Iterator[str]:
        for clause in re.split(r"[.,:;?!/]\s*", text):
            words = normalise(clause).split()
            at = 0
            while at < len(words):
                for length in range(min(self._longest, len(words) - at), 0, -1):
                    phrase = " ".join(words[at : at + length])
                    if phrase in self._vocabulary.phrases:
                        yield phrase
                        at += length
                        break
                else:
                    at += 1

    def terms(self, phrase: str) -> tuple[Term, ...]:
        return tuple(term for term in self._vocabulary.phrases[phrase] if term.slot in CLAIMS)

    def untrue(self, text: str, product: Product, own: Sequence[str]) -> list[str]:
        """The phrases of `text` that claim a value which the item does not have. "camel wool" is true of a camel coat of wool."""
        return [phrase for phrase in self.phrases(text) if not self._true(phrase, product, own)]

    def _true(self, phrase: str, product: Product, own: Sequence[str]) -> bool:
        terms = self._vocabulary.phrases.get(phrase, ())
        claims = [term for term in terms if term.slot in CLAIMS]
        if phrase in own or (terms and not claims) or any(_held(product, t.slot, t.value, self._vocabulary) for t in claims):
            return True
        words = phrase.split()
        return any(
            self._true(" ".join(words[:cut]), product, own) and self._true(" ".join(words[cut:]), product, own)
            for cut in range(1, len(words))
        )


@pytest.fixture(scope="module")
def reader(demo_vocabulary: Vocabulary) -> Reader:
    return Reader(demo_vocabulary)


def test_copy_and_title_say_only_what_the_fields_say(demo_shop: Catalog, reader: Reader) -> None:
    for product in demo_shop.products:
        own = list(reader.phrases(f"{product.product_type}. {product.brand}. {product.collection}"))
        assert reader.untrue(f"{product.title}. {product.description}", product, own) == [], product.product_id


def test_the_reader_finds_what_is_not_true(demo_shop: Catalog, reader: Reader) -> None:
    coat = next(
        p for p in demo_shop.products if p.product_type == "wool coat" and p.materials == ("wool",) and "hood" not in p.features
    )
    for claim in ("a silk lining in it", "merino, of course", "with a hood", "for the beach", "waterproof", "leopard print"):
        assert reader.untrue(claim, coat, []), claim
    assert reader.untrue("made of wool, for winter", coat, []) == []


def test_no_hand_written_sentence_claims_anything_by_itself(demo_tables: Tables, reader: Reader) -> None:
    for family, table in demo_tables.copy_by_family.items():
        for pattern in (*table.openings, *table.details):
            if "{plain}" in pattern:
                continue  # says "no pattern", of items without one
            fixed = re.sub(r"\{\w+\}", ".", re.sub(r"\[([^|\]]*)\|([^\]]*)\]", r"\1. \2", pattern))
            allowed = ["pattern"] if "{motif}" in pattern else []
            claims = [phrase for phrase in reader.phrases(fixed) if reader.terms(phrase) and phrase not in allowed]
            assert claims == [], (family, pattern)


def test_copy_is_two_to_four_sentences_without_figures_or_boasts(demo_shop: Catalog) -> None:
    boast = re.compile(
        r"best.?sell|limited|finest|softest|must.have|guarantee|perfect|unbeatable|our most|\b(?:sale|cheap|for free)\b", re.I
    )
    for product in demo_shop.products:
        sentences = re.split(r"(?<=[.?!]) ", product.description)
        asked = product.description.count("?")
        assert 2 <= len(sentences) - asked <= 6, product.description
        assert 40 <= len(product.description) <= 420
        assert not re.search(r"[\d€%{}\[\]|]", product.description), product.description
        assert not boast.search(product.description), product.description


def test_copy_is_grammatical(demo_shop: Catalog, demo_vocabulary: Vocabulary) -> None:
    wrong = re.compile(
        r"\b[Aa] (?!one-|uni|use)[aeiou]|\b[Aa]n [^aeiouAEIO]|\ba a\b|\b(\w+) \1\b|\bThis \w+s are\b|  | [.,]|\.\.|\b[Tt]hey (?:is|has)\b"
    )
    for product in demo_shop.products:
        assert not wrong.search(f"{product.title}. {product.description}"), f"{product.title}. {product.description}"
        plural = demo_vocabulary.plural(product.product_type or "") == product.product_type
        assert not re.search(r"\bIt (?:is|has|comes)\b" if plural else r"\bThey (?:are|have|come)\b", product.description)
        assert all(sentence[0].isupper() for sentence in re.split(r"(?<=[.?!]) ", product.description))


def test_there_are_many_patterns_and_none_prevails(demo_tables: Tables, demo_shop: Catalog) -> None:
    shared = len(demo_tables.copy_by_family["shared"].details)
    for family, table in demo_tables.copy_by_family.items():
        if family != "shared":
            assert len(table.openings) >= 12, family
            assert len(table.details) + shared >= 25, family
    by_type: dict[str | None, list[str]] = defaultdict(list)
    for product in demo_shop.products:
        by_type[product.product_type].append(" ".join(product.description.split()[:3]))
    for product_type, starts in by_type.items():
        if len(starts) >= 24:
            assert Counter(starts).most_common(1)[0][1] <= len(starts) * 0.3, product_type
    assert len({product.description for product in demo_shop.products}) == len(demo_shop.products)


def test_filling_a_sentence_tells_no_fact_twice() -> None:
    facts = Facts(
        plural=True,
        noun="jeans",
        fixed={"noun": ("jeans", ""), "a": ("a pair of ", ""), "mat": ("denim", "material"), "col": ("indigo", "colour")},
        with_phrases={"pockets": "pockets"},
        adjectives={},
        predicates={},
        asks={},
    )
    rng, telling = random.Random(1), Telling()
    assert (
        fill("{a}{mat} {noun} [is|are] here, with {with}.", facts, telling, rng)
        == "A pair of denim jeans are here, with pockets."
    )
    assert telling.told == {"material", "feature:pockets"}
    assert fill("Made of {mat}.", facts, telling, rng) is None
    assert fill("More {with}.", facts, telling, rng) is None
    assert fill("By {brand}.", facts, telling, rng) is None
    assert fill("{col_cap} it is.", facts, telling, rng) == "Indigo it is."


@given(st.lists(st.text(alphabet="abc", min_size=1), max_size=5))
def test_a_list_reads_as_english(words: list[str]) -> None:
    text = joined(words)
    assert [part for part in re.split(r", | and ", text) if part] == words


@pytest.mark.parametrize(
    ("text", "plural", "tidied"),
    [
        ("a evening gown [is|are] here", False, "An evening gown is here"),
        ("a A-line skirt", False, "An A-line skirt"),
        ("a one-shoulder dress", False, "A one-shoulder dress"),
        ("a unisex hat. it [has|have]  a hood", False, "A unisex hat. It has a hood"),
        ("[a|a pair of] jeans: [it|they] [fits|fit]", True, "A pair of jeans: they fit"),
    ],
)
def test_sentences_are_tidied(text: str, plural: bool, tidied: str) -> None:
    assert tidy(text, plural) == tidied


@given(st.integers(min_value=0, max_value=2**32))
def test_a_choice_is_drawn_from_its_options(seed: int) -> None:
    choice = parse_choice("a*3|b+c|-")
    assert pick(random.Random(seed), choice) in {("a",), ("b", "c"), ()}
    assert [option.weight for option in choice] == [3, 1, 1]
    assert parse_choice("x!|y")[0].always
