"""Scripted conversations in the forms of two other programs: a promptfoo configuration and a list of tau2 tasks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from assistant.evaluation.export_checks import checks, patterns_of
from assistant.evaluation.export_code import NOTHING_BEFORE, STORED_BEFORE, Line, program
from assistant.evaluation.export_sentences import sentences
from assistant.evaluation.script import Expect, ReplyExpect, Script
from catalog_data.vocabulary import Vocabulary, load_vocabulary

SERVER = '{{ env.SHOPGUIDE_URL or "http://127.0.0.1:7860" }}/api/conversations'
HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}
BRACES = re.compile(r"\{|#(?=\})")
"""What opens a template of Nunjucks, in which promptfoo reads its texts, and what ends a comment, which may not stand alone there."""


def promptfoo(scripts: Sequence[Script], vocabulary: Vocabulary | None = None) -> str:
    """A promptfoo configuration in JSON, which is YAML too: save as promptfooconfig.yaml, serve the shop, run `promptfoo eval`.

    Fields as in promptfoo's configuration reference and JSON schema: `description`, `prompts`, `providers` (an HTTP provider: `id`,
    `label`, `config` with `url`, `method`, `headers`, `body`, `transformResponse`), `evaluateOptions`, and `tests` of `description`,
    `vars`, `provider`, `options`, `metadata`, `assert`. Several turns are one conversation by its documented form: `metadata.conversationId`
    is the script's id, and `options.storeOutputAs` hands on what the next turn needs (the first test of each conversation opens it; this
    also makes promptfoo play one test after the other). Assertions: `icontains`, `not-icontains`, `icontains-any`, `word-count` and
    `latency` have the script's meaning; a `regex` of promptfoo minds case and speaks JavaScript, so patterns, and all that is expected
    of the state, are one assertion of type `python` over the turn record. SHOPGUIDE_URL names the server.

    Not carried over, and listed in each test's `metadata.notChecked`: what a turn record does not tell (an item's colour, material,
    category and the like, sizes in stock, the basket), the invariants, and budgets of calls and tokens. The moment of the script stands
    in `metadata.now`; the server must be started at it (SHOPGUIDE_NOW). `vocabulary`: the shop's own where none is given."""
    words = vocabulary if vocabulary is not None else load_vocabulary()
    turns = "{{ conversation.conversation_id }}/turns"
    # As a text: of an object promptfoo reads a message like "[1]" as JSON.
    body = '{"message": {{ prompt | dump }}, "context": {{ page | dump }}}'
    config = {
        "description": "Scripted conversations of Shopguide",
        "prompts": ["{{ message }}"],
        "providers": [_provider("shopguide", f"{SERVER}/{turns}", body, {"Authorization": "Bearer {{ conversation.token }}"})],
        # Two conversations begin with the same request: a cached answer would make them one.
        "evaluateOptions": {"cache": False, "maxConcurrency": 1},
        "tests": [test for script in scripts for test in _tests(script, words)],
    }
    return json.dumps(config, indent=2, ensure_ascii=False) + "\n"


def _provider(label: str, url: str, body: dict[str, str] | str, headers: dict[str, str]) -> dict[str, Any]:
    config = {"url": url, "method": "POST", "headers": HEADERS | headers, "body": body, "transformResponse": "json"}
    return {"id": "https", "label": label, "config": config}


def _tests(script: Script, vocabulary: Vocabulary) -> Iterator[dict[str, Any]]:
    about = {"conversationId": script.id, "tags": list(script.tags), "catalog": script.catalog, "now": script.now.isoformat()}
    opened = {"shopper_id": verbatim(script.shopper)} if script.shopper is not None else {}
    yield {
        "description": f"{script.id}: opens the conversation",
        "vars": {"message": "(opens the conversation)", "page": {}},
        "provider": _provider("shopguide, a new conversation", SERVER, opened, {}),
        "options": {"storeOutputAs": "conversation"},
        "metadata": about | {"turn": 0},
        "assert": [{"type": "is-json", "value": {"type": "object", "required": ["conversation_id", "token"]}}],
    }
    last = len(script.turns)
    for place, turn in enumerate(script.turns, 1):
        before = STORED_BEFORE if place > 1 and looks_back(turn.expect) else NOTHING_BEFORE
        asserted, unchecked = _assertions(turn.expect, script, vocabulary, before)
        page = turn.context.model_dump(exclude_none=True) if turn.context is not None else {}
        yield {
            "description": f"{script.id}, turn {place} of {last}" + (f": {script.about}" if script.about else ""),
            "vars": {"message": verbatim(turn.user), "page": page},
            "options": {"storeOutputAs": "before"} if place < last and looks_back(script.turns[place].expect) else {},
            "metadata": about | {"turn": place, "notChecked": unchecked + (_of_the_whole(script) if place == last else [])},
            "assert": asserted,
        }


def _of_the_whole(script: Script) -> list[str]:
    """What holds over all turns and no assertion can hold."""
    budgets = script.budgets.model_dump(exclude_none=True, exclude={"turn_ms"})
    return ["invariants", *(f"budgets.{name}: {most}" for name, most in budgets.items())]


