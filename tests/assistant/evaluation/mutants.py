"""Ten bugs that somebody might plant, each as one change to one place of the product, put in by a test and taken out after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import pytest

import app
import assistant.actions
import assistant.agent
import assistant.profile
import retrieval.columns
from assistant.schema import CheckedSection, Conversation, ProductCard, Profile, ProfileChange, SearchAction, Understanding
from catalog_data.schema import Money
from retrieval.filters import satisfies
from retrieval.pipeline import SearchEngine
from retrieval.schema import ItemQuery, PricedBasket, RangeConstraint, SearchResult, ValueConstraint

Mutant = Callable[[pytest.MonkeyPatch, app.Service], None]


def _rewritten(change: Callable[[ItemQuery], ItemQuery]) -> Mutant:
    """Every item query is changed on its way to the search."""

    def plant(patch: pytest.MonkeyPatch, service: app.Service) -> None:
        del service
        real = SearchEngine.search
        patch.setattr(SearchEngine, "search", lambda engine, query: real(engine, change(query)))

    return plant


def _turned(query: ItemQuery) -> ItemQuery:
    kept = [
        RangeConstraint(slot=one.slot, minimum=one.maximum, maximum=one.minimum, strength=one.strength)
        if isinstance(one, RangeConstraint) and one.slot == "price"
        else one
        for one in query.constraints
    ]
    return query.model_copy(update={"constraints": tuple(kept)})


def _without_negations(query: ItemQuery) -> ItemQuery:
    kept = tuple(one for one in query.constraints if not (isinstance(one, ValueConstraint) and one.negative))
    return query.model_copy(update={"constraints": kept})


def stale_price(patch: pytest.MonkeyPatch, service: app.Service) -> None:
    """Cards show what items cost before the last change of prices."""
    del service
    real = assistant.agent.product_card

    def card(*arguments: object, **named: object) -> ProductCard:
        made: ProductCard = real(*arguments, **named)  # type: ignore[arg-type]
        old = Money(amount_minor=made.price.amount_minor + 500, currency=made.price.currency) if made.price is not None else None
        return made.model_copy(update={"price": old})

    patch.setattr(assistant.agent, "product_card", card)


def another_recipient(patch: pytest.MonkeyPatch, service: app.Service) -> None:
    """Whatever the message is about, the shopper's own wishes are searched for."""
    del service
    real = assistant.actions.item_query

    def query(profile: Profile, action: SearchAction, *rest: object, **named: object) -> ItemQuery:
        return real(profile, action.model_copy(update={"scope": "me"}), *rest, **named)  # type: ignore[arg-type]

    patch.setattr(assistant.actions, "item_query", query)


def filter_after_the_cut(patch: pytest.MonkeyPatch, service: app.Service) -> None:
    """The nearest items are found first and then filtered."""
    real = SearchEngine.search
    catalog, vocabulary = service.retrieval.catalog, service.retrieval.vocabulary

    def search(engine: SearchEngine, query: ItemQuery) -> SearchResult:
        found = real(engine, query.model_copy(update={"constraints": (), "limit": 20}))
        kept = [
            item
            for item in found.items
            if all(satisfies(item.product, one, vocabulary, catalog.manifest.closed_slots) for one in query.constraints)
        ]
        return found.model_copy(update={"items": tuple(kept[: query.limit]), "matching": len(kept)})

    patch.setattr(SearchEngine, "search", search)


def discount_twice(patch: pytest.MonkeyPatch, service: app.Service) -> None:
    """What an offer takes off is taken off the total again."""
    del service
    real = assistant.actions.price_basket

    def priced(*arguments: object, **named: object) -> PricedBasket:
        basket: PricedBasket = real(*arguments, **named)  # type: ignore[arg-type]
        total = max(0, basket.total_minor - basket.discount_minor)
        lines = [line.model_copy(update={"amount_minor": total}) if line.kind == "total" else line for line in basket.receipt]
        return basket.model_copy(update={"total_minor": total, "receipt": tuple(lines)})

    patch.setattr(assistant.actions, "price_basket", priced)


def card_not_named(patch: pytest.MonkeyPatch, service: app.Service) -> None:
    """The second item on screen is left out of the reply."""
    del service
    real = assistant.agent.reply_text

    def reply(sections: list[CheckedSection]) -> str:
        items = [section for section in sections if section.kind == "item"]
        return real([section for section in sections if section not in items[1:2]])

    patch.setattr(assistant.agent, "reply_text", reply)


def question_asked_twice(patch: pytest.MonkeyPatch, service: app.Service) -> None:
    """What was asked and said before is forgotten."""
    del service
    real = assistant.agent.after

    def after(*arguments: object, **named: object) -> Conversation:
        conversation: Conversation = real(*arguments, **named)  # type: ignore[arg-type]
        state = conversation.state.model_copy(update={"asked": (), "phrases": ()})
        return conversation.model_copy(update={"state": state})

    patch.setattr(assistant.agent, "after", after)


def dislike_forgotten(patch: pytest.MonkeyPatch, service: app.Service) -> None:
    """A dislike holds in the turn that says it, and not after."""
    del service
    real = assistant.profile.merge

    def merge(profile: Profile, understanding: Understanding, turn: int) -> ProfileChange:
        kept = tuple(each for each in profile.preferences if each.polarity == "like")
        return real(profile.model_copy(update={"preferences": kept}), understanding, turn)

    patch.setattr(assistant.profile, "merge", merge)


def family_too_wide(patch: pytest.MonkeyPatch, service: app.Service) -> None:
    """Blue takes in purple and green."""
    real = retrieval.columns.union_of

    def union(constraint: ValueConstraint, vocabulary: object) -> frozenset[str]:
        found: frozenset[str] = real(constraint, vocabulary)  # type: ignore[arg-type]
        blue = constraint.slot == "color" and "blue" in constraint.values and not constraint.negative
        return found | {"purple", "green", "teal", "lilac"} if blue else found

    patch.setattr(retrieval.columns, "union_of", union)
    patch.setattr("retrieval.filters.union_of", union)
    service.retrieval.engine._parts.columns._cached.cache_clear()


MUTANTS: Mapping[str, Mutant] = MappingProxyType(
    {
        "budget compared the wrong way": _rewritten(_turned),
        "negation dropped": _rewritten(_without_negations),
        "stale price": stale_price,
        "another recipient's profile used": another_recipient,
        "filter after the cut": filter_after_the_cut,
        "discount twice": discount_twice,
        "card not named": card_not_named,
        "question asked twice": question_asked_twice,
        "dislike forgotten after a turn": dislike_forgotten,
        "colour family too wide": family_too_wide,
    }
)
