"""The words that models read, as files with checked variables. A prompt is a Markdown file of this folder with `${name}` where a value goes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from string import Template

PROMPTS_DIR = Path(__file__).parent


class PromptInvalid(Exception):
    """A prompt file is missing, or the values given are not those that it names; for a developer."""


@dataclass(frozen=True)
class Prompt:
    """One prompt file."""

    name: str
    text: str

    @property
    def variables(self) -> frozenset[str]:
        """The names that the file leaves open."""
        return frozenset(Template(self.text).get_identifiers())

    def fill(self, **values: str) -> str:
        """The text with every variable filled in. Raises `PromptInvalid` where one is missing or unknown."""
        given = frozenset(values)
        if given != self.variables:
            missing, unknown = sorted(self.variables - given), sorted(given - self.variables)
            raise PromptInvalid(f"prompt {self.name}: missing {missing}, unknown {unknown}; it takes {sorted(self.variables)}")
        return Template(self.text).substitute(values)


def load_prompt(name: str, folder: Path = PROMPTS_DIR) -> Prompt:
    """The prompt `name`.md, its remark lines (<!-- ... -->) left out. Raises `PromptInvalid` where there is none, or its form is broken."""
    path = folder / f"{name}.md"
    if not path.is_file():
        allowed = ", ".join(sorted(each.stem for each in folder.glob("*.md")))
        raise PromptInvalid(f"no prompt {name!r}; there are: {allowed}")
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("<!--")]
    prompt = Prompt(name=name, text="\n".join(lines).strip())
    if not Template(prompt.text).is_valid():
        raise PromptInvalid(f"prompt {name!r} holds a lone $; write $$ for the sign itself, or ${{name}} for a variable")
    return prompt
