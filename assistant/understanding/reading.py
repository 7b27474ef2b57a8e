"""Who reads a message: the parser alone, or the parser and a model. Both keep the `Understander` protocol."""

from __future__ import annotations

import logging

from assistant.breaker import Breaker
from assistant.errors import ModelError, ModelUnavailable
from assistant.schema import ParseContext, Understanding, Usage
from assistant.understanding.merge import merge
from assistant.understanding.model import ModelReader
from assistant.understanding.parser import Parser

LOG = logging.getLogger(__name__)


class ParserOnly:
    """The built-in parser; no model."""

    def __init__(self, parser: Parser) -> None:
        self._parser = parser

    def understand(self, message: str, context: ParseContext, *, stop_at: float) -> tuple[Understanding, Usage]:
        """What `message` says; takes milliseconds, whatever `stop_at` is."""
        return self._parser.parse(message, context), Usage()


class ParserAndModel:
    """The parser's reading joined with a model's; the parser's alone while the model fails."""

    def __init__(self, parser: Parser, reader: ModelReader, breaker: Breaker) -> None:
        self._parser = parser
        self._reader = reader
        self._breaker = breaker

    def understand(self, message: str, context: ParseContext, *, stop_at: float) -> tuple[Understanding, Usage]:
        """What `message` says, by both. A failing model costs at most until `stop_at`."""
        parsed = self._parser.parse(message, context)
        if not self._breaker.allows():
            return parsed, Usage()
        try:
            modelled, usage = self._reader.read(parsed.text, context, stop_at=stop_at)
        except ModelError as error:
            return parsed, self._failed(error)
        self._breaker.succeeded()
        return merge(parsed, modelled), usage

    def _failed(self, error: ModelError) -> Usage:
        """Notes the failure, unless the model only had no time for us; gives what the call cost, as far as that is known."""
        LOG.warning("the parser read alone: %s", error)
        if isinstance(error, ModelUnavailable) and error.busy:
            return Usage()
        self._breaker.failed(error.retry_after if isinstance(error, ModelUnavailable) else None)
        return Usage(model_calls=1, estimated=True)
