"""The chat in the browser, and the door to gradio. Holds nothing: conversations live in the store under a signed id, which the browser keeps."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from assistant.errors import NotFound, ShopperError
from assistant.events import ProfileEvent
from assistant.interface.limits import client_of
from assistant.interface.markup import Html, joined, tag, text
from assistant.interface.profile_panel import panel
from assistant.interface.quick_import import without_stubs
from assistant.interface.thread import TurnView, advanced, recorded, turn_html, welcome
from assistant.interface.wire import FeedbackIn
from assistant.schema import Conversation, Preference, TurnContext
from assistant.session import Sessions
from catalog_data.schema import VALUE_SLOTS
from catalog_data.vocabulary import Vocabulary

with without_stubs():
    import gradio as gr

STATIC = Path(__file__).with_name("static")
STORAGE_KEY = "shopguide-conversation"
TURNS_AT_ONCE = 16
TURNS_WAITING = 64
SESSIONS_REMEMBERED = TURNS_AT_ONCE
"""Gradio keeps what it last sent to a page; nothing here reads that, so it soon forgets."""
LONGEST_ID = 200
CUT = "(text, held) => [text.slice(0, 4000), held]"
"""What is longer is refused anyway, in words, and stays in the box."""
CUT_OFF = '(text, held) => [document.querySelector(".sg-live .sg-user")?.textContent ?? "", held]'
OPENERS = (
    "A red dress for a summer wedding, under 80 euro, not lace",
    "A gift for my sister, she runs, under 50 euro",
    "What is on offer?",
    "How do returns work?",
)

Held = dict[str, str]
"""What the browser keeps: {"id", "token"}, empty before the first message."""
Shown = tuple[Any, Any, Any, Held]
"""Values for the past, the live turn, the profile and the browser's state; `gr.skip()` leaves one as it is."""


