"""The composition root: settings -> catalog -> retrieval -> agent -> sessions -> server; and the command line."""

from __future__ import annotations

from assistant.settings import Settings, prepare_process, read_settings

# Before any native library loads: they read these settings once.
prepare_process()

import argparse
import asyncio
import gc
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TextIO

import uvicorn
from fastapi import FastAPI
from tqdm import tqdm

from assistant import profile
from assistant.actions import Shop
from assistant.agent import ShopAgent
from assistant.cart import lines_of
from assistant.clock import FixedClock, SystemClock
from assistant.conversation_store import Store, open_store
from assistant.errors import DataDirUnwritable, OwnerError, PortInUse
from assistant.guide.describe import answer, compare
from assistant.guide.offers_text import offer_note
from assistant.guide.verification import Verifier, load_words
from assistant.interface.api import create_api
from assistant.interface.metrics import Metrics
from assistant.known_shoppers import KnownShoppers
from assistant.limits import Limits
from assistant.logs import EventLog
from assistant.observer import Observers
from assistant.policy import load_topics
from assistant.protocols import Clock
from assistant.schema import Answer, Cart, DescribeAction
from assistant.session import Rules, Sessions
from assistant.token_count import shipped_ranks
from assistant.tokens import Tokens, kept_secret
from assistant.writers import Writers, check_model, make_writers
from catalog_data.errors import CatalogError
from catalog_data.loader import load_catalog
from catalog_data.pictures import draw
from catalog_data.schema import Catalog, Product
from catalog_data.vocabulary import Vocabulary, load_vocabulary
from retrieval.assembly import build_search, index_home
from retrieval.embedding import DIMENSION, MODEL_ID
from retrieval.embedding_process import EmbedderProcess
from retrieval.errors import RetrievalError
from retrieval.pairings import Pairings
from retrieval.pipeline import SearchEngine
from retrieval.schema import PricedBasket
from retrieval.taste import Trial, kept_taste, train_taste
from retrieval.warming import WarmingEmbedder

MODEL_AFTER_SECONDS = 3.0
"""How long a server has been open when the language model begins to load."""


EVALS = Path(__file__).with_name("evals")
UNHURRIED = Limits(
    conversation_burst=1_000_000, conversation_per_second=1e6, client_burst=1_000_000, client_per_second=1e6, waiting=1_000
)
"""The limits of an evaluation, which talks faster than any shopper."""


@dataclass(frozen=True)
class Retrieval:
    """The catalog and everything that searches it."""

    catalog: Catalog
    vocabulary: Vocabulary
    embedder: WarmingEmbedder
    engine: SearchEngine
    pairings: Pairings


@dataclass(frozen=True)
class Service:
    """All that a server or a chat needs."""

    settings: Settings
    retrieval: Retrieval
    writers: Writers
    agent: ShopAgent
    sessions: Sessions
    metrics: Metrics
    observers: Observers
    store: Store
    log: TextIO
    clock: Clock


def make_clock(settings: Settings) -> Clock:
    """The machine's clock, or the moment of SHOPGUIDE_NOW."""
    return FixedClock(settings.now) if settings.now is not None else SystemClock()


def sentence_embedder() -> WarmingEmbedder:
    """The real one, in a process of its own, not loaded yet."""
    return WarmingEmbedder(EmbedderProcess, MODEL_ID, DIMENSION)


def make_retrieval(settings: Settings, clock: Clock, embedder: WarmingEmbedder) -> Retrieval:
    """Loads the catalog and opens its index, building it first, with a progress bar, where it must."""
    vocabulary = load_vocabulary()
    catalog = load_catalog(settings.catalog, vocabulary, clock.now())
    bar = ProgressBar("Building the index (once for each catalog)", "item")
    engine = build_search(
        catalog,
        vocabulary,
        index_home(settings.data_dir, settings.chroma_url),
        embedder,
        progress=bar,
        scorer=kept_taste(catalog, taste_folder(settings)),
        weights_file=settings.data_dir / "weights" / f"{catalog.manifest.catalog_id}.json",
    )
    bar.close()
    return Retrieval(catalog, vocabulary, embedder, engine, Pairings(catalog, vocabulary, engine.vectors))


