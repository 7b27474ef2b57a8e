"""Finds the sections of the shop's policy page that answer a question. Pure: word overlap weighted by rarity (idf), Robertson 2004."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from catalog_data.schema import Frozen, PolicySection
from catalog_data.vocabulary import normalise

TOPICS_FILE = Path(__file__).with_name("policy_topics.yaml")
HEADING_WEIGHT = 3.0
"""A word of the heading says more of what a section is about than one of its text."""


class Topics(Frozen):
    """`canon`: from each way of saying a thing, a word or a phrase, to the one that stands for all. `idle`: words and phrases that name no
    subject. `longest`: the words of the longest phrase."""

    canon: Mapping[str, str]
    idle: frozenset[str]
    longest: int = 1

    def words(self, text: str) -> list[str]:
        """The words and phrases of `text` that name a subject, each in its standard form; the longest phrase that fits is taken."""
        said, at = normalise(text).split(), 0
        found: list[str] = []
        while at < len(said):
            sizes = range(min(self.longest, len(said) - at), 0, -1)
            phrases = (" ".join(said[at : at + size]) for size in sizes)
            words = next((phrase for phrase in phrases if phrase in self.canon or phrase in self.idle), said[at])
            if words not in self.idle:
                found.append(self.canon.get(words, words))
            at += words.count(" ") + 1
        return found


def load_topics(path: Path = TOPICS_FILE) -> Topics:
    """Reads the topics file."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    canon = {normalise(words): row[0] for row in raw["same"] for words in row}
    idle = frozenset(raw["idle"])
    return Topics(canon=canon, idle=idle, longest=max(len(words.split()) for words in (*canon, *idle)))


def find(question: str, sections: Sequence[PolicySection], topics: Topics, most: int = 2) -> tuple[PolicySection, ...]:
    """The sections that answer `question` best, best first; none where no word of it is on the page. A second section is given only where
    it scores at least half of the first."""
    asked = set(topics.words(question))
    bodies = [Counter(topics.words(section.text)) for section in sections]
    heads = [set(topics.words(section.heading)) for section in sections]
    holding = Counter(word for body, head in zip(bodies, heads, strict=True) for word in set(body) | head)
    scores = [
        sum(
            math.log(1 + len(sections) / holding[word]) * ((HEADING_WEIGHT if word in head else 0) + min(body[word], 2) / 2)
            for word in asked
            if holding[word]
        )
        for body, head in zip(bodies, heads, strict=True)
    ]
    order = sorted(range(len(sections)), key=lambda index: (-scores[index], index))[:most]
    floor = scores[order[0]] / 2 if order else 0.0
    return tuple(sections[index] for index in order if scores[index] > 0 and scores[index] >= floor)
