"""The built-in parser: from one English message to acts and slots, without a model.

In order: clean; put spelling right; find values, amounts, pointers, sizes, persons and refusals; find acts; turn what no act claims into
mentions with polarity, strength, person and operation. It never raises on any text, and its time grows with the text's length alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assistant.schema import Act, ActKind, DialogueState, ParseContext, Understanding
from assistant.understanding.acts import ActReader, FoundAct, Scene
from assistant.understanding.findings import Finder, Findings
from assistant.understanding.language import detect, has_words, is_foreign
from assistant.understanding.leftovers import LeftoverReader
from assistant.understanding.lexicon import Lexicon
from assistant.understanding.slots import MentionBuilder
from assistant.understanding.spelling import Speller
from assistant.understanding.tokens import Utterance
from assistant.understanding.wishes import Wishes, WishReader
from assistant.understanding.words import Words, load_acts, load_words
from catalog_data.cleaning import clean_text
from catalog_data.vocabulary import Vocabulary

_QUESTION = re.compile(
    r"^(?:so |and |but |hey |ok )?(?:who|whose|when|where|why|how|what|whats|whos|is|are|does|did|was|were|should)(?!\S)"
)
_WORD = re.compile(r"[a-z]{2,}")
_QUOTED = 80
"""Characters of a message that nobody understood which are kept as evidence."""


class Parser:
    """Reads English. `brands`: as the catalog writes them; `currency`: the catalog's (ISO 4217), for amounts without one.

    Which statements bind, how far a refusal reaches, what an idiom means: english_*.yaml beside this file."""

    def __init__(self, vocabulary: Vocabulary, brands: Sequence[str], currency: str) -> None:
        words = load_words()
        lexicon = Lexicon(vocabulary, brands, words)
        self._finder = Finder(words, lexicon, vocabulary, currency)
        self._acts = ActReader(load_acts(), words)
        self._wishes = WishReader(MentionBuilder(words, vocabulary), self._finder, vocabulary)
        self._leftovers = LeftoverReader(words)
        self._speller = _speller(words, lexicon)

    def parse(self, message: str, context: ParseContext) -> Understanding:
        """What `message` says to someone who knows `context`. Evidence is quoted from the cleaned message, which is `text`."""
        text = clean_text(message)
        language = detect(text)
        if language != "en" or not has_words(text):
            detail = "language" if language != "en" else "nothing"
            act = Act(kind="out_of_scope", evidence=text.strip()[:_QUOTED], detail=detail)
            return Understanding(text=text, language=language, acts=(act,), scope=context.state.scope)
        said = Utterance.of(text)
        findings = self._finder.find(said if is_foreign(text) else self._speller.corrected(said), context)
        scene = Scene(findings.utterance, findings.clauses, findings.chunks, findings.pointers, findings.hits, findings.sizes)
        found = _possible(self._acts.find(scene), findings, context)
        if (bare := self._acts.bare_reference(scene, found)) is not None:
            found = (*found, bare)
        if any(act.kind == "start_over" for act in found):
            context = ParseContext(state=DialogueState(scope=context.state.scope), shown=context.shown, page=context.page)
        wishes = self._wishes.read(findings, found, context)
        found = _without_more(found, wishes)
        query_text, unknown = self._leftovers.read(findings, found, wishes)
        acts = [self._acts.finished(act, scene) for act in found]
        return Understanding(
            text=text,
            acts=(*acts, *_seeking(acts, wishes, unknown, findings, context)),
            slots=wishes.mentions,
            scope=findings.scopes.main,
            query_text=query_text,
            unknown_words=unknown,
            mood=self._leftovers.mood(findings, wishes),
        )


def _possible(found: Sequence[FoundAct], findings: Findings, context: ParseContext) -> tuple[FoundAct, ...]:
    """Without what cannot be meant: "more shoes" while dresses are sought, or before anything was shown, is a search; "lace is not for me"
    refuses lace, not an item."""
    refused = [refusal.evidence for refusal in findings.refusals.refused.values()]
    held = {p.value for p in context.profile.in_scope(findings.scopes.main) if p.slot == "category"}
    kept = []
    for act in found:
        named = {
            meaning.term.value
            for hit in findings.hits
            if hit.span.within(act.span)
            for meaning in hit.meanings
            if meaning.term.slot == "category"
        }
        misread = act.kind == "show_more" and not (named <= held and _is_going(context, findings.scopes.main))
        if act.kind == "not_this" and not act.pointers:
            misread = any(act.span.overlaps(evidence) for evidence in refused)
        if not misread:
            kept.append(act)
    return tuple(kept)


def _without_more(found: Sequence[FoundAct], wishes: Wishes) -> tuple[FoundAct, ...]:
    """A wish beside it ("more, but in blue") changes the search and does not go on with it."""
    return tuple(act for act in found if act.kind != "show_more" or not wishes.mentions)


def _seeking(
    acts: Sequence[Act], wishes: Wishes, unknown: Sequence[str], findings: Findings, context: ParseContext
) -> Iterable[Act]:
    """What the wishes do: take back, put right, narrow, or open a search; and what a message does that says nothing known."""
    evidence = next((mention.evidence for mention in wishes.mentions), "")
    if any(mention.operation == "retract" for mention in wishes.mentions):
        yield Act(kind="retract", evidence=next(m.evidence for m in wishes.mentions if m.operation == "retract"))
    if any(mention.operation != "retract" for mention in wishes.mentions):
        yield Act(kind=_search_kind(wishes, findings, context), evidence=evidence)
    elif not wishes.mentions and not acts:
        yield _at_a_loss(unknown, findings, context)


def _search_kind(wishes: Wishes, findings: Findings, context: ParseContext) -> ActKind:
    if wishes.corrects and not wishes.new_topic:
        return "correct"
    begins = any(m.slot == "category" and m.polarity == "like" and not _seeks(context, m.scope) for m in wishes.mentions)
    return "search" if wishes.new_topic or begins or not _is_going(context, findings.scopes.main) else "refine"


def _seeks(context: ParseContext, scope: str) -> bool:
    """True when some type of item is sought for this person."""
    return any(p.slot == "category" and p.polarity == "like" for p in context.profile.in_scope(scope))


def _is_going(context: ParseContext, scope: str) -> bool:
    """True while a search for this person is going on."""
    state = context.state
    wished = any(p.source == "stated" for p in context.profile.in_scope(scope))
    return wished or (state.scope == scope and bool(state.shown or state.topic))


def _at_a_loss(unknown: Sequence[str], findings: Findings, context: ParseContext) -> Act:
    """Words that may name a product are searched for; a question about the world, or another language, is out of scope."""
    text = findings.utterance.text
    if is_foreign(text):
        return Act(kind="out_of_scope", evidence=text.strip()[:_QUOTED], detail="language")
    if unknown and _QUESTION.match(findings.utterance.plain.flat):
        return Act(kind="out_of_scope", evidence=text.strip()[:_QUOTED], detail="other")
    kind: ActKind = "refine" if _is_going(context, findings.scopes.main) else "search"
    return Act(kind=kind, evidence=text.strip()[:_QUOTED])


def _speller(words: Words, lexicon: Lexicon) -> Speller:
    """Corrects towards the shop's words and the commonest cues; leaves alone whatever the word lists hold."""
    cues = {word for values in _cue_lists(words) for cue in values for word in _WORD.findall(cue)}
    known = (
        words.idle
        | words.common
        | lexicon.single_words
        | frozenset(cues)
        | frozenset(words.numbers)
        | frozenset(words.currencies)
    )
    people = frozenset(word for entry in words.recipients.values() for cue in entry.words for word in cue.split())
    return Speller((lexicon.single_words - words.idle) | people | words.helpful, known | people, words.misspellings)


def _cue_lists(words: Words) -> Iterable[Iterable[str]]:
    price, change = words.price, words.change
    yield from (price.most, price.least, price.about, price.cheaper, price.dearer, price.cheap, price.expensive, price.units)
    yield from (words.negation.before, words.negation.after, words.negation.not_negating, words.negation.stops)
    yield from (words.strength.soft_before, words.strength.soft_after, words.strength.hard_before)
    yield from (
        change.correct,
        change.clear,
        change.release,
        change.welcome,
        words.slot_words,
        words.to,
        words.verbs,
        words.sizes.cues,
    )
    yield from (*words.moods.values(), *words.situations.values(), words.nothing)
