"""The door to torch for the sequence model: trains on the CPU, in minutes, what `retrieval/sequence.py` then scores with.

Every item of a sequence is to be told from drawn ones, given those before it. The loss is the cross entropy over the item and the drawn
ones, whose logits are raised by log(n / drawn), so that they stand for all n items (Jean et al., "On using very large target vocabulary
for neural machine translation", 2015; for sequences of items Klenitskiy and Vasilev, "Turning dross into gold loss", 2023). Logits are
cosines divided by a temperature. Where features of the items are given (words, labels), an item's vector is its own plus the weighted sum
of those of its features, which items that few took share with others. Whoever imports this module loads torch, which takes seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from catalog_data.schema import Catalog
from retrieval.interactions import Events
from retrieval.protocols import Floats, Progress
from retrieval.sequence import INFORMED_TUNING, NAMES, NORMS, SequenceModel, SequenceTuning, shapes
from retrieval.taste import item_features, purchase_events

WARM_STEPS = 200
SPREAD = 0.02
"""Deviation of the first item and place vectors."""
FEATURES = 32
"""Features of an item that count, the heaviest."""
LEAST_STEPS = 2000
SORTED = 16
"""Batches that are sorted by length together, so that little of each is padding."""


class Network(nn.Module):
    """The block of `retrieval/sequence.py` over whole sequences. Item `n_items` is the padding, on the left. `features`: csr_array
    (n_items, kinds) or None."""

    feature: Tensor
    weight: Tensor

    def __init__(self, n_items: int, tuning: SequenceTuning, features: Any = None) -> None:
        super().__init__()
        d = tuning.dimension
        self.n_items, self.tuning = n_items, tuning
        self.own = nn.Embedding(n_items + 1, d, padding_idx=n_items)
        self.place = nn.Embedding(tuning.window, d)
        with torch.no_grad():
            self.own.weight[:n_items].normal_(std=SPREAD)
            self.place.weight.normal_(std=SPREAD)
        self.linear = nn.ModuleDict({name: nn.Linear(d, d) for name in NAMES})
        self.norm = nn.ModuleDict({name: nn.LayerNorm(d) for name in NORMS})
        self.shared = None if features is None else nn.Embedding(features.shape[1], d)
        if self.shared is not None:
            nn.init.normal_(self.shared.weight, std=SPREAD)
            columns, weights = heaviest(features, FEATURES)
            self.register_buffer("feature", torch.from_numpy(columns), persistent=False)
            self.register_buffer("weight", torch.from_numpy(weights), persistent=False)

    def item(self, items: Tensor) -> Tensor:
        """(..., d): the vectors of items; the padding's is 0."""
        vectors: Tensor = self.own(items)
        if self.shared is None:
            return vectors
        distinct, places = torch.unique(items, return_inverse=True)
        summed = functional.embedding_bag(
            self.feature[distinct], self.shared.weight, per_sample_weights=self.weight[distinct], mode="sum"
        )
        return vectors + summed[places]

    def forward(self, items: Tensor) -> Tensor:
        """(b, l, d): the state after each item; `items` int64 (b, l)."""
        length = items.shape[1]
        drop = self._drop
        inputs = functional.dropout(
            self.item(items) + self.place(torch.arange(length - 1, -1, -1)), self.tuning.input_dropout, self.training
        )
        seen = self.norm["norm1"](inputs)
        before = torch.ones(length, length, dtype=torch.bool).tril() & (items != self.n_items)[:, None, :]
        allowed = before | torch.eye(length, dtype=torch.bool)  # padding sees itself, or its softmax were 0 / 0
        mixed = functional.scaled_dot_product_attention(
            self.linear["query"](seen),
            self.linear["key"](seen),
            self.linear["value"](seen),
            attn_mask=allowed,
            dropout_p=self.tuning.dropout if self.training else 0.0,
        )
        after = inputs + drop(self.linear["out"](mixed))
        hidden = drop(functional.gelu(self.linear["first"](self.norm["norm2"](after))))
        states: Tensor = self.norm["norm3"](after + drop(self.linear["second"](hidden)))
        return states

    def _drop(self, values: Tensor) -> Tensor:
        return functional.dropout(values, self.tuning.dropout, self.training)

    def loss(self, before: Tensor, after: Tensor) -> Tensor:
        """The mean loss over the items `after` (b, l), each given those of `before` (b, l) up to its place; padding does not count."""
        real = after != self.n_items
        states, targets = functional.normalize(self(before)[real], dim=-1), after[real]
        drawn = torch.randint(self.n_items, (self.tuning.negatives,))
        right = (states * functional.normalize(self.item(targets), dim=-1)).sum(-1, keepdim=True) / self.tuning.temperature
        wrong = states @ functional.normalize(self.item(drawn), dim=-1).T / self.tuning.temperature
        wrong = wrong + float(np.log(self.n_items / self.tuning.negatives))
        wrong = wrong.masked_fill(targets[:, None] == drawn, float("-inf"))
        return functional.cross_entropy(torch.cat((right, wrong), dim=1), torch.zeros(len(targets), dtype=torch.long))

    @torch.no_grad()
    def arrays(self) -> dict[str, Floats]:
        """The parameters under the names of `shapes`, those of an item's features summed into its vector."""
        found = {"item": self.item(torch.arange(self.n_items)), "place": self.place.weight}
        for modules in (self.linear, self.norm):
            found |= {f"{name}_{part}": getattr(module, part) for name, module in modules.items() for part in ("weight", "bias")}
        return {name: value.detach().numpy().copy() for name, value in found.items()}


