"""What a script expects of a turn in sentences for a model to judge: what tau2 calls `nl_assertions`. Actions to be taken and words to be
mentioned are not among them; tau2 has fields for those."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from assistant.evaluation.conditions import asked_for, listed, told
from assistant.evaluation.script import (
    Expect,
    OffersExpect,
    OutfitsExpect,
    ProductsExpect,
    ProfileExpect,
    RelaxationsExpect,
    ReplyExpect,
)
from catalog_data.schema import VALUE_SLOTS

ORDERS = {"price_ascending": "the cheapest first", "price_descending": "the dearest first", "rating": "the best rated first"}
LANGUAGES = {"en": "English", "zh": "Chinese"}


def sentences(expect: Expect, turn: int) -> tuple[str, ...]:
    """One for each thing expected after message `turn` (from 1)."""
    return tuple(f"After message {turn}, {each}." for each in _all(expect))


def _all(expect: Expect) -> Iterator[str]:
    if expect.profile is not None:
        yield from _profile(expect.profile)
    if expect.products is not None:
        yield from _products(expect.products)
    yield from (f"the assistant does not {each}" for each in expect.not_actions)
    if expect.offers is not None:
        yield from _offers(expect.offers)
    if expect.outfits is not None:
        yield from _outfits(expect.outfits)
    if expect.relaxations is not None:
        yield from _relaxations(expect.relaxations)
    if expect.comparison is not None:
        yield f"items are {'' if expect.comparison else 'not '}set side by side"
    if isinstance(expect.question, str):
        yield f"the assistant asks something that matches the regular expression {expect.question!r}"
    elif expect.question is not None:
        yield f"the assistant asks {'a' if expect.question else 'no'} question"
    if expect.notices is not None:
        yield from (f"a notice mentions {each!r}" for each in expect.notices.mentions)
        yield from _words("the notices", expect.notices)
    if expect.reply is not None:
        yield from _words("the reply", expect.reply)
    if expect.cart is not None:
        for name, value in expect.cart.model_dump(exclude_none=True).items():
            yield f"the basket's {name} are {_listed(value) if isinstance(value, tuple | list) else value}"


def _listed(words: Iterable[object]) -> str:
    return ", ".join(map(str, words)) or "none"


def _count(least: int | None, most: int | None, of: str) -> Iterator[str]:
    if least is not None:
        yield f"at least {least} {of} shown"
    if most is not None:
        yield f"at most {most} {of} shown"


def _products(expect: ProductsExpect) -> Iterator[str]:
    yield from _count(expect.min, expect.max, "items are")
    conditions = (
        ("every item shown is so", expect.all),
        ("no item shown is so", expect.none),
        ("at least one item shown is so", expect.any),
        ("the first item shown is so", expect.first),
    )
    yield from (f"{lead}: {asked_for(condition)}" for lead, condition in conditions if condition is not None)
    if expect.ids is not None:
        yield f"exactly these items are shown, in this order: {_listed(expect.ids)}"
    if expect.order is not None:
        yield f"items are shown with {ORDERS[expect.order]}"
    if expect.new is not None:
        yield f"{'no' if expect.new else 'an'} item shown was shown after the message before"
    if expect.same is not None:
        yield f"the items shown are {'those' if expect.same else 'not those'} of the message before"


def _offers(expect: OffersExpect) -> Iterator[str]:
    yield from (f"the promotion {each} is taken off" for each in expect.applied)
    yield from (f"the promotion {each} is not taken off" for each in expect.not_applied)
    yield from (f"the code {each} is refused" for each in expect.rejected)
    if expect.saved is not None:
        yield f"what is saved in all is {told(expect.saved)}"
    if expect.total is not None:
        yield f"the total is {told(expect.total)}"


def _outfits(expect: OutfitsExpect) -> Iterator[str]:
    yield from _count(expect.min, expect.max, "outfits are")
    yield from (f"the first outfit has a piece in the role of {role}" for role in expect.roles)
    if expect.pieces is not None:
        yield f"every piece of the first outfit is so: {asked_for(expect.pieces)}"


def _relaxations(expect: RelaxationsExpect) -> Iterator[str]:
    yield from _count(expect.min, expect.max, "changes of a wish that would give more items are")
    yield from (f"the assistant offers to drop or move the wish for {slot}" for slot in expect.slots)


def _words(what: str, expect: ReplyExpect) -> Iterator[str]:
    yield from (f"{what} do not mention {each!r}" for each in expect.not_mentions)
    if expect.mentions_any:
        yield f"{what} mention at least one of {_listed(map(repr, expect.mentions_any))}"
    if expect.regex is not None:
        yield f"{what} match the regular expression {expect.regex!r}"
    if expect.not_regex is not None:
        yield f"{what} do not match the regular expression {expect.not_regex!r}"
    if expect.language is not None:
        yield f"{what} are written in {LANGUAGES[expect.language]}"
    if expect.max_words is not None:
        yield f"{what} have at most {expect.max_words} words"
    if expect.differs is not None:
        yield f"{what} have {'other' if expect.differs else 'the same'} words {'than' if expect.differs else 'as'} after the message before"


def _profile(expect: ProfileExpect) -> Iterator[str]:
    who = f"for {expect.scope}" if expect.scope is not None else "for the shopper"
    for slot in (*VALUE_SLOTS, "size"):
        if (words := getattr(expect, slot)) is not None:
            yield f"the {slot} wanted {who} is understood as {_listed(listed(words))} and nothing else"
    yield from (f"the {slot} unwanted {who} is understood as {_listed(listed(words))}" for slot, words in expect.dislikes.items())
    if expect.price is not None:
        low, high = ("open" if bound is None else f"{bound:g}" for bound in (expect.price.min, expect.price.max))
        yield f"the price wanted {who} is understood as {low} to {high}"
    if expect.rating is not None:
        yield f"the least rating wanted {who} is understood as {expect.rating:g} stars"
    if expect.scope is not None and not expect.model_dump(exclude_unset=True, exclude={"scope"}):
        yield f"the wishes are understood to be {who}"
    yield from (f"nothing is known of the {slot} {who}" for slot in expect.absent)
    yield from (f"the {slot} {who} is taken as a preference, not as a condition" for slot in expect.soft)
    yield from (f"the {slot} {who} is taken as a condition" for slot in expect.hard)
    yield from (f"an earlier wish for the {slot} is given up" for slot in expect.superseded)
