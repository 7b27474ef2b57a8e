"""The sequence model at work: what follows what she had, by self-attention over it. Training lies in `retrieval/sequence_training.py`.

One block of SASRec (Kang and McAuley, "Self-attentive sequential recommendation", 2018) with normalisation first:

    x_t = item[i_t] + place[distance of t from the newest]
    y   = x_newest + out . attention(n1(x_newest), n1(x)) ;  z = y + second . gelu(first . n2(y)) ;  state = n3(z)
    score(i) = cosine(state, item[i])

Only the newest place is asked, so one visitor costs a few small products; nothing here needs torch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.special import erf, softmax

from catalog_data.schema import Frozen
from retrieval.protocols import Floats, Rows
from retrieval.scorer import Values, Visitor, resolve

EPSILON = 1e-5
"""What a normalisation adds to the variance; torch's own."""


class SequenceTuning(Frozen):
    """Tuned on the validation items of Amazon Beauty. `window`: items of a sequence that are looked at, the newest. `negatives`: items
    drawn a batch, shared by all of it, that stand for all others in the loss. `temperature`: what cosines are divided by in the loss.
    `rate`: the learning rate at its height, reached after 200 steps and falling to 0 by the last. `input_dropout`: of item and place vectors,
    `dropout`: of all that follows."""

    dimension: int = Field(default=64, ge=2)
    window: int = Field(default=50, ge=1)
    epochs: int = Field(default=32, ge=1)
    batch: int = Field(default=128, ge=1)
    negatives: int = Field(default=512, ge=1)
    rate: float = Field(default=3e-3, gt=0)
    input_dropout: float = Field(default=0.5, ge=0, lt=1)
    dropout: float = Field(default=0.5, ge=0, lt=1)
    temperature: float = Field(default=0.05, gt=0)
    seed: int = Field(default=0, ge=0)


INFORMED_TUNING = SequenceTuning(dimension=128, epochs=16, input_dropout=0.6)
"""For a model whose items share the vectors of their words and labels: it needs fewer epochs, and has use for longer vectors."""


def shapes(n_items: int, tuning: SequenceTuning) -> dict[str, tuple[int, ...]]:
    """What a model consists of: arrays by name, with their shapes."""
    d = tuning.dimension
    found: dict[str, tuple[int, ...]] = {"item": (n_items, d), "place": (tuning.window, d)}
    for name in NAMES:
        found |= {f"{name}_weight": (d, d), f"{name}_bias": (d,)}
    for name in NORMS:
        found |= {f"{name}_weight": (d,), f"{name}_bias": (d,)}
    return found


NAMES = ("query", "key", "value", "out", "first", "second")
NORMS = ("norm1", "norm2", "norm3")


