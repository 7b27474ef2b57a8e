"""Imports gradio in a third of its time."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def without_stubs() -> Iterator[None]:
    """While it lasts, gradio's own classes say that they have no source file, as those made in a notebook do. On import gradio otherwise
    writes a stub for editors beside each of its 80 components: two seconds of every start, and a write into the environment."""
    real = inspect.getfile

    def getfile(object: Any) -> str:
        if str(getattr(object, "__module__", "")).startswith("gradio."):
            raise OSError("no stub is wanted")
        return real(object)

    inspect.getfile = getfile
    try:
        yield
    finally:
        inspect.getfile = real
