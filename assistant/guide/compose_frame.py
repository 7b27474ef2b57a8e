"""The composer's words around the items: the opening, what a change of wishes would bring, the closing."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.guide.english import listed, lowered, number
from assistant.guide.explain import size_there
from assistant.guide.references import plain
from assistant.guide.turn import Draft, Turn
from assistant.guide.wishes import asked_in_full, asked_noun, found_noun, holding, noted, wish_references
from assistant.schema import PriceRange
from catalog_data.schema import VALUE_SLOTS, Slot
from retrieval.schema import RankedItem, Relaxation

FOR_WHOM = ("found", "single", "open")
"""Openings that begin with the person they are for."""
NOTES = {
    "wish.currency": "note_currency",
    "heard.unknown": "note_unheard",
    "shown.sized": "note_sized",
    "shown.shared": "note_shared",
    "wish.avoided": "note_avoided",
}
"""The pool for each thing that a second sentence may say."""
SLOT_NAMES: dict[Slot, str] = {
    "category": "kind of piece",
    "color": "colour",
    "price": "price",
    "rating": "rating",
    "gender": "wearer",
}


def opening(turn: Turn, items: Sequence[RankedItem]) -> Draft:
    """At most two sentences: what was understood or changed, how many there are, and the one thing that has to be said at once."""
    draft = Draft(kind="opening", section_id="opening", modelled=True)
    fragments = (
        {"wishes": asked_noun(turn, items), "found": found_noun(turn, items)}
        if holding(turn, items)
        else {"found": found_noun(turn, items)}
    )
    several = len(items) == 1 and turn.several(items[0].product)
    flags = () if turn.whom else ("own",)
    pools = _opening_pools(turn, items)
    draft.say(turn, pools, fragments, _opening_references(turn, items), flags, several=several)
    if turn.whom and pools[0] in FOR_WHOM:
        draft.sentences[0] = f"{turn.whom.capitalize()}, {lowered(draft.sentences[0])}"
    if len([part for part in draft.sentences[0].split(". ") if part]) < 2:
        _note(turn, draft, items)
    return draft


def _opening_pools(turn: Turn, items: Sequence[RankedItem]) -> tuple[str, ...]:
    said = turn.understanding
    changed = bool(noted(turn) and turn.state.shown and (said.has("refine", "correct", "retract") or not said.has("search")))
    if len(items) == 1:
        return ("single_refined",) if changed else ("single",)
    if said.has("more_like") and _named(turn):
        return ("like",)
    if said.has("not_this") and _named(turn):
        return ("rejected",)
    if said.has("show_more"):
        return ("more",)
    if changed:
        return ("refined",)
    return ("found",) if holding(turn, items) else ("open",)


def _opening_references(turn: Turn, items: Sequence[RankedItem]) -> dict[str, str]:
    matching = turn.results.search.matching if turn.results.search is not None else len(items)
    found = {"shown.count": number(len(items)), "heard.noted": noted(turn)}
    if matching > len(items):
        found["shown.matching"] = number(matching)
    name = _named(turn)
    return {**wish_references(turn), **found, "heard.like": name, "heard.rejected": name}


def _named(turn: Turn) -> str:
    """The title of the item that the message points at, else of the one talked of last."""
    for act in turn.understanding.acts:
        if act.kind in ("more_like", "not_this"):
            for reference in act.references:
                if reference.product_ids:
                    return turn.title(reference.product_ids[0])
    return turn.title(turn.state.focus) if turn.state.focus is not None else ""


def _note(turn: Turn, draft: Draft, items: Sequence[RankedItem]) -> None:
    """A second sentence where something must be said: a budget in other money, words not understood, the size just given, a shared doubt."""
    texts = {
        "wish.currency": _currency_note(turn),
        "heard.unknown": _unheard(turn),
        "shown.sized": _sized(turn, items),
        "shown.shared": turn.misfits.shared(),
        "wish.avoided": _avoided(turn),
    }
    for name, text in texts.items():
        if text:
            draft.say(turn, NOTES[name], references={name: text})
            return


def _currency_note(turn: Turn) -> str:
    own = turn.catalog.manifest.currency
    foreign = dict.fromkeys(
        slot.currency for slot in turn.understanding.slots if slot.currency is not None and slot.currency != own
    )
    return f"the prices here are in {own}, so I took your {listed(list(foreign))} amount at face value" if foreign else ""


def _unheard(turn: Turn) -> str:
    words = [plain(word, 30) for word in turn.understanding.unknown_words[:2]]
    return f"I could make nothing of {listed([f'“{word}”' for word in words if word])}, so I left that out" if any(words) else ""


def _sized(turn: Turn, items: Sequence[RankedItem]) -> str:
    """That every item is there in the size that this turn brought."""
    if not any(new.slot == "size" and new.scope == turn.scope for new in turn.change.added):
        return ""
    there = {size_there(item, turn.wishes, turn.scope) for item in items}
    text = there.pop()
    if there or not text:
        return ""
    lead = "all of them are" if len(items) > 1 else "they are" if turn.several(items[0].product) else "it is"
    return f"{lead} there {text}"


def _avoided(turn: Turn) -> str:
    """What was left out on request, said only in the turn in which it was asked for."""
    new = [
        p
        for p in turn.change.added
        if p.polarity == "dislike" and p.scope == turn.scope and p.strength == "hard" and p.slot in VALUE_SLOTS
    ]
    words = [plain(str(p.value), 40) for p in new]
    return f"I left out whatever the shop lists as {listed(words, 'or')}" if words else ""


def relaxation(turn: Turn, items: Sequence[RankedItem]) -> Draft:
    """Nothing, or little, was found: says so plainly and gives the cheapest changes with what they would bring."""
    draft = Draft(kind="relaxation", section_id="relaxation")
    search = turn.results.search
    changes = [change_text(turn, each) for each in (search.relaxations if search is not None else ())]
    told = list(dict.fromkeys(text for text in changes if text))[:2]
    references = {"shown.wishes": asked_in_full(turn), **dict(zip(("relaxation.first", "relaxation.second"), told, strict=False))}
    pool = "few" if items else "nomore" if turn.understanding.has("show_more") else "none" if told else "stuck"
    if not draft.say(turn, pool, references=references):
        draft.say(turn, "stuck", references=references)
    if not items:
        _note_in(turn, draft)
    return draft


def _note_in(turn: Turn, draft: Draft) -> None:
    for name, text, pool in (
        ("wish.currency", _currency_note(turn), "note_currency"),
        ("heard.unknown", _unheard(turn), "note_unheard"),
    ):
        if text:
            draft.say(turn, pool, references={name: text})


def change_text(turn: Turn, change: Relaxation) -> str:
    """One change and what it would bring: "in burgundy there are four", "up to €95.00 there are three"."""
    there = f"there {'is one' if change.count == 1 else f'are {number(change.count)}'}"
    dropped = change.source.removeprefix("not ")
    if change.slot == "price":
        return f"{_price_text(turn, change)} {there}"
    if change.slot == "size":
        label = plain((change.target or "").rpartition(" ")[2], 20)
        return f"in size {label} {there}" if label else f"with the size left open {there}"
    if change.slot == "rating":
        stars = (change.target or "").removesuffix("..")
        return f"from {stars} stars up {there}" if stars else f"whatever the rating {there}"
    if change.slot not in VALUE_SLOTS:
        return ""
    if change.source.startswith("not "):
        return f"with {dropped} allowed {there}"
    if change.target is None:
        return (
            f"if the {SLOT_NAMES.get(change.slot, change.slot)} may be another than {_said(turn, change.slot, dropped)} {there}"
        )
    return f"with {_said(turn, change.slot, change.target)} instead of {_said(turn, change.slot, dropped)} {there}"


def _said(turn: Turn, slot: Slot, values: str) -> str:
    parts = values.split(" or ")
    return listed([turn.speaker.kind(part, many=True) if slot == "category" else plain(part, 60) for part in parts], "or")


def _price_text(turn: Turn, change: Relaxation) -> str:
    low, _, high = (change.target or "..").partition("..")
    if high:
        return f"up to {turn.money(int(float(high)))}"
    if low:
        return f"from {turn.money(int(float(low)))} up"
    return "without a limit on the price"


def closing(turn: Turn, items: Sequence[RankedItem]) -> Draft:
    """One useful next step, of those that are possible now."""
    labels = [turn.labels[item.product.product_id] for item in items[:2]]
    draft = Draft(kind="closing", section_id="closing", labels=tuple(labels), modelled=True)
    search = turn.results.search
    left = (search.matching if search is not None else 0) - len(items)
    titles = {f"{label}.title": turn.facts[label].references[f"{label}.title"] for label in labels}
    references = {**titles, "next.cheaper": "cheaper", **({"shown.left": number(left)} if left > 0 else {})}
    whose = f"your {plain(turn.scope, 40)}'s" if turn.whom else "your"
    draft.say(turn, "closing", {"whose": whose}, references, _possible(turn, items, left))
    used = " ".join(draft.sentences)
    draft.labels = tuple(label for label in labels if f"{{{label}." in used)
    return draft


def _possible(turn: Turn, items: Sequence[RankedItem], left: int) -> tuple[str, ...]:
    sized = any(size.system != "one" for item in items for size in item.product.sizes)
    known = any(wish.slot == "size" for wish in turn.wishes)
    limited = any(isinstance(wish.value, PriceRange) for wish in turn.wishes)
    priced = all(item.product.price is not None for item in items)
    conditions = {
        "sizeless": sized and not known,
        "several": len(items) > 1,
        "unpaired": not turn.results.outfits and bool(items),
        "further": left > 0,
        "priced": priced,
        "unlimited": priced and not limited,
        "one_of": bool(items),
    }
    return tuple(name for name, holds in conditions.items() if holds)