def taste_folder(settings: Settings) -> Path:
    """Where trained models of taste are kept."""
    return settings.data_dir / "taste"


class ProgressBar:
    """A progress bar that appears with the first piece of work, and begins anew when the count does."""

    def __init__(self, title: str, unit: str) -> None:
        self._title = title
        self._unit = unit
        self._bar: tqdm[object] | None = None

    def __call__(self, done: int, total: int) -> None:
        if self._bar is not None and done < self._bar.n:
            self.close()
        if self._bar is None:
            self._bar = tqdm(total=total, desc=self._title, unit=self._unit, initial=0)
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Ends the bar, if one was shown."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def make_shop(retrieval: Retrieval) -> Shop:
    """What the actions ask."""
    catalog, vocabulary = retrieval.catalog, retrieval.vocabulary

    def describe(product: Product, action: DescribeAction) -> tuple[Answer, ...]:
        closed = catalog.manifest.closed_slots
        return answer(product, action.about, action.about_values, action.question, vocabulary, closed)

    return Shop(
        catalog=catalog,
        vocabulary=vocabulary,
        engine=retrieval.engine,
        pairings=retrieval.pairings,
        topics=load_topics(),
        describe=describe,
        compare=partial(compare, vocabulary=vocabulary),
        note=partial(offer_note, currency=catalog.manifest.currency, vocabulary=vocabulary),
    )


def make_agent(retrieval: Retrieval, writers: Writers, clock: Clock, known: KnownShoppers) -> ShopAgent:
    """The agent over this shop. Items whose picture is drawn here have one; no other address is invented."""
    return ShopAgent(
        shop=make_shop(retrieval),
        understander=writers.understander,
        replayer=writers.replayer,
        guide=writers.guide,
        clock=clock,
        picture=picture_address,
        shopper_of=known.shopper,
        history_of=known.history,
    )


def picture_address(product: Product) -> str | None:
    """Where this server shows an item's picture; None where the shop has none."""
    return f"/media/{product.product_id}.svg" if product.image == "drawn" else None


def make_service(
    settings: Settings, embedder: WarmingEmbedder | None = None, clock: Clock | None = None, limits: Limits | None = None
) -> Service:
    """Everything, from the settings. What is not given is the sentence model, the settings' clock and the limits of a public server.

    Raises `OwnerError`, `CatalogError` or `RetrievalError` with what to do."""
    prepare_process(shipped_ranks())
    check_data_dir(settings.data_dir)
    check_model(settings)  # before the minutes of building an index
    clock = clock or make_clock(settings)
    retrieval = make_retrieval(settings, clock, embedder or sentence_embedder())
    catalog, vocabulary = retrieval.catalog, retrieval.vocabulary
    writers = make_writers(settings, catalog, vocabulary, Verifier(vocabulary, load_words()), clock)
    known = KnownShoppers(catalog)
    agent = make_agent(retrieval, writers, clock, known)

    def price_cart(cart: Cart, shopper_id: str | None) -> PricedBasket:
        return agent.shop.price(lines_of(cart, catalog.by_id), cart.codes, known.shopper(shopper_id), clock.now())

    metrics = Metrics()
    log = (settings.data_dir / "events.jsonl").open("a", encoding="utf-8")
    observers = Observers((metrics, EventLog(log, clock)))
    rules = Rules(
        price_cart=price_cart, edit=profile.edit, with_feedback=profile.with_feedback, vocabulary=vocabulary, infer=known.profile
    )
    tokens = Tokens(settings.secret or kept_secret(settings.data_dir))
    store = open_store(settings.database_url, settings.data_dir)
    sessions = Sessions(agent, store, tokens, clock, catalog, rules, observers, limits)
    return Service(settings, retrieval, writers, agent, sessions, metrics, observers, store, log, clock)


