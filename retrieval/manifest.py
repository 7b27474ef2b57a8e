"""What a built index says of itself, and whether it is the one that is wanted."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from catalog_data.schema import Frozen


class IndexIdentity(Frozen):
    """What must be equal for an index to serve a catalog. `catalog_digest`: the files that were read; `text_digest`: the texts that were
    embedded, in order; `filter_digest`: ids and metadata, in order (so a changed vocabulary counts); `model_id`: the embedding
    model; `graph`: how the vectors are linked for search."""

    form: Literal[1] = 1
    catalog_digest: str
    text_digest: str
    filter_digest: str
    model_id: str
    dimension: int = Field(ge=1)
    distance: Literal["cosine"] = "cosine"
    graph: str
    count: int = Field(ge=0)

    @property
    def key(self) -> str:
        """Sixteen hexadecimal digits that name this identity."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]


class IndexManifest(Frozen):
    """Written once an index is complete and checked. `files`: the size in bytes of each file of vectors and rows; a shorter one is torn."""

    identity: IndexIdentity
    files: Mapping[str, int] = {}


def digest_of(parts: list[str]) -> str:
    """SHA-256 over strings in order, hexadecimal."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()
