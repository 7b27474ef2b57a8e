"""Twenty guides that were read by eye and found worth reading. A change of words shows here; `python -m tests.assistant.guide.test_golden`
writes them anew, to be read again."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.guide.verification import COMPOSER, Verifier, load_words
from assistant.schema import DraftSection
from catalog_data.vocabulary import Vocabulary, load_vocabulary
from tests.assistant.guide.golden_scenes import scenes
from tests.assistant.guide.scenes import Scene

GOLDEN = Path(__file__).with_name("golden")
NAMES = sorted(path.stem for path in GOLDEN.glob("*.txt"))


def guide(scene: Scene, vocabulary: Vocabulary, verifier: Verifier) -> str:
    """The shopper's words and the guide, a paragraph a section."""
    brief = scene.brief(vocabulary)
    shown = [
        verifier.verify(brief, section, DraftSection(section_id=section.section_id, writer=COMPOSER, text=section.composed)).text
        for section in brief.sections
    ]
    return "\n\n".join([f"> {scene.message}", *shown]) + "\n"


@pytest.mark.parametrize("name", NAMES)
def test_golden_guide(name: str, vocabulary: Vocabulary, verifier: Verifier) -> None:
    kept = GOLDEN.joinpath(f"{name}.txt").read_text(encoding="utf-8")
    assert guide(scenes(vocabulary)[name], vocabulary, verifier) == kept


def test_every_scene_is_kept(vocabulary: Vocabulary) -> None:
    assert sorted(scenes(vocabulary)) == NAMES
    assert len(NAMES) >= 20


def write() -> None:
    """Writes every guide anew."""
    words = load_vocabulary()
    GOLDEN.mkdir(exist_ok=True)
    for name, scene in scenes(words).items():
        GOLDEN.joinpath(f"{name}.txt").write_text(guide(scene, words, Verifier(words, load_words())), encoding="utf-8")


if __name__ == "__main__":
    write()
