"""Reads scripted conversations and says all that is wrong with them by file, line and key."""

from __future__ import annotations

import json
import re
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz import process

from assistant.evaluation.errors import ScriptsInvalid
from assistant.evaluation.script import Script

SCHEMA_FILE = "conversation.schema.json"
FIRST_LINE = f"# yaml-language-server: $schema={SCHEMA_FILE}"
_QUOTED = re.compile(r"'([^']+)'")
LIKE_ENOUGH = 60.0
"""Of 100, by `rapidfuzz`: from here on a known key is offered for an unknown one."""


def json_schema() -> str:
    """The published schema, as it stands in `evals/`."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Script.model_json_schema()}
    return json.dumps(schema, indent=2, sort_keys=True) + "\n"


def script_paths(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The files that `paths` name, a folder standing for every .yaml beneath it, sorted. Raises `ScriptsInvalid` for what is not there."""
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise ScriptsInvalid((f"{path}: there is nothing; give a .yaml file or a folder of them",))
        inside = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
        found.update(dict.fromkeys(inside))
    return tuple(found)


def load_scripts(paths: Iterable[Path]) -> tuple[Script, ...]:
    """Every conversation of `paths`, by id. Raises `ScriptsInvalid` with every fault of every file at once."""
    scripts: dict[str, Script] = {}
    faults: list[str] = []
    for path in script_paths(paths):
        try:
            script = read_script(path)
        except ScriptsInvalid as wrong:
            faults += wrong.faults
            continue
        if script.id in scripts:
            line = _line(yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader), ("id",))
            faults.append(f"{path}:{line}: id: {script.id!r} is another file's too; give each its own")
        scripts[script.id] = script
    if faults:
        raise ScriptsInvalid(tuple(faults))
    if not scripts:
        raise ScriptsInvalid((f"{', '.join(map(str, paths))}: no conversation; allowed: .yaml files as in evals/",))
    return tuple(scripts[script_id] for script_id in sorted(scripts))


def read_script(path: Path) -> Script:
    """One conversation. Raises `ScriptsInvalid`."""
    try:
        text = path.read_text(encoding="utf-8")
        tree, value = yaml.compose(text, Loader=yaml.SafeLoader), yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ScriptsInvalid((f"{path}: not YAML: {' '.join(str(error).split())}",)) from error
    if not isinstance(value, dict):
        raise ScriptsInvalid((f"{path}: found {type(value).__name__}; allowed: a map with id, tags and turns",))
    twice = tuple(_written_twice(path, tree)) if tree is not None else ()
    try:
        script = Script.model_validate(value)
    except ValidationError as error:
        faults = (_fault(path, tree, fault) for fault in _own(error.errors(), value))
        raise ScriptsInvalid((*twice, *faults)) from error
    if twice:
        raise ScriptsInvalid(twice)
    return script


def _written_twice(path: Path, node: yaml.Node) -> Iterator[str]:
    """A fault for each key that stands twice in one map: plain YAML would silently keep the last."""
    if isinstance(node, yaml.MappingNode):
        lines: dict[str, int] = {}
        for name, value in node.value:
            line = name.start_mark.line + 1
            if name.value in lines:
                yield f"{path}:{line}: {name.value}: written twice, on line {lines[name.value]} already; keep one"
            lines.setdefault(name.value, line)
            yield from _written_twice(path, value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _written_twice(path, value)


def _own(faults: Sequence[ErrorDetails], value: Mapping[str, Any]) -> Iterator[ErrorDetails]:
    """The faults without those that only follow from others: a list with a faulty turn counts as empty for pydantic, though the file has
    turns."""
    for fault in faults:
        inside = any(
            len(other["loc"]) > len(fault["loc"]) and other["loc"][: len(fault["loc"])] == fault["loc"] for other in faults
        )
        if not (fault["type"] == "too_short" and inside and value.get(str(fault["loc"][0]))):
            yield fault


def _fault(path: Path, tree: yaml.Node | None, fault: ErrorDetails) -> str:
    place = [key for key in fault["loc"] if not _only_a_type(key)]
    of_key = bool(place) and place[-1] == "[key]"
    place = place[:-1] if of_key else place
    where = ".".join(str(key) for key in place)
    message = str(fault["msg"]).removeprefix("Value error, ")
    if fault["type"] == "extra_forbidden":
        message = _unknown(str(place[-1]), _fields(place[:-1]))
    elif of_key and fault["type"] == "literal_error":
        message = _unknown(str(place[-1]), _QUOTED.findall(str(fault["ctx"]["expected"])))
    return f"{path}:{_line(tree, place)}: {where}: {message}"


def _only_a_type(key: str | int) -> bool:
    """Pydantic names the member of a union that it tried; that is no key of the file."""
    return isinstance(key, str) and (key in ("str", "bool", "tuple[str, ...]") or key.startswith("tuple["))


def _unknown(key: str, allowed: Sequence[str]) -> str:
    near = process.extractOne(key, allowed, score_cutoff=LIKE_ENOUGH)
    meant = f"did you mean {near[0]!r}? " if near is not None else ""
    return f"no such key; {meant}allowed: {', '.join(allowed)}"


def _fields(place: Sequence[str | int]) -> tuple[str, ...]:
    """The keys of the model at `place`."""
    model: type[BaseModel] | None = Script
    for key in place:
        if isinstance(key, str) and model is not None and key in model.model_fields:
            model = _model_in(model.model_fields[key].annotation)
    return tuple(model.model_fields) if model is not None else ()


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in typing.get_args(annotation) if (found := _model_in(part)) is not None), None)


def _line(tree: yaml.Node | None, place: Sequence[str | int]) -> int:
    """The line (from 1) of the key at `place`, or of the nearest thing above it that is there."""
    node, line = tree, 1
    for key in place:
        if isinstance(node, yaml.MappingNode):
            pair = next(((name, value) for name, value in node.value if name.value == str(key)), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            node = node.value[key]
            line = node.start_mark.line + 1
        else:
            break
    return line