def heaviest(features: Any, limit: int) -> tuple[NDArray[np.int64], Floats]:
    """(n + 1, k): for each row of a csr_array the columns and the weights of its `limit` heaviest entries, filled up with weight 0; the
    last row, the padding's, has none."""
    width = max(1, min(limit, int(np.diff(features.indptr).max(initial=0))))
    columns = np.zeros((features.shape[0] + 1, width), dtype=np.int64)
    weights = np.zeros((features.shape[0] + 1, width), dtype=np.float32)
    for row, (start, end) in enumerate(pairwise(features.indptr)):
        kept = start + np.argsort(-features.data[start:end], kind="stable")[:width]
        columns[row, : len(kept)] = features.indices[kept]
        weights[row, : len(kept)] = features.data[kept]
    return columns, weights


def fit_sequence(
    ids: Sequence[str],
    events: Events,
    tuning: SequenceTuning | None = None,
    features: Any = None,
    progress: Progress | None = None,
    threads: int = 1,
) -> SequenceModel:
    """Trains on the CPU; equal arguments give equal models on one machine. Only what speaks for an item (weight above 0) is learnt.
    `features`: csr_array (len(ids), kinds), as `term_features` gives them, or None. `progress` is called after each epoch. `threads`: on
    busy cores two are slower than one. Without a sequence of two items the model knows nothing and scores 0 for everyone. Raises
    ValueError where ids and features disagree."""
    if features is not None and features.shape[0] != len(ids):
        raise ValueError(f"found {features.shape[0]} rows of features for {len(ids)} ids; allowed: one row an id")
    tuning = tuning or SequenceTuning()
    sequences = positive_sequences(events, tuning.window + 1)
    if not sequences:
        return SequenceModel(ids, {name: np.zeros(shape, np.float32) for name, shape in shapes(len(ids), tuning).items()}, tuning)
    threads_before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(tuning.seed)
            network = Network(len(ids), tuning, features if features is None or features.shape[1] else None)
            _train(network, sequences, progress)
    finally:
        torch.set_num_threads(threads_before)
    return SequenceModel(ids, network.arrays(), tuning)


def fit_catalog(catalog: Catalog, progress: Progress | None = None, tuning: SequenceTuning = INFORMED_TUNING) -> SequenceModel:
    """Trains on the order of the catalog's purchases, with the words and the labels of its items. A small shop, whose epochs are short,
    has as many more as bring it to `LEAST_STEPS` steps."""
    events = purchase_events(catalog)
    steps = max(1, -(-len(positive_sequences(events, tuning.window + 1)) // tuning.batch))
    tuning = tuning.model_copy(update={"epochs": max(tuning.epochs, -(-LEAST_STEPS // steps))})
    ids = [product.product_id for product in catalog.products]
    return fit_sequence(ids, events, tuning, item_features(catalog), progress)


def _train(network: Network, sequences: Sequence[NDArray[np.int64]], progress: Progress | None) -> None:
    tuning = network.tuning
    random = np.random.default_rng(tuning.seed)
    steps = tuning.epochs * -(-len(sequences) // tuning.batch)
    optimizer = torch.optim.AdamW(network.parameters(), lr=tuning.rate, weight_decay=0.0, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, (step + 1) / WARM_STEPS) * (1 - step / steps))
    network.train()
    for epoch in range(tuning.epochs):
        for before, after in batches(sequences, tuning.batch, network.n_items, random):
            optimizer.zero_grad()
            network.loss(before, after).backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimizer.step()
            schedule.step()
        if progress is not None:
            progress(epoch + 1, tuning.epochs)
    network.eval()


def positive_sequences(events: Events, longest: int) -> list[NDArray[np.int64]]:
    """Each user's last `longest` items of positive weight, oldest first; users with one or none are left out."""
    wanted = events.weights > 0
    users, items = events.users[wanted], events.items[wanted]
    own = np.split(items, np.flatnonzero(np.diff(users)) + 1) if len(items) else []
    return [one[-longest:] for one in own if len(one) > 1]


def batches(
    sequences: Sequence[NDArray[np.int64]], size: int, padding: int, random: np.random.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Every sequence once, in an order that is drawn: (all items but the last, all but the first), int64 (at most `size`, l), padded on
    the left. Sequences of a batch are of similar length."""
    order = random.permutation(len(sequences))
    chunks = []
    for start in range(0, len(order), size * SORTED):
        by_length = sorted(order[start : start + size * SORTED], key=lambda place: len(sequences[place]))
        chunks += [by_length[first : first + size] for first in range(0, len(by_length), size)]
    for place in random.permutation(len(chunks)):
        chosen = [sequences[one] for one in chunks[place]]
        padded = np.full((len(chosen), max(map(len, chosen))), padding, dtype=np.int64)
        for line, sequence in zip(padded, chosen, strict=True):
            line[len(line) - len(sequence) :] = sequence
        both = torch.from_numpy(padded)
        yield both[:, :-1], both[:, 1:]
