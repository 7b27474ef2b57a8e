"""What a message means after the turn before it: a question that stays with the shop's page, a no to all that is shown, a thing that is not
sold here, an item that is wanted in another colour. Pure; it stands between understanding and the profile, so that nothing of such a message becomes a wish."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.policy import Topics, find
from assistant.schema import Act, ActKind, DialogueState, Reference, SlotMention, Understanding
from catalog_data.schema import Catalog, PolicySection, Slot
from catalog_data.vocabulary import Vocabulary, normalise

SHORT = 9
"""Words up to which a question may lean on the one before."""
_FOLLOWING: frozenset[ActKind] = frozenset({"search", "refine", "describe", "out_of_scope", "affirm", "policy"})
_SEEKING: frozenset[ActKind] = frozenset({"search", "refine"})
_REFUSING: frozenset[ActKind] = frozenset({"deny", "search", "refine"})
_ASKS = re.compile(
    r"\?\s*$|^(?:and |but |so |ok |or )*(?:who|what|when|where|why|how|which|is|are|do|does|can|could|will|would|must|may|if|even)\b"
)
_NO = re.compile(r"^(?:still |again |sorry |hmm |um |well |oh )*(?:no|nope|nah|not|none|neither)\b(?!.*\bthank)")
_AT_HEAD = re.compile(r"^(?:an?|any|some|the|your|also|other|sells?|selling|have|got|stock|carry|need|want|buy|get|and|or)$")
_WHERE = frozenset(("outside", "inside", "beyond", "near", "towards", "overseas", "abroad"))
_GENERAL = re.compile(
    r"\b(?:something|anything|sth|stuff|things|outfits?|looks?|clothes|gifts?|presents?|ideas?|wear|style|dressed)\b"
)
"""Words for whatever may fit: what stands beside one of them describes, and names no thing."""


_IN = re.compile(r"\b(?:have|got|get|sell|stock|do|make|come|comes|available|carry|there)\b.*\bin\b")
_LOOKS: frozenset[Slot] = frozenset({"color", "pattern", "material"})


def in_context(
    understanding: Understanding, state: DialogueState, catalog: Catalog, topics: Topics, vocabulary: Vocabulary
) -> Understanding:
    """`understanding` as it must be taken after the turns that led to `state`."""
    if _stays_with_page(understanding, state, catalog.policy, topics):
        detail = f"{understanding.text} {state.policy_topic}"
        return _only(understanding, Act(kind="policy", evidence=understanding.text, detail=detail), state)
    if _refuses_all(understanding, state):
        shown = Reference(kind="pronoun", words=understanding.text, product_ids=state.shown)
        return _only(understanding, Act(kind="not_this", evidence=understanding.text, references=(shown,)), state)
    if _is_not_sold(understanding, state, catalog):
        return _only(understanding, Act(kind="out_of_scope", evidence=understanding.text, detail="not_sold"), state)
    return _in_other_looks(understanding, state, catalog, vocabulary) or understanding


def _in_other_looks(
    understanding: Understanding, state: DialogueState, catalog: Catalog, vocabulary: Vocabulary
) -> Understanding | None:
    """ "Do you have it in navy?" of an item that is not navy asks for one like it that is; None for anything else."""
    asked = [act for act in understanding.acts if act.kind == "describe"]
    if len(asked) != 1 or len(understanding.acts) > 1 or understanding.slots or not _IN.search(normalise(understanding.text)):
        return None
    act = asked[0]
    ids = {each for reference in act.references for each in reference.product_ids}
    ids = ids or {state.focus or (state.shown[0] if state.shown else "")}
    product = catalog.by_id.get(ids.pop()) if len(ids) == 1 else None
    terms = [
        term
        for value in act.about_values
        for term in vocabulary.lookup(value)
        if term.slot in _LOOKS and term.slot in act.about and term.value == value
    ]
    if product is None or len(act.about_values) != 1 or not terms or not set(act.about) <= _LOOKS:
        return None
    slot, value = terms[0].slot, terms[0].value
    if vocabulary.expand(slot, value) & set(product.values(slot)):
        return None
    wish = SlotMention(slot=slot, value=value, scope=understanding.scope, operation="replace", evidence=act.evidence)
    like = Reference(kind="pronoun", words=act.evidence, product_ids=(product.product_id,))
    acts = (Act(kind="more_like", evidence=act.evidence, references=(like,)),)
    return understanding.model_copy(update={"acts": acts, "slots": (wish,)})


def _only(understanding: Understanding, act: Act, state: DialogueState) -> Understanding:
    """The message as this act and nothing else."""
    return understanding.model_copy(
        update={"acts": (act,), "slots": (), "query_text": "", "unknown_words": (), "scope": state.scope}
    )


def _stays_with_page(
    understanding: Understanding, state: DialogueState, sections: Sequence[PolicySection], topics: Topics
) -> bool:
    """True for a short question right after one to the shop, in which nothing else is sought or asked than its page may say."""
    said = normalise(understanding.text)
    if (
        not state.policy_topic
        or len(said.split()) > SHORT
        or not _ASKS.search(f"{said}{'?' if '?' in understanding.text else ''}")
    ):
        return False
    if not all(act.kind in _FOLLOWING for act in understanding.acts) or any(
        act.kind == "out_of_scope" and act.detail != "other" for act in understanding.acts
    ):
        return False
    if understanding.has("policy"):
        return "policy" in state.last_actions and not understanding.slots and not _names_subject(said, sections, topics)
    if any(_is_of_an_item(act) for act in understanding.acts if act.kind == "describe"):
        return False
    if understanding.slots:
        (passage,) = find(state.policy_topic, sections, topics, most=1) or (None,)
        words = set(normalise(passage.text).split()) if passage is not None else set()
        return said.startswith("even ") or all(set(normalise(slot.evidence).split()) <= words for slot in understanding.slots)
    return not _names_a_thing(understanding)


def _names_subject(said: str, sections: Sequence[PolicySection], topics: Topics) -> bool:
    """True when a heading of the page has a word of the question: it can be answered by itself."""
    asked = set(topics.words(said))
    return any(asked & set(topics.words(section.heading)) for section in sections)


def _is_of_an_item(act: Act) -> bool:
    """True when a question points at an item that is there, and asks something of it or points by more than "it"."""
    pointed = [each for each in act.references if each.product_ids]
    asks = bool(act.about or act.about_values or act.detail)
    return any(asks or each.kind != "pronoun" for each in pointed)


def _refuses_all(understanding: Understanding, state: DialogueState) -> bool:
    """True for one more bare no after what was shown was turned down."""
    bare = not (understanding.slots or understanding.unknown_words)
    refusing = bare and all(act.kind in _REFUSING for act in understanding.acts)
    said = normalise(understanding.text)
    return bool(state.rejections_in_a_row and state.shown and refusing and len(said.split()) <= SHORT and _NO.search(said))


def _is_not_sold(understanding: Understanding, state: DialogueState, catalog: Catalog) -> bool:
    """True where a message names a thing, no word of it is one of the shop's, and no item is called so."""
    if understanding.slots or not all(act.kind in _SEEKING for act in understanding.acts) or not _names_a_thing(understanding):
        return False
    if understanding.has("refine") and not _AT_HEAD.match(_before_unknown(understanding)):
        return False
    wanted = {form for word in understanding.unknown_words for form in (word, word.removesuffix("s"), word.removesuffix("es"))}
    return not any(wanted.intersection(normalise(product.title).split()) for product in catalog.products)


def _names_a_thing(understanding: Understanding) -> bool:
    """True when what nobody understood is the thing sought ("do you sell toasters", "a kettle?") and not what it is for ("for the ceilidh")."""
    if not understanding.unknown_words or _GENERAL.search(normalise(understanding.text)):
        return False
    before = _before_unknown(understanding)
    return before == "" or _AT_HEAD.match(before) is not None


def _before_unknown(understanding: Understanding) -> str:
    """The word before the first that nobody understood, a preposition where only an article stands between; "" at the start."""
    said = normalise(understanding.text).split()
    things = [word for word in understanding.unknown_words if word not in _WHERE] or understanding.unknown_words
    at = next((place for place, word in enumerate(said) if word == things[0]), 0)
    before = said[:at]
    if len(before) > 1 and before[-1] in ("a", "an", "the", "my", "some"):
        return before[-1] if _AT_HEAD.match(before[-2]) or before[-2] in ("a", "is", "about") else before[-2]
    return before[-1] if before else ""
