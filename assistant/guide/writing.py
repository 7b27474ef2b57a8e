"""Who writes the guide: the composer alone, or a model with the composer behind it. Both keep the `Guide` protocol, and everything that
either writes goes through the one verification."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from assistant.breaker import Breaker
from assistant.errors import ModelError, ModelGarbage, ModelTimeout, ModelUnavailable
from assistant.guide.verification import COMPOSER, Verifier
from assistant.guide.written import WritingPrompts, messages, wanted, write, written_text
from assistant.protocols import ChatModel, Clock
from assistant.schema import CheckedSection, DraftSection, GuideBrief, GuideReport, SectionBrief, Usage
from assistant.token_count import TokenCounter

LOG = logging.getLogger(__name__)

COMPOSING_SECONDS = 0.3
"""Kept back from the turn's time for what the model leaves unwritten."""

_SAME = "Items, prices and offers are the same."
AWAY = f"The language model cannot be reached just now, so these words are our own. {_SAME}"
BUSY = f"The language model is busy just now, so these words are our own. {_SAME}"
SLOW = f"The language model was not done in time, so part of these words are our own. {_SAME}"
BROKEN = f"The language model gave no answer that could be used, so these words are our own. {_SAME}"


class ComposedGuide:
    """The composer writes everything. `notice`: why no model does, where the shopper should know."""

    def __init__(self, verifier: Verifier, notice: str | None = None) -> None:
        self._verifier = verifier
        self._notices = (notice,) if notice is not None else ()

    def write(self, brief: GuideBrief, *, stop_at: float) -> Iterator[CheckedSection | GuideReport]:
        """Every section, composed and checked."""
        for section in brief.sections:
            yield composed(self._verifier, brief, section)
        yield GuideReport(notices=self._notices)


class WrittenGuide:
    """A model writes what it may, in one call; the composer writes the rest, and whatever the model fails to."""

    def __init__(
        self, verifier: Verifier, model: ChatModel, prompts: WritingPrompts, clock: Clock, breaker: Breaker, counter: TokenCounter
    ) -> None:
        self._verifier = verifier
        self._model = model
        self._prompts = prompts
        self._clock = clock
        self._breaker = breaker
        self._counter = counter

    def write(self, brief: GuideBrief, *, stop_at: float) -> Iterator[CheckedSection | GuideReport]:
        """Every section in the brief's order, as soon as it and those before it are checked."""
        asked = {section.section_id for section in wanted(brief)}
        if not asked:
            yield from ComposedGuide(self._verifier).write(brief, stop_at=stop_at)
            return
        if not self._breaker.allows():
            yield from ComposedGuide(self._verifier, AWAY).write(brief, stop_at=stop_at)
            return
        call = _Call(brief, self._model, self._prompts, self._breaker)
        pending = list(brief.sections)
        drafts: dict[str, DraftSection] = {}
        yield from self._ready(brief, pending, drafts, asked)
        for draft in call.drafts(stop_at - COMPOSING_SECONDS):
            drafts[draft.section_id] = draft
            yield from self._ready(brief, pending, drafts, asked)
        yield from self._ready(brief, pending, drafts, set())
        yield GuideReport(usage=call.usage(self._counter), notices=call.notices)

    def _ready(
        self, brief: GuideBrief, pending: list[SectionBrief], drafts: dict[str, DraftSection], awaited: set[str]
    ) -> Iterator[CheckedSection]:
        """The next sections, until one that is still awaited; takes them from `pending`."""
        while pending and (pending[0].section_id in drafts or pending[0].section_id not in awaited):
            section = pending.pop(0)
            draft = drafts.get(section.section_id)
            yield self._verifier.verify(brief, section, draft) if draft is not None else composed(self._verifier, brief, section)


class _Call:
    """One call of the model for one brief, and what came of it."""

    def __init__(self, brief: GuideBrief, model: ChatModel, prompts: WritingPrompts, breaker: Breaker) -> None:
        self._brief = brief
        self._model = model
        self._prompts = prompts
        self._breaker = breaker
        self._reported: Usage | None = None
        self._written = ""
        self._made = True
        self.notices: tuple[str, ...] = ()

    def drafts(self, stop_at: float) -> Iterator[DraftSection]:
        """What the model finishes by `stop_at`; its failures become notices, and a line in the owner's log."""
        try:
            for part in write(self._brief, self._model, self._prompts, stop_at=stop_at):
                if isinstance(part, Usage):
                    self._reported = part
                else:
                    self._written += part.text
                    yield part
            if not self._written:
                raise ModelGarbage("the model's answer holds none of the sections asked for")
            self._breaker.succeeded()
        except ModelError as error:
            self._failed(error)

    def _failed(self, error: ModelError) -> None:
        LOG.warning("the guide was composed, in whole or in part: %s", error)
        match error:
            case ModelUnavailable(busy=True):
                self.notices, self._made = (BUSY,), False
                return
            case ModelTimeout():
                self.notices = (SLOW,)
            case ModelUnavailable():
                self.notices = (AWAY,)
            case _:
                self.notices = (BROKEN,)
        if not (isinstance(error, ModelTimeout) and self._written):
            self._breaker.failed(error.retry_after if isinstance(error, ModelUnavailable) else None)

    def usage(self, counter: TokenCounter) -> Usage:
        """The endpoint's own count, else ours, marked as an estimate; nothing where no call was made."""
        if self._reported is not None or not self._made:
            return self._reported or Usage()
        prompt = written_text(messages(self._brief, self._prompts))
        return Usage(
            model_calls=1, prompt_tokens=counter.count(prompt), completion_tokens=counter.count(self._written), estimated=True
        )


def composed(verifier: Verifier, brief: GuideBrief, section: SectionBrief) -> CheckedSection:
    """The composer's text of a section, checked like any other."""
    return verifier.verify(brief, section, DraftSection(section_id=section.section_id, writer=COMPOSER, text=section.composed))
