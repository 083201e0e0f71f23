"""Makes tiny checkpoints as the public MCAN code saves them, and the logits that its network gives
for them, with PyTorch (no NumPy needed):

  .deps/venv/bin/python tests/oracle/mcan_checkpoint.py

Writes examples/mcan (mcan-vqa's form, ZIP format, with its words and answers) and
tests/fusion/fixtures: the old format with DataParallel's prefix, the LSTM's weights as four views of
one storage (as cuDNN leaves them) and Adam's state; OpenVQA's form in half precision; a bare dict of
double parameters. The network is vqalign/bench/reference/mcan.py, in float64, on padded inputs:
question b has tokens TOKENS[b] (one has none), picture b has REGIONS[b] regions (one has none) with
features sin(0.61 (1000 b + 12 m + c)) for region m and column c; region 2 of the last is all zero.
"""

import collections
import importlib.util
import json
import pathlib

import torch

ROOT = pathlib.Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "mcan"
FIXTURES = ROOT / "tests" / "fusion" / "fixtures"

WORDS = ["what", "colour", "is", "the", "cat", "how", "many", "dogs"]
ANSWERS = ["yes", "no", "2", "", "red"]
TOKENS = [[2, 5, 3, 4], [7], [], [3, 2], [1, 6, 9]]
REGIONS = [5, 3, 4, 0, 5]
SIZES = {"answers": len(ANSWERS), "hidden": 8, "heads": 2, "feed_forward": 32, "pooling_hidden": 4,
         "pooled": 6, "word_width": 5, "feature_width": 12}


def reference():
    path = ROOT / "vqalign" / "bench" / "reference" / "mcan.py"
    spec = importlib.util.spec_from_file_location("mcan", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def inputs(config):
    """Padded as the public code pads."""
    tokens = torch.zeros(len(TOKENS), config.max_tokens, dtype=torch.long)
    features = torch.zeros(len(TOKENS), config.max_regions, config.feature_width)
    for b, ids in enumerate(TOKENS):
        tokens[b, : len(ids)] = torch.tensor(ids, dtype=torch.long)
        for m in range(REGIONS[b]):
            k = 1000 * b + 12 * m + torch.arange(config.feature_width, dtype=torch.float64)
            features[b, m] = torch.sin(0.61 * k).float()
    features[-1, 2] = 0
    return features.double(), tokens


def logits(mcan, config, state):
    model = mcan.Mcan(config).double().eval()
    model.load_state_dict({name: tensor.double() for name, tensor in state.items()})
    with torch.no_grad():
        return model(*inputs(config)).tolist()


def fresh(mcan, layers, words):
    config = mcan.Config(words=words, layers=layers, **SIZES)
    return config, mcan.Mcan(config)


def share_lstm(state):
    """The four LSTM tensors as views of one storage, as they come from a GPU."""
    names = [name for name in state if name.startswith("lstm.")]
    flat = torch.cat([state[name].flatten() for name in names])
    start = 0
    for name in names:
        shape = state[name].shape
        state[name] = flat[start : start + shape.numel()].view(shape)
        start += shape.numel()


def one_step(mcan, config, model):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, betas=(0.9, 0.98), eps=1e-9)
    features, tokens = inputs(config)
    model.train()
    model(features.float(), tokens).square().sum().backward()
    optimizer.step()
    return optimizer.state_dict()


def main():
    EXAMPLE.mkdir(parents=True, exist_ok=True)
    FIXTURES.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    mcan = reference()
    found = {}

    config, model = fresh(mcan, 2, len(WORDS) + 2)
    state = model.state_dict()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4).state_dict()
    torch.save({"state_dict": state, "optimizer": optimizer, "lr_base": 4e-6},
               EXAMPLE / "epoch13.pkl")
    found["epoch13"] = logits(mcan, config, state)
    entries = {word: i for i, word in enumerate(["PAD", "UNK"] + WORDS)}
    (EXAMPLE / "tokens.json").write_text(json.dumps(entries, indent=2) + "\n")
    pair = [{a: i for i, a in enumerate(ANSWERS)}, {str(i): a for i, a in enumerate(ANSWERS)}]
    (EXAMPLE / "answers.json").write_text(json.dumps(pair, indent=2) + "\n")

    config, model = fresh(mcan, 1, len(WORDS) + 2)
    optimizer = one_step(mcan, config, model)
    state = model.state_dict()
    share_lstm(state)
    prefixed = collections.OrderedDict((f"module.{name}", t) for name, t in state.items())
    torch.save({"state_dict": prefixed, "optimizer": optimizer, "lr_base": 1e-4},
               FIXTURES / "legacy.pkl", _use_new_zipfile_serialization=False)
    found["legacy"] = logits(mcan, config, state)

    config, model = fresh(mcan, 1, len(WORDS) + 3)  # CLS besides
    state = collections.OrderedDict((name, t.half()) for name, t in model.state_dict().items())
    renamed = collections.OrderedDict(
        (name.replace("img_feat_linear", "adapter.frcn_linear"), t) for name, t in state.items())
    torch.save({"state_dict": renamed, "optimizer": {}, "lr_base": 1e-4, "epoch": 13},
               FIXTURES / "openvqa.pkl")
    found["openvqa"] = logits(mcan, config, state)

    config, model = fresh(mcan, 1, len(WORDS) + 2)
    parameters = dict(model.double().named_parameters())
    torch.save(parameters, FIXTURES / "bare.pkl")
    found["bare"] = logits(mcan, config, model.state_dict())

    (FIXTURES / "logits.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