@dataclass(frozen=True)
class Screen:
    """The handlers of the page. `note`: who writes; `openers`: suggested first messages; `demo_shoppers`: (id, label)."""

    sessions: Sessions
    vocabulary: Vocabulary
    shop_name: str
    currency: str
    note: str = ""
    openers: Sequence[str] = OPENERS
    demo_shoppers: Sequence[tuple[str, str]] = ()

    # ------------------------------------------------------------ what the page shows

    def restore(self, held: Held) -> Shown:
        """The page as the browser left it; a fresh one where the conversation is gone."""
        try:
            conversation = self._conversation(held)
            if conversation is not None:
                return self._past(held), "", self._panel(conversation), held
        except NotFound:  # erased in between, by another tab or the sweeper
            pass
        except ShopperError as error:
            return _refused("", error), "", self._panel(None), held
        return welcome(self.openers), "", self._panel(None), {}

    def _conversation(self, held: Held) -> Conversation | None:
        try:
            return self.sessions.conversation(held["id"], held["token"]) if held.get("id") else None
        except (NotFound, KeyError):
            return None

    def _past(self, held: Held) -> Html:
        turns = self.sessions.record(held["id"], held["token"]).turns
        if not turns:
            return welcome(self.openers)
        return joined(turn_html(recorded(turn.record), last=number == len(turns)) for number, turn in enumerate(turns, 1))

    def _panel(self, conversation: Conversation | None) -> Html:
        return panel(conversation, self.currency, self.demo_shoppers)

    # ------------------------------------------------------------ what the shopper does

    def submit(self, message: str, held: Held, request: gr.Request) -> Iterator[tuple[Any, Any, Any, Any, Held]]:
        """What was typed: out of the box once it is being answered; still in it, or back, where it is refused."""
        is_taken = False
        try:
            held = self._opened(held, request)
            for shown in self._turn(message, held, request, TurnContext()):
                yield (gr.skip() if is_taken else "", *shown)
                is_taken = True
        except ShopperError as error:
            yield (message if is_taken else gr.skip(), *_refusal(message, error, held))

    def act(self, held: Held, event: gr.EventData, request: gr.Request) -> Iterator[Shown]:
        """What a button of the page says."""
        data: dict[str, Any] = event._data if isinstance(event._data, dict) else {}
        kind, words = str(data.get("act", "")), str(data.get("text", ""))
        if kind in ("say", "about"):
            product_id = str(data["product_id"])[:LONGEST_ID] if kind == "about" and "product_id" in data else None
            try:
                held = self._opened(held, request)
                yield from self._turn(words, held, request, TurnContext(product_id=product_id))
            except ShopperError as error:
                yield _refusal(words, error, held)
        elif kind == "shop_as":
            yield self._shop_as(str(data.get("shopper_id", "")), request)
        else:
            yield self._changed(kind, data, held, _client(request))

    def _turn(self, message: str, held: Held, request: gr.Request, context: TurnContext) -> Iterator[Shown]:
        """One turn, shown as it comes. Raises `ShopperError`."""
        events = self.sessions.turn(held["id"], held["token"], message, context=context, client=_client(request))
        view = TurnView(message=message.strip())
        yield gr.skip(), turn_html(view, last=True), gr.skip(), held
        for event in events:
            view = advanced(view, event)
            profile = self._panel(self._with_profile(held, event)) if isinstance(event, ProfileEvent) else gr.skip()
            yield gr.skip(), turn_html(view, last=True), profile, held
        if view.error is None:
            yield self._past(held), "", self._panel(self._conversation(held)), held

    def stop(self, said: str, held: Held) -> tuple[Any, Any, Any, Any, Held]:
        """The page without the turn that was cut off, whose message goes back into the box; nothing of it was kept. Where it was
        answered just before, it stands."""
        past, live, profile, held = self.restore(held)
        return gr.skip() if not said or self._last_message(held) == said else said, past, live, profile, held

    def _last_message(self, held: Held) -> str | None:
        try:
            turns = self.sessions.record(held["id"], held["token"]).turns if held.get("id") else ()
        except ShopperError:
            return None
        return turns[-1].record.message if turns else None

    def _changed(self, kind: str, data: dict[str, Any], held: Held, client: str | None) -> Shown:
        try:
            if kind in ("up", "down"):
                named = {key: data[key] for key in ("turn_id", "product_id", "reason") if key in data}
                given = FeedbackIn.model_validate({**named, "value": kind})
                self.sessions.feedback(held["id"], held["token"], given.turn_id, given.value, given.product_id, given.reason)
                gr.Info("It counts from the next search on.", duration=4, title="Noted")
            elif kind == "forget":
                self.sessions.edit_profile(held["id"], held["token"], remove=(str(data["preference_id"]),))
            elif kind == "add_wish":
                self._add_wish(data, held)
            elif kind == "undo":
                self.sessions.undo_profile(held["id"], held["token"])
            elif kind == "forget_me":
                self.sessions.delete(held["id"], held["token"], client)
                gr.Info("Everything about this conversation is erased.", duration=6, title="Forgotten")
                return self.restore({})
        except ShopperError as error:
            gr.Warning(html.escape(error.detail))
        except (KeyError, ValueError):  # a form that this page does not send
            gr.Warning("This button has no conversation any more; reload the page.")
        return gr.skip(), gr.skip(), self._panel(self._conversation(held)), held

    def start_over(self) -> Shown:
        """A fresh page; the old conversation stays in the store until it expires or is erased."""
        return self.restore({})

    def _shop_as(self, shopper_id: str, request: gr.Request) -> Shown:
        try:
            conversation, token = self.sessions.create(shopper_id, client=_client(request))
        except ShopperError as error:
            gr.Warning(html.escape(error.detail))
            return self.restore({})
        held = {"id": conversation.conversation_id, "token": token}
        return welcome(self.openers), "", self._panel(conversation), held

    def _add_wish(self, data: dict[str, Any], held: Held) -> None:
        slot, said = str(data.get("slot")), str(data.get("value", "")).strip()[:40]
        known = next((term.value for term in self.vocabulary.lookup(said) if term.slot == slot), None)
        if slot not in VALUE_SLOTS or not said or (known is None and slot != "brand"):
            gr.Warning(html.escape(f"“{said}” is no {slot} that this shop knows; try another word."))
            return
        wish = Preference.model_validate(
            {
                "preference_id": "new",
                "slot": slot,
                "value": known or said,
                "polarity": data.get("polarity"),
                "evidence": said,
                "turn": 0,
            }
        )
        self.sessions.edit_profile(held["id"], held["token"], add=(wish,))

    def _opened(self, held: Held, request: gr.Request) -> Held:
        if self._conversation(held) is not None:
            return held
        conversation, token = self.sessions.create(client=_client(request))
        return {"id": conversation.conversation_id, "token": token}

    def _with_profile(self, held: Held, event: ProfileEvent) -> Conversation | None:
        conversation = self._conversation(held)
        return conversation.model_copy(update={"profile": event.change.profile}) if conversation is not None else None


