"""One turn as the composer sees it: what was said, what is known, what was found, and how things are called in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from assistant.guide.closed_facts import ClosedFacts
from assistant.guide.misfits import Misfits
from assistant.guide.phrases import Picker, Voice, worded
from assistant.guide.references import names, plain
from assistant.guide.wording import Speaker
from assistant.schema import (
    ME,
    DialogueState,
    ItemFacts,
    Language,
    Preference,
    Profile,
    ProfileChange,
    Results,
    SectionBrief,
    SectionKind,
    Understanding,
)
from catalog_data.money import format_minor
from catalog_data.schema import Catalog, Product
from catalog_data.vocabulary import Vocabulary

WHOSE: Mapping[str, str] = MappingProxyType({"her": "her", "him": "his", "them": "their"})
"""Of a recipient who is only a pronoun, whose something is."""


@dataclass(frozen=True)
class Turn:
    """Everything that the composer may read.

    `prices`: what one piece of an item costs as the page shows it, in minor units; like `labels`, by product id.
    `facts`: by label. `stated`: all that the shop says of an item, by product id."""

    message: str
    understanding: Understanding
    change: ProfileChange
    profile: Profile
    results: Results
    state: DialogueState
    catalog: Catalog
    vocabulary: Vocabulary
    voice: Voice
    speaker: Speaker
    picker: Picker
    misfits: Misfits
    prices: Mapping[str, int]
    facts: Mapping[str, ItemFacts]
    labels: Mapping[str, str]
    stated: Mapping[str, ClosedFacts]

    @property
    def language(self) -> Language:
        """The language of the reply."""
        return self.understanding.language

    @property
    def scope(self) -> str:
        """For whom the turn is."""
        return self.results.scope

    @property
    def wishes(self) -> tuple[Preference, ...]:
        """What is wished for, or not, for that person, as far as it was said: this alone is spoken of as the shopper's words."""
        return tuple(wish for wish in self.profile.in_scope(self.scope) if wish.source == "stated")

    @property
    def guesses(self) -> tuple[Preference, ...]:
        """What is held of that person though nobody said it: from purchases, or from what was looked at."""
        return tuple(wish for wish in self.profile.in_scope(self.scope) if wish.source != "stated")

    def money(self, amount_minor: int) -> str:
        """An amount in the catalog's currency, as a price tag."""
        return format_minor(amount_minor, self.catalog.manifest.currency, self.language)

    def limit(self, amount_minor: int) -> str:
        """An amount that somebody named, as she would say it: "€80", but "€79.50"."""
        return self.money(amount_minor).removesuffix(".00")

    def several(self, product: Product) -> bool:
        """True for an item that is spoken of in the plural."""
        return self.speaker.several(product.product_type)

    def name(self, product: Product) -> str:
        """The reference to an item's title where it has a label, else its title."""
        label = self.labels.get(product.product_id)
        return f"{{{label}.title}}" if label is not None else plain(product.title)

    def title(self, product_id: str) -> str:
        """An item's title as plain text, for use inside a reference's value."""
        product = self.catalog.by_id.get(product_id)
        return plain(product.title) if product is not None else ""

    @property
    def whom(self) -> str:
        """ "for your sister", "for her"; empty where the shopper asks for herself."""
        if self.scope == ME:
            return ""
        return f"for {self.scope}" if self.scope in WHOSE else f"for your {plain(self.scope, 40)}"

    @property
    def whose(self) -> str:
        """ "your sister's", "her"; "your" where the shopper asks for herself."""
        return WHOSE.get(self.scope) or (f"your {plain(self.scope, 40)}'s" if self.whom else "your")


@dataclass
class Draft:
    """A section in the making: sentences, and the references that they need."""

    kind: SectionKind
    section_id: str
    labels: tuple[str, ...] = ()
    modelled: bool = False
    sentences: list[str] = field(default_factory=list)
    references: dict[str, str] = field(default_factory=dict)

    def say(
        self,
        turn: Turn,
        pools: str | tuple[str, ...],
        fragments: Mapping[str, str] | None = None,
        references: Mapping[str, str] | None = None,
        flags: tuple[str, ...] = (),
        label: str | None = None,
        several: bool = False,
    ) -> bool:
        """Adds a sentence of one of the pools; empty values count as absent. False where no pattern of theirs could be filled."""
        words = {name: text for name, text in (fragments or {}).items() if text}
        values = {name: text for name, text in (references or {}).items() if text}
        pattern = turn.picker.pick(pools, words.keys() | values.keys(), flags)
        if pattern is None:
            return False
        sentence = worded(pattern, words, values, label, several)
        self.sentences.append(sentence)
        prefix = f"{label}." if label is not None else ""
        used = frozenset(names(sentence))
        filled = ((name if "." in name else f"{prefix}{name}", text) for name, text in values.items())
        self.references |= {name: text for name, text in filled if name in used}
        return True

    def section(self) -> SectionBrief:
        """The finished section."""
        return SectionBrief(
            section_id=self.section_id,
            kind=self.kind,
            labels=self.labels,
            composed=" ".join(self.sentences),
            modelled=self.modelled,
        )
