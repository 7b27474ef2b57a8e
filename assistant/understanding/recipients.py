"""Whom each part of a message is about: the shopper ("me") or a recipient ("sister"), and the audience that implies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from assistant.schema import ME, ParseContext
from assistant.understanding.tokens import Span, Utterance
from assistant.understanding.words import Words, any_of

_GROWN_FROM = 15
"""Years from which a daughter is no longer dressed as a girl."""
_CALLED = frozenset({"wife", "missus", "missis", "mrs", "hubby", "husband", "boyfriend", "girlfriend"})
"""Whom some call "the wife"."""
_TOLD_ENDS = frozenset((",", ".", "!", "?", ";", "and", "so", "but"))
_OURS = frozenset({"my", "our"})
_IT = frozenset({"it", "its", "thats", "this", "theyre"})
_CUTS = frozenset({"and", "plus", "also", "but", "then", ";"})


class Person(NamedTuple):
    """Words that name a person. `span`: the word itself; `cue`: with what leads to it ("for my sister"); `gender`: the audience implied."""

    span: Span
    cue: Span
    scope: str
    gender: str | None


class Part(NamedTuple):
    """The tokens of a message that are about one person."""

    span: Span
    scope: str


class Scopes(NamedTuple):
    """All persons named, and whom each token is about. `main`: whom the message as a whole is about."""

    persons: tuple[Person, ...]
    parts: tuple[Part, ...]
    main: str

    def at(self, token: int) -> str:
        """Whom this token is about."""
        return next((part.scope for part in self.parts if part.span.first <= token < part.span.last), self.main)


class RecipientReader:
    """Finds the persons of a message and divides it among them."""

    def __init__(self, words: Words) -> None:
        self._words = words
        singular = {word: (scope, entry) for scope, entry in words.recipients.items() for word in entry.words}
        self._by_word = {f"{word}s": meant for word, meant in singular.items()} | singular  # "my dad's birthday"
        people = "|".join(sorted(self._by_word, key=len, reverse=True))
        pronouns = "|".join(word for word in words.pronouns if word in ("her", "him", "them"))
        stop = f"(?! (?:{'|'.join(words.not_before)})(?!\\S))"
        aged = r"(?:(?P<age>\d{1,2}|\w+)(?: months?| years?| yrs?) olds? |(?P<trait>\w+(?: \w+)?) )??"
        to = f"(?:{'|'.join(words.to)})"
        named = rf"(?:{to} ){{1,2}}{aged}(?P<who>{people}){stop}"
        speaks = rf"(?P<who2>{people}){stop}(?: (?:{'|'.join(words.verbs)})|(?: (?:{'|'.join(words.follows)}))?(?= [.,:!?]|$))"
        self._named = re.compile(rf"(?<!\S)(?:{named}|{speaks})(?!\S)")
        self._lead = re.compile(rf"(?<!\S)(?:{'|'.join(words.leads)})$")
        self._follow = re.compile(rf" (?:{'|'.join(words.follows)})$")
        self._tells = re.compile(rf"(?:\w+ )?(?:{'|'.join(words.tells)})(?!\S)")
        self._i_seek = any_of(words.i_seek)
        self._their_taste = re.compile(rf"(?<!\S)(?:my|our) (?:{people})(?: \w+)? (?:{'|'.join(words.tastes)})(?!\S)")
        self._told_of = re.compile(rf"(?<!\S)(?:{'|'.join(words.told_of)})$")
        self._of_shown = re.compile(rf"(?<!\S)(?:{'|'.join(words.of_shown)}) (?:{'|'.join(words.not_for)})$")
        self._not_for = re.compile(rf"(?<!\S)(?:{'|'.join(words.not_for)})$")
        her = rf"(?P<who>{pronouns})(?! (?:{'|'.join(words.pronoun_not)})(?!\S))"
        subject = rf"(?:{'|'.join(words.subjects)})"
        idle = rf"(?! (?:{'|'.join(words.idle_being)})(?!\S))"
        acts = rf"(?P<subject>{subject}) (?:{'|'.join(words.does)}){idle}|(?P<being>shes|hes){idle}"
        self._pronoun = re.compile(
            rf"(?<!\S)(?:(?:for|to|gift for|buy|get|give|find|show|suits?|on(?! them)) {her}|{acts})(?!\S)"
        )
        mine = rf"(?:{'|'.join(words.me)})(?! (?:{'|'.join(words.me_not)})(?!\S))"
        self._me = re.compile(rf"(?<!\S)(?:(?:for|treat|suits?) {mine}|back to (?:me|mine|my own)|^mine)(?!\S)")
        self._gift = any_of(words.gifts)

    def persons(self, utterance: Utterance, context: ParseContext) -> tuple[Person, ...]:
        """The persons whom the message is about, in its order."""
        view = utterance.plain
        named = (self._named_person(utterance, cue, match, context) for cue, match in view.find(self._named))
        found = [person for person in named if person is not None]
        for cue, _ in view.find(self._me):
            if not self._not_for.search(_before(utterance, cue)):
                found.append(Person(Span(cue.last - 1, cue.last), cue, ME, None))
        for cue, match in view.find(self._pronoun):
            if not any(cue.overlaps(other.cue) for other in found):
                word = next(filter(None, (match.group("who"), match.group("subject"), match.group("being"))))
                at = cue.last - 1 if match.group("who") else cue.first
                found.append(self._pronoun_person(Span(at, at + 1), cue, word, context, found))
        return tuple(_without_repeats(_with_all_before(utterance, sorted(found, key=lambda person: person.span))))

    def _named_person(self, utterance: Utterance, cue: Span, match: re.Match[str], context: ParseContext) -> Person | None:
        """The person whom these words name; None where she is only told of, or refused without having been talked of."""
        by_cue = match.group("who") is not None
        group = "who" if by_cue else "who2"
        span = utterance.plain.span_of(match.start(group), match.end(group))
        cue = cue if by_cue else span
        if self._is_owner(utterance, span) or (not by_cue and not self._speaks_of(utterance, span, match)):
            return None
        scope, entry = self._by_word[match.group(group)]
        before, lead = _before(utterance, cue), set(utterance.norms(cue))
        if by_cue and utterance.norms(cue)[0] in _OURS and (self._told_of.search(before) or self._only_tells(utterance, span)):
            return None
        if entry.owned and not _OURS & lead:
            return None
        if self._not_for.search(before):
            if self._of_shown.search(before):
                return Person(span, cue, scope, entry.gender)
            return Person(span, cue, ME, None) if scope == context.state.scope else None
        grown = self._is_grown(match.group("age"), match.group("trait"))
        return Person(span, cue, scope, entry.grown if grown and entry.grown else entry.gender)

    def told(self, utterance: Utterance) -> tuple[Span, ...]:
        """What is told of the taste of somebody for whom nothing is sought ("my sister always wears blue"): no wish."""
        view = utterance.plain
        if self._i_seek.search(view.flat) is None:
            return ()
        spans = []
        for span, _ in view.find(self._their_taste):
            end = span.last
            while end < len(utterance.tokens) and utterance.tokens[end].norm not in _TOLD_ENDS:
                end += 1
            spans.append(Span(span.first, end))
        return tuple(spans)

    def _only_tells(self, utterance: Utterance, span: Span) -> bool:
        """True for "my sister wears blue, and I am looking for a dress": she is spoken of, and the shopper seeks for herself."""
        view = utterance.plain
        after = view.flat[view.start_of(span.last) :] if span.last < len(utterance.tokens) else ""
        return self._tells.match(after) is not None and self._i_seek.search(view.flat) is not None

    def _speaks_of(self, utterance: Utterance, span: Span, match: re.Match[str]) -> bool:
        """A person without "for my" counts only at the start of a clause: "Sister needs a coat"; alone in it only where the message turns to
        her: "now dad, slippers", "mum first."."""
        before = _before(utterance, span)
        before = before.removesuffix("the").rstrip() if match.group("who2") in _CALLED else before
        before = re.sub(r"(?:^|(?<= ))(?:her|his|their)$", "", before).rstrip()
        starts = not before or before.split()[-1] in (".", ",", ";", "!", "?", ":", "and", "but")
        if match.end() > match.end("who2") and not self._follow.search(match.group()):
            return starts
        lead = self._lead.search(before)
        turns = lead is not None and (
            lead.start() == 0 or before[: lead.start()].split()[-1] in (".", ",", ";", "!", "?", "and", "ok")
        )
        return turns or (starts and self._follow.search(match.group()) is not None)

    def _is_owner(self, utterance: Utterance, span: Span) -> bool:
        """True for "my friend's wedding", said of the shopper's own plans; a gift for the occasion is still for the person."""
        word = utterance.words(span)
        if not re.search(r"['’]s?$", word) and utterance.text[utterance.tokens[span.last - 1].end :][:1] not in ("'", "’"):
            return False
        return self._gift.search(utterance.plain.flat) is None

    def _is_grown(self, age: str | None, trait: str | None) -> bool:
        if age is not None:
            return (int(age) if age.isdecimal() else self._words.numbers.get(age, 0)) >= _GROWN_FROM
        return any(word in self._words.grown for word in (trait or "").split())

    def _pronoun_person(self, span: Span, cue: Span, word: str, context: ParseContext, named: Sequence[Person]) -> Person:
        """Whom "her" means: the person named before it in this message, else the one talked of, where the audience fits; else just "her"."""
        gender = self._words.pronouns[word]
        for person in reversed([person for person in named if person.span.first < cue.first]):
            if person.scope != ME and self._can_be(person.scope, gender):
                return Person(span, cue, person.scope, person.gender)
        known = dict.fromkeys(p.scope for p in reversed(context.profile.preferences) if p.scope != ME)
        for scope in dict.fromkeys([*([context.state.scope] if context.state.scope != ME else []), *known]):
            if self._can_be(scope, gender):
                return Person(span, cue, scope, None)
        return Person(span, cue, self._words.subjects.get(word, word), gender or None)

    def _can_be(self, scope: str, gender: str) -> bool:
        """True when a pronoun of this gender can mean this recipient."""
        entry = self._words.recipients.get(scope)
        kind = entry.gender if entry else self._words.pronouns.get(scope)
        sex = {"women": "women", "girls": "women", "men": "men", "boys": "men"}.get(kind or "")
        return not gender or sex is None or sex == gender

    def of_size(self, whose: str, scopes: Scopes, token: int, known: Sequence[str]) -> str:
        """Whose a size is: "I'm an M" is the shopper's whatever the rest is about, "she's an M" the recipient's (`known`: those spoken of
        before, the latest first)."""
        if whose == "mine":
            return ME
        here = scopes.at(token)
        if whose == "theirs" and here == ME:
            return next((scope for scope in (*(p.scope for p in scopes.persons), *known) if scope != ME), here)
        return here


