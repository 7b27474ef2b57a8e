"""The shopper: one reaction a turn, words in her own habit, and nothing that a person would not do."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.evaluation.hearing import question_of, says_nothing, slot_asked
from assistant.evaluation.mind import Utterance
from assistant.evaluation.need import Need
from assistant.evaluation.needs import RECIPIENTS
from assistant.evaluation.shopper import Shopper
from assistant.evaluation.shopper_words import WORDS_FILE, load_words
from assistant.evaluation.speech import HABITS, Habit, Speaker
from assistant.evaluation.typos import misspell
from assistant.schema import RelaxationCard, TurnRecord
from catalog_data.schema import SLOTS, VALUE_SLOTS, Product
from retrieval.schema import SizeConstraint, ValueConstraint
from tests.assistant.evaluation.simulated import (
    BLACK,
    DRESS,
    WOMEN,
    answer,
    demo_draw,
    need_of,
    shopper_of,
    under,
    words,
)
from tests.assistant.rule_shop import demo, small, vocabulary

habits = st.sampled_from(HABITS)


def p(number: int) -> Product:
    """Item i<number> of the small shop."""
    return small().by_id[f"i{number}"]


def spoken(shopper: Shopper) -> str:
    """Her first message."""
    return shopper.speak(None).text


def after(need: Need, *answers: TurnRecord, habit: Habit = "terse", seeds: int = 60) -> list[tuple[Shopper, Utterance]]:
    """Shoppers of this need, by seed, and what they said to the last of these answers; those who had left before are passed over."""
    ends = []
    for seed in range(seeds):
        shopper = shopper_of(need, habit, seed=seed)
        said = shopper.speak(None)
        for one in answers:
            if said.finished is not None:
                break
            said = shopper.speak(one)
        else:
            ends.append((shopper, said))
    return ends


def told(*relaxed: tuple[str, str, str | None]) -> tuple[RelaxationCard, ...]:
    """Relaxations: slot, from, to (None: dropped)."""
    return tuple(
        RelaxationCard.model_validate({"slot": slot, "action": "move" if to else "drop", "from": old, "to": to, "count": 3})
        for slot, old, to in relaxed
    )


# ---------------------------------------------------------------- words


def test_there_are_many_words_and_the_file_counts_them() -> None:
    assert words().distinct_templates >= 250
    assert words().distinct_sayings >= 250
    listed = [phrase for phrases in words().phrases.values() for phrase in phrases]
    assert words().distinct_templates == len(set(listed))


def test_words_name_only_what_the_shop_has() -> None:
    for slot, table in words().values.items():
        assert slot in VALUE_SLOTS
        assert set(table) <= set(vocabulary().values(slot)), slot
    assert set(words().nouns) <= set(vocabulary().values("pattern"))
    assert set(words().recipients) == set(RECIPIENTS)
    assert set(words().hears) | set(words().slots) <= set(SLOTS)


def test_a_phrase_that_cannot_be_filled_is_refused(tmp_path: Path) -> None:
    raw = yaml.safe_load(WORDS_FILE.read_text(encoding="utf-8"))
    for key, phrases, message in (
        ("say.color", ["in {colour}"], r"uses \['colour'\]; allowed"),
        ("shout.color", ["{v}!"], "found the group of 'shout.color'"),
        ("browse", [], "browse is empty"),
    ):
        file = tmp_path / "words.yaml"
        file.write_text(yaml.safe_dump(raw | {"phrases": raw["phrases"] | {key: phrases}}), encoding="utf-8")
        with pytest.raises(ValueError, match=message):
            load_words(file)


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 10**6), habit=habits)
def test_every_need_can_be_put_into_words(seed: int, habit: Habit) -> None:
    rng = Random(seed)
    need = demo_draw().need(rng)
    speaker = Speaker(words(), habit, rng, "EUR", need.recipient)
    product = rng.choice(demo_draw().pool)
    texts = list(speaker.thing(need.constraints, tell_recipient=True).values())
    for wish in need.constraints:
        texts += [speaker.tell(wish), speaker.answer(wish), speaker.named(wish), speaker.complain(wish, product, "that one")]
    for text in map(speaker.written, texts):
        assert text.strip()
        assert not re.search(r"[{}]|  ", text), text


# ---------------------------------------------------------------- habits


def test_terse_shoppers_say_all_at_once_and_vague_ones_one_thing() -> None:
    need = need_of(DRESS, BLACK, under(9000), target="i1")
    for seed in range(20):
        terse, vague = shopper_of(need, "terse", seed=seed), shopper_of(need, "vague", seed=seed)
        spoken(terse)
        spoken(vague)
        assert terse.said == [DRESS, BLACK, under(9000)]
        assert vague.said == [DRESS]


def test_only_those_who_misspell_misspell() -> None:
    table = words()
    listed = [phrase for phrases in table.phrases.values() for phrase in phrases]
    listed += [one for values in table.values.values() for sayings in values.values() for one in sayings]
    known = set(re.findall("[a-z]+", " ".join([*listed, "dresses"]).replace("'", "")))
    for habit in HABITS:
        strange = 0
        for seed in range(200):
            text = spoken(shopper_of(need_of(DRESS, BLACK, target="i1"), habit, seed=seed)).lower().replace("'", "")
            strange += bool(set(re.findall("[a-z]{4,}", text)) - known)
        assert (strange > 20) if habit == "misspelling" else (strange == 0), habit


@settings(max_examples=100, deadline=None)
@given(text=st.text(alphabet="abcdefghijklmnop XYZ0123456789.,€'", max_size=60), seed=st.integers(0, 1000))
def test_slips_leave_short_words_and_figures_alone(text: str, seed: int) -> None:
    wrong = misspell(text, Random(seed), rate=1.0)
    assert re.sub("[A-Za-z]+", "", wrong) == re.sub("[A-Za-z]+", "", text)
    for before, after in zip(re.findall("[A-Za-z]+", text), re.findall("[A-Za-z]+", wrong), strict=True):
        assert after[0] == before[0]
        assert abs(len(after) - len(before)) <= 1
        assert len(before) >= 4 or after == before


def test_slips_come_at_the_stated_rate_and_never_make_a_known_word() -> None:
    text = " ".join(["canvas"] * 5000)
    wrong = sum(word != "canvas" for word in misspell(text, Random(3)).split())
    assert 300 < wrong < 500
    assert set(misspell("coast " * 500, Random(1), {"coat", "cost", "coasst"}, rate=1.0).split()).isdisjoint(
        {"coat", "cost", "coasst"}
    )


def test_the_same_seed_says_the_same() -> None:
    need = need_of(DRESS, BLACK, target="i1")
    for habit in HABITS:
        assert spoken(shopper_of(need, habit, seed=4)) == spoken(shopper_of(need, habit, seed=4))


# ---------------------------------------------------------------- right items


def test_she_takes_the_target_before_other_right_items() -> None:
    ends = after(need_of(DRESS, target="i2"), answer(p(1), p(2)))
    taken = [said for _, said in ends if said.intent == "accept"]
    assert {(said.finished, said.product_id) for said in taken} == {("bought", "i2")}
    assert {said.intent for _, said in ends} == {"accept", "reject", "browse"}
    assert len(taken) > 35


def test_she_takes_another_right_item_and_never_a_wrong_one() -> None:
    need = need_of(DRESS, WOMEN, under(6000), target="i2")
    for shown, right in ((p(3), True), (p(1), False), (p(14), False), (p(10), False)):
        taken = [said for _, said in after(need, answer(shown)) if said.intent == "accept"]
        assert bool(taken) is right, shown.title


def test_words_that_point_find_the_item_they_point_at() -> None:
    ordinals = words().ordinals
    for _, said in after(need_of(DRESS, target="i4"), answer(p(1), p(2), p(4)), seeds=200):
        if said.intent != "accept":
            continue
        text = said.text.lower()
        assert not any(re.search(rf"\b{word}\b", text) for word in (*ordinals[:2], "red", "blue", "79", "45")), text
        assert re.search(r"third|\b3\b|last|black|99", text), text


def test_she_asks_first_where_she_has_a_question_and_then_takes_it() -> None:
    need = need_of(DRESS, target="i2", requests=("material",))
    asked = [(shopper, said) for shopper, said in after(need, answer(p(1), p(2))) if said.intent == "ask"]
    assert asked
    for shopper, said in asked:
        assert said.expects == ("cotton",)
        taken = shopper.speak(answer(p(2), reply="It is in cotton.", actions=("describe",)))
        assert (taken.intent, taken.finished, taken.product_id) == ("accept", "bought", "i2")


def test_a_question_for_a_size_expects_it_by_any_of_its_names() -> None:
    need = need_of(DRESS, target="i2", requests=("size",))
    asked = [said for _, said in after(need, answer(p(2))) if said.intent == "ask"]
    assert asked
    assert {said.expects[1] for said in asked} == {"S", "M"}
    assert {said.expects[0].upper() for said in asked} <= {"S", "SMALL", "M", "MEDIUM"}


def test_what_she_turns_down_she_does_not_take_later_and_a_dislike_becomes_a_wish() -> None:
    refused = [
        (shopper, said)
        for shopper, said in after(need_of(DRESS, target="i2"), answer(p(1), p(2)), seeds=300)
        if said.intent == "reject"
    ]
    assert {said.product_id for _, said in refused} == {"i1"}
    assert {len(shopper.said) for shopper, _ in refused} == {1, 2}
    for shopper, said in refused:
        assert shopper.rejected == ["i1"]
        extra = shopper.said[1:]
        assert all(isinstance(wish, ValueConstraint) and wish.negative and wish.values == ("red",) for wish in extra), said.text
        later = shopper.speak(answer(p(1)))
        assert later.intent != "accept"


def test_who_looks_on_and_finds_nothing_better_comes_back() -> None:
    looking = [
        shopper for shopper, said in after(need_of(DRESS, target="i2"), answer(p(1), p(2)), seeds=200) if said.intent == "browse"
    ]
    assert looking
    for shopper in looking:
        back = shopper.speak(answer(reply="That was all."))
        assert (back.intent, back.product_id) == ("accept", "i2")
        assert p(2).title.lower() in back.text.lower()


# ---------------------------------------------------------------- wrong items


def test_she_complains_of_what_breaks_her_words_twice_at_most_and_then_gives_up() -> None:
    need = need_of(DRESS, BLACK, target="i4")
    shopper = shopper_of(need, patience=4)
    shopper.speak(None)
    intents = []
    said = shopper.speak(answer(p(1)))
    while said.finished is None:
        intents.append(said.intent)
        said = shopper.speak(answer(p(1)))
    assert intents == ["complain", "complain", "rephrase", "rephrase"]
    assert (said.intent, said.finished) == ("leave", "gave_up")


def test_what_she_has_not_said_is_no_reason_to_complain_but_to_say_it() -> None:
    need = need_of(DRESS, BLACK, under(10_000), target="i4")
    for shopper, said in after(need, answer(p(1)), habit="vague"):
        assert said.intent == "tell"
        assert shopper.said == [DRESS, BLACK]  # the wish that is broken, not the one that is met


def test_for_whom_is_told_when_the_wrong_shelf_is_shown() -> None:
    for shopper, said in after(need_of(DRESS, WOMEN, target="i5"), answer(p(14)), habit="vague"):
        assert said.intent == "tell"
        assert WOMEN in shopper.said


def test_an_item_of_another_shop_is_an_error() -> None:
    shopper = shopper_of(need_of(DRESS, target="i2"))
    shopper.speak(None)
    with pytest.raises(ValueError, match="which the catalog does not hold"):
        shopper.speak(answer(p(1).model_copy(update={"product_id": "x1"})))


# ---------------------------------------------------------------- nothing


def test_a_right_nothing_ends_it_or_makes_her_give_way() -> None:
    need = need_of(DRESS, under(1000), target=None)
    nothing = answer(reply="Nothing in the shop fits.", relaxations=told(("price", "..1000", "..4000")))
    ends = after(need, nothing, seeds=100)
    assert {(said.intent, said.finished) for _, said in ends} == {("leave", "nothing_fits"), ("settle", None)}
    for shopper, said in ends:
        if said.intent == "settle":
            assert shopper.said == [DRESS, under(4000)]
            assert shopper.need.target_product_id in {"i5", "i14"}
            taken = shopper.speak(answer(p(5)))
            assert taken.finished in ("settled", None)


def test_where_dropping_helps_nothing_she_leaves() -> None:
    need = need_of(DRESS, under(1000), target=None)
    nothing = answer(reply="Nothing.", relaxations=told(("price", "..1000", "..2000")))
    assert {said.finished for _, said in after(need, nothing)} == {"nothing_fits"}


def test_what_was_no_must_is_given_up_first() -> None:
    wished = BLACK.model_copy(update={"strength": "soft"})
    for shopper, said in after(need_of(DRESS, wished, target="i1"), answer(reply="Nothing here.")):
        assert (said.intent, said.finished) == ("settle", None)
        assert shopper.said == [DRESS]
        assert (shopper.need.constraints, shopper.need.target_product_id) == ((DRESS,), "i1")
        assert shopper.speak(answer(p(1))).finished in ("bought", None)


def test_a_wrong_nothing_is_believed_the_second_time() -> None:
    need = need_of(DRESS, BLACK, target="i4")
    nothing = answer(reply="I could not find any.")
    assert {said.intent for _, said in after(need, nothing)} == {"rephrase"}
    assert {said.finished for _, said in after(need, nothing, nothing)} == {"gave_up"}


def test_an_answer_without_items_that_says_nothing_of_it_is_not_a_nothing() -> None:
    need = need_of(DRESS, under(1000), target=None)
    assert {said.finished for _, said in after(need, answer(reply="Hello there."))} == {None}


# ---------------------------------------------------------------- questions


def test_she_answers_what_she_knows_and_minds_nothing_else() -> None:
    need = need_of(DRESS, BLACK, target="i4")
    for shopper, said in after(need, answer(question="Which colour would you like?"), habit="vague"):
        assert said.intent == "answer"
        assert BLACK in shopper.said
        assert shopper.repeated_questions == 0
    for shopper, said in after(need, answer(question="Do you have a brand in mind?"), habit="terse"):
        assert said.intent == "answer"
        assert shopper.said == [DRESS, BLACK]


def test_asked_for_a_size_she_has_one_that_her_target_comes_in() -> None:
    for shopper, said in after(need_of(DRESS, target="i4"), answer(question="Which size do you take?")):
        wish = shopper.said[-1]
        assert isinstance(wish, SizeConstraint)
        assert wish.label in ("38", "40")
        assert wish in shopper.need.constraints
        assert wish.label in said.text


def test_what_is_asked_twice_is_counted_and_answered_again() -> None:
    need = need_of(DRESS, BLACK, target="i4")
    again = answer(question="Which colour would you like?")
    for shopper, said in after(need, again, again):
        assert shopper.repeated_questions == 2  # she had said it at once
        assert said.intent == "answer"


def test_a_reply_that_ends_in_a_question_is_heard_too() -> None:
    assert question_of(answer(reply="Four dresses. Do you have a budget?")) == "Do you have a budget?"
    assert question_of(answer(reply="Do you have a budget? Here are four.")) is None
    assert question_of(answer(reply="Look here?", question="Which size?")) == "Which size?"
    assert slot_asked(words(), "Do you have a budget?") == "price"
    assert slot_asked(words(), "Shall I put it aside?") is None
    assert slot_asked(words(), None) is None
    assert says_nothing(words(), answer(reply="I found nothing."))
    assert not says_nothing(words(), answer())


# ---------------------------------------------------------------- changes of mind


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_change_of_mind_takes_the_old_wish_back(seed: int) -> None:
    rng = Random(seed)
    need = demo_draw().need(rng)
    shopper = shopper_of(need, "changing", seed=seed, draw=demo_draw())
    shopper.speak(None)
    before = list(shopper.said)
    said = shopper.speak(answer(demo().products[0]))
    if said.intent != "change":
        return
    gone = [wish for wish in before if wish not in shopper.said]
    assert len(gone) == 1
    assert gone[0] not in shopper.need.constraints
    assert len([wish for wish in shopper.said if wish not in before]) <= 1
    assert all(wish in shopper.need.constraints for wish in shopper.said)
    assert shopper.speak(answer(demo().products[0])).intent != "change"
