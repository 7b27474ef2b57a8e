"""Which language model reads and writes, by the settings: none, the embedded one, a GGUF file, or an endpoint."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from assistant.breaker import Breaker
from assistant.errors import ModelError, SettingInvalid
from assistant.guide.explain import speaker
from assistant.guide.verification import Verifier
from assistant.guide.writing import ComposedGuide, WrittenGuide
from assistant.guide.written import WritingPrompts
from assistant.loading_model import LoadingModel
from assistant.protocols import ChatModel, Clock, Guide, Understander
from assistant.settings import Settings
from assistant.token_count import TokenCounter
from assistant.understanding.model import ModelReader
from assistant.understanding.parser import Parser
from assistant.understanding.reading import ParserAndModel, ParserOnly
from assistant.weights import MODEL_NAME, weights_file
from catalog_data.schema import Catalog
from catalog_data.vocabulary import Vocabulary
from prompts import load_prompt

OPENAI_MODEL = "gpt-4.1-mini"
"""Where a key is given, but neither an address nor a model."""
WARM_UP_SECONDS = 60.0


@dataclass(frozen=True)
class Writers:
    """Who understands and who writes. `note`: what the page says of it. `loading`: the embedded model, where one is being loaded."""

    understander: Understander
    replayer: Understander
    guide: Guide
    note: str
    loading: LoadingModel | None = None


def check_model(settings: Settings) -> str | None:
    """The model that the settings ask for; None: the endpoint's own. Raises `SettingInvalid` where SHOPGUIDE_MODEL names a file that is not
    there, or a model without an endpoint."""
    wanted = settings.model or (None if settings.has_endpoint else "embedded")
    if wanted is None or wanted in ("none", "embedded"):
        return wanted
    if wanted.endswith(".gguf") and not Path(wanted).expanduser().is_file():
        raise SettingInvalid(
            f"SHOPGUIDE_MODEL is {wanted!r}, and there is no such file; give the path of a GGUF file, embedded, or none"
        )
    if not wanted.endswith(".gguf") and not settings.has_endpoint:
        raise SettingInvalid(
            f"SHOPGUIDE_MODEL is {wanted!r} and no OPENAI_BASE_URL or OPENAI_API_KEY is set; allowed without: none, embedded, a .gguf file"
        )
    return wanted


def make_writers(settings: Settings, catalog: Catalog, vocabulary: Vocabulary, verifier: Verifier, clock: Clock) -> Writers:
    """The writers that the settings ask for. Raises `SettingInvalid` as `check_model` does. Where the embedded model is not installed the
    composer writes, and the note says so."""
    alone = ParserOnly(Parser(vocabulary, catalog.brands, catalog.manifest.currency))
    wanted = check_model(settings)
    if wanted == "none":
        return Writers(alone, alone, ComposedGuide(verifier), "Written by the built-in composer.")
    if wanted == "embedded" or (wanted is not None and wanted.endswith(".gguf")):
        return _embedded(wanted, vocabulary, alone, verifier, clock)
    return _endpoint(wanted, settings, catalog, vocabulary, alone, verifier, clock)


def writing_prompts(vocabulary: Vocabulary) -> WritingPrompts:
    """The prompts of the writing call."""
    return WritingPrompts(
        voice=load_prompt("voice"), guide=load_prompt("guide"), facts=load_prompt("guide_facts"), speaker=speaker(vocabulary)
    )


def _embedded(wanted: str, vocabulary: Vocabulary, alone: ParserOnly, verifier: Verifier, clock: Clock) -> Writers:
    weights = weights_file() if wanted == "embedded" else Path(wanted).expanduser()
    if not weights.is_file() or importlib.util.find_spec("xllamacpp") is None:
        return Writers(
            alone,
            alone,
            ComposedGuide(verifier),
            "Written by the built-in composer: the embedded model is not installed (`make run` fetches it).",
        )
    name = MODEL_NAME if wanted == "embedded" else weights.stem
    prompts = writing_prompts(vocabulary)
    model = LoadingModel(partial(_warmed, weights, name, prompts, clock), name)
    guide = WrittenGuide(verifier, model, prompts, clock, Breaker(clock), TokenCounter())
    return Writers(alone, alone, guide, f"Written by {name} on this machine, every sentence checked against the catalog.", model)


def _warmed(weights: Path, name: str, prompts: WritingPrompts, clock: Clock) -> ChatModel:
    # Imported here, in the thread that loads the model: langchain and openai take two seconds, in which the server answers already.
    from assistant.embedded import EmbeddedModel

    model = EmbeddedModel(weights, clock, name)
    model.warm_up(prompts.fixed, clock.monotonic() + WARM_UP_SECONDS)
    return model


def _endpoint(
    wanted: str | None,
    settings: Settings,
    catalog: Catalog,
    vocabulary: Vocabulary,
    alone: ParserOnly,
    verifier: Verifier,
    clock: Clock,
) -> Writers:
    # Imported here: without an endpoint nobody waits for langchain and openai.
    from assistant.models import Endpoint, EndpointModel

    key = settings.openai_api_key or "none"
    name = wanted or _only_model(settings.openai_base_url, key)
    model = EndpointModel(Endpoint(model=name, base_url=settings.openai_base_url, key=key), clock)
    breaker = Breaker(clock)
    reader = ModelReader(model, load_prompt("understanding"), vocabulary, catalog.brands, catalog.manifest.currency)
    parser = Parser(vocabulary, catalog.brands, catalog.manifest.currency)
    guide = WrittenGuide(verifier, model, writing_prompts(vocabulary), clock, breaker, TokenCounter())
    note = f"Written by {name}, every sentence checked against the catalog."
    return Writers(ParserAndModel(parser, reader, breaker), alone, guide, note)


def _only_model(base_url: str | None, key: str) -> str:
    """The first model that the endpoint lists; a name that servers of one model accept where it lists none just now."""
    if base_url is None:
        return OPENAI_MODEL
    from assistant.models import first_model  # as above

    try:
        return first_model(base_url, key)
    except ModelError:
        return "default"
