"""A shopper without a model: an agenda of wishes, habits of speech, a patience, and one reaction a turn to what she is shown.

Agenda-based simulation after Schatzmann et al., "Agenda-Based User Simulation for Bootstrapping a POMDP Dialogue System"
(NAACL-HLT 2007): the agenda is a stack of things yet to be said; what the assistant does decides what comes off it next. A pure state
machine: it moves only in `speak`, and all chance comes from the generator that is passed in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from assistant.evaluation.choosing import Chooser
from assistant.evaluation.hearing import question_of, says_nothing, slot_asked
from assistant.evaluation.mind import Utterance
from assistant.evaluation.need import Need, breaks, matching
from assistant.evaluation.speech import Habit
from assistant.schema import ME, TurnRecord
from catalog_data.schema import Product
from retrieval.schema import Constraint, RangeConstraint, ValueConstraint

SETTLE_SHARE, LEAD_SHARE = 0.35, 0.4
OPENING_WISHES: Mapping[Habit, int] = MappingProxyType({"terse": 9, "rambling": 2, "vague": 1, "changing": 3, "misspelling": 3})
"""How many wishes the first message tells at most."""


class Shopper(Chooser):
    """One shopper in one conversation."""

    def speak(self, last: TurnRecord | None) -> Utterance:
        """The next message. `last`: the assistant's answer to the one before, None at the start. Raises `ValueError` where it shows an item
        that the catalog does not hold."""
        if last is None:
            return self._open()
        self._look(last)
        reactions: tuple[Callable[[TurnRecord], Utterance | None], ...] = (
            self._lose_patience,
            self._take_chosen,
            self._change_mind,
            self._take,
            self._hear_nothing,
            self._complain,
            self._answer,
            self._tell,
        )
        return next((said for react in reactions if (said := react(last)) is not None), None) or self._rephrase(last)

    # ------------------------------------------------------------ opening

    def _open(self) -> Utterance:
        by_slot = {constraint.slot: constraint for constraint in self.need.constraints}
        gender = [by_slot["gender"]] if "gender" in by_slot else []
        if self._habit == "vague" and self.need.recipient != ME and self._rng.random() < 0.5:
            return self._first(gender, self._speaker.pick("open.gift", recipient=self._speaker.person()))
        occasion = by_slot.get("occasion")
        if self._habit == "vague" and occasion is not None and occasion.strength == "hard" and self._rng.random() < 0.5:
            return self._first([occasion], self._speaker.pick("open.purpose", purpose=self._speaker.named(occasion)))
        told = self._agenda[: OPENING_WISHES[self._habit]]
        if gender and gender == told[2:][-1:] and self.need.recipient == ME and self._rng.random() < 0.5:
            told.pop()  # people forget to say for whom, until they are shown the wrong shelf
        tells_recipient = self.need.recipient != ME and self._habit != "vague"
        told += [constraint for constraint in gender if constraint not in told and tells_recipient]
        form = {"rambling": "open.rambling", "vague": "open.unsure", "terse": "open.terse"}.get(self._habit)
        key = form or self._rng.choice(("open.terse", "open.plain"))
        return self._first(told, self._speaker.pick(key, **self._speaker.thing(told, tell_recipient=tells_recipient)))

    def _first(self, told: list[Constraint], text: str) -> Utterance:
        self._note(*told)
        return Utterance(text=self._speaker.written(text, chatty=1.0), intent="open")

    # ------------------------------------------------------------ reactions, in the order in which they are tried

    def _look(self, last: TurnRecord) -> None:
        strange = [card.product_id for card in last.products if card.product_id not in self._draw.by_id]
        if strange:
            raise ValueError(
                f"the answer shows {strange}, which the catalog does not hold; play against the shop of this catalog"
            )
        self._products = tuple(self._draw.by_id[card.product_id] for card in last.products)
        self._thwarted = any(self._breaks_word(product) for product in self._products)
        question = question_of(last)
        slot = slot_asked(self._words, question)
        if question is not None and slot is not None:
            known = slot != "category" and any(constraint.slot == slot for constraint in self.said)
            self.repeated_questions += known or question in self._questions
            self._questions.add(question)

    def _breaks_word(self, product: Product) -> bool:
        return any(wish.strength == "hard" and breaks(product, wish, self._draw.vocabulary) for wish in self.said)

    def _lose_patience(self, last: TurnRecord) -> Utterance | None:
        if self._stale < self._patience:
            return None
        return self._utter(self._speaker.pick("close.give_up"), "leave", "gave_up")

    def _change_mind(self, last: TurnRecord) -> Utterance | None:
        """Once, when she first sees something: one wish becomes another, or goes."""
        if self._habit != "changing" or "changed" in self._once or not self._products or self.need.kind != "target":
            return None
        self._once.add("changed")
        found = self._draw.changed(self.need, self.said, self._rng)
        if found is None:
            return None
        old, new, self.need = found
        self.said.remove(old)
        self._note(*([new] if new is not None else []))
        return self._utter(self._corrected(old, new), "change")

    def _corrected(self, old: Constraint, new: Constraint | None) -> str:
        speaker = self._speaker
        if new is None and isinstance(old, ValueConstraint) and old.negative:
            return speaker.pick("correct.allow", v=speaker.named(old))
        if new is None:
            return speaker.pick("correct.drop", slot=speaker.slot(old.slot))
        if isinstance(new, RangeConstraint):
            before = (old.maximum if isinstance(old, RangeConstraint) else None) or 0
            top = new.maximum or 0
            keys = ("correct.price", "correct.price_up") if top > before else ("correct.price",)
            return speaker.tell(new) if new.minimum is not None else speaker.pick(*keys, n=speaker.amount(top))
        return speaker.pick("correct.swap", new=speaker.named(new), old=speaker.named(old))

    def _hear_nothing(self, last: TurnRecord) -> Utterance | None:
        """She is told that nothing fits. What was no must goes first. If it is so she gives way or leaves; if not, she says it in other
        words, once."""
        if self._products or not says_nothing(self._words, last):
            return None
        soft = next((wish for wish in self.said if wish.strength == "soft"), None)
        if soft is not None:
            return self._give_way(self.need.dropping(soft), soft, None)
        left = [product for product in self._draw.stock if product.product_id not in self.rejected]
        hers = [wish for wish in self.need.constraints if wish.slot == "gender"]  # she knows for whom it is, said or not
        if not matching(left, [*self.said, *hers], self._draw.vocabulary):
            return self._settle(last) or self._utter(self._speaker.pick("close.nothing"), "leave", "nothing_fits")
        self._wrong_nothings += 1
        if self._wrong_nothings < 2:
            return self._rephrase(last)
        return self._utter(self._speaker.pick("close.nothing"), "leave", "gave_up")

    def _settle(self, last: TurnRecord) -> Utterance | None:
        """At times she gives way on the wish that the assistant names, where that leaves something to buy."""
        if "settled" in self._once or self._rng.random() >= SETTLE_SHARE:
            return None
        for offered in last.relaxations:
            old = next(
                (wish for wish in self.said if wish.slot == offered.slot and wish.slot not in ("category", "gender")), None
            )
            if old is None:
                continue
            new: Constraint | None = None
            if offered.action == "move" and isinstance(old, RangeConstraint):
                top = (offered.target or "").rpartition("..")[2]
                new = old.model_copy(update={"maximum": float(top)}) if top else None
            elif offered.action == "move":
                continue
            need = self._draw.without(self.need, old, new, self._rng)
            if need.kind == "target":
                return self._give_way(need, old, new)
        return None

    def _give_way(self, need: Need, old: Constraint, new: Constraint | None) -> Utterance:
        if old.strength == "hard":
            self._once.add("settled")
        self.need = need
        self.said.remove(old)
        self._note(*([new] if new is not None else []))
        if isinstance(new, RangeConstraint):
            text = self._speaker.pick("settle.price", n=self._speaker.amount(new.maximum or 0))
        else:
            text = self._speaker.pick("settle.drop", slot=self._speaker.slot(old.slot))
        return self._utter(text, "settle")

    def _complain(self, last: TurnRecord) -> Utterance | None:
        """Something shown breaks what she said; twice about one wish at most."""
        for index, product in enumerate(self._products):
            for wish in self.said:
                if wish.strength == "soft" or self._complaints[wish] >= 2 or not breaks(product, wish, self._draw.vocabulary):
                    continue
                self._complaints[wish] += 1
                self._stale += 1
                which = self._speaker.point(last.products, self._products, index)
                return self._utter(self._speaker.complain(wish, product, which), "complain", product=product)
        return None

    def _answer(self, last: TurnRecord) -> Utterance | None:
        """A question about a wish is answered; one about anything else with "don't mind", unless it only rounds off the reply."""
        slot = slot_asked(self._words, question_of(last))
        undecided = any(wish.slot == "category" for wish in self._agenda)
        if slot is None or (slot == "size" and undecided):
            return None
        wish = next((wish for wish in self._agenda if wish.slot == slot), None) or self._fact_of_her(slot)
        if wish is not None:
            self._note(wish)
            return self._utter(self._speaker.answer(wish), "answer")
        if last.question is None:
            return None
        told = next((wish for wish in self.said if wish.slot == slot), None)
        if told is not None:
            self._stale += 1
            return self._utter(self._speaker.pick("repeat", x=self._speaker.answer(told)), "answer")
        indifferent = self._speaker.pick("dont_mind")
        if self._agenda:
            return self._utter(f"{indifferent}. {self._next_wish()}", "answer")
        self._stale += 1
        return self._utter(indifferent, "answer")

    def _fact_of_her(self, slot: str) -> Constraint | None:
        """Asked for a size or for whom, everyone has an answer, also who had not thought of saying so: it becomes a wish."""
        target = self._draw.by_id.get(self.need.target_product_id or "")
        if target is None or slot not in ("size", "gender") or any(wish.slot == slot for wish in self.need.constraints):
            return None
        fact = self._draw.constraint(slot, target, self._rng)
        if fact is not None:
            self.need = self.need.with_constraints((*self.need.constraints, fact), target)
        return fact

    def _tell(self, last: TurnRecord) -> Utterance | None:
        """One wish more."""
        return self._utter(self._next_wish(), "tell") if self._agenda else None

    def _next_wish(self) -> str:
        """The wish of the agenda that most of what she sees breaks, in words; what kind of thing it is always goes first."""
        broken = {wish: sum(breaks(product, wish, self._draw.vocabulary) for product in self._products) for wish in self._agenda}
        wish = max(self._agenda, key=lambda one: (one.slot == "category", broken[one]))
        self._note(wish)
        lead = self._speaker.pick("lead") if self._products and self._rng.random() < LEAD_SHARE else ""
        return lead + self._speaker.tell(wish)

    def _rephrase(self, last: TurnRecord) -> Utterance:
        """All is said and nothing right is there: the whole wish in other words, or more of the same where nothing is wrong with it."""
        self._stale += 1
        if self._products and not self._thwarted:
            return self._utter(self._speaker.pick("browse"), "browse")
        whole = self._speaker.thing(self.said, tell_recipient=True)
        return self._utter(self._speaker.pick("rephrase", **whole), "rephrase")
