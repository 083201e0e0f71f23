#!/usr/bin/env python3
"""Scores made-up answers of every nasty kind by the program and by vqa_accuracy.py, which must agree
in every figure: overall, by type, question by question, exact matches.

    python3 tests/oracle/score_differential.py PROGRAM [QUESTIONS [SEED [any]]]

With `any` answers hold any character of Unicode, which both sides must know in the same version.
"""
import csv
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from vqa_accuracy import (
    ARTICLES, CONTRACTIONS, NUMBERS, PUNCTUATION, clean, exact_match, nasty_string, prepare_answer,
    question_accuracy, score)

EMOJI = ["\U0001f600", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1e9\U0001f1ea",
         "\u2764\ufe0f", "\U0001f44d\U0001f3fd", "\u00a9"]
ACCENTS = ["e\u0301", "\u00e9", "E\u0301", "n\u0303o", "o\u0308\u0323", "\u0301", "\ufeff"]
SPACES = [" ", "  ", "\t", "\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x1f", "\x85", "\u00a0",
          "\u1680", "\u2007", "\u2028", "\u202f", "\u205f", "\u3000", "\u200b", "\u2060"]
CASES = ["\u1e9e", "STRA\u1e9eE", "\u0130", "\u0130STANBUL", "I", "\u0131", "\u03a3",
         "\u039f\u0394\u039f\u03a3", "\u039f\u0394\u039f\u03a3.", "\u03a3\u0391\u03a3 \u03a3",
         "\u0391\u03a3\u0301", "\u0391'\u03a3", "\u0391\u03a3'\u0391", "1\u03a3", "\u03a3\u00ad",
         "\ufb03", "\u01c5", "\u2126", "\u212b", "\U00010400", "\u10a0", "\u13a0"]
DIGITS = ["1,000", "1,000,000", "12,5 m", "1 ,000", "1, 000", "\u0661,\u0662", "3.50", ".5", "5.",
          "1.2.3", "10.", "\u0967.", "\u00bd", "2,x", "$1,5-2", "9:30", "\U0001d7d8,\U0001d7d9"]
DOTS = ["." * 31, "." * 32, "." * 33, "." * 40, ".5" * 20, "a." * 40, ". " * 36, "1." * 34 + "x"]


def any_character(generator):
    while True:
        code = generator.randrange(0x110000)
        if not 0xD800 <= code < 0xE000:
            return chr(code)


def contraction(generator):
    word = generator.choice(list(CONTRACTIONS) + list(CONTRACTIONS.values()))
    return generator.choice([word, word.upper(), word.capitalize(), word.swapcase(), word + "."])


def answer(generator, any_characters):
    kinds = [
        lambda: nasty_string(generator),
        lambda: contraction(generator),
        lambda: generator.choice(EMOJI + ACCENTS),
        lambda: generator.choice(CASES),
        lambda: generator.choice(DIGITS),
        lambda: generator.choice(list(NUMBERS) + ARTICLES).upper(),
        lambda: generator.choice(PUNCTUATION),
        lambda: generator.choice(DOTS) if generator.random() < 0.2 else ".",
        lambda: "".join(generator.choice("aAbB\u00c9 \u03a3'.") for _ in range(6)),
    ]
    if any_characters:
        kinds += [lambda: any_character(generator)] * 6
    parts = []
    for _ in range(generator.choice([0, 1, 1, 1, 2, 2, 3, 4])):
        parts.append(generator.choice(kinds)())
        if generator.random() < 0.6:
            parts.append(generator.choice(SPACES))
    return "".join(parts)


def records(generator, pool):
    ids = generator.choice(["unique", "unique", "none", "repeated"])
    result = []
    for i in range(generator.choice([10] * 6 + [1, 2, 3, 5, 30])):
        text = generator.choice(pool)
        if generator.random() < 0.2:
            text = generator.choice(SPACES) + text + generator.choice(SPACES)
        record = {"answer": text, "answer_confidence": generator.choice(["yes", "maybe", "no"])}
        if ids == "unique":
            record["answer_id"] = i + 1
        elif ids == "repeated":
            record["answer_id"] = generator.randint(1, 3)
        result.append(record)
    return result


def question(generator, number, any_characters):
    pool = [answer(generator, any_characters) for _ in range(generator.randint(1, 3))]
    given = records(generator, pool)
    counts = Counter(record["answer"] for record in given)
    said = generator.choice(pool)
    said = generator.choice([said, said.upper(), said.title(), clean(said), prepare_answer(said),
                             " " + said + "\n", said + ".", "the " + said])
    return {
        "question_id": number, "image_id": number, "answers": given,
        "question_type": f"type {answer(generator, any_characters) if number < 40 else number % 9}",
        "answer_type": generator.choice(["yes/no", "number", "other"]),
        "multiple_choice_answer": counts.most_common(1)[0][0],
    }, said


def write(path, value):
    # As files come: some escape what is beyond ASCII, some do not.
    path.write_text(json.dumps(value, ensure_ascii="results" in path.name), encoding="utf-8")


def differences(program, annotations, predictions, legacy, folder):
    write(folder / "q.json", {"questions": [
        {"question_id": a["question_id"], "image_id": a["image_id"], "question": "?"}
        for a in annotations]})
    write(folder / "a.json", {"annotations": annotations})
    write(folder / "results.json",
          [{"question_id": key, "answer": value} for key, value in predictions.items()])
    table = folder / "t.csv"
    run = subprocess.run(
        [program, "score", "--json", "--questions", folder / "q.json", "--annotations",
         folder / "a.json", "--results", folder / "results.json", "--table", table, "--metric",
         "legacy" if legacy else "official"], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        yield f"the program failed: {run.stderr}"
        return
    found, expected = json.loads(run.stdout), score(predictions, annotations, legacy)
    exact = [exact_match(predictions[a["question_id"]], a["answers"]) for a in annotations]
    for key, value in expected.items():
        if found.get(key) != value:
            yield f"{key}: {found.get(key)}, expected {value}"
    with open(table, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row, annotation, match in zip(rows, annotations, exact, strict=True):
        said = predictions[annotation["question_id"]]
        accuracy = f"{100 * question_accuracy(said, annotation['answers'], legacy):.2f}"
        about = f"{said!r} of {annotation['answers']!r}"
        if row["accuracy"] != accuracy:
            yield f"{row['accuracy']}, expected {accuracy}: {about}"
        if row.get("exact_match", str(int(match))) != str(int(match)):
            yield f"exact match {row['exact_match']}: {about}"


def main():
    program = sys.argv[1]
    count, seed = (int(text) for text in (sys.argv[2:4] + ["1500", "1"][len(sys.argv[2:4]):]))
    generator = random.Random(seed)
    pairs = [question(generator, i + 1, sys.argv[4:] == ["any"]) for i in range(count)]
    of_ten = [pair for pair in pairs if len(pair[0]["answers"]) == 10]
    failed = 0
    for name, chosen in (("all", pairs), ("ten answers", of_ten), ("one question", pairs[:1])):
        annotations = [annotation for annotation, _ in chosen]
        predictions = {annotation["question_id"]: said for annotation, said in chosen}
        for legacy in (False, True):
            with tempfile.TemporaryDirectory() as folder:
                found = list(differences(program, annotations, predictions, legacy, Path(folder)))
            for line in found[:10]:
                print(f"{name}, {'legacy' if legacy else 'official'}: {line}")
            failed += len(found)
    print(f"{count} questions, seed {seed}: {failed} differences")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.exit(main())
