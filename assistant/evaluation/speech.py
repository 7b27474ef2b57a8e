"""How a simulated shopper puts a wish into words: templates filled with her own names for things, in her own habit of writing.

All chance comes from the generator that is passed in. Nothing here knows how messages are read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random
from typing import Literal, get_args

from assistant.evaluation.shopper_words import Words
from assistant.evaluation.typos import misspell
from assistant.schema import ME, ProductCard
from catalog_data.money import minor_digits
from catalog_data.schema import Product
from catalog_data.vocabulary import regular_plural
from retrieval.schema import Constraint, RangeConstraint, SizeConstraint, ValueConstraint

Habit = Literal["terse", "rambling", "vague", "changing", "misspelling"]
HABITS: tuple[Habit, ...] = get_args(Habit)

FRONT = ("brand", "style", "fit", "length", "feature", "color", "pattern", "material", "gender")
"""What may stand before the noun, in the order of English."""

ONLY_FRONT = ("pattern", "style", "feature", "fit", "length")
PREPOSITIONS = ("with ", "without ", "in ", "for ")
MASS = ("wear", "jewellery", "jewelry", "lingerie", "hosiery", "tailoring")


class Speaker:
    """One shopper's way of writing; her case and punctuation stay the same throughout."""

    def __init__(self, words: Words, habit: Habit, rng: Random, currency: str, recipient: str) -> None:
        self._words, self._habit, self._rng, self._currency, self._recipient = words, habit, rng, currency, recipient
        self._lower = rng.random() < 0.6
        self._bare = rng.random() < (0.5 if habit in ("terse", "misspelling") else 0.15)
        self._known = frozenset(word for values in words.values.values() for value in values for word in value.split())

    # ------------------------------------------------------------ values

    def pick(self, *keys: str, **names: object) -> str:
        """One phrase of these groups, filled in. Groups that the file does not have are passed over."""
        phrases = [phrase for key in keys for phrase in self._words.phrases.get(key, ())]
        return self._rng.choice(phrases).format(**names)

    def person(self) -> str:
        """The recipient, as the shopper calls her."""
        return self._rng.choice(self._words.recipients[self._recipient])

    def slot(self, slot: str) -> str:
        """The slot, as people call it."""
        return self._rng.choice(self._words.slots.get(slot, (slot,)))

    def amount(self, minor: float) -> str:
        """A sum in the catalog's currency: "90", "90 euro", "ninety"."""
        text = f"{minor / 10 ** minor_digits(self._currency):.2f}".removesuffix(".00")
        if text.isdigit() and int(text) in self._words.numbers and self._rng.random() < 0.1:
            return self._words.numbers[int(text)]
        return self._rng.choice(self._words.money.get(self._currency, ("{n}",))).format(n=text)

    def named(self, constraint: Constraint) -> str:
        """The value alone: "navy blue", "a wedding", "a hood", "38"."""
        text = self._saying(constraint)
        return text.removeprefix("with ")

    def _saying(self, constraint: Constraint, *, adjective: bool = False) -> str:
        if isinstance(constraint, RangeConstraint):
            return self._range("clause", constraint)
        if isinstance(constraint, SizeConstraint):
            label = self._rng.choice(self._words.alpha.get(constraint.label.upper(), (constraint.label,)))
            label = label if self._lower or len(label) > 3 else label.upper()
            return self._rng.choice(self._words.sizes.get(constraint.system, ("{v}",))).format(v=label)
        value = constraint.values[0]
        sayings = self._words.values.get(constraint.slot, {}).get(value, (value,))
        if constraint.negative and constraint.slot == "pattern":
            sayings = self._words.nouns.get(value, (value,))
        plain = [saying for saying in sayings if not saying.startswith(PREPOSITIONS)]
        said = self._rng.choice(plain if adjective and plain else sayings)
        return said.lower() if self._lower else said

    def _range(self, group: str, constraint: RangeConstraint) -> str:
        form = "price_soft" if constraint.strength == "soft" else "price" if constraint.minimum is None else "price_range"
        low, top = constraint.minimum or 0, constraint.maximum or 0
        return self.pick(f"{group}.{form}", n=self.amount(top), low=self.amount(low))

    # ------------------------------------------------------------ the thing wanted

    def thing(self, constraints: Sequence[Constraint], *, tell_recipient: bool) -> dict[str, str]:
        """The whole wish in one phrase, as `thing`, `a_thing` and `things`."""
        front: dict[str, str] = {}
        tails, soft = list[str](), set[str]()
        noun = "something"
        for constraint in constraints:
            if constraint.slot == "category" and isinstance(constraint, ValueConstraint):
                noun = self._saying(constraint)
            elif constraint.slot == "gender" and self._recipient != ME:
                continue
            else:
                self._place(constraint, front, tails)
                soft.update(tails[-1:] if constraint.strength == "soft" else ())
        if tell_recipient and self._recipient != ME:
            tails.insert(0, self.pick("clause.recipient", recipient=self.person()))
        self._rng.shuffle(tails)
        tails.sort(key=lambda tail: tail in soft)  # "if possible" in the middle would be said of what follows it as well
        before = " ".join([*(front[slot] for slot in FRONT if slot in front), ""])
        after = "".join(f"{self._rng.choice((' ', ' ', ', '))}{tail}" for tail in tails)
        return {
            "thing": f"{before}{noun}{after}",
            "a_thing": f"{self._article(before, noun)}{before}{noun}{after}",
            "things": f"{before}{self._plural(noun)}{after}",
        }

    def _place(self, constraint: Constraint, front: dict[str, str], tails: list[str]) -> None:
        """Puts one wish before the noun or after it."""
        if isinstance(constraint, ValueConstraint) and constraint.slot == "gender" and self._rng.random() < 0.7:
            front["gender"] = self._rng.choice(self._words.possessives.get(constraint.values[0], constraint.values))
            return
        said = self._saying(constraint)
        plain = isinstance(constraint, ValueConstraint) and not constraint.negative and constraint.strength == "hard"
        fronted = plain and constraint.slot in FRONT and constraint.slot != "gender" and not said.startswith(PREPOSITIONS)
        if fronted and (constraint.slot in ONLY_FRONT or self._rng.random() < 0.8):
            front[constraint.slot] = said
        else:
            tails.append(self._tail(constraint, said))

    def _tail(self, constraint: Constraint, said: str) -> str:
        if isinstance(constraint, RangeConstraint):
            return said
        if isinstance(constraint, ValueConstraint) and constraint.negative:
            return self.pick("clause.not", v=said)
        if constraint.strength == "soft":
            return self.pick("clause.soft", x=self._clause(constraint, said))
        return self._clause(constraint, said)

    def _clause(self, constraint: Constraint, said: str) -> str:
        return said if said.startswith(PREPOSITIONS) else self.pick(f"clause.{constraint.slot}", v=said)

    def _article(self, before: str, noun: str) -> str:
        if noun == "something" or noun.endswith(MASS) or (noun.endswith("s") and not noun.endswith("ss")):
            return "" if noun == "something" else "some "
        word = f"{before}{noun}"
        return "an " if word[0] in "aeio" or word.startswith(("um", "un ", "ug")) else "a "

    def _plural(self, noun: str) -> str:
        if noun == "something" or noun.endswith(MASS):
            return noun
        return self._words.plurals.get(noun) or (f"{noun}es" if noun.endswith("ss") else regular_plural(noun))

    # ------------------------------------------------------------ one wish in a message of its own

    def tell(self, constraint: Constraint) -> str:
        """A sentence that adds the wish."""
        if isinstance(constraint, RangeConstraint):
            return self._range("say", constraint)
        if constraint.slot == "category":
            return self.pick("say.category", **self.thing((constraint,), tell_recipient=False))
        if constraint.slot == "gender" and self._recipient != ME:
            return self.pick("say.recipient", recipient=self.person())
        if isinstance(constraint, SizeConstraint):
            return self.pick("say.size" if self._recipient == ME else "say.size_for", v=self._saying(constraint))
        if constraint.negative:
            return self.pick("say.not", "say.not", f"say.not_{constraint.slot}", v=self._saying(constraint))
        said = self._saying(constraint, adjective=constraint.slot != "feature")
        if constraint.strength == "soft":
            return self.pick("say.soft", f"say.soft_{constraint.slot}", x=self._clause(constraint, said), v=said)
        if constraint.slot == "feature" and not said.startswith(PREPOSITIONS):
            return self.pick("say.feature_is", v=said)
        return self.pick(f"say.{constraint.slot}", v=said.removeprefix("with "))

    def answer(self, constraint: Constraint) -> str:
        """The short answer to a question about the slot."""
        if isinstance(constraint, RangeConstraint):
            return self._range("answer", constraint)
        if constraint.slot == "gender" and self._recipient != ME:
            return self.pick("answer.recipient", recipient=self.person())
        if isinstance(constraint, ValueConstraint) and constraint.negative:
            return self.pick("answer.not", v=self._saying(constraint))
        if constraint.slot == "category":
            return self.pick("say.category", **self.thing((constraint,), tell_recipient=False))
        return self.pick(
            f"answer.{constraint.slot}" if constraint.slot in ("size", "gender") else "answer.value", v=self.named(constraint)
        )

    def complain(self, constraint: Constraint, product: Product, which: str) -> str:
        """What is wrong with an item that breaks the wish."""
        if isinstance(constraint, RangeConstraint):
            low, top = constraint.minimum or 0, constraint.maximum or 0
            below = product.price is not None and product.price.amount_minor < low
            return self.pick(
                "complain.price_low" if below else "complain.price", n=self.amount(top), low=self.amount(low), which=which
            )
        names = {"which": which, "v": self._saying(constraint, adjective=constraint.slot != "feature")}
        if isinstance(constraint, ValueConstraint) and constraint.negative:
            return self.pick("complain.not", **names)
        if constraint.slot == "category":
            return self.pick("complain.category", **self.thing((constraint,), tell_recipient=False))
        if constraint.slot == "gender" and self._recipient != ME:
            return self.pick("complain.gender", which=which, v=self.person())
        if names["v"].startswith(PREPOSITIONS):
            return self.pick("complain.has", which=which, v=names["v"].removeprefix("with "))
        size = "size" if self._recipient == ME else "size_for"
        special = {"occasion": "for", "season": "for", "gender": "gender", "brand": "brand", "size": size}
        return self.pick(f"complain.{special.get(constraint.slot, 'value')}", **names)

    # ------------------------------------------------------------ items on the screen

    def point(self, cards: Sequence[ProductCard], products: Sequence[Product], index: int) -> str:
        """Words that point at card `index`: its place, price, brand or colour, where that tells it from the others."""
        if len(cards) == 1:
            return self.pick("point.it")
        nth = self.pick("point.nth", nth=self._words.ordinals[min(index, len(self._words.ordinals) - 1)], k=index + 1)
        ways = [nth, nth, nth]
        if index == len(cards) - 1:
            ways.append(self.pick("point.last"))
        card, product = cards[index], products[index]
        others = [other for place, other in enumerate(products) if place != index]
        if card.price is not None and all(other.price != card.price for place, other in enumerate(cards) if place != index):
            ways.append(self.pick("point.price", n=self.amount(card.price.amount_minor)))
        if product.brand is not None and all(other.brand != product.brand for other in others):
            ways.append(self.pick("point.value", v=product.brand))
        if product.colors and all(set(product.colors).isdisjoint(other.colors) for other in others):
            ways.append(self.pick("point.value", v=product.colors[0]))
        return self._rng.choice(ways)

    # ------------------------------------------------------------ the way of writing

    def written(self, text: str, *, chatty: float = 0.0) -> str:
        """The message as this shopper types it; with chance `chatty` in small talk, when she rambles."""
        if self._habit == "rambling" and self._rng.random() < chatty:
            before = self.pick("small_talk.before") if self._rng.random() < 0.7 else ""
            after = self.pick("small_talk.after") if self._rng.random() < 0.6 else ""
            text = " ".join(part for part in (before, text if text.endswith(("?", "!")) else f"{text}.", after) if part)
        if self._bare:
            text = re.sub(r"[.,!?](?!\d)|'", "", text)
        if not self._lower:
            text = re.sub(r"(^|[.!?] )([a-z])", lambda found: f"{found[1]}{found[2].upper()}", text)
            text = re.sub(r"\bi\b", "I", text)
        return misspell(text, self._rng, self._known) if self._habit == "misspelling" else text
