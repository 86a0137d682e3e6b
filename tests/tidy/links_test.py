#!/usr/bin/env python3
"""Goal: the links check finds links and paths that lead nowhere, and accepts those that lead there.

Method: two small documents in a temporary directory, one line of the first varied a test.
"""

import pathlib
import tempfile
import unittest

import links


class LinksTest(unittest.TestCase):
    def complaints(self, line):
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory) / "tree"
            (root / "docs").mkdir(parents=True)
            (root / "server").mkdir()
            (root / "server/a.cc").write_text("", encoding="utf-8")
            (root.parent / "outside.md").write_text("", encoding="utf-8")
            (root / "docs/b.md").write_text("# One thing: `x`\n## Same\n## Same\n", encoding="utf-8")
            (root / "README.md").write_text(f"# Top\n\n{line}\n", encoding="utf-8")
            found, count = links.check(root)
            self.assertEqual(count, 2)
            return found

    def test_good_links(self):
        for target in ("docs/b.md", "docs/", "server/a.cc", "#top", "docs/b.md#one-thing-x",
                       "docs/b.md#same-1", "https://example.org/nothing"):
            self.assertEqual(self.complaints(f"[text]({target})"), [], target)

    def test_broken_links(self):
        for target in ("docs/c.md", "#bottom", "docs/b.md#two", "docs/b.md#same-2",
                       "../outside.md"):
            found = self.complaints(f"see [text]({target}) there")
            self.assertEqual(len(found), 1, target)
            self.assertTrue(found[0].startswith("README.md:3: "), found)

    def test_paths_in_backquotes(self):
        self.assertEqual(self.complaints("`server/a.cc` and `ledger/head` and `server/`"), [])
        self.assertEqual(len(self.complaints("`server/b.cc`")), 1)
        self.assertEqual(len(self.complaints("`ledger/proof/`")), 1)

    def test_code_blocks_are_not_read(self):
        self.assertEqual(self.complaints("```\n[text](nowhere.md)\n```"), [])


if __name__ == "__main__":
    unittest.main()