def _client(request: gr.Request) -> str | None:
    return client_of(request.request) if request.request is not None else None


def _refusal(message: str, error: ShopperError, held: Held) -> Shown:
    """Nothing changes but the live turn, which says why."""
    return gr.skip(), _refused(message, error), gr.skip(), held


def _refused(message: str, error: ShopperError) -> Html:
    said = tag("div", text(shortened(message.strip())), class_="sg-user", dir="auto") if message.strip() else Html("")
    return tag(
        "article",
        said,
        tag("div", tag("p", text(error.detail), class_="sg-error", role="alert"), class_="sg-bot"),
        class_="sg-turn sg-refused",
    )


def shortened(message: str, most: int = 200) -> str:
    """The message, or its beginning with an ellipsis where it is longer than `most` characters."""
    return message if len(message) <= most else f"{message[:most]} …"


def build(screen: Screen) -> gr.Blocks:
    """The page's components and what happens on each event. No handler can be called by name, and none reads what gradio remembers."""
    with gr.Blocks(title=screen.shop_name, fill_width=True, analytics_enabled=False) as blocks:
        held = gr.BrowserState({}, storage_key=STORAGE_KEY, secret=STORAGE_KEY)
        with gr.Row(elem_classes="sg-page"):
            with gr.Column(scale=3, min_width=0, elem_classes="sg-chat"):
                gr.HTML(_header(screen.shop_name, screen.note), padding=False, apply_default_css=False)
                past, live = _part(welcome(screen.openers), "sg-past"), _part(Html(""), "sg-live")
                with gr.Row(elem_classes="sg-input"):
                    box, stop, again = _input_row()
            with gr.Column(scale=1, min_width=0, elem_classes="sg-side"):
                profile = _part(screen._panel(None), "sg-side-panel")
        shown = [past, live, profile, held]
        quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        blocks.load(screen.restore, held, shown, **quiet)
        # A cut-off turn still counts as running here until its step is done, so gradio must not hold the next one back; the page's
        # script lets through one at a time, and the session waits its turn.
        at_once = {**quiet, "trigger_mode": "multiple"}
        running: list[Any] = [box.submit(screen.submit, [box, held], [box, *shown], js=CUT, **at_once)]
        running += [part.click(screen.act, held, shown, **at_once) for part in (past, live, profile)]
        stop.click(screen.stop, [box, held], [box, *shown], js=CUT_OFF, cancels=running, **quiet)
        again.click(screen.start_over, None, shown, cancels=running, **quiet)
        blocks.queue(default_concurrency_limit=TURNS_AT_ONCE, max_size=TURNS_WAITING, api_open=False)
    page: gr.Blocks = blocks
    page.state_session_capacity = SESSIONS_REMEMBERED
    return page


def _part(value: Html, name: str) -> gr.HTML:
    """A piece of the page that the server fills, with the script that hears its buttons."""
    on_load = (STATIC / "screen.js").read_text(encoding="utf-8")
    return gr.HTML(value, js_on_load=on_load, padding=False, elem_classes=name, apply_default_css=False)


def _input_row() -> tuple[gr.Textbox, gr.Button, gr.Button]:
    """The box, "Stop" (shown while an answer comes) and "Start over"."""
    box = gr.Textbox(
        placeholder="What are you looking for?", label="Message", show_label=False, lines=1, max_lines=5, scale=8, min_width=160,
        autofocus=True, submit_btn="Send", elem_classes="sg-box",
    )  # fmt: skip
    stop = gr.Button("Stop", scale=0, min_width=0, size="sm", elem_classes="sg-stop")
    again = gr.Button("Start over", scale=0, min_width=0, size="sm", elem_classes="sg-restart")
    return box, stop, again


def _header(name: str, note: str) -> Html:
    said = f"AI shopping assistant. {note}"
    announcer = tag("p", class_="sg-hidden", id="sg-announcer", role="status", aria_live="polite")
    return tag("header", tag("h1", text(name)), tag("p", text(said), class_="sg-muted"), announcer, class_="sg-header")


def mount(app: FastAPI, screen: Screen, path: str = "/") -> FastAPI:
    """Mounts the page in `app`, which already carries our own guard, CORS and headers."""
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        build(screen),
        path=path,
        css_paths=[STATIC / "screen.css"],
        theme=gr.themes.Soft(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=1,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
    )
    return mounted
