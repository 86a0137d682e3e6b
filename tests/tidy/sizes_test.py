#!/usr/bin/env python3
"""Goal: the sizes check sees what is too long or left for later, and nothing else.

Method: files at each limit and one line beyond it, in a temporary directory.
"""

import pathlib
import tempfile
import unittest

import sizes


def function(lines):
    return "int F(int a,\n      int b) {\n" + "  a += b;\n" * (lines - 3) + "}\n"


class SizesTest(unittest.TestCase):
    def complaints(self, name, text):
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            (root / name).parent.mkdir(parents=True)
            (root / name).write_text(text, encoding="utf-8")
            found, count = sizes.check(root)
            self.assertEqual(count, 1)
            return found

    def test_lines_of_a_file(self):
        for name, most in (("ledger/a.cc", 600), ("ledger/a.h", 250)):
            self.assertEqual(self.complaints(name, "\n" * most), [])
            found = self.complaints(name, "\n" * (most + 1))
            self.assertEqual(found, [f"{name}: {most + 1} lines, at most {most}"])

    def test_lines_of_a_function(self):
        self.assertEqual(self.complaints("ledger/a.cc", function(70)), [])
        found = self.complaints("ledger/a.cc", "namespace a {\n" + function(71) + "}\n")
        self.assertEqual(found, ["ledger/a.cc:2: a function of 71 lines, at most 70"])

    def test_a_class_or_a_table_is_no_function(self):
        body = "  int a;\n" * 100
        for head in ("class A {", "constexpr std::array kRows = {", "enum class E : int {"):
            self.assertEqual(self.complaints("ledger/a.cc", f"{head}\n{body}}};\n"), [])

    def test_notes_for_later(self):
        for word in ("TO" "DO", "FIX" "ME"):
            self.assertEqual(len(self.complaints("docs/a.md", f"text\n{word}: later\n")), 1)
        self.assertEqual(self.complaints("docs/a.md", "mastodon\n"), [])


if __name__ == "__main__":
    unittest.main()
