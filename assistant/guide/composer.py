"""The composer: writes every section without a model, in reading order. Pure; what it says goes through the same verification as a model's."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.guide import compose_frame as frame
from assistant.guide import compose_shop as shop
from assistant.guide import compose_talk as talk
from assistant.guide.compose_items import item_sections
from assistant.guide.turn import Draft, Turn

DONE = ("undone", "nothing_to_undo", "started_over")
"""What was done to the wishes, which comes before what they then lead to."""


def compose(turn: Turn) -> tuple[Draft, ...]:
    """All sections of a turn, each with the references that it needs: what was taken back, opening, items, relaxation, outfit, offers,
    comparison, answer, policy, handover, explanation, chat, closing. At least one."""
    drafts = [*_done(turn), *_found(turn), *_around(turn), *_about(turn)]
    if not drafts and turn.results.ask is None:
        drafts = [talk.chat(turn, "noted")]
    drafts.extend(_last(turn))
    return tuple(draft for draft in drafts if draft.sentences)


def _done(turn: Turn) -> Iterator[Draft]:
    """What was taken back, before what is found without it."""
    for about in dict.fromkeys(turn.results.chat):
        if about in DONE:
            yield talk.chat(turn, about)


def _found(turn: Turn) -> Iterator[Draft]:
    """What a search came to."""
    results = turn.results
    if results.search is None:
        return
    items = results.items
    if items:
        yield frame.opening(turn, items)
        yield from item_sections(turn, items)
    if not items or results.search.relaxations:
        yield frame.relaxation(turn, items)


def _around(turn: Turn) -> Iterator[Draft]:
    """Outfit, basket and offers."""
    results = turn.results
    if results.outfits:
        yield shop.outfit(turn, results.outfits[0])
    elif turn.understanding.has("pair") and (anchor := _asked_about(turn)) is not None:
        yield shop.no_outfit(turn, anchor)
    if results.basket is not None or results.cart_changes:
        yield shop.basket(turn)
    if results.offers or turn.understanding.has("offers"):
        yield shop.offers(turn)


def _about(turn: Turn) -> Iterator[Draft]:
    """Comparison, answers, policy, a person, reasons, courtesy."""
    results = turn.results
    if results.comparison is not None:
        yield talk.comparison(turn)
    yield from talk.answers(turn)
    if results.policy_asked:
        yield from shop.policy(turn, results.policy)
    if results.handover is not None:
        yield shop.handover(turn)
    if results.explained is not None:
        yield talk.explanation(turn, results.explained)
    for about in dict.fromkeys(results.chat):
        if about not in DONE:
            yield talk.chat(turn, about)


def _last(turn: Turn) -> Iterator[Draft]:
    """The one question, or one next step where items are on the page and none was given."""
    results = turn.results
    if results.ask is not None:
        yield talk.ask(turn, results.ask)
    elif results.items and results.search is not None and not results.search.relaxations and results.handover is None:
        yield frame.closing(turn, results.items)


def _asked_about(turn: Turn) -> str | None:
    """The label of the item that the message points at, else of the one talked of last."""
    pointed = [each for act in turn.understanding.acts for reference in act.references for each in reference.product_ids]
    for product_id in (*pointed, turn.state.focus or "", *turn.state.shown):
        if product_id in turn.labels:
            return turn.labels[product_id]
    return None
