"""Bad input, by one table: each is refused in words that say what to do, nothing is lost, and nothing of it is in a log.

The demo shop, whole, over real HTTP; what an owner gets wrong, by the command itself."""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

import app
from assistant.errors import SettingInvalid
from tests.assistant.interface.conftest import Client, serve
from tests.end_to_end import quick_service, settings_for, whole_app

SECRET = "zqxsecret"
"""Stands in what is sent, and may stand in no log and in no refusal."""
JSON = {"Content-Type": "application/json"}
UNKNOWN = "0" * 32
TURNS, CART, PROFILE, FEEDBACK = "/turns", "/cart", "/profile", "/feedback"
CHAT = "/v1/chat/completions"


@dataclass(frozen=True)
class Bad:
    """One request. `path` is of the conversation where it begins with none of /api, /v1, /media. `body`: bytes as they stand, else as JSON.
    `says`: what the refusal tells to do. `key`: other headers than the conversation's own."""

    path: str
    body: Any
    status: int
    says: str
    method: str = "POST"
    key: Mapping[str, str] | None = None


def message(said: str) -> dict[str, str]:
    return {"message": said}


def cart(**line: Any) -> dict[str, Any]:
    return {"lines": [{"product_id": "{product}", **line}]}


def wish(**more: Any) -> dict[str, Any]:
    return {"add": [{"slot": "color", "value": "red", **more}]}


