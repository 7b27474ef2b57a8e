"""Helps tests that talk to the whole service: builds one in process, says things, gives back the records."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from fastapi import FastAPI
from numpy.typing import NDArray

import app
from assistant.events import DoneEvent, ErrorEvent
from assistant.schema import TurnContext, TurnRecord
from assistant.settings import Settings, read_settings
from retrieval.fake_embedding import HashingEmbedder
from retrieval.warming import WarmingEmbedder

NOW = "2026-11-27T10:00:00Z"


def settings_for(data_dir: Path, catalog: Path | None = None, **more: str) -> Settings:
    """Settings of a service without a model, at a fixed time."""
    environ = {"SHOPGUIDE_DATA_DIR": str(data_dir), "SHOPGUIDE_MODEL": "none", "SHOPGUIDE_NOW": NOW, **more}
    if catalog is not None:
        environ["SHOPGUIDE_CATALOG"] = str(catalog)
    return read_settings(environ)


class WordsEmbedder(HashingEmbedder):
    """The hashing embedder, which works out each word once: a catalog of twenty thousand items says the same few thousand."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, NDArray[np.float32]] = {}

    def _direction(self, word: str) -> NDArray[np.float32]:
        if word not in self._known:
            self._known[word] = super()._direction(word)
        return self._known[word]


def quick_service(settings: Settings) -> app.Service:
    """The whole service, its vectors from hashed words: what obeys a constraint does not depend on them."""
    fake = WordsEmbedder()
    return app.make_service(settings, WarmingEmbedder(WordsEmbedder, fake.model_id, fake.dimension))


def second_service(first: app.Service, data_dir: Path, **more: str) -> app.Service:
    """Another service on the catalog of `first`, with settings of its own; it finds index and weights built."""
    for part in ("index", "weights"):
        shutil.copytree(first.settings.data_dir / part, data_dir / part)
    return quick_service(settings_for(data_dir, first.settings.catalog, **more))


def whole_app(service: app.Service) -> FastAPI:
    """Interface and page of a service, made where an event loop runs: gradio makes loops of its own where none does, and closes none.
    In a thread, as playwright holds the loop of this one."""

    async def made() -> FastAPI:
        return app.make_app(service)

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(made())).result()


class Talk:
    """One conversation with a service."""

    def __init__(self, service: app.Service, shopper_id: str | None = None) -> None:
        self.service = service
        conversation, self.token = service.sessions.create(shopper_id)
        self.conversation_id = conversation.conversation_id

    def say(self, message: str, product_id: str | None = None) -> TurnRecord:
        """The record of the turn; fails on an error event."""
        context = TurnContext(product_id=product_id)
        for event in self.service.sessions.turn(self.conversation_id, self.token, message, context=context):
            if isinstance(event, DoneEvent):
                return event.record
            assert not isinstance(event, ErrorEvent), event
        raise AssertionError("the turn ended without a record")

    def say_all(self, messages: Sequence[str]) -> list[TurnRecord]:
        """The records of several turns."""
        return [self.say(message) for message in messages]
