"""Money as people read and write it. Amounts are integers of minor units everywhere else.

Minor digits are those of ISO 4217 (list one); symbols are those of CLDR for English and Chinese readers.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType

from catalog_data.schema import Money

MINOR_DIGITS: Mapping[str, int] = MappingProxyType(
    dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0
    )
    | dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)
    | dict.fromkeys(("CLF", "UYW"), 4)
)
"""The currencies whose smallest unit is not a hundredth."""

SYMBOLS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "en": MappingProxyType({"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "CNY": "CN¥"}),
        "zh": MappingProxyType({"EUR": "€", "USD": "US$", "GBP": "£", "JPY": "JP¥", "CNY": "¥"}),
    }
)
"""What stands before the figure, by language; a currency without a symbol is written as its code and a space."""


def minor_digits(currency: str) -> int:
    """How many digits of `currency` (ISO 4217) stand after the point: 2 for EUR, 0 for JPY, 3 for KWD."""
    return MINOR_DIGITS.get(currency, 2)


def major_text(amount_minor: int, currency: str) -> str:
    """`amount_minor` in major units, digits grouped by thousands, no symbol: 129900 EUR -> "1,299.00"; negative: "-5.00"."""
    digits = minor_digits(currency)
    major, minor = divmod(abs(amount_minor), 10**digits)
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{major:,}.{minor:0{digits}d}" if digits else f"{sign}{major:,}"


def format_minor(amount_minor: int, currency: str, language: str = "en") -> str:
    """As `format_money`, for an amount that may be negative (a discount on a receipt): -500 EUR -> "-€5.00"."""
    symbol = SYMBOLS.get(language[:2].lower(), SYMBOLS["en"]).get(currency, f"{currency} ")
    return f"{'-' if amount_minor < 0 else ''}{symbol}{major_text(abs(amount_minor), currency)}"


def format_money(money: Money, language: str = "en") -> str:
    """`money` as a price tag: "€79.95", "¥1,200", "KWD 4.250". A language without symbols of its own reads the English ones."""
    return format_minor(money.amount_minor, money.currency, language)


def plain_money(amount_minor: int, currency: str) -> str:
    """An amount with its currency's code after it, as terms and conditions write it: "50.00 EUR"."""
    return f"{major_text(amount_minor, currency)} {currency}"


def to_minor(amount: Decimal | int | str, currency: str) -> int:
    """Major units to minor ones, half up: ("79.95", "EUR") -> 7995. Raises `ValueError` where `amount` is not a finite number."""
    try:
        value = Decimal(amount)
    except ArithmeticError as error:
        raise ValueError(f"{amount!r} is not an amount; write digits with a point, such as 79.95") from error
    if not value.is_finite():
        raise ValueError(f"{amount!r} is not an amount; write digits with a point, such as 79.95")
    return int((value * 10 ** minor_digits(currency)).to_integral_value(rounding=ROUND_HALF_UP))
