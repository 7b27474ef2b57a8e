"""Failures of benchmarks; the command line says them in a line, as it does a shop owner's other mistakes."""

from __future__ import annotations

from assistant.errors import OwnerError


class BenchmarkRefused(OwnerError):
    """It cannot be run as asked: no such name, no data, data of another form, nowhere to write."""


class BenchmarkFailed(OwnerError):
    """It ran, and what it measures answered with an error: its figures would mean nothing."""
