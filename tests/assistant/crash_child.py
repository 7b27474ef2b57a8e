"""Run by test_store: answers one turn again and again on one database, and is killed at its k-th step, for every k until one survives.

Steps are the stages of the agent and every statement, begin and commit of the database. One line a trial: `killed` or `survived`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from sqlalchemy import event

from assistant.scripted_agent import ScriptedAgent
from assistant.session import Sessions
from catalog_data.schema import Catalog
from tests.assistant.conftest import House, rules_of

MESSAGE, TURN = "a red dress, trial {k}", "t-{k}"


class Steps:
    """Kills the process at step `last`."""

    def __init__(self, last: int) -> None:
        self._left = last

    def __call__(self, *_: object, **__: object) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def trial(data_dir: Path, conversation_id: str, k: int, catalog_json: str) -> None:
    """One turn, killed at step k."""
    house = House(Catalog.model_validate_json(catalog_json), data_dir)
    steps = Steps(k)
    engine = house.store.database.engine
    for name in ("before_cursor_execute", "after_cursor_execute", "commit", "checkin"):
        event.listen(engine, name, steps)
    agent = ScriptedAgent(house.catalog, steps)
    sessions = Sessions(agent, house.store, house.tokens, house.clock, house.catalog, rules_of(house.catalog), house.observer)
    token = house.tokens.sign(conversation_id)
    list(sessions.turn(conversation_id, token, MESSAGE.format(k=k), TURN.format(k=k)))


def main() -> None:
    """Arguments: data folder, conversation id, the file of the catalog."""
    data_dir, conversation_id, catalog_file = sys.argv[1:]
    catalog_json = Path(catalog_file).read_text(encoding="utf-8")
    for k in range(1, 200):
        child = os.fork()
        if child == 0:
            trial(Path(data_dir), conversation_id, k, catalog_json)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        print("killed" if killed else "survived" if status == 0 else "broke", flush=True)
        if not killed:
            return


if __name__ == "__main__":
    main()
