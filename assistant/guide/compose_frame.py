"""The composer's words around the items: the opening, what a change of wishes would bring, the closing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from assistant.guide.english import listed, lowered, number
from assistant.guide.explain import size_there
from assistant.guide.phrases import WINDOW
from assistant.guide.references import plain
from assistant.guide.turn import Draft, Turn
from assistant.guide.wishes import asked_in_full, asked_noun, found_noun, holding, noted, refusal, wish_references
from assistant.guide.wording import DULL
from catalog_data.schema import VALUE_SLOTS, Slot, ValueSlot
from retrieval.schema import RankedItem, Relaxation

FOR_WHOM = ("found", "single", "open", "same")
"""Openings that begin with the person they are for."""
NOTES = {
    "wish.currency": "note_currency",
    "heard.unknown": "note_unheard",
    "shown.sized": "note_sized",
    "shown.shared": "note_shared",
    "wish.avoided": "note_avoided",
}
"""The pool for each thing that a second sentence may say."""
LEFT_OPEN: dict[Slot, str] = {
    "color": "in any colour",
    "material": "in any material",
    "pattern": "in any pattern",
    "fit": "in any fit",
    "length": "in any length",
    "brand": "by any maker",
    "gender": "for anyone",
    "category": "of any kind",
}
"""The condition under which there is more, where a wish of this slot is dropped."""


def opening(turn: Turn, items: Sequence[RankedItem]) -> Draft:
    """At most two sentences: what was understood or changed, how many there are, and the one thing that has to be said at once."""
    draft = Draft(kind="opening", section_id="opening", modelled=True)
    fragments = (
        {"wishes": asked_noun(turn, items), "found": found_noun(turn, items)}
        if holding(turn, items)
        else {"found": found_noun(turn, items)}
    )
    several = len(items) == 1 and turn.several(items[0].product)
    flags = (*(() if turn.whom else ("own",)), *(("doubt",) if turn.misfits.shared() else ()))
    pool = _opening_pool(turn, items)
    if pool == "refined" and noted(turn) in fragments["found"]:
        fragments = {}
    draft.say(turn, pool, fragments, _opening_references(turn, items), flags, several=several)
    if turn.whom and pool in FOR_WHOM:
        draft.sentences[0] = f"{turn.whom.capitalize()}, {lowered(draft.sentences[0])}"
    if len([part for part in draft.sentences[0].split(". ") if part]) < 2:
        _note(turn, draft, items)
    return draft


def _opening_pool(turn: Turn, items: Sequence[RankedItem]) -> str:
    said = turn.understanding
    changed = bool(noted(turn) and turn.state.shown and (said.has("refine", "correct", "retract") or not said.has("search")))
    if len(items) == 1:
        return "single_refined" if changed else "single"
    acts = {"more_like": "like", "not_this": "rejected", "show_more": "more"}
    pool = next((pool for act, pool in acts.items() if any(each.kind == act for each in said.acts)), "")
    if pool:
        return pool
    if changed:
        return "refined"
    if said.mood == "annoyed":
        return "annoyed"
    if tuple(item.product.product_id for item in items) == turn.state.shown:
        return "same"
    return "found" if holding(turn, items) else "open"


def _opening_references(turn: Turn, items: Sequence[RankedItem]) -> dict[str, str]:
    matching = turn.results.search.matching if turn.results.search is not None else len(items)
    found = {"shown.count": number(len(items)), "heard.noted": noted(turn), "heard.aside": _put_aside(turn)}
    if matching > len(items):
        found["shown.matching"] = number(matching)
    return {**wish_references(turn), **found}


def _put_aside(turn: Turn) -> str:
    """ "that one" or "those four": what the message rejects. No title: an item that has left the page is not named."""
    pointed = [each for act in turn.understanding.acts if act.kind == "not_this" for each in act.references]
    count = len({product_id for reference in pointed for product_id in reference.product_ids})
    return f"those {number(count)}" if count > 1 else "that one"


def _note(turn: Turn, draft: Draft, items: Sequence[RankedItem]) -> None:
    """A second sentence where something must be said: a budget in other money, words not understood, the size just given, a shared doubt."""
    texts = {
        "wish.currency": _currency_note(turn),
        "heard.unknown": _unheard(turn),
        "shown.sized": _sized(turn, items),
        "shown.shared": turn.misfits.shared(),
        "wish.avoided": _avoided(turn) if "heard.noted" not in draft.references else "",
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
    return f"I did not understand {listed([f'“{word}”' for word in words if word])}, so I left that out" if any(words) else ""


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
    words = [f"{'in ' if p.slot == 'material' else ''}{refusal(turn.speaker, p)}" for p in new]
    kinds = [word for word, p in zip(words, new, strict=True) if p.slot in ("category", "brand")]
    others = [word for word in words if word not in kinds]
    said = [*kinds, *([f"anything {listed(others, 'or')}"] if others else [])]
    return f"I left out {listed(said)}" if said else ""


def relaxation(turn: Turn, items: Sequence[RankedItem]) -> Draft:
    """Nothing, or little, was found: says so plainly and gives the cheapest changes with what they would bring."""
    draft = Draft(kind="relaxation", section_id="relaxation")
    search = turn.results.search
    changes: dict[Slot, str] = {}
    for each in search.relaxations if search is not None else ():
        if text := change_text(turn, each):
            changes.setdefault(each.slot, text)
    told = list(changes.values())[:2]
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
    """One change and what it would bring: "in burgundy there are four", "up to €95 there are three"."""
    there = f"there {'is one' if change.count == 1 else f'are {number(change.count)}'}"
    return f"{_changed(turn, change)} {there}" if change.slot in VALUE_SLOTS or change.slot in ("price", "size", "rating") else ""


def _changed(turn: Turn, change: Relaxation) -> str:
    """A change as the condition under which there is more."""
    target = change.target or ""
    if change.slot == "price":
        return _price_text(turn, change)
    if change.slot == "size":
        label = plain(target.rpartition(" ")[2], 20)
        return f"in size {label}" if label else "with the size left open"
    if change.slot == "rating":
        stars = target.removesuffix("..")
        return f"from {stars} stars up" if stars else "whatever the rating"
    if change.source.startswith("not "):
        return f"with {_said(turn, change.slot, change.source.removeprefix('not '))} allowed"
    if target:
        among = change.slot == "category"
        return f"{'among' if among else 'with'} {_said(turn, change.slot, target)}{'' if among else ' instead'}"
    if change.slot in ("feature", "occasion", "season", "style"):
        return f"without “{_said(turn, change.slot, change.source)}”"
    return LEFT_OPEN[change.slot]


def _said(turn: Turn, slot: Slot, values: str) -> str:
    parts = values.split(" or ")
    return listed([turn.speaker.kind(part, many=True) if slot == "category" else plain(part, 60) for part in parts], "or")


def _price_text(turn: Turn, change: Relaxation) -> str:
    low, _, high = (change.target or "..").partition("..")
    if high:
        return f"up to {turn.limit(int(float(high)))}"
    if low:
        return f"from {turn.limit(int(float(low)))} up"
    return "without a limit on the price"


STEPS = ("wrong", "size", "use", "budget", "filter", "compare", "cheaper", "outfit", "further")
"""What a closing may offer, most useful first."""
ASKED_ONCE = frozenset(("size", "use", "budget"))
"""Questions that are not put again within the window: who has not answered does not want to."""
FILTERS: tuple[ValueSlot, ...] = ("material", "color", "pattern", "length", "fit")


def closing(turn: Turn, items: Sequence[RankedItem]) -> Draft:
    """One next step that would change what is shown, of those that are possible now; none where it would be that of the turns before."""
    draft = Draft(kind="closing", section_id="closing")
    search = turn.results.search
    left = (search.matching if search is not None else 0) - len(items)
    narrower, uses = (_filter(turn, items), _uses(turn, items)) if left > 0 else ("", "")
    references = {
        "next.filter": narrower,
        "next.uses": uses,
        "next.cheaper": "cheaper",
        "shown.left": number(left) if left > 0 else "",
    }
    possible = _possible(turn, items, left) | {step for step, text in (("filter", narrower), ("use", uses)) if text}
    for step in STEPS:
        if step in possible and not turn.picker.lately(f"closing_{step}", WINDOW if step in ASKED_ONCE else 2):
            draft.say(turn, f"closing_{step}", {"whose": turn.whose}, references, ("several",) if len(items) > 1 else ())
            break
    return draft


def _possible(turn: Turn, items: Sequence[RankedItem], left: int) -> frozenset[str]:
    """The steps that can be taken. What nobody said counts as known all the same: it is not asked for."""
    known = {wish.slot for wish in (*turn.wishes, *turn.guesses)}
    priced = all(item.product.price is not None for item in items)
    conditions = {
        "wrong": turn.understanding.mood == "annoyed",
        "size": "size" not in known and any(size.system != "one" for item in items for size in item.product.sizes),
        "budget": left > 0 and priced and "price" not in known,
        "compare": len(items) > 1,
        "cheaper": left > 0 and priced,
        "outfit": not turn.results.outfits and not turn.understanding.has("pair"),
        "further": left > 0,
    }
    return frozenset(step for step, holds in conditions.items() if holds)


def _filter(turn: Turn, items: Sequence[RankedItem]) -> str:
    """ "in linen": what some of the items are and not all, in a slot of which nothing was said; empty where there is no such thing."""
    said = {wish.slot for wish in turn.wishes}
    for slot in FILTERS:
        counts = Counter(value for item in items for value in item.product.values(slot)[:1])
        fewest = 2 if slot == "color" else 1
        telling = [v for v, count in counts.items() if fewest <= count < len(items) and v not in DULL and v != "solid"]
        text = turn.speaker.complement(slot, max(telling, key=lambda value: counts[value]), True) if telling else ""
        if slot not in said and text and not text.startswith("with ") and not (slot == "pattern" and text.startswith("in ")):
            return text
    return ""


def _uses(turn: Turn, items: Sequence[RankedItem]) -> str:
    """ "work, a wedding or every day": what some of the items are for and not all; empty where the use is known or there is no choice."""
    known = {wish.slot for wish in (*turn.wishes, *turn.guesses)}
    counts = Counter(value for item in items for value in item.product.occasions)
    telling = [value for value, count in counts.most_common() if count < len(items)][:3]
    if known & {"occasion", "style", "feature", "season"} or len(telling) < 2:
        return ""
    return listed([turn.speaker.complement("occasion", value).removeprefix("for ") for value in telling], "or")
