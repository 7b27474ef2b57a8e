"""Results become a brief: which sections the guide has, what each item's facts are, and the composer's words for all of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from assistant.guide.closed_facts import closer
from assistant.guide.composer import compose
from assistant.guide.explain import speaker
from assistant.guide.facts import item_facts
from assistant.guide.misfits import Misfits
from assistant.guide.phrases import Picker, Voice, load_voice
from assistant.guide.references import plain
from assistant.guide.turn import Draft, Turn
from assistant.guide.wishes import wish_references, wish_words
from assistant.schema import (
    DialogueState,
    GuideBrief,
    ItemFacts,
    Language,
    Profile,
    ProfileChange,
    Results,
    Understanding,
)
from catalog_data.schema import Catalog, Product
from catalog_data.vocabulary import Vocabulary
from retrieval.promotions import unit_offer
from retrieval.schema import RankedItem, Scores, UnitOffer

PIECE = "piece"
"""Labels of an outfit's pieces begin so; those of all other items with "item"."""
NO_SCORES = Scores(similarity=0, collaborative=0, preference=0, popularity=0, total=0)


def make_brief(
    message: str,
    understanding: Understanding,
    change: ProfileChange,
    profile: Profile,
    results: Results,
    state: DialogueState,
    catalog: Catalog,
    vocabulary: Vocabulary,
    now: datetime,
    voice: Voice | None = None,
) -> GuideBrief:
    """Everything that is said in one turn, before any model has seen it. `state` is the one before this turn; what the brief gives as
    `phrases_used` is to be added to its `phrases`. `voice`: the patterns to speak with, those shipped where none are given."""
    spoken = voice if voice is not None else load_voice()
    named = dict(_named(results, understanding, state, catalog))
    offers = _unit_offers(named, catalog, vocabulary, now)
    facts = _facts(named, offers, results, vocabulary, understanding.language, spoken)
    stated = {item.product_id: closer(vocabulary).of_item(item) for item in facts.values()}
    voiced = {wish.slot for wish in profile.in_scope(results.scope) if wish.source == "stated"}
    turn = Turn(
        message=message,
        understanding=understanding,
        change=change,
        profile=profile,
        results=results,
        state=state,
        catalog=catalog,
        vocabulary=vocabulary,
        voice=spoken,
        speaker=speaker(vocabulary),
        picker=Picker(spoken, state.turn + 1, message, state.phrases),
        misfits=Misfits(results.items, speaker(vocabulary), understanding.language, stated, voiced),
        prices=_prices(named, offers),
        facts=facts,
        stated=stated,
        labels={item.product.product_id: label for label, item in named.items()},
    )
    return _brief(turn, compose(turn))


def _unit_offers(
    named: Mapping[str, RankedItem], catalog: Catalog, vocabulary: Vocabulary, now: datetime
) -> dict[str, UnitOffer | None]:
    """What one of each costs alone, by label."""
    return {label: unit_offer(item.product, catalog.promotions, now, vocabulary) for label, item in named.items()}


def _facts(
    named: Mapping[str, RankedItem],
    offers: Mapping[str, UnitOffer | None],
    results: Results,
    vocabulary: Vocabulary,
    language: Language,
    voice: Voice,
) -> dict[str, ItemFacts]:
    found = {}
    for label, item in named.items():
        why = results.why.get(item.product.product_id, ())
        found[label] = item_facts(label, item, why, vocabulary, language, offers.get(label), voice.descriptive)
    return found


def _brief(turn: Turn, drafts: tuple[Draft, ...]) -> GuideBrief:
    references = {**wish_references(turn), "shop.name": plain(turn.catalog.manifest.name, 80)}
    references |= {name: text for item in turn.facts.values() for name, text in item.references.items()}
    references |= {name: text for draft in drafts for name, text in draft.references.items()}
    return GuideBrief(
        language=turn.language,
        message=turn.message,
        scope=turn.scope,
        wishes=wish_words(turn.wishes, turn.scope),
        items=tuple(turn.facts.values()),
        sections=tuple(draft.section() for draft in drafts),
        references=references,
        phrases_used=turn.picker.used,
        mood=turn.understanding.mood,
    )


def _named(
    results: Results, understanding: Understanding, state: DialogueState, catalog: Catalog
) -> Iterator[tuple[str, RankedItem]]:
    """Every item that may be named, under its label: those shown, those talked about, then the pieces of the outfit."""
    seen: set[str] = set()
    talked = [*results.items, *results.subjects, *((results.explained,) if results.explained is not None else ())]
    products = [results.described, *(look.anchor for look in results.outfits[:1])]
    compared = results.comparison.product_ids if results.comparison is not None else ()
    products += [
        catalog.by_id.get(product_id) for product_id in (*compared, *(each.product_id or "" for each in results.answers))
    ]
    if understanding.has("pair") and not results.outfits:
        pointed = [each for act in understanding.acts for reference in act.references for each in reference.product_ids]
        products += [catalog.by_id.get(each) for each in (*pointed, state.focus or "", *state.shown)][:1]
    for item in (*talked, *(_unranked(product) for product in products if product is not None)):
        if item.product.product_id not in seen:
            seen.add(item.product.product_id)
            yield f"item{len(seen)}", item
    pieces = [piece.product for look in results.outfits[:1] for piece in look.pieces]
    for place, product in enumerate((each for each in pieces if each.product_id not in seen), 1):
        yield f"{PIECE}{place}", _unranked(product)


def _unranked(product: Product) -> RankedItem:
    return RankedItem(product=product, checks=(), scores=NO_SCORES)


def _prices(named: Mapping[str, RankedItem], offers: Mapping[str, UnitOffer | None]) -> dict[str, int]:
    """What one piece of each costs as its card shows it."""
    found: dict[str, int] = {}
    for label, item in named.items():
        offer = offers.get(label)
        price = offer.price if offer is not None else item.product.price
        if price is not None:
            found[item.product.product_id] = price.amount_minor
    return found
