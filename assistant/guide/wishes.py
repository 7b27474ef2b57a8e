"""What was asked for and what changed, in words: for the writer's brief and for the composer's openings. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from assistant.guide.english import listed
from assistant.guide.explain import GUESSED
from assistant.guide.references import plain
from assistant.guide.turn import Turn
from assistant.guide.wording import PIECES, Speaker, in_season, seasonal, without_echo
from assistant.schema import ME, Preference, PriceRange, RatingRange, SupersededPreference
from catalog_data.schema import VALUE_SLOTS, ValueSlot
from retrieval.schema import RankedItem

SAID_BEFORE: tuple[ValueSlot, ...] = ("style", "fit", "feature", "color", "pattern", "length", "material")
"""Slots whose words stand before the noun, in this order."""


def wish_words(wishes: Iterable[Preference], scope: str) -> tuple[str, ...]:
    """The wishes as a writer may know them: canonical words, "not" before what is unwanted, references for figures."""
    found: dict[str, None] = {}
    for wish in wishes:
        if isinstance(wish.value, PriceRange):
            found["{wish.budget}"] = None
        elif isinstance(wish.value, RatingRange):
            found["{wish.rating}"] = None
        elif wish.slot == "size":
            found["{wish.size}"] = None
        else:
            found[f"{'not ' if wish.polarity == 'dislike' else ''}{plain(wish.value, 60)}"] = None
    if scope != ME:
        found[f"for your {plain(scope, 40)}"] = None
    return tuple(found)


def wish_references(turn: Turn) -> dict[str, str]:
    """The figures among the wishes."""
    found: dict[str, str] = {}
    for wish in turn.wishes:
        if isinstance(wish.value, PriceRange):
            found["wish.budget"] = budget(turn, wish.value)
        elif isinstance(wish.value, RatingRange):
            found["wish.rating"] = f"{wish.value.stars:g} stars or more"
        elif wish.slot == "size" and wish.polarity == "like":
            found["wish.size"] = f"size {plain(str(wish.value), 20)}"
        elif wish.slot == "brand" and wish.polarity == "like":
            found["wish.brand"] = plain(str(wish.value), 60)
    return found


def budget(turn: Turn, bounds: PriceRange) -> str:
    """ "up to €80", "from €40 up", "between €40 and €59.50"."""
    if bounds.min is None:
        return f"up to {turn.limit(bounds.max or 0)}"
    if bounds.max is None:
        return f"from {turn.limit(bounds.min)} up"
    return f"between {turn.limit(bounds.min)} and {turn.limit(bounds.max)}"


def _likes(turn: Turn, slot: str) -> list[str]:
    return [w.value for w in turn.wishes if w.slot == slot and w.polarity == "like" and isinstance(w.value, str)]


def holding(turn: Turn, items: Sequence[RankedItem]) -> list[tuple[ValueSlot, str]]:
    """The wishes that every one of `items` states to hold: what may be said of all of them in one phrase."""
    found: list[tuple[ValueSlot, str]] = []
    for slot in VALUE_SLOTS:
        for value in _likes(turn, slot):
            accepted = turn.vocabulary.expand(slot, value)
            if all(accepted.intersection(item.product.values(slot)) for item in items):
                found.append((slot, value))
    return found


def asked_noun(turn: Turn, items: Sequence[RankedItem]) -> str:
    """What was asked for, as far as it holds of all of `items`: "red dresses in linen for a wedding"; "something red" where
    no kind of thing was named."""
    values = holding(turn, items)
    categories = [value for slot, value in values if slot == "category"]
    return _with_figures(
        turn, noun_with(turn.speaker, turn.speaker.kind(categories[0], many=True) if categories else "", values), values
    )


def found_noun(turn: Turn, items: Sequence[RankedItem]) -> str:
    """What was found, in the plural: as `asked_noun`, but by the kind of the items where none was asked for."""
    values = holding(turn, items)
    categories = [value for slot, value in values if slot == "category"]
    noun = turn.speaker.kind(categories[0] if categories else common_type(items), many=True, counted=True)
    return _with_figures(turn, noun_with(turn.speaker, noun, values), values)


def _with_figures(turn: Turn, phrase: str, values: Sequence[tuple[ValueSlot, str]]) -> str:
    """The phrase with brand and budget added."""
    if any(slot == "brand" for slot, _ in values):
        phrase = f"{phrase} by {{wish.brand}}"
    if any(isinstance(w.value, PriceRange) for w in turn.wishes):
        phrase = f"{phrase} {{wish.budget}}"
    return phrase


def common_type(items: Sequence[RankedItem]) -> str | None:
    """The one type of all of them; None where they are of several."""
    types = {item.product.product_type for item in items}
    return types.pop() if len(types) == 1 else None


def noun_with(speaker: Speaker, noun: str, values: Sequence[tuple[ValueSlot, str]]) -> str:
    """A noun with the values before and after it: "red midi dresses in linen with pockets for a wedding"; without one "something red"."""
    words = {slot: [speaker.adjective(slot, value) for wanted, value in values if wanted == slot] for slot in SAID_BEFORE}
    every = without_echo([word for slot in SAID_BEFORE for word in words[slot] if word])
    before = [listed(said) for slot in SAID_BEFORE if (said := [word for word in words[slot] if word in every])]
    after: list[tuple[ValueSlot, str]] = [
        (slot, value)
        for slot, value in values
        if slot in ("occasion", "season") or (slot in ("material", "feature") and not speaker.adjective(slot, value))
    ]
    tail = " ".join(_grouped(speaker, after))
    if not noun:
        return f"something {listed(before)} {tail}".replace("  ", " ").strip()
    lead = PIECES if noun.startswith(PIECES) else ""
    rest = noun.removeprefix(PIECES)
    head = f"{', '.join(before[:2])} {' '.join([*before[2:], rest])}" if len(before) > 3 else " ".join([*before, rest])
    return f"{lead}{head} {tail}".strip()


def _grouped(speaker: Speaker, stated: Sequence[tuple[ValueSlot, str]]) -> Iterable[str]:
    values, season = in_season(stated)
    for lead in ("in ", "with ", "for "):
        words = [
            text.removeprefix(lead) for slot, value in values if (text := speaker.complement(slot, value, True)).startswith(lead)
        ]
        if words:
            yield f"{lead}{seasonal(words, season if lead == 'for ' else '')}"


def asked_in_full(turn: Turn) -> str:
    """Everything that was asked for, figures and refusals among it, as plain text: "red dresses under €20.00, without lace"."""
    categories = _likes(turn, "category")
    noun = listed([turn.speaker.kind(value, many=True) for value in categories], "or") if categories else ""
    values = [
        (slot, value) for slot in VALUE_SLOTS if slot not in ("category", "brand", "gender") for value in _likes(turn, slot)
    ]
    phrase = noun_with(turn.speaker, noun, values)
    brands = _likes(turn, "brand")
    figures = wish_references(turn)
    parts = [f"by {listed([plain(b, 60) for b in brands], 'or')}"] if brands else []
    parts += [figures["wish.budget"]] if "wish.budget" in figures else []
    parts += [f"rated {figures['wish.rating']}"] if "wish.rating" in figures else []
    parts += [f"in {figures['wish.size']}"] if "wish.size" in figures else []
    refused = [refusal(turn.speaker, w) for w in turn.wishes if w.polarity == "dislike"]
    tail = [f"without {listed(refused, 'or')}"] if refused else []
    return ", ".join([" ".join([phrase, *parts, *([turn.whom] if turn.whom else [])]), *tail])


def refusal(speaker: Speaker, wish: Preference) -> str:
    """What is not wanted, as it stands after "without": "lace", "black", "earrings"."""
    value = plain(str(wish.value), 40)
    return speaker.kind(value, many=True) if wish.slot == "category" else value


def noted(turn: Turn) -> str:
    """What is new in the profile: "blue instead of red, size M and no lace"; empty where nothing is."""
    removed = [old for old in turn.change.removed if old.scope == turn.scope and old.source == "stated"]
    elsewhere = any(new.slot == "category" and new.polarity == "like" for new in turn.change.added)
    said: list[str] = []
    for new in turn.change.added:
        if new.scope != turn.scope:
            continue
        old = next((each for each in removed if each.slot == new.slot and each.polarity == new.polarity), None)
        if old is not None:
            removed.remove(old)
        said.append(_noted_one(turn, new, old))
    # With another kind of thing the wishes for the former end: that goes without saying.
    said.extend(_let_go(turn, old) for old in removed if not elsewhere)
    return listed(list(dict.fromkeys(said))[:4])


OPEN: Mapping[str, str] = MappingProxyType(
    {
        "color": "any colour",
        "price": "no limit on the price",
        "rating": "any rating",
        "gender": "for anyone",
        "category": "any kind of piece",
    }
)
"""What is so again once a wish is gone, where the slot's own name does not say it."""


