"""Items, looks and receipts as HTML. Pure: from wire models to markup."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.interface.markup import THUMB_DOWN, THUMB_UP, Html, button, joined, link, tag, text
from assistant.schema import Comparison, OffersBlock, OutfitCard, OutfitPieceCard, ProductCard
from catalog_data.money import format_minor, format_money
from retrieval.schema import Check

REASONS: Mapping[str, str] = {
    "price": "Too dear",
    "fit": "Fit",
    "style": "Style",
    "quality": "Quality",
    "other": "Something else",
}
"""Why an item is turned down; the keys are what the API takes."""

INTO_BASKET = "Add this to my basket"
SAID: Mapping[str, str] = {
    "More like this": "More like this",
    "Not this": "Not this one",
    "What goes with it?": "What goes with this one?",
}
"""What a card's buttons say for the shopper, who then stands on the item's page."""

_MARKS = {"met": "✓", "unmet": "✗", "unknown": "?"}
_SAYS = {"met": "met", "unmet": "not met", "unknown": "the shop does not say"}


def product_card(card: ProductCard, turn_id: str, words: str | None) -> Html:
    """One item. `words`: its section of the guide, once it is checked."""
    body = joined(
        (
            tag("h3", _title(card), class_="sg-title"),
            tag("p", text(card.brand), class_="sg-brand") if card.brand else None,
            price_line(card),
            tag("p", text(words), class_="sg-words") if words else tag("p", class_="sg-words sg-waiting", aria_hidden="true"),
            checks(card.checks, card.price.currency if card.price is not None else None),
            why_list(card),
            actions(card, turn_id),
        )
    )
    return tag("li", picture(card.image_url, card.title), tag("div", body, class_="sg-card-body"), class_="sg-card")


def _title(card: ProductCard) -> Html:
    """The title, as a link to the item's page where the shop has one that may be pointed to."""
    safe = link(card.url)
    return tag("a", text(card.title), href=safe, target="_blank", rel="noopener noreferrer") if safe else text(card.title)


def picture(url: str | None, title: str) -> Html:
    """An item's picture; an empty frame where the shop has none, so that the grid keeps its shape."""
    safe = link(url)
    if safe is None:
        return tag("div", tag("span", text("no picture")), class_="sg-picture sg-no-picture", aria_hidden="true")
    return tag("img", src=safe, alt=f"Picture of {title}", loading="lazy", class_="sg-picture", width="200", height="240")


def price_line(card: ProductCard) -> Html:
    """The price, the one it is reduced from where the law lets it be struck, the offer and the stars."""
    parts: list[str | None] = []
    if card.price is None:
        parts.append(tag("span", text("no price given"), class_="sg-price sg-muted"))
    else:
        parts.append(tag("span", text(format_money(card.price)), class_="sg-price"))
        if card.list_price is not None:
            label = "Lowest price of the 30 days before"
            parts.append(
                tag(
                    "del",
                    text(format_money(card.list_price)),
                    title=label,
                    aria_label=f"{label}: {format_money(card.list_price)}",
                )
            )
    if card.offer is not None:
        parts.append(tag("span", text(card.offer["title"]), class_="sg-tag"))
    if card.rating is not None:
        parts.append(
            tag(
                "span",
                text(f"★ {card.rating:.1f} ({card.rating_count})"),
                class_="sg-stars",
                title="Stars, and from how many reviews",
            )
        )
    return tag("p", joined(parts), class_="sg-price-line")


def check_text(check: Check, currency: str | None) -> str:
    """A check's value as people say it: "up to €80.00" for "..8000" of the price, "size M" for "alpha M". `currency` None: the item has
    no price, so there is none to write the budget in."""
    if check.slot == "size":
        return f"size {check.value.partition(' ')[2]}"
    if check.slot == "price" and currency is None:
        return "your budget"
    if check.slot not in ("price", "rating") or ".." not in check.value:
        return check.value
    low, _, high = check.value.partition("..")
    named = [(word, bound) for word, bound in (("from", low), ("up to", high)) if bound]
    if check.slot == "rating":
        return " ".join(f"{word} {bound} stars" for word, bound in named)
    return " ".join(f"{word} {format_minor(round(float(bound)), currency or '')}" for word, bound in named)


def checks(found: tuple[Check, ...], currency: str | None) -> Html:
    """How the item stands to each wish."""
    items = (
        tag(
            "li",
            tag("span", text(_MARKS[check.status]), aria_hidden="true"),
            text(f" {check_text(check, currency)}"),
            tag("span", text(f": {_SAYS[check.status]}"), class_="sg-hidden"),
            class_=f"sg-check sg-{check.status}",
            title=f"{check.slot}: {_SAYS[check.status]}",
        )
        for check in found
    )
    return tag("ul", joined(items), class_="sg-checks", aria_label="Your wishes") if found else Html("")