MESSAGES = {
    "empty": Bad(TURNS, message(""), 422, "say what you are looking for"),
    "blank": Bad(TURNS, message(" \n\t "), 422, "say what you are looking for"),
    "invisible": Bad(TURNS, message("\u200b\u202e\u2066\ufeff\U000e0041"), 422, "say what you are looking for"),
    "lone surrogates": Bad(TURNS, b'{"message": "\\udfff\\ud800"}', 422, "say what you are looking for"),
    "control characters": Bad(TURNS, message("\x00\x1b\x07"), 422, "say what you are looking for"),
    "a million characters": Bad(TURNS, message(SECRET * 111_112), 413, "Send a smaller body"),
    "too long": Bad(TURNS, message(f"{SECRET} " * 201), 413, "say it in fewer"),
    "too long once it is unfolded": Bad(TURNS, message("\ufdfa" * 200), 413, "say it in fewer"),
    "a number": Bad(TURNS, {"message": 7}, 422, "message: Input should be a valid string"),
    "null": Bad(TURNS, {"message": None}, 422, "message: Input should be a valid string"),
    "a list": Bad(TURNS, {"message": [SECRET]}, 422, "message: Input should be a valid string"),
    "none": Bad(TURNS, {}, 422, "message: Field required"),
}
BODIES = {
    "broken": Bad(TURNS, b'{"message": "a zqxsecret hat"', 400, "send one JSON object"),
    "nothing": Bad(TURNS, b"", 422, "must be one JSON object"),
    "an array": Bad(TURNS, [SECRET], 422, "must be one JSON object"),
    "a word": Bad(TURNS, b'"zqxsecret"', 422, "must be one JSON object"),
    "nested lists": Bad(TURNS, b"[" * 50_000, 400, "send it again"),
    "nested objects": Bad(TURNS, b'{"message":' * 5_000 + b"1" + b"}" * 5_000, 400, "send it again"),
    "nested where text is read": Bad(TURNS, b'{"message": ' + b"[" * 900 + b"]" * 900 + b"}", 422, "valid string"),
    "no UTF-8": Bad(TURNS, b'{"message": "\xff\xfe zqxsecret"}', 400, "send it again"),
    "a NUL outside text": Bad(TURNS, b'{"message": "zqxsecret"}\x00', 400, "send one JSON object"),
    "not a number": Bad(TURNS, b'{"message": NaN}', 422, "valid string"),
    "text": Bad(TURNS, b'{"message": "zqxsecret"}', 422, "Content-Type: application/json", key={"Content-Type": "text/plain"}),
    "a form": Bad(
        TURNS,
        b"message=zqxsecret",
        422,
        "Content-Type: application/json",
        key={"Content-Type": "application/x-www-form-urlencoded"},
    ),
    "no type": Bad(TURNS, b'{"message": "zqxsecret"}', 422, "Content-Type: application/json", key={"Content-Type": ""}),
    "an unknown field": Bad(TURNS, {"message": "a hat", f"<script>{SECRET}": 1}, 422, "not known here; leave it out"),
}
DOORS = {
    "unknown conversation": Bad(f"/api/conversations/{UNKNOWN}/turns", message(SECRET), 404, "Begin a new one"),
    "strange conversation": Bad(f"/api/conversations/..%2f{SECRET}%00/turns", message(SECRET), 404, "openapi.json"),
    "odd conversation": Bad(f"/api/conversations/{SECRET}'--/turns", message(SECRET), 404, "Begin a new one"),
    "wrong token": Bad(TURNS, message(SECRET), 404, "Begin a new one", key={"Authorization": f"Bearer {SECRET}"}),
    "a token of bytes": Bad(TURNS, message(SECRET), 404, "Begin a new one", key={"Authorization": "Bearer \xe9\xff"}),
    "a long token": Bad(TURNS, message(SECRET), 404, "Begin a new one", key={"Authorization": f"Bearer {SECRET * 1_000}"}),
    "no token": Bad(TURNS, message(SECRET), 404, "send Authorization: Bearer", key={"Authorization": ""}),
    "another way in": Bad(TURNS, message(SECRET), 404, "send Authorization: Bearer", key={"Authorization": f"Basic {SECRET}"}),
    "an unknown item": Bad(f"/api/products/{SECRET}", None, 404, "take ids from the cards", "GET"),
    "an unknown picture": Bad(f"/media/{SECRET}.svg", None, 404, "no picture", "GET"),
    "an unknown address": Bad(f"/api/{SECRET}", None, 404, "openapi.json", "GET"),
    "a wrong method": Bad("/api/conversations", None, 405, "answers to POST alone", "DELETE"),
    "another origin": Bad(TURNS, message(SECRET), 403, "SHOPGUIDE_ALLOWED_ORIGINS", key={"Origin": "https://evil.example"}),
    "another host": Bad(TURNS, message(SECRET), 421, "SHOPGUIDE_ALLOWED_ORIGINS", key={"Host": "evil.example"}),
    "an unknown shopper": Bad("/api/conversations", {"shopper_id": SECRET}, 422, "leave it out"),
}
TURN_IDS = {
    "ten kilobytes": Bad(TURNS, {**message("a hat"), "turn_id": SECRET * 1_100}, 422, "turn_id: String should have at most 64"),
    "a space": Bad(TURNS, {**message("a hat"), "turn_id": f"{SECRET} b"}, 422, "or leave it out"),
    "a line feed": Bad(TURNS, {**message("a hat"), "turn_id": "t1\n"}, 422, "or leave it out"),
    "a NUL": Bad(TURNS, {**message("a hat"), "turn_id": "t1\x00"}, 422, "or leave it out"),
    "empty": Bad(TURNS, {**message("a hat"), "turn_id": ""}, 422, "or leave it out"),
    "a number": Bad(TURNS, {**message("a hat"), "turn_id": 5}, 422, "turn_id: Input should be a valid string"),
}
CONTEXTS = {
    "a long address": Bad(TURNS, {**message("a hat"), "context": {"page_url": SECRET * 1_000}}, 422, "at most 2000"),
    "an unknown item in the cart": Bad(
        TURNS, {**message("a hat"), "context": {"cart": [{"product_id": SECRET}]}}, 422, "use an id from the cards"
    ),
    "none of it": Bad(TURNS, {**message("a hat"), "context": {"cart": [{"quantity": 0}]}}, 422, "context.cart[0].quantity"),
}
CARTS = {
    "minus one": Bad(CART, cart(quantity=-1), 422, "greater than or equal to 1", "PATCH"),
    "none": Bad(CART, cart(quantity=0), 422, "greater than or equal to 1", "PATCH"),
    "a billion": Bad(CART, cart(quantity=10**9), 422, "less than or equal to 99", "PATCH"),
    "beyond all integers": Bad(CART, cart(quantity=10**400), 422, "lines[0].quantity", "PATCH"),
    "one and a half": Bad(CART, cart(quantity=1.5), 422, "valid integer", "PATCH"),
    "endless": Bad(CART, b'{"lines": [{"product_id": "{product}", "quantity": 1e999}]}', 422, "lines[0].quantity", "PATCH"),
    "not a number": Bad(CART, b'{"lines": [{"product_id": "{product}", "quantity": NaN}]}', 422, "lines[0].quantity", "PATCH"),
    "in words": Bad(CART, cart(quantity=SECRET), 422, "valid integer", "PATCH"),
    "null": Bad(CART, cart(quantity=None), 422, "valid integer", "PATCH"),
    "an unknown item": Bad(CART, {"lines": [{"product_id": SECRET}]}, 422, "use an id from the cards", "PATCH"),
    "an unknown size": Bad(CART, cart(size=SECRET), 422, "can be had in", "PATCH"),
    "more than there are": Bad(CART, cart(size="{size}", quantity=99), 422, "or fewer", "PATCH"),
    "a price of one's own": Bad(CART, cart(price_minor=1), 422, "not known here; leave it out", "PATCH"),
    "five hundred codes": Bad(CART, {"codes": [f"CODE{number}" for number in range(500)]}, 422, "at most 20", "PATCH"),
    "eleven codes": Bad(CART, {"codes": [f"CODE{number}" for number in range(11)]}, 422, "leave some out", "PATCH"),
    "a code of ten kilobytes": Bad(CART, {"codes": [SECRET * 1_100]}, 422, "at most 40", "PATCH"),
    "no code": Bad(CART, {"codes": [f"<b>{SECRET}</b>"]}, 422, "letters, digits", "PATCH"),
    "a hundred and one lines": Bad(CART, {"lines": [{"product_id": "{product}"}] * 101}, 422, "at most 100", "PATCH"),
}
PROFILES = {
    "an unknown slot": Bad(PROFILE, wish(slot=SECRET), 422, "add[0].slot", "PATCH"),
    "a long value": Bad(PROFILE, wish(value=SECRET * 20), 422, "1 to 120 characters", "PATCH"),
    "an empty value": Bad(PROFILE, wish(value="\u200b"), 422, "1 to 120 characters", "PATCH"),
    "a price in words": Bad(PROFILE, wish(slot="price", value=SECRET), 422, "minor units", "PATCH"),
    "a price below nothing": Bad(PROFILE, wish(slot="price", value={"max": -1}), 422, "add[0].value", "PATCH"),
    "a price that nothing has": Bad(PROFILE, wish(slot="price", value={"min": 900, "max": 100}), 422, "add[0].value", "PATCH"),
    "six stars": Bad(PROFILE, wish(slot="rating", value={"stars": 6}), 422, "add[0].value", "PATCH"),
    "fifty-one wishes": Bad(PROFILE, {"add": wish()["add"] * 51}, 422, "at most 50", "PATCH"),
    "an unknown id": Bad(PROFILE, {"remove": [SECRET]}, 422, "take their ids from the profile", "PATCH"),
    "two things at once": Bad(PROFILE, {"undo": True, **wish()}, 422, "give undo alone", "PATCH"),
    "nothing": Bad(PROFILE, {}, 422, "give undo alone", "PATCH"),
}
THUMBS = {
    "an unknown turn": Bad(FEEDBACK, {"turn_id": SECRET, "value": "up"}, 422, "take it from the answer"),
    "an unknown item": Bad(FEEDBACK, {"turn_id": "first", "value": "up", "product_id": SECRET}, 422, "take it from the answer"),
    "sideways": Bad(FEEDBACK, {"turn_id": "first", "value": SECRET}, 422, "value: Input should be"),
    "an unknown reason": Bad(FEEDBACK, {"turn_id": "first", "value": "down", "reason": SECRET}, 422, "reason: Input should be"),
}
CHATS = {
    "nothing said": Bad(CHAT, {"messages": []}, 422, "at least 1"),
    "nobody asks": Bad(CHAT, {"messages": [{"role": "assistant", "content": SECRET}]}, 422, "send one"),
    "an unknown role": Bad(CHAT, {"messages": [{"role": SECRET, "content": "a hat"}]}, 422, "messages[0].role"),
    "a picture": Bad(
        CHAT, {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": SECRET}]}]}, 422, "send text alone"
    ),
    "two answers": Bad(CHAT, {"messages": [{"role": "user", "content": "a hat"}], "n": 2}, 422, "leave n out"),
    "empty": Bad(CHAT, {"messages": [{"role": "user", "content": ""}]}, 422, "say what you are looking for"),
    "broken": Bad(CHAT, b'{"messages": [zqxsecret', 400, "send one JSON object"),
    "a megabyte": Bad(CHAT, {"messages": [{"role": "user", "content": SECRET * 111_112}]}, 413, "Send a smaller body"),
    "an unknown model": Bad(f"/v1/models/{SECRET}", None, 404, "the one model is", "GET"),
}
TABLE = {
    f"{kind}: {name}": bad
    for kind, part in {
        "message": MESSAGES, "body": BODIES, "door": DOORS, "turn_id": TURN_IDS, "context": CONTEXTS,
        "cart": CARTS, "profile": PROFILES, "feedback": THUMBS, "chat": CHATS,
    }.items()
    for name, bad in part.items()
}  # fmt: skip

ODD = {
    "only emoji": "\U0001f457\U0001f460\U0001f9e3",
    "German": f"Guten Tag, ich suche ein rotes Kleid {SECRET}",
    "Chinese": "请给我一条红裙子",
    "Arabic, right to left": "أريد فستانا أحمر",
    "script": f"<script>alert('{SECRET}')</script> a <b>red</b> dress",
    "templates": f"${{7*7}} {{{{7*7}}}} `{SECRET}` %s %(x)s \\u0041",
    "a NUL and escapes": f"a\x00 red \x1b[31mdress\x07 {SECRET}",
    "right-to-left overrides": f"a \u202ered\u202c dress \u2066{SECRET}\u2069",
    "a lone surrogate": "a red \ud800 dress",
    "marks on marks": "a r" + "\u0301" * 500 + "ed dress",
    "wide letters": "ａ ｒｅｄ ｄｒｅｓｓ",
    "the longest word": f"a {SECRET * 200} dress",
    "only signs": "?!?!... --- ((( ]]] ;;",
    "only digits": "1234567890" * 20,
    "SQL": f"'; DROP TABLE conversations; -- {SECRET}",
    "many lines": f"a red dress\n\n\n{SECRET}\r\n" * 20,
    "a formula": f"=cmd|' /C calc'!A0 {SECRET}",
}


# ------------------------------------------------------------ over HTTP


@dataclass(frozen=True)
class Desk:
    """A conversation with one turn and a piece in its cart; its shop, and a client of it."""

    client: Client
    service: app.Service
    where: str
    key: dict[str, str]
    product: str
    size: str

    def send(self, bad: Bad) -> httpx.Response:
        """Sends a request of the table."""
        path = bad.path if bad.path.startswith(("/api", "/v1", "/media")) else self.where + bad.path
        body = bad.body if isinstance(bad.body, bytes) else json.dumps(bad.body).encode() if bad.body is not None else None
        if body is not None:
            body = body.replace(b"{product}", self.product.encode()).replace(b"{size}", self.size.encode())
        headers = {**self.key, **JSON, **(bad.key or {})}
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items() if value]
        return self.client.request(bad.method, path, content=body, headers=raw)

    def kept(self) -> dict[str, Any]:
        """All that the shop keeps of the conversation, read from within: over HTTP every reading counts for its limit."""
        name, token = self.where.rpartition("/")[2], self.key["Authorization"].removeprefix("Bearer ")
        return self.service.sessions.record(name, token).model_dump(mode="json", by_alias=True)

    def logged(self) -> str:
        """The shop's log."""
        self.service.log.flush()
        return (self.service.settings.data_dir / "events.jsonl").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def desk(demo: app.Service) -> Iterator[Desk]:
    """What every request of the table meets, and leaves as it was."""
    with serve(whole_app(demo)) as at, Client(base_url=at, timeout=30, trust_env=False) as client:
        where, key = client.begin()
        turn = client.say(where, key, "a red dress", turn_id="first").json()
        product = turn["products"][0]["product_id"]
        sizes = client.get(f"/api/products/{product}").json()["sizes"]
        size = next(each["label"] for each in sizes if each["stock"] and each["stock"] < 99)
        line = {"product_id": product, "size": size, "quantity": 1}
        assert client.patch(f"{where}/cart", headers=key, json={"lines": [line]}).status_code == 200
        yield Desk(client, demo, where, key, product, size)


