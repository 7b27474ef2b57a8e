"""Dialogues with assistants that are perfect, dead, deaf or silent: the same whatever the jobs, and scored as they went."""

from __future__ import annotations

from random import Random

import pytest

from assistant.evaluation.needs import Need, matching
from assistant.evaluation.simulate import MOST_TURNS, DialogueResult, run_dialogue, run_dialogues
from assistant.evaluation.speech import HABITS
from assistant.schema import TurnRecord
from catalog_data.schema import Product
from tests.assistant.evaluation.simulated import Dead, Fixed, answer, demo_draw, words
from tests.assistant.rule_shop import demo, vocabulary

SEED = 11


class Oracle:
    """Knows the need without being told, and shows the target and what else meets it; says so where nothing does."""

    def __init__(self, need: Need) -> None:
        draw = demo_draw()
        fitting = matching(draw.stock, need.constraints, vocabulary())
        wanted = draw.by_id.get(need.target_product_id or "")
        self._shown = [one for one in fitting if one != wanted][:3] + ([wanted] if wanted is not None else [])

    def say(self, text: str, /) -> TurnRecord:
        """What fits."""
        return answer(*self._shown) if self._shown else answer(reply="Nothing in the shop fits.")


def need_number(number: int) -> Need:
    """The need with which dialogue `number` starts."""
    return demo_draw().need(Random(f"{SEED}:{number}"))


def play(number: int, assistant: Oracle | Fixed | Dead) -> DialogueResult:
    return run_dialogue(assistant, demo_draw(), words(), SEED, number)


def broken_item(need: Need) -> Product:
    """Something in stock of another category."""
    kept = set(matching(demo_draw().stock, need.constraints[:1], vocabulary()))
    return next(one for one in demo_draw().stock if one not in kept)


def test_an_assistant_that_reads_minds_serves_all_who_do_not_change_theirs() -> None:
    results = [play(number, Oracle(need_number(number))) for number in range(80) if HABITS[number % 5] != "changing"]
    wanting = [result for result in results if result.need.kind == "target"]
    assert all(result.outcome == "bought" and result.target_success and len(result.turns) <= 5 for result in wanting)
    assert not any(result.violations or result.repeated_questions for result in wanting if len(result.turns) <= 2)
    denied = [result for result in results if result.need.kind == "impossible"]
    assert any(result.outcome == "nothing_fits" for result in denied)
    assert {(result.target_success, result.accepted_product_id, result.basket) for result in denied} == {(None, None, None)}


def test_an_assistant_that_shows_the_wrong_shelf_violates_and_is_left() -> None:
    for number in range(10):
        need = need_number(number)
        wrong = broken_item(need)
        result = play(number, Fixed(answer(wrong)))
        assert result.outcome == "gave_up"
        assert not result.right_item_success
        assert result.turns_to_success is None
        assert {(one.product_id, one.slot) for one in result.violations} >= {(wrong.product_id, "category")}
        assert all(1 <= one.turn < len(result.turns) for one in result.violations)
        assert result.items_seen == 1


def test_a_silent_assistant_tries_patience_and_a_wrong_nothing_fails() -> None:
    for number in range(10):
        silent = play(number, Fixed(answer(reply="Good day.")))
        assert silent.outcome == "gave_up"
        assert silent.patience < len(silent.turns) <= MOST_TURNS
        denied = play(number, Fixed(answer(reply="I found nothing.")))
        assert denied.right_item_success is (denied.need.kind == "impossible" and denied.outcome == "nothing_fits")


def test_a_dead_assistant_fails_the_dialogue_and_not_the_run() -> None:
    results = run_dialogues(Dead, demo(), vocabulary(), words(), 3, SEED)
    assert [(one.outcome, one.error, len(one.turns)) for one in results] == [("failed", "no answer came", 1)] * 3
    assert not any(one.right_item_success for one in results)


def test_other_faults_come_through() -> None:
    class Broken:
        def say(self, text: str, /) -> TurnRecord:
            raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        run_dialogues(Broken, demo(), vocabulary(), words(), 1, SEED)


def test_jobs_and_order_change_nothing() -> None:
    first = demo().products[0]

    def new() -> Fixed:
        return Fixed(answer(first, question="Which size do you take?"), answer(first))

    alone = run_dialogues(new, demo(), vocabulary(), words(), 20, SEED)
    together = run_dialogues(new, demo(), vocabulary(), words(), 20, SEED, jobs=4)
    some = run_dialogues(new, demo(), vocabulary(), words(), 20, SEED, numbers=(7, 3))
    assert [one.model_dump_json() for one in alone] == [one.model_dump_json() for one in together]
    assert some == (alone[7], alone[3])
    assert {one.habit for one in alone} == set(HABITS)
    assert run_dialogues(new, demo(), vocabulary(), words(), 3, SEED + 1) != alone[:3]


def test_what_was_turned_down_must_not_come_back() -> None:
    """Every shopper who turns an item down is shown it again."""
    found = 0
    for number in range(0, 200, 5):
        need = need_number(number)
        result = play(number, Oracle(need))
        refused = [turn for turn in result.turns if turn.intent == "reject"]
        again = [one for one in result.violations if one.slot is None]
        assert bool(again) is bool(refused)
        found += bool(refused)
    assert found > 0


def test_the_basket_is_read_from_the_receipt_of_the_basket_alone() -> None:
    number = next(number for number in range(200) if len(play(number, Oracle(need_number(number))).turns) == 2)
    need = need_number(number)
    target = demo_draw().by_id[need.target_product_id or ""]
    shown = answer(target)
    for closing, expected in (
        (answer(actions=("price",), held=(target.product_id,)), "right"),
        (answer(actions=("price",), held=("other",)), "wrong"),
        (answer(actions=("price",), reply="Which size shall it be?"), "asked_size"),
        (answer(target, actions=("search", "price"), held=(target.product_id,)), "none"),
        (answer(reply="Pardon?", actions=("chat",)), "none"),
    ):
        result = play(number, Fixed(shown, closing))
        assert (result.outcome, result.basket, result.turns_to_success) == ("bought", expected, 2)


def test_an_answer_to_a_question_holds_what_was_asked_for() -> None:
    chosen = next(
        number
        for number in range(400)
        if any(turn.intent == "ask" for turn in play(number, Oracle(need_number(number))).turns)
        and need_number(number).requests == ("material",)
    )
    assert play(chosen, Oracle(need_number(chosen))).request_answered is False

    class Telling(Oracle):
        def say(self, text: str, /) -> TurnRecord:
            shown = super().say(text)
            named = [word for card in shown.products for word in demo().by_id[card.product_id].materials]
            return shown.model_copy(update={"reply": f"In {', '.join(named)}."})

    assert play(chosen, Telling(need_number(chosen))).request_answered is True
