"""The door to tiktoken: how many tokens a text has, for budgets. Counts approximately, and says so, where the ranks are not on disk."""

from __future__ import annotations

import importlib.util
from functools import cached_property
from pathlib import Path

import tiktoken

ENCODING = "o200k_base"
CHARACTERS_A_TOKEN = 4
"""The usual rule of thumb for English; its counts are marked as estimates."""


class TokenCounter:
    """Counts a text's tokens: exactly where tiktoken finds its ranks (TIKTOKEN_CACHE_DIR, set by `prepare_process`), else by estimate.
    The ranks are read with the first text, in .4 s. Safe to share between threads."""

    def __init__(self, encoding: str = ENCODING) -> None:
        self._encoding = encoding

    @cached_property
    def _ranks(self) -> tiktoken.Encoding | None:
        try:
            return tiktoken.get_encoding(self._encoding)
        except OSError:  # it would download what is missing; where that fails, this is what its HTTP library raises
            return None

    @property
    def exact(self) -> bool:
        """False where `count` only estimates."""
        return self._ranks is not None

    def count(self, text: str) -> int:
        """Number of tokens of `text`."""
        ranks = self._ranks
        return len(ranks.encode_ordinary(text)) if ranks is not None else -(-len(text) // CHARACTERS_A_TOKEN)


def shipped_ranks() -> Path | None:
    """The folder of a package that ships tiktoken's ranks under tiktoken's own cache names; None where it is not installed."""
    spec = importlib.util.find_spec("llama_index")
    for root in (spec.submodule_search_locations or ()) if spec is not None else ():
        folder = Path(root) / "core" / "_static" / "tiktoken_cache"
        if folder.is_dir():
            return folder
    return None