def divided(utterance: Utterance, persons: Sequence[Person], content: Sequence[Span], before: str) -> Scopes:
    """The message divided among its persons. `content`: the spans that say wishes; they decide on which side of a person her part lies.
    `before`: whom the talk was about until now."""
    if not persons:
        return Scopes((), (), before)
    return Scopes(tuple(persons), tuple(_divide(utterance, persons, content, before)), persons[-1].scope)


def _before(utterance: Utterance, span: Span) -> str:
    """The normalised words right before `span`."""
    return " ".join(utterance.norms(Span(max(0, span.first - 6), span.first)))


def _with_all_before(utterance: Utterance, persons: Sequence[Person]) -> list[Person]:
    """`persons`, without the shopper herself before the one for whom "it" is, and without her treat that is for somebody: "treating myself
    to a tee, it's for my wife"."""
    others = [p for p in persons if p.scope != ME]
    moved = [p.span.first for p in others if utterance.norms(p.cue)[0] in _IT]
    treated = {p.span for p in persons if p.scope == ME and utterance.norms(p.cue)[0].startswith("treat") and others}
    return [p for p in persons if p.scope != ME or (p.span not in treated and (not moved or p.span.first > max(moved)))]


def _without_repeats(persons: Iterable[Person]) -> list[Person]:
    kept: list[Person] = []
    for person in persons:
        if not kept or not person.cue.overlaps(kept[-1].cue):
            kept.append(person)
    return kept


