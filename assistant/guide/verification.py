"""The check that nothing false is shown: one section of a draft against the facts of this turn. Pure, and fails closed.

A sentence passes only if everything in it is accounted for. References must be known and belong to the section; figures stand in
references alone, each in a place that fits what it is; every content word is in the facts of the item that the sentence is about, in
the shopper's own words where the sentence says that they are hers, or in the kept list of words that claim nothing. What is denied
must be known not to hold. A rejected sentence is left out; where the rest does not carry its section the composer's words stand,
which go through the same check. References are filled in afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from assistant.guide.claim_rules import FREE_KINDS, MODELLED_KINDS, MOST_CHARACTERS, MOST_SENTENCES, SERVICE, TALK
from assistant.guide.closed_facts import ClosedFacts, closer, shared
from assistant.guide.reading import Frame
from assistant.guide.references import fill, names, raised
from assistant.guide.sentence_rules import sentence_findings
from assistant.guide.words import fold, sentences
from assistant.schema import CheckedSection, DraftSection, Finding, GuideBrief, SectionBrief
from catalog_data.vocabulary import Vocabulary

CLAIMLESS_FILE = Path(__file__).with_name("claimless.txt")
MODEL_WORDS_FILE = Path(__file__).with_name("model_words.txt")
COMPOSER = "composer"

NAMESPACES = ("shop", "wish")
"""References that any section may use, beside those of its own items; those of the page as a whole only where no one item is meant."""


class KeptWords(NamedTuple):
    """Words that claim nothing about an item, by who may use them."""

    program: frozenset[str]
    model: frozenset[str]


def load_words() -> KeptWords:
    """The kept lists as shipped."""
    return KeptWords(read_words(CLAIMLESS_FILE), read_words(MODEL_WORDS_FILE))


def read_words(path: Path) -> frozenset[str]:
    """The words of a list file; lines that begin with # are remarks."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@dataclass(frozen=True)
class _Ready:
    """A brief made ready: facts by label, what the shopper said, what holds of every item shown."""

    brief: GuideBrief
    facts: Mapping[str, ClosedFacts]
    shopper: ClosedFacts
    common: ClosedFacts


