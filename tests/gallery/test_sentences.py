"""Networks that read sentences against modules written by hand: the same weights, the same numbers."""

from functools import partial

import pytest
import torch
from torch import Tensor, nn

from tests.gallery import test_bert
from tests.gallery.small import assert_counts, assert_same, built, words

CNN_SIZES = {"vocabulary": 50, "width": 6, "filters": 4, "classes": 3}
BERT_SIZES = {"layers": 2, "heads": 3, "width": 24}


class TextCNN(nn.Module):
    """Kim (2014), section 2, its filters as convolutions over an image of words and features."""

    def __init__(self, vocabulary: int, width: int, filters: int, classes: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width)
        self.convs = nn.ModuleDict(
            {name: nn.Conv2d(1, filters, (size, width)) for name, size in (("three", 3), ("four", 4), ("five", 5))}
        )
        self.fc = nn.Linear(3 * filters, classes)

    def forward(self, text: Tensor) -> Tensor:
        x = self.embed(text)[:, None]
        found = [conv(x).relu().amax((2, 3)) for conv in self.convs.values()]
        logits: Tensor = self.fc(torch.cat(found, 1))
        return logits


@pytest.mark.parametrize("length", [12, 5])
def test_text_cnn_is_the_module_by_hand(length: int) -> None:
    theirs, ours = TextCNN(**CNN_SIZES).eval(), built("text_cnn", words=12, **CNN_SIZES)
    state = {}
    for key, tensor in theirs.state_dict().items():
        _, _, conv = key.rpartition("convs.")
        name, _, kind = conv.partition(".")
        filters = key.startswith("convs.")
        state[f"{name}.conv.{kind}" if filters else key] = tensor[:, 0].mT if tensor.dim() == 4 else tensor
    ours.load_state_dict(state)
    assert_same(ours, theirs, words(50, 2, length))


def test_text_cnn_counts_are_those_of_the_module_by_hand() -> None:
    assert_counts("text_cnn", partial(TextCNN, 18765, 300, 100, 2), words(9, 1, 56))


class SentenceBERT(nn.Module):
    """Reimers & Gurevych (2019), section 3: one BERT reads both, and what they have in common tells of the pair."""

    def __init__(self, layers: int, heads: int, width: int, vocabulary: int = 30522, context: int = 512) -> None:
        super().__init__()
        self.bert = test_bert.ByHand(vocabulary, context, layers, heads, width)
        del self.bert.pooler
        self.classifier = nn.Linear(3 * width, 3, bias=False)

    def forward(
        self, premise: Tensor, premise_mask: Tensor, hypothesis: Tensor, hypothesis_mask: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        u, v = self.mean(premise, premise_mask), self.mean(hypothesis, hypothesis_mask)
        return self.classifier(torch.cat([u, v, (u - v).abs()], -1)), u, v

    def mean(self, tokens: Tensor, mask: Tensor) -> Tensor:
        hidden = self.bert.hidden(tokens, torch.zeros_like(tokens), mask)
        return torch.einsum("nlf,nl->nf", hidden, mask / mask.sum(1, keepdim=True))


def test_sentence_bert_is_the_module_by_hand() -> None:
    theirs = SentenceBERT(**BERT_SIZES).eval()
    for parameter in theirs.parameters():
        nn.init.normal_(parameter, std=0.5)
    ours = built("sentence_bert", length=12, **BERT_SIZES)
    state = {f"u.bert.{key}": tensor for key, tensor in test_bert.keys(theirs.bert.state_dict()).items()}
    ours.load_state_dict({**state, "classifier.weight": theirs.classifier.weight})
    masks = [torch.arange(12) < torch.tensor([[12], [length]]) for length in (7, 9)]
    assert_same(ours, theirs, words(99, 2, 12), masks[0], words(99, 2, 12, seed=2), masks[1])


@pytest.mark.parametrize(("variant", "layers", "heads", "width"), [("base", 12, 12, 768), ("large", 24, 16, 1024)])
def test_sentence_bert_counts_are_those_of_the_module_by_hand(
    variant: str, layers: int, heads: int, width: int
) -> None:
    tokens, mask = words(9, 1, 128), torch.ones(1, 128, dtype=torch.bool)
    mean = 2 * 128 * width  # its mean is a product with the weights of the tokens
    theirs = partial(SentenceBERT, layers, heads, width)
    assert_counts(f"sentence_bert:{variant}", theirs, tokens, mask, tokens, mask, more=mean)
