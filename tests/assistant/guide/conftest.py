"""What the tests of the guide share: the vocabulary, the verifier, the voice. Read once."""

from __future__ import annotations

import pytest

from assistant.guide.phrases import Voice, load_voice
from assistant.guide.verification import Verifier, load_words
from catalog_data.vocabulary import Vocabulary, load_vocabulary


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    """The shop's own vocabulary."""
    return load_vocabulary()


@pytest.fixture(scope="session")
def voice() -> Voice:
    """The composer's patterns as shipped."""
    return load_voice()


@pytest.fixture(scope="session")
def verifier(vocabulary: Vocabulary) -> Verifier:
    """The verifier as the application makes it."""
    return Verifier(vocabulary, load_words())
