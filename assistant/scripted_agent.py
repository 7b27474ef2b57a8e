"""An agent without a shop's skill, beside the real one: the same message in the same conversation gives the same turn. For tests of
session, store and HTTP, with a real catalog's items and a real conversation's growth."""

from __future__ import annotations

from collections.abc import Callable, Iterator

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
from assistant.protocols import TurnFinished, TurnRequest
from assistant.schema import (
    CheckedSection,
    Conversation,
    OffersBlock,
    Preference,
    ProductCard,
    Profile,
    ProfileChange,
    RelaxationCard,
    SectionVerdict,
    TurnRecord,
    Usage,
)
from catalog_data.schema import Catalog, Product
from retrieval.schema import Scores

CARDS = 3


def _nothing(_: str) -> None:
    return None


class ScriptedAgent:
    """Shows the items whose titles share a word with the message, else the first ones; says the message back, in two sections; notes it
    as a wish. `at` is called with each stage as it begins: there a test waits, raises, or ends the process."""

    def __init__(self, catalog: Catalog, at: Callable[[str], None] = _nothing) -> None:
        self._catalog, self._at = catalog, at

    def run_turn(self, request: TurnRequest) -> Iterator[TurnEvent | TurnFinished]:
        """The events of a turn, in the real one's order."""
        self._at("understanding")
        yield StatusEvent(stage="understanding")
        change = _wish(request.conversation, request.message)
        yield ProfileEvent(change=change)
        self._at("searching")
        yield StatusEvent(stage="searching")
        cards = tuple(_card(product) for product in self._found(request.message))
        yield ProductsEvent(products=cards)
        yield OutfitsEvent(outfits=())
        yield OffersEvent(offers=OffersBlock())
        self._at("writing")
        yield StatusEvent(stage="writing")
        sections = _sections(request, cards)
        for section in sections:
            yield SectionEvent(section=section)
        yield QuestionEvent(question=None, suggestions=("cheaper",))
        self._at("finished")
        yield _finished(request, change.profile, cards, sections)

    def replay(self, conversation: Conversation, message: str) -> Conversation:
        """The conversation after `message`."""
        self._at("replay")
        return _after(conversation, _wish(conversation, message).profile, tuple(_card(each) for each in self._found(message)))

    def _found(self, message: str) -> tuple[Product, ...]:
        words = set(message.casefold().split())
        named = tuple(each for each in self._catalog.products if words & set(each.title.casefold().split()))
        return (named or self._catalog.products)[:CARDS]


def _wish(conversation: Conversation, message: str) -> ProfileChange:
    profile, turn = conversation.profile, conversation.state.turn + 1
    wish = Preference(preference_id=f"p{turn}", slot="style", value=message[:200], strength="soft", evidence=message, turn=turn)
    after = profile.model_copy(update={"preferences": (*profile.preferences, wish), "version": profile.version + 1})
    return ProfileChange(profile=after, added=(wish,))


def _after(conversation: Conversation, profile: Profile, cards: tuple[ProductCard, ...]) -> Conversation:
    shown = tuple(card.product_id for card in cards)
    state = conversation.state.model_copy(update={"turn": conversation.state.turn + 1, "shown": shown})
    return conversation.model_copy(update={"profile": profile, "state": state})


def _card(product: Product) -> ProductCard:
    return ProductCard(
        product_id=product.product_id,
        title=product.title,
        brand=product.brand,
        price=product.price,
        list_price=product.struck_price,
        offer=None,
        why=(),
        checks=(),
        scores=Scores(similarity=0.0, collaborative=0.0, preference=0.0, popularity=0.0, total=0.0),
        image_url=None,
        url=product.url,
        sizes=tuple(size.label for size in product.sizes if size.in_stock),
    )


def _sections(request: TurnRequest, cards: tuple[ProductCard, ...]) -> tuple[CheckedSection, ...]:
    texts = {"opening": f"You said: {request.message}", "closing": f"Look at {', '.join(card.title for card in cards)}."}
    return tuple(
        CheckedSection(section_id=kind, kind=kind, writer="composer", shown_writer="composer", verdict="pass", text=texts[kind])
        for kind in ("opening", "closing")
    )


def _finished(
    request: TurnRequest, profile: Profile, cards: tuple[ProductCard, ...], sections: tuple[CheckedSection, ...]
) -> TurnFinished:
    conversation = request.conversation
    record = TurnRecord(
        turn_id=request.turn_id,
        conversation_id=conversation.conversation_id,
        turn=conversation.state.turn + 1,
        message=request.message,
        reply="\n\n".join(section.text for section in sections),
        products=cards,
        relaxations=(RelaxationCard(slot="price", action="move", source="up to 10", target="up to 20", count=2),),
        profile=profile,
        suggestions=("cheaper",),
        actions=("search",),
        verification=tuple(
            SectionVerdict(section=each.section_id, writer=each.shown_writer, verdict=each.verdict) for each in sections
        ),
        usage=Usage(model_calls=1, prompt_tokens=10, completion_tokens=5),
    )
    return TurnFinished(conversation=_after(conversation, profile, cards), record=record)
