#!/usr/bin/env python3
"""Goal: a message key that is misspelt, missing or left over is found before a cashier meets it.

Method: a catalogue and a source of a few lines in a temporary directory, one slip at a time.
"""

import pathlib
import tempfile
import unittest

import messages

CATALOGUE = '    {"till.total", "итого", "total"},\n    {"till.kind.1", "еда", "meal"},\n'
USES = 'Text("till.total");\nText(StrCat("till.kind.", kind));\n'


class MessagesTest(unittest.TestCase):
    def complaints(self, catalogue, source):
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            (root / "server/base").mkdir(parents=True)
            (root / "server/base/messages_till.cc").write_text(catalogue, encoding="utf-8")
            (root / "server/till.cc").write_text(source, encoding="utf-8")
            return list(messages.findings(root))

    def test_what_fits_is_silent(self):
        self.assertEqual(self.complaints(CATALOGUE, USES), [])

    def test_a_key_that_is_not_there(self):
        self.assertEqual(self.complaints(CATALOGUE, USES + 'Text("till.totl");\n'),
                         ['server/till.cc:3: no message under "till.totl"'])

    def test_a_head_without_keys(self):
        self.assertEqual(self.complaints(CATALOGUE, USES + 'Text(StrCat("till.sort.", i));\n'),
                         ['server/till.cc:3: no message under "till.sort."'])

    def test_a_key_that_nothing_prints(self):
        found = self.complaints(CATALOGUE + '    {"till.old", "было", "was"},\n', USES)
        self.assertEqual(found, ['server/base/messages_till.cc: nothing prints "till.old"'])

    def test_other_literals_and_comments_are_not_keys(self):
        self.assertEqual(
            self.complaints(CATALOGUE, USES + '// "till.nothing"\nOpen("file.txt");\n'), [])


if __name__ == "__main__":
    unittest.main()
