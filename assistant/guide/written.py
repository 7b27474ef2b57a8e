"""The guide as a language model writes it: one call for all sections that it may write, a numbered line each, read as it comes.

The model sees the facts of the items by their words, the wishes and the shopper's last message; no figure and no running text of the
catalog's. What it writes is a draft and nothing more: verification decides what is shown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.errors import ModelError
from assistant.guide.english import lowered
from assistant.guide.item_lines import item_lines, several
from assistant.guide.references import plain
from assistant.guide.wording import Speaker
from assistant.protocols import ChatModel, Message
from assistant.schema import DraftSection, GuideBrief, SectionBrief, Usage
from prompts import Prompt

MOST_ITEMS = 4
"""Items that a model writes of: what two cores write in the time of a turn."""
MESSAGE_CHARACTERS = 100
MOST_WISHES = 8
TOKENS_A_SECTION = 40
EXAMPLES = "\n---\n"
"""What parts the rule of the writing prompt from its examples, and those from one another."""

_MARK = re.compile(r"(?m)^[ \t]*\[?(?:item)?(\d)[:.)\]][ \t:]*")
_SHORT = re.compile(r"\{(\d)\}")
_WHOLE = re.compile(r".*[.!?…][\"”’)]*(?=\s|\Z)", re.DOTALL)
"""Everything up to the last end of a sentence. The full stop within a reference is none."""
_LINKED = re.compile(r"^(?:and|or|then|also),? ", re.IGNORECASE)
_FIGURES = re.compile(
    r"(?:\b[^\W\d]+\s+)?[$€£¥]?\s?\d[\d.,:/⁄]*\s?[$€£¥%]?(?:\s?(?:euros?|eur|dollars?|usd|bucks|pounds?|gbp|quid)\b)?",
    re.IGNORECASE,
)
"""A figure with the word before it and its currency: "under 80 euro"."""


@dataclass(frozen=True)
class WritingPrompts:
    """The prompts of the writing call: how to speak, the rule with its examples, and the form of what is new in a turn; and the speaker
    that words the facts."""

    voice: Prompt
    guide: Prompt
    facts: Prompt
    speaker: Speaker

    @property
    def fixed(self) -> tuple[Message, ...]:
        """What every call begins with, and endpoints keep in their cache: the rule, then examples as if they had been talked about."""
        rule, *examples = self.guide.fill().split(EXAMPLES)
        said = (Message(role="assistant" if number % 2 else "user", content=text) for number, text in enumerate(examples))
        return (Message(role="system", content=f"{self.voice.fill()}\n{rule}"), *said)


def wanted(brief: GuideBrief) -> tuple[SectionBrief, ...]:
    """The sections that a model is asked for: the first items whose wishes are all met, and the opening where there are any.

    What does not fit, and everything with figures, is the composer's to say."""
    unmet = {item.label for item in brief.items if item.unmet}
    items = [each for each in brief.sections if each.modelled and each.kind == "item" and len(each.labels) == 1]
    items = [each for each in items if each.labels[0] not in unmet][:MOST_ITEMS]
    opening = [each for each in brief.sections if each.modelled and each.kind == "opening"][:1] if items else []
    return (*opening, *items)


def numbered(brief: GuideBrief) -> dict[str, SectionBrief]:
    """The sections asked for, by the number of their line: 0 is the opening."""
    places = iter(range(1, MOST_ITEMS + 1))
    return {"0" if section.kind == "opening" else str(next(places)): section for section in wanted(brief)}


def messages(brief: GuideBrief, prompts: WritingPrompts) -> tuple[Message, ...]:
    """The whole call."""
    asked = {section.labels[0]: number for number, section in numbered(brief).items() if section.kind == "item"}
    items = [item for item in brief.items if item.label in asked]
    wishes = [plain(wish, 60) for wish in brief.wishes if not wish.startswith("{")][:MOST_WISHES]
    lines = item_lines(items, wishes, prompts.speaker)
    new = prompts.facts.fill(
        wishes=", ".join(wishes) or "none",
        message=without_figures(brief.message)[:MESSAGE_CHARACTERS],
        facts="\n".join(f"{asked[label]} {line}" for label, line in lines.items()),
    )
    return (*prompts.fixed, Message(role="user", content=new))


def without_figures(text: str) -> str:
    """`text` on one line, its figures left out with the word before them: "under 80 euro" goes. A model that sees no figure repeats none."""
    bare = _FIGURES.sub(" ", " ".join(unicodedata.normalize("NFKC", text).split()))
    return re.sub(r"\s*([,;])(?:\s*[,;])+", r"\1", re.sub(r"\s+([,.;!?]|$)", r"\1", " ".join(bare.split()))).strip(" ,;")


class SectionReader:
    """Cuts a stream of text into the sections that its lines stand for. A section is given once the next mark, or the end, shows that it
    is whole; an unfinished sentence at the end is dropped. Verbs after a title are put into its number, which small models get wrong."""

    def __init__(self, brief: GuideBrief, writer: str, speaker: Speaker) -> None:
        self._open = numbered(brief)
        self._several = {item.label for item in brief.items if several(item, speaker)}
        self._titles = {
            number: f"{{{section.labels[0]}.title}}" for number, section in self._open.items() if section.kind == "item"
        }
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
        """The last section, as far as its sentences are whole."""
        mark = _MARK.search(self._text)
        if mark is not None:
            whole = _WHOLE.match(self._text, mark.end())
            yield from self._section(mark.group(1), whole.group() if whole is not None else "")

    def _section(self, number: str, text: str) -> Iterator[DraftSection]:
        words = " ".join(text.split())
        if not words or number not in self._open:
            return
        section = self._open.pop(number)
        said = _SHORT.sub(lambda match: self._titles.get(match.group(1), match.group()), words)
        title = self._titles.get(number)
        if title is not None:
            said = said if title in said else f"{title}: {lowered(_LINKED.sub('', said))}"
            verb = "are" if section.labels[0] in self._several else "is"
            said = re.sub(rf"({re.escape(title)}) (?:is|are)\b", rf"\1 {verb}", said)
        if said[-1] not in ".!?…":
            said += "."
        yield DraftSection(section_id=section.section_id, writer=self._writer, text=said)


def write(brief: GuideBrief, model: ChatModel, prompts: WritingPrompts, *, stop_at: float) -> Iterator[DraftSection | Usage]:
    """The sections as the model finishes them, and the usage where the endpoint gives it. Raises what `ChatModel.stream` raises, after
    what was whole by then."""
    reader = SectionReader(brief, model.name, prompts.speaker)
    limit = TOKENS_A_SECTION * len(wanted(brief))
    try:
        for chunk in model.stream(messages(brief, prompts), stop_at=stop_at, max_tokens=limit):
            yield from reader.feed(chunk.text)
            if chunk.usage is not None:
                yield chunk.usage
    except ModelError:
        yield from reader.finish()
        raise
    yield from reader.finish()


def written_text(call: Sequence[Message]) -> str:
    """All that a call says, for counting its tokens."""
    return "\n".join(message.content for message in call)
