"""The published discount examples of the Agentic Commerce Protocol: their order totals, exactly."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from catalog_data.schema import Money, Product, Promotion, Shipping
from catalog_data.vocabulary import Vocabulary
from retrieval.promotions import price_basket
from retrieval.schema import BasketLine, PricedBasket, Shopper

FOLDER = Path(__file__).resolve().parents[2] / "../shared/data/promotions"
NAMES = (
    "automatic-discount",
    "order-level-discount",
    "percentage-discount-with-allocations",
    "rejected-discount-code",
    "stacked-discounts",
)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
ALL = ("item", "order", "shipping")

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the protocol's examples are not on this machine")


def example(name: str) -> Any:
    return json.loads((FOLDER / f"acp-{name}.json").read_text(encoding="utf-8"))["response"]


def amount(totals: list[dict[str, Any]], kind: str) -> int:
    return sum(int(entry["amount"]) for entry in totals if entry["type"] == kind)


def promotion_of(applied: dict[str, Any]) -> Promotion:
    """method each: on every piece; across, or none named: on the order; allocated to fulfilment: on the delivery."""
    coupon = applied["coupon"]
    fields: dict[str, Any] = {
        "promotion_id": coupon["id"],
        "title": coupon["name"],
        "combines_with": ALL,
        "code": applied.get("code"),
    }
    if any("fulfillment" in part["path"] for part in applied.get("allocations", ())):
        return Promotion(kind="free_shipping", promotion_class="shipping", **fields)
    fields |= {
        "promotion_class": "item" if applied.get("method") == "each" else "order",
        "priority": applied.get("priority", 100),
    }
    if "percent_off" in coupon:
        return Promotion(kind="percent", percent=coupon["percent_off"], **fields)
    return Promotion(kind="amount", amount_minor=coupon["amount_off"], **fields)


def basket_of(response: Any) -> PricedBasket:
    lines = [
        BasketLine(
            product=Product(
                product_id=row["id"], title=row["name"], price=Money(amount_minor=row["unit_amount"], currency="USD")
            ),
            quantity=row["quantity"],
        )
        for row in response["line_items"]
    ]
    discounts = response["discounts"]
    promotions = [promotion_of(applied) for applied in discounts["applied"]]
    expired = {"kind": "percent", "percent": 50, "ends_at": datetime(2025, 12, 2, tzinfo=UTC)}
    promotions += [
        Promotion.model_validate({"promotion_id": row["code"], "title": row["code"], "code": row["code"], **expired})
        for row in discounts.get("rejected", ())
    ]
    on_delivery = sum(
        part["amount"] for one in discounts["applied"] for part in one.get("allocations", ()) if "fulfillment" in part["path"]
    )
    charge = Shipping(standard_minor=amount(response["totals"], "fulfillment") + on_delivery)
    return price_basket(lines, promotions, discounts["codes"], NOW, Shopper(), charge, "USD", Vocabulary({}))


@pytest.mark.parametrize("name", NAMES)
def test_the_order_total_is_exact(name: str) -> None:
    response = example(name)
    basket = basket_of(response)
    # Taxes are not ours to compute: the one example that has them adds them to the same total.
    assert basket.total_minor == amount(response["totals"], "total") - amount(response["totals"], "tax")
    applied = {offer.promotion_id: offer.amount_minor for offer in basket.applied}
    assert applied == {one["coupon"]["id"]: one["amount"] for one in response["discounts"]["applied"]}


def test_what_is_shared_over_lines_is_shared_as_published() -> None:
    (applied,) = example("percentage-discount-with-allocations")["discounts"]["applied"]
    (offer,) = basket_of(example("percentage-discount-with-allocations")).applied
    assert [part for _, part in offer.allocations] == [part["amount"] for part in applied["allocations"]]


def test_the_expired_code_is_rejected_with_its_day() -> None:
    (rejected,) = basket_of(example("rejected-discount-code")).rejected
    assert (rejected.code, rejected.reason, rejected.message) == ("EXPIRED50", "expired", "EXPIRED50: ended 1 December 2025")
