"""Results on disk: JSON lines, one conversation a line, sorted and without times, so that two runs compare byte for byte."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from assistant.evaluation.errors import RunUnreadable
from assistant.evaluation.results import ConversationResult

TIMELESS = {"turns": {"__all__": {"milliseconds"}}}
"""What is left out: it differs from run to run."""


def to_lines(conversations: Iterable[ConversationResult]) -> str:
    """The file's text. Equal results, equal bytes."""
    ordered = sorted(conversations, key=lambda result: (result.id, result.attempt))
    return "".join(f"{result.model_dump_json(exclude=TIMELESS)}\n" for result in ordered)


def write_run(path: Path, conversations: Iterable[ConversationResult]) -> None:
    """Writes the file. Raises `OSError` where it cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(to_lines(conversations), encoding="utf-8")


def read_run(path: Path) -> tuple[ConversationResult, ...]:
    """What `write_run` wrote. Raises `RunUnreadable` that names the line."""
    try:
        # Not `splitlines`: a text may hold other line breaks, which JSON leaves as they are.
        lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise RunUnreadable(f"{path}: cannot be read ({error}); give a file that `shopguide eval --out` wrote") from error
    found = []
    for number, line in enumerate(lines if lines != [""] else [], 1):
        try:
            found.append(ConversationResult.model_validate_json(line))
        except ValidationError as error:
            raise RunUnreadable(
                f"{path}:{number}: no result of a conversation ({error.errors()[0]['msg']}); give a file that `shopguide eval --out` wrote"
            ) from error
    return tuple(found)
