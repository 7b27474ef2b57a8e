"""Turns on the hand-written shop: what a shopper says, what is known of her, what was found. Each gives the brief of its guide.

Checks, prices and baskets are computed by the real rules; only what a search would choose is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.guide.brief import make_brief
from assistant.guide.describe import answer, compare
from assistant.guide.explain import why
from assistant.query import constraints
from assistant.schema import (
    ME,
    Act,
    ActKind,
    DialogueState,
    GuideBrief,
    Preference,
    Profile,
    ProfileChange,
    Reference,
    Results,
    SlotMention,
    SupersededPreference,
    Understanding,
    Value,
)
from catalog_data.schema import Money, SizeSystem, Slot
from catalog_data.vocabulary import Vocabulary
from retrieval.filters import check
from retrieval.promotions import price_basket
from retrieval.schema import BasketLine, Outfit, OutfitPiece, PricedBasket, RankedItem, Relaxation, Scores, SearchResult, Shopper
from tests.assistant.guide.shop import BY_ID, CATALOG, NOW


def wish(slot: Slot, value: Value, evidence: str = "", turn: int = 1, **rest: Any) -> Preference:
    """Something wished for; `rest` as in `Preference`."""
    identity = f"{slot}-{value}-{rest.get('polarity', 'like')}"
    return Preference(preference_id=identity, slot=slot, value=value, evidence=evidence or str(value), turn=turn, **rest)


def size(label: str, system: SizeSystem = "alpha", scope: str = ME) -> Preference:
    """A size to be had."""
    return wish("size", label, size_system=system, scope=scope)


@dataclass(frozen=True)
class Scene:
    """One turn. `shown`: ids found; `about`: ids that a question is about; `collaborative`: score by id; `pieces`: (role, id) of the look."""

    message: str
    acts: tuple[ActKind, ...] = ("search",)
    wishes: tuple[Preference, ...] = ()
    added: tuple[Preference, ...] = ()
    removed: tuple[SupersededPreference, ...] = ()
    shown: tuple[str, ...] = ()
    matching: int | None = None
    searched: bool = True
    scope: str = ME
    state: DialogueState = field(default_factory=DialogueState)
    points_at: tuple[str, ...] = ()
    currency: str | None = None
    unknown_words: tuple[str, ...] = ()
    mood: str = "neutral"
    relaxations: tuple[Relaxation, ...] = ()
    liked: tuple[str, ...] = ()
    collaborative: dict[str, float] = field(default_factory=dict)
    anchor: str | None = None
    pieces: tuple[tuple[str, str], ...] = ()
    reasons: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    asks: tuple[tuple[Slot, str], ...] = ()
    question: str = ""
    compared: bool = False
    explained: bool = False
    basket: PricedBasket | None = None
    more: dict[str, Any] = field(default_factory=dict)

    def brief(self, vocabulary: Vocabulary) -> GuideBrief:
        """The brief of this turn's guide."""
        profile = Profile(preferences=self.wishes, liked_product_ids=self.liked)
        return make_brief(
            message=self.message,
            understanding=self.understanding(),
            change=ProfileChange(profile=profile, added=self.added, removed=self.removed),
            profile=profile,
            results=self.results(profile, vocabulary),
            state=self.state,
            catalog=CATALOG,
            vocabulary=vocabulary,
            now=NOW,
        )

    def understanding(self) -> Understanding:
        """What the parser would have made of it."""
        pointer = (Reference(kind="name", words="it", product_ids=self.points_at),) if self.points_at else ()
        money = (
            (SlotMention(slot="price", value="", evidence="money", operation="retract", currency=self.currency),)
            if self.currency
            else ()
        )
        said = Understanding(
            text=self.message,
            acts=tuple(Act(kind=kind, references=pointer) for kind in self.acts),
            slots=money,
            scope=self.scope,
            unknown_words=self.unknown_words,
        )
        return said.model_copy(update={"mood": self.mood})

    def results(self, profile: Profile, vocabulary: Vocabulary) -> Results:
        """What the actions would have come to."""
        items = self.ranked(self.shown, profile, vocabulary)
        subjects = self.ranked(self.about, profile, vocabulary)
        products = [BY_ID[each] for each in self.about]
        values = [value for _, value in self.asks if value]
        slots = list(dict.fromkeys(slot for slot, _ in self.asks))
        first = products[0] if products else None
        asked = bool(self.asks or self.question) and first is not None
        fields: dict[str, Any] = {
            "search": SearchResult(items=items, matching=self.matching or len(items), relaxations=self.relaxations)
            if self.searched
            else None,
            "items": items if self.searched else (),
            "subjects": subjects,
            "scope": self.scope,
            "why": {item.product.product_id: why(item, profile, self.scope, vocabulary) for item in (*items, *subjects)},
            "described": first if asked else None,
            "answers": answer(first, slots, values, self.question, vocabulary, CATALOG.manifest.closed_slots)
            if asked and first is not None
            else (),
            "comparison": compare(products, vocabulary) if self.compared else None,
            "explained": subjects[0] if self.explained else None,
            "outfits": (self.look(),) if self.anchor is not None else (),
            "basket": self.basket,
        }
        return Results.model_validate({**fields, **self.more})

    def ranked(self, ids: Sequence[str], profile: Profile, vocabulary: Vocabulary) -> tuple[RankedItem, ...]:
        """Items with real checks against the wishes."""
        asked = constraints(profile.in_scope(self.scope))
        closed = CATALOG.manifest.closed_slots
        return tuple(
            RankedItem(
                product=BY_ID[each],
                checks=tuple(check(BY_ID[each], constraint, vocabulary, closed) for constraint in asked),
                scores=Scores(
                    similarity=0.62,
                    collaborative=self.collaborative.get(each, 0.0),
                    preference=0.5,
                    popularity=0.1,
                    total=round(0.9 - 0.1 * place, 2),
                ),
            )
            for place, each in enumerate(ids)
        )

    def look(self) -> Outfit:
        """The outfit around the anchor."""
        anchor = BY_ID[self.anchor or ""]
        pieces = tuple(OutfitPiece(role=role, product=BY_ID[each]) for role, each in self.pieces)
        total = sum(p.price.amount_minor for p in (anchor, *(piece.product for piece in pieces)) if p.price is not None)
        return Outfit(
            anchor=anchor, pieces=pieces, total=Money(amount_minor=total, currency="EUR"), reasons=self.reasons, score=1.0
        )


def basket_of(vocabulary: Vocabulary, *lines: tuple[str, int], codes: tuple[str, ...] = ()) -> PricedBasket:
    """A priced basket of (id, quantity) with the shop's own promotions."""
    kept = tuple(BasketLine(product=BY_ID[each], quantity=quantity) for each, quantity in lines)
    return price_basket(
        kept, CATALOG.promotions, codes, NOW, Shopper(first_order=True), CATALOG.manifest.shipping, "EUR", vocabulary
    )
