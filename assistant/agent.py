"""One turn, from message to record: understanding -> profile -> plan -> actions -> guide -> verification -> stream.

The agent keeps no conversation: the same request gives the same result. At most two model calls: understanding (where an endpoint is
configured) and writing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Literal, get_args

from assistant import profile as profiles
from assistant.actions import AGAIN, Outcome, Shop, Situation, perform
from assistant.events import (
    OffersEvent,
    OutfitsEvent,
    ProductsEvent,
    ProfileEvent,
    QuestionEvent,
    SectionEvent,
    StatusEvent,
    TurnEvent,
)
from assistant.follow_up import in_context
from assistant.guide.brief import make_brief
from assistant.guide.explain import why
from assistant.plan import plan
from assistant.profile_book import taken_back
from assistant.protocols import Clock, Guide, TurnFinished, TurnRequest, Understander
from assistant.record import (
    PictureOf,
    offers_block,
    outfit_card,
    product_card,
    relaxation_cards,
    reply_text,
    verdicts,
)
from assistant.schema import (
    Action,
    BasketChange,
    ChatAction,
    CheckedSection,
    Conversation,
    DialogueState,
    GuideBrief,
    GuideReport,
    OffersBlock,
    OutfitAction,
    OutfitCard,
    ParseContext,
    PriceAction,
    ProductCard,
    Profile,
    ProfileChange,
    Results,
    SearchAction,
    TurnRecord,
    Understanding,
    Usage,
)
from assistant.suggestions import suggestions
from retrieval.schema import Fault, Shopper

TURN_SECONDS = 8.0
"""What a model has not written by then the composer writes."""
UNDERSTANDING_SECONDS = 4.0
UNDO_STEPS = 20
CONTACT = "contact"
"""A word by which the policy page finds how the shop is reached."""
PHRASES_KEPT = 120
FAULTS: tuple[Fault, ...] = get_args(Fault)
UNDONE, NOTHING_TO_UNDO = ChatAction(about="undone"), ChatAction(about="nothing_to_undo")


@dataclass(frozen=True)
class Read:
    """What a message came to before the shop was asked."""

    understanding: Understanding
    usage: Usage
    change: ProfileChange
    conversation: Conversation
    actions: tuple[Action, ...]


@dataclass(frozen=True)
class Found:
    """What the shop answered, and how the page shows it."""

    outcome: Outcome
    results: Results
    products: tuple[ProductCard, ...]
    outfits: tuple[OutfitCard, ...]
    offers: OffersBlock


@dataclass(frozen=True)
class ShopAgent:
    """Runs turns on one shop. `shopper_of` and `history_of` say what is known of a shopper's orders; None is a visitor."""

    shop: Shop
    understander: Understander
    replayer: Understander
    guide: Guide
    clock: Clock
    picture: PictureOf
    shopper_of: Callable[[str | None], Shopper]
    history_of: Callable[[str | None], tuple[str, ...]]

    def run_turn(self, request: TurnRequest) -> Iterator[TurnEvent | TurnFinished]:
        """The events of a turn but the last, then what to store."""
        timings = Timings()
        stop_at = self.clock.monotonic() + TURN_SECONDS
        yield StatusEvent(stage="understanding")
        read = self._read(request, self.understander, stop_at - TURN_SECONDS + UNDERSTANDING_SECONDS)
        timings.mark("understanding")
        yield ProfileEvent(change=read.change)
        yield StatusEvent(stage="searching")
        found = self._act(read)
        timings.mark("first_card")
        yield ProductsEvent(products=found.products)
        yield OutfitsEvent(outfits=found.outfits)
        yield OffersEvent(offers=found.offers)
        yield StatusEvent(stage="writing")
        brief = self._brief(read, found)
        sections: list[CheckedSection] = []
        report = GuideReport()
        for written in self.guide.write(brief, stop_at=stop_at):
            if isinstance(written, GuideReport):
                report = written
                continue
            if not sections:
                timings.mark("first_section")
            sections.append(written)
            yield SectionEvent(section=written)
        timings.mark("total")
        record = self._record(request, read, found, sections, report, timings)
        yield QuestionEvent(question=record.question, suggestions=record.suggestions)
        yield TurnFinished(conversation=after(read, found, brief), record=record)

    def replay(self, conversation: Conversation, message: str) -> Conversation:
        """The conversation after `message`, without a guide or a model."""
        request = TurnRequest(turn_id="replay", conversation=conversation, message=message)
        read = self._read(request, self.replayer, self.clock.monotonic() + UNDERSTANDING_SECONDS)
        return after(read, self._act(read), None)

    def _read(self, request: TurnRequest, understander: Understander, stop_at: float) -> Read:
        conversation, by_id = request.conversation, self.shop.catalog.by_id
        page = request.context.product_id if request.context.product_id in by_id else None
        context = self._context(request, page)
        understood, usage = understander.understand(request.message, context, stop_at=stop_at)
        understanding = in_context(understood, conversation.state, self.shop.catalog, self.shop.topics, self.shop.vocabulary)
        change, undo = changed_profile(conversation, understanding)
        held = conversation.model_copy(update={"profile": change.profile, "undo": undo})
        if request.context.cart is not None:
            held = held.model_copy(update={"cart": held.cart.model_copy(update={"lines": request.context.cart})})
        if understanding.has("undo") and conversation.cart_before is not None:
            held = held.model_copy(update={"cart": conversation.cart_before})
        if understanding.has("start_over"):
            held = held.model_copy(update={"state": fresh(conversation.state)})
        actions = plan(understanding, change.profile, held.state, page)
        if understanding.has("undo"):
            actions = undoing(actions, conversation)
        return Read(understanding, usage, change, held, actions)

    def _context(self, request: TurnRequest, page: str | None) -> ParseContext:
        """What understanding may look at: the items on screen, of the page, in the basket and waiting for a size, as the catalog has them."""
        conversation, by_id, now = request.conversation, self.shop.catalog.by_id, self.clock.now()
        state, lines = conversation.state, request.context.cart if request.context.cart is not None else conversation.cart.lines
        shown = tuple(by_id[each] for each in state.shown if each in by_id)
        costs = {product.product_id: self.shop.unit_price(product, now) for product in shown}
        return ParseContext(
            state=state,
            profile=conversation.profile,
            shown=shown,
            page=by_id[page] if page is not None else None,
            held=tuple(by_id[each] for each in dict.fromkeys(line.product_id for line in lines) if each in by_id),
            sizing=tuple(by_id[each] for each in state.size_asked_for if each in by_id),
            prices={product_id: money.amount_minor for product_id, money in costs.items() if money is not None},
        )

    def _act(self, read: Read) -> Found:
        conversation = read.conversation
        situation = Situation(
            profile=conversation.profile,
            understanding=read.understanding,
            state=conversation.state,
            cart=conversation.cart,
            shopper=self.shopper_of(conversation.shopper_id),
            now=self.clock.now(),
            history=self.history_of(conversation.shopper_id),
        )
        outcome = perform(read.actions, self.shop, situation)
        return self._shown(outcome, read)

    def _shown(self, outcome: Outcome, read: Read) -> Found:
        results, language = outcome.results, read.understanding.language
        shown = {item.product.product_id: item for item in (*results.items, *results.subjects)}
        reasons = {
            product_id: why(item, read.conversation.profile, results.scope, self.shop.vocabulary)
            for product_id, item in shown.items()
        }
        notices = self._notices(read.understanding)
        results = results.model_copy(update={"why": reasons, "notices": notices})
        promotions, now = self.shop.catalog.promotions, self.clock.now()
        return Found(
            outcome=outcome,
            results=results,
            products=tuple(
                product_card(item, reasons[key], promotions, now, self.picture, self.shop.vocabulary)
                for key, item in shown.items()
            ),
            outfits=tuple(
                outfit_card(outfit, self.picture, partial(self.shop.unit_price, now=now)) for outfit in results.outfits
            ),
            offers=offers_block(results.basket, language, results.basket_is_cart),
        )

    def _notices(self, understanding: Understanding) -> tuple[str, ...]:
        currency = self.shop.catalog.manifest.currency
        foreign = {slot.currency for slot in understanding.slots if slot.currency is not None and slot.currency != currency}
        return tuple(f"Prices here are in {currency}; I took your {each} amount at face value." for each in sorted(foreign))

    def _brief(self, read: Read, found: Found) -> GuideBrief:
        return make_brief(
            message=read.understanding.text,
            understanding=read.understanding,
            change=read.change,
            profile=read.conversation.profile,
            results=found.results,
            state=read.conversation.state,
            catalog=self.shop.catalog,
            vocabulary=self.shop.vocabulary,
            now=self.clock.now(),
        )

    def _record(
        self,
        request: TurnRequest,
        read: Read,
        found: Found,
        sections: list[CheckedSection],
        report: GuideReport,
        timings: Timings,
    ) -> TurnRecord:
        results = found.results
        ask = results.ask
        return TurnRecord(
            turn_id=request.turn_id,
            conversation_id=request.conversation.conversation_id,
            turn=request.conversation.state.turn + 1,
            scope=read.understanding.scope,
            message=read.understanding.text,
            reply=reply_text(sections),
            products=found.products,
            outfits=found.outfits,
            offers=found.offers,
            relaxations=relaxation_cards(results),
            comparison=results.comparison,
            profile=read.conversation.profile,
            question=next((section.text for section in sections if section.section_id == "ask"), None)
            if ask is not None and not ask.question_id.endswith(AGAIN)
            else None,
            suggestions=suggestions(
                results, read.conversation.profile, found.outcome.cart, self.shop.catalog, read.conversation.state
            ),
            notices=(*results.notices, *report.notices),
            actions=tuple(dict.fromkeys(action.kind for action in read.actions)),
            sections=tuple(sections),
            verification=verdicts(sections),
            usage=read.usage.plus(report.usage),
            timings_ms=timings.milliseconds(),
        )


