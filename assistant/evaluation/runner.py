"""Plays scripted conversations and holds each turn against what the script expects and what must always hold."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from assistant.evaluation.expectations import failures_of
from assistant.evaluation.invariants import INVARIANTS, broken
from assistant.evaluation.players import Player, Talk, TurnFailed
from assistant.evaluation.results import ConversationResult, Failure, Played, Shop, ShownItem, TurnResult
from assistant.evaluation.script import Budgets, InvariantName, Script, ScriptTurn
from assistant.schema import Cart, ProductCard, TurnRecord
from catalog_data.money import format_money

Progress = Callable[[int, int], None]
"""Called with (done, total) as conversations end."""


@dataclass(frozen=True)
class Job:
    """One conversation, once."""

    script: Script
    attempt: int


def play_all(
    scripts: Sequence[Script], player: Player, shop: Shop, jobs: int = 1, repeat: int = 1, progress: Progress | None = None
) -> tuple[ConversationResult, ...]:
    """Every conversation `repeat` times, in the order of ids and attempts whatever `jobs` is. One that was made for another catalog than
    the one served is skipped, with the reason."""
    work = [Job(script, attempt) for script in scripts for attempt in range(1, repeat + 1)]
    results: list[ConversationResult] = []
    with ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
        for result in pool.map(partial(play, player=player, shop=shop), work):
            results.append(result)
            if progress is not None:
                progress(len(results), len(work))
    return tuple(sorted(results, key=lambda result: (result.id, result.attempt)))


def play(job: Job, player: Player, shop: Shop) -> ConversationResult:
    """One conversation from its first message to its last; a turn without a record fails it and ends it."""
    script, served = job.script, shop.catalog.manifest.catalog_id
    result = ConversationResult(id=script.id, attempt=job.attempt, tags=script.tags, about=script.about)
    if script.catalog != served:
        return result.model_copy(update={"skipped": f"made for the catalog {script.catalog}; {served} is served"})
    talk = player.open(script.now, script.shopper)
    turns: list[TurnResult] = []
    earlier: tuple[TurnRecord, ...] = ()
    for turn in script.turns:
        played, milliseconds = _say(talk, turn, earlier)
        if isinstance(played, Failure):
            turns.append(TurnResult(user=turn.user, failures=(played,), milliseconds=milliseconds))
            break
        turns.append(_turn_result(turn, replace(played, milliseconds=milliseconds), script, shop))
        earlier = (*earlier, played.record)
    return result.model_copy(update={"turns": tuple(turns), "failures": tuple(over_budget(script.budgets, turns))})


def _say(talk: Talk, turn: ScriptTurn, earlier: tuple[TurnRecord, ...]) -> tuple[Played | Failure, float]:
    started = time.perf_counter()
    try:
        record = talk.say(turn.user, turn.context)
    except TurnFailed as error:
        return Failure(path="turn", expected="an answer", found=str(error)), (time.perf_counter() - started) * 1000
    passed = (time.perf_counter() - started) * 1000
    wanted = turn.expect.cart is not None or "price" in record.actions
    page = turn.context.product_id if turn.context is not None else None
    return Played(record, earlier, _cart(talk) if wanted else None, page_product_id=page), passed


def _cart(talk: Talk) -> Cart | None:
    """The basket; None where it cannot be read, which fails what is expected of it."""
    try:
        return talk.cart()
    except TurnFailed:
        return None


def _turn_result(turn: ScriptTurn, played: Played, script: Script, shop: Shop) -> TurnResult:
    record = played.record
    failures = failures_of(turn.expect, played, shop) + broken(invariants_of(script), played, shop, script.now)
    most = script.budgets.turn_ms
    if most is not None and played.milliseconds > most:
        failures += (Failure(path="budgets.turn_ms", expected=f"at most {most:g}", found=f"{played.milliseconds:.0f}"),)
    return TurnResult(
        user=turn.user,
        reply=record.reply,
        shown=tuple(shown_item(card) for card in record.products),
        actions=record.actions,
        failures=failures,
        usage=record.usage,
        milliseconds=played.milliseconds,
    )


def shown_item(card: ProductCard) -> ShownItem:
    """A card as the report shows it."""
    price = format_money(card.price) if card.price is not None else ""
    return ShownItem(product_id=card.product_id, title=card.title, price=price)


def invariants_of(script: Script) -> tuple[InvariantName, ...]:
    """Those that the script names, or all, without those that it leaves out."""
    named = script.final.invariants if script.final.invariants is not None else tuple(INVARIANTS)
    return tuple(name for name in named if name not in script.final.without)


def over_budget(budgets: Budgets, turns: Sequence[TurnResult]) -> Iterator[Failure]:
    """Calls and tokens of the whole conversation beyond what is allowed."""
    for name in ("model_calls", "prompt_tokens", "completion_tokens"):
        most, used = getattr(budgets, name), sum(getattr(turn.usage, name) for turn in turns)
        if most is not None and used > most:
            yield Failure(path=f"budgets.{name}", expected=f"at most {most}", found=str(used))