def ours(caplog: pytest.LogCaptureFixture) -> str:
    """What was logged, but for what the tests' own client says of its calls."""
    return "\n".join(each.getMessage() for each in caplog.records if not each.name.startswith(("httpx", "httpcore")))


@pytest.mark.parametrize("name", TABLE)
def test_refused_in_words_and_nothing_is_lost(desk: Desk, name: str, caplog: pytest.LogCaptureFixture) -> None:
    bad, before, logged = TABLE[name], desk.kept(), len(desk.logged())
    with caplog.at_level(logging.DEBUG):
        answer = desk.send(bad)
    assert answer.status_code == bad.status, answer.text
    problem = answer.json()
    if bad.path.startswith("/v1"):
        assert answer.headers["content-type"] == "application/json"
        detail = problem["error"]["message"]
        assert problem["error"]["code"] == str(bad.status)
    else:
        assert answer.headers["content-type"] == "application/problem+json"
        detail = problem["detail"]
        assert (set(problem), problem["status"]) == ({"type", "title", "status", "detail"}, bad.status)
    assert bad.says in detail
    assert SECRET not in answer.text
    assert "Traceback" not in answer.text
    assert desk.kept() == before
    assert SECRET not in desk.logged()[logged:]
    assert SECRET not in ours(caplog)
    assert '"unexpected"' not in desk.logged()[logged:]


