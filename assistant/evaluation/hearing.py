"""What a simulated shopper understands of an answer: what it asks, and whether it says that nothing fits. Words alone, as on the page."""

from __future__ import annotations

import re

from assistant.evaluation.shopper_words import Words
from assistant.schema import TurnRecord
from catalog_data.vocabulary import fold


def question_of(record: TurnRecord) -> str | None:
    """The question of the turn: the one it says it asks, else the reply's last sentence where that is one."""
    if record.question:
        return record.question
    last = re.split(r"(?<=[.!?])\s+", record.reply.strip())[-1]
    return last if last.endswith("?") else None


def slot_asked(words: Words, question: str | None) -> str | None:
    """The slot that a question is about, None where a shopper would not know."""
    text = fold(question or "")
    return next((slot for slot, signs in words.hears.items() if any(sign in text for sign in signs)), None)


def says_nothing(words: Words, record: TurnRecord) -> bool:
    """True when the answer tells that nothing in the shop fits: it offers to loosen a wish, or says so."""
    text = fold(record.reply)
    return bool(record.relaxations) or any(sign in text for sign in words.nothing)
