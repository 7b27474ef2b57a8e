"""The door to tiktoken: how many tokens a text has, for budgets. Counts approximately, and says so, where the ranks are not on disk."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import tiktoken

ENCODING = "o200k_base"
CHARACTERS_A_TOKEN = 4
"""The usual rule of thumb for English; its counts are marked as estimates."""


@dataclass(frozen=True)
class TokenCounter:
    """`count` gives the number of tokens of a text; `exact` is False where it only estimates."""

    count: Callable[[str], int]
    exact: bool


def shipped_ranks() -> Path | None:
    """The folder of a package that ships tiktoken's ranks under tiktoken's own cache names; None where it is not installed."""
    spec = importlib.util.find_spec("llama_index")
    for root in (spec.submodule_search_locations or ()) if spec is not None else ():
        folder = Path(root) / "core" / "_static" / "tiktoken_cache"
        if folder.is_dir():
            return folder
    return None


def load_counter(encoding: str = ENCODING) -> TokenCounter:
    """An exact counter where tiktoken finds its ranks (TIKTOKEN_CACHE_DIR, set by `prepare_process`), else one that estimates.

    tiktoken would download what is missing; where that fails it raises an OSError of its HTTP library, which is what is caught here."""
    try:
        ranks = tiktoken.get_encoding(encoding)
    except OSError:
        return TokenCounter(count=lambda text: -(-len(text) // CHARACTERS_A_TOKEN), exact=False)
    return TokenCounter(count=lambda text: len(ranks.encode_ordinary(text)), exact=True)
