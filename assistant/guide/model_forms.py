"""The forms in which a language model may use its few words (`model_words.txt`): data for model_rules.py, patterns over a sentence's symbols.

A sentence is read as symbols with a space between: `@` a title, `#price` another reference by the last part of its name, `+` what the item's
facts say, `~` a word of the shopper's, `%` one of her people, `|` a mark that ends a clause; any other word stands for itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from assistant.guide.claim_rules import LICENCES
from assistant.guide.words import word_set

TITLE, FACT, HERS, PERSON, STOP = "@", "+", "~", "%", "|"

_WISHED = r"(?:asked|wanted|wished|mentioned)"
_WISHES = rf"(?:{_WISHED}|want|wish|like|need|prefer)"
_SUBJECT = r"(?:it|they|this|these|@|this one)"
_KINDS = "nice lovely good great beautiful charming pleasant delightful wonderful"
_KIND = rf"(?:{_KINDS.replace(' ', '|')}|\+)"
_THING = rf"(?:(?:a|an|the|its|their|this|these|your|rather|quite|{_KIND}) ){{0,4}}(?:\+|~|%|@|look|feel|side|style)"
_ADVERBS = word_set("also then too perhaps maybe rather quite just")
_MODALS = word_set("can could may might would")

REWORDED: Mapping[str, str] = MappingProxyType(
    {"show you": "show", "you were looking": "you are looking", "start with": "start", "go with": "go for"}
)
"""What is the same to the forms."""

OPENING_ONLY = word_set("some pieces ideas options choices picks found looked thought")
"""Words about several items, or about the search: not in the section of one."""

FOLLOWED: Mapping[str, str] = MappingProxyType(
    {
        "i": r"(?:(?:would|can|could) )?(?:also |then |perhaps )?(?:start|pick|choose|consider|picture|imagine|think of|show|suggest|recommend|like|prefer)"
        r"|(?:would|can|could) (?:also |then |perhaps )?(?:see|take|go (?:for|with)|look (?:at|for))|found|looked (?:at|for)|thought of",
        "you": rf"(?:have )?{_WISHED}|are looking for|(?:would )?(?:want|wish|like|need|prefer)|pay|save|have in mind(?= \||$)|are(?= \||$)"
        rf"|(?:can|could|may|might) (?:also )?(?:take|see|look (?:at|for)|go (?:for|with)|choose|pick|picture|wear|have {_SUBJECT} for #price)",
        "me": r"(?:show|start|suggest|recommend)",
        "my": r"(?:choice|pick|picks)",
        "your": r"(?:~|%|occasion)",
        "her": r"(?:\||$|and|or|in|to)",
        "him": r"(?:\||$|and|or|in|to)",
        "their": r"\+",
        "let": r"me",
        "here": r"(?:is|are|it|they|comes|come|you are|@|a|an|some)",
        "there": r"(?:is|are)",
        "what": r"i",
        "another": rf"(?:{_KIND} ){{0,2}}(?:choice|option|idea|pick)\b(?! comes?| with)",
        "some": rf"(?:{_KIND} ){{0,2}}(?:choices|options|ideas|picks|pieces)",
        "something": r"(?:\+|~|for|in|with)",
        "easy": r"to (?:see|picture|imagine|like)",
        "right": r"(?:for|at|in|on|\+)",
        "ready": r"for",
        "suitable": r"(?:for|\+)",
        "special": r"(?:day|evening|occasion|\+)",
        "just": r"right",
        "match": r"for",
        "meant": r"for",
        "made": rf"(?:of|for) {_THING}|for (?:a|an|the) (?:day|evening|occasion|season)",
        "cut": r"(?:in|to|with)",
        "come": rf"(?:in|with {_THING}|@)",
        "comes": rf"(?:in|with {_THING}|@)",
        "goes": r"nicely",
        "make": rf"(?:(?:it|them|@|this|these|this one|for) )?(?:a|an) {_KIND}",
        "makes": rf"(?:(?:it|them|@|this|these|this one|for) )?(?:a|an) {_KIND}",
        "bring": _THING,
        "brings": _THING,
        "do": r"nicely",
        "closes": r"with",
        "feels": r"\+",
        "place": r"to start",
        "worn": r"(?:in|at|for|to|on)",
        "give": rf"(?:it|them) {_THING}",
        "gives": rf"(?:it|them) {_THING}",
        "has": rf"(?:it|them) in|in|{_THING}",
        "have": rf"(?:it|them) (?:in|for #price)|in|{_WISHED}|@ for #price|{_THING}",
        "with": rf"(?:it|them|#price)|{_THING}",
        "featuring": _THING,
        "think": r"of",
        "looking": r"for",
        "in": r"(?!\|)\S+",
        "on": r"(?!\|)\S+",
        "of": r"(?!\|)\S+",
        "by": r"(?:#brand|#rating_count|\+)",
        "from": r"(?:#\w+|\+|@|day)",
    }
)
"""What must follow each of these words: a pattern at that place."""

BEFORE: Mapping[str, str] = MappingProxyType(
    {
        "you": r"(?:^|\||\b(?:here|colour|color|and|or|so|as|if|since|because))$|^for .*[+~%]$|for #price$",
        "me": r"\blet$",
        "them": r"(?:give|gives|make|makes|see|picture|imagine|take|show|on|find|of|for|pick|choose|has|have|at|\+)$",
        "her": r"\bfor$",
        "him": r"\bfor$",
        "mentioned": r"\byou(?: have)?$",
        "wanted": r"\byou(?: have)?$",
        "asked": r"\byou(?: have)?$",
        "wished": r"\byou(?: have)?$",
        "found": r"\bi$",
        "looked": r"\bi$",
        "thought": r"\bi$",
        "one": rf"(?:\b(?:this|that)|{_KIND})$",
        "choice": rf"(?:\b(?:a|my|another|easy)|{_KIND})$",
        "option": rf"(?:\b(?:a|an|another|easy)|{_KIND})$",
        "choices": rf"(?:\b(?:some|my)|{_KIND})$",
        "options": rf"(?:\bsome|{_KIND})$",
        "picks": rf"(?:\b(?:some|my)|{_KIND})$",
        "what": r"\b(?:is|are|at|show)$",
        "feel": r"\+$",
        "side": r"\+$",
        "mind": r"\bin$",
        "worn": r"\bbe$",
        "alike": r"\+$",
        "place": rf"{_KIND}$",
        "well": r"\bas$",
        "something": rf"(?:{_WISHED}(?: for)?|want|like|need|looking for|\bfor)$",
        "day": rf"(?:\b(?:a|the|special|from|to|for)|{_KIND})$",
    }
)
"""What must stand before each of these words: a pattern that ends there."""

CHOOSERS = word_set(
    "pick choose suggest recommend like prefer find take go want wish need see look think consider picture imagine start show wear"
)
"""What a shopper or the writer does: never what somebody else does ("they like it", "women wear it")."""
CHOOSES = word_set(f"i you me | and or so but to a an the my another easy {_KINDS}") | _ADVERBS | _MODALS
PASSED_OVER = _ADVERBS | _MODALS
"""Words between one who chooses and what she does."""

AT_HER = re.compile(r"\bfor (?:your|her|his|the|a)$|\bat your$")
"""Only after these may one of the shopper's people be named, and nobody else's: nobody does, says or likes anything in a model's sentence."""

