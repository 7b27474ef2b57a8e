"""The gate bites: each of ten planted bugs is caught by the conversations that hold without it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import app
from assistant.evaluation.errors import RunUnreadable
from assistant.evaluation.gate import Baseline, SimulatorFigures, read_baseline, reasons
from assistant.evaluation.players import InProcess, PlayedClock
from assistant.evaluation.results import ConversationResult, Failure, Shop
from assistant.evaluation.runner import Job, play
from assistant.evaluation.script import DEFAULT_NOW, Script
from assistant.evaluation.script_files import load_scripts
from catalog_data.vocabulary import load_vocabulary
from retrieval.fake_embedding import HashingEmbedder
from retrieval.warming import WarmingEmbedder
from tests.assistant.evaluation.mutants import MUTANTS
from tests.end_to_end import settings_for

EVALS = Path(__file__).resolve().parents[3] / "evals"


@pytest.fixture(scope="module")
def clock() -> PlayedClock:
    return PlayedClock(DEFAULT_NOW)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, clock: PlayedClock) -> Iterator[app.Service]:
    fake = HashingEmbedder()
    embedder = WarmingEmbedder(HashingEmbedder, fake.model_id, fake.dimension)
    opened = app.make_service(settings_for(tmp_path_factory.mktemp("gate")), embedder, clock, app.UNHURRIED)
    yield opened
    app.close(opened)


@pytest.fixture(scope="module")
def shop(service: app.Service) -> Shop:
    """The second opinion has a vocabulary of its own, which no bug in the service's touches."""
    return Shop(service.retrieval.catalog, load_vocabulary())


@pytest.fixture(scope="module")
def player(service: app.Service, clock: PlayedClock) -> InProcess:
    return InProcess(service.sessions, clock)


@pytest.fixture(scope="module")
def sound(player: InProcess, shop: Shop) -> tuple[Script, ...]:
    """The conversations that hold with the vectors of hashed words, which this test uses to be quick; they must be most of them."""
    scripts = load_scripts([EVALS])
    holding = tuple(script for script in scripts if play(Job(script, 1), player, shop).passed)
    assert len(holding) >= 0.8 * len(scripts), f"only {len(holding)} of {len(scripts)} hold without any bug"
    return holding


@pytest.mark.parametrize("name", MUTANTS)
def test_a_planted_bug_is_caught(
    name: str, sound: tuple[Script, ...], service: app.Service, player: InProcess, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        MUTANTS[name](patch, service)
        caught = next((result for script in sound if not (result := play(Job(script, 1), player, shop)).passed), None)
    service.retrieval.engine._parts.columns._cached.cache_clear()  # masks that the bug made
    assert caught is not None, f"nobody noticed: {name}"
    assert reasons((caught,), None, None)


def figures(**changes: float) -> SimulatorFigures:
    return SimulatorFigures.model_validate({"dialogues": 200, "seed": 0, "right": 0.92, "target": 0.6, "violations": 3} | changes)


GOOD = ConversationResult(id="a", tags=("x",))
BAD = GOOD.model_copy(update={"failures": (Failure(path="invariant.evidence", expected="x", found="y"),)})


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (figures(), None),
        (figures(right=0.901), None),
        (figures(right=0.89), "right rate fell from 0.920 to 0.890"),
        (figures(target=0.57), "target rate fell"),
        (figures(violations=3), None),
        (figures(violations=4), "rose from 3 to 4"),
        (figures(dialogues=100), "100 of seed 0"),
        (figures(seed=1), "of seed 1"),
    ],
)
def test_simulated_shoppers(found: SimulatorFigures, words: str | None) -> None:
    shut = reasons((GOOD,), found, Baseline(simulator=figures(), tolerance=0.02))
    assert (words is None and not shut) or (words is not None and len(shut) == 1 and words in shut[0])


def test_without_a_baseline_no_violation_is_allowed() -> None:
    assert reasons((GOOD,), figures(violations=0), None) == ()
    assert "1 items against" in reasons((GOOD,), figures(violations=1), None)[0]


def test_conversations() -> None:
    assert reasons((GOOD,), None, None) == ()
    assert reasons((GOOD, BAD), None, None) == ("1 of 2 conversations failed, 1 invariants were broken",)
    skipped = GOOD.model_copy(update={"skipped": "another catalog"})
    assert reasons((GOOD, skipped), None, None) == ()
    assert reasons((skipped,), None, None) == ("no conversation was played",)


def test_a_baseline_is_read_back_and_a_broken_one_named(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    kept = Baseline(simulator=figures())
    path.write_text(kept.model_dump_json(), encoding="utf-8")
    assert read_baseline(path) == kept
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(RunUnreadable, match=r"baseline\.json"):
        read_baseline(path)
