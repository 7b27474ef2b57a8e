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
from assistant.understanding.tokens import Cover, Utterance
from assistant.understanding.wishes import Wishes, WishReader
from assistant.understanding.words import Words, any_of, load_acts, load_words
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
        self._wishes = WishReader(MentionBuilder(words, vocabulary), self._finder, vocabulary, words)
        self._leftovers = LeftoverReader(words)
        self._asking, self._to_the_shop = any_of(words.asking), any_of(words.to_the_shop)
        self._english = _known(words, lexicon)
        self._speller = _speller(words, lexicon, self._english)

    def parse(self, message: str, context: ParseContext) -> Understanding:
        """What `message` says to someone who knows `context`. Evidence is quoted from the cleaned message, which is `text`."""
        text = clean_text(message)
        language = detect(text)
        foreign = language != "en" or is_foreign(text, self._english)
        if foreign or not has_words(text):
            detail = "language" if foreign else "nothing"
            act = Act(kind="out_of_scope", evidence=text.strip()[:_QUOTED], detail=detail)
            return Understanding(text=text, language=language, acts=(act,), scope=context.state.scope)
        findings = self._finder.find(self._speller.corrected(Utterance.of(text)), context)
        scene = _scene(findings, context)
        found = _possible(self._acts.find(scene), findings, context)
        answer = self._acts.size_answer(scene, found) or self._acts.bare_reference(scene, found)
        found = (*found, answer) if answer is not None else found
        if any(act.kind == "start_over" for act in found):
            context = ParseContext(state=DialogueState(scope=context.state.scope), shown=context.shown, page=context.page)
        wishes = self._wishes.read(findings, found, context)
        found = _without_bare_looks(_without_more(found, wishes), wishes)
        query_text, unknown = self._leftovers.read(findings, found, wishes)
        acts = [self._acts.finished(act, scene) for act in found if not _is_background(act, found)]
        acts.extend(_seeking(found, wishes, findings, context))
        return Understanding(
            text=text,
            acts=tuple(acts) or (self._at_a_loss(unknown, findings, context),),
            slots=wishes.mentions,
            scope=findings.scopes.main,
            query_text=query_text,
            unknown_words=unknown,
            mood=self._leftovers.mood(findings, wishes),
        )

    def _at_a_loss(self, unknown: Sequence[str], findings: Findings, context: ParseContext) -> Act:
        """What a message does that says nothing known. Words that may name a product are searched for; a question to the shop is one to its
        page; one about the world is out of scope."""
        said = findings.utterance.plain
        evidence = findings.utterance.text.strip()[:_QUOTED]
        if unknown and all(next(said.find(cue), None) is not None for cue in (self._asking, self._to_the_shop)):
            return Act(kind="policy", evidence=evidence)
        if unknown and _QUESTION.match(said.flat):
            return Act(kind="out_of_scope", evidence=evidence, detail="other")
        kind: ActKind = "refine" if _is_going(context, findings.scopes.main) else "search"
        return Act(kind=kind, evidence=evidence)


def _scene(findings: Findings, context: ParseContext) -> Scene:
    pointers, hits, sizes = findings.pointers, findings.hits, findings.sizes
    return Scene(findings.utterance, findings.clauses, findings.chunks, pointers, hits, sizes, context)


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


def _is_background(act: FoundAct, found: Sequence[FoundAct]) -> bool:
    """True for what is told of a purchase beside a question to the shop ("the coat that I bought is too small, can I send it back?")."""
    return act.detail == "told" and any(other.kind == "policy" for other in found)


def _without_more(found: Sequence[FoundAct], wishes: Wishes) -> tuple[FoundAct, ...]:
    """A wish beside it ("more, but in blue") changes the search and does not go on with it."""
    return tuple(act for act in found if act.kind != "show_more" or not wishes.mentions)


def _without_bare_looks(found: Sequence[FoundAct], wishes: Wishes) -> tuple[FoundAct, ...]:
    """ "I need the whole outfit" beside a wish ("a dress for a gala") seeks: a look comes with what is found."""
    sought = any(mention.operation != "retract" for mention in wishes.mentions)
    return tuple(act for act in found if act.kind != "pair" or act.pointers or act.described is not None or not sought)


def _seeking(found: Sequence[FoundAct], wishes: Wishes, findings: Findings, context: ParseContext) -> Iterable[Act]:
    """What the wishes do: take back, put right, narrow, or open a search. What only describes an item to go with, or
    only says whose size it is in what does something else, seeks nothing."""
    said = findings.utterance.text
    persons = [findings.utterance.words(person.cue) for person in findings.scopes.persons]
    evidence = next((words for words in (*(m.evidence for m in wishes.mentions), *persons) if words in said), "")
    described = Cover(span for act in found for span in (act.described, act.claimed) if span is not None)
    sought = [
        m for m, span in zip(wishes.mentions, wishes.spans, strict=True) if m.operation != "retract" and described.frees(span)
    ]
    if any(mention.operation == "retract" for mention in wishes.mentions):
        yield Act(kind="retract", evidence=next(m.evidence for m in wishes.mentions if m.operation == "retract"))
    if sought:
        yield Act(kind=_search_kind(wishes, findings, context), evidence=evidence)
    elif wishes.takes_back and not wishes.mentions and not found:
        yield Act(kind="retract", evidence=findings.utterance.words(findings.retractions[0].span))


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


def _known(words: Words, lexicon: Lexicon) -> frozenset[str]:
    """The words of English and of the shop that the lists hold."""
    cues = frozenset(word for values in _cue_lists(words) for cue in values for word in _WORD.findall(cue))
    return words.idle | words.common | lexicon.single_words | cues | frozenset(words.numbers) | frozenset(words.currencies)


def _speller(words: Words, lexicon: Lexicon, known: frozenset[str]) -> Speller:
    """Corrects towards the shop's words and the commonest cues; leaves alone whatever is `known`."""
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
