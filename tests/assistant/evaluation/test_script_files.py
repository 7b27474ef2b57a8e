"""Reading scripts: what is wrong is said by file, line and key, all of it at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.evaluation.errors import ScriptsInvalid
from assistant.evaluation.script_files import json_schema, load_scripts, read_script, script_paths

GOOD = """\
id: one
tags: [budget]
turns:
  - user: a bag
    expect:
      products: {min: 3, all: {price: {lte: 50}}}
"""


def faults_of(folder: Path, text: str) -> tuple[str, ...]:
    """What is said of a file that holds this."""
    path = folder / "a.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScriptsInvalid) as caught:
        read_script(path)
    return caught.value.faults


def test_a_script_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD, encoding="utf-8")
    script = read_script(tmp_path / "a.yaml")
    assert (script.id, script.catalog, script.turns[0].user) == ("one", "demo", "a bag")


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "meant"),
    [
        ("user:", "usr:", 4, "turns.0.usr", "'user'"),
        ("min:", "mn:", 6, "turns.0.expect.products.mn", "'min'"),
        ("price:", "prize:", 6, "turns.0.expect.products.all.prize", "'price'"),
        ("lte:", "let:", 6, "turns.0.expect.products.all.price.let", "'l"),
        ("tags:", "tag:", 2, "tag", "'tags'"),
    ],
)
def test_a_misspelt_key_is_named_with_the_nearest_right_one(
    tmp_path: Path, old: str, new: str, line: int, key: str, meant: str
) -> None:
    faults = [fault for fault in faults_of(tmp_path, GOOD.replace(old, new)) if "no such key" in fault]
    assert len(faults) == 1
    assert faults[0].startswith(f"{tmp_path}/a.yaml:{line}: {key}: no such key; did you mean {meant}")
    assert "allowed: " in faults[0]


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "meant"),
    [
        (
            "products: {min: 3, all: {price: {lte: 50}}}",
            "profile: {dislikes: {colour: red}}",
            6,
            "turns.0.expect.profile.dislikes.colour",
            "'color'",
        ),
        (
            "tags: [budget]",
            "tags: [budget]\nfinal: {without: {asked_twice: it must}}",
            3,
            "final.without.asked_twice",
            "'asked_once'",
        ),
    ],
)
def test_a_misspelt_key_of_a_map_is_named_with_the_nearest_right_one(
    tmp_path: Path, old: str, new: str, line: int, key: str, meant: str
) -> None:
    (fault,) = faults_of(tmp_path, GOOD.replace(old, new))
    assert fault.startswith(f"{tmp_path}/a.yaml:{line}: {key}: no such key; did you mean {meant}? allowed: ")


def test_a_fault_inside_a_turn_brings_no_second_one(tmp_path: Path) -> None:
    assert len(faults_of(tmp_path, GOOD.replace("user:", "usr:"))) == 2, "the wrong key, and the right one that is missing"
    assert len(faults_of(tmp_path, GOOD.replace("min: 3", "min: -1"))) == 1


def test_no_turns_is_a_fault_of_its_own(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, "id: one\ntags: [budget]\nturns: []\n")
    assert ":3: turns: " in fault


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD + "tags: [size]\n", ":7: tags: written twice, on line 2 already; keep one"),
        (GOOD.replace("min: 3,", "min: 3, min: 4,"), ":6: min: written twice, on line 6 already; keep one"),
    ],
)
def test_a_key_that_stands_twice_is_refused(tmp_path: Path, text: str, told: str) -> None:
    (fault,) = faults_of(tmp_path, text)
    assert fault == f"{tmp_path}/a.yaml{told}"


def test_the_same_id_twice_is_told_with_the_line_of_the_second(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "b.yaml").write_text("tags: [budget]\n" + GOOD.replace("tags: [budget]\n", ""), encoding="utf-8")
    with pytest.raises(ScriptsInvalid) as caught:
        load_scripts([tmp_path])
    assert caught.value.faults == (f"{tmp_path}/b.yaml:2: id: 'one' is another file's too; give each its own",)


def test_a_key_like_none_is_named_without_a_guess(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, GOOD + "zzzzzzzz: 1\n")
    assert "did you mean" not in fault
    assert ":7: zzzzzzzz: no such key; allowed: id, about," in fault


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD.replace("id: one", "id: One!"), ":1: id: "),
        (GOOD.replace("min: 3", "min: -1"), ":6: turns.0.expect.products.min: "),
        (GOOD.replace("{lte: 50}", "{}"), "give at least one of lt, lte, gt, gte, equals"),
        (GOOD.replace("tags: [budget]", "tags: []"), ":2: tags: "),
        ("- a\n- list\n", "found list; allowed: a map with id, tags and turns"),
        ("id: [\n", "not YAML: "),
        ("", "found NoneType"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, told: str) -> None:
    assert any(told in fault for fault in faults_of(tmp_path, text))


def test_all_faults_of_all_files_are_said_at_once(tmp_path: Path) -> None:
    for name, text in (("a", GOOD), ("b", GOOD), ("c", GOOD.replace("user:", "usr:")), ("d", "id: [")):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ScriptsInvalid) as caught:
        load_scripts([tmp_path])
    said = str(caught.value)
    assert "b.yaml:1: id: 'one' is another file's too; give each its own" in said
    assert "c.yaml:4: turns.0.usr" in said
    assert "d.yaml: not YAML" in said


def test_folders_stand_for_their_files_and_ids_give_the_order(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "z.yaml").write_text(GOOD.replace("id: one", "id: a-first"), encoding="utf-8")
    (tmp_path / "deep" / "a.yaml").write_text(GOOD.replace("id: one", "id: b-second"), encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not a script", encoding="utf-8")
    assert [script.id for script in load_scripts([tmp_path, tmp_path / "z.yaml"])] == ["a-first", "b-second"]
    assert len(script_paths([tmp_path])) == 2


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_a_path_without_scripts_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ScriptsInvalid, match=r"there is nothing|no conversation"):
        load_scripts([tmp_path / name])


def test_the_published_schema_says_the_keys() -> None:
    assert '"$schema": "https://json-schema.org/draft/2020-12/schema"' in json_schema()
    assert '"mentions_any"' in json_schema()