def why_list(card: ProductCard) -> Html:
    """Why it is here, folded away."""
    if not card.why:
        return Html("")
    reasons = tag("ul", joined(tag("li", text(reason)) for reason in card.why))
    return tag("details", tag("summary", text("Why this?")), reasons, class_="sg-why", data_keep=f"why-{card.product_id}")


def actions(card: ProductCard, turn_id: str) -> Html:
    """What can be done with it. A thumb down opens the reasons."""
    about = {"product_id": card.product_id, "turn_id": turn_id}
    reasons = joined(button(label, "down", {**about, "reason": key}) for key, label in REASONS.items())
    dislike = f"I do not like {card.title}"
    down = tag(
        "details",
        tag("summary", THUMB_DOWN, aria_label=dislike, title=dislike),
        tag("div", reasons, class_="sg-reasons", role="group", aria_label="Why not?"),
        class_="sg-down",
    )
    up = button(f"I like {card.title}", "up", about, icon=THUMB_UP)
    basket = (
        button("Add to basket", "about", {**about, "text": INTO_BASKET}, class_="sg-basket") if card.price is not None else None
    )
    say = joined(button(label, "about", {**about, "text": sentence}, class_="sg-quiet") for label, sentence in SAID.items())
    return tag(
        "div", tag("div", joined((basket, up, down)), class_="sg-thumbs"), tag("div", say, class_="sg-says"), class_="sg-actions"
    )


def outfit_strip(outfit: OutfitCard, anchor: str | None, words: str | None, *, another: bool = False) -> Html:
    """A whole look: its pieces side by side, the total, and the reasons that `words` do not give yet. `another`: not the first one shown."""
    look = "Another look" if another else "The look"
    reasons = "; ".join(reason for reason in outfit.why.split("; ") if reason and reason not in (words or ""))
    return tag(
        "section",
        tag("h3", text(f"{look} with {anchor}" if anchor else look)),
        tag("p", text(words), class_="sg-words") if words else Html(""),
        tag("ul", joined(map(_piece, outfit.pieces)), class_="sg-strip"),
        tag("p", tag("strong", text(f"Together {format_money(outfit.total)}")), text(f" · {reasons}" if reasons else "")),
        class_="sg-outfit",
    )


def _piece(piece: OutfitPieceCard) -> Html:
    about = {"product_id": piece.product_id, "text": INTO_BASKET}
    said = f"Add {piece.title} to the basket"
    buyable = piece.price is not None
    return tag(
        "li",
        picture(piece.image_url, piece.title),
        tag("span", text(piece.role), class_="sg-role"),
        tag("span", text(piece.title), class_="sg-piece-title"),
        tag("span", text(format_money(piece.price)), class_="sg-price") if piece.price is not None else Html(""),
        button("Add to basket", "about", about, class_="sg-quiet", aria_label=said, title=said) if buyable else Html(""),
    )


def offers_box(offers: OffersBlock, words: str | None) -> Html:
    """The receipt, of the basket or of the first item found, and what did not apply and why; for a basket with nothing in it the words
    alone."""
    if not any(line["kind"] == "item" for line in offers.receipt):
        return tag("p", text(words)) if words else Html("")
    rows = joined(_receipt_row(line) for line in offers.receipt)
    table = tag("table", tag("caption", text("Receipt"), class_="sg-hidden"), tag("tbody", rows), class_="sg-receipt")
    rejected = joined(tag("li", text(offer["message"])) for offer in offers.rejected)
    return tag(
        "section",
        tag("h3", text("Offers and receipt" if offers.of_basket else "If you take the first one")),
        tag("p", text(words), class_="sg-words") if words else Html(""),
        table,
        tag("ul", rejected, class_="sg-rejected", aria_label="What did not apply") if rejected else Html(""),
        class_="sg-offers",
    )


def _receipt_row(line: Mapping[str, Any]) -> Html:
    quantity = f"{line['quantity']} × " if line.get("quantity") else ""
    return tag(
        "tr",
        tag("th", text(f"{quantity}{line['label']}"), scope="row"),
        tag("td", text(line["text"])),
        class_=f"sg-row-{line['kind']}",
    )


def comparison_table(comparison: Comparison, titles: Mapping[str, str]) -> Html:
    """Items side by side, as a real table whose head names them. `titles`: of those that have a card; the comparison's own stand in for
    the others."""
    own = next((row.cells for row in comparison.rows if row.slot == "title"), comparison.product_ids)
    named = (titles.get(product_id, title) for product_id, title in zip(comparison.product_ids, own, strict=True))
    head = joined(tag("th", text(title), scope="col") for title in named)
    rows = joined(
        tag("tr", tag("th", text(row.label), scope="row"), joined(tag("td", text(cell or "–")) for cell in row.cells))
        for row in comparison.rows
        if row.slot != "title"
    )
    table = tag("table", tag("thead", tag("tr", tag("td"), head)), tag("tbody", rows), class_="sg-comparison")
    return tag("div", table, class_="sg-scroll", tabindex="0", role="region", aria_label="Comparison")
