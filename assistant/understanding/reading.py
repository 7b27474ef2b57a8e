"""Who reads a message: the parser alone, or the parser and a model. Both keep the `Understander` protocol."""

from __future__ import annotations

from assistant.breaker import Breaker
from assistant.errors import ModelError
from assistant.schema import ParseContext, Understanding, Usage
from assistant.understanding.merge import merge
from assistant.understanding.model import ModelReader
from assistant.understanding.parser import Parser


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
        except ModelError:
            self._breaker.failed()
            return parsed, Usage(model_calls=1, estimated=True)
        self._breaker.succeeded()
        return merge(parsed, modelled), usage
