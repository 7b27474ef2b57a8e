"""Carries out a plan: each action asks the shop one thing and adds a typed result. Decides nothing and writes no prose."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from assistant import cart as carts
from assistant.policy import Topics, find
from assistant.query import (
    NOT_FOR_CHILDREN,
    for_grown_ups,
    item_query,
    outfit_constraints,
    stated_constraints,
    what_it_is,
)
from assistant.schema import (
    Action,
    Answer,
    AskAction,
    Cart,
    ChatAction,
    CompareAction,
    Comparison,
    DescribeAction,
    DialogueState,
    ExplainAction,
    HandoverAction,
    OfferNote,
    OffersAction,
    OutfitAction,
    PolicyAction,
    PriceAction,
    Profile,
    Results,
    SearchAction,
    Understanding,
)
from catalog_data.schema import Catalog, Money, Product, Promotion
from catalog_data.vocabulary import Vocabulary
from retrieval.filters import concerns
from retrieval.pairings import Pairings
from retrieval.pipeline import SearchEngine
from retrieval.promotions import price_basket, unit_offer
from retrieval.schema import BasketLine, Check, ItemQuery, PricedBasket, RankedItem, Shopper, ValueConstraint

AGAIN = "_again"
"""Behind the id of a question: what is said where it was asked before. No question."""


class Describe(Protocol):
    """What the catalog says to a question about one item."""

    def __call__(self, product: Product, action: DescribeAction) -> tuple[Answer, ...]: ...


@dataclass(frozen=True)
class Shop:
    """Everything that actions ask. `describe`, `compare` and `note` turn fields into typed answers."""

    catalog: Catalog
    vocabulary: Vocabulary
    engine: SearchEngine
    pairings: Pairings
    topics: Topics
    describe: Describe
    compare: Callable[[Sequence[Product]], Comparison]
    note: Callable[[Promotion], OfferNote]

    def price(self, lines: Sequence[BasketLine], codes: Sequence[str], shopper: Shopper, now: datetime) -> PricedBasket:
        """These lines with everything that holds for them at `now`."""
        manifest = self.catalog.manifest
        return price_basket(
            tuple(lines),
            self.catalog.promotions,
            tuple(codes),
            now,
            shopper,
            manifest.shipping,
            manifest.currency,
            self.vocabulary,
        )

    def unit_price(self, product: Product, now: datetime) -> Money | None:
        """What one piece costs alone, after the automatic offer that helps most; None where it has no price."""
        unit = unit_offer(product, self.catalog.promotions, now, self.vocabulary)
        return unit.price if unit is not None else None


@dataclass(frozen=True)
class Situation:
    """What the actions of one turn may read beside the shop. `history`: the shopper's own purchases, oldest first."""

    profile: Profile
    understanding: Understanding
    state: DialogueState
    cart: Cart
    shopper: Shopper
    now: datetime
    history: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """The results, and the cart after the changes asked for."""

    results: Results = field(default_factory=Results)
    cart: Cart = field(default_factory=Cart)


def perform(actions: Sequence[Action], shop: Shop, situation: Situation) -> Outcome:
    """All actions in order; a later one sees what the earlier ones found. An item that has left the catalog since it was shown is asked for."""
    outcome = Outcome(results=Results(scope=situation.understanding.scope), cart=situation.cart)
    for action in actions:
        outcome = _perform_one(_possible(action, shop), shop, situation, outcome)
    return _with(outcome, {"ask": anew(outcome.results.ask, situation.state)})


def anew(ask: AskAction | None, state: DialogueState) -> AskAction | None:
    """`ask`, or, where that was asked before, the statement of how to answer it: no question is put twice."""
    if ask is None or ask.question_id not in state.asked:
        return ask
    return ask.model_copy(update={"question_id": f"{ask.question_id}{AGAIN}"})


def _possible(action: Action, shop: Shop) -> Action:
    """`action`, or the question which item is meant where the catalog does not hold the one that it is about."""
    match action:
        case CompareAction():
            kept = tuple(each for each in action.product_ids if each in shop.catalog.by_id)
            return CompareAction(product_ids=kept) if len(kept) > 1 else AskAction(question_id="what_to_compare")
        case DescribeAction() | OutfitAction() | ExplainAction():
            known = action.product_id is None or action.product_id in shop.catalog.by_id
            return action if known else AskAction(question_id="which_item")
        case _:
            return action


