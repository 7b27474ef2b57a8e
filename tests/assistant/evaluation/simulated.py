"""A small shop, drawn and hand-made needs, and assistants of every kind, for the tests of the simulated shopper."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from random import Random

from assistant.evaluation.needs import Draw, Need
from assistant.evaluation.players import TurnFailed
from assistant.evaluation.shopper import Shopper
from assistant.evaluation.shopper_words import Words, load_words
from assistant.evaluation.speech import Habit
from assistant.schema import OffersBlock, ProductCard, Profile, RelaxationCard, TurnRecord
from catalog_data.schema import Product
from retrieval.schema import RangeConstraint, Scores, ValueConstraint
from tests.assistant.rule_shop import demo, small, vocabulary

words: Callable[[], Words] = cache(load_words)
NO_SCORES = Scores(similarity=0, collaborative=0, preference=0, popularity=0, total=0)

BLACK = ValueConstraint(slot="color", values=("black",))
DRESS = ValueConstraint(slot="category", values=("dress",))
WOMEN = ValueConstraint(slot="gender", values=("women",))


@cache
def demo_draw() -> Draw:
    """Draws from the demo shop."""
    return Draw(demo(), vocabulary())


@cache
def small_draw() -> Draw:
    """Draws from the small shop of rule_shop."""
    return Draw(small(), vocabulary())


def under(minor: int) -> RangeConstraint:
    """A budget."""
    return RangeConstraint(slot="price", maximum=minor)


def need_of(*constraints: object, target: str | None, **fields: object) -> Need:
    """A hand-made need."""
    kind = "target" if target is not None else "impossible"
    return Need.model_validate({"kind": kind, "constraints": constraints, "target_product_id": target} | fields)


def shopper_of(need: Need, habit: Habit = "terse", *, seed: int = 0, patience: int = 5, draw: Draw | None = None) -> Shopper:
    """A shopper of the small shop."""
    return Shopper(need, habit, patience, Random(seed), words(), draw or small_draw())


def card(product: Product) -> ProductCard:
    """The item as a page shows it."""
    return ProductCard(
        product_id=product.product_id,
        title=product.title,
        brand=product.brand,
        price=product.price,
        list_price=None,
        offer=None,
        why=(),
        checks=(),
        scores=NO_SCORES,
        image_url=None,
        url=None,
    )


def answer(
    *products: Product,
    reply: str = "Here you are.",
    question: str | None = None,
    relaxations: Sequence[RelaxationCard] = (),
    actions: tuple[str, ...] = ("search",),
    held: Sequence[str] = (),
) -> TurnRecord:
    """One answer of an assistant. `held`: ids on the receipt."""
    return TurnRecord(
        turn_id="t",
        conversation_id="c",
        turn=1,
        message="",
        reply=reply,
        products=tuple(card(product) for product in products),
        offers=OffersBlock(receipt=tuple({"kind": "item", "product_id": one} for one in held)),
        relaxations=tuple(relaxations),
        profile=Profile(),
        question=question,
        actions=actions,
    )


class Fixed:
    """Gives these answers in turn, the last for ever. `said` is what it was told."""

    def __init__(self, *answers: TurnRecord) -> None:
        self._answers, self.said = answers, list[str]()

    def say(self, text: str, /) -> TurnRecord:
        """The next answer."""
        self.said.append(text)
        return self._answers[min(len(self.said), len(self._answers)) - 1]


class Dead:
    """Answers nothing."""

    def say(self, text: str, /) -> TurnRecord:
        """Fails."""
        raise TurnFailed("no answer came")
