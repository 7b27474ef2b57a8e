"""Failures of evaluation. All are the shop owner's or the developer's to mend."""

from __future__ import annotations

from assistant.errors import OwnerError


class EvaluationError(OwnerError):
    """Base of all failures of evaluation."""


class ScriptsInvalid(EvaluationError):
    """Conversations that cannot be played; `faults`, each with its file and line."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class RunUnreadable(EvaluationError):
    """A file of results that is not one; the message says what it holds."""


class ServerUnfit(EvaluationError):
    """The server at --url cannot be played against; the message says why."""
