#!/usr/bin/env python3
"""Tells what a test run left out, and why, from ctest's log (Testing/Temporary/LastTest.log).

    skips.py LOG

Reads the words of GoogleTest (GTEST_SKIP) and of Python's unittest. Prints nothing when nothing
was skipped. Always succeeds: what fails is for ctest to say.
"""

import re
import sys

TEST = re.compile(r"^\d+/\d+ Testing: (\S+)\s*$", re.M)
# "file.cc:12: Skipped", then the message, then "[  SKIPPED ] Suite.Name (1 ms)".
GTEST = re.compile(r"^\S+:\d+: Skipped\n(.*?)\n*^\[  SKIPPED \] (\S+)", re.M | re.S)
# "name (module.Class.name) ... skipped 'reason'", the document string of the test between them.
UNITTEST = re.compile(r"^(\w+) \([\w.]+\)(?:\n[^\n]*)? \.\.\. skipped (['\"])(.*?)\2\s*$", re.M)


def skips(log):
    heads = list(TEST.finditer(log))
    for head, after in zip(heads, heads[1:] + [None]):
        text = log[head.end() : after.start() if after else len(log)]
        for match in GTEST.finditer(text):
            yield head[1], match[2], " ".join(match[1].split())
        for match in UNITTEST.finditer(text):
            yield head[1], match[1], match[3]


def main():
    with open(sys.argv[1], encoding="utf-8", errors="replace") as file:
        found = list(dict.fromkeys(skips(file.read())))
    if found:
        print(f"\nSkipped, and why ({len(found)}):")
    for program, test, reason in found:
        print(f"  {program}: {test}: {reason or 'no reason given'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
