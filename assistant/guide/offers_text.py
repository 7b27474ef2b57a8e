"""A promotion in plain words, made from its fields alone. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from assistant.guide.english import listed
from assistant.guide.references import plain
from assistant.schema import Language, OfferNote
from catalog_data.money import format_minor
from catalog_data.schema import Promotion, Scope
from catalog_data.vocabulary import Vocabulary

NAMED = 4
"""Categories, brands or collections named at most; beyond that the scope is "chosen items"."""


def offer_note(promotion: Promotion, currency: str, vocabulary: Vocabulary, language: Language = "en") -> OfferNote:
    """What `promotion` gives, on what, and under which conditions: "20% off dresses from Nordlys, with code LINEN, until 30 November 2026"."""
    parts = [_gives(promotion, currency, vocabulary, language), *_conditions(promotion, currency, language)]
    return OfferNote(
        promotion_id=promotion.promotion_id,
        title=plain(promotion.title),
        terms=", ".join(part for part in parts if part),
        code=promotion.code,
        ends_at=promotion.ends_at,
    )


def _gives(promotion: Promotion, currency: str, vocabulary: Vocabulary, language: Language) -> str:
    scope = scope_text(promotion.scope, vocabulary)
    if promotion.kind == "free_shipping":
        return "free delivery" + (f" for {scope}" if scope else "")
    if promotion.kind == "buy_x_get_y":
        extra = f"get {promotion.get_quantity} {'free' if promotion.percent == 100 else f'at {promotion.percent}% off'}"
        return f"buy {promotion.buy_quantity}, {extra}" + (f" on {scope}" if scope else "")
    percent = promotion.percent if promotion.kind != "amount" else None
    off = f"{percent}% off" if percent is not None else f"{format_minor(promotion.amount_minor or 0, currency, language)} off"
    whole = promotion.kind == "threshold" or promotion.promotion_class == "order"
    if promotion.promotion_class == "shipping":
        return f"{off} delivery"
    if whole:
        return f"{off} your order" + (f" of {scope}" if scope else "")
    each = "each piece of " if promotion.kind == "amount" else ""
    return f"{off} {each}{scope or ('the shop' if each else 'everything')}"


def scope_text(scope: Scope, vocabulary: Vocabulary) -> str:
    """What a promotion touches: "dresses and skirts from Nordlys for women"; empty where it touches everything."""
    plurals = [vocabulary.plural(category) for category in scope.categories]
    noun = listed(plurals) if 0 < len(plurals) <= NAMED else "chosen items" if plurals or scope.product_ids else ""
    parts = [noun or ("items" if scope.brands or scope.collections or scope.genders else "")]
    if scope.brands:
        parts.append(f"from {listed([plain(brand, 60) for brand in scope.brands[:NAMED]])}")
    if scope.collections:
        parts.append(f"in {listed([plain(name, 60) for name in scope.collections[:NAMED]])}")
    if scope.genders:
        parts.append(f"for {listed(list(scope.genders))}")
    text = " ".join(part for part in parts if part)
    left_out = [vocabulary.plural(c) for c in scope.excluded_categories] + [plain(b, 60) for b in scope.excluded_brands]
    if scope.excludes_reduced:
        left_out.append("reduced items")
    return f"{text or 'everything'} except {listed(left_out[:NAMED])}" if left_out else text


def _conditions(promotion: Promotion, currency: str, language: Language) -> Iterable[str]:
    if promotion.minimum_minor is not None:
        yield f"from {format_minor(promotion.minimum_minor, currency, language)} on"
    if promotion.minimum_quantity is not None:
        yield f"from {promotion.minimum_quantity} pieces on"
    if promotion.cap_minor is not None:
        yield f"at most {format_minor(promotion.cap_minor, currency, language)} in all"
    if promotion.code is not None:
        yield f"with code {promotion.code}"
    if promotion.first_order:
        yield "on a first order"
    if promotion.members_only:
        yield "for members"
    if promotion.once_per_customer:
        yield "once for each customer"
    if promotion.ends_at is not None:
        yield f"until {last_day(promotion.ends_at)}"


def last_day(ends_at: datetime) -> str:
    """The last day on which something holds that ends at `ends_at`: midnight belongs to the day before. "30 November 2026"."""
    day = ends_at - timedelta(microseconds=1)
    return f"{day.day} {day:%B %Y}"
