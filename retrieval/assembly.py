"""Puts a search engine together over a catalog: columns, vectors, words, taste."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile

from pydantic import ValidationError

from catalog_data.schema import Catalog, Frozen
from catalog_data.vocabulary import Vocabulary
from retrieval.candidates import SearchTuning
from retrieval.collaborative import fit_default
from retrieval.columns import Columns
from retrieval.index import Contents, open_or_build
from retrieval.index_home import FolderHome, IndexHome, ServerHome
from retrieval.interactions import catalog_events, popularity
from retrieval.lexical import Lexical
from retrieval.pipeline import SearchEngine, SearchParts
from retrieval.protocols import Embedder, Floats, Progress
from retrieval.reranker import DEFAULT_WEIGHTS, Reranker, Weights
from retrieval.scorer import Scorer
from retrieval.training import fit_weights


def index_home(data_dir: Path, chroma_url: str | None = None) -> IndexHome:
    """Where indexes are kept: on the Chroma server at `chroma_url` where one is named, else in `data_dir`/index."""
    return ServerHome(chroma_url) if chroma_url else FolderHome(data_dir / "index")


def build_search(
    catalog: Catalog,
    vocabulary: Vocabulary,
    home: IndexHome,
    embedder: Embedder,
    progress: Progress | None = None,
    scorer: Scorer | None = None,
    weights_file: Path | None = None,
    tuning: SearchTuning | None = None,
) -> SearchEngine:
    """The engine over `catalog`; builds its index first where it must, which takes a second for about sixty items. `scorer`: the model
    of taste (default: the one fitted on this catalog). `weights_file`: where the fitted weights of the score's parts are kept; without one
    the stated default stands. Raises `IndexUnusable` where the index can be neither opened nor built."""
    columns = Columns(catalog.products, vocabulary)
    contents = Contents(catalog, columns, embedder)
    index = open_or_build(home, contents, embedder, progress)
    weights = kept_weights(weights_file, catalog, vocabulary, index.vectors, embedder) if weights_file else DEFAULT_WEIGHTS
    events = catalog_events(catalog)
    prior = popularity(catalog, events)
    parts = SearchParts(
        columns=columns,
        embedder=embedder,
        index=index,
        lexical=Lexical(contents.texts),
        reranker=Reranker(catalog, vocabulary, scorer or fit_default(catalog, events), weights, prior, index.vectors),
        prior=prior,
        tuning=tuning,
    )
    return SearchEngine(catalog, vocabulary, parts)


class KeptWeights(Frozen):
    """Weights on disk, and what they were fitted on."""

    catalog_digest: str
    model_id: str
    weights: Weights


def kept_weights(path: Path, catalog: Catalog, vocabulary: Vocabulary, vectors: Floats, embedder: Embedder) -> Weights:
    """The weights of the parts of a score for this catalog: those in `path` where they were fitted on it, else fitted now (seconds) and
    kept there. A file that cannot be read is fitted anew."""
    try:
        kept = KeptWeights.model_validate_json(path.read_bytes())
        if (kept.catalog_digest, kept.model_id) == (catalog.digest, embedder.model_id):
            return kept.weights
    except (OSError, ValidationError):
        pass  # absent or torn: what follows makes it
    weights = fit_weights(catalog, vocabulary, vectors, embedder)
    kept = KeptWeights(catalog_digest=catalog.digest, model_id=embedder.model_id, weights=weights)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Each process has a file of its own: of two that start together, neither takes the other's away.
    with NamedTemporaryFile("w", dir=path.parent, suffix=".new", delete=False, encoding="utf-8") as fresh:
        fresh.write(kept.model_dump_json(indent=2))
    Path(fresh.name).replace(path)
    return weights
