"""The guide benchmark over real HTTP, with the agent that is scripted: what is timed is what comes, and an error is no figure."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from assistant.limits import Limits
from benchmarks.errors import BenchmarkFailed
from benchmarks.guide import SCRIPTS, STREAMED, WARM_UP, WHOLE, Waited, await_ready, events, play, served, table
from catalog_data.schema import Catalog, Manifest, Product
from tests.assistant.conftest import House
from tests.assistant.interface.conftest import api_of

CATALOG = Catalog(
    manifest=Manifest(catalog_id="small", name="Small", currency="EUR"),
    products=(Product(product_id="p1", title="red dress"), Product(product_id="p2", title="blue coat")),
    digest="0" * 64,
)
SHORT = (("a {color} dress", "and a coat"), ("thanks",))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(CATALOG, tmp_path / "data", Limits())
    yield made
    made.store.close()


def test_the_scripts_are_thirty_messages_and_no_two_playings_ask_the_same() -> None:
    assert sum(map(len, SCRIPTS)) == 30
    named = {name for script in SCRIPTS for message in script for _, name, _, _ in Formatter().parse(message) if name}
    for words in (WARM_UP, STREAMED, WHOLE):
        assert set(words) == named
    for name in named:
        assert len({WARM_UP[name], STREAMED[name], WHOLE[name]}) == 3
    assert all(any("{" in message for message in script) for script in SCRIPTS if script[0] != "How do returns work?")


def test_what_is_timed_is_what_comes(house: House) -> None:
    waits = {"searching": 0.15, "writing": 0.1, "finished": 0.05}
    house.at = lambda stage: time.sleep(waits.get(stage, 0.0))
    with served(api_of(house)) as address:
        await_ready(address)
        streamed = play(address, SHORT, STREAMED, streamed=True)
        whole = play(address, SHORT, WHOLE, streamed=False)
    assert (len(streamed), len(whole)) == (3, 3)
    for each in streamed:
        assert each.first_card is not None
        assert each.first_section is not None
        assert 0.15 <= each.first_card < each.first_section < each.whole < 5
        assert each.first_section >= 0.25
        assert each.whole >= 0.3
    assert all(each.first_card is None and each.whole >= 0.3 for each in whole)


def test_a_turn_without_cards_is_not_counted_for_the_first_card() -> None:
    with_card, without = Waited(0.1, 0.2, 0.4), Waited(None, 0.3, 0.5)
    rows = {row.system: row for row in table([with_card, without], [Waited(None, None, 0.25)], items=2).rows}
    assert rows["first card, streamed"].figures == {"p50_ms": 100.0, "p95_ms": 100.0, "n": 1}
    assert rows["first section, streamed"].figures == {"p50_ms": 250.0, "p95_ms": 295.0, "n": 2}
    assert rows["whole turn, JSON"].figures == {"p50_ms": 250.0, "p95_ms": 250.0, "n": 1}
    assert [row.system for row in rows.values() if row.source == "published"] == ["StyleMaitri, local model, whole turn"]
    assert table([without], [], items=2).rows[0].figures == {"n": 0}


def test_conversations_are_erased_when_they_have_been_played(house: House) -> None:
    with served(api_of(house)) as address:
        play(address, SHORT, STREAMED, streamed=True)
    assert not house.files_with("red dress")


@pytest.mark.parametrize("streamed", [True, False])
def test_an_error_is_told_and_not_timed(house: House, streamed: bool) -> None:
    def fail(stage: str) -> None:
        if stage == "writing":
            raise RuntimeError("broken on purpose")

    house.at = fail
    with served(api_of(house)) as address, pytest.raises(BenchmarkFailed, match="Something went wrong on our side"):
        play(address, SHORT, STREAMED, streamed=streamed)


def test_a_service_that_is_not_ready_is_not_waited_for_endlessly(house: House) -> None:
    with served(api_of(house, ready=lambda: False)) as address, pytest.raises(BenchmarkFailed, match="not ready after 0 s"):
        await_ready(address, seconds=0.0)


def test_events_are_read_past_comments() -> None:
    lines = [": still here", "", "event: products", 'data: {"products": []}', "", "event: done", "data: {}", ""]
    assert list(events(lines)) == [("products", '{"products": []}'), ("done", "{}")]