def _perform_one(action: Action, shop: Shop, situation: Situation, outcome: Outcome) -> Outcome:
    match action:
        case SearchAction():
            return _with(outcome, _search(action, shop, situation))
        case OutfitAction():
            return _with(outcome, _outfit(action, shop, situation, outcome.results))
        case PriceAction():
            return _price(action, shop, situation, outcome)
        case DescribeAction():
            return _with(outcome, _describe(action, shop, situation, outcome.results))
        case CompareAction():
            comparison = shop.compare([shop.catalog.by_id[each] for each in action.product_ids])
            return _with(outcome, {"comparison": comparison, **_talked_of(action.product_ids, shop, situation, outcome.results)})
        case OffersAction():
            notes = [shop.note(each) for each in running(shop.catalog.promotions, situation.now)]
            listed = sorted(notes, key=lambda note: note.code is None) if action.codes else notes
            return _with(outcome, {"offers": tuple(listed)})
        case PolicyAction():
            found = find(action.question, shop.catalog.policy, shop.topics)
            return _with(outcome, {"policy": tuple(dict.fromkeys([*outcome.results.policy, *found])), "policy_asked": True})
        case HandoverAction():
            return _with(outcome, {"handover": action.reason})
        case ExplainAction():
            return _with(outcome, _explain(action, shop, situation, outcome.results))
        case ChatAction():
            return _with(outcome, {"chat": (*outcome.results.chat, action.about)})
        case AskAction():
            return _with(outcome, {"ask": action})


def _with(outcome: Outcome, update: Mapping[str, object]) -> Outcome:
    return Outcome(results=outcome.results.model_copy(update=dict(update)), cart=outcome.cart)


def running(promotions: Sequence[Promotion], now: datetime) -> tuple[Promotion, ...]:
    """The promotions whose window holds `now`, by priority, then id."""
    open_now = [
        promotion
        for promotion in promotions
        if (promotion.starts_at is None or promotion.starts_at <= now) and (promotion.ends_at is None or now < promotion.ends_at)
    ]
    return tuple(sorted(open_now, key=lambda promotion: (promotion.priority, promotion.promotion_id)))


def _search(action: SearchAction, shop: Shop, situation: Situation) -> Mapping[str, object]:
    """The search's result. Children's things are left out unless they are asked for, or such things are for children alone; that is our
    assumption and no wish of the shopper's, so it is not among the relaxations. Where all that is like an item has been shown, that is
    what there is."""
    query = item_query(situation.profile, action, situation.understanding, situation.state, situation.history)
    narrowed = _of_its_kind(for_grown_ups(query), action, shop)
    if narrowed is not query and shop.engine.matching((*what_it_is(query), NOT_FOR_CHILDREN)) == 0:
        narrowed = query
    found = shop.engine.search(narrowed)
    if action.like_product_id and not action.more and found.matching == 0:
        excluded = (*situation.profile.rejected_product_ids, action.like_product_id)
        found = shop.engine.search(narrowed.model_copy(update={"excluded": excluded}))
    items = _with_stated_checks(found.items, situation.profile, action.scope, shop.vocabulary)
    relaxations = tuple(each for each in found.relaxations if each.index < len(query.constraints))
    return {
        "search": found.model_copy(update={"items": items, "relaxations": relaxations}),
        "items": items,
        "scope": action.scope,
    }


def _of_its_kind(query: ItemQuery, action: SearchAction, shop: Shop) -> ItemQuery:
    """For more like an item, where no kind of item is sought: `query` for its own kind, if the shop has others that the wishes allow."""
    product = shop.catalog.by_id.get(action.like_product_id or "")
    sought = any(
        isinstance(each, ValueConstraint) and each.slot == "category" and not each.negative for each in query.constraints
    )
    if product is None or product.product_type is None or sought:
        return query
    kind = ValueConstraint(slot="category", values=(product.product_type,))
    wider = query.model_copy(update={"constraints": (*query.constraints, kind)})
    return wider if shop.engine.matching(wider.constraints) > 1 else query


def _with_stated_checks(items: Iterable[RankedItem], profile: Profile, scope: str, words: Vocabulary) -> tuple[RankedItem, ...]:
    """The items with the checks of what the shopper has said, as far as it concerns them: nobody is told that an item misses a wish that she
    never voiced, nor that a bag is there in her size of shoes."""
    said = stated_constraints(profile.in_scope(scope))

    def checks(item: RankedItem) -> tuple[Check, ...]:
        pairs = zip(item.checks, said, strict=False)
        return tuple(check for check, constraint in pairs if concerns(item.product, constraint, words))

    return tuple(item.model_copy(update={"checks": checks(item)}) for item in items)


