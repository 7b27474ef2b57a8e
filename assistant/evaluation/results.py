"""What playing came to: failures by turn, turns by conversation, conversations by run. Without times, two runs compare byte for byte."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.schema import Cart, TurnRecord, Usage
from catalog_data.schema import Catalog, Frozen
from catalog_data.vocabulary import Vocabulary


class Failure(Frozen):
    """One thing that did not hold. `path`: where in the script it is asked for ("expect.products.all.price", "invariant.evidence")."""

    path: str
    expected: str
    found: str


class ShownItem(Frozen):
    """An item as it was on screen, for the report."""

    product_id: str
    title: str
    price: str


class TurnResult(Frozen):
    """One turn as it was played. `milliseconds` is left out of what is compared."""

    user: str
    reply: str = ""
    shown: tuple[ShownItem, ...] = ()
    actions: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    usage: Usage = Usage()
    milliseconds: float = 0.0


class ConversationResult(Frozen):
    """One conversation, played once. `skipped`: why it was not. `failures`: those of the whole, such as a budget."""

    id: str
    attempt: int = 1
    tags: tuple[str, ...] = ()
    about: str = ""
    skipped: str | None = None
    turns: tuple[TurnResult, ...] = ()
    failures: tuple[Failure, ...] = ()

    @property
    def passed(self) -> bool:
        """True where all held; a skipped one neither passes nor fails."""
        return self.skipped is None and not self.failures and not any(turn.failures for turn in self.turns)

    @property
    def all_failures(self) -> tuple[tuple[int | None, Failure], ...]:
        """Every failure with its turn, from 1; None for those of the whole."""
        own = [(None, failure) for failure in self.failures]
        return (*((place, failure) for place, turn in enumerate(self.turns, 1) for failure in turn.failures), *own)


class RunResult(Frozen):
    """Everything that one `shopguide eval` played. `settings`: what it was played with (catalog, writer, now), for the reader."""

    settings: Mapping[str, str] = {}
    conversations: tuple[ConversationResult, ...] = ()


@dataclass(frozen=True)
class Shop:
    """What claims are held against: the catalog's own rows and the vocabulary's words."""

    catalog: Catalog
    vocabulary: Vocabulary


@dataclass(frozen=True)
class Played:
    """A turn as the checks see it: the record, all earlier ones, the basket where it is asked for, how long it took, and the item of the
    shop's page on which it was said."""

    record: TurnRecord
    earlier: tuple[TurnRecord, ...] = ()
    cart: Cart | None = None
    milliseconds: float = 0.0
    page_product_id: str | None = None
