"""Amounts as people read them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_data.money import format_minor, format_money, major_text, minor_digits, plain_money, to_minor
from catalog_data.schema import Money


@pytest.mark.parametrize(
    ("amount", "currency", "language", "text"),
    [
        (7995, "EUR", "en", "€79.95"),
        (129900, "EUR", "en", "€1,299.00"),
        (5, "USD", "en", "$0.05"),
        (7995, "USD", "zh", "US$79.95"),
        (7995, "CNY", "zh-CN", "¥79.95"),
        (7995, "CNY", "en", "CN¥79.95"),
        (1200, "JPY", "en", "¥1,200"),
        (4250, "KWD", "en", "KWD 4.250"),
        (7995, "SEK", "en", "SEK 79.95"),
        (7995, "GBP", "xx", "£79.95"),
        (0, "EUR", "en", "€0.00"),
    ],
)
def test_a_price_reads_as_a_price_tag(amount: int, currency: str, language: str, text: str) -> None:
    assert format_money(Money(amount_minor=amount, currency=currency), language) == text


def test_a_discount_has_its_sign_before_the_symbol() -> None:
    assert format_minor(-500, "EUR") == "-€5.00"
    assert major_text(-123456, "EUR") == "-1,234.56"


def test_terms_are_written_with_the_code() -> None:
    assert plain_money(5000, "EUR") == "50.00 EUR"
    assert plain_money(5000, "JPY") == "5,000 JPY"


def test_half_a_cent_rounds_up() -> None:
    assert to_minor("79.945", "EUR") == 7995
    assert to_minor(60, "JPY") == 60
    assert to_minor(Decimal("1.2345"), "KWD") == 1235


@pytest.mark.parametrize("text", ["", "abc", "NaN", "Infinity", "1,5"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write digits with a point"):
        to_minor(text, "EUR")


@given(st.integers(0, 10**12), st.sampled_from(["EUR", "JPY", "KWD", "CLF", "USD"]))
def test_what_is_written_reads_back_as_the_same_amount(amount: int, currency: str) -> None:
    assert to_minor(major_text(amount, currency).replace(",", ""), currency) == amount
    assert len(major_text(amount, currency).partition(".")[2]) == minor_digits(currency)
