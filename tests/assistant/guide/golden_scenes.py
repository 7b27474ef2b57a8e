"""Twenty turns whose guides are kept as snapshots in golden/ and were read by eye."""

from __future__ import annotations

from assistant.guide.offers_text import offer_note
from assistant.schema import AskAction, DialogueState, PriceRange, SupersededPreference
from catalog_data.vocabulary import Vocabulary
from retrieval.schema import Relaxation
from tests.assistant.guide.scenes import Scene, basket_of, size, wish
from tests.assistant.guide.shop import POLICY, PROMOTIONS

DRESS = wish("category", "dress", "a red dress")
RED = wish("color", "red", "red")
WEDDING = wish("occasion", "wedding", "for a summer wedding")
SUMMER = wish("season", "summer", "for a summer wedding", strength="soft")
NO_LACE = wish("material", "lace", "not lace", polarity="dislike")
UNDER_80 = wish("price", PriceRange(max=8000), "under 80 euro")
POCKETS = wish("feature", "pockets", "pockets would be nice", strength="soft")
WASHABLE = wish("feature", "machine washable", "ideally machine washable", strength="soft")


def scenes(vocabulary: Vocabulary) -> dict[str, Scene]:
    """The turns by name."""
    return {**_weddings(), **_searches(), **_changes(), **_answers(), **_reasons(), **_shop(vocabulary), **_talk()}


def _weddings() -> dict[str, Scene]:
    wishes = (DRESS, RED, WEDDING, SUMMER, NO_LACE, UNDER_80)
    sister = tuple(each.model_copy(update={"scope": "sister"}) for each in (RED, WEDDING))
    return {
        "wedding": Scene(
            "A red dress for a summer wedding, under 80 euro, not lace",
            wishes=wishes,
            added=wishes,
            shown=("marigold", "poppy", "ruby"),
            matching=11,
            anchor="marigold",
            pieces=(("shoes", "lowtide"), ("bag", "birch")),
            reasons=("tan goes with red", "bought together"),
        ),
        "sister": Scene(
            "Something red for my sister, she goes to a wedding",
            wishes=sister,
            added=sister,
            shown=("poppy", "marigold"),
            matching=2,
            scope="sister",
        ),
        "soft_wishes": Scene(
            "a dress for a wedding, pockets would be nice, ideally machine washable",
            wishes=(DRESS, WEDDING, POCKETS, WASHABLE),
            added=(DRESS, WEDDING, POCKETS, WASHABLE),
            shown=("poppy", "marigold", "ruby"),
            matching=5,
        ),
    }


def _searches() -> dict[str, Scene]:
    return {
        "likes": Scene(
            "show me something for a holiday",
            wishes=(wish("occasion", "holiday", "for a holiday"),),
            added=(wish("occasion", "holiday", "for a holiday"),),
            shown=("field", "lowtide", "birch"),
            matching=3,
            liked=("poppy",),
            collaborative={"field": 1.4, "lowtide": 0.4},
        ),
        "dollars": Scene(
            "running shoes up to 120 dollars",
            wishes=(
                wish("category", "running shoes", "running shoes"),
                wish("price", PriceRange(max=12000), "up to 120 dollars"),
            ),
            shown=("comet",),
            matching=1,
            currency="USD",
            relaxations=(
                Relaxation(index=0, slot="category", action="move", source="running shoes", target="sneakers", count=4),
            ),
        ),
        "browse": Scene("just show me something nice", shown=("alder", "harbour", "skerry", "lantern"), matching=12),
        "nothing": Scene(
            "a red leather dress under 20 euro",
            wishes=(DRESS, RED, wish("material", "leather", "leather"), wish("price", PriceRange(max=2000), "under 20 euro")),
            relaxations=(
                Relaxation(index=3, slot="price", action="move", source="..2000", target="..5900", count=1),
                Relaxation(index=2, slot="material", action="drop", source="leather", target=None, count=6),
            ),
        ),
    }


