"""Sizes in their systems: "size M", "I'm a medium", "EU 38", "UK 10", "size 42 shoes", "W32", "32/34", "age 6", "116 cm"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from assistant.schema import Strength
from assistant.understanding.numbers import read_digits
from assistant.understanding.tokens import SENTENCE_ENDS, Cover, Span, Utterance
from assistant.understanding.words import Words, any_of
from catalog_data.schema import SizeSystem

Whose = Literal["mine", "theirs", "nobody"]

_NUMBER = r"\d{1,3}(?:[.,]5)?"
_BEHIND = ", . ! ? : ; ( ) and or please for in with but size one then thanks if under is fits fit preferably ideally maybe not without though usually normally"
"""What may stand behind a size that is a word; before anything else "large" is only large."""
_UNITS = r"(?:year|yr|yo|%|st|nd|rd|th|€|\$|£|eur|dollar|pound|cm|month|day|week|hour|of)\S*"
_BEFORE_WORD = ", . : ; - ! a an in of the ok no rather meant mean actually instead its to from less more euro euros eur € or"
_AFTER_WORD = (
    ", . ! ? after please pls and instead rather then is not usually normally mostly thanks from for under below max with without at up about"
    " though to"
)
"""What may stand before and behind a size in words that has no cue ("large instead of S", "extra small is my size")."""
_LASTED = frozenset(("for", "last", "past", "in", "within", "after", "about", "over"))
"""Before years that are no age ("the one I had for ten years")."""
_SHORT_ANSWER = 4
"""Words of a message that says nothing but a size."""
_LETTER_BEFORE = frozenset((",", ".", "a", "an", "in", "size", "then", "now", "second"))
_JOINING = ("if", "and", "for", "under", "with", "in", "not", "or", "but")
_LETTER_AFTER = frozenset(
    (*",.!?", "please", "pls", "usually", "normally", "though", "then", "instead", "now", "thanks", *_JOINING)
)
"""What stands around a small letter that is a size ("s usually", "it does not come in m")."""
_ROUND_NUMBERS = frozenset(("30", "35", "40", "45", "50"))
CHILDREN = ("boys", "girls", "kids", "baby")


class SizeFound(NamedTuple):
    """A size, its system, the words that say it, and whose it is said to be. `named`: the system is said with it ("EU 36")."""

    span: Span
    label: str
    system: SizeSystem
    strength: Strength = "hard"
    whose: Whose = "nobody"
    named: bool = False


class Wear(NamedTuple):
    """What the sizes of a message are about: the size systems of the types named (or sought before); `named`: under the token at which a
    type of clothing or shoe begins, the token behind it and its own systems; the audience; and whether the size was asked for."""

    systems: frozenset[SizeSystem]
    named: Mapping[int, tuple[int, frozenset[SizeSystem]]]
    audience: str | None = None
    asked: bool = False

    def begins_clothing(self, *tokens: int) -> bool:
        """True when a type of clothing, sized by more than shoe sizes, begins at one of these tokens."""
        return any(self.named[token][1] - {"eu_shoe"} for token in tokens if token in self.named)


class SizeReader:
    """Finds sizes."""

    def __init__(self, words: Words) -> None:
        self._words = words.sizes
        spelt = sorted(self._words.words, key=len, reverse=True)
        letters = "|".join([*self._words.numbered, *sorted(self._words.letters, key=len, reverse=True)])
        cue = f"(?P<cue>{'|'.join(self._words.cues)})"
        self._labels = {**self._words.letters, **self._words.numbered, **self._words.words}
        label = f"(?P<label>{'|'.join(spelt)}|{letters})"
        other = f"(?: ?(?:or|/|to|-|and) (?P<other>{'|'.join(spelt)}|{letters}))?"
        self._alpha = _whole(rf"{cue} {label}{other}")
        self._bare = any_of([*self._words.numbered, *self._labels])
        country = "(?P<system>eu|uk|us|it|fr)"
        half = "(?P<half> 1 / 2)?"
        self._national = _whole(rf"(?:{cue} )?{country} (?:size )?(?P<n>{_NUMBER}){half}")
        self._numbered = _whole(rf"{cue} (?:about |around )?(?P<n>{_NUMBER}){half}(?: {country})?(?! (?:{_UNITS}))")
        inches = "|".join(
            (
                r"w (?P<a>\d\d)(?:(?: / ?| x | )(?:l )?\d\d)?",
                r"(?P<b>\d\d) (?:/|x) (?:l )?\d\d",
                r"waist (?:size )?(?:of |is )?(?P<c>\d\d)",
                r"(?P<d>\d\d)(?: inch| in)? waist",
                r"(?P<e>\d\d) w",
            )
        )
        self._waist = _whole(f"(?:{inches})")
        self._height = _whole(r"(?:(?:height|size) )?(?P<n>\d{2,3}) cm(?! (?:long|wide|heels?))")
        told = r"(?:aged?|ages) (?:of )?(?P<a>\d{1,2})(?: (?:-|to|/) \d{1,2})?(?: (?:years?|yrs?))?"
        grown = r"(?P<b>\d{1,2}|[a-z]+)(?: - \d{1,2})? (?:years?|yrs?|y / o|yo)(?: old)?"
        is_now = r"(?:is|turns|turning|turned|hes|shes) (?P<c>\d{1,2})(?: now)?"
        self._age = _whole(f"(?:{told}|{grown}|{is_now})")
        self._ages = {word: value for word, value in words.numbers.items() if 1 <= value <= 14}
        self._one = any_of(["one size(?: fits all)?", "onesize"])
        self._mine = re.compile(f"(?<!\\S)(?:{'|'.join(self._words.mine)})(?!\\S)")
        self._theirs = re.compile(f"(?<!\\S)(?:{'|'.join(self._words.theirs)})(?!\\S)")

    def find(self, utterance: Utterance, wear: Wear, taken: Sequence[Span]) -> tuple[SizeFound, ...]:
        """All sizes of the message outside `taken`, in order."""
        found: list[SizeFound] = []
        closed, spans = Cover(taken), set[Span]()
        for size in self._candidates(utterance, wear):
            if size.span in spans or closed.frees(size.span):
                found.append(size)
                spans.add(size.span)
                closed.add(size.span)
        return tuple(dict.fromkeys(sorted(found, key=lambda each: (each.span, each.label))))

    def _candidates(self, utterance: Utterance, wear: Wear) -> Iterator[SizeFound]:
        yield from self._by_pattern(utterance, wear)
        for span, match in utterance.plain.find(self._alpha):
            if self._written_as_size(utterance, span, match.group("label"), match.group("cue")) and self._ends(
                utterance, span, match, wear
            ):
                for label in filter(None, (match.group("label"), match.group("other"))):
                    yield SizeFound(span, self._labels[label], "alpha", whose=self._whose(utterance, span))
        for span, match in utterance.plain.find(self._national):
            yield from self._in_system(span, match.group("system"), match.group("n"), wear, self._whose(utterance, span))
        for span, match in utterance.plain.find(self._numbered):
            yield from self._cued_number(utterance, span, match, wear)
        for span, match in utterance.plain.find(self._bare):
            answers = wear.asked and len(utterance.tokens) <= 2
            if answers or self._stands_as_size(utterance, span, match.group(), wear):
                yield SizeFound(span, self._labels[match.group()], "alpha", whose=self._whose(utterance, span))
        if "eu_shoe" in wear.systems:
            yield from self._bare_shoe(utterance, wear)

    def _ends(self, utterance: Utterance, span: Span, match: re.Match[str], wear: Wear) -> bool:
        """True unless a size in words only describes what comes next ("I need a large bag")."""
        if match.group("label") not in self._words.words or span.last >= len(utterance.tokens):
            return True
        return utterance.tokens[span.last].norm in _BEHIND.split() or wear.begins_clothing(span.last, span.last + 1)

    def _by_pattern(self, utterance: Utterance, wear: Wear) -> Iterator[SizeFound]:
        view = utterance.plain
        for span, match in view.find(self._waist):
            number = int(next(filter(None, match.groups())))
            if self._fits("waist", number):
                yield SizeFound(span, str(number), "waist", whose=self._whose(utterance, span))
        for span, match in view.find(self._height):
            number = int(match.group("n"))
            child = wear.audience in CHILDREN or number <= 152 or len(utterance.tokens) <= _SHORT_ANSWER
            if self._fits("height", number) and child:
                yield SizeFound(span, str(number), "height")
        for span, match in view.find(self._age):
            age = self._age_of(match)
            told = match.group("a") or re.search(r" (?:old|yo|y / o)$", match.group()) or wear.audience in CHILDREN
            lasted = span.first > 0 and utterance.tokens[span.first - 1].norm in _LASTED
            if age is not None and told and not lasted:
                yield SizeFound(span, str(self._words.heights[age]), "height", "hard" if match.group("a") else "soft")
        for span, _ in view.find(self._one):
            yield SizeFound(span, "One size", "one")

    def _age_of(self, match: re.Match[str]) -> int | None:
        written = match.group("a") or match.group("b") or match.group("c")
        age = int(written) if written.isdecimal() else self._ages.get(written)
        return age if age in self._words.heights else None

    def _cued_number(self, utterance: Utterance, span: Span, match: re.Match[str], wear: Wear) -> Iterator[SizeFound]:
        cue, system = match.group("cue"), match.group("system")
        whose = self._whose(utterance, span)
        span, wear = self._with_type(utterance, span, wear)
        if re.fullmatch(r"(?:im|i am|shes|she is|hes|he is|theyre|they are)(?: now)?", cue):
            return  # an age
        worn = re.search(r"wear|take|fit| an?$", cue) is not None
        if system:
            yield from self._in_system(span, system, match.group("n"), wear, whose)
            return
        number = read_digits(match.group("n")) or Decimal(0)
        if match.group("half"):
            number += Decimal("0.5")
        said_size = "siz" in cue or "sz" in cue
        if said_size or worn or wear.systems:
            for guess in self._guesses(number, wear, said_size):
                yield SizeFound(span, _plain(number), guess, whose=whose)

    def _guesses(self, number: Decimal, wear: Wear, said_size: bool) -> tuple[SizeSystem, ...]:
        """The systems that a bare number may be of. Where things sold in EU sizes and in inches are sought, an even number is either: the
        EU size of a woman, the inches of a man, and while nobody knows for whom it is, each item is judged by its own label."""
        guess = self._guess(number, wear, said_size)
        even = {"eu", "waist"} <= wear.systems and number % 2 == 0 and self._fits("eu", number) and guess == "waist"
        if not even or wear.audience == "men":
            return (guess,) if guess is not None else ()
        return ("eu",) if wear.audience == "women" else ("eu", "waist")

    def _guess(self, number: Decimal, wear: Wear, said_size: bool) -> SizeSystem | None:
        """The system of a bare number: that of the types in question where the number fits it, else EU clothes for even numbers from 30 on."""
        whole = number == int(number)
        if "eu_shoe" in wear.systems and self._fits("eu_shoe", number):
            return "eu_shoe"
        if "height" in wear.systems and self._fits("height", number) and number >= 62:
            return "height"
        if "waist" in wear.systems and whole and self._fits("waist", number) and number <= 44:
            return "waist"
        if whole and self._fits("eu", number) and (number % 2 == 0 or said_size) and not wear.systems & {"eu_shoe"}:
            return "eu"
        if said_size and not whole and self._fits("eu_shoe", number):
            return "eu_shoe"
        clothes = bool(wear.systems & {"alpha", "eu", "waist"})
        return "height" if (said_size or clothes) and whole and 62 <= number <= 176 else None

    def _in_system(self, span: Span, system: str, written: str, wear: Wear, whose: Whose) -> Iterator[SizeFound]:
        """A size with its country, in EU numbers. Nothing where no chart converts it."""
        number = read_digits(written) or Decimal(0)
        shoes = "eu_shoe" in wear.systems
        if system == "eu":
            guess = self._guess(number, wear, said_size=True)
            if guess == "waist" and "eu" in wear.systems and self._fits("eu", number):
                guess = "eu"
            if guess is not None:
                yield SizeFound(span, _plain(number), guess, whose=whose, named=True)
            return
        men = wear.audience in ("men", "boys")
        chart = self._words.national["shoes_men" if shoes and men else "shoes_women" if shoes else "men" if men else "women"]
        if system not in chart:
            return
        number += chart[system]
        target: SizeSystem = "eu_shoe" if shoes else "eu"
        if self._fits(target, number):
            yield SizeFound(span, _plain(number), target, whose=whose)

    def _bare_shoe(self, utterance: Utterance, wear: Wear) -> Iterator[SizeFound]:
        """A number of the right size beside shoes: "red sneakers, 42", "42 boots"."""
        for at, token in enumerate(utterance.tokens):
            number = read_digits(token.norm) if token.is_number else None
            last = at + 1 == len(utterance.tokens) and token.norm not in _ROUND_NUMBERS
            if number is not None and (28 if last else 34) <= number <= 50 and (number * 2) % 1 == 0:
                span, own = self._with_type(utterance, Span(at, at + 1), wear)
                if "eu_shoe" in own.systems:
                    yield SizeFound(span, _plain(number), "eu_shoe")

    def _with_type(self, utterance: Utterance, span: Span, wear: Wear) -> tuple[Span, Wear]:
        """A number joined to the type that it is for ("38 in shoes"): both together, and what that type is sized by. Such a type is no wish."""
        joined = span.last < len(utterance.tokens) and utterance.tokens[span.last].norm in ("in", "for")
        if not joined or span.last + 1 not in wear.named:
            return span, wear
        last, systems = wear.named[span.last + 1]
        return Span(span.first, last), wear._replace(systems=systems)

    def _stands_as_size(self, utterance: Utterance, span: Span, label: str, wear: Wear) -> bool:
        """True for a size without a cue: unmistakable letters ("XL"), a capital letter, or a word before clothing or apart from the rest."""
        if label not in self._words.words:
            return self._written_as_size(utterance, span, label, cued=None)
        tokens = utterance.tokens
        if wear.begins_clothing(span.last, span.last + 1):
            return True
        if (
            span.last == len(tokens) - (tokens[-1].norm in SENTENCE_ENDS)
            and wear.named
            and wear.systems & {"alpha", "eu", "waist"}
        ):
            return True
        behind_type = span.first in {last for last, systems in wear.named.values() if systems - {"eu_shoe", "one"}}
        before = tokens[span.first - 1].norm if span.first else ","
        after = tokens[span.last].norm if span.last < len(tokens) else ","
        return (behind_type or before in _BEFORE_WORD.split()) and after in _AFTER_WORD.split() and len(tokens) > 1

    def _written_as_size(self, utterance: Utterance, span: Span, label: str, cued: str | None) -> bool:
        """True unless a single letter is no size: it must be a capital, or follow the word "size"."""
        if len(label) > 1:
            return label != "med" or cued is not None
        tokens = utterance.tokens
        first = tokens[span.last - 1]
        written = utterance.text[first.start : first.end]
        around = {utterance.tokens[at].norm for at in (span.first - 1, span.last) if 0 <= at < len(utterance.tokens)}
        small = written.islower() and not (_says_size(cued) or self._is_contrasted(utterance, span))
        if "&" in around or (small and not _stands_alone(utterance, span.last - 1)):
            return False
        listed = (
            span.first > 1 and tokens[span.first - 1].norm == "/" and tokens[span.first - 2].norm in self._words.letters
        )  # "S/M"
        return cued is not None or listed or not utterance.glued(span.first)

    def _is_contrasted(self, utterance: Utterance, span: Span) -> bool:
        """True for the second of two sizes that are set against each other: "large instead of s", "m rather than s"."""
        before = utterance.norms(Span(max(0, span.first - 4), span.first))
        if before[-2:] not in (("instead", "of"), ("rather", "than"), ("and", "not")) and before[-1:] != ("not",):
            return False
        return any(norm in self._labels for norm in before[:-1])

    def _whose(self, utterance: Utterance, span: Span) -> Whose:
        """Whose size it is by the words right before or in the cue: "I'm an M", "he wears L"."""
        view = utterance.plain
        start = view.start_of(span.first)
        text = view.flat[max(0, start - 30) : start] + " ".join(utterance.norms(span))
        clause = re.split(r" (?:[,.;:!?]|and|but) ", text)[-1]
        if self._theirs.search(clause):
            return "theirs"
        return "mine" if self._mine.search(clause) else "nobody"

    def _fits(self, system: str, number: Decimal | int) -> bool:
        low, high = self._words.ranges[system]
        return low <= number <= high


def _stands_alone(utterance: Utterance, at: int) -> bool:
    """True for a letter between words that lead to a size and the end of what is said."""
    tokens = utterance.tokens
    before = tokens[at - 1].norm if at else ","
    after = tokens[at + 1].norm if at + 1 < len(tokens) else "."
    if at + 1 == len(tokens) and len(tokens) > 2 and not utterance.glued(at):
        return True
    return before in _LETTER_BEFORE and after in _LETTER_AFTER and not utterance.glued(at) and len(tokens) > 1


def _says_size(cue: str | None) -> bool:
    return cue is not None and ("siz" in cue or cue.startswith("sz"))


def _whole(pattern: str) -> re.Pattern[str]:
    """`pattern` as whole words."""
    return re.compile(rf"(?<!\S){pattern}(?!\S)")


def _plain(number: Decimal) -> str:
    return str(int(number)) if number == int(number) else str(number.normalize())
