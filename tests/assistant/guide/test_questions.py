"""What the facts say to questions that name a property by its use or by its slot, and which addresses may be read."""

from __future__ import annotations

import pytest

from assistant.guide.describe import answer
from assistant.guide.references import plain
from catalog_data.schema import Product, Slot
from catalog_data.vocabulary import Vocabulary, load_vocabulary

UMBRELLA = Product(product_id="u1", title="Umbrella", product_type="umbrella", features=("waterproof",))
FEATURES: tuple[Slot, ...] = ("feature",)
TIE = Product(product_id="t1", title="Tie", product_type="tie", patterns=("paisley",))


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary()


@pytest.mark.parametrize(
    ("question", "asked", "status"),
    [
        ("is it any good in wind", "windproof", "unknown"),
        ("can it stand a storm", "windproof", "unknown"),
        ("does it keep the rain out", "waterproof", "yes"),
    ],
)
def test_a_use_is_answered_by_the_facts(question: str, asked: str, status: str, vocabulary: Vocabulary) -> None:
    (told,) = answer(UMBRELLA, (), (), question, vocabulary)
    assert (told.asked, told.status) == (asked, status)


def test_where_the_shop_states_all_features_a_use_is_denied(vocabulary: Vocabulary) -> None:
    (told,) = answer(UMBRELLA, (), (), "is it good in wind", vocabulary, closed_slots=FEATURES)
    assert told.status == "no"


def test_the_pattern_is_told_by_its_name(vocabulary: Vocabulary) -> None:
    (told,) = answer(TIE, ("pattern",), ("patterned",), "whats the pattern on it", vocabulary)
    assert (told.status, told.values) == ("value", ("paisley",))
    (yes,) = answer(TIE, ("pattern",), ("paisley",), "is it paisley", vocabulary)
    assert yes.status == "yes"


def test_a_mail_address_stays_only_where_the_shop_itself_writes() -> None:
    text = "Write to help@shop.example or see www.shop.example/help and https://evil.example/x@y.example."
    assert plain(text, mail=True) == "Write to help@shop.example or see and"
    assert plain(text) == "Write to or see and"