def _changes() -> dict[str, Scene]:
    blue = wish("color", "blue", "actually blue", turn=2)
    old = SupersededPreference(**RED.model_dump(), superseded_by_turn=2)
    medium = size("M")
    seen = DialogueState(turn=1, shown=("marigold", "poppy"))
    return {
        "blue_and_m": Scene(
            "actually blue, and I'm a size M",
            acts=("correct",),
            wishes=(wish("season", "autumn", "for autumn"), blue, medium),
            added=(blue, medium),
            removed=(old,),
            shown=("skerry", "skerry")[:1],
            state=seen,
        ),
        "in_m": Scene(
            "I'm a size M",
            acts=("refine",),
            wishes=(WEDDING, medium),
            added=(medium,),
            shown=("marigold", "poppy"),
            state=seen,
        ),
        "more": Scene("show me more", acts=("show_more",), wishes=(WEDDING,), shown=("ruby", "poppy"), matching=9, state=seen),
        "not_this": Scene(
            "not the first one",
            acts=("not_this",),
            points_at=("marigold",),
            wishes=(WEDDING,),
            shown=("poppy", "ruby"),
            matching=4,
            state=seen,
        ),
    }


SEEN = DialogueState(turn=3, shown=("marigold", "poppy"))


def _answers() -> dict[str, Scene]:
    return {
        "compare": Scene(
            "compare the first two",
            acts=("compare",),
            wishes=(RED, WEDDING, POCKETS),
            searched=False,
            about=("marigold", "poppy"),
            compared=True,
            state=SEEN,
        ),
        "describe": Scene(
            "does the poppy one have pockets, is it waterproof, and is it silk?",
            acts=("describe",),
            searched=False,
            about=("poppy",),
            asks=(("feature", "pockets"), ("feature", "waterproof"), ("material", "silk")),
            state=SEEN,
        ),
        "care": Scene(
            "how do I wash the sweater?",
            acts=("describe",),
            searched=False,
            about=("alder",),
            question="how do I wash it",
            state=SEEN,
        ),
    }


def _reasons() -> dict[str, Scene]:
    return {
        "why": Scene(
            "why this one?",
            acts=("explain",),
            wishes=(RED, NO_LACE, UNDER_80),
            searched=False,
            about=("marigold",),
            explained=True,
            liked=("poppy",),
            collaborative={"marigold": 0.8},
            state=SEEN,
        ),
        "returns": Scene(
            "how do returns work?",
            acts=("policy",),
            searched=False,
            more={"policy": POLICY[:1], "policy_asked": True},
            state=SEEN,
        ),
    }


def _shop(vocabulary: Vocabulary) -> dict[str, Scene]:
    return {
        "basket": Scene(
            "put the dress in my basket, code WELCOME10",
            acts=("basket",),
            searched=False,
            basket=basket_of(vocabulary, ("marigold", 1), ("birch", 1), codes=("WELCOME10", "SUMMER")),
            more={"basket_is_cart": True, "cart_changes": ("Marigold Wrap Dress in M is in your basket.",)},
            state=DialogueState(turn=1, shown=("marigold", "poppy")),
        ),
        "offers": Scene(
            "what is on offer?",
            acts=("offers",),
            searched=False,
            more={"offers": tuple(offer_note(each, "EUR", vocabulary) for each in PROMOTIONS)},
            state=SEEN,
        ),
        "order": Scene("where is my order?", acts=("order",), searched=False, more={"handover": "order"}, state=SEEN),
    }


def _talk() -> dict[str, Scene]:
    return {
        "greeting": Scene("hello", acts=("greeting",), searched=False, more={"chat": ("greeting",)}),
        "profile": Scene(
            "what do you know about me?",
            acts=("profile",),
            wishes=(RED, NO_LACE, UNDER_80),
            searched=False,
            more={"chat": ("profile",)},
            state=DialogueState(turn=4),
        ),
        "which": Scene(
            "is it warm?",
            acts=("describe",),
            searched=False,
            more={"ask": AskAction(question_id="which_item")},
            state=DialogueState(turn=1),
        ),
    }
