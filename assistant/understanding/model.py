"""What a language model says that a message says: the same typed result as the parser's, in one call with a schema. Its values are held
against the vocabulary and its words against the message, so that it can add nothing that was not said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant.protocols import ChatModel, Message
from assistant.schema import (
    ME,
    Act,
    ActKind,
    ParseContext,
    Polarity,
    PriceRange,
    RatingRange,
    SlotMention,
    Strength,
    Understanding,
    Usage,
    Value,
)
from catalog_data.money import to_minor
from catalog_data.schema import VALUE_SLOTS, Slot
from catalog_data.vocabulary import Vocabulary, normalise
from prompts import Prompt


class SaidSlot(BaseModel):
    """One slot as the model writes it. `min`, `max`: whole currency units."""

    model_config = ConfigDict(extra="ignore")

    slot: Slot
    value: str = ""
    min: float | None = Field(default=None, ge=0, lt=10**9)
    max: float | None = Field(default=None, ge=0, lt=10**9)
    currency: str | None = None
    polarity: Polarity = "like"
    strength: Strength = "hard"
    operation: Literal["add", "replace", "retract"] = "add"
    words: str = ""


class Said(BaseModel):
    """The model's whole answer."""

    model_config = ConfigDict(extra="ignore")

    acts: list[ActKind] = Field(min_length=1, max_length=6)
    scope: str = Field(default=ME, max_length=30)
    slots: list[SaidSlot] = Field(default=[], max_length=20)


class ModelReader:
    """Asks a model. Raises what `ChatModel.structured` raises."""

    def __init__(self, model: ChatModel, prompt: Prompt, vocabulary: Vocabulary, brands: Sequence[str], currency: str) -> None:
        self._model = model
        self._prompt = prompt
        self._vocabulary = vocabulary
        self._brands = {normalise(brand): brand for brand in brands}
        self._currency = currency

    def read(self, message: str, context: ParseContext, *, stop_at: float) -> tuple[Understanding, Usage]:
        """What `message` says, by the model's account."""
        asked = [Message(role="user", content=self._prompt.fill(message=message.replace("\n", " ")))]
        said, usage = self._model.structured(asked, Said, stop_at=stop_at)
        scope = normalise(said.scope) or ME
        understanding = Understanding(
            text=message,
            acts=tuple(Act(kind=kind) for kind in dict.fromkeys(said.acts)),
            slots=tuple(self._mentions(said, message, scope)),
            scope=scope,
            writer=self._model.name,
        )
        return understanding, usage

    def _mentions(self, said: Said, message: str, scope: str) -> Iterator[SlotMention]:
        for slot in said.slots:
            start = message.casefold().find(slot.words.strip().casefold()) if slot.words.strip() else -1
            value = self._value(slot)
            if start < 0 or value is None or (value == "" and slot.operation != "retract"):
                continue
            yield SlotMention(
                slot=slot.slot,
                value=value,
                polarity=slot.polarity,
                strength=slot.strength,
                scope=scope,
                operation=slot.operation,
                evidence=message[start : start + len(slot.words.strip())],
                currency=slot.currency if slot.slot == "price" and slot.currency and len(slot.currency) == 3 else None,
                size_system="alpha" if slot.slot == "size" and slot.value.isalpha() else None,
            )

    def _value(self, said: SaidSlot) -> Value | None:
        """The canonical value; None where it has none."""
        if said.slot == "price":
            if said.min is None and said.max is None:
                return "" if said.operation == "retract" else None
            units = {
                name: to_minor(str(each), self._currency)
                for name, each in (("min", said.min), ("max", said.max))
                if each is not None
            }
            return PriceRange.model_validate(units)
        if said.slot == "rating":
            stars = said.min if said.min is not None else said.value
            return (
                RatingRange(stars=float(stars)) if str(stars).replace(".", "", 1).isdigit() and 1 <= float(stars) <= 5 else None
            )
        if said.slot == "brand":
            return self._brands.get(normalise(said.value))
        if said.slot in VALUE_SLOTS and said.value:
            return next((term.value for term in self._vocabulary.lookup(said.value, said.slot)), None)
        return said.value.strip().upper() if said.slot == "size" else ""
