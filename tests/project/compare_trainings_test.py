#!/usr/bin/env python3
"""Runs scripts/compare-trainings against a made-up vqalign: what is held out, what a spec becomes,
the table's numbers, what a second call trains again."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "compare-trainings"

# Answers "chair" to everything; a spec's weight is what it reaches. Stops at the seed in `fail`.
FAKE_VQALIGN = f"""#!{sys.executable}
import json, pathlib, sys
verb, options = sys.argv[1], dict(zip(sys.argv[2:], sys.argv[3:]))
here = pathlib.Path(__file__).parent
with open(here / "log", "a") as log:
    print(verb, options["--out"].rsplit("/", 1)[1], "--resume" in sys.argv, file=log)
if verb == "train":
    pathlib.Path(options["--out"] + ".state").touch()
    fail = here / "fail"
    if fail.exists() and fail.read_text() == options["--seed"]:
        sys.exit(130)
    weight = json.loads(pathlib.Path(options["--config"]).read_text())["align"]["weight"]
    print(json.dumps({{"best": {{"overall": weight + int(options["--seed"])}}, "seconds": 120}}))
else:
    data = pathlib.Path(options["--data"])
    questions = json.loads((data / "v2_OpenEnded_mscoco_val2014_questions.json").read_text())
    pathlib.Path(options["--out"]).write_text(json.dumps(
        [{{"question_id": q["question_id"], "answer": "chair"}} for q in questions["questions"]]))
"""

# Ten pictures of one question each; of the last two, one answer is "chair", one has two words.
ANSWERS = ["chair"] * 3 + ["lamp"] * 5 + ["chair", "red lamp"]


class CompareTrainingsTests(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.world = pathlib.Path(holder.name)
        self.program = self.world / "vqalign"
        self.program.write_text(FAKE_VQALIGN)
        self.program.chmod(0o755)
        self.specs = self.world / "specs"
        self.specs.mkdir()
        (self.specs / "recipe.txt").write_text("photos\n")
        (self.specs / "a.json").write_text('{"align": {"weight": 20}}')
        self.write_data()

    def write_data(self):
        data = self.world / "data"
        (data / "train2014").mkdir(parents=True)
        questions, annotations = [], []
        for i, answer in enumerate(ANSWERS):
            (data / "train2014" / f"COCO_train2014_{i:012d}.jpg").touch()
            questions.append({"question_id": 100 + i, "image_id": i, "question": f"what {i % 2}?"})
            annotations.append({"question_id": 100 + i, "image_id": i, "question_type": "what",
                                "multiple_choice_answer": answer})
        (data / "v2_OpenEnded_mscoco_train2014_questions.json").write_text(
            json.dumps({"info": "kept", "questions": questions}))
        (data / "v2_mscoco_train2014_annotations.json").write_text(
            json.dumps({"annotations": annotations}))

    def run_script(self, *arguments):
        return subprocess.run(
            [sys.executable, "-B", SCRIPT, self.specs, self.world / "data", "--out",
             self.world / "out", "--vqalign", self.program, *arguments],
            capture_output=True, text=True, check=False)

    def log(self):
        return (self.world / "log").read_text().splitlines()

    def test_holds_out_the_last_pictures(self):
        done = self.run_script()
        self.assertEqual(done.returncode, 0, done.stderr)
        data = self.world / "out" / "data"
        for split, ids in (("train2014", range(8)), ("val2014", range(8, 10))):
            pictures = sorted(path.name for path in (data / split).iterdir())
            self.assertEqual(pictures, [f"COCO_{split}_{i:012d}.jpg" for i in ids])
            content = json.loads((data / f"v2_OpenEnded_mscoco_{split}_questions.json").read_text())
            self.assertEqual([q["image_id"] for q in content["questions"]], list(ids))
            self.assertEqual(content["info"], "kept")

    def test_prints_floors_and_what_was_reached(self):
        done = self.run_script("--seeds", "1", "2")
        rows = [[cell.strip() for cell in line.strip("|").split("|")]
                for line in done.stdout.splitlines()]
        # Seen: three chairs, five lamps, so "lamp", which is right of neither held-out picture.
        self.assertEqual(rows[2][2], "0.00")
        # "what 0?": chairs 0 and 2, lamps 4 and 6: a tie, the first seen wins; picture 8 asks it.
        self.assertEqual(rows[4][2], "50.00")
        self.assertEqual(rows[5], ["a", "21.00, 22.00", "21.50", "100.00", "2"])
        self.assertEqual((self.world / "out" / "results.md").read_text(), done.stdout)

    def test_goes_on_where_it_stopped(self):
        (self.world / "fail").write_text("2")
        stopped = self.run_script("--seeds", "1", "2")
        self.assertEqual(stopped.returncode, 1)
        self.assertIn("a-2.log", stopped.stderr)
        (self.world / "fail").unlink()
        self.assertEqual(self.run_script("--seeds", "1", "2").returncode, 0)
        self.assertEqual(self.log(), ["train a-1.safetensors False", "predict a-1.answers.json False",
                                      "train a-2.safetensors False", "train a-2.safetensors True",
                                      "predict a-2.answers.json False"])

    def test_fills_in_names(self):
        (self.specs / "a.json").write_text(
            '{"align": {"weight": 1}, "language": {"vectors": "$GLOVE"}}')
        refused = self.run_script()
        self.assertEqual(refused.returncode, 1)
        self.assertIn("a.json", refused.stderr)
        self.assertEqual(self.run_script("--with", "GLOVE=/v/glove.txt").returncode, 0)
        config = json.loads((self.world / "out" / "a-1.config.json").read_text())
        self.assertEqual(config["language"]["vectors"], "/v/glove.txt")

    def test_says_what_is_missing(self):
        self.assertIn("no such specs", self.run_script("--only", "b").stderr)
        (self.world / "data" / "v2_mscoco_train2014_annotations.json").unlink()
        self.assertIn("has 0 files like", self.run_script().stderr)


if __name__ == "__main__":
    unittest.main()
