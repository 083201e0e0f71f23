"""Imports and exports an MCAN of the released size through vqalign and compares with PyTorch:

  .deps/venv/bin/python tests/oracle/mcan_roundtrip.py build/release/bin/vqalign FOLDER

For each of torch.save's two formats: a checkpoint with random weights -> vqalign import -> vqalign
predict, its probabilities against the network of vqalign/bench/reference/mcan.py in float32; then
vqalign export -> torch.load(weights_only=True) -> strict load_state_dict, whose logits must be the
same, and Adam's load_state_dict and one step. One question has no word, one picture only zeros.
FOLDER is filled with about 2 GB; nothing but PyTorch is needed.
"""

import collections
import ctypes
import json
import pathlib
import random
import struct
import subprocess
import sys
import zipfile

import torch

from mcan_checkpoint import reference, share_lstm

WORDS, ANSWERS, PICTURES, QUESTIONS = 20570, 3129, 6, 24


def bytes_of(tensor):
    tensor = tensor.contiguous()
    return ctypes.string_at(tensor.data_ptr(), tensor.numel() * tensor.element_size())


def npy(tensor, kind):
    shape = "(" + "".join(f"{size}, " for size in tensor.shape) + ")"
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}}}"
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + bytes_of(tensor)


def read_npy(data):
    assert data[:8] == b"\x93NUMPY\x01\x00"
    header_bytes = struct.unpack("<H", data[8:10])[0]
    header = eval(data[10:10 + header_bytes])  # written by our own program
    kinds = {"<f4": torch.float32, "<i8": torch.int64}
    values = torch.frombuffer(bytearray(data[10 + header_bytes:]), dtype=kinds[header["descr"]])
    return values.reshape(header["shape"])


def make_data(folder, config):
    """Pictures as stored features, questions of random words; the padded tensors of both."""
    features = torch.zeros(PICTURES, config.max_regions, config.feature_width)
    (folder / "features").mkdir(exist_ok=True)
    for picture in range(PICTURES):
        regions = random.randint(10, config.max_regions)
        x = torch.relu(torch.randn(regions, config.feature_width))
        if picture == PICTURES - 1:
            x.zero_()
        features[picture, :regions] = x
        boxes = torch.tensor([[0.0, 0.0, 10.0, 10.0]]).repeat(regions, 1)
        name = folder / "features" / f"COCO_val2014_{picture + 1:012}.jpg.npz"
        with zipfile.ZipFile(name, "w") as file:
            file.writestr("x.npy", npy(x.t(), "<f4"))
            file.writestr("bbox.npy", npy(boxes, "<f4"))
            file.writestr("image_w.npy", npy(torch.tensor(640), "<i8"))
            file.writestr("image_h.npy", npy(torch.tensor(480), "<i8"))
    tokens = torch.zeros(QUESTIONS, config.max_tokens, dtype=torch.long)
    pictures, questions = [], []
    for question in range(QUESTIONS):
        words = [random.randrange(WORDS) for _ in range(random.randint(1, 18))]
        if question == 3:
            words = []
        ids = torch.tensor([word + 2 for word in words[: config.max_tokens]], dtype=torch.long)
        tokens[question, : len(ids)] = ids
        pictures.append(question % PICTURES)
        text = " ".join(f"w{word}" for word in words) + "?"
        questions.append({"question_id": question, "image_id": pictures[-1] + 1, "question": text})
    (folder / "questions.json").write_text(json.dumps({"questions": questions}))
    return features[pictures], tokens


def save(path, state, legacy):
    state = collections.OrderedDict((name, tensor.clone()) for name, tensor in state.items())
    if legacy:
        share_lstm(state)
        state = collections.OrderedDict((f"module.{name}", t) for name, t in state.items())
    torch.save({"state_dict": state, "optimizer": {}, "lr_base": 1e-4}, path,
               _use_new_zipfile_serialization=not legacy)


def run(program, *arguments):
    command = [program, *map(str, arguments), "--json", "--quiet"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def round_trip(program, folder, mcan, config, legacy):
    model = mcan.Mcan(config).eval()
    save(folder / "epoch13.pkl", model.state_dict(), legacy)
    imported = folder / "imported.safetensors"
    run(program, "import", "--checkpoint", folder / "epoch13.pkl", "--tokens",
        folder / "tokens.json", "--answers", folder / "answers.json", "--out", imported)
    features, tokens = make_data(folder, config)
    run(program, "predict", "--model", imported, "--questions", folder / "questions.json",
        "--features", folder / "features", "--out", folder / "r.json", "--probabilities",
        folder / "p.npz")
    with zipfile.ZipFile(folder / "p.npz") as file:
        probabilities = read_npy(file.read("probabilities.npy"))
    with torch.no_grad():
        expected = model(features, tokens)
    difference = (probabilities.double().logit() - expected.double()).abs().max().item()

    run(program, "export", "--to", "mcan", folder / "back.pkl", "--model", imported, "--tokens",
        folder / "back_tokens.json", "--answers", folder / "back_answers.json")
    back = torch.load(folder / "back.pkl", weights_only=True)
    again = mcan.Mcan(config).eval()
    again.load_state_dict(back["state_dict"])
    with torch.no_grad():
        same = torch.equal(again(features, tokens), expected)
    optimizer = torch.optim.Adam(again.parameters())
    optimizer.load_state_dict(back["optimizer"])
    again(features[:2], tokens[:2]).sum().backward()
    optimizer.step()
    for name in ("tokens.json", "answers.json"):
        same = same and (json.loads((folder / name).read_text())
                         == json.loads((folder / f"back_{name}").read_text()))
    print(f"{'legacy' if legacy else 'zip':6}  largest difference of a logit {difference:.2e}, "
          f"back again {'the same' if same else 'NOT the same'}, lr_base {back['lr_base']}")
    return same and difference < 1e-5


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    random.seed(1)
    torch.manual_seed(1)
    mcan = reference()
    config = mcan.Config(words=WORDS + 2, answers=ANSWERS)
    entries = {word: i for i, word in enumerate(["PAD", "UNK"] + [f"w{i}" for i in range(WORDS)])}
    (folder / "tokens.json").write_text(json.dumps(entries))
    answers = [f"answer {i}" for i in range(ANSWERS)]
    (folder / "answers.json").write_text(json.dumps(
        [{a: i for i, a in enumerate(answers)}, {str(i): a for i, a in enumerate(answers)}]))
    done = [round_trip(program, folder, mcan, config, legacy) for legacy in (False, True)]
    sys.exit(0 if all(done) else 1)


if __name__ == "__main__":
    main()