class Timings:
    """Milliseconds since the turn began, by name, in the order marked."""

    def __init__(self) -> None:
        self._start = perf_counter()
        self._marks: dict[str, float] = {}

    def mark(self, name: str) -> None:
        """Notes the time passed under `name`."""
        self._marks[name] = perf_counter() - self._start

    def milliseconds(self) -> dict[str, float]:
        """All marks, rounded to a tenth."""
        return {name: round(seconds * 1000, 1) for name, seconds in self._marks.items()}


def changed_profile(conversation: Conversation, understanding: Understanding) -> tuple[ProfileChange, tuple[Profile, ...]]:
    """The profile after this message, and the earlier ones that an undo goes back to."""
    before, turn = conversation.profile, conversation.state.turn + 1
    if understanding.has("undo"):
        if not conversation.undo or conversation.cart_before is not None:
            return ProfileChange(profile=before), conversation.undo
        return taken_back(before, conversation.undo[-1], turn), conversation.undo[:-1]
    kept = Profile(version=before.version + 1) if understanding.has("start_over") else before
    change = profiles.merge(kept, understanding, turn)
    for act in understanding.acts:
        if act.kind == "not_this":
            rejected = [product_id for reference in act.references for product_id in reference.product_ids]
            for product_id in rejected or [each for each in (conversation.state.focus,) if each is not None]:
                fault = next((each for each in FAULTS if each == act.detail), None)
                after_no = profiles.with_feedback(change.profile, product_id, "down", fault)
                change = change.model_copy(update={"profile": after_no})
    same = change.profile == before
    return change, conversation.undo if same else (*conversation.undo, before)[-UNDO_STEPS:]


