"""The composer on the whole demo shop: every style is spoken of in some guide, every section passes verification untrimmed, and each item
that a reply names has its own reason."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import pytest

from assistant.guide.brief import make_brief
from assistant.guide.describe import CARE_WORDS, answer, compare
from assistant.guide.explain import speaker
from assistant.guide.offers_text import offer_note
from assistant.guide.references import names
from assistant.guide.verification import COMPOSER, Verifier
from assistant.guide.words import fold
from assistant.query import constraints
from assistant.schema import (
    Act,
    ActKind,
    Answer,
    AskAction,
    ChatAction,
    CheckedSection,
    DialogueState,
    DraftSection,
    GuideBrief,
    Preference,
    PriceRange,
    Profile,
    ProfileChange,
    RatingRange,
    Reference,
    Results,
    SupersededPreference,
    Understanding,
)
from catalog_data.schema import VALUE_SLOTS, Money, Product, Role, Slot, ValueSlot
from catalog_data.vocabulary import Vocabulary
from retrieval.filters import check
from retrieval.promotions import price_basket
from retrieval.schema import (
    BasketLine,
    Outfit,
    OutfitPiece,
    PricedBasket,
    RankedItem,
    Relaxation,
    Scores,
    SearchResult,
    Shopper,
)
from tests.assistant.rule_shop import NOW, demo, wish

SHOWN = 6
"""Items of one reply, as many as there may be: the harder it is to give each its own reason."""
ACTS: tuple[tuple[ActKind, ...], ...] = (("search",), ("refine",), ("show_more",), ("more_like",), ("not_this",), ("correct",))
ROLES: tuple[Role, ...] = ("top", "shoes", "bag", "accessory")
REASONS_OF_LOOKS = ("all for a wedding", "navy goes with camel", "navy goes with white", "bought together")
OF_ONE: tuple[ValueSlot, ...] = (
    "color",
    "material",
    "feature",
    "occasion",
    "pattern",
    "fit",
    "length",
    "season",
    "style",
    "brand",
)


@dataclass(frozen=True)
class Shop:
    """The demo shop without vectors: what is found is given."""

    vocabulary: Vocabulary

    def brief(
        self,
        results: Results,
        wishes: tuple[Preference, ...] = (),
        acts: tuple[ActKind, ...] = ("search",),
        turn: int = 0,
        mood: str = "neutral",
        removed: tuple[Preference, ...] = (),
    ) -> GuideBrief:
        """The brief of a turn in which this was found, after others in which the same items were seen."""
        ids = tuple(item.product.product_id for item in results.items)
        pointed = (Reference(kind="ordinal", words="the first", product_ids=ids[:1]),) if ids else ()
        profile = Profile(preferences=wishes, liked_product_ids=ids[1:2])
        old = tuple(SupersededPreference(**each.model_dump(), superseded_by_turn=turn) for each in removed)
        said = {"text": "something", "acts": [Act(kind=kind, references=pointed) for kind in acts], "scope": results.scope}
        return make_brief(
            message="something for me",
            understanding=Understanding.model_validate({**said, "mood": mood}),
            change=ProfileChange(profile=profile, added=wishes if turn % 2 else wishes[:1], removed=old),
            profile=profile,
            results=results,
            state=DialogueState(turn=turn, shown=ids if turn % 3 else ()),
            catalog=demo(),
            vocabulary=self.vocabulary,
            now=NOW,
        )

    def ranked(self, products: Sequence[Product], wishes: tuple[Preference, ...] = ()) -> tuple[RankedItem, ...]:
        """Items with their real checks against what was said."""
        asked = constraints(tuple(each for each in wishes if each.source == "stated"))
        closed = demo().manifest.closed_slots
        return tuple(
            RankedItem(
                product=product,
                checks=tuple(check(product, constraint, self.vocabulary, closed) for constraint in asked),
                scores=Scores(similarity=0.5, collaborative=place % 2, preference=0.5, popularity=1.0, total=0.5),
            )
            for place, product in enumerate(products)
        )

    def found(self, products: Sequence[Product], wishes: tuple[Preference, ...], scope: str, turn: int) -> Results:
        """What a search came to that shows these, with the look and the price of the first."""
        items = self.ranked(products, wishes)
        looks = (look(products[0], turn),) if turn % 10 == 0 else ()
        return Results(
            search=SearchResult(items=items, matching=len(items) + turn % 9, relaxations=()),
            items=items,
            scope=scope,
            outfits=looks,
            basket=self.basket(products[:1]) if turn % 3 == 0 else None,
        )

    def basket(self, products: Sequence[Product], codes: tuple[str, ...] = ()) -> PricedBasket:
        """What these cost together."""
        lines = tuple(BasketLine(product=product, quantity=1 + place % 2) for place, product in enumerate(products))
        manifest = demo().manifest
        return price_basket(
            lines, demo().promotions, codes, NOW, Shopper(), manifest.shipping, manifest.currency, self.vocabulary
        )


def look(anchor: Product, place: int) -> Outfit:
    """A look around an item: one to four pieces of any kind."""
    every = demo().products
    pieces = tuple(
        OutfitPiece(role=role, product=every[(place * 37 + number * 611) % len(every)])
        for number, role in enumerate(ROLES[: 1 + place % len(ROLES)])
    )
    total = sum(product.price.amount_minor for product in (anchor, *(each.product for each in pieces)) if product.price)
    money = Money(amount_minor=total, currency=demo().manifest.currency)
    return Outfit(anchor=anchor, pieces=pieces, total=money, reasons=REASONS_OF_LOOKS[place % 3 :], score=1.0)


@pytest.fixture(scope="module")
def shop(vocabulary: Vocabulary) -> Shop:
    return Shop(vocabulary)


def types() -> dict[str, list[Product]]:
    """The shop's items by type."""
    found: dict[str, list[Product]] = {}
    for product in demo().products:
        found.setdefault(product.product_type or "", []).append(product)
    return found


