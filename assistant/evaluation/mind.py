"""What a simulated shopper has in mind: her need, what she has said of it, what is left to say, and how patient she still is."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Literal

from assistant.evaluation.need import Need
from assistant.evaluation.needs import Draw
from assistant.evaluation.shopper_words import Words
from assistant.evaluation.speech import Habit, Speaker
from catalog_data.schema import Frozen, Product
from retrieval.schema import Constraint

Intent = Literal[
    "open", "tell", "answer", "complain", "rephrase", "change", "reject", "browse", "ask", "accept", "settle", "leave"
]
Finished = Literal["bought", "settled", "nothing_fits", "gave_up"]
"""bought: took an item that meets every hard wish. settled: gave way on a wish that the shop cannot meet, then took one that meets the
rest. nothing_fits: was told so, and it is so. gave_up: lost patience, or was told that nothing fits when something does."""


class Utterance(Frozen):
    """What the shopper says. `product_id`: the item that it is about. `expects`: an answer to it holds one of these words."""

    text: str
    intent: Intent
    finished: Finished | None = None
    product_id: str | None = None
    expects: tuple[str, ...] = ()


class Mind:
    """The state of one shopper. `need` and `said` (the wishes told and not taken back) change as she speaks; `rejected` are ids."""

    def __init__(self, need: Need, habit: Habit, patience: int, rng: Random, words: Words, draw: Draw) -> None:
        self.need, self.said, self.rejected = need, list[Constraint](), list[str]()
        self.repeated_questions = 0
        self._habit, self._patience, self._rng, self._words, self._draw = habit, patience, rng, words, draw
        self._speaker = Speaker(words, habit, rng, draw.currency, need.recipient)
        self._agenda = list(need.constraints)
        self._stale = self._wrong_nothings = 0  # turns in a row that led nowhere; times told that nothing fits when it does
        self._thwarted = False  # what is on the screen breaks what she said
        self._complaints: Counter[Constraint] = Counter()
        self._questions: set[str] = set()
        self._once: set[str] = set()
        self._chosen: Product | None = None
        self._products: tuple[Product, ...] = ()

    def complained(self, wish: Constraint) -> bool:
        """True once she has said that something shown breaks this wish."""
        return self._complaints[wish] > 0

    def _note(self, *told: Constraint) -> None:
        for constraint in told:
            self.said.append(constraint)
            if constraint in self._agenda:
                self._agenda.remove(constraint)
        if not self._thwarted:
            self._stale = 0

    def _utter(self, text: str, intent: Intent, finished: Finished | None = None, product: Product | None = None) -> Utterance:
        written = self._speaker.written(text, chatty=0.0 if finished else 0.4)
        product_id = product.product_id if product is not None else None
        return Utterance(text=written, intent=intent, finished=finished, product_id=product_id)
