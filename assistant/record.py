"""What a turn's results look like to whoever asked: cards, looks, offers, record. Pure; every figure comes from the catalog or the offers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from assistant.schema import (
    CheckedSection,
    Language,
    OffersBlock,
    OutfitCard,
    OutfitPieceCard,
    ProductCard,
    RelaxationCard,
    Results,
    SectionVerdict,
)
from catalog_data.money import format_money
from catalog_data.schema import Money, Product, Promotion
from catalog_data.vocabulary import Vocabulary
from retrieval.promotions import unit_offer
from retrieval.schema import AppliedOffer, Outfit, PricedBasket, RankedItem, ReceiptLine, RejectedOffer

PictureOf = Callable[[Product], str | None]
"""The address of an item's picture on this server, or None where it has none."""


def product_card(
    item: RankedItem,
    why: Sequence[str],
    promotions: Sequence[Promotion],
    now: datetime,
    picture: PictureOf,
    vocabulary: Vocabulary,
) -> ProductCard:
    """One item as the page shows it. A price is struck only where the law allows it (Product.struck_price)."""
    product = item.product
    unit = unit_offer(product, promotions, now, vocabulary)
    return ProductCard(
        product_id=product.product_id,
        title=product.title,
        brand=product.brand,
        price=unit.price if unit is not None else None,
        list_price=product.struck_price,
        offer=offer_fields(unit.offer) if unit is not None and unit.offer is not None else None,
        why=tuple(why),
        checks=item.checks,
        scores=item.scores,
        image_url=picture(product),
        url=product.url,
        rating=product.rating,
        rating_count=product.rating_count,
        sizes=tuple(size.label for size in product.sizes if size.in_stock),
    )


PriceOf = Callable[[Product], Money | None]
"""What one piece costs alone, after the automatic offer that helps most."""


def outfit_card(outfit: Outfit, picture: PictureOf, price_of: PriceOf) -> OutfitCard:
    """A whole look with its total; pieces cost what their cards say."""
    return OutfitCard(
        anchor_product_id=outfit.anchor.product_id,
        pieces=tuple(
            OutfitPieceCard(
                role=piece.role,
                product_id=piece.product.product_id,
                title=piece.product.title,
                price=price_of(piece.product),
                image_url=picture(piece.product),
            )
            for piece in outfit.pieces
        ),
        total=outfit.total,
        why="; ".join(outfit.reasons),
    )


def offer_fields(offer: AppliedOffer) -> dict[str, Any]:
    """An applied offer in the Agentic Commerce Protocol's words, with ours; `condition` only where it hangs on one that is assumed."""
    assumed = {"condition": offer.condition} if offer.condition is not None else {}
    return {
        "promotion_id": offer.promotion_id,
        "title": offer.title,
        "amount_minor": offer.amount_minor,
        "code": offer.code,
        "automatic": offer.automatic,
        "method": "across" if len(offer.allocations) != 1 else "each",
        "priority": offer.priority,
        "allocations": [{"line": line, "amount_minor": amount} for line, amount in offer.allocations],
        **assumed,
    }


def _rejected_fields(offer: RejectedOffer) -> dict[str, Any]:
    return {
        "code": offer.code,
        "promotion_id": offer.promotion_id,
        "title": offer.title,
        "reason": offer.reason,
        "message": offer.message,
    }


def _receipt_fields(line: ReceiptLine, currency: str, language: Language) -> dict[str, Any]:
    amount = format_money(Money(amount_minor=abs(line.amount_minor), currency=currency), language)
    return {**line.model_dump(), "currency": currency, "text": f"-{amount}" if line.amount_minor < 0 else amount}


def offers_block(basket: PricedBasket | None, language: Language, of_basket: bool = True) -> OffersBlock:
    """What came off the basket, what did not and why, line by line. `of_basket`: False where it is the first item found, alone."""
    if basket is None:
        return OffersBlock()
    return OffersBlock(
        applied=tuple(offer_fields(offer) for offer in basket.applied),
        rejected=tuple(_rejected_fields(offer) for offer in basket.rejected),
        receipt=tuple(_receipt_fields(line, basket.currency, language) for line in basket.receipt),
        of_basket=of_basket,
    )


def relaxation_cards(results: Results) -> tuple[RelaxationCard, ...]:
    """The changes that would give more."""
    return tuple(RelaxationCard.of(each) for each in results.search.relaxations) if results.search is not None else ()


def verdicts(sections: Sequence[CheckedSection]) -> tuple[SectionVerdict, ...]:
    """What verification said, a section each; the writer is whose words are shown."""
    return tuple(
        SectionVerdict(
            section=section.section_id, writer=section.shown_writer, verdict=section.verdict, findings=section.findings
        )
        for section in sections
    )


def reply_text(sections: Sequence[CheckedSection]) -> str:
    """The reply as plain text, a paragraph a section."""
    return "\n\n".join(section.text for section in sections if section.text)
