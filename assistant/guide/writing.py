"""Who writes the guide: the composer alone, or a model with the composer behind it. Both keep the `Guide` protocol, and everything that
either writes goes through the one verification."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.breaker import Breaker
from assistant.errors import ModelError, ModelTimeout, ModelUnavailable
from assistant.guide.verification import COMPOSER, Verifier
from assistant.guide.written import WritingPrompts, messages, wanted, write, written_text
from assistant.protocols import ChatModel, Clock
from assistant.schema import CheckedSection, DraftSection, GuideBrief, GuideReport, SectionBrief, Usage
from assistant.token_count import TokenCounter

COMPOSING_SECONDS = 0.3
"""Kept back from the turn's time for what the model leaves unwritten."""

AWAY = "The language model cannot be reached just now, so these words are our own. Items, prices and offers are the same."
SLOW = "The language model was not done in time, so part of these words are our own. Items, prices and offers are the same."


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
        if not wanted(brief):
            yield from ComposedGuide(self._verifier).write(brief, stop_at=stop_at)
            return
        if not self._breaker.allows():
            yield from ComposedGuide(self._verifier, AWAY).write(brief, stop_at=stop_at)
            return
        call = _Call(self, brief)
        pending = list(brief.sections)
        drafts: dict[str, DraftSection] = {}
        for draft in call.drafts(stop_at - COMPOSING_SECONDS):
            drafts[draft.section_id] = draft
            while pending and (not pending[0].modelled or pending[0].section_id in drafts):
                yield self._checked(brief, pending.pop(0), drafts)
        for section in pending:
            yield self._checked(brief, section, drafts)
        yield GuideReport(usage=call.usage(), notices=call.notices)

    def _checked(self, brief: GuideBrief, section: SectionBrief, drafts: dict[str, DraftSection]) -> CheckedSection:
        draft = drafts.get(section.section_id)
        return self._verifier.verify(brief, section, draft) if draft is not None else composed(self._verifier, brief, section)


class _Call:
    """One call of the model for one brief, and what came of it."""

    def __init__(self, guide: WrittenGuide, brief: GuideBrief) -> None:
        self._guide = guide
        self._brief = brief
        self._reported: Usage | None = None
        self._written = ""
        self.notices: tuple[str, ...] = ()

    def drafts(self, stop_at: float) -> Iterator[DraftSection]:
        """What the model finishes by `stop_at`; its failures become notices."""
        guide = self._guide
        try:
            for part in write(self._brief, guide._model, guide._prompts, stop_at=stop_at):
                if isinstance(part, Usage):
                    self._reported = part
                else:
                    self._written += part.text
                    yield part
            guide._breaker.succeeded()
        except ModelTimeout:
            self._failed(SLOW, counts=not self._written)
        except ModelUnavailable as error:
            self._failed(AWAY, counts=not error.busy)
        except ModelError:
            self._failed(AWAY, counts=True)

    def _failed(self, notice: str, *, counts: bool) -> None:
        self.notices = (notice,)
        if counts:
            self._guide._breaker.failed()

    def usage(self) -> Usage:
        """The endpoint's own count, else ours, marked as an estimate."""
        if self._reported is not None:
            return self._reported
        count = self._guide._counter.count
        prompt = written_text(messages(self._brief, self._guide._prompts))
        return Usage(model_calls=1, prompt_tokens=count(prompt), completion_tokens=count(self._written), estimated=True)


def composed(verifier: Verifier, brief: GuideBrief, section: SectionBrief) -> CheckedSection:
    """The composer's text of a section, checked like any other."""
    return verifier.verify(brief, section, DraftSection(section_id=section.section_id, writer=COMPOSER, text=section.composed))
