"""The conversation as HTML: what was said, and what each turn showed. Pure.

Facts come before prose: a turn's cards stand as soon as they are known, and each checked section goes to its place among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from assistant.events import (
    DoneEvent,
    ErrorEvent,
    OffersEvent,
    OutfitsEvent,
    ProductsEvent,
    QuestionEvent,
    SectionEvent,
    StatusEvent,
    TurnEvent,
)
from assistant.interface.cards import comparison_table, offers_box, outfit_strip, product_card
from assistant.interface.markup import Html, button, joined, tag, text
from assistant.schema import CheckedSection, Comparison, OffersBlock, OutfitCard, ProductCard, SectionKind, TurnRecord

NOTICE = (
    "Hello! I am an AI shopping assistant. I use what you write here, the shop's catalog and, if you are a known shopper, your purchases, "
    "to find items for you. What I know of you stands beside this chat, and you can change or erase it. Results are ordered by your wishes, "
    "what shoppers with your taste bought, and how well known an item is; nobody pays for a place, and everybody gets the same prices."
)
"""The first message (EU AI Act, Article 50(1)), with what decides the order of results."""

STAGES = {"understanding": "Reading …", "searching": "Looking through the shop …", "writing": "Writing …"}
ABOVE: tuple[SectionKind, ...] = ("opening", "chat", "answer", "policy", "handover", "explanation", "comparison", "relaxation")


@dataclass(frozen=True)
class TurnView:
    """What is known of a turn so far."""

    message: str
    turn_id: str = ""
    stage: str | None = "understanding"
    products: tuple[ProductCard, ...] = ()
    outfits: tuple[OutfitCard, ...] = ()
    offers: OffersBlock = field(default_factory=OffersBlock)
    sections: tuple[CheckedSection, ...] = ()
    comparison: Comparison | None = None
    suggestions: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    error: str | None = None


def advanced(view: TurnView, event: TurnEvent) -> TurnView:
    """The view after one more event; the last one, with the record, gives the whole."""
    match event:
        case StatusEvent():
            return replace(view, stage=event.stage)
        case ProductsEvent():
            return replace(view, products=event.products)
        case OutfitsEvent():
            return replace(view, outfits=event.outfits)
        case OffersEvent():
            return replace(view, offers=event.offers)
        case SectionEvent():
            return replace(view, sections=(*view.sections, event.section))
        case QuestionEvent():
            return replace(view, suggestions=event.suggestions)
        case DoneEvent():
            return recorded(event.record)
        case ErrorEvent():
            return replace(view, stage=None, error=event.detail)
        case _:
            return view


def recorded(record: TurnRecord) -> TurnView:
    """The view of a turn that is over, from its record."""
    return TurnView(
        message=record.message,
        turn_id=record.turn_id,
        stage=None,
        products=record.products,
        outfits=record.outfits,
        offers=record.offers,
        comparison=record.comparison,
        suggestions=record.suggestions,
        notices=record.notices,
        sections=record.sections,
    )


def welcome(suggestions: Sequence[str]) -> Html:
    """The first message, before anything was said."""
    return tag("div", tag("p", text(NOTICE)), chips(suggestions), class_="sg-bot sg-welcome")


def turn_html(view: TurnView, *, last: bool) -> Html:
    """One turn. Suggested replies and the way to try again stand under the last alone."""
    parts = [
        tag("div", text(view.message), class_="sg-user", dir="auto"),
        tag("div", joined(_answer(view, last)), class_="sg-bot"),
    ]
    return tag("article", joined(parts), class_="sg-turn")


def _answer(view: TurnView, last: bool) -> list[str]:
    above = [section for section in view.sections if section.kind in ABOVE]
    titles = {card.product_id: card.title for card in view.products}
    own = {section.product_ids[0]: section.text for section in view.sections if section.kind == "item" and section.product_ids}
    prose = [tag("p", text(line)) for section in above for line in section.text.split("\n") if line.strip()]
    parts: list[str] = [*prose]
    if view.comparison is not None:
        parts.append(comparison_table(view.comparison, titles))
    if view.products:
        cards = joined(product_card(card, view.turn_id, _words(card, own, view)) for card in view.products)
        parts.append(tag("ul", cards, class_="sg-cards"))
    parts.append(_beside(view, titles, last))
    parts.extend(tag("p", text(section.text)) for section in view.sections if section.kind == "closing")
    parts.extend(tag("p", text(notice), class_="sg-notice") for notice in view.notices)
    return [*parts, *_foot(view, last)]


def _beside(view: TurnView, titles: dict[str, str], last: bool) -> Html:
    """The looks and the receipt; folded away in an earlier turn that showed items too."""
    words = _text_of(view, "outfit")
    looks = joined(
        outfit_strip(outfit, titles.get(outfit.anchor_product_id), words if number == 0 else None, another=number > 0)
        for number, outfit in enumerate(view.outfits)
    )
    receipt = offers_box(view.offers, _text_of(view, "offers"))
    if last or not view.products or not (looks or receipt):
        return joined((looks, receipt))
    label = " and ".join(name for name, part in (("The look", looks), ("offers", receipt)) if part)
    summary = tag("summary", text(label[:1].upper() + label[1:]))
    return tag("details", summary, looks, receipt, class_="sg-fold", data_keep=f"beside-{view.turn_id}")


def _words(card: ProductCard, own: dict[str, str], view: TurnView) -> str | None:
    """An item's own sentence; nothing is awaited once the turn is over."""
    found = own.get(card.product_id)
    return found if found is not None or view.stage is not None else " "


def _text_of(view: TurnView, kind: SectionKind) -> str | None:
    return " ".join(section.text for section in view.sections if section.kind == kind) or None


def _foot(view: TurnView, last: bool) -> list[str]:
    parts: list[str] = []
    if view.error is not None:
        parts.append(tag("p", text(view.error), class_="sg-error", role="alert"))
    if view.stage is not None:
        parts.append(tag("p", text(STAGES.get(view.stage, "…")), class_="sg-status"))
    elif last:
        parts.append(chips(view.suggestions))
        parts.append(tag("div", button("Ask again", "say", {"text": view.message}, class_="sg-quiet"), class_="sg-again"))
    return parts


def chips(suggestions: Sequence[str]) -> Html:
    """Suggested replies; pressing one says it."""
    if not suggestions:
        return Html("")
    buttons = joined(button(each, "say", {"text": each}, class_="sg-chip") for each in suggestions)
    return tag("div", buttons, class_="sg-chips", role="group", aria_label="Suggested replies")
