"""Types read from titles alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.item_types import SHARED, first_words, item_types


@pytest.mark.parametrize(
    ("title", "brand", "words"),
    [
        ("Avery Heavy-Duty Binder with 1.5-Inch Ring, Black", "Avery", ["heavy", "duty", "binder"]),
        ("HP 65 Black Ink Cartridges (2 Pack)", "HP", ["ink", "cartridge"]),
        ("[New] Stapler for Desks", "", ["stapler"]),
        ("12345", "", []),
    ],
)
def test_the_first_words_name_the_thing(title: str, brand: str, words: list[str]) -> None:
    assert first_words(title, brand) == words


def test_what_many_titles_end_with_is_a_type_with_the_word_before_it_where_many_have_that() -> None:
    titles = [f"Maker{place:c} Ink Cartridge" for place in range(65, 65 + SHARED)] + ["Toner Cartridge, two", "A Whim", "12"]
    found = item_types(titles, [title.split()[0] for title in titles[:SHARED]] + [""] * 3)
    assert found == ["ink cartridge"] * SHARED + ["cartridge", None, None]


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=8)), max_size=30))
def test_any_title_has_a_type_of_one_word_or_two_or_none(drawn: list[tuple[str, str]]) -> None:
    titles, brands = [title for title, _ in drawn], [brand for _, brand in drawn]
    found = item_types(titles, brands)
    assert len(found) == len(drawn)
    assert all(kind is None or 1 <= len(kind.split()) <= 2 for kind in found)