def wishes_about(product: Product, place: int, scope: str) -> tuple[Preference, ...]:
    """Wishes that the item meets in part, of a kind that changes with `place`: none, said, soft, guessed, mixed, for somebody else."""
    one = {slot: product.values(slot)[-1] for slot in OF_ONE if product.values(slot)}
    category = wish("category", product.product_type, scope=scope)
    limit = (product.price.amount_minor if product.price else 0) + 1000 * (place % 3)
    budget = wish("price", PriceRange(max=max(limit, 100)), scope=scope)
    hard = tuple(wish(slot, value, scope=scope) for slot, value in one.items())
    soft = tuple(each.model_copy(update={"strength": "soft"}) for each in hard)
    guessed = tuple(
        each.model_copy(update={"source": "behaviour" if place % 2 else "inferred", "strength": "soft"}) for each in hard
    )
    sized = [size for size in product.sizes if size.in_stock and size.system != "one"]
    size = tuple(wish("size", s.label, size_system=s.system, evidence=f"in {s.label}", scope=scope) for s in sized[:1])
    no = wish("material", "lace", polarity="dislike", scope=scope)
    stars = wish("rating", RatingRange(stars=4.0), strength="soft", scope=scope)
    return (
        (category,),
        (category, *hard[:2], budget, no),
        (*soft, budget, stars),
        (category, *guessed, *size),
        (*hard[2:4], *guessed[:2], *size, stars),
        (category, *hard[4:], *soft[:2], *size, budget),
    )[place % 6]


