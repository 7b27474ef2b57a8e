"""Conversations and turns as markup: what was said, shown and answered, what was expected, and the same turn of the last run beside it. Pure;
all text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from assistant.evaluation.compare import named
from assistant.evaluation.plain import visible
from assistant.evaluation.results import ConversationResult, Failure, TurnResult
from assistant.interface.markup import Html, joined, tag, text


def anchor(result: ConversationResult) -> str:
    """The place of a conversation on the page."""
    return f"c-{result.id}-{result.attempt}"


def failing(result: ConversationResult, last: ConversationResult | None, compared: bool) -> Html:
    """A conversation that failed: its failing turns open, the rest folded. `compared`: whether there is a last run at all."""
    parts: list[Html] = [_head(result, last if compared else None, compared)]
    if result.failures:
        parts.append(tag("div", tag("h4", text("Over all turns")), _failures(result.failures), class_="turn"))
    for passed, places in _runs(result):
        if passed:
            inner = joined(_turn(place, result.turns[place - 1]) for place in places)
            parts.append(tag("details", tag("summary", text(_told(places))), inner))
        else:
            parts += [_turn(place, result.turns[place - 1], _same(last, place), compared) for place in places]
    return tag("article", *parts, id=anchor(result), class_="conversation")


def folded(result: ConversationResult) -> Html:
    """A conversation that passed, folded."""
    count = len(result.turns)
    turns = f"{count} turn{'s' if count != 1 else ''}"
    head = tag("summary", tag("b", text(named((result.id, result.attempt)))), text(f" {turns} "), _tags(result))
    about = tag("p", text(visible(result.about)), class_="about") if result.about else None
    inner = joined((about, *(_turn(place, turn) for place, turn in enumerate(result.turns, 1))))
    return tag("details", head, inner, id=anchor(result), class_="conversation")


def _runs(result: ConversationResult) -> Iterator[tuple[bool, list[int]]]:
    """Neighbouring turns (from 1) that passed, or that failed, together."""
    group: list[int] = []
    for place, turn in enumerate(result.turns, 1):
        if group and bool(turn.failures) != bool(result.turns[group[0] - 1].failures):
            yield not result.turns[group[0] - 1].failures, group
            group = []
        group.append(place)
    if group:
        yield not result.turns[group[0] - 1].failures, group


def _told(places: list[int]) -> str:
    which = f"Turn {places[0]}" if len(places) == 1 else f"Turns {places[0]} to {places[-1]}"
    return f"{which}, as expected"


def _head(result: ConversationResult, last: ConversationResult | None, compared: bool) -> Html:
    was = ""
    if compared:
        was = "not in the last run" if last is None else "passed in the last run" if last.passed else "failed in the last run too"
        was = "skipped in the last run" if last is not None and last.skipped is not None else was
    badge = tag("span", text(was), class_="badge new" if was == "passed in the last run" else "badge") if was else None
    about = tag("p", text(visible(result.about)), class_="about") if result.about else None
    title = tag("h3", text(named((result.id, result.attempt))))
    return tag("header", title, joined((_tags(result), badge)), joined((about,)))


def _tags(result: ConversationResult) -> Html:
    return joined(tag("span", text(visible(each)), class_="tag") for each in result.tags)


def _same(last: ConversationResult | None, place: int) -> TurnResult | None:
    return last.turns[place - 1] if last is not None and place <= len(last.turns) else None


def _turn(place: int, turn: TurnResult, before: TurnResult | None = None, compared: bool = False) -> Html:
    took = f"{turn.milliseconds:.0f} ms" if turn.milliseconds else ""
    head = tag("h4", text(f"Turn {place}"), tag("span", text(took), class_="took"))
    said = tag("p", text(visible(turn.user)), class_="said")
    now = tag("div", *_side(turn, before), class_="side")
    if not compared:
        return tag("div", head, said, now, class_="turn")
    titled = tag("div", tag("h5", text("This run")), *_side(turn, before), class_="side")
    if before is None:
        then = tag("div", tag("h5", text("Last run")), tag("p", text("This turn was not played.")), class_="side then")
    else:
        other = None
        if before.user != turn.user:
            other = tag("p", text(f"Said then: {visible(before.user)}"), class_="about")
        end = None if before.failures else tag("p", text("As expected."), class_="fine")
        then = tag(
            "div", tag("h5", text("Last run")), joined((other,)), *_side_then(before, turn), joined((end,)), class_="side then"
        )
    return tag("div", head, said, tag("div", titled, then, class_="sides"), class_="turn")


def _side(turn: TurnResult, before: TurnResult | None = None) -> Iterator[Html]:
    """One run's part of a turn. Words of the reply that `before` has not are marked."""
    reply = _marked(turn.reply, before.reply) if before is not None and before.reply else text(visible(turn.reply))
    yield tag("p", reply, class_="reply") if turn.reply else tag("p", text("No answer."), class_="about")
    if turn.shown:
        yield tag("ul", *(_item(each.title, each.price, each.product_id) for each in turn.shown), class_="shown")
    if turn.actions:
        yield tag("p", text(f"Did: {visible(', '.join(turn.actions))}"), class_="about")
    if turn.failures:
        yield _failures(turn.failures)


def _side_then(before: TurnResult, now: TurnResult) -> Iterator[Html]:
    """The last run's part: what was the same is said in a word."""
    if (before.reply, before.shown, before.actions) != (now.reply, now.shown, now.actions):
        yield from _side(before)
        return
    yield tag("p", text("The same answer and the same items."), class_="about")
    if before.failures:
        yield _failures(before.failures)


def _item(title: str, price: str, product_id: str) -> Html:
    said = price or "no price"
    return tag("li", tag("span", text(visible(title))), tag("b", text(visible(said))), tag("code", text(visible(product_id))))


def _failures(failures: Iterable[Failure]) -> Html:
    return tag("dl", *(_failure(each) for each in failures), class_="failures")


def _failure(failure: Failure) -> Html:
    return tag(
        "div",
        tag("dt", tag("code", text(visible(failure.path)))),
        tag("dd", tag("span", text("expected")), tag("div", text(visible(failure.expected)))),
        tag("dd", tag("span", text("found")), tag("div", text(visible(failure.found))), class_="found"),
    )


def _marked(now: str, before: str) -> Html:
    """`now`, with the words that `before` has not at their place marked."""
    new, old = now.split(" "), before.split(" ")
    parts: list[Html] = []
    for kind, _, _, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        words = text(visible(" ".join(new[start:end])))
        if words:
            parts.append(words if kind == "equal" else tag("mark", words))
    return Html(" ".join(parts))
