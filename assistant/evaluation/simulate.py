"""Plays simulated shoppers against an assistant. Dialogue i depends on the seed and on i alone, so the results are the same whatever the
number of jobs and whichever dialogues are played."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from typing import Literal, Protocol

from assistant.evaluation.mind import Finished, Intent, Utterance
from assistant.evaluation.need import Need, breaks, meets
from assistant.evaluation.needs import Draw
from assistant.evaluation.players import TurnFailed
from assistant.evaluation.shopper import Shopper
from assistant.evaluation.shopper_words import Words
from assistant.evaluation.speech import HABITS, Habit
from assistant.schema import TurnRecord
from catalog_data.schema import Catalog, Frozen, Product, Slot
from catalog_data.vocabulary import Vocabulary, fold
from retrieval.filters import describe
from retrieval.schema import SizeConstraint

MOST_TURNS = 16
ORDERING: frozenset[Slot] = frozenset({"season", "style"})
"""Wishes that order what is shown and forbid nothing: few items of a catalog state them, and people say them loosely."""
PATIENCES = (4, 8)

Outcome = Finished | Literal["cut_off", "failed"]
"""How it ended; cut_off: neither side came to an end; failed: a message got no answer, see `error`."""

Basket = Literal["right", "wrong", "asked_size", "none"]
"""What the answer to "I'll take it" did: a receipt with the item, one without it, a question for the size, none of these."""


class Assistant(Protocol):
    """One conversation with what is judged."""

    def say(self, text: str, /) -> TurnRecord:
        """The answer to one message. Raises `TurnFailed` where none came."""


class Violation(Frozen):
    """An item shown at `turn` (from 1) that breaks a hard wish said by then and not taken back, or that the shopper had turned down
    (slot None)."""

    turn: int
    product_id: str
    slot: Slot | None
    wanted: str


class DialogueTurn(Frozen):
    """One message and its answer. `shown` are ids, in order; `question` the one that the answer puts, if it says so."""

    user: str
    intent: Intent
    reply: str = ""
    shown: tuple[str, ...] = ()
    question: str | None = None
    relaxations: int = 0
    withheld: tuple[str, ...] = ()


class DialogueResult(Frozen):
    """One dialogue. `need` is what the shopper came with, `final_need` what she left with, after changes of mind. Turns count her messages,
    the closing one among them. `target_success` is None where there was no target; `request_answered` where nothing was asked."""

    id: str
    habit: Habit
    patience: int
    need: Need
    final_need: Need
    turns: tuple[DialogueTurn, ...]
    outcome: Outcome
    accepted_product_id: str | None
    target_success: bool | None
    right_item_success: bool
    turns_to_success: int | None
    first_right_turn: int | None
    items_seen: int
    repeated_questions: int
    violations: tuple[Violation, ...]
    basket: Basket | None
    request_answered: bool | None
    error: str | None = None

    @property
    def withheld(self) -> tuple[str, ...]:
        """The sections that verification held back, in the order of the turns."""
        return tuple(section for turn in self.turns for section in turn.withheld)


@dataclass(frozen=True)
class Played:
    """One turn as it was played; `record` is None where no answer came. `right`: something on the screen meets all that she wants."""

    utterance: Utterance
    record: TurnRecord | None
    violations: tuple[Violation, ...] = ()
    right: bool = False


def run_dialogues(
    play: Callable[[], Assistant],
    catalog: Catalog,
    vocabulary: Vocabulary,
    words: Words,
    count: int,
    seed: int,
    jobs: int = 1,
    numbers: Iterable[int] | None = None,
) -> tuple[DialogueResult, ...]:
    """Plays `count` dialogues (or those of these `numbers`), each with a conversation of its own from `play`, `jobs` at a time, which `play`
    must then be safe for. In the order of their numbers. Whatever the assistant raises comes through."""
    draw = Draw(catalog, vocabulary)
    chosen = range(count) if numbers is None else numbers
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        return tuple(pool.map(lambda number: run_dialogue(play(), draw, words, seed, number), chosen))


def run_dialogue(assistant: Assistant, draw: Draw, words: Words, seed: int, number: int) -> DialogueResult:
    """Dialogue `number` of this seed: habits in turn, all else drawn."""
    rng = Random(f"{seed}:{number}")
    need, habit, patience = draw.need(rng), HABITS[number % len(HABITS)], rng.randint(*PATIENCES)
    shopper = Shopper(need, habit, patience, rng, words, draw)
    played: list[Played] = []
    error: str | None = None
    while error is None and len(played) < MOST_TURNS and not (played and played[-1].utterance.finished):
        utterance = shopper.speak(played[-1].record if played else None)
        try:
            record = assistant.say(utterance.text)
        except TurnFailed as failed:
            error = str(failed)
            played.append(Played(utterance=utterance, record=None))
            continue
        played.append(
            Played(
                utterance=utterance,
                record=record,
                violations=() if utterance.finished else _violations(shopper, record, draw, [*played, Played(utterance, record)]),
                right=any(meets(shopper.need, draw.by_id[card.product_id], draw.vocabulary) for card in record.products),
            )
        )
    return _result(f"sim-{seed}-{number:05d}", habit, patience, need, shopper, played, error)


def _violations(shopper: Shopper, record: TurnRecord, draw: Draw, played: Sequence[Played]) -> tuple[Violation, ...]:
    """What is shown at the last turn of `played` against a hard wish that was told. A season or a style orders the items and forbids none,
    until somebody complains that it was not kept; a size is kept by any item that has the label in stock, until its system is named."""
    turn, said = len(played), fold(" ".join(one.utterance.text for one in played))
    broken = [
        Violation(turn=turn, product_id=card.product_id, slot=wish.slot, wanted=describe(wish))
        for card in record.products
        for wish in shopper.said
        if wish.strength == "hard"
        and (wish.slot not in ORDERING or shopper.complained(wish))
        and breaks(draw.by_id[card.product_id], wish, draw.vocabulary)
        and not (
            isinstance(wish, SizeConstraint) and not _names_system(wish, said) and _has_label(draw.by_id[card.product_id], wish)
        )
    ]
    shown = [card.product_id for card in record.products if card.product_id in shopper.rejected]
    return (*broken, *(Violation(turn=turn, product_id=one, slot=None, wanted="not this one") for one in shown))


def _names_system(size: SizeConstraint, said: str) -> bool:
    """True once one of its labels was said with the system: "eu 38", "104 cm", "waist 32". A letter names its own."""
    if size.system == "alpha":
        return True
    label = rf"(?:{'|'.join(map(re.escape, map(fold, size.labels)))})"
    return re.search(rf"\b(?:eu(?: size)?|waist|w) ?{label}\b|\b{label} ?(?:cm|waist|eu)\b", said) is not None


def _has_label(product: Product, size: SizeConstraint) -> bool:
    return any(piece.in_stock and piece.label in size.labels for piece in product.sizes)


def _result(
    name: str, habit: Habit, patience: int, need: Need, shopper: Shopper, played: list[Played], error: str | None
) -> DialogueResult:
    last = played[-1].utterance
    outcome: Outcome = "failed" if error is not None else last.finished or "cut_off"
    records = [one.record for one in played if one.record is not None]
    accepted = last.product_id if last.intent == "accept" else None
    success = outcome in ("bought", "settled", "nothing_fits")
    target = shopper.need.target_product_id
    asked = next((turn for turn in played if turn.utterance.expects), None)
    return DialogueResult(
        id=name,
        habit=habit,
        patience=patience,
        need=need,
        final_need=shopper.need,
        turns=tuple(_turn(one) for one in played),
        outcome=outcome,
        accepted_product_id=accepted,
        target_success=None if target is None else accepted == target,
        right_item_success=success,
        turns_to_success=len(played) if success else None,
        first_right_turn=next((place for place, one in enumerate(played, 1) if one.right), None),
        items_seen=len({card.product_id for record in records for card in record.products}),
        repeated_questions=shopper.repeated_questions,
        violations=tuple(violation for one in played for violation in one.violations),
        basket=_basket(records[-1], accepted) if accepted is not None and error is None else None,
        request_answered=None if asked is None else _answered(asked),
        error=error,
    )


def _turn(played: Played) -> DialogueTurn:
    record = played.record
    if record is None:
        return DialogueTurn(user=played.utterance.text, intent=played.utterance.intent)
    return DialogueTurn(
        user=played.utterance.text,
        intent=played.utterance.intent,
        reply=record.reply,
        shown=tuple(card.product_id for card in record.products),
        question=record.question,
        relaxations=len(record.relaxations),
        withheld=tuple(section.section for section in record.verification if section.verdict == "withheld"),
    )


def _answered(asked: Played) -> bool:
    reply = fold(asked.record.reply) if asked.record is not None else ""
    return any(re.search(rf"(?<!\w){re.escape(fold(word))}(?!\w)", reply) for word in asked.utterance.expects)


def _basket(record: TurnRecord, accepted: str) -> Basket:
    """A receipt beside a search is that of the first item found, not of the basket."""
    held = {line.get("product_id") for line in record.offers.receipt} - {None} if "search" not in record.actions else set()
    if held:
        return "right" if accepted in held else "wrong"
    return "asked_size" if "size" in fold(record.reply) and "search" not in record.actions else "none"