def searches(shop: Shop) -> Iterator[tuple[Results, GuideBrief]]:
    """Turns that show every style of the shop, one of its colours each, six at a time, kind by kind: several profiles, people, acts, moods."""
    for kind, every in types().items():
        products = list({product.style_id: product for product in every}.values())
        for place, first in enumerate(range(0, len(products), SHOWN), len(kind)):
            shown = products[first : first + SHOWN]
            scope = "sister" if place % 4 == 3 else "me"
            wishes = wishes_about(shown[0], place, scope)
            results = shop.found(shown, wishes, scope, place)
            mood = "annoyed" if place % 7 == 0 else "neutral"
            yield results, shop.brief(results, wishes, ACTS[place % len(ACTS)], place, mood, wishes[-1:])


def checked(verifier: Verifier, brief: GuideBrief) -> list[CheckedSection]:
    """Every section as it is shown without a model; none of the composer's is ever trimmed or withheld."""
    shown = []
    for section in brief.sections:
        draft = DraftSection(section_id=section.section_id, writer=COMPOSER, text=section.composed)
        seen = verifier.verify(brief, section, draft)
        assert seen.verdict == "pass", (section.composed, seen.findings)
        assert seen.text
        assert not re.search(r"[{}<>\[\]|]|\s[,.;:](?:\s|$)|\ba [aeio]|\ban [b-df-hj-np-tv-z]|\b(\w+) \1\b", bare(brief, seen)), (
            seen.text
        )
        shown.append(seen)
    return shown


def bare(brief: GuideBrief, section: CheckedSection) -> str:
    """A section's text without what the shop wrote: titles, rules, terms."""
    text = section.text if section.kind in ("opening", "item", "closing", "outfit", "relaxation") else ""
    for name, value in brief.references.items():
        if name.endswith((".title", ".offer", ".brand", ".evidence")):
            text = text.replace(value, "X")
    return text


REASONS = ("budget", "rank", "rating", "tie", "guess", "offer", "list_price", "saving", "size", "silent", "brand")
"""References that are a reason by themselves."""


def reason_of(shop: Shop, brief: GuideBrief, label: str, composed: str) -> frozenset[str]:
    """What an item's first sentence says of it beside title and price: references, and the words of its facts or of the wishes."""
    facts = next(item.facts for item in brief.items if item.label == label)
    lead = re.split(r"(?<=[.?])\s", composed)[0]
    used = {name.partition(".")[2] for name in names(lead)} & {*REASONS}
    said = speaker(shop.vocabulary)
    stated = [(slot, value) for slot in VALUE_SLOTS[1:] for value in facts.get(slot, ())]
    told = [text for slot, value in stated for text in (value, said.complement(slot, value))]
    told += [each for each in brief.wishes if not each.startswith(("{", "not ", "for your"))]
    words = {word for value in told for word in re.findall("[a-z]{3,}", fold(value))} - {"for", "with"}
    kind = {word for value in facts.get("category", ()) for word in fold(value).split()[-1:]}
    return frozenset(used | (words - kind) & set(re.findall("[a-z]+", fold(re.sub(r"\{[^}]*\}", " ", lead)))))


def test_every_style_is_spoken_of_with_its_own_reason_and_every_section_passes(shop: Shop, verifier: Verifier) -> None:
    spoken: set[str | None] = set()
    for results, brief in searches(shop):
        shown = checked(verifier, brief)
        items = [section for section in brief.sections if section.kind == "item"]
        reasons = [reason_of(shop, brief, each.labels[0], each.composed) for each in items]
        assert all(reasons), [each.composed for each in items]
        assert len(set(reasons)) == len(reasons) == len(results.items), [each.composed for each in items]
        named = (each for section in shown if section.kind == "item" for each in section.product_ids)
        spoken.update(demo().by_id[each].style_id for each in named)
    assert spoken == {product.style_id for product in demo().products}


