#!/usr/bin/env python3
"""Checks count_tests.py on reports written here: a pass, a failure, a crash, a skip, a script."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).with_name("count_tests.py")

GTEST = """<?xml version="1.0"?><testsuites><testsuite name="S">
<testcase name="a" status="run" result="completed" classname="S"/>
<testcase name="b" status="run" result="completed" classname="S">{b}</testcase>
<testcase name="c" status="run" result="{c}" classname="S"/>
</testsuite></testsuites>"""


def ctest(**status_of):
    cases = "".join(
        f'<testcase name="{name}" classname="{name}" time="1" status="{status}"/>'
        for name, status in status_of.items())
    return f'<?xml version="1.0"?><testsuite name="x">{cases}</testsuite>'


def closing(status, **reports):
    """The last line and exit status for the given report files."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in reports.items():
            pathlib.Path(folder, f"{name}.xml").write_text(text)
        done = subprocess.run([sys.executable, SCRIPT, folder, str(status)], capture_output=True,
                              text=True)
        return done.stdout.splitlines()[-1], done.returncode


class CountTests(unittest.TestCase):
    def test_cases_of_programs_and_scripts_are_added(self):
        got = closing(0, ctest=ctest(align="run", layers="run"),
                      align_test=GTEST.format(b="", c="completed"))
        self.assertEqual(got, ("4 passed, 0 failed", 0))

    def test_failures_are_counted(self):
        got = closing(8, ctest=ctest(align="fail"),
                      align_test=GTEST.format(b='<failure message="x"/>', c="completed"))
        self.assertEqual(got, ("2 passed, 1 failed", 1))

    def test_a_crash_without_report_is_a_failure(self):
        self.assertEqual(closing(8, ctest=ctest(align="fail", layers="run")),
                         ("1 passed, 1 failed", 1))

    def test_a_program_that_fails_after_its_cases_is_a_failure(self):
        got = closing(8, ctest=ctest(align="fail"),
                      align_test=GTEST.format(b="", c="completed"))
        self.assertEqual(got, ("3 passed, 1 failed", 1))

    def test_skipped_cases_do_not_pass(self):
        got = closing(0, ctest=ctest(align="run"),
                      align_test=GTEST.format(b="", c="skipped"))
        self.assertEqual(got, ("2 passed, 0 failed", 0))

    def test_nothing_run_is_no_success(self):
        self.assertEqual(closing(0, ctest=ctest())[1], 1)
        self.assertEqual(closing(1), ("0 passed, 1 failed", 1))

    def test_ctest_status_is_believed(self):
        self.assertEqual(closing(8, ctest=ctest(layers="run")), ("1 passed, 1 failed", 1))


if __name__ == "__main__":
    unittest.main()