class Verifier:
    """Checks sections. `kept`: the words that claim nothing about an item (`load_words`)."""

    def __init__(self, vocabulary: Vocabulary, kept: KeptWords) -> None:
        self._vocabulary = vocabulary
        self._kept = kept
        self._closer = closer(vocabulary)
        # A turn checks some ten sections of one brief. Only replaced as a whole, so threads may share the verifier.
        self._last: tuple[GuideBrief, _Ready] | None = None

    def verify(self, brief: GuideBrief, section: SectionBrief, draft: DraftSection) -> CheckedSection:
        """`draft` as it may be shown. Where it does not carry its section, the composer's text stands, checked in the same way."""
        ready = self._ready(brief)
        kept, findings = self._sentences(ready, section, draft)
        missing = _missing(section, kept)
        if missing is None:
            return self._shown(brief, section, draft.writer, draft.writer, " ".join(kept), findings)
        findings = (*findings, missing)
        if draft.writer == COMPOSER:
            return self._shown(brief, section, COMPOSER, COMPOSER, _bare(section, kept), findings, withheld=True)
        own = DraftSection(section_id=section.section_id, writer=COMPOSER, text=section.composed)
        composed, _ = self._sentences(ready, section, own)
        text = " ".join(composed) if _missing(section, composed) is None else _bare(section, composed)
        return self._shown(brief, section, draft.writer, COMPOSER, text, findings, withheld=True)

    def _ready(self, brief: GuideBrief) -> _Ready:
        last = self._last
        if last is None or last[0] is not brief:
            last = self._last = (brief, self._made_ready(brief))
        return last[1]

    def _made_ready(self, brief: GuideBrief) -> _Ready:
        facts = {item.label: self._closer.of_item(item) for item in brief.items}
        shown = [
            facts[label] for section in brief.sections if section.kind == "item" for label in section.labels if label in facts
        ]
        return _Ready(brief, facts, self._closer.of_shopper(brief), shared(shown))

    def _sentences(
        self, ready: _Ready, section: SectionBrief, draft: DraftSection
    ) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
        """The sentences of a draft that may stand, capital letters set, and everything found in the others."""
        if draft.writer != COMPOSER and not section.modelled:
            return (), (Finding(words="", rule="claim", reason="this section is not a model's to write"),)
        modelled = draft.writer != COMPOSER
        text = draft.text
        findings: list[Finding] = []
        if modelled and len(text) > MOST_CHARACTERS:
            text = " ".join(sentences(text[:MOST_CHARACTERS])[:-1])
            findings.append(
                Finding(words=text[-40:], rule="length", reason=f"longer than {MOST_CHARACTERS} characters; the rest was cut")
            )
        kept: list[str] = []
        frame = self._frame(ready, section, modelled)
        most = MOST_SENTENCES.get(section.kind) if modelled else None
        for sentence in sentences(text):
            found = sentence_findings(sentence, frame)
            if not found and sentence in kept:
                found = (Finding(words=sentence[:40], rule="length", reason="said already"),)
            elif not found and most is not None and len(kept) >= most:
                found = (Finding(words=sentence[:40], rule="length", reason=f"more than {most} sentences"),)
            findings.extend(found)
            kept.extend(() if found else (sentence,))
        return tuple(kept), tuple(findings)

    def _frame(self, ready: _Ready, section: SectionBrief, modelled: bool) -> Frame:
        """What the sentences of a section are held against. A model has its own short list of words, and is exempt from no rule."""
        free = section.kind in FREE_KINDS
        service = section.kind not in MODELLED_KINDS or not section.modelled
        spoken = (TALK if free else frozenset()) | (SERVICE if service else frozenset())
        return Frame(
            vocabulary=self._vocabulary,
            idle=self._kept.model if modelled else self._kept.program | spoken,
            exempt=frozenset() if modelled else spoken,
            references=ready.brief.references,
            namespaces=None if free or service else frozenset((*NAMESPACES, section.kind)),
            labels={label: ready.facts[label] for label in section.labels if label in ready.facts},
            foreign=frozenset(item.label for item in ready.brief.items) - set(section.labels),
            common=ready.common,
            shopper=ready.shopper,
            recipient=fold(ready.brief.scope),
            free=free or service,
            service=service,
            modelled=modelled,
        )

    def _shown(
        self,
        brief: GuideBrief,
        section: SectionBrief,
        writer: str,
        shown_writer: str,
        text: str,
        findings: Sequence[Finding],
        withheld: bool = False,
    ) -> CheckedSection:
        filled, unknown = fill(raised(text), brief.references)
        products = {item.label: item.product_id for item in brief.items}
        return CheckedSection(
            section_id=section.section_id,
            kind=section.kind,
            writer=writer,
            shown_writer=shown_writer,
            verdict="withheld" if withheld else "trimmed" if findings else "pass",
            text=filled,
            findings=(*findings, *unknown),
            product_ids=tuple(products[label] for label in section.labels if label in products),
        )


def required_titles(section: SectionBrief) -> tuple[str, ...]:
    """The references without which a section does not do its work: each item that it is there to name."""
    if section.kind == "item":
        return tuple(f"{label}.title" for label in section.labels)
    if section.kind == "outfit":
        return tuple(f"{label}.title" for label in section.labels if label.startswith("piece"))
    return ()


def _missing(section: SectionBrief, kept: Sequence[str]) -> Finding | None:
    """What a section lacks to be shown; None where it carries."""
    if not kept:
        return Finding(words="", rule="empty", reason="no sentence is left")
    used = {name for sentence in kept for name in names(sentence)}
    for name in required_titles(section):
        if name not in used:
            return Finding(words=f"{{{name}}}", rule="title", reason="the item is not named by its title")
    return None


def _bare(section: SectionBrief, kept: Sequence[str]) -> str:
    """The least that may stand: what passed of the composer's own text, and the titles."""
    used = {name for sentence in kept for name in names(sentence)}
    missing = [f"{{{name}}}." for name in required_titles(section) if name not in used]
    return " ".join([*missing, *kept])
