"""The rules of docs/architecture.md, held against the code: import order, one door for each outside library, short functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("assistant", "benchmarks", "catalog_data", "prompts", "retrieval")
LONGEST_FUNCTION = 40

LEVELS = (
    ("prompts", 0),
    ("catalog_data", 1),
    ("retrieval", 2),
    ("assistant.interface", 8),
    ("assistant.evaluation", 8),
    ("assistant", 3),
    ("benchmarks", 9),
    ("app", 9),
)
"""Who may import whom, by the longest prefix: a lower level never imports a higher one."""

STEPS = ("assistant.understanding", "assistant.profile", "assistant.plan", "assistant.actions", "assistant.guide")
"""The steps of a turn. They do not import one another; the agent joins them."""

DOORS = {
    "chromadb": "retrieval/chroma_store.py",
    "sentence_transformers": "retrieval/embedding.py",
    "torch": "retrieval/embedding.py",
    "langchain": "assistant/models.py",
    "langchain_core": "assistant/models.py",
    "langchain_openai": "assistant/models.py",
    "openai": "assistant/models.py",
    "xllamacpp": "assistant/embedded.py",
    "tiktoken": "assistant/token_count.py",
    "gradio": "assistant/interface/chat_screen.py",
    "sqlalchemy": "assistant/store.py",
}
"""The one file of the product that imports each outside library. Benchmarks may import peers."""
TRAINING_DOORS = {"torch": "retrieval/sequence_training.py"}
"""Where a library is used for training beside the door that serves; nothing that serves imports these."""


def files() -> list[Path]:
    return [ROOT / "app.py", *(path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))]


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively; write the whole name"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def level(module: str) -> int | None:
    fitting = [(prefix, value) for prefix, value in LEVELS if module == prefix or module.startswith(prefix + ".")]
    return max(fitting, key=lambda pair: len(pair[0]))[1] if fitting else None


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    own = level(module_name(path))
    assert own is not None
    wrong = [name for name in imports(path) if (other := level(name)) is not None and other > own]
    assert not wrong, f"{module_name(path)} imports {wrong}, which lie above it"


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_steps_do_not_import_one_another(path: Path) -> None:
    module = module_name(path)
    own = next((step for step in STEPS if module == step or module.startswith(step + ".")), None)
    if own is None:
        return
    others = [name for name in imports(path) for step in STEPS if step != own and (name == step or name.startswith(step + "."))]
    assert not others, f"{module} is a step and imports the steps {others}"


def test_each_outside_library_has_one_door() -> None:
    found: dict[str, set[str]] = {}
    for path in files():
        where = str(path.relative_to(ROOT))
        if where.startswith("benchmarks/"):
            continue
        for name in imports(path):
            library = name.split(".")[0]
            if library in DOORS:
                found.setdefault(library, set()).add(where)
    allowed = {library: {doors[library] for doors in (DOORS, TRAINING_DOORS) if library in doors} for library in found}
    assert allowed == found


def test_only_settings_read_the_environment() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for path in files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv", "putenv")
    }
    assert readers <= {"assistant/settings.py"}


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_function_is_long(path: Path) -> None:
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert not long


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), f"{path.name} has no docstring"


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_state_at_module_level(path: Path) -> None:
    """Module-level names are constants, types, functions: no `global`, no empty container that something fills later."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Global)]
    empty = [
        node.lineno
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict | ast.List | ast.Set)
        if not (node.value.keys if isinstance(node.value, ast.Dict) else node.value.elts)
    ]
    assert not empty, f"empty containers at lines {empty}"