def close(service: Service) -> None:
    """Closes what the service holds open."""
    service.retrieval.embedder.close()
    service.store.close()
    service.log.close()


def make_app(service: Service) -> FastAPI:
    """The HTTP interface with the page mounted in it."""
    # Imported here: it brings gradio, which takes two seconds that the other commands need not wait, nor the sentence model's process.
    from assistant.interface.chat_screen import Screen, mount

    retrieval = service.retrieval

    def picture(product_id: str) -> str | None:
        product = retrieval.catalog.by_id.get(product_id)
        return draw(product, retrieval.vocabulary) if product is not None else None

    api = create_api(
        service.sessions,
        retrieval.catalog,
        picture,
        service.settings,
        service.clock,
        lambda: retrieval.embedder.ready,
        service.metrics,
        service.observers,
    )
    known = KnownShoppers(retrieval.catalog)
    screen = Screen(
        sessions=service.sessions,
        vocabulary=retrieval.vocabulary,
        shop_name=retrieval.catalog.manifest.name,
        currency=retrieval.catalog.manifest.currency,
        note=service.writers.note,
        demo_shoppers=known.examples() if retrieval.catalog.manifest.synthetic else (),
    )
    return mount(api, screen)


def check_data_dir(data_dir: Path) -> None:
    """Raises `DataDirUnwritable` where nothing can be written."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        probe = data_dir / ".writable"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise DataDirUnwritable(
            f"{data_dir} cannot be written ({error.strerror}); set SHOPGUIDE_DATA_DIR to a folder that can"
        ) from error


def check_port(host: str, port: int) -> None:
    """Raises `PortInUse` where something listens there already."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortInUse(
                f"{host}:{port} cannot be listened on ({error.strerror}); end what uses it, or set SHOPGUIDE_PORT"
            ) from error


def start_models(service: Service) -> None:
    """Begins to load the sentence model and, after it, the language model, each in a thread: the shop is open meanwhile."""
    service.retrieval.embedder.start()
    if service.writers.loading is not None:
        service.retrieval.embedder.when_done(service.writers.loading.start)


def serve(settings: Settings, _: argparse.Namespace) -> int:
    """Opens the chat and the HTTP interface."""
    check_port(settings.host, settings.port)
    gc.disable()  # a hundred thousand objects that stay are being made: looking for garbage among them costs a fifth of the start
    embedder = sentence_embedder()
    embedder.start()  # first of all: it loads beside the rest
    try:
        service = make_service(settings, embedder)
    except BaseException:
        embedder.close()
        raise
    for note in service.retrieval.catalog.report.notes:
        print(f"Note: {note}")
    problems = service.retrieval.catalog.report.problems
    if problems:
        print(f"The catalog has {len(problems)} problems; `shopguide doctor` lists them.")
    app = make_app(service)
    gc.freeze()
    gc.enable()
    print(f"Shopguide is open on http://{settings.host}:{settings.port}  (Ctrl-C ends it)", flush=True)
    options = uvicorn.Config(
        app, host=settings.host, port=settings.port, log_level="warning", access_log=False, server_header=False
    )
    Server(options, partial(start_models, service)).run()
    close(service)
    return 0


