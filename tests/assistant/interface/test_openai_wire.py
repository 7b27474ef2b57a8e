"""OpenAI's own client talks to the shop over a real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest

from assistant.limits import Limits
from tests.assistant.conftest import House, MakeHouse
from tests.assistant.interface.conftest import Client, api_of, client_of


@pytest.fixture
def wire(client: Client) -> Iterator[openai.OpenAI]:
    """OpenAI's client, which believes that it has a key."""
    made = openai.OpenAI(
        base_url=f"{client.base_url}/v1", api_key="none", max_retries=0, http_client=openai.DefaultHttpxClient(trust_env=False)
    )
    yield made
    made.close()


ASKED: Any = [
    {"role": "system", "content": "You are a pirate."},
    {"role": "user", "content": "a red dress"},
    {"role": "assistant", "content": "Here is one."},
    {"role": "user", "content": [{"type": "text", "text": "a straw"}, {"type": "text", "text": "hat"}]},
]


def test_an_answer_is_the_reply_alone(wire: openai.OpenAI, house: House) -> None:
    answer = wire.chat.completions.create(model="anything", messages=ASKED, temperature=0.3, user="me")
    assert answer.object == "chat.completion"
    assert (answer.model, answer.choices[0].finish_reason, answer.choices[0].message.role) == ("shopguide", "stop", "assistant")
    assert answer.choices[0].message.content == "You said: a straw\nhat\n\nLook at Straw Hat."
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (10, 5, 15)
    with house.store.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM conversations").scalar_one() == 0


def test_a_stream_adds_up_to_the_same(wire: openai.OpenAI) -> None:
    whole = wire.chat.completions.create(model="shopguide", messages=ASKED)
    chunks = list(
        wire.chat.completions.create(model="shopguide", messages=ASKED, stream=True, stream_options={"include_usage": True})
    )
    assert chunks[0].choices[0].delta.role == "assistant"
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content
    assert len([chunk for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]) == 2, "a piece a section"
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage == whole.usage
    assert {chunk.id for chunk in chunks} == {chunks[0].id}
    plain = list(wire.chat.completions.create(model="shopguide", messages=ASKED, stream=True))
    assert all(chunk.usage is None and chunk.choices for chunk in plain)


def test_a_stream_ends_with_done(client: Client) -> None:
    body = {"messages": [{"role": "user", "content": "a hat"}], "stream": True, "something": "new"}
    answer = client.post("/v1/chat/completions", json=body)
    assert answer.headers["content-type"].startswith("text/event-stream")
    blocks = answer.text.strip().split("\n\n")
    assert blocks[-1] == "data: [DONE]"
    assert all(json.loads(block.removeprefix("data: "))["object"] == "chat.completion.chunk" for block in blocks[:-1])


def test_the_models_are_listed(wire: openai.OpenAI) -> None:
    assert [model.id for model in wire.models.list()] == ["shopguide"]
    assert wire.models.retrieve("shopguide").owned_by == "shopguide"
    with pytest.raises(openai.NotFoundError, match="the one model is shopguide"):
        wire.models.retrieve("gpt")


@pytest.mark.parametrize(
    ("body", "error", "says"),
    [
        ({"messages": []}, openai.UnprocessableEntityError, "messages"),
        ({"messages": [{"role": "user", "content": ""}]}, openai.UnprocessableEntityError, "nothing to read"),
        ({"messages": [{"role": "system", "content": "hello"}]}, openai.UnprocessableEntityError, "role `user`"),
        ({"messages": [{"role": "nobody", "content": "hello"}]}, openai.UnprocessableEntityError, r"messages\[0\].role"),
        ({"messages": [{"role": "user", "content": "x" * 2_001}]}, openai.APIStatusError, "2000 characters"),
        ({"messages": [{"role": "user", "content": "x" * 300_000}]}, openai.APIStatusError, "too large"),
        ({"messages": [{"role": "user", "content": "a hat"}], "n": 2}, openai.UnprocessableEntityError, "leave n out"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}]},
            openai.UnprocessableEntityError,
            "send text alone",
        ),
    ],
)
def test_errors_are_of_openais_form(wire: openai.OpenAI, body: Any, error: type[openai.APIStatusError], says: str) -> None:
    with pytest.raises(error, match=says) as caught:
        wire.chat.completions.create(model="shopguide", **body)
    assert isinstance(caught.value.body, dict)
    assert set(caught.value.body) == {"message", "type", "param", "code"}


def test_failures_reach_the_client_in_either_way(wire: openai.OpenAI, house: House) -> None:
    def fail(stage: str) -> None:
        if stage == "writing":
            raise RuntimeError("PRIVATE")

    house.at = fail
    with pytest.raises(openai.InternalServerError, match="The turn failed"):
        wire.chat.completions.create(model="shopguide", messages=ASKED)
    with pytest.raises(openai.APIError, match="The turn failed"):
        list(wire.chat.completions.create(model="shopguide", messages=ASKED, stream=True))


def test_no_key_is_needed_but_the_rate_is_limited(make_house: MakeHouse) -> None:
    house = make_house(Limits(client_burst=2, client_per_second=0.1))
    with client_of(api_of(house)) as client:
        body = {"messages": [{"role": "user", "content": "a hat"}]}
        answers = [client.post("/v1/chat/completions", json=body) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2].headers["retry-after"]) <= 10
    assert answers[2].json()["error"]["type"] == "rate_limit_error"
    assert client.base_url.host == "127.0.0.1"


def test_unknown_addresses_answer_in_the_same_form(client: Client) -> None:
    for method, path, status in (("POST", "/v1/embeddings", 404), ("GET", "/v1/chat/completions", 405), ("GET", "/v1", 404)):
        answer = client.request(method, path)
        assert answer.status_code == status
        assert set(answer.json()) == {"error"}
    broken = client.post("/v1/chat/completions", content=b"{", headers={"Content-Type": "application/json"})
    assert broken.status_code == 400
    assert "not JSON" in broken.json()["error"]["message"]