def undoing(actions: Sequence[Action], conversation: Conversation) -> tuple[Action, ...]:
    """The actions of a message that takes a step back: after a change of the basket the basket is shown, after one of the profile what is
    searched for now, and where there was none it is said."""
    others = tuple(each for each in actions if each != UNDONE and not isinstance(each, SearchAction | OutfitAction | PriceAction))
    if conversation.cart_before is not None:
        return (UNDONE, *others, PriceAction(changes=(BasketChange(verb="show"),)))
    return tuple(actions) if conversation.undo else (NOTHING_TO_UNDO, *others)


def fresh(state: DialogueState) -> DialogueState:
    """The state of a conversation that starts over: nothing shown, nothing asked; what was said lately is still not said again."""
    return DialogueState(turn=state.turn, phrases=state.phrases)


def topic_of(results: Results) -> str:
    """What of the shop's page was talked of: the first passage told, or how the shop is reached where a person was offered."""
    if results.policy:
        return results.policy[0].heading
    return CONTACT if results.handover is not None else ""


def after(read: Read, found: Found, brief: GuideBrief | None) -> Conversation:
    """The conversation as the next turn finds it."""
    state, results, understanding = read.conversation.state, found.results, read.understanding
    searched = results.search is not None
    # A question about one item leaves the list on screen what it was: "the second one" still means the second of that list.
    listed = results.items if searched else results.subjects if results.comparison is not None else ()
    shown = tuple(item.product.product_id for item in listed) or state.shown
    search = next((action for action in read.actions if isinstance(action, SearchAction)), SearchAction())
    continued = search.more or search.like_product_id is not None or understanding.has("not_this")
    subject = results.subjects[0].product.product_id if results.subjects else None
    named = next((r.product_ids[0] for act in understanding.acts for r in act.references if r.product_ids), None)
    rejected = state.rejections_in_a_row + 1 if understanding.has("not_this") else 0
    update = {
        "turn": state.turn + 1,
        "language": understanding.language,
        "scope": understanding.scope,
        "topic": understanding.query_text if searched and understanding.has("search") else state.topic,
        "shown": shown,
        "ever_shown": tuple(dict.fromkeys([*(state.ever_shown if continued else ()), *(shown if listed else ())]))
        if searched
        else state.ever_shown,
        "like_product_id": search.like_product_id if searched else state.like_product_id,
        "outfit_ids": tuple(p.product_id for o in found.outfits for p in o.pieces) or state.outfit_ids,
        "focus": subject or (None if searched else named or state.focus),
        "phrases": (*state.phrases, *(brief.phrases_used if brief is not None else ()))[-PHRASES_KEPT:],
        "rejections_in_a_row": rejected,
        "last_actions": tuple(action.kind for action in read.actions),
        "policy_topic": topic_of(results),
        "invited": invited(brief),
        "asked": (*state.asked, results.ask.question_id) if results.ask is not None else state.asked,
        "size_asked_for": results.sized,
        "quantity_asked_for": _quantity_asked(read.actions) if results.sized else None,
    }
    before, cart = read.conversation.cart, found.outcome.cart
    kept = {"cart": cart, "cart_before": before if cart != before else None}
    return read.conversation.model_copy(update={"state": state.model_copy(update=update), **kept})


def invited(brief: GuideBrief | None) -> Literal["", "size", "budget"]:
    """What the end of the guide asked for, where a number answers it."""
    used = brief.phrases_used if brief is not None else ()
    for step in ("size", "budget"):
        if any(phrase.partition(":")[2].startswith(f"closing_{step}") for phrase in used):
            return step
    return ""


def _quantity_asked(actions: Sequence[Action]) -> int | None:
    """How many were to go into the basket, by the last change that says so."""
    changes = [change for action in actions if isinstance(action, PriceAction) for change in action.changes]
    return next((change.quantity for change in reversed(changes) if change.quantity is not None), None)
