#!/usr/bin/env python3
"""Runs scripts/demo against a made-up vqalign that writes what it is asked to a log: the order of
verbs, what an interrupted run takes up again, what changed settings run anew."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "demo"

# Fails at the verb that the file `fail` names, after leaving what an interruption leaves.
FAKE_VQALIGN = f"""#!{sys.executable}
import json, os, pathlib, sys
verb, options = sys.argv[1], dict(zip(sys.argv[2:], sys.argv[3:]))
with open("log", "a") as log:
    print(*sys.argv[1:], file=log)
fails = pathlib.Path("fail").exists() and pathlib.Path("fail").read_text() == verb
if verb == "train":
    pathlib.Path(options["--out"] + ".state").touch()
if fails:
    sys.exit(130)
if verb == "scenes":
    data = pathlib.Path(options["--out"])
    (data / "val2014").mkdir(parents=True, exist_ok=True)
    (data / "val2014" / "COCO_val2014_000000000007.png").touch()
    scenes = {{"images": [{{"image_id": 7, "objects": [1, 2, 3]}}],
              "questions": [{{"question_id": 1, "family": "colour", "about": []}}]}}
    (data / "scenes_val2014.json").write_text(json.dumps(scenes))
    question = {{"question_id": 1, "image_id": 7, "question": "What colour is it?"}}
    (data / "v2_OpenEnded_mscoco_val2014_questions.json").write_text(
        json.dumps({{"questions": [question]}}))
    (data / "v2_mscoco_val2014_annotations.json").write_text(json.dumps({{"annotations": [
        {{"question_id": 1, "answer_type": "other", "multiple_choice_answer": "red"}}]}}))
if verb == "eval":
    print(json.dumps({{"overall": 81.25, "perAnswerType": {{"yes/no": 90.5}}, "questions": 1}}))
if verb == "ask":
    print("red")
if verb in ("train", "predict", "figure"):
    pathlib.Path(options["--out"]).touch()
"""


class DemoTests(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.world = pathlib.Path(holder.name)
        (self.world / "scripts").mkdir()
        shutil.copy(SCRIPT, self.world / "scripts" / "demo")
        self.program("scripts/build", "#!/bin/sh\n")
        self.program("build/release/bin/vqalign", FAKE_VQALIGN)

    def program(self, name, text):
        path = self.world / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def run_demo(self, *arguments, fail=None):
        """Status, both streams, and the commands that ran."""
        (self.world / "log").write_text("")
        if fail:
            (self.world / "fail").write_text(fail)
        done = subprocess.run([self.world / "scripts" / "demo", *arguments], capture_output=True,
                              text=True, stdin=subprocess.DEVNULL, env={**os.environ, "CI": "true"})
        (self.world / "fail").unlink(missing_ok=True)
        commands = [line.split() for line in (self.world / "log").read_text().splitlines()]
        return done, commands

    def verbs(self, *arguments, fail=None):
        return [command[0] for command in self.run_demo(*arguments, fail=fail)[1]]

    def test_runs_the_main_job_in_order_and_sums_up(self):
        done, commands = self.run_demo()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([command[0] for command in commands],
                         ["scenes", "train", "eval", "predict", "ask", "figure", "figure"])
        train = commands[1]
        self.assertIn("--minutes", train)
        self.assertNotEqual(train[train.index("--align") + 1], "none")
        self.assertNotIn("--resume", train)
        self.assertIn("81.25", done.stdout)
        self.assertIn("demo/results.json", done.stdout)
        self.assertIn("$ build/release/bin/vqalign train", done.stderr)
        self.assertIn("'What colour is it?'", done.stderr)

    def test_a_second_run_only_asks_again(self):
        self.verbs()
        self.assertEqual(self.verbs(), ["ask", "figure", "figure"])

    def test_an_interrupted_training_is_resumed(self):
        done, commands = self.run_demo(fail="train")
        self.assertEqual((done.returncode, commands[-1][0]), (130, "train"))
        commands = self.run_demo()[1]
        self.assertEqual(commands[0][0], "train")
        self.assertIn("--resume", commands[0])

    def test_other_settings_train_anew(self):
        self.verbs()
        commands = self.run_demo("--minutes", "1")[1]
        self.assertEqual([command[0] for command in commands][:3], ["train", "eval", "predict"])
        self.assertNotIn("--resume", commands[0])
        self.run_demo("--minutes", "2", fail="train")
        self.assertNotIn("--resume", self.run_demo("--minutes", "3")[1][0])

    def test_interrupted_drawing_and_scoring_start_again(self):
        self.assertEqual(self.verbs(fail="scenes"), ["scenes"])
        self.assertEqual(self.verbs(fail="eval"), ["scenes", "train", "eval"])
        self.assertFalse((self.world / "demo/accuracy.json").exists())
        self.assertEqual(self.verbs()[:2], ["eval", "predict"])

    def test_fresh_starts_over(self):
        self.verbs()
        self.assertEqual(self.verbs("--fresh")[0], "scenes")

    def test_wrong_usage(self):
        for arguments in (["--bogus"], ["--minutes"], ["--minutes", "many"]):
            done, commands = self.run_demo(*arguments)
            self.assertEqual((done.returncode, commands), (2, []))


if __name__ == "__main__":
    unittest.main()