BESIDE_THING = word_set(f"a an the its their this these rather quite {_KINDS} +")
"""Words between "with" and the thing itself: no item is "with a dress"."""

SHE_MAY = re.compile(r"(?:can|could|may|might) wear(?= |$)")
"""All that one of them may do."""

BARRED: tuple[tuple[str, str], ...] = (
    (
        "asks for the item itself",
        rf"\byou (?:have |would )?{_WISHES}\b(?: (?!so\b|but\b|\|)\S+)*? (?:it|this|that|these|those|them|one|@|#\w+)(?= |$)"
        rf"|\byou (?:have |would )?{_WISHED}\b.* (?:and|or) {_SUBJECT}(?= \||$)",
    ),
    (
        "offer",
        r"\bwith (?:it|them|this|these|those|that|@) (?:come|comes|is|are)\b|\b(?:come|comes|is|are|has|have) with (?:it|them|this|these|those|@)",
    ),
    ("fit", r"\b(?:made|cut|meant) (?:for|to) (?:(?:your|the|a) %|her|him)(?= |$)"),
    ("loan", r"\bfor an? (?:day|season)(?= \||$)"),
    ("report", r"\bi (?:found|looked|thought)\b[^|]* (?:at|on|from|by) (?!these|this|it|them)"),
)
"""What these forms would still say together, by what it would be."""

_WAS = rf"(?:(?:{_SUBJECT} )?(?:was|were)|(?:{_SUBJECT} (?:is|are) )?(?:reduced )?from|instead of)"
SAID_WITH: Mapping[str, str] = MappingProxyType(
    {
        "price": rf"(?:(?:now )?{_SUBJECT} (?:(?:is|are)(?: now)?(?: at)?|(?:now )?costs?(?: now)?)|(?:now )?(?:costs?|is|are)|now|at|for"
        rf"|you (?:pay|can have {_SUBJECT} for)|the price (?:of {_SUBJECT} )?is) #price(?: now)?(?: for (?:it|them|@))?",
        "list_price": rf"{_WAS} #list_price(?: before)?",
        "before": rf"{_WAS} #before(?: before)?",
        "saving": r"(?:you )?save #saving(?: on (?:it|them|@))?",
        "rating": rf"(?:{_SUBJECT} (?:is|are) )?rated #rating(?: (?:from|by) #rating_count)?",
        "rating_count": rf"(?:from|by) #rating_count|(?:{_SUBJECT} (?:is|are) )?rated #rating(?: (?:from|by) #rating_count)?",
        "sizes": rf"(?:{_SUBJECT} )?(?:is|are|come|comes) in(?: sizes)? #sizes",
        "brand": r".*\b(?:by|from) #brand\b.*",
        "color": r".*\b(?:in|is|are) #color\b.*",
    }
)
"""By the last part of a reference's name, the whole clause that it stands in. A reference of another name is not a model's to use."""

NEW_CLAUSE = re.compile(
    r"(?<=#price) (?=(?:it|they) )| (?=\|)|(?<=\|) | (?=(?:and|or|while|but)(?: |$))|(?:(?<=\band)|(?<=\bor)|(?<=\bbut)|(?<=\bwhile)) "
)
LINKS = word_set("and or while but |")
BESIDE_FIGURE = re.compile(rf"(?:{_SUBJECT}|\+|you)(?: |$)")
"""How every other clause of a sentence with a figure begins: with no condition ("with a friend"), time ("until the wedding") or measure ("a month")."""
FIGURE_WORDS = word_set("now was were before").union(*LICENCES.values())
"""Words that stand in a figure's clause alone."""
