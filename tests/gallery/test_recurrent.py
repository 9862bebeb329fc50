"""Recurrent networks against loops over cells that are written by hand: the same weights, the same numbers."""

from functools import partial

import pytest
import torch
from torch import Tensor, nn

from tests.gallery.small import assert_counts, assert_same, twin_of, words

TAGGER = {"vocabulary": 50, "width": 6, "hidden": 7, "tags": 5}
SEARCH = {"vocabulary": 50, "width": 6, "hidden": 7, "maxout": 5}


class Tagger(nn.Module):
    """Graves & Schmidhuber (2005): one cell reads the words forward, another backward, and a tag sees both."""

    def __init__(self, vocabulary: int, width: int, hidden: int, tags: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width)
        self.forth = nn.LSTMCell(width, hidden)
        self.back = nn.LSTMCell(width, hidden)
        self.tag = nn.Linear(2 * hidden, tags)

    def forward(self, words: Tensor) -> Tensor:
        read = self.embed(words).unbind(1)
        forth, back = self.states(self.forth, read), self.states(self.back, read[::-1])[::-1]
        tags: Tensor = self.tag(torch.cat([torch.stack(forth, 1), torch.stack(back, 1)], -1))
        return tags

    @staticmethod
    def states(cell: nn.Module, read: tuple[Tensor, ...]) -> list[Tensor]:
        found, state = [], None
        for word in read:
            state = cell(word, state)
            found.append(state[0])
        return found


def rename_tagger(key: str) -> str:
    cell, _, name = key.partition(".")
    return {"forth": f"lstm.{name}_l0", "back": f"lstm.{name}_l0_reverse"}.get(cell, key)


class Search(nn.Module):
    """Bahdanau et al. (2015), appendix A: what a state finds in the source goes, with a word, into the next state."""

    def __init__(self, vocabulary: int, width: int, hidden: int, maxout: int) -> None:
        super().__init__()
        self.source_words = nn.Embedding(vocabulary, width)
        self.encoder = nn.GRU(width, hidden, bidirectional=True, batch_first=True)
        self.keys = nn.Linear(2 * hidden, hidden)
        self.start = nn.Linear(hidden, hidden)
        self.target_words = nn.Embedding(vocabulary, width)
        self.step = nn.ModuleDict(
            {
                "align": nn.Linear(hidden, hidden, bias=False),
                "score": nn.Linear(hidden, 1, bias=False),
                "cell": nn.GRUCell(width + 2 * hidden, hidden),
            }
        )
        self.readout = nn.Linear(3 * hidden + width, 2 * maxout)
        self.logits = nn.Linear(maxout, vocabulary)
        self.hidden = hidden

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        memory, _ = self.encoder(self.source_words(source))
        keys = self.keys(memory)
        state = torch.tanh(self.start(memory[:, 0, self.hidden :]))  # of the backward direction, at the first word
        scores = []
        for word in self.target_words(target).unbind(1):
            energies = self.step["score"](torch.tanh(keys + self.step["align"](state)[:, None]))
            context = (energies.softmax(1).mT @ memory)[:, 0]
            before = torch.cat([state, word, context], -1)
            scores.append(self.logits(self.readout(before).unflatten(-1, (-1, 2)).max(-1).values))
            state = self.step["cell"](torch.cat([word, context], -1), state)
        return torch.stack(scores, 1)


@pytest.mark.parametrize("length", [8, 3, 1])
def test_tagger_is_two_cells(length: int) -> None:
    theirs = Tagger(**TAGGER)
    assert_same(twin_of(theirs, "lstm_tagger", rename_tagger, **TAGGER), theirs, words(50, 2, length))


def test_tagger_counts_are_those_of_two_cells() -> None:
    assert_counts("lstm_tagger", partial(Tagger, 130_000, 50, 300, 9), words(9, 1, 40))


@pytest.mark.parametrize(("read", "written"), [(6, 6), (9, 4), (1, 1)])
def test_search_is_the_loop(read: int, written: int) -> None:
    theirs = Search(**SEARCH)
    ours = twin_of(theirs, "gru_seq2seq", length=written, **SEARCH)
    assert_same(ours, theirs, words(50, 2, read), words(50, 2, written))


@pytest.mark.parametrize(
    ("variant", "length"), [("rnnsearch30", 30), pytest.param("rnnsearch50", 50, marks=pytest.mark.whole)]
)
def test_search_counts_are_those_of_the_loop(variant: str, length: int) -> None:
    inputs = words(9, 1, length), words(9, 1, length)
    assert_counts(f"gru_seq2seq:{variant}", partial(Search, 30_000, 620, 1000, 500), *inputs)