def _divide(utterance: Utterance, persons: Sequence[Person], content: Sequence[Span], before: str) -> list[Part]:
    """Each person's part. A person said after her wishes ("a blue shirt for my husband") takes those since the last cut, one said before
    them ("for my husband: a blue shirt") those up to the next person; wishes before the first cut belong to `before`."""
    parts: list[Part] = []
    at = 0
    for index, person in enumerate(persons):
        following = persons[index + 1].cue.first if index + 1 < len(persons) else len(utterance.tokens)
        start = person.cue.first
        cut = _cut(utterance, at, person.cue.first) if index else _first_cut(utterance, person, content, following)
        if any(cut <= span.first < person.cue.first for span in content):
            start = cut
        if start > at:
            parts.append(Part(Span(at, start), parts[-1].scope if parts else before))
        end = _cut(utterance, person.cue.last, following) if index + 1 < len(persons) else following
        leads = any(person.cue.last <= span.first < following for span in content) and start == person.cue.first
        end = following if leads or index + 1 == len(persons) else end
        parts.append(Part(Span(start, end), person.scope))
        at = end
    return parts


def _first_cut(utterance: Utterance, person: Person, content: Sequence[Span], following: int) -> int:
    """Where the part of the first person begins if wishes stand before her: at the message's start, unless a new sentence leads with her
    and goes on to wishes of its own."""
    ends = [at for at in range(person.cue.first) if utterance.tokens[at].norm in (".", "!", "?", ";")]
    goes_on = any(person.cue.last <= span.first < following for span in content)
    return ends[-1] + 1 if ends and goes_on else 0


def _cut(utterance: Utterance, first: int, last: int) -> int:
    """The place between `first` and `last` at which one person's wishes end and the next one's begin: after a sentence, at "and", else at
    a comma, else at the end."""
    norms = [utterance.tokens[at].norm for at in range(first, last)]
    for marks in ((".", "!", "?", ";"), tuple(_CUTS), (",",)):
        if found := [index for index, norm in enumerate(norms) if norm in marks]:
            return first + found[0]
    return last
