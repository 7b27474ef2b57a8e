"""Suggested replies: a few things the shopper may say next, each of which the assistant can do now. Pure."""

from __future__ import annotations

from assistant.schema import Cart, Profile, Results

MOST = 4


def suggestions(results: Results, profile: Profile, cart: Cart) -> tuple[str, ...]:
    """At most `MOST` short sentences in the shopper's voice, most useful first."""
    found: list[str] = []
    if results.ask is not None:
        found.extend(results.ask.choices)
    found.extend(_of_relaxations(results))
    if results.items:
        found.extend(_of_items(results))
    if cart.lines:
        found.append("What is in my basket?")
    if not results.items and not found:
        found.extend(_openers(profile))
    return tuple(dict.fromkeys(found))[:MOST]


def _of_relaxations(results: Results) -> list[str]:
    if results.search is None:
        return []
    names = {"color": "colour", "price": "budget"}
    return [
        f"The {names.get(each.slot, each.slot)} doesn't matter" for each in results.search.relaxations if each.action == "drop"
    ][:2]


def _of_items(results: Results) -> list[str]:
    found = []
    if not results.outfits:
        found.append("What goes with the first one?")
    if len(results.items) > 1:
        found.append("Compare the first two")
    found.append("Something cheaper")
    if results.search is not None and results.search.matching > len(results.items):
        found.append("Show me more")
    return [*found, "Why the first one?"]


def _openers(profile: Profile) -> list[str]:
    known = bool(profile.preferences)
    return [
        "Show me what suits me" if known else "A dress for a summer wedding",
        "A gift for my sister under 50 euro",
        "What is on offer?",
        "How do returns work?",
    ]
