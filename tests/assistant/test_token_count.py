"""Token counts: exact with the ranks that a package ships, an estimate that says so without them, and never a download."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
import tiktoken
import tiktoken.registry
from hypothesis import given
from hypothesis import strategies as st

from assistant.token_count import CHARACTERS_A_TOKEN, TokenCounter, shipped_ranks


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """tiktoken as it is at the start of a process: it keeps what it has loaded."""
    monkeypatch.setattr(tiktoken.registry, "ENCODINGS", {})
    monkeypatch.delenv("TIKTOKEN_CACHE_DIR", raising=False)
    return monkeypatch


def no_network(*_: object, **__: object) -> None:
    """Stands for every connection."""
    raise OSError("the network was asked")


def test_counts_exactly_with_shipped_ranks(fresh: pytest.MonkeyPatch) -> None:
    folder = shipped_ranks()
    assert folder is not None
    fresh.setenv("TIKTOKEN_CACHE_DIR", str(folder))
    fresh.setattr(socket, "getaddrinfo", no_network)
    counter = TokenCounter()
    assert counter.exact
    assert [counter.count(text) for text in ("", "hello", "hello world", "A red dress under 80 euro")] == [0, 1, 2, 7]


def test_special_tokens_are_plain_text(fresh: pytest.MonkeyPatch) -> None:
    fresh.setenv("TIKTOKEN_CACHE_DIR", str(shipped_ranks()))
    assert TokenCounter().count("<|endoftext|>") > 1


def test_estimates_without_ranks(fresh: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fresh.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    fresh.setattr(socket, "getaddrinfo", no_network)
    counter = TokenCounter()
    assert not counter.exact
    assert counter.count("") == 0
    assert counter.count("hello") == 2
    assert counter.count("a" * 4 * CHARACTERS_A_TOKEN) == 4


def test_a_text_has_a_token_and_never_more_than_bytes(fresh: pytest.MonkeyPatch) -> None:
    fresh.setenv("TIKTOKEN_CACHE_DIR", str(shipped_ranks()))
    count = TokenCounter().count
    count("")  # reads the ranks, outside the timed examples

    @given(text=st.text(max_size=60))
    def holds(text: str) -> None:
        assert min(1, len(text)) <= count(text) <= len(text.encode())

    holds()
