"""Where one thing that is said ends and the next begins."""

from __future__ import annotations

from assistant.understanding.tokens import SENTENCE_ENDS, Cover, Span, Utterance

_JOINTS = frozenset({",", "and", "but", "then", "also", "plus", ":", "-"})


def clauses(utterance: Utterance, starts: frozenset[str], whole: Cover) -> tuple[Span, ...]:
    """The clauses of a message: cut after sentence ends and line ends, and where a joining word leads to a word that begins a clause
    ("..., and is it washable?"), and nowhere inside what is `whole` ("no. 2"). Together they hold every token."""
    found: list[Span] = []
    first = 0
    tokens = utterance.tokens
    for at in range(1, len(tokens)):
        ended = tokens[at - 1].norm in SENTENCE_ENDS and tokens[at].norm not in SENTENCE_ENDS
        joined = tokens[at - 1].norm in _JOINTS and tokens[at].norm in starts and tokens[at].norm not in _JOINTS
        judges = at + 1 < len(tokens) and tokens[at + 1].norm == "too"  # "nice, but is too expensive" asks nothing
        if whole.holds(Span(at - 1, at + 1)):
            continue
        if ended or (joined and not judges) or utterance.breaks_before(at):
            found.append(Span(first, at))
            first = at
    return (*found, Span(first, len(tokens))) if tokens else ()


def trimmed(utterance: Utterance, span: Span) -> Span:
    """`span` without joining words and signs at its ends."""
    first, last = span
    while first < last - 1 and utterance.tokens[first].norm in (*_JOINTS, *SENTENCE_ENDS):
        first += 1
    while last - 1 > first and utterance.tokens[last - 1].norm in (*_JOINTS, *(SENTENCE_ENDS - {"?"})):
        last -= 1
    return Span(first, last)
