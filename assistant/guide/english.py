"""English grammar for what the program writes: articles, lists, numbers in words, agreement. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NUMBERS = tuple(
    re.split(
        " ",
        "no one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty",
    )
)
_VOWEL_SOUND = re.compile(r"(?!(?:eu|u(?:ni|se|ti|v\b)|one))[aeiou]|hour|honest", re.IGNORECASE)
_SPELT_VOWEL = re.compile(r"[AEFHILMNORSX](?:-|\b)|[AEFHILMNORSX][A-Z0-9]")
_AGREEMENT = re.compile(r"\[([^\[\]|]*)\|([^\[\]|]*)\]")


def article(phrase: str) -> str:
    """`phrase` with a or an before it, by the sound of its first word: "an a-line dress", "a unisex coat"."""
    return f"{'an' if _VOWEL_SOUND.match(phrase) or _SPELT_VOWEL.match(phrase) else 'a'} {phrase}"


def listed(parts: Sequence[str], word: str = "and") -> str:
    """ "a", "a and b", "a, b and c"; empty for no parts."""
    return f" {word} ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def run(labels: Sequence[str]) -> str:
    """Labels as a list, four or more whole numbers in a row as their ends: "36 to 46", "S, M and L"."""
    numbers = [int(label) for label in labels if label.isdecimal()]
    if len(numbers) == len(labels) > 3 and numbers == list(range(numbers[0], numbers[0] + len(numbers))):
        return f"{numbers[0]} to {numbers[-1]}"
    return listed(labels)


def number(count: int) -> str:
    """Zero to twenty in words ("no" for none), digits beyond."""
    return _NUMBERS[count] if 0 <= count < len(_NUMBERS) else f"{count:,}"


def counted(count: int, singular: str, plural: str) -> str:
    """ "one review", "23 reviews"."""
    return f"{number(count)} {singular if count == 1 else plural}"


def agree(text: str, several: bool) -> str:
    """Picks in every "[one|several]" the form that fits: "[it is|they are]"."""
    return _AGREEMENT.sub(lambda match: match.group(2 if several else 1), text)


def capitalised(text: str) -> str:
    """`text` with its first letter large; what comes before it (quotes, braces) stays."""
    return re.sub(r"^([\"“(]*)([a-z])", lambda match: match.group(1) + match.group(2).upper(), text, count=1)


def lowered(text: str) -> str:
    """`text` with its first letter small, for use after a comma; "I" stays."""
    return text if re.match(r"I\b|[A-Z]{2}", text) else text[:1].lower() + text[1:]
