"""The chat in the browser, and the door to gradio. Holds nothing: conversations live in the store under a signed id, which the browser keeps."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI

from assistant.errors import NotFound, ShopperError
from assistant.events import ProfileEvent
from assistant.interface.markup import Html, joined, tag, text
from assistant.interface.profile_panel import panel
from assistant.interface.thread import TurnView, advanced, recorded, turn_html, welcome
from assistant.interface.wire import FeedbackIn
from assistant.schema import Conversation, Preference, TurnContext
from assistant.session import Sessions
from catalog_data.schema import VALUE_SLOTS
from catalog_data.vocabulary import Vocabulary

STATIC = Path(__file__).with_name("static")
STORAGE_KEY = "shopguide-conversation"
TURNS_AT_ONCE = 16
TURNS_WAITING = 64
LONGEST_MESSAGE = 2000
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
        conversation = self._conversation(held)
        if conversation is None:
            return welcome(self.openers), "", self._panel(None), {}
        return self._past(held), "", self._panel(conversation), held

    def _conversation(self, held: Held) -> Conversation | None:
        try:
            return self.sessions.conversation(held["id"], held["token"]) if held.get("id") else None
        except NotFound:
            return None

    def _past(self, held: Held) -> Html:
        turns = self.sessions.record(held["id"], held["token"]).turns
        if not turns:
            return welcome(self.openers)
        return joined(turn_html(recorded(turn.record), last=number == len(turns)) for number, turn in enumerate(turns, 1))

    def _panel(self, conversation: Conversation | None) -> Html:
        return panel(conversation, self.currency, self.demo_shoppers)

    # ------------------------------------------------------------ what the shopper does

    def say(self, message: str, held: Held, request: gr.Request, context: TurnContext | None = None) -> Iterator[Shown]:
        """One turn, shown as it comes."""
        view = TurnView(message=message.strip())
        try:
            held = self._opened(held, request)
            yield gr.skip(), turn_html(view, last=True), gr.skip(), held
            for event in self.sessions.turn(held["id"], held["token"], message, context=context or TurnContext()):
                view = advanced(view, event)
                profile = self._panel(self._with_profile(held, event)) if isinstance(event, ProfileEvent) else gr.skip()
                yield gr.skip(), turn_html(view, last=True), profile, held
        except ShopperError as error:
            yield gr.skip(), _refused(view.message, error), gr.skip(), held
            return
        if view.error is None:
            yield self._past(held), "", self._panel(self._conversation(held)), held

    def act(self, held: Held, event: gr.EventData, request: gr.Request) -> Iterator[Shown]:
        """What a button of the page says."""
        data: dict[str, Any] = event._data if isinstance(event._data, dict) else {}
        kind, words = str(data.get("act", "")), str(data.get("text", ""))[:LONGEST_MESSAGE]
        if kind in ("say", "about"):
            product_id = str(data["product_id"]) if kind == "about" and "product_id" in data else None
            yield from self.say(words, held, request, TurnContext(product_id=product_id))
        elif kind == "shop_as":
            yield self._shop_as(str(data.get("shopper_id", "")), request)
        else:
            yield self._changed(kind, data, held)

    def _changed(self, kind: str, data: dict[str, Any], held: Held) -> Shown:
        try:
            if kind in ("up", "down"):
                named = {key: data[key] for key in ("turn_id", "product_id", "reason") if key in data}
                given = FeedbackIn.model_validate({**named, "value": kind})
                self.sessions.feedback(held["id"], held["token"], given.turn_id, given.value, given.product_id, given.reason)
                gr.Info("Noted: it counts from the next search on.")
            elif kind == "forget":
                self.sessions.edit_profile(held["id"], held["token"], remove=(str(data["preference_id"]),))
            elif kind == "add_wish":
                self._add_wish(data, held)
            elif kind == "undo":
                self.sessions.undo_profile(held["id"], held["token"])
            elif kind == "forget_me":
                self.sessions.delete(held["id"], held["token"])
                gr.Info("Everything about this conversation is erased.")
                return self.restore({})
        except (ShopperError, KeyError) as error:
            gr.Warning(
                html.escape(error.detail if isinstance(error, ShopperError) else "This button has no conversation any more.")
            )
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
    return request.client.host if request.client is not None else None


def _refused(message: str, error: ShopperError) -> Html:
    said = tag("div", text(message[:200]), class_="sg-user") if message else Html("")
    return tag(
        "article",
        said,
        tag("div", tag("p", text(error.detail), class_="sg-error", role="alert"), class_="sg-bot"),
        class_="sg-turn",
    )


def build(screen: Screen) -> gr.Blocks:
    """The page's components and what happens on each event."""
    on_load = (STATIC / "screen.js").read_text(encoding="utf-8")
    with gr.Blocks(title=screen.shop_name, fill_width=True, analytics_enabled=False) as blocks:
        held = gr.BrowserState({}, storage_key=STORAGE_KEY, secret=STORAGE_KEY)
        with gr.Row(elem_classes="sg-page"):
            with gr.Column(scale=3, elem_classes="sg-chat"):
                gr.HTML(_header(screen.shop_name, screen.note), padding=False)
                past = gr.HTML(
                    welcome(screen.openers), js_on_load=on_load, padding=False, elem_classes="sg-past", apply_default_css=False
                )
                live = gr.HTML("", js_on_load=on_load, padding=False, elem_classes="sg-live", apply_default_css=False)
                with gr.Row(elem_classes="sg-input"):
                    box = gr.Textbox(
                        placeholder="What are you looking for?", label="Message", show_label=False, lines=1, max_lines=5,
                        max_length=LONGEST_MESSAGE, scale=8, autofocus=True, submit_btn="Send", stop_btn=False,
                    )  # fmt: skip
                    stop = gr.Button("Stop", scale=1, min_width=60)
                    again = gr.Button("Start over", scale=1, min_width=90)
            with gr.Column(scale=1, min_width=260, elem_classes="sg-side"):
                profile = gr.HTML(screen._panel(None), js_on_load=on_load, padding=False, apply_default_css=False)
        shown = [past, live, profile, held]
        blocks.load(screen.restore, held, shown, api_visibility="private", show_progress="hidden")
        turn = box.submit(lambda message: (message, ""), box, [said := gr.State(""), box], api_visibility="private", queue=False)
        saying = turn.then(screen.say, [said, held], shown, api_visibility="private", show_progress="hidden")
        acting = [
            component.click(screen.act, held, shown, api_visibility="private", show_progress="hidden")
            for component in (past, live, profile)
        ]
        stop.click(lambda: "", None, live, cancels=[saying, *acting], api_visibility="private", show_progress="hidden")
        again.click(screen.start_over, None, shown, cancels=[saying, *acting], api_visibility="private", show_progress="hidden")
        blocks.queue(default_concurrency_limit=TURNS_AT_ONCE, max_size=TURNS_WAITING, api_open=False)
    page: gr.Blocks = blocks
    return page


def _header(name: str, note: str) -> Html:
    said = f"AI shopping assistant. {note}"
    return tag("header", tag("h1", text(name)), tag("p", text(said), class_="sg-muted"), class_="sg-header")


def mount(app: FastAPI, screen: Screen, path: str = "/") -> FastAPI:
    """Mounts the page in `app`, which already carries our own guard, CORS and headers."""
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        build(screen),
        path=path,
        css_paths=[STATIC / "screen.css"],
        js=(STATIC / "page.js").read_text(encoding="utf-8"),
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