class SequenceModel:
    """Keeps the `Scorer` protocol. `arrays` float32, as `shapes` says; raises ValueError where they differ from that."""

    def __init__(self, ids: Sequence[str], arrays: Mapping[str, Floats], tuning: SequenceTuning) -> None:
        found, allowed = {name: array.shape for name, array in arrays.items()}, shapes(len(ids), tuning)
        if found != allowed:
            wrong = sorted(name for name in found.keys() | allowed.keys() if found.get(name) != allowed.get(name))
            raise ValueError(
                f"found arrays of other shapes than this catalog and tuning need ({', '.join(wrong)}); train the model again"
            )
        self._rows = {item: row for row, item in enumerate(ids)}
        self._ids = tuple(ids)
        self._arrays = dict(arrays)
        self._tuning = tuning
        self._unit = unit_rows(arrays["item"])

    def score(self, visitor: Visitor, rows: Rows) -> Values:
        """float64 (len(rows),). Purchases are a sequence. Likes have no order: each in turn follows the purchases as the newest, and the
        cosines are averaged. What is rejected is scored likewise, as the wishes of a second visitor, and taken off."""
        known = resolve(visitor, self._rows)
        bought = tuple(reversed(known.history))
        state = self._wish(bought, known.liked) - self._wish((), known.rejected)
        scores: Values = (self._unit @ state).astype(np.float64)[rows]
        return scores

    def _wish(self, bought: Sequence[int], liked: Sequence[int]) -> Floats:
        """float32 (d,): the mean of the states, each of length 1; 0 where there are none."""
        liked = [row for row in liked if row not in bought]
        sequences = [(*bought, row) for row in liked] or ([tuple(bought)] if bought else [])
        if not sequences:
            return np.zeros(self._tuning.dimension, dtype=np.float32)
        mean: Floats = np.mean([self._state(sequence) for sequence in sequences], axis=0, dtype=np.float32)
        return mean

    def _state(self, sequence: Sequence[int]) -> Floats:
        """float32 (d,), of length 1: the state after the newest item of a sequence that is not empty."""
        of, recent = self._arrays, list(sequence[-self._tuning.window :])
        inputs = of["item"][recent] + of["place"][: len(recent)][::-1]
        seen = self._norm("norm1", inputs)
        similar = self._linear("key", seen) @ self._linear("query", seen[-1]) / self._tuning.dimension**0.5
        after = inputs[-1] + self._linear("out", softmax(similar) @ self._linear("value", seen))
        state = self._norm("norm3", after + self._linear("second", gelu(self._linear("first", self._norm("norm2", after)))))
        unit: Floats = unit_rows(state[np.newaxis])[0]
        return unit

    def _linear(self, name: str, values: Floats) -> Floats:
        mapped: Floats = values @ self._arrays[f"{name}_weight"].T + self._arrays[f"{name}_bias"]
        return mapped

    def _norm(self, name: str, values: Floats) -> Floats:
        centred = values - values.mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + EPSILON)
        normed: Floats = scaled * self._arrays[f"{name}_weight"] + self._arrays[f"{name}_bias"]
        return normed

    def aligned(self, ids: Sequence[str]) -> SequenceModel:
        """The model over another catalog: what it knows of its items stays theirs wherever they stand now. Items that it does not know
        score 0, and are passed over in a history."""
        items = np.zeros((len(ids), self._tuning.dimension), dtype=np.float32)
        places = {item: place for place, item in enumerate(ids) if item in self._rows}
        if places:
            items[list(places.values())] = self._arrays["item"][[self._rows[item] for item in places]]
        model = SequenceModel(ids, self._arrays | {"item": items}, self._tuning)
        model._rows = places
        return model

    def save(self, path: Path) -> None:
        """Writes the model as one .npz file, in one step."""
        fresh = path.with_name(f"{path.name}.new.npz")
        named = {"ids": np.array(self._ids, dtype=np.str_), "tuning": np.array(self._tuning.model_dump_json())}
        np.savez(fresh, allow_pickle=False, **self._arrays, **named)
        fresh.replace(path)


def load_sequence(path: Path) -> SequenceModel:
    """The model that `save` wrote. Nothing in the file is run. Raises OSError where there is none, ValueError where it is no such model."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            arrays = {name: kept[name] for name in kept.files}
            ids, tuning = arrays.pop("ids").tolist(), SequenceTuning.model_validate_json(str(arrays.pop("tuning")))
    except (ValueError, TypeError, KeyError, EOFError, BadZipFile) as error:
        raise ValueError(f"{path.name} holds no sequence model ({error}); train it again") from error
    return SequenceModel(ids, arrays, tuning)


def gelu(values: Floats) -> Floats:
    """x times the normal distribution function at x (Hendrycks and Gimpel, "Gaussian error linear units", 2016)."""
    smooth: Floats = (values * (1 + erf(values / 2**0.5)) / 2).astype(np.float32)
    return smooth


def unit_rows(values: NDArray[np.float32]) -> Floats:
    """Each row brought to Euclidean length 1; those of length 0 stay."""
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    unit: Floats = np.divide(values, lengths, out=np.zeros_like(values), where=lengths > 0)
    return unit
