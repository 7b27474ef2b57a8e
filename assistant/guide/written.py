"""The guide as a language model writes it: one call for all sections, marked, read as it comes.

The model sees the facts of the items by their words, the wishes and the shopper's last message; no figure and no running text of the
catalog's. What it writes is a draft and nothing more: verification decides what is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.protocols import ChatModel, Message
from assistant.schema import DraftSection, GuideBrief, ItemFacts, SectionBrief, Usage
from catalog_data.schema import SLOTS
from prompts import Prompt

FACT_WORDS = 10
"""Facts given of an item: enough for a sentence, few enough for a model that reads fifty words a second."""
MESSAGE_CHARACTERS = 200
TOKENS_A_SECTION = 48
_MARK = re.compile(r"\[([a-z0-9_:]{1,24})\]")
_LEFT_OUT = ("rating", "price", "size", "gender")


@dataclass(frozen=True)
class WritingPrompts:
    """The prompts of the writing call: what never changes (and is cached by the endpoint), and what is new in a turn."""

    voice: Prompt
    guide: Prompt
    facts: Prompt

    @property
    def fixed(self) -> str:
        """The part that is the same in every call."""
        return f"{self.voice.fill()}\n\n{self.guide.fill()}"


def mark_of(section: SectionBrief) -> str:
    """The name under which a section is asked for: its item's label, else its kind."""
    return section.labels[0] if section.kind == "item" and section.labels else section.kind


def wanted(brief: GuideBrief) -> tuple[SectionBrief, ...]:
    """The sections that a model may write."""
    return tuple(section for section in brief.sections if section.modelled)


def messages(brief: GuideBrief, prompts: WritingPrompts) -> tuple[Message, ...]:
    """The whole call."""
    labels = {label for section in wanted(brief) for label in section.labels}
    facts = "\n".join(fact_line(item) for item in brief.items if item.label in labels)
    new = prompts.facts.fill(
        wishes=", ".join(brief.wishes) or "none",
        facts=facts,
        message=_one_line(brief.message)[:MESSAGE_CHARACTERS],
        sections=" ".join(mark_of(section) for section in wanted(brief)),
    )
    return (Message(role="system", content=prompts.fixed), Message(role="user", content=new))


def fact_line(item: ItemFacts) -> str:
    """One item's facts: canonical words only, no figures, at most `FACT_WORDS` of them."""
    values = [value for slot in SLOTS if slot not in _LEFT_OUT for value in item.facts.get(slot, ())]
    plain = [value for value in dict.fromkeys(values) if not any(char.isdigit() for char in value)]
    return f"{item.label}: {', '.join(_one_line(value) for value in plain[:FACT_WORDS])}"


class SectionReader:
    """Cuts a stream of text into the sections that it marks. A section is given once the next mark, or the end, shows that it is whole."""

    def __init__(self, brief: GuideBrief, writer: str) -> None:
        self._open = {mark_of(section): section.section_id for section in wanted(brief)}
        self._writer = writer
        self._text = ""

    def feed(self, text: str) -> Iterator[DraftSection]:
        """The sections that `text` completes."""
        self._text += text
        marks = list(_MARK.finditer(self._text))
        for mark, following in pairwise(marks):
            yield from self._section(mark.group(1), self._text[mark.end() : following.start()])
        if len(marks) > 1:
            self._text = self._text[marks[-1].start() :]

    def finish(self) -> Iterator[DraftSection]:
        """The last section, when the stream ended as it should."""
        mark = _MARK.search(self._text)
        if mark is not None:
            yield from self._section(mark.group(1), self._text[mark.end() :])

    def _section(self, mark: str, text: str) -> Iterator[DraftSection]:
        section_id = self._open.pop(mark, None)
        if section_id is not None and text.strip():
            yield DraftSection(section_id=section_id, writer=self._writer, text=" ".join(text.split()))


def write(brief: GuideBrief, model: ChatModel, prompts: WritingPrompts, *, stop_at: float) -> Iterator[DraftSection | Usage]:
    """The sections as the model finishes them, then the usage where the endpoint gives it. Raises what `ChatModel.stream` raises; what
    came before stands."""
    reader = SectionReader(brief, model.name)
    limit = TOKENS_A_SECTION * max(1, len(wanted(brief)))
    for chunk in model.stream(messages(brief, prompts), stop_at=stop_at, max_tokens=limit):
        yield from reader.feed(chunk.text)
        if chunk.usage is not None:
            yield chunk.usage
    yield from reader.finish()


def written_text(call: Sequence[Message]) -> str:
    """All that a call says, for counting its tokens."""
    return "\n".join(message.content for message in call)


def _one_line(text: str) -> str:
    return " ".join(text.split())