def _let_go(turn: Turn, old: SupersededPreference) -> str:
    if old.polarity == "dislike":
        return f"{_value(turn, old)} allowed again"
    if old.slot in ("feature", "style"):
        return f"{_value(turn, old)} no longer a must"
    if any(wish.slot == old.slot and wish.polarity == "like" for wish in turn.wishes):
        return f"no {_value(turn, old)}"
    return OPEN.get(old.slot, f"any {old.slot}")


def _noted_one(turn: Turn, new: Preference, old: SupersededPreference | None) -> str:
    text = _value(turn, new)
    if new.polarity == "dislike":
        return f"no {text}"
    if old is None or _value(turn, old) == text:
        return text
    return f"{text} instead of {_value(turn, old)}"


def _value(turn: Turn, wish: Preference) -> str:
    if isinstance(wish.value, PriceRange):
        return budget(turn, wish.value)
    if isinstance(wish.value, RatingRange):
        return f"{wish.value.stars:g} stars or more"
    if wish.slot == "size":
        return f"size {plain(wish.value, 20)}"
    if wish.slot == "category":
        return turn.speaker.kind(wish.value, many=True)
    if wish.slot in ("occasion", "season", "gender") and wish.polarity == "like":
        return turn.speaker.complement(wish.slot, wish.value)
    return plain(wish.value, 60)


