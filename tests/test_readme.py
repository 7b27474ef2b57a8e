"""The documentation is compared with the code: file maps, settings, commands, routes, links, and the example catalog."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

import app
from assistant.agent import TURN_SECONDS
from assistant.interface.limits import BODY_BYTES, LARGER_BODIES
from assistant.limits import Limits
from assistant.settings import SETTINGS
from benchmarks.run import BENCHMARKS
from catalog_data.loader import load_catalog
from catalog_data.schema import Catalog, Manifest, Product
from catalog_data.vocabulary import load_vocabulary
from retrieval.candidates import SearchTuning
from tests.assistant.conftest import House
from tests.assistant.interface.conftest import api_of

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
ARCHITECTURE = ROOT / "docs/architecture.md"
MADE = frozenset(("build", "dist", "node_modules", "__pycache__"))
"""Folders that tools make; like hidden ones they are in no map."""
FILE_BY_FILE = (
    *("assistant", "assistant/understanding", "assistant/guide", "assistant/interface", "assistant/evaluation", "retrieval"),
    *("catalog_data", "catalog_data/adapters", "catalog_data/native", "prompts"),
)
"""Folders whose every file stands in docs/architecture.md; other folders stand there, or in the README, as a whole."""
LINK = re.compile(r"\]\(([^)\s]+)\)")


def documents() -> list[Path]:
    return [README, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def section(path: Path, heading: str) -> str:
    """The text below a heading of the second level, up to the next one."""
    parts = re.split(r"(?m)^## ", path.read_text(encoding="utf-8"))
    found = [part for part in parts if part.partition("\n")[0] == heading]
    assert len(found) == 1, f"{path.name} has {len(found)} sections {heading!r}"
    return found[0]


def rows(text: str) -> list[list[str]]:
    """The rows of the tables of a text, without heads and rules."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    rules = [number for number, row in enumerate(cells) if all(set(cell) <= set("-:") for cell in row)]
    heads = {number - 1 for number in rules}
    return [row for number, row in enumerate(cells) if number not in heads and number not in rules]


def named(text: str) -> set[str]:
    """The paths in the first column of a text's tables, folders without their slash."""
    return {path.rstrip("/") for row in rows(text) for path in re.findall(r"`([^`]+)`", row[0])}


def packages() -> set[str]:
    """Every folder of the tree with Python code in it, but for what only says that it is a package."""
    found = set()
    for path in ROOT.rglob("*.py"):
        inner = path.relative_to(ROOT)
        if any(part.startswith(".") or part in MADE or part.endswith(".egg-info") for part in inner.parts[:-1]):
            continue
        if path.name == "__init__.py" and len(path.read_text(encoding="utf-8").splitlines()) < 3:
            continue
        found.add(str(inner.parent))
    return found - {"."}


# ---------------------------------------------------------------- file maps


def test_the_readmes_map_names_every_folder_of_code_and_nothing_that_is_not_there() -> None:
    mapped = named(section(README, "File map"))
    assert not [path for path in sorted(mapped) if not (ROOT / path).exists()]
    assert not [path for path in sorted(packages()) if path not in mapped and path.split("/")[0] != "tests"]
    assert {"app.py", "docs", "tests", "Makefile"} <= mapped


def files_of(folder: str) -> Iterator[str]:
    for path in sorted((ROOT / folder).glob("*")):
        only_package = path.name == "__init__.py" and len(path.read_text(encoding="utf-8").splitlines()) < 3
        if path.suffix in (".py", ".yaml", ".md", ".txt") and not only_package:
            yield str(path.relative_to(ROOT))


def test_the_architectures_map_names_every_file_and_nothing_that_is_not_there() -> None:
    text = section(ARCHITECTURE, "Every file")
    mapped = named(text)
    assert not [path for path in sorted(mapped) if not (ROOT / path).exists()]
    there = [path for folder in FILE_BY_FILE if (ROOT / folder).is_dir() for path in files_of(folder)]
    assert len(there) > 100
    assert not [path for path in there if path not in mapped], "name these files in docs/architecture.md"