class Server(uvicorn.Server):
    """Calls `later` a little after the port answers: the engine of the embedded model stops everything else for two seconds as it
    loads, and the first page should not wait for that."""

    def __init__(self, config: uvicorn.Config, later: Callable[[], None]) -> None:
        super().__init__(config)
        self._later = later

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listens."""
        await super().startup(sockets)
        asyncio.get_running_loop().call_later(MODEL_AFTER_SECONDS, self._later)


def chat(settings: Settings, _: argparse.Namespace) -> int:
    """Talks in the terminal; an empty line ends it."""
    service = make_service(settings)
    start_models(service)
    conversation, token = service.sessions.create()
    print(f"{service.retrieval.catalog.manifest.name}: I am an AI shopping assistant. An empty line ends the chat.")
    while message := input("\n> ").strip():
        for event in service.sessions.turn(conversation.conversation_id, token, message):
            if event.event == "section":
                print(event.section.text)
            elif event.event == "error":
                print(event.detail)
    return 0


def index(settings: Settings, arguments: argparse.Namespace) -> int:
    """Builds the index where it is not up to date, and stops."""
    check_data_dir(settings.data_dir)
    if arguments.sequence_model:
        train_sequence_model(settings)
    retrieval = make_retrieval(settings, make_clock(settings), sentence_embedder())
    print(f"{retrieval.catalog.manifest.name}: {len(retrieval.catalog.products)} items are indexed.")
    return 0


def train_sequence_model(settings: Settings) -> None:
    """Trains the model of the order of purchases, keeps it where it pays, and says which."""
    # Imported here: it loads torch, which nothing else needs in this process.
    from retrieval.sequence_training import fit_catalog

    catalog = load_catalog(settings.catalog, load_vocabulary(), make_clock(settings).now())
    bar = ProgressBar("Training the sequence model", "epoch")
    trial = train_taste(catalog, taste_folder(settings), partial(fit_catalog, progress=bar))
    bar.close()
    print(trial_text(trial))


def trial_text(trial: Trial) -> str:
    """What the sequence model came to, in two sentences."""
    figures = (
        f"On {trial.cases:,} held-back purchases nDCG@10 is {trial.alone:.4f} without the sequence model and {trial.both:.4f} with it "
        f"({trial.gain:+.4f}, standard error {trial.gain_se:.4f})."
    )
    return f"{figures} {'It is kept, and used from the next start.' if trial.pays else 'It does not pay here, and is not kept.'}"


def export(settings: Settings, _: argparse.Namespace) -> int:
    """Prints the catalog's items as JSON lines, as they were read."""
    for product in load_catalog(settings.catalog, load_vocabulary()).products:
        print(product.model_dump_json(exclude_defaults=True))
    return 0


def doctor(settings: Settings, _: argparse.Namespace) -> int:
    """Says what was read, what is wrong with it, and what is missing; 1 where something must be done."""
    catalog = load_catalog(settings.catalog, load_vocabulary(), make_clock(settings).now())
    report = catalog.report
    print(f"Catalog {catalog.manifest.name}: {', '.join(f'{count} {name}' for name, count in report.counts.items())}")
    for line in (*report.problems, *report.notes):
        print(f"  {line}")
    for field, words in report.unmapped.items():
        print(f"  not understood in {field}: {', '.join(f'{word} ({count})' for word, count in words.items())}")
    check_data_dir(settings.data_dir)
    print(f"Data folder {settings.data_dir}: can be written")
    return 1 if any(problem.severity == "error" for problem in report.problems) else 0


def bench(settings: Settings, arguments: argparse.Namespace) -> int:
    """Runs a benchmark and prints its table."""
    # Imported here: benchmarks import this module to build what they measure.
    from benchmarks.run import run_benchmark

    return run_benchmark(arguments.name, settings, arguments.data, arguments.json, sizes=arguments.sizes)