def known_list(turn: Turn) -> str:
    """Everything in the profile, person by person, for whoever asks what is known of her: what was said with the words that say it, then
    what is a guess. The purchases behind a guess stand beside the chat."""
    groups: dict[str, list[str]] = {}
    for wish in turn.profile.preferences:
        if wish.source == "stated":
            text = f"{'no ' if wish.polarity == 'dislike' else ''}{_value(turn, wish)} (you said “{plain(wish.evidence, 60)}”)"
            groups.setdefault(wish.scope, []).append(text)
    liked, rejected = len(turn.profile.liked_product_ids), len(turn.profile.rejected_product_ids)
    own = groups.setdefault(ME, [])
    own += [f"{liked} liked {'item' if liked == 1 else 'items'}"] if liked else []
    own += [f"{rejected} {'item' if rejected == 1 else 'items'} put aside"] if rejected else []
    others = [f"for your {plain(scope, 40)} {listed(lines)}" for scope, lines in groups.items() if scope != ME]
    guesses = {source: [_value(turn, w) for w in turn.profile.preferences if w.source == source] for source in GUESSED}
    guessed = [f"{GUESSED[source]}, {listed(values)}" for source, values in guesses.items() if values]
    return "; ".join([*([listed(own)] if own else []), *others, *guessed])
