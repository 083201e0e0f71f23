#!/usr/bin/env python3
"""Prints scripts/test's closing line from ctest's report and the test programs' own reports.

usage: count_tests.py FOLDER CTEST_STATUS

FOLDER holds ctest.xml and one NAME.xml for each GoogleTest program that finished. A ctest test
counts as the cases its program ran; one without such a report (a script, or a program that
crashed) counts as one. Exits 0 when nothing failed and something ran.
"""

import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def count_program(report):
    """Passed and failed cases of one GoogleTest report, and the names of the skipped ones."""
    passed, failed, skipped = 0, 0, []
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        if case.find("failure") is not None:
            failed += 1
        elif case.get("result") == "skipped" or case.find("skipped") is not None:
            skipped.append(f"{case.get('classname')}.{case.get('name')}")
        elif case.get("status") != "notrun":
            passed += 1
    return passed, failed, skipped


def count_all(folder):
    passed, failed, skipped = 0, 0, []
    for test in ElementTree.parse(folder / "ctest.xml").getroot().iter("testcase"):
        name, status = test.get("name"), test.get("status")
        if status in ("disabled", "notrun"):
            skipped.append(name)
            continue
        inner = (0, 0, [])
        report = folder / f"{name}_test.xml"
        if report.exists():
            inner = count_program(report)
        if status == "fail" and inner[1] == 0:
            # It crashed, ran too long or failed outside its cases.
            inner = (inner[0], 1, inner[2])
        elif status == "run" and not report.exists():
            inner = (1, 0, [])
        passed, failed = passed + inner[0], failed + inner[1]
        skipped += inner[2]
    return passed, failed, skipped


def main():
    folder, ctest_status = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    if not (folder / "ctest.xml").exists():
        print("0 passed, 1 failed")
        sys.exit(f"test: ctest ended with status {ctest_status} and left no report")
    passed, failed, skipped = count_all(folder)
    if ctest_status != 0 and failed == 0:
        failed = 1
    if skipped:
        print(f"{len(skipped)} skipped: {', '.join(skipped)}")
    print(f"{passed} passed, {failed} failed", flush=True)
    sys.exit(0 if failed == 0 and passed > 0 else 1)


if __name__ == "__main__":
    main()