def test_a_search_is_read_in_fifteen_seconds(shop: Shop, verifier: Verifier) -> None:
    """Four items with what the page shows beside them, in a first turn and in a later one: at five words a second, titles (which stand on
    the cards) aside."""
    counts = []
    for place, products in enumerate(types().values()):
        dearest = max(product.price.amount_minor for product in products[:4] if product.price is not None)
        wishes = (wish("category", products[0].product_type), wish("price", PriceRange(max=dearest + 500)))[: 1 + place % 2]
        brief = shop.brief(shop.found(products[:4], wishes, "me", 10 * (place % 3)), wishes, ("search",), place % 2)
        text = " ".join(section.text for section in checked(verifier, brief))
        for item in brief.items:
            text = text.replace(item.references[f"{item.label}.title"], "")
        counts.append(len(text.split()))
    assert median(counts) <= 80
    assert max(counts) <= 110


def test_what_nobody_said_is_never_spoken_of_as_said(shop: Shop, verifier: Verifier) -> None:
    """With guesses alone there is no "as you asked", no limit and no size of hers; where one is told it is called a guess, once a reply."""
    told = 0
    for number, products in enumerate(types().values()):
        shown = products[:3]
        for source in (("inferred", "behaviour")[number % 2],):
            guessed = tuple(
                each.model_copy(update={"source": source, "strength": "soft"})
                for place in (2, 5)
                for each in wishes_about(shown[0], place, "me")
                if each.slot != "category"
            )
            brief = shop.brief(shop.found(shown, guessed, "me", 1), guessed, ("search",), 1)
            text = " ".join(section.text for section in checked(verifier, brief) if section.kind != "outfit")
            said = re.search(
                r"you (?:asked|said|wished|wanted|named|described)|(?:your|the) (?:limit|size|wish|words)|up to €|by your", text
            )
            assert said is None or said.group() in ("your words", "your size"), text
            assert "in your size" not in text
            count = len(re.findall("(?i)going by what you", text))
            assert count <= 1, text
            told += count
            assert brief.wishes == ()
    assert told > 25


@pytest.mark.parametrize("asks", ["slots", "values", "care", "everything"])
def test_every_question_about_every_kind_of_item(shop: Shop, verifier: Verifier, asks: str) -> None:
    closed = demo().manifest.closed_slots
    for products in types().values():
        pair = (products[0], products[-1])
        found: list[Answer] = []
        for product, other in (pair, pair[::-1]):
            values = [value for slot in VALUE_SLOTS for value in (*product.values(slot)[:1], *other.values(slot)[-1:])]
            about: tuple[Slot, ...] = (
                ("price", "size", "rating", *OF_ONE) if asks == "slots" else ("feature",) if asks == "care" else ()
            )
            question = sorted(CARE_WORDS)[0] if asks == "care" else "what is it?"
            found.extend(answer(product, about, values if asks == "values" else (), question, shop.vocabulary, closed))
        results = Results(described=pair[0], answers=tuple(found), subjects=shop.ranked(dict.fromkeys(pair)))  # type: ignore[arg-type]
        shown = checked(verifier, shop.brief(results, acts=("describe",)))
        told = [section for section in shown if section.kind == "answer"]
        assert len(told) == len(set(pair))
        for section, product in zip(told, dict.fromkeys(pair), strict=True):
            assert product.title in section.text
            assert section.product_ids == (product.product_id,)


def test_comparisons_and_reasons_of_every_kind_of_item(shop: Shop, verifier: Verifier) -> None:
    for place, products in enumerate(types().values()):
        several = products[: 2 + place % 3]
        wishes = wishes_about(several[0], 1 + place % 5, "me")
        items = shop.ranked(several, wishes)
        compared = compare(several, shop.vocabulary) if len(several) > 1 else None
        results = Results(subjects=items, comparison=compared, explained=items[0])
        kinds = {section.kind for section in checked(verifier, shop.brief(results, wishes, ("compare", "explain"), place))}
        assert kinds == {"explanation", *(("comparison",) if compared is not None else ())}