def _describe(action: DescribeAction, shop: Shop, situation: Situation, results: Results) -> Mapping[str, object]:
    """What is asked of an item, each answer with the item that it is about. `described` is the first that anything was asked of."""
    product = shop.catalog.by_id[action.product_id]
    found = [each.model_copy(update={"product_id": product.product_id}) for each in shop.describe(product, action)]
    return {
        "described": results.described or product,
        "answers": tuple(dict.fromkeys([*results.answers, *found])),
        **_talked_of((action.product_id,), shop, situation, results),
    }


def _explain(action: ExplainAction, shop: Shop, situation: Situation, results: Results) -> Mapping[str, object]:
    shown = (each for each in situation.state.shown if each in shop.catalog.by_id)
    product_id = action.product_id or next(shown, None)
    if product_id is None:
        return {"ask": AskAction(question_id="which_item")}
    explained = _rated((product_id,), shop, situation)
    return {"explained": explained[0], **_talked_of((product_id,), shop, situation, results)}


def _talked_of(product_ids: Sequence[str], shop: Shop, situation: Situation, results: Results) -> Mapping[str, object]:
    """These items among the subjects of the turn, each once."""
    known = {item.product.product_id for item in results.subjects}
    fresh = _rated([each for each in product_ids if each not in known], shop, situation)
    return {"subjects": (*results.subjects, *fresh)}


def _outfit(action: OutfitAction, shop: Shop, situation: Situation, results: Results) -> Mapping[str, object]:
    anchor = action.product_id or (results.items[0].product.product_id if results.items else None)
    if anchor is None:
        return {}
    wishes = situation.profile.in_scope(action.scope)

    def costs(product: Product) -> int:
        money = shop.unit_price(product, situation.now)
        return money.amount_minor if money is not None else 0

    looks = shop.pairings.complete(
        anchor,
        constraints=outfit_constraints(wishes),
        count=2 if action.product_id else 1,
        exclude=frozenset(situation.profile.rejected_product_ids),
        price_of=costs,
    )
    return {"outfits": looks}


def _price(action: PriceAction, shop: Shop, situation: Situation, outcome: Outcome) -> Outcome:
    """The cart after the changes, and what it costs; or, where it holds nothing, what the first result costs with the codes given."""
    by_id, cart, said = shop.catalog.by_id, outcome.cart, list(outcome.results.cart_changes)
    sizes, sized = outcome.results.sizes_asked, list(outcome.results.sized)
    for change in action.changes:
        for product_id in carts.targets(cart, change, action.product_ids):
            product = by_id.get(product_id) if product_id is not None else None
            own = carts.sizes_held(cart, product) or carts.own_sizes(
                product, situation.profile, situation.understanding.scope, shop.vocabulary
            )
            open_sizes = carts.sizes_to_choose(change, product, own)
            sizes, sized = open_sizes or sizes, [*sized, *([product.product_id] if product and open_sizes else [])]
            cart, sentence = carts.apply(cart, change, product, own)
            said.extend([sentence] if sentence else [])
    held, to_see = carts.lines_of(cart, by_id), any(change.verb == "show" for change in action.changes)
    lines = held or (() if to_see else _first_line(outcome.results))
    priced = shop.price(lines, cart.codes, situation.shopper, situation.now)
    kept = carts.without_dead_codes(cart, priced)
    if not held:
        given = tuple(filter(None, map(carts.code_of, action.changes)))
        said.extend(carts.of_codes(cart.codes if to_see else given, priced))
        priced = carts.without_refusals(priced)
    if held or to_see:
        said.extend(carts.left_out(cart, by_id))
    update: dict[str, object] = {"cart_changes": tuple(dict.fromkeys(said)), "sizes_asked": sizes, "sized": tuple(sized)}
    if lines or (to_see and not cart.lines):
        update |= {"basket": priced, "basket_is_cart": bool(held) or to_see}
    return Outcome(results=outcome.results.model_copy(update=update), cart=kept)


def _first_line(results: Results) -> tuple[BasketLine, ...]:
    first = next((item.product for item in results.items if item.product.price is not None), None)
    return (BasketLine(product=first, quantity=1),) if first is not None else ()


def _rated(product_ids: Sequence[str], shop: Shop, situation: Situation) -> tuple[RankedItem, ...]:
    """These items as they stand to the wishes of the person on screen, whether they meet them or not."""
    search = SearchAction(scope=situation.state.scope)
    query = item_query(situation.profile, search, situation.understanding, situation.state, situation.history)
    return _with_stated_checks(shop.engine.rate(product_ids, query), situation.profile, search.scope, shop.vocabulary)
