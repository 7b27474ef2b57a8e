"""The composer's words about the shop: outfits, offers, the basket, the policy page, a person."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.guide.english import listed, number
from assistant.guide.offers_text import last_day
from assistant.guide.references import plain
from assistant.guide.turn import Draft, Turn
from assistant.schema import OfferNote
from catalog_data.schema import PolicySection
from retrieval.schema import Outfit, PricedBasket

POLICY_LIMIT = 700
OFFERS_SAID = 6
REASONS_SAID = 3


def outfit(turn: Turn, look: Outfit) -> Draft:
    """A look around one item: its pieces by title, what it comes to, and why they go together."""
    anchor = turn.labels[look.anchor.product_id]
    pieces = [turn.labels[piece.product.product_id] for piece in look.pieces]
    draft = Draft(kind="outfit", section_id="outfit", labels=(anchor, *pieces), modelled=True)
    named = [
        f"{{{label}.title}} ({{{label}.price}})" if f"{label}.price" in turn.facts[label].references else f"{{{label}.title}}"
        for label in pieces
    ]
    references = {"outfit.total": turn.money(look.total.amount_minor)}
    draft.say(turn, "outfit", {"anchor": f"{{{anchor}.title}}", "pieces": listed(named)}, references)
    reasons = [plain(reason, 120) for reason in look.reasons[:REASONS_SAID]]
    if any(reasons):
        draft.say(turn, "outfit_why", references={"outfit.reasons": "; ".join(reason for reason in reasons if reason)})
    return draft


def no_outfit(turn: Turn, label: str) -> Draft:
    """An outfit was asked for and none can be made."""
    draft = Draft(kind="outfit", section_id="outfit", labels=(label,))
    draft.say(turn, "outfit_none", {"anchor": f"{{{label}.title}}"})
    draft.kind = "answer"
    return draft


def offers(turn: Turn) -> Draft:
    """What is on offer now, each with its terms."""
    draft = Draft(kind="offers", section_id="offers")
    notes = turn.results.offers
    if not notes:
        draft.say(turn, "offers_none")
        return draft
    texts = [offer_text(note) for note in notes[:OFFERS_SAID]]
    rest = len(notes) - len(texts)
    texts += [f"{number(rest)} more"] if rest > 0 else []
    draft.say(turn, "offers_list", references={"offers.list": "; ".join(texts), "offers.count": number(len(notes))})
    return draft


def offer_text(note: OfferNote) -> str:
    """One offer in a line: its title, its terms, its last day where the terms do not name it."""
    ends = f", until {last_day(note.ends_at)}" if note.ends_at is not None and "until" not in note.terms else ""
    return f"“{plain(note.title)}” ({plain(note.terms, 300)}{ends})"


def basket(turn: Turn) -> Draft:
    """What was changed in the basket, and what it comes to; or what the first result alone comes to."""
    draft = Draft(kind="offers", section_id="basket")
    priced = turn.results.basket
    for place, said in enumerate(turn.results.cart_changes, 1):
        ending = "?" if said.rstrip().endswith("?") else "."
        draft.sentences.append(f"{{basket.change{place}}}{ending}")
        draft.references[f"basket.change{place}"] = plain(said, 400).rstrip(".?! ")
    if priced is None:
        return draft
    if not priced.lines:
        draft.say(turn, "cart_empty")
    else:
        alone = not turn.results.basket_is_cart
        draft.say(turn, "alone" if alone else "cart", references=_basket_references(turn, priced))
    for code in _refused(priced):
        draft.say(turn, "code_rejected", references={"basket.rejected": code})
    if priced.top_ups and priced.lines:
        top = priced.top_ups[0]
        text = f"{turn.money(top.missing_minor)} more and “{plain(top.title, 80)}” takes {turn.money(top.saves_minor)} off"
        draft.say(turn, "topup", references={"basket.topup": text})
    return draft


def worth_telling(priced: PricedBasket) -> bool:
    """Whether what the first result alone comes to says more than its price: offers, delivery, or a threshold in reach."""
    return bool(priced.applied or priced.top_ups or priced.shipping_minor)


def _basket_references(turn: Turn, priced: PricedBasket) -> dict[str, str]:
    pieces = sum(line.quantity for line in priced.lines)
    parts = [f"{turn.money(priced.subtotal_minor)} for the {'piece' if pieces == 1 else 'pieces'}"]
    parts += [f"{turn.money(offer.amount_minor)} off by “{plain(offer.title, 80)}”" for offer in priced.applied]
    shipped = any(line.kind == "shipping" for line in priced.receipt)
    if shipped:
        parts.append(f"{turn.money(priced.shipping_minor)} for delivery" if priced.shipping_minor else "delivery free")
    return {
        "basket.title": plain(priced.lines[0].product.title),
        "basket.pieces": f"{number(pieces)} {'piece' if pieces == 1 else 'pieces'}",
        "basket.total": turn.money(priced.total_minor),
        "basket.parts": listed(parts),
    }


def _refused(priced: PricedBasket) -> list[str]:
    """What is said of codes that took nothing off; promotions that nobody asked for are not spoken of."""
    return [plain(each.message, 300).rstrip(".") for each in priced.rejected if each.code is not None]


def policy(turn: Turn, sections: Sequence[PolicySection]) -> list[Draft]:
    """The shop's own words under their headings, a section each; or that it says nothing."""
    if not sections:
        draft = Draft(kind="policy", section_id="policy")
        draft.say(turn, "policy_none")
        return [draft]
    found = []
    for place, each in enumerate(sections[:2], 1):
        draft = Draft(kind="policy", section_id=f"policy{place}")
        heading, text = f"policy{place}.heading", f"policy{place}.text"
        draft.say(
            turn, "policy_found", references={"policy.heading": plain(each.heading, 120), "policy.text": plain(each.text, 4000)}
        )
        draft.references = {heading: draft.references["policy.heading"], text: shortened(draft.references["policy.text"])}
        draft.sentences = [
            s.replace("{policy.heading}", f"{{{heading}}}").replace("{policy.text}", f"{{{text}}}") for s in draft.sentences
        ]
        found.append(draft)
    return found


def shortened(text: str, limit: int = POLICY_LIMIT) -> str:
    """`text` up to the last whole sentence within `limit`; cut at a word where the first sentence is longer."""
    if len(text) <= limit:
        return text
    head = text[:limit]
    stop = max(head.rfind(". "), head.rfind("! "), head.rfind("? "))
    return head[: stop + 1] if stop > 0 else f"{head.rsplit(' ', 1)[0]} …"


def handover(turn: Turn) -> Draft:
    """That a person is needed, why, and what they will see."""
    draft = Draft(kind="handover", section_id="handover")
    draft.say(turn, f"handover_{turn.results.handover}")
    return draft