def test_the_doors_are_those_that_the_architecture_test_holds() -> None:
    doors = {path for row in rows(section(ARCHITECTURE, "Who imports whom")) for path in re.findall(r"`([^`]+)`", row[1])}
    held = set(
        re.findall(r'": "((?:assistant|retrieval)/[a-z_/]+\.py)"', (ROOT / "tests/test_architecture.py").read_text("utf-8"))
    )
    assert held
    assert held | {"retrieval/lexical.py", "assistant/settings.py"} == doors


# ---------------------------------------------------------------- settings, commands, routes


def test_the_settings_table_is_the_one_of_the_code() -> None:
    assert rows(section(README, "Settings")) == [[f"`{each.name}`", each.default, each.meaning] for each in SETTINGS]


def targets() -> dict[str, str]:
    """The targets of the Makefile a person may call, with their recipes."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = {name for line in re.findall(r"(?m)^\.PHONY: (.*)$", text) for name in line.split()}
    blocks = re.findall(r"(?m)^([a-z]+):(?!=)[^\n]*\n((?:\t[^\n]*\n|if[^\n]*\n|else[^\n]*\n|endif[^\n]*\n)*)", text)
    return {name: recipe for name, recipe in blocks if name in phony}


def commands() -> dict[str, argparse.ArgumentParser]:
    """The commands of `shopguide`."""
    (choices,) = (each.choices for each in app.parser()._actions if isinstance(each, argparse._SubParsersAction))
    return dict(choices)


def calls(recipe: str) -> set[str]:
    return set(re.findall(r"/shopguide ([a-z]+)", recipe))


def test_every_command_that_is_named_exists() -> None:
    make, shopguide = targets(), commands()
    assert {"run", "test", "setup", "check", "bench"} <= set(make)
    for document in documents():
        text = document.read_text(encoding="utf-8")
        code = "\n".join([*re.findall(r"`([^`\n]+)`", text), *re.findall(r"(?m)^    (.+)$", text)])
        wrong = {name for name in re.findall(r"\bmake ([a-z]+)", code) if name not in make}
        wrong |= {name for name in re.findall(r"(?:^|[\s/])shopguide ([a-z]+)", code) if name not in shopguide}
        assert not wrong, f"{document.name} names {wrong}"


def test_the_readme_names_every_command_that_works() -> None:
    table = section(README, "Commands")
    shopguide = commands()
    assert set(re.findall(r"`\.venv/bin/shopguide ([a-z]+)", table)) == set(shopguide)
    works = {name for name, recipe in targets().items() if calls(recipe) <= set(shopguide)}
    internal = {"gate", "lint", "types", "weights"}  # parts of `check` and `run`
    assert set(re.findall(r"`make ([a-z]+)`", table)) == works - internal


def test_the_options_of_bench_are_those_of_the_code() -> None:
    (line,) = (line for line in section(README, "Commands").splitlines() if "shopguide bench" in line)
    options = {option for each in commands()["bench"]._actions for option in each.option_strings if option.startswith("--")}
    assert set(re.findall(r"--[a-z]+", line)) == options - {"--help"}


def test_every_benchmark_is_described() -> None:
    text = section(ROOT / "docs/development.md", "Benchmarks")
    assert set(re.findall(r"shopguide bench ([a-z-]+)", text)) == {*BENCHMARKS, "all"}


@pytest.fixture
def api(tmp_path: Path) -> Iterator[FastAPI]:
    products = (Product(product_id="p1", title="A thing"),)
    catalog = Catalog(manifest=Manifest(catalog_id="small", name="Small", currency="EUR"), products=products, digest="0" * 64)
    house = House(catalog, tmp_path / "data")
    yield api_of(house)
    house.store.close()


def test_every_route_is_described_and_every_described_route_is_there(api: FastAPI) -> None:
    methods = ("get", "post", "patch", "delete", "put")
    there = {
        f"{method.upper()} {path}" for path, calls in api.openapi()["paths"].items() for method in calls if method in methods
    }
    text = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    described = {call for row in rows(text) for call in re.findall(r"`((?:GET|POST|PATCH|DELETE|PUT) [^`]+)`", row[0])}
    assert described == there


def test_the_limits_that_are_named_are_those_of_the_code() -> None:
    limits, text = Limits(), " ".join(section(ROOT / "docs/api.md", "Rules for all calls").split())
    assert f"A body holds at most {BODY_BYTES // 1024} KiB ({LARGER_BODIES['/v1/'] // 1024} KiB under `/v1`)" in text
    assert f"a message at most {limits.message_characters:,} characters, a conversation at most {limits.turns} turns" in text
    assert f"Of one conversation {limits.conversation_burst} messages and changes may come at once" in text
    assert f"and {limits.conversation_per_second:g} a second from then on, of one address {limits.client_burst}" in text
    assert f"and {limits.client_per_second:g} a second; beyond that the answer is 429" in text
    assert (limits.concurrent, limits.waiting) == (8, 16)
    assert f"Eight turns run at a time, sixteen more calls wait for at most {limits.wait_s:g} s" in text
    assert f"A turn has {TURN_SECONDS:g} s." in ARCHITECTURE.read_text(encoding="utf-8")
    tuning = SearchTuning()
    for page in (ARCHITECTURE, ROOT / "docs/decisions/0003-exact-search-for-selective-constraints.md"):
        assert f"{tuning.exact_filtered:,}" in page.read_text(encoding="utf-8")
        assert f"{tuning.exact_all:,}" in page.read_text(encoding="utf-8")


# ---------------------------------------------------------------- links and examples


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_resolve(document: Path) -> None:
    targets = [link.partition("#")[0] for link in LINK.findall(document.read_text(encoding="utf-8"))]
    inner = [link for link in targets if link and "://" not in link]
    missing = [link for link in inner if not (document.parent / link).exists()]
    assert not missing


def test_every_decision_has_a_number_of_its_own_and_the_same_parts() -> None:
    pages = sorted((ROOT / "docs/decisions").glob("*.md"))
    numbers = [page.name[:4] for page in pages]
    assert numbers == [f"{number:04}" for number in range(1, len(pages) + 1)]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert text.startswith(f"# {page.name[:4]}: ")
        for part in ("chosen", "turned down", "does not work"):
            assert re.search(rf"(?im)^## {part}$|^\|.*\b{part}\b.*\|$", text), f"{page.name} does not say what was {part}"


def test_the_example_catalog_loads_as_it_stands(tmp_path: Path) -> None:
    text = (ROOT / "docs/own_catalog.md").read_text(encoding="utf-8")
    files = dict(re.findall(r"(?ms)^`([\w.]+)`\n\n```\w+\n(.*?)^```$", text))
    assert set(files) == {"catalog.yaml", "products.jsonl", "promotions.yaml", "interactions.csv", "policy.md"}
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    catalog = load_catalog(tmp_path, load_vocabulary())
    assert (catalog.report.problems, catalog.report.unmapped) == ((), {})
    assert [len(each) for each in (catalog.products, catalog.interactions, catalog.promotions, catalog.policy)] == [2, 3, 2, 1]
    assert catalog.products[1].product_type == "sneakers"
    assert catalog.products[1].struck_price is not None


def test_the_quoted_problem_is_what_the_loader_says(tmp_path: Path) -> None:
    text = (ROOT / "docs/own_catalog.md").read_text(encoding="utf-8")
    (quoted,) = re.findall(r"`(products\.jsonl:\d+:price\.amount_minor: [^`]+)`", text)
    line = int(quoted.split(":")[1])
    (tmp_path / "catalog.yaml").write_text("{catalog_id: c, name: C, currency: EUR}", encoding="utf-8")
    good = '{"product_id": "%d", "title": "t", "price": {"amount_minor": 5, "currency": "EUR"}}\n'
    bad = good.replace('"amount_minor": 5', '"amount_minor": -5')
    (tmp_path / "products.jsonl").write_text("".join((bad if n == line else good) % n for n in range(1, 9)), encoding="utf-8")
    assert [str(problem) for problem in load_catalog(tmp_path, load_vocabulary()).report.problems] == [quoted]


def test_the_options_of_eval_are_those_of_the_code() -> None:
    text = (ROOT / "docs/evaluation.md").read_text(encoding="utf-8")
    named_there = {option for row in rows(text) for option in re.findall(r"--[a-z0-9-]+", row[0])}
    options = {option for each in commands()["eval"]._actions for option in each.option_strings if option.startswith("--")}
    assert named_there == options - {"--help"}