@pytest.mark.parametrize("name", ODD)
def test_odd_messages_are_answered(desk: Desk, name: str, caplog: pytest.LogCaptureFixture) -> None:
    """In words, with nothing invisible kept, and the talk goes on."""
    where, key = desk.client.begin()
    body = json.dumps({"message": ODD[name]}).encode()
    with caplog.at_level(logging.DEBUG):
        answer = desk.client.post(f"{where}/turns", headers={**key, **JSON}, content=body)
    assert answer.status_code == 200, answer.text
    turn = answer.json()
    assert len(turn["reply"]) > 20
    assert not [
        letter for letter in turn["message"] + turn["reply"] if letter != "\n" and not (letter.isprintable() or letter.isspace())
    ]
    assert {each["verdict"] for each in turn["verification"]} == {"pass"}
    assert SECRET not in desk.logged() + ours(caplog)
    assert desk.client.say(where, key, "a red dress").json()["products"]


def test_of_equal_keys_the_last_counts(desk: Desk) -> None:
    """As every reader of JSON has it (RFC 8259, section 4, leaves it open); one answer, one effect."""
    where, key = desk.client.begin()
    body = b'{"message": "a red dress", "message": "a straw hat"}'
    turn = desk.client.post(f"{where}/turns", headers={**key, **JSON}, content=body).json()
    assert turn["message"] == "a straw hat"
    assert len(desk.client.get(where, headers=key).json()["turns"]) == 1