def evaluate(settings: Settings, arguments: argparse.Namespace) -> int:
    """Plays scripted conversations and says what did not hold."""
    # Imported here: no other command needs it.
    from assistant.evaluation import command, players, results, script, script_files

    if arguments.compare:
        return command.compare_runs(*arguments.compare)
    names = {each.name for each in fields(command.Wanted)} - {"scripts", "settings"}
    wanted = command.Wanted(
        scripts=script_files.load_scripts(arguments.paths),
        settings={"writer": arguments.model or "none", "catalog": str(settings.catalog or "demo")},
        **{name: getattr(arguments, name) for name in names},
    )
    if arguments.url is not None:
        vocabulary = load_vocabulary()
        shop = results.Shop(load_catalog(settings.catalog, vocabulary, make_clock(settings).now()), vocabulary)
        return command.evaluate(wanted, players.OverHttp(arguments.url), shop)
    clock = players.PlayedClock(settings.now or script.DEFAULT_NOW)
    with TemporaryDirectory() as scratch:
        # Conversations of an evaluation leave nothing in the shop's own store.
        own = settings.model_copy(
            update={"model": arguments.model or "none", "database_url": f"sqlite:///{scratch}/eval.sqlite3"}
        )
        service = make_service(own, clock=clock, limits=UNHURRIED)
        try:
            retrieval = service.retrieval
            retrieval.embedder.embed(["warm up"])
            player = players.InProcess(service.sessions, clock)
            return command.evaluate(wanted, player, results.Shop(retrieval.catalog, retrieval.vocabulary))
        finally:
            close(service)


def add_evaluation(commands: Any) -> None:
    """The options of `eval`."""
    played = commands.add_parser("eval", help=evaluate.__doc__)
    played.add_argument("paths", nargs="*", type=Path, default=[EVALS], help="conversations, or folders of them", metavar="PATH")
    played.add_argument("--jobs", type=int, default=1, help="how many are played at once")
    played.add_argument("--repeat", type=int, default=1, help="how often each is played")
    played.add_argument("--url", help="play against a running server instead of in process")
    played.add_argument("--model", help="who writes, as in SHOPGUIDE_MODEL; none where it is not given")
    played.add_argument("--out", type=Path, help="results as JSON lines without times; the run that it held is the last run")
    played.add_argument("--junit", type=Path, help="results as JUnit XML")
    played.add_argument("--report", type=Path, help="the report as one HTML file")
    played.add_argument("--promptfoo", type=Path, help="the conversations in promptfoo's form")
    played.add_argument("--tau2", type=Path, help="the conversations in tau2's form")
    played.add_argument("--compare", nargs=2, type=Path, metavar=("A", "B"), help="only set two files of --out side by side")
    played.add_argument("--simulate", type=int, default=0, help="how many simulated shoppers talk too")
    played.add_argument("--seed", type=int, default=0, help="their seed")
    played.add_argument("--baseline", type=Path, help="figures that they must not fall below")
    played.add_argument("--write-baseline", type=Path, help="write theirs there")
    played.set_defaults(run=evaluate)


Command = Callable[[Settings, argparse.Namespace], int]


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog="shopguide", description="A conversational shopping assistant that cannot lie about the shop."
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    plain: dict[str, Command] = {"serve": serve, "chat": chat, "export": export, "doctor": doctor}
    for name, command in plain.items():
        commands.add_parser(name, help=command.__doc__).set_defaults(run=command)
    indexed = commands.add_parser("index", help=index.__doc__)
    indexed.add_argument(
        "--sequence-model", action="store_true", help="also train a model of the order of purchases (minutes); kept where it pays"
    )
    indexed.set_defaults(run=index)
    timed = commands.add_parser("bench", help=bench.__doc__)
    timed.add_argument("name", help="which one; `all` for every one")
    timed.add_argument("--data", type=Path, help="the file or folder to run on, where the benchmark takes one")
    timed.add_argument("--json", type=Path, help="write the table there too, as JSON, and a plot of it (.svg) beside")
    timed.add_argument("--sizes", type=int, nargs="+", default=[], metavar="N", help="how many items, for `latency`")
    timed.set_defaults(run=bench)
    add_evaluation(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command. What a shop owner can mend is said in a line, without a trace."""
    arguments = parser().parse_args(argv)
    try:
        run: Command = arguments.run
        return run(read_settings(), arguments)
    except (OwnerError, CatalogError, RetrievalError) as error:
        print(f"shopguide: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
