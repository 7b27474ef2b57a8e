"""Sessions on a real store: tokens open, one thing at a time, each kept once, nothing of a failure kept, nothing of words logged."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.cart_checks import checked_codes, checked_lines
from assistant.errors import BadRequest, Busy, MessageEmpty, MessageTooLong, NotFound, ShopperError, TooMany
from assistant.events import DoneEvent, ErrorEvent, ProductsEvent, SectionEvent, TurnEvent
from assistant.limits import Limits
from assistant.logs import EventLog, redact
from assistant.profile_checks import checked_preferences, checked_sizes
from assistant.protocols import Message
from assistant.schema import CartLine, Preference, Profile, SupersededPreference, TurnContext, TurnRecord
from assistant.session_caps import check_growth, trimmed
from catalog_data.schema import Catalog
from tests.assistant.conftest import NOW, WORDS, House, MakeHouse

ATTACKS = Path(__file__).resolve().parents[2] / "../shared/data/attacks/pii_records.jsonl"


def say(house: House, opened: tuple[str, str], message: str, turn_id: str | None = None, **more: Any) -> TurnRecord:
    """One turn that must go well."""
    last = list(house.sessions.turn(*opened, message, turn_id, **more))[-1]
    assert isinstance(last, DoneEvent), last
    return last.record


@pytest.fixture
def opened(house: House) -> tuple[str, str]:
    """A new conversation: its id and token."""
    conversation, token = house.sessions.create()
    return conversation.conversation_id, token


def test_a_turn_is_told_then_kept_then_done(house: House, opened: tuple[str, str]) -> None:
    events = list(house.sessions.turn(*opened, "a red dress"))
    assert [event.event for event in events] == [
        *("status", "profile", "status", "products", "outfits", "offers", "status", "section", "section", "question", "done")
    ]
    export = house.sessions.record(*opened)
    done = events[-1]
    assert isinstance(done, DoneEvent)
    assert [turn.record for turn in export.turns] == [done.record]
    assert export.conversation.profile == done.record.profile
    assert export.conversation.state.shown == ("p1",)


def test_the_same_turn_id_gives_the_same_answer_and_one_effect(house: House, opened: tuple[str, str]) -> None:
    first = say(house, opened, "a red dress", "t1")
    again = list(house.sessions.turn(*opened, "a red dress", "t1"))
    assert isinstance(again[-1], DoneEvent)
    assert again[-1].record == first
    assert [event.products for event in again if isinstance(event, ProductsEvent)] == [first.products]
    assert len(house.sessions.record(*opened).turns) == 1
    assert len(house.sessions.profile(*opened).preferences) == 1


def test_a_double_submit_at_once_has_one_effect(house: House, opened: tuple[str, str]) -> None:
    records: list[TurnRecord] = []
    threads = [threading.Thread(target=lambda: records.append(say(house, opened, "a red dress", "t1"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(records) == 8
    assert all(record == records[0] for record in records)
    assert len(house.sessions.record(*opened).turns) == 1


def test_two_processes_that_answer_the_same_turn_keep_one(make_house: MakeHouse) -> None:
    """Two shops on one database, each with a gate of its own: the second commits while the first is at work."""
    one, two = make_house(), make_house()
    conversation, token = one.sessions.create()
    opened = (conversation.conversation_id, token)
    beaten: list[TurnRecord] = []
    one.at = lambda stage: beaten.append(say(two, opened, "a red dress", "t1")) if stage == "finished" else None
    assert say(one, opened, "a red dress", "t1") == beaten[0]
    one.at = lambda stage: beaten.append(say(two, opened, "a hat", "t2")) if stage == "finished" else None
    last = list(one.sessions.turn(*opened, "a shirt", "t3"))[-1]
    assert isinstance(last, ErrorEvent)
    assert (last.status, "elsewhere" in last.detail) == (503, True)
    assert [turn.turn_id for turn in one.sessions.record(*opened).turns] == ["t1", "t2"]


def test_two_tabs_never_mix(house: House, opened: tuple[str, str]) -> None:
    threads = [threading.Thread(target=say, args=(house, opened, f"tab {n} says so")) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    export = house.sessions.record(*opened)
    assert [turn.record.turn for turn in export.turns] == list(range(1, 13))
    for turn in export.turns:
        assert len(turn.record.profile.preferences) == turn.number, "each saw all that came before it"
    assert {turn.record.message for turn in export.turns} == {f"tab {n} says so" for n in range(12)}


def test_fifty_interleaved_sessions_never_mix(make_house: MakeHouse) -> None:
    house = make_house(Limits(waiting=200, wait_s=60))
    conversations = [house.sessions.create() for _ in range(50)]
    marks = {each.conversation_id: f"mark-{n}-" for n, (each, _) in enumerate(conversations)}

    def talk(part: int) -> None:
        for turn in range(2):
            for conversation, token in conversations[part::5]:
                name = conversation.conversation_id
                say(house, (name, token), f"{marks[name]}{turn}")

    threads = [threading.Thread(target=talk, args=(part,)) for part in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for conversation, token in conversations:
        export = house.sessions.record(conversation.conversation_id, token)
        own = marks.pop(conversation.conversation_id)
        text = export.model_dump_json()
        assert [turn.record.message for turn in export.turns] == [f"{own}0", f"{own}1"]
        assert not any(other in text for other in marks.values())
        marks[conversation.conversation_id] = own


def test_a_failure_keeps_nothing_and_says_nothing_of_it(house: House, opened: tuple[str, str]) -> None:
    say(house, opened, "a hat")
    before = house.sessions.record(*opened)
    for stage in ("understanding", "searching", "writing", "finished"):

        def fail(now: str, stage: str = stage) -> None:
            if now == stage:
                raise RuntimeError("it broke on PRIVATE WORDS")

        house.at = fail
        last = list(house.sessions.turn(*opened, "PRIVATE WORDS", "t9"))[-1]
        assert isinstance(last, ErrorEvent)
        assert last.status == 500
        assert "PRIVATE" not in last.detail
        assert house.sessions.record(*opened) == before
    assert "PRIVATE" not in house.log.getvalue()
    failures = [json.loads(line) for line in house.log.getvalue().splitlines() if "turn_failed" in line]
    assert [each["error"] for each in failures] == ["RuntimeError"] * 4
    assert "test_session.py:" in failures[0]["at_line"]
    house.at = lambda stage: None
    say(house, opened, "PRIVATE WORDS", "t9")
    assert len(house.sessions.record(*opened).turns) == 2


def test_an_agent_that_stops_short_or_answers_another_turn_is_an_error(house: House, opened: tuple[str, str]) -> None:
    honest = house.agent.run_turn

    def short(request: Any) -> Iterator[Any]:
        yield from list(honest(request))[:-1]

    def other(request: Any) -> Iterator[Any]:
        yield from honest(request.model_copy(update={"turn_id": "another"}))

    for broken in (short, other):
        house.agent.run_turn = broken  # type: ignore[method-assign]
        last = list(house.sessions.turn(*opened, "a hat"))[-1]
        assert isinstance(last, ErrorEvent)
        assert last.status == 500
    assert house.sessions.record(*opened).turns == ()


def test_a_turn_that_is_left_is_not_kept_and_frees_its_place(make_house: MakeHouse) -> None:
    house = make_house(Limits(concurrent=1, waiting=0))
    conversation, token = house.sessions.create()
    opened = (conversation.conversation_id, token)
    events = house.sessions.turn(*opened, "a red dress", "t1")
    assert next(events).event == "status"
    assert house.sessions.running == 1
    with pytest.raises(Busy):
        next(house.sessions.turn(*opened, "a hat"))
    events.close()  # type: ignore[attr-defined]
    assert house.sessions.running == 0
    assert house.sessions.record(*opened).turns == ()
    say(house, opened, "a red dress", "t1")


@pytest.mark.parametrize("message", ["", "  \n", "\u200b\u200d", "\u2066\u2069", "\U000e0041\U000e0042", "\ud800"])
def test_a_message_with_nothing_in_it_is_refused(house: House, opened: tuple[str, str], message: str) -> None:
    with pytest.raises(MessageEmpty, match="such as"):
        house.sessions.turn(*opened, message)


def test_a_long_message_is_refused_before_any_work(house: House, opened: tuple[str, str]) -> None:
    started = time.perf_counter()
    with pytest.raises(MessageTooLong, match="2000 characters"):
        house.sessions.turn(*opened, "x" * 1_000_000)
    assert time.perf_counter() - started < 0.1
    with pytest.raises(MessageTooLong):
        house.sessions.turn(*opened, "\ufdfa" * 1_000)  # one letter that NFKC makes 18 of
    assert say(house, opened, "x" * 2_000).message == "x" * 2_000
    assert say(house, opened, "\u200bred\u200b dress\U000e0041").message == "red dress"


def test_who_has_no_token_learns_nothing(house: House, opened: tuple[str, str]) -> None:
    name, token = opened
    other, other_token = house.sessions.create()
    wrong = [(name, "v1.wrong"), (name, other_token), (other.conversation_id, token), ("0" * 32, token), (name, "")]
    said = set()
    for pair in wrong:
        for call in (house.sessions.record, house.sessions.profile, house.sessions.cart, house.sessions.delete):
            with pytest.raises(NotFound) as caught:
                call(*pair)
            said.add(caught.value.detail)
        with pytest.raises(NotFound):
            house.sessions.turn(*pair, "a hat")
    house.sessions.delete(*opened)
    with pytest.raises(NotFound) as caught:
        house.sessions.record(*opened)
    assert said == {caught.value.detail}, "unknown, erased and forbidden sound alike"


def test_only_made_up_shoppers_can_be_named(house: House, small_catalog: Catalog) -> None:
    conversation, token = house.sessions.create("u1")
    assert conversation.profile.liked_product_ids == ("p3",)
    assert house.sessions.record(conversation.conversation_id, token).conversation.shopper_id == "u1"
    with pytest.raises(BadRequest, match="leave it out"):
        house.sessions.create("u2")
    real = small_catalog.model_copy(update={"manifest": small_catalog.manifest.model_copy(update={"synthetic": False})})
    with pytest.raises(BadRequest, match="nothing here proves"):
        House(real, house.data_dir, store=house.store).sessions.create("u1")


def test_erasing_leaves_no_word_in_any_file(house: House) -> None:
    opened = [(each.conversation_id, token) for each, token in (house.sessions.create() for _ in range(6))]
    for number, pair in enumerate(opened):
        for turn in range(4):
            say(house, pair, f"MARKER{number}X {'padding ' * 40 * turn}", f"t{turn}")
        house.sessions.feedback(*pair, "t0", "up")
    assert house.files_with("MARKER2X")
    house.sessions.delete(*opened[2])
    assert house.files_with("MARKER2X") == []
    assert house.files_with(opened[2][0]) == []
    assert house.files_with("MARKER3X")
    assert "MARKER" not in house.log.getvalue()


def test_a_record_is_the_whole_and_comes_back_equal(make_house: MakeHouse, tmp_path: Path) -> None:
    house = make_house()
    conversation, token = house.sessions.create()
    opened = (conversation.conversation_id, token)
    record = say(house, opened, "a red dress", "t1")
    house.sessions.feedback(*opened, "t1", "down", record.products[0].product_id, "price")
    house.sessions.change_cart(*opened, [CartLine(product_id="p3", quantity=2)])
    export = house.sessions.record(*opened)
    assert [each.kind for each in export.events] == ["created", "turn", "feedback", "cart"]
    assert type(export).model_validate_json(export.model_dump_json(by_alias=True)) == export
    house.sessions.delete(*opened)
    assert house.store.restore(export)
    assert house.sessions.record(*opened) == export


def test_what_is_untouched_for_long_is_swept(make_house: MakeHouse) -> None:
    house = make_house(Limits(retention_days=30))
    old, old_token = house.sessions.create()
    house.clock.advance(timedelta(days=20).total_seconds())
    young, young_token = house.sessions.create()
    house.clock.advance(timedelta(days=11).total_seconds())
    assert house.sessions.sweep() == 1
    with pytest.raises(NotFound):
        house.sessions.record(old.conversation_id, old_token)
    assert house.sessions.record(young.conversation_id, young_token).turns == ()


# ---------------------------------------------------------------- profile, feedback


def wish(value: str) -> Preference:
    return Preference(preference_id="new", slot="color", value=value, evidence="set by hand", turn=0)


def test_a_profile_is_edited_and_every_edit_undone(house: House, opened: tuple[str, str]) -> None:
    profiles = [house.sessions.profile(*opened)]
    for color, added in (("red", ["red", "M"]), ("blue", ["blue"]), ("green", ["green"])):
        change = house.sessions.edit_profile(*opened, add=[wish(color)], sizes={"me": {"dress": "M"}})
        assert [each.value for each in change.added if each.value != "M" or color == "red"] == added
        profiles.append(change.profile)
    first = profiles[-1].preferences[0].preference_id
    profiles.append(house.sessions.edit_profile(*opened, remove=[first]).profile)
    assert [each.value for each in profiles[-1].preferences] == ["blue", "green", "M"]
    for earlier in reversed(profiles[:-1]):
        undone = house.sessions.undo_profile(*opened).profile
        assert undone.preferences == earlier.preferences
        assert undone.version > profiles[-1].version, "a version never comes twice"
    with pytest.raises(BadRequest, match="no earlier profile"):
        house.sessions.undo_profile(*opened)
    with pytest.raises(BadRequest, match="not in force"):
        house.sessions.edit_profile(*opened, remove=["nothing"])


def test_a_size_set_by_hand_is_a_wish_that_the_search_and_the_basket_know(house: House, opened: tuple[str, str]) -> None:
    sizes = {"me": {"dress": "M", "shoes": "39", "trousers": "W33"}, "sister": {"clothing": "38"}}
    profile = house.sessions.edit_profile(*opened, sizes=sizes).profile
    held = [(p.scope, p.slot, p.value, p.size_system, p.category, p.strength, p.source) for p in profile.preferences]
    assert held == [
        ("me", "size", "M", "alpha", "dress", "hard", "stated"),
        ("me", "size", "39", "eu_shoe", None, "hard", "stated"),
        ("me", "size", "33", "waist", None, "hard", "stated"),
        ("sister", "size", "38", "eu", None, "hard", "stated"),
    ]
    assert profile.sizes == {"me": {"dress": "M", "shoes": "39", "trousers": "33"}, "sister": {"clothing": "38"}}
    emptied = house.sessions.edit_profile(*opened, sizes={"me": {"dress": ""}, "sister": {"clothing": ""}}).profile
    assert emptied.sizes == {"me": {"shoes": "39", "trousers": "33"}}
    assert [p.value for p in emptied.preferences] == ["39", "33"]


def set_by_hand(slot: str, value: object, **fields: object) -> Preference:
    return Preference.model_validate({"preference_id": "new", "slot": slot, "value": value, "evidence": "x", "turn": 0} | fields)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (set_by_hand("color", "blurple"), "add.0..value is no color that this shop knows; allowed is, among"),
        (set_by_hand("material", "reds"), "no material"),
        (set_by_hand("brand", "Nobody"), "no brand that this shop knows; allowed is, among 1: Aster"),
        (set_by_hand("category", "submarine"), "no category"),
        (set_by_hand("price", {"max": 1}, polarity="dislike"), "a price can be liked alone"),
        (set_by_hand("rating", {"stars": 4}, polarity="dislike"), "a rating can be liked alone"),
        (set_by_hand("size", "M", polarity="dislike"), "a size can be liked alone"),
        (set_by_hand("size", "38"), "a number needs its size_system"),
        (set_by_hand("size", "banana", size_system="alpha"), "no size of the system alpha; allowed: letters from XXS to 5XL"),
        (set_by_hand("size", "99", size_system="eu"), "eu 30 to 60"),
        (set_by_hand("price", {"stars": 4}), "price takes"),
        (set_by_hand("color", {"max": 4}), "every other slot a word"),
    ],
)
def test_a_wish_that_the_shop_has_no_word_for_is_refused_and_nothing_kept(
    house: House, opened: tuple[str, str], wrong: Preference, says: str
) -> None:
    before = house.sessions.profile(*opened)
    with pytest.raises(BadRequest, match=says) as caught:
        house.sessions.edit_profile(*opened, add=[wish("red"), wrong] if "add.0" not in says else [wrong])
    assert "blurple" not in caught.value.detail, "what was sent is not said back"
    assert house.sessions.profile(*opened) == before


@pytest.mark.parametrize(
    ("sizes", "says"),
    [
        ({"submarine": "M"}, "sizes names a category that this shop does not know; allowed are its own, such as clothing"),
        ({"shoes": "M"}, "a label for shoes that is no size of it; allowed: eu_shoe 16 to 50"),
        ({"dress": "99"}, "a label for dress that is no size of it; allowed: letters from XXS to 5XL, eu 30 to 60"),
        ({"handbag": "M"}, "none, it comes in one size"),
    ],
)
def test_a_size_that_does_not_exist_is_refused(house: House, opened: tuple[str, str], sizes: dict[str, str], says: str) -> None:
    with pytest.raises(BadRequest, match=says):
        house.sessions.edit_profile(*opened, sizes={"me": sizes})
    assert house.sessions.profile(*opened).sizes == {}


@pytest.mark.parametrize(
    ("name", "label", "system", "kept", "category"),
    [
        ("clothing", "m", "alpha", "M", None),
        ("clothing", "X-Large", "alpha", "XL", None),
        ("clothing", "38", "eu", "38", None),
        ("clothing", "116", "height", "116", None),
        ("shoes", "42.5", "eu_shoe", "42.5", None),
        ("sneakers", "EU 42", "eu_shoe", "42", "sneakers"),
        ("trousers", "33", "waist", "33", None),
        ("trousers", "EU 38", "eu", "38", "trousers"),
        ("jeans", "W32", "waist", "32", "jeans"),
        ("jeans", "L", "alpha", "L", "jeans"),
        ("dresses", "40", "eu", "40", "dress"),
        ("tops", "S/M", "alpha", "S/M", "tops"),
    ],
)
def test_the_system_of_a_size_is_read_from_its_kind_and_label(
    name: str, label: str, system: str, kept: str, category: str | None
) -> None:
    (size,) = checked_sizes({"me": {name: label}}, WORDS())["me"].values()
    assert size is not None
    assert (size.size_system, size.value, size.category) == (system, kept, category)


def test_words_are_kept_as_the_shop_writes_them() -> None:
    add = [
        set_by_hand("color", "Navy Blue"),
        set_by_hand("brand", "aster"),
        set_by_hand("category", "Trainers"),
        set_by_hand("size", "xl"),
    ]
    assert [each.value for each in checked_preferences(add, WORDS(), ["Aster"])] == ["navy", "Aster", "sneakers", "XL"]


def test_twenty_steps_can_be_undone(make_house: MakeHouse) -> None:
    house = make_house(Limits(conversation_burst=100))
    conversation, token = house.sessions.create()
    for color in WORDS().values("color")[:25]:
        house.sessions.edit_profile(conversation.conversation_id, token, add=[wish(color)])
    assert len(house.sessions.conversation(conversation.conversation_id, token).undo) == 20


def test_a_thumb_changes_the_profile_and_the_last_one_counts(house: House, opened: tuple[str, str]) -> None:
    record = say(house, opened, "a red dress", "t1")
    house.sessions.feedback(*opened, "t1", "up", "p1")
    assert house.sessions.profile(*opened).liked_product_ids == ("p1",)
    house.sessions.feedback(*opened, "t1", "down", "p1", "fit")
    assert house.sessions.profile(*opened).rejected_product_ids == ("p1",)
    assert house.sessions.profile(*opened).rejection_reasons == {"p1": "fit"}
    house.sessions.feedback(*opened, "t1", "up")
    kept = house.sessions.record(*opened).feedback
    assert {(each.product_id, each.value, each.reason) for each in kept} == {("p1", "down", "fit"), (None, "up", None)}
    assert record.products[0].product_id == "p1"
    with pytest.raises(BadRequest, match="no answered message"):
        house.sessions.feedback(*opened, "t2", "up")
    with pytest.raises(BadRequest, match="no item of that answer"):
        house.sessions.feedback(*opened, "t1", "up", "p2")


# ---------------------------------------------------------------- cart


def line(product_id: str, quantity: int = 1, size: str | None = None) -> CartLine:
    return CartLine(product_id=product_id, quantity=quantity, size=size)


def test_a_cart_is_priced_by_the_catalog(house: House, opened: tuple[str, str]) -> None:
    cart, basket = house.sessions.change_cart(
        *opened, [line("p1", 1, "m"), line("p3", 2), line("p1", 1, "M")], ["welcome10", "NOPE"]
    )
    assert cart.lines == (
        CartLine(product_id="p1", quantity=2, size="M", price_minor=7_900),
        CartLine(product_id="p3", quantity=2, price_minor=2_000),
    )
    assert (basket.subtotal_minor, basket.discount_minor, basket.shipping_minor) == (19_800, 1_980, 0)
    assert [each.code for each in basket.applied] == ["WELCOME10"]
    assert ("NOPE", "unknown_code") in [(each.code, each.reason) for each in basket.rejected]
    assert house.sessions.cart(*opened) == (cart, basket)
    only_codes, _ = house.sessions.change_cart(*opened, codes=[])
    assert only_codes.lines == cart.lines
    emptied, nothing = house.sessions.change_cart(*opened, lines=[])
    assert (emptied.lines, nothing.total_minor) == ((), 0)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([line("p9")], "Line 1 names an item that this shop does not have"),
        ([line("p3"), line("p4")], "Line 2: Priceless Vase has no price"),
        ([line("p1", 1, "S")], "cannot be had in the size asked for; it can be had in M"),
        ([line("p3", 1, "M")], "comes without sizes"),
        ([line("p5")], "Sold Scarf is sold out"),
        ([line("p1", 4, "M")], "only 3 can be had"),
        ([line("p1", 2, "M"), line("p1", 2, "m")], "only 3 can be had"),
        ([line("p3", 60), line("p3", 60)], "120 pieces of Straw Hat; 1 to 99"),
        ([line("p1", 99)], "Line 1: 99 pieces of Red Dress; in all sizes together only 3 can be had"),
        ([line("p1", 2, "M"), line("p1", 2)], "Line 2: 4 pieces of Red Dress; in all sizes together only 3"),
    ],
)
def test_a_cart_that_cannot_be_is_refused_and_nothing_of_it_kept(
    house: House, opened: tuple[str, str], lines: list[CartLine], says: str
) -> None:
    before, _ = house.sessions.change_cart(*opened, [line("p2")])
    with pytest.raises(BadRequest, match=says):
        house.sessions.change_cart(*opened, lines)
    with pytest.raises(BadRequest, match=says):
        house.sessions.turn(*opened, "a hat", context=TurnContext(cart=tuple(lines)))
    assert house.sessions.cart(*opened)[0] == before


@given(st.lists(st.tuples(st.sampled_from(["p1", "p2", "p3", "p6"]), st.integers(1, 99), st.sampled_from([None, "M", "L", "m"]))))
def test_checked_lines_keep_every_piece_and_join_equal_ones(
    small_catalog: Catalog, lines: list[tuple[str, int, str | None]]
) -> None:
    asked = [line(*each) for each in lines]
    try:
        kept = checked_lines(asked, small_catalog.by_id)
    except BadRequest:
        return
    assert sum(each.quantity for each in kept) == sum(each.quantity for each in asked)
    assert len({(each.product_id, each.size) for each in kept}) == len(kept) <= 50
    for each in kept:
        product = small_catalog.by_id[each.product_id]
        assert product.price is not None
        assert each.price_minor == product.price.amount_minor
        assert each.size is None or each.size in [size.label for size in product.sizes if size.in_stock]
    assert sum(each.quantity for each in kept if each.product_id == "p1") <= 3, "the sizes together have three"
    assert checked_lines(kept, small_catalog.by_id) == kept


def test_codes_are_bounded() -> None:
    assert checked_codes([" welcome10", "WELCOME10"]) == ("WELCOME10",)
    for wrong in (["<b>"], ["x" * 41], [""], [f"C{n}" for n in range(11)]):
        with pytest.raises(BadRequest):
            checked_codes(wrong)


# ---------------------------------------------------------------- limits


def test_a_conversation_has_an_end(make_house: MakeHouse) -> None:
    house = make_house(Limits(turns=2))
    conversation, token = house.sessions.create()
    opened = (conversation.conversation_id, token)
    first = say(house, opened, "a hat", "t1")
    say(house, opened, "a hat", "t2")
    with pytest.raises(TooMany, match="start a new one"):
        next(house.sessions.turn(*opened, "a hat", "t3"))
    assert say(house, opened, "a hat", "t1") == first


def test_rates_are_limited_a_conversation_and_a_client(make_house: MakeHouse) -> None:
    house = make_house(Limits(conversation_burst=2, conversation_per_second=0.01, client_burst=4, client_per_second=0.01))
    one, two = (
        (each.conversation_id, token) for each, token in (house.sessions.create(client="a"), house.sessions.create(client="a"))
    )
    say(house, one, "a hat")
    say(house, one, "a hat")
    with pytest.raises(TooMany) as caught:
        house.sessions.turn(*one, "a hat")
    assert caught.value.retry_after_s is not None
    assert 90 <= caught.value.retry_after_s <= 100
    say(house, two, "a hat", client="a")
    say(house, two, "a hat", client="a")
    with pytest.raises(TooMany):
        house.sessions.create(client="a")
    house.sessions.create(client="b")
    with pytest.raises(NotFound):
        house.sessions.turn(one[0], "wrong", "a hat")
    house.clock.advance(100)
    say(house, one, "a hat")


def test_who_reads_from_outside_takes_a_token_and_the_page_does_not(make_house: MakeHouse) -> None:
    house = make_house(Limits(conversation_burst=3, conversation_per_second=0.01, client_burst=9, client_per_second=0.01))
    one, two = (house.sessions.create()[0].conversation_id for _ in range(2))
    keys = [(name, house.tokens.sign(name)) for name in (one, two)]
    calls = (house.sessions.record, house.sessions.profile, house.sessions.cart, house.sessions.delete)
    for call in calls[:3]:
        call(*keys[0], client="a")
    for each in calls:
        with pytest.raises(TooMany) as caught:
            each(*keys[0], client="b")
        assert caught.value.retry_after_s is not None
    for call in calls[:3]:
        call(*keys[1], client="a")
    for _ in range(3):  # a wrong token takes the client's as well
        with pytest.raises(NotFound):
            house.sessions.record(one, "wrong", client="a")
    with pytest.raises(TooMany):
        house.sessions.record(one, "wrong", client="a")
    for call in calls[:3]:
        call(*keys[0])
    house.clock.advance(100)
    house.sessions.record(*keys[0], client="b")


def test_a_client_cannot_have_the_file_rewritten_in_a_loop(make_house: MakeHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    house = make_house(Limits(erasure_burst=2, erasures_per_second=0.01))
    scrubs: list[int | None] = []
    scrub = house.store.database.scrub

    def counted(most: int | None = None) -> bool:
        scrubs.append(most)
        return scrub(most)

    monkeypatch.setattr(house.store.database, "scrub", counted)
    made = [(each.conversation_id, token) for each, token in (house.sessions.create() for _ in range(3))]
    house.sessions.delete(*made[0], client="a")
    for _ in range(20):
        with pytest.raises(NotFound):
            house.sessions.delete(*made[0], client="a")
    assert len(scrubs) == 1, "what is not there costs nothing, and none of the allowance"
    house.sessions.delete(*made[1], client="a")
    with pytest.raises(TooMany, match="Many conversations were erased from your address; wait 100 s"):
        house.sessions.delete(*made[2], client="a")
    assert len(scrubs) == 2
    house.sessions.record(*made[2])
    house.sessions.delete(*made[2], client="b")


def test_codes_cannot_be_guessed_by_one_client(make_house: MakeHouse) -> None:
    house = make_house()
    guesses = iter(range(10_000))

    def guess(count: int = 1, client: str = "a") -> bool:
        """True where the shop answered; each time in a conversation of its own."""
        conversation, token = house.sessions.create()
        codes = [f"GUESS{next(guesses)}" for _ in range(count)]
        with suppress(TooMany):
            house.sessions.change_cart(conversation.conversation_id, token, codes=codes, client=client)
            return True
        assert house.sessions.cart(conversation.conversation_id, token)[0].codes == ()
        return False

    conversation, token = house.sessions.create()
    known = (conversation.conversation_id, token)
    for codes in (["welcome10"], []) * 10:  # a known one costs nothing, however often it is given
        house.sessions.change_cart(*known, codes=codes, client="a")
    assert guess(10)
    assert not guess(6)
    assert [guess() for _ in range(6)] == [True] * 5 + [False]
    with pytest.raises(TooMany, match="use those that you were given; wait 240 s"):  # nor is it told whether one is known
        house.sessions.change_cart(*known, codes=["WELCOME10"], client="a")
    house.sessions.change_cart(*known, lines=[line("p3")], client="a")
    assert guess(client="b")
    answered = 0
    for _ in range(60):
        house.clock.advance(60)
        answered += guess()
    assert 14 <= answered <= 15, "30 in the first hour at most"


def test_a_profile_cannot_grow_without_end(make_house: MakeHouse) -> None:
    house = make_house(Limits(conversation_burst=1_000, preferences=30, scopes=4, superseded=10, undo_steps=3))
    conversation, token = house.sessions.create()
    opened = (conversation.conversation_id, token)
    colors = sorted(WORDS().values("color"))[:7]
    for number in range(4):
        house.sessions.edit_profile(*opened, add=[set_by_hand("color", each, scope=f"aunt {number}") for each in colors])
    full = house.sessions.profile(*opened)
    assert len(full.preferences) == 28
    for more, says in (
        ([set_by_hand("color", "red", scope="aunt 4")], "hold 5 scopes; 4 are allowed; use one that is there"),
        (
            [set_by_hand("brand", "Aster", scope=f"aunt {n}") for n in range(3)],
            "hold 31 preferences; 30 are allowed; take some out",
        ),
    ):
        with pytest.raises(BadRequest, match=says):
            house.sessions.edit_profile(*opened, add=more)
    with pytest.raises(BadRequest, match="5 scopes"):
        house.sessions.edit_profile(*opened, sizes={"uncle": {"dress": "M"}})
    assert house.sessions.profile(*opened) == full
    for _ in range(30):  # what ended is let go, the oldest first, and no number comes twice
        held = house.sessions.profile(*opened).preferences
        change = house.sessions.edit_profile(*opened, remove=[held[-1].preference_id])
        assert change.profile == house.sessions.profile(*opened)
        again = house.sessions.edit_profile(*opened, add=[held[-1]])
        assert again.added[0].preference_id not in {each.preference_id for each in (*held, *change.profile.superseded)}
    kept = house.sessions.conversation(*opened)
    assert len(kept.profile.superseded) == 10
    assert kept.profile.superseded == tuple(sorted(kept.profile.superseded, key=lambda each: int(each.preference_id[1:])))
    assert [each.superseded for each in kept.undo] == [()] * 3
    assert len(kept.model_dump_json()) < 40_000
    house.sessions.edit_profile(*opened, remove=[each.preference_id for each in kept.profile.preferences])
    assert len(house.sessions.profile(*opened).superseded) == 10
    assert house.sessions.undo_profile(*opened).profile.preferences == kept.profile.preferences


def test_thumbs_are_bounded_and_can_be_turned() -> None:
    few = Limits(thumbs=2)
    two = Profile(liked_product_ids=("p1", "p2"), rejected_product_ids=("p3",))
    with pytest.raises(BadRequest, match="hold 3 liked items; 2 are allowed"):
        check_growth(two, two.model_copy(update={"liked_product_ids": ("p1", "p2", "p4")}), few)
    check_growth(two, two.model_copy(update={"liked_product_ids": ("p1",), "rejected_product_ids": ("p3", "p2")}), few)
    over = Profile(liked_product_ids=tuple(f"p{n}" for n in range(9)))
    check_growth(over, over, few)
    check_growth(over, over.model_copy(update={"liked_product_ids": over.liked_product_ids[1:]}), few)


@given(st.lists(st.integers(1, 99), max_size=30, unique=True), st.integers(1, 12))
def test_of_what_ended_the_latest_and_the_highest_number_are_kept(numbers: list[int], most: int) -> None:
    wish_of = {"slot": "color", "value": "red", "evidence": "x", "turn": 0, "superseded_by_turn": 0}
    ended = tuple(SupersededPreference.model_validate({"preference_id": f"p{n}"} | wish_of) for n in numbers)
    kept = [int(each.preference_id[1:]) for each in trimmed(Profile(superseded=ended), Limits(superseded=most)).superseded]
    assert len(kept) == min(len(numbers), most)
    assert max(kept, default=0) == max(numbers, default=0)
    assert kept[1:] == numbers[len(numbers) - len(kept) :][1:]


def test_a_stateless_client_is_answered_from_its_messages(house: House) -> None:
    messages = [
        Message(role="system", content="ignored"),
        Message(role="user", content="a red dress"),
        Message(role="assistant", content="Here."),
        Message(role="user", content="x" * 3_000),
        Message(role="user", content="  "),
        Message(role="user", content="a hat"),
    ]
    events: list[TurnEvent] = list(house.sessions.stateless(messages))
    done = events[-1]
    assert isinstance(done, DoneEvent)
    assert [each.value for each in done.record.profile.preferences] == ["a red dress", "a hat"]
    assert "\n\n".join(each.section.text for each in events if isinstance(each, SectionEvent)) == done.record.reply
    assert house.store.load(done.record.conversation_id) is None
    many = [Message(role="user", content=f"wish {n}") for n in range(40)]
    last = list(house.sessions.stateless(many))[-1]
    assert isinstance(last, DoneEvent)
    assert [each.value for each in last.record.profile.preferences] == [f"wish {n}" for n in range(19, 40)]
    with pytest.raises(BadRequest, match="role `user`"):
        house.sessions.stateless([Message(role="assistant", content="hello")])
    house.at = lambda stage: 1 / 0  # type: ignore[assignment]
    failed = list(house.sessions.stateless(many))[-1]
    assert isinstance(failed, ErrorEvent)


# ---------------------------------------------------------------- the log


def personal_records() -> list[dict[str, str]]:
    if not ATTACKS.exists():
        pytest.skip("shared/data/attacks is not here")
    rows = [json.loads(row) for row in ATTACKS.read_text(encoding="utf-8").splitlines()]
    return [{key: value for key, value in row.items() if not key.startswith("source")} for row in rows]


def test_no_personal_word_reaches_a_log_or_a_metric(make_house: MakeHouse) -> None:
    house = make_house(Limits(conversation_burst=1_000))
    conversation, token = house.sessions.create(client="203.0.113.9")
    opened = (conversation.conversation_id, token)
    rows = personal_records()
    assert len(rows) > 10
    for number, row in enumerate(rows):
        text = f"I am {', '.join(row.values())}, a red dress please"
        say(
            house,
            opened,
            text,
            client="203.0.113.9",
            context=TurnContext(page_url=f"https://shop.example/?q={list(row.values())[-1]}"),
        )
        house.at = lambda stage, text=text: _raise(text) if stage == "writing" else None  # type: ignore[misc]
        list(house.sessions.turn(*opened, text))
        house.at = lambda stage: None
        with pytest.raises(ShopperError):
            house.sessions.feedback(*opened, list(row.values())[-1], "up")
        assert len(house.sessions.record(*opened).turns) == number + 1
    seen = house.log.getvalue() + house.metrics.render(0)
    assert len(house.log.getvalue().splitlines()) >= 3 * len(rows)
    assert [value for row in rows for value in row.values() if value in seen] == []
    assert "203.0.113.9" not in seen


def _raise(text: str) -> None:
    raise ValueError(text)


@pytest.mark.parametrize(
    "text", ["ann@example.org", "+49 171 1234567", "4111 1111 1111 1111", "(020) 7946-0958", "https://shop.example/?q=me"]
)
def test_the_second_wall_strikes_out_what_looks_personal(text: str) -> None:
    assert redact(text) == "[redacted]"
    assert redact(f"at {text} ok") == "at [redacted] ok"


def test_the_second_wall_lets_ids_and_places_pass() -> None:
    for text in (
        "0123456789abcdef0123456789abcdef",
        "store.py:88 session.py:120",
        "RuntimeError",
        "12345678901234567890123456789012",
    ):
        assert redact(text) == text


def test_a_log_that_cannot_be_written_costs_no_turn(house: House, opened: tuple[str, str]) -> None:
    house.log.close()
    assert say(house, opened, "a hat").turn == 1
    EventLog(house.log, house.clock).note("started", {"seconds": 1.0})
    assert house.clock.now() == NOW