def test_one_turn_sent_twice_at_once_has_one_effect(desk: Desk) -> None:
    where, key = desk.client.begin()
    desk.client.say(where, key, "a leather bag")
    answers: list[dict[str, Any]] = []
    start = threading.Barrier(4)

    def send() -> None:
        with Client(base_url=desk.client.base_url, timeout=30, trust_env=False) as client:
            start.wait()
            answers.append(client.say(where, key, "add the first one to my basket", turn_id="same").json())

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4
    assert all(answer == answers[0] for answer in answers), "one turn, several answers"
    assert len(desk.client.get(where, headers=key).json()["turns"]) == 2
    assert [line["quantity"] for line in desk.client.get(f"{where}/cart", headers=key).json()["lines"]] == [1]


# ------------------------------------------------------------ what an owner gets wrong


def owner_says(monkeypatch: pytest.MonkeyPatch, command: str, **environ: str) -> int:
    """The exit code of a command under these settings."""
    for setting in ("SHOPGUIDE_CATALOG", "OPENAI_BASE_URL", "OPENAI_API_KEY", "DATABASE_URL", "CHROMA_URL", "SHOPGUIDE_SECRET"):
        monkeypatch.delenv(setting, raising=False)
    for setting, value in {"SHOPGUIDE_MODEL": "none", **environ}.items():
        monkeypatch.setenv(setting, value)
    return app.main([command])


