"""Prompt files: those shipped are whole, and a variable that is missing or unknown is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from prompts import PROMPTS_DIR, Prompt, PromptInvalid, load_prompt

VARIABLES = {
    "voice": set(),
    "guide": set(),
    "guide_facts": {"wishes", "message", "facts"},
    "understanding": {"message"},
    "style_knowledge": set(),
}


def test_every_file_is_known() -> None:
    assert {path.stem for path in PROMPTS_DIR.glob("*.md")} == set(VARIABLES)


@pytest.mark.parametrize("name", sorted(VARIABLES))
def test_shipped(name: str) -> None:
    prompt = load_prompt(name)
    assert prompt.variables == VARIABLES[name]
    assert prompt.text
    assert "<!--" not in prompt.text
    filled = prompt.fill(**{variable: f"the {variable}" for variable in VARIABLES[name]})
    assert "${" not in filled
    assert all(f"the {variable}" in filled for variable in VARIABLES[name])


def test_style_knowledge_names_its_sources() -> None:
    lines = load_prompt("style_knowledge").text.splitlines()
    assert all(line.startswith("- ") and line.endswith(")") and "(" in line for line in lines)


@pytest.mark.parametrize("given", [{}, {"name": "x"}, {"name": "x", "shop": "y", "more": "z"}])
def test_missing_and_unknown_variables_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(PromptInvalid, match="it takes"):
        Prompt(name="greeting", text="Welcome ${name} to ${shop}").fill(**given)


def test_a_value_is_not_read_as_a_template() -> None:
    prompt = Prompt(name="echo", text="Said: ${message}, for $$5")
    assert prompt.fill(message="${shop} $x $") == "Said: ${shop} $x $, for $5"


def test_an_unknown_prompt_names_those_there_are(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("text", encoding="utf-8")
    with pytest.raises(PromptInvalid, match=r"no prompt 'b'; there are: a"):
        load_prompt("b", tmp_path)


def test_a_broken_form_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("costs $ 5", encoding="utf-8")
    with pytest.raises(PromptInvalid, match=r"lone \$"):
        load_prompt("a", tmp_path)


def test_remarks_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("<!-- for people -->\nfor models\n<!-- again -->\n", encoding="utf-8")
    assert load_prompt("a", tmp_path).text == "for models"
