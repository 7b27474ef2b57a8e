"""The composer's words about the shop: outfits, offers, the basket, the policy page, a person."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.guide.compose_items import shared_offer
from assistant.guide.english import listed, number
from assistant.guide.offers_text import last_day
from assistant.guide.references import plain
from assistant.guide.turn import Draft, Turn
from assistant.schema import OfferNote
from catalog_data.schema import PolicySection
from retrieval.schema import AppliedOffer, Outfit, PricedBasket, TopUp

POLICY_LIMIT = 700
OFFERS_SAID = 6
REASONS_SAID = 3
AGAIN_AFTER = 5
"""Turns after which a search may speak of its outfit, and of offers, again: the page shows both every time."""
WORTH_IT = 2
"""What is missing for an offer may be this many times what it then saves."""


def outfit(turn: Turn, look: Outfit) -> Draft:
    """A look around one item. Asked for, its pieces by title with prices, what it comes to and why they go together; beside what a search
    found, in one line, for the page shows the pieces."""
    anchor = turn.labels[look.anchor.product_id]
    references = {"outfit.total": turn.money(look.total.amount_minor)}
    first = turn.results.items[0].product.product_id if turn.results.items else ""
    if first == look.anchor.product_id and not turn.understanding.has("pair"):
        draft = Draft(kind="outfit", section_id="outfit", labels=(anchor,))
        if turn.picker.lately("outfit_beside", AGAIN_AFTER):
            return draft
        kinds = [turn.speaker.complement("category", p.product.product_type) for p in look.pieces if p.product.product_type]
        draft.say(turn, "outfit_beside", references={**references, "outfit.kinds": listed(kinds)})
        return draft
    pieces = [turn.labels[piece.product.product_id] for piece in look.pieces]
    draft = Draft(kind="outfit", section_id="outfit", labels=(anchor, *pieces), modelled=True)
    named = [
        f"{{{label}.title}} ({{{label}.price}})" if f"{label}.price" in turn.facts[label].references else f"{{{label}.title}}"
        for label in pieces
    ]
    draft.say(turn, "outfit", {"anchor": f"{{{anchor}.title}}", "pieces": listed(named)}, references)
    reasons = plain(in_one(look.reasons[:REASONS_SAID]), 360)
    if reasons:
        draft.say(turn, "outfit_why", references={"outfit.reasons": reasons})
    return draft


def in_one(reasons: Sequence[str]) -> str:
    """Reasons as one clause: "all for a wedding", "red goes with tan", "red goes with ivory" -> "all for a wedding, and red goes with tan
    and ivory"."""
    said: dict[str, list[str]] = {}
    for reason in filter(None, reasons):
        head, matched, tail = reason.partition(" goes with ")
        said.setdefault(f"{head}{matched}", []).extend([tail] if tail else [])
    parts = [f"{head}{listed(tails)}" for head, tails in said.items()]
    return ", and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def no_outfit(turn: Turn, label: str) -> Draft:
    """An outfit was asked for and none can be made. The item is on no card in such a turn, so it is not named."""
    draft = Draft(kind="answer", section_id="outfit", labels=(label,))
    product = turn.catalog.by_id.get(turn.facts[label].product_id)
    draft.say(turn, "outfit_none", several=product is not None and turn.several(product))
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
    """One offer in a line: its terms, which say all that its title does, and its last day where they do not name it."""
    ends = f", until {last_day(note.ends_at)}" if note.ends_at is not None and "until" not in note.terms else ""
    return f"{plain(note.terms, 300)}{ends}"