def verbatim(text: str) -> str:
    """`text` so that promptfoo, which renders it once and opens what looks like a file, comes back to it, whatever braces it holds."""
    shown = BRACES.sub(lambda sign: f"{{{{ '{sign.group()}' }}}}", text)
    return shown.replace("file://", "{{ 'file' }}://", 1) if shown.startswith("file://") else shown


def looks_back(expect: Expect) -> bool:
    """Whether something is expected that compares this turn with the one before."""
    words = [each for each in (expect.reply, expect.notices) if each is not None and each.differs is not None]
    return bool(words) or (expect.products is not None and (expect.products.new, expect.products.same) != (None, None))


def _assertions(expect: Expect, script: Script, vocabulary: Vocabulary, before: str) -> tuple[list[dict[str, Any]], list[str]]:
    """The assertions of one turn, and the paths of what they leave out."""
    reply = expect.reply or ReplyExpect()
    lines: tuple[Line, ...] = (
        *checks(expect, vocabulary),
        *patterns_of("reply", reply, 'record["reply"]', 'before["reply"]'),
    )
    said = [("icontains", each) for each in reply.mentions] + [("not-icontains", each) for each in reply.not_mentions]
    asserted: list[dict[str, Any]] = [_of_words(kind, verbatim(each)) for kind, each in said]
    if reply.mentions_any:
        asserted.append(_of_words("icontains-any", [verbatim(each) for each in reply.mentions_any]))
    if reply.max_words is not None:
        asserted.append(_of_words("word-count", {"max": reply.max_words}))
    if (code := program(lines, before)) is not None:
        asserted.append({"type": "python", "metric": "state", "value": code})
    if script.budgets.turn_ms is not None:
        asserted.append({"type": "latency", "threshold": script.budgets.turn_ms})
    return asserted, [f"expect.{path}" for path, code in lines if code is None]


def _of_words(kind: str, value: object) -> dict[str, Any]:
    return {"type": kind, "metric": "words", "value": value, "transform": "output.reply"}


def tau2(scripts: Sequence[Script]) -> str:
    """A list of tau2 tasks in JSON, as a domain's tasks.json holds them.

    Fields as in tau2-bench's `data_model/tasks.py`: `id`; `description` (`purpose`, `relevant_policies`, `notes`); `user_scenario`
    (`persona`, and `instructions` of `domain`, `reason_for_call`, `known_info`, `unknown_info`, `task_instructions`); `evaluation_criteria`
    with `actions` (`action_id`, `requestor`, `name`, `arguments`, `compare_args`: none, so that the name alone is compared),
    `communicate_info` (looked for, in any case of letters, in the assistant's messages without their commas, so commas are left out here
    too), `nl_assertions`, and `reward_basis` with those of ACTION, COMMUNICATE and NL_ASSERTION that the task has.

    Carried over as such: what is said in its order, actions, and words to be mentioned, though not in which turn. Everything else that
    is expected becomes a sentence for a model to judge, by turn. Not carried over: the invariants, budgets, the page that the shopper
    is on (named in `notes`), and actions that must not be taken, which are a sentence. A domain of tau2 with the shop's tools is needed
    to run them."""
    return json.dumps([_task(script) for script in scripts], indent=2, ensure_ascii=False) + "\n"


def _task(script: Script) -> dict[str, Any]:
    said = "\n".join(f"{place}. {turn.user}" for place, turn in enumerate(script.turns, 1))
    known = f"You are a known shopper of the shop: {script.shopper}." if script.shopper is not None else None
    pages = [
        f"message {n}: {turn.context.model_dump_json(exclude_none=True)}"
        for n, turn in enumerate(script.turns, 1)
        if turn.context
    ]
    notes = [f"tags: {', '.join(script.tags)}", f"catalog: {script.catalog}", f"now: {script.now.isoformat()}"]
    return {
        "id": script.id,
        "description": {
            "purpose": script.about or None,
            "relevant_policies": None,
            "notes": "; ".join([*notes, *(f"page at {page}" for page in pages)]),
        },
        "user_scenario": {
            "persona": None,
            "instructions": {
                "domain": "shopguide",
                "reason_for_call": script.turns[0].user,
                "known_info": known,
                "unknown_info": None,
                "task_instructions": "Send these messages word for word and in this order, one at a time, each once the assistant has "
                f"answered the one before. Say nothing else, and stop after the last.\n{said}",
            },
        },
        "evaluation_criteria": _criteria(script),
    }


def _criteria(script: Script) -> dict[str, Any]:
    actions = [(place, name) for place, turn in enumerate(script.turns, 1) for name in turn.expect.actions]
    told = dict.fromkeys(
        each.replace(",", "") for turn in script.turns for each in (turn.expect.reply.mentions if turn.expect.reply else ())
    )
    judged = [sentence for place, turn in enumerate(script.turns, 1) for sentence in sentences(turn.expect, place)]
    basis = [kind for kind, has in (("ACTION", actions), ("COMMUNICATE", told), ("NL_ASSERTION", judged)) if has]
    return {
        "actions": [
            {
                "action_id": f"{script.id}_{number}",
                "requestor": "assistant",
                "name": name,
                "arguments": {},
                "info": f"after message {place}",
                "compare_args": [],
            }
            for number, (place, name) in enumerate(actions)
        ],
        "communicate_info": list(told),
        "nl_assertions": judged,
        "reward_basis": basis or ["COMMUNICATE"],
    }