def relaxations() -> Iterator[Relaxation]:
    """One change of every slot, dropped and moved, positive and not."""
    for slot in (
        "color",
        "material",
        "occasion",
        "feature",
        "category",
        "pattern",
        "fit",
        "length",
        "season",
        "style",
        "brand",
        "gender",
    ):
        known = demo().brands if slot == "brand" else None
        for source, target in (("red", "blue"), ("not red", None), ("red", None), ("red or blue", "green or black")):
            if known is not None:
                source, target = known[0], known[1] if target else None
            action = "move" if target else "drop"
            yield Relaxation.model_validate(
                {"index": 0, "slot": slot, "action": action, "source": source, "target": target, "count": 1 + len(source)}
            )
    for slot, source, target in (("price", "..2000", "..2599"), ("price", "9000..", "4000.."), ("rating", "4.5..", "4.1..")):
        yield Relaxation.model_validate(
            {"index": 0, "slot": slot, "action": "move", "source": source, "target": target, "count": 1}
        )
    yield Relaxation(index=0, slot="size", action="move", source="alpha M", target="alpha L", count=2)
    yield Relaxation(index=0, slot="price", action="drop", source="..2000", target=None, count=30)


def test_nothing_found_for_every_kind_of_item(shop: Shop, verifier: Verifier) -> None:
    changes = list(relaxations())
    for place, products in enumerate(types().values()):
        for profile in range(6):
            scope = "daughter" if place % 2 else "me"
            wishes = wishes_about(products[0], profile, scope)
            told = (changes[place % len(changes)], changes[(place + 7) % len(changes)])[: place % 3]
            search = SearchResult(items=(), matching=0, relaxations=told)
            acts: tuple[ActKind, ...] = ("show_more",) if place % 3 == 2 else ("search",)
            brief = shop.brief(Results(search=search, scope=scope), wishes, acts, place)
            assert [section.kind for section in checked(verifier, brief)] == ["relaxation"]


def test_outfits_of_every_kind_of_item(shop: Shop, verifier: Verifier) -> None:
    for place, products in enumerate(types().values()):
        worn = look(products[0], place)
        (section,) = checked(verifier, shop.brief(Results(outfits=(worn,)), acts=("pair",)))
        assert all(piece.product.title in section.text for piece in worn.pieces)
        results = Results(subjects=shop.ranked(products[:1]))
        (none,) = checked(verifier, shop.brief(results, acts=("pair",)))
        assert products[0].title not in none.text, "it is on no card"


def test_baskets_and_codes(shop: Shop, verifier: Verifier) -> None:
    codes = tuple(promotion.code for promotion in demo().promotions if promotion.code)
    for place, products in enumerate(types().values()):
        results = Results(
            basket=shop.basket(products[: 1 + place % 3], (codes[place % len(codes)], "NOSUCHCODE")),
            basket_is_cart=True,
            cart_changes=(f"In your basket now: {products[0].title}.", "Which size shall it be?"),
        )
        checked(verifier, shop.brief(results, acts=("basket",), turn=place))
    checked(verifier, shop.brief(Results(basket=shop.basket(()), basket_is_cart=True), acts=("basket",)))


def test_everything_that_needs_no_item(shop: Shop, verifier: Verifier) -> None:
    notes = tuple(offer_note(each, "EUR", shop.vocabulary) for each in demo().promotions)
    chats = ChatAction.model_fields["about"].annotation.__args__  # type: ignore[union-attr]
    turns = [Results(offers=notes[place : place + 7]) for place in range(len(notes))]
    turns += [Results(policy=(section,), policy_asked=True) for section in demo().policy]
    turns += [Results(policy_asked=True), Results(offers=())]
    turns += [Results(chat=(about,)) for about in chats]
    turns += [Results(handover=reason) for reason in ("order", "asked", "stuck")]
    turns += [Results(ask=AskAction(question_id=each)) for each in ("which_item", "what_to_compare", "another")]
    for turn, results in enumerate(turns):
        for place in range(6):
            wishes = wishes_about(demo().products[turn * 31], place, "me")
            acts: tuple[ActKind, ...] = ("offers",) if not results.chat and results.handover is None else ("thanks",)
            assert checked(verifier, shop.brief(results, wishes, acts, turn + place))
