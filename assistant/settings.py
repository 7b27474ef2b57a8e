"""The one place that reads the environment. Every setting, its default and its meaning stand in `SETTINGS`, which the README's table is compared with."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from assistant.errors import SettingInvalid
from catalog_data.schema import Frozen

PROJECT_DIR = Path(__file__).resolve().parents[1]


class Setting(Frozen):
    """One environment variable: its name, what stands when it is unset or empty, and what it means."""

    name: str
    default: str
    meaning: str


SETTINGS: tuple[Setting, ...] = (
    Setting(name="SHOPGUIDE_HOST", default="127.0.0.1", meaning="address the server listens on"),
    Setting(name="SHOPGUIDE_PORT", default="7860", meaning="port the server listens on"),
    Setting(name="SHOPGUIDE_CATALOG", default="demo", meaning="`demo`, or the folder of a catalog; only read"),
    Setting(name="SHOPGUIDE_DATA_DIR", default=".data", meaning="folder for index, caches and databases"),
    Setting(name="DATABASE_URL", default="SQLite in the data folder", meaning="SQLAlchemy URL of the store"),
    Setting(name="CHROMA_URL", default="in process", meaning="URL of a Chroma server on a private network"),
    Setting(name="OPENAI_BASE_URL", default="none", meaning="OpenAI-compatible endpoint of a language model"),
    Setting(name="OPENAI_API_KEY", default="none", meaning="its key"),
    Setting(
        name="SHOPGUIDE_MODEL",
        default="the endpoint's, else `embedded`",
        meaning="`none`, `embedded`, a GGUF file, or a model's name",
    ),
    Setting(name="SHOPGUIDE_ALLOWED_ORIGINS", default="none", meaning="origins that may embed or call, separated by commas"),
    Setting(
        name="SHOPGUIDE_SECRET",
        default="made and kept in the data folder",
        meaning="key that signs conversation tokens, 32 characters or more",
    ),
    Setting(name="SHOPGUIDE_NOW", default="the clock", meaning="a fixed time (ISO 8601 with zone), for tests and evals"),
)


class Settings(Frozen):
    """All settings, checked. `model` None: the endpoint's own model if there is an endpoint, else the embedded one."""

    host: str = "127.0.0.1"
    port: int = 7860
    catalog: Path | None = None
    data_dir: Path = PROJECT_DIR / ".data"
    database_url: str | None = None
    chroma_url: str | None = None
    openai_base_url: str | None = None
    openai_api_key: str | None = None
    model: str | None = None
    allowed_origins: tuple[str, ...] = ()
    secret: str | None = None
    now: AwareDatetime | None = None

    @property
    def has_endpoint(self) -> bool:
        """True where an OpenAI-compatible endpoint is configured, by URL or by key."""
        return self.openai_base_url is not None or self.openai_api_key is not None


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise SettingInvalid(f"SHOPGUIDE_PORT is {text!r}; a whole number from 1 to 65535 is allowed; unset it for 7860")
    return int(text)


def _moment(text: str) -> datetime:
    try:
        return TypeAdapter(AwareDatetime).validate_python(text)
    except ValidationError as error:
        raise SettingInvalid(
            f"SHOPGUIDE_NOW is {text!r}; an ISO 8601 time with a zone is allowed, such as 2026-11-27T10:00:00Z"
        ) from error


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(dict.fromkeys(part.strip().rstrip("/") for part in text.split(",") if part.strip()))
    for origin in origins:
        scheme, separator, host = origin.partition("://")
        if scheme not in ("http", "https") or not separator or not host or any(char in host for char in "/*?#@ "):
            raise SettingInvalid(
                f"SHOPGUIDE_ALLOWED_ORIGINS holds {origin!r}; only full origins are allowed, such as https://shop.example"
            )
    return origins


def _secret(text: str) -> str:
    if len(text) < 32:
        raise SettingInvalid(
            f"SHOPGUIDE_SECRET has {len(text)} characters; 32 or more are needed; unset it to have one made and kept"
        )
    return text


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from `environ` (default: the process's). An empty value is an unset one. Raises `SettingInvalid`."""
    source = os.environ if environ is None else environ
    given = {setting.name: source.get(setting.name, "").strip() for setting in SETTINGS}
    catalog = given["SHOPGUIDE_CATALOG"]
    fields: dict[str, object] = {
        "host": given["SHOPGUIDE_HOST"] or "127.0.0.1",
        "port": _port(given["SHOPGUIDE_PORT"] or "7860"),
        "catalog": None if catalog in ("", "demo") else Path(catalog).expanduser().resolve(),
        "data_dir": Path(given["SHOPGUIDE_DATA_DIR"] or PROJECT_DIR / ".data").expanduser().resolve(),
        "database_url": given["DATABASE_URL"] or None,
        "chroma_url": given["CHROMA_URL"] or None,
        "openai_base_url": given["OPENAI_BASE_URL"] or None,
        "openai_api_key": given["OPENAI_API_KEY"] or None,
        "model": given["SHOPGUIDE_MODEL"] or None,
        "allowed_origins": _origins(given["SHOPGUIDE_ALLOWED_ORIGINS"]),
        "secret": _secret(given["SHOPGUIDE_SECRET"]) if given["SHOPGUIDE_SECRET"] else None,
        "now": _moment(given["SHOPGUIDE_NOW"]) if given["SHOPGUIDE_NOW"] else None,
    }
    return Settings.model_validate(fields)


def prepare_process(token_ranks: Path | None = None) -> None:
    """Sets what native libraries read when they load. Must run before any of them is imported.

    Passive waiting keeps two threads usable when a core is busy elsewhere; the rest stops look-ups on the network and telemetry.
    `token_ranks`: the folder where tiktoken's ranks lie, so that it downloads none."""
    for name, value in {
        "OMP_WAIT_POLICY": "passive",
        "OPENBLAS_NUM_THREADS": "2",
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "GRADIO_ANALYTICS_ENABLED": "False",
        "ANONYMIZED_TELEMETRY": "False",
        **({"TIKTOKEN_CACHE_DIR": str(token_ranks)} if token_ranks is not None else {}),
    }.items():
        os.environ.setdefault(name, value)