def basket(turn: Turn) -> Draft:
    """What was changed in the basket, and what it comes to; or what the first result alone comes to."""
    draft = Draft(kind="offers", section_id="basket")
    priced = turn.results.basket
    _inside(turn, draft)
    for place, said in enumerate(turn.results.cart_changes, 1):
        ending = "?" if said.rstrip().endswith("?") else "."
        draft.sentences.append(f"{{basket.change{place}}}{ending}")
        draft.references[f"basket.change{place}"] = plain(said, 400).rstrip(".?! ")
    if priced is None:
        return draft
    if not priced.lines:
        draft.say(turn, "cart_empty")
    elif turn.results.basket_is_cart:
        draft.say(turn, "cart", references=_basket_references(turn, priced))
    else:
        _alone(turn, draft, priced)
    refused = _refused(priced)
    if refused:
        pool = "code_rejected" if len(refused) == 1 else "codes_rejected"
        draft.say(turn, pool, references={"basket.rejected": "; ".join(refused)})
    top = _top_up(priced)
    if top is not None and (turn.results.basket_is_cart or not _said_enough(turn, "topup")):
        text = f"{turn.money(top.missing_minor)} more, and {_called(top)} applies too"
        draft.say(turn, "topup", references={"basket.topup": text})
    return draft


def _inside(turn: Turn, draft: Draft) -> None:
    """The offer that is in the prices of several of the items found, said once for all of them."""
    items = turn.results.items
    offer = shared_offer(turn, items)
    if offer:
        labels = [turn.labels[item.product.product_id] for item in items]
        count = sum(turn.facts[label].references.get(f"{label}.offer") == offer for label in labels)
        whose = "all of these prices" if count == len(items) else f"{number(count)} of these prices"
        draft.say(turn, "offer_inside", references={"offer.title": offer, "offer.whose": whose})


def _alone(turn: Turn, draft: Draft, priced: PricedBasket) -> None:
    """What an order of the first item alone gets beyond the price that the page shows."""
    first = priced.lines[0].product
    if not turn.results.items or turn.results.items[0].product.product_id != first.product_id:
        return
    label = turn.labels[first.product_id]
    own = turn.facts[label].references.get(f"{label}.offer")
    called = [_called(offer) for offer in priced.applied if plain(offer.title, 80) != own and offer.amount_minor]
    if called and not _said_enough(turn, "alone"):
        named = listed(called)
        draft.say(turn, "alone", references={"basket.offers": named, "basket.total": turn.money(priced.total_minor)})


def _said_enough(turn: Turn, pool: str) -> bool:
    """Whether a search should not speak of offers now: it has spoken of its outfit, or said the same a turn or two ago."""
    return turn.picker.has_said("outfit_beside") or turn.picker.lately(pool, AGAIN_AFTER)


def _top_up(priced: PricedBasket) -> TopUp | None:
    """The offer within reach, where it gives back at least half of what is missing for it."""
    near = [each for each in priced.top_ups if each.missing_minor <= WORTH_IT * each.saves_minor]
    return near[0] if near and priced.lines else None


def _basket_references(turn: Turn, priced: PricedBasket) -> dict[str, str]:
    pieces = sum(line.quantity for line in priced.lines)
    parts = [f"{turn.money(priced.subtotal_minor)} for the {'piece' if pieces == 1 else 'pieces'}"]
    parts += [f"{turn.money(offer.amount_minor)} off by {_called(offer)}" for offer in priced.applied if offer.amount_minor]
    shipped = any(line.kind == "shipping" for line in priced.receipt)
    if shipped:
        parts.append(f"{turn.money(priced.shipping_minor)} for delivery" if priced.shipping_minor else "free delivery")
    return {
        "basket.pieces": f"{number(pieces)} {'piece' if pieces == 1 else 'pieces'}",
        "basket.total": turn.money(priced.total_minor),
        "basket.parts": listed(parts),
    }


def _called(offer: AppliedOffer | TopUp) -> str:
    """An offer's title in quotes, and what it hangs on that nobody knows: "“Welcome” (if it is your first order)"."""
    title = f"“{plain(offer.title, 80)}”"
    return f"{title} ({offer.condition})" if offer.condition is not None else title


def _refused(priced: PricedBasket) -> list[str]:
    """What is said of codes that took nothing off, each once; promotions that nobody asked for are not spoken of."""
    return list(dict.fromkeys(plain(each.message, 300).rstrip(".") for each in priced.rejected if each.code is not None))


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
            turn,
            "policy_found",
            references={"policy.heading": plain(each.heading, 120), "policy.text": plain(each.text, 4000, mail=True)},
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