def test_a_port_in_use(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = str(held.getsockname()[1])
        assert owner_says(monkeypatch, "serve", SHOPGUIDE_PORT=port, SHOPGUIDE_DATA_DIR=str(tmp_path / "data")) == 2
    said = capsys.readouterr().err
    assert f"127.0.0.1:{port} cannot be listened on" in said
    assert "set SHOPGUIDE_PORT" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("command", ["index", "chat", "doctor"])
def test_a_data_folder_that_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """A file stands where the folder should be: that stops even root."""
    (tmp_path / "data").write_text("a file", encoding="utf-8")
    shop = a_catalog(tmp_path)
    settings = {"SHOPGUIDE_DATA_DIR": str(tmp_path / "data"), "SHOPGUIDE_CATALOG": str(shop)}
    assert owner_says(monkeypatch, command, **settings) == 2
    said = capsys.readouterr().err
    assert "cannot be written" in said
    assert "set SHOPGUIDE_DATA_DIR to a folder that can" in said
    assert "Traceback" not in said
    assert (tmp_path / "data").read_text(encoding="utf-8") == "a file"


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("SHOPGUIDE_PORT", "eighty", "a whole number from 1 to 65535"),
        ("SHOPGUIDE_PORT", "0", "a whole number from 1 to 65535"),
        ("SHOPGUIDE_NOW", "yesterday", "such as 2026-11-27T10:00:00Z"),
        ("SHOPGUIDE_ALLOWED_ORIGINS", "shop.example", "such as https://shop.example"),
        ("SHOPGUIDE_SECRET", "short", "32 or more are needed"),
        ("SHOPGUIDE_CATALOG", "/nowhere", "/nowhere"),
    ],
)
def test_a_wrong_setting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], setting: str, value: str, says: str
) -> None:
    settings = {"SHOPGUIDE_DATA_DIR": str(tmp_path / "data"), "SHOPGUIDE_CATALOG": str(a_catalog(tmp_path)), setting: value}
    assert owner_says(monkeypatch, "chat", **settings) == 2
    said = capsys.readouterr().err
    assert said.startswith("shopguide: ")
    assert says in said
    assert "Traceback" not in said


GOOD = (
    '{"product_id": "%s", "title": "Red dress %s", "product_type": "dress", "price": {"amount_minor": 5000, "currency": "EUR"}}'
)
BROKEN_LINES = {
    '{"product_id": "cut", "title": "Cut': "found no JSON",
    '{"product_id": "p1", "title": "Again", "product_type": "dress"}': "product_id",
    '{"product_id": "minus", "title": "Minus", "product_type": "dress", "price": {"amount_minor": -1, "currency": "EUR"}}': "price",
    '["a list"]': "one JSON object a line",
    "\x00\x00\x00": "found no JSON",
    '{"product_id": "p9", "title": ""}': "title",
}
"""A second line of a catalog, and what the report names of it."""


def a_catalog(folder: Path, *more: str) -> Path:
    """A shop of two good lines, with `more` between them."""
    shop = folder / "shop"
    shop.mkdir()
    (shop / "catalog.yaml").write_text("catalog_id: small\nname: Small\ncurrency: EUR\nlanguage: en\n", encoding="utf-8")
    lines = [GOOD % ("p1", "one"), *more, GOOD % ("p2", "two")]
    (shop / "products.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return shop


@pytest.mark.parametrize(
    ("model", "says"), [("/nowhere/a.gguf", "give the path of a GGUF file"), ("gpt-9", "no OPENAI_BASE_URL")]
)
def test_a_model_that_is_not_there(tmp_path: Path, model: str, says: str) -> None:
    settings = settings_for(tmp_path / "data", a_catalog(tmp_path), SHOPGUIDE_MODEL=model)
    with pytest.raises(SettingInvalid, match=says):
        quick_service(settings)
    assert not list((tmp_path / "data").glob("*")), "an index was built before the model was looked for"


@pytest.mark.parametrize("line", BROKEN_LINES)
def test_a_broken_line_of_a_catalog_is_named_and_the_others_are_sold(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    settings = {"SHOPGUIDE_CATALOG": str(a_catalog(tmp_path, line)), "SHOPGUIDE_DATA_DIR": str(tmp_path / "data")}
    assert owner_says(monkeypatch, "doctor", **settings) == 1
    said = capsys.readouterr().out
    (problem,) = [row for row in said.splitlines() if row.startswith("  products.jsonl:2:")]
    assert BROKEN_LINES[line] in problem
    assert "allowed: " in problem
    assert "2 products.jsonl" in said
