"""What a language model says that a message says: the same typed result as the parser's, in one call with a schema. Its values are held
against the vocabulary and its words against the message, so that it can add nothing that was not said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

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
from catalog_data.schema import Slot
from catalog_data.vocabulary import Vocabulary, normalise
from prompts import Prompt

Amount = Annotated[float, Field(ge=0, lt=10**9)]


class SaidSlot(BaseModel):
    """One slot as the model writes it. `min`, `max`: whole currency units. `words`: copied from the message."""

    model_config = ConfigDict(extra="ignore")

    slot: Slot
    value: str = ""
    min: Amount | None = None
    max: Amount | None = None
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
    slots: list[SaidSlot] = Field(default=[], max_length=12)


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
        asked = [Message(role="user", content=self._prompt.fill(message=" ".join(message.split())))]
        said, usage = self._model.structured(asked, Said, stop_at=stop_at)
        scope = _scope(said, message, context)
        understanding = Understanding(
            text=message,
            acts=tuple(Act(kind=kind) for kind in dict.fromkeys(said.acts)),
            slots=tuple(self._mentions(said, message, scope)),
            scope=scope,
            writer=self._model.name,
        )
        return understanding, usage

    def _mentions(self, said: Said, message: str, scope: str) -> Iterator[SlotMention]:
        """The slots whose words the message holds, and whose value the shop knows."""
        for slot in said.slots:
            words = slot.words.strip()
            spoken = re.search(re.escape(words), message, re.IGNORECASE) if words else None
            value = self._value(slot)
            if slot.slot == "price" and spoken is not None and not _said_amounts(slot, spoken.group()):
                continue
            if slot.slot == "brand" and spoken is not None and not _says_brand(value, spoken.group()):
                continue
            if spoken is None or value is None or (value == "" and slot.operation != "retract"):
                continue
            yield SlotMention(
                slot=slot.slot,
                value=value,
                polarity=slot.polarity,
                strength=slot.strength,
                scope=scope,
                operation=slot.operation,
                evidence=spoken.group(),
                currency=_currency(slot),
                size_system="alpha" if slot.slot == "size" and slot.value.isalpha() else None,
            )

    def _value(self, said: SaidSlot) -> Value | None:
        """The canonical value; "" for all values of a slot; None where the shop has none such."""
        if said.operation == "retract" and not said.value and said.min is None and said.max is None:
            return ""
        match said.slot:
            case "price":
                return self._price(said)
            case "rating":
                stars = said.min if said.min is not None else _number(said.value)
                return RatingRange(stars=stars) if stars is not None and 1 <= stars <= 5 else None
            case "brand":
                return self._brands.get(normalise(said.value))
            case "size":
                return said.value.strip().upper()[:12] or None
            case slot:
                return next((term.value for term in self._vocabulary.lookup(said.value, slot)), None) if said.value else None

    def _price(self, said: SaidSlot) -> PriceRange | None:
        bounds = {name: amount for name, amount in (("min", said.min), ("max", said.max)) if amount is not None}
        if not bounds or (len(bounds) == 2 and bounds["min"] > bounds["max"]):
            return None
        return PriceRange.model_validate({name: to_minor(str(amount), self._currency) for name, amount in bounds.items()})


def _scope(said: Said, message: str, context: ParseContext) -> str:
    """The person, where the message names her in that word; else the one who was spoken of."""
    scope = normalise(said.scope)
    return scope if scope and scope in normalise(message).split() else context.state.scope


def _says_brand(value: Value | None, words: str) -> bool:
    """True where the words have a word of the brand's name: no model puts a maker into the shopper's mouth."""
    return not isinstance(value, str) or bool(set(normalise(value).split()) & set(normalise(words).split())) or value == ""


_NUMBER_WORDS = re.compile(
    r"\b(?:hundred|thousand|grand|dozen|ten|twelve|fifteen|twenty|thirty|fou?rty|fifty|sixty|seventy|eighty|ninety|one|two|three|four|five|six|"
    r"seven|eight|nine)\b"
)


def _said_amounts(said: SaidSlot, words: str) -> bool:
    """True where the words hold the amounts, in figures or in words ("a hundred"): no model gives the shopper a budget."""
    figures = {float(figure.replace(",", ".")) for figure in re.findall(r"\d+(?:[.,]\d+)?", words)}
    if not figures:
        return (said.min is None and said.max is None) or _NUMBER_WORDS.search(words.casefold()) is not None
    return figures.issuperset(amount for amount in (said.min, said.max) if amount is not None)


def _currency(said: SaidSlot) -> str | None:
    code = (said.currency or "").strip().upper()
    return code if said.slot == "price" and re.fullmatch(r"[A-Z]{3}", code) else None


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\d(?:\.\d+)?", text.strip()) else None
