"""How a catalog's files are read and how what is wrong with them is told: bytes to rows, rows to models, faults to `Problem`s."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import ValidationError

from catalog_data.cleaning import clean, decode
from catalog_data.errors import CatalogUnreadable
from catalog_data.schema import Frozen, Problem

SHOWN_OF_A_KIND = 20
_YAML = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
"""The same YAML either way; the C parser reads ten times as fast."""

Model = TypeVar("Model", bound=Frozen)
Severity = Literal["error", "warning"]


def shown(value: Any) -> str:
    """`value` as a message can hold it: its JSON or Python form, at most 80 characters."""
    text = value if isinstance(value, str) else repr(value)
    text = json.dumps(text, ensure_ascii=False) if isinstance(value, str) else text
    return text if len(text) <= 80 else f"{text[:77]}..."


@dataclass
class Problems:
    """Collects problems in the order found. Of those marked `many`, the first 20 of a kind (file, what is allowed) are kept one by
    one, and the rest as one count at the end."""

    _kept: list[Problem] = field(default_factory=list)
    _kinds: Counter[tuple[str, str, Severity]] = field(default_factory=Counter)

    def add(
        self,
        file: str,
        found: str,
        allowed: str,
        *,
        line: int | None = None,
        at: str | None = None,
        severity: Severity = "error",
        many: bool = False,
    ) -> None:
        """Notes that `found` stands where only `allowed` may, in `line` (from 1) and field `at` of `file`."""
        if many:
            self._kinds[file, allowed, severity] += 1
        if not many or self._kinds[file, allowed, severity] <= SHOWN_OF_A_KIND:
            self._kept.append(Problem(file=file, line=line, field=at, found=found, allowed=allowed, severity=severity))

    def all(self) -> tuple[Problem, ...]:
        """Every problem, then a count for each kind of which not all are shown."""
        counted = (
            Problem(
                file=file,
                found=f"{count - SHOWN_OF_A_KIND} more of this kind, {count} in all",
                allowed=allowed,
                severity=severity,
            )
            for (file, allowed, severity), count in self._kinds.items()
            if count > SHOWN_OF_A_KIND
        )
        return (*self._kept, *counted)


@dataclass
class Folder:
    """A catalog's folder while it is read: every byte that was read counts towards `digest`."""

    path: Path
    problems: Problems = field(default_factory=Problems)
    _read: dict[str, bytes] = field(default_factory=dict)

    def read(self, name: str) -> bytes | None:
        """The bytes of a file, `None` where it is not there. Raises `CatalogUnreadable` where it cannot be opened."""
        path = self.path / name
        if not path.exists():
            return None
        try:
            data = path.read_bytes()
        except OSError as error:
            raise CatalogUnreadable(f"{path}: cannot be read ({error.strerror}); make it a readable file") from error
        self._read[name] = sha256(data).digest()
        return data

    def lines(self, name: str) -> list[str | None]:
        """The lines of a text file; none where it is not there. Notes an encoding that had to be assumed, and an empty file."""
        data = self.read(name)
        if data is None:
            return []
        decoded = decode(data)
        if decoded.warning:
            self.problems.add(name, decoded.warning, "UTF-8 without a byte-order mark", severity="warning")
        if not data.strip():
            self.problems.add(name, "an empty file", "rows, or no such file", severity="warning")
        return decoded.lines

    def rows(self, name: str, *, many: bool) -> Iterator[tuple[int, str]]:
        """The lines of a file that hold something, by number from 1; notes those whose bytes are no text."""
        for number, line in enumerate(self.lines(name), 1):
            if line is None:
                self.problems.add(name, "bytes that are not UTF-8", "text in UTF-8", line=number, many=many)
            elif line.strip():
                yield number, line.rstrip("\r")

    @property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, over the name and the SHA-256 of every file that was read, in the order of the names."""
        return sha256(b"".join(name.encode() + b"\0" + part for name, part in sorted(self._read.items()))).hexdigest()


def json_object(line: str) -> tuple[dict[str, Any] | None, str]:
    """The cleaned JSON object that `line` is, or `None` and what was found in its place."""
    try:
        value = json.loads(line)
    except RecursionError:
        return None, "brackets nested too deep"
    except ValueError as error:
        return None, f"no JSON ({error})"
    if not isinstance(value, dict):
        return None, f"{type(value).__name__} {shown(value)}"
    # A line of plain ASCII without escapes cannot hold an invisible character.
    return (value if line.isascii() and line.isprintable() and "\\" not in line else clean(value)), ""


def yaml_items(text: str) -> tuple[Any, list[tuple[int, Any]]]:
    """The cleaned value of a YAML text, and where it is a list, its items by line from 1. Raises `ValueError` with the reason.

    Aliases are refused: a few lines of them unfold into gigabytes.
    """
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=_YAML)):
            raise ValueError("an alias (*name); write the value out")
        loader = _YAML(text)
        node = loader.get_single_node()
        if isinstance(node, yaml.SequenceNode):
            items = [(part.start_mark.line + 1, clean(loader.construct_document(part))) for part in node.value]
            return [value for _, value in items], items
        return (clean(loader.construct_document(node)) if node else None), []
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(re.sub(r"\s+", " ", f"no YAML ({error})")) from error


def shortened(row: dict[str, Any], longest: Mapping[str, int], file: str, line: int, problems: Problems) -> dict[str, Any]:
    """`row` with the texts of the fields in `longest` cut to so many characters; each cut is noted. So that no text is read that is not kept."""
    long = {name: most for name, most in longest.items() if isinstance(row.get(name), str) and len(row[name]) > most}
    for name, most in long.items():
        found, allowed = f"{len(row[name]):,} characters", f"at most {most:,}; the rest is cut"
        problems.add(file, found, allowed, line=line, at=name, severity="warning", many=True)
    return {**row, **{name: row[name][:most] for name, most in long.items()}} if long else row


def validated(
    model: type[Model], row: dict[str, Any], file: str, line: int | None, problems: Problems, *, many: bool
) -> Model | None:
    """`row` as a `model`. Unknown fields are dropped with a warning; any other fault is noted by field, and `None` returned."""
    while True:
        try:
            return model.model_validate(row)
        except ValidationError as error:
            faults = error.errors(include_url=False, include_context=False)
        unknown = [fault["loc"] for fault in faults if fault["type"] == "extra_forbidden"]
        for place in unknown:
            _drop(row, place)
            known = "no such field; it is left out"
            problems.add(file, "an unknown field", known, line=line, at=_dotted(place), severity="warning", many=True)
        if len(unknown) == len(faults):
            continue
        for fault in faults:
            if fault["type"] != "extra_forbidden":
                found = {"missing": "nothing", "value_error": "these fields together"}.get(fault["type"]) or shown(fault["input"])
                allowed = re.sub(r"^(Input should be |Value error, )", "", fault["msg"])
                problems.add(file, found, allowed, line=line, at=_dotted(fault["loc"]) or None, many=many)
        return None


def _dotted(place: Sequence[int | str]) -> str:
    return shown(".".join(str(part) for part in place)).strip('"')


def _drop(row: Any, place: Sequence[int | str]) -> None:
    for part in place[:-1]:
        row = row[part]
    del row[place[-1]]
