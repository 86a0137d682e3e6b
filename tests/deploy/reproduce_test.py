#!/usr/bin/env python3
"""Goal: what is installed follows from the sources alone: compiled elsewhere, without a cache, a program
has the same bytes; and a program that was changed is seen.

Method: deploy/package/reproduce on the smallest program that is packaged, the auditor's; all of them are
compared by `deploy/package/reproduce build/dev`, which takes as long as a build.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LADON_BUILD", ROOT / "build/dev"))
PROGRAM = "ladon-audit"
BUILD_SECONDS_MAX = 600


class ReproduceTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = pathlib.Path(tempfile.mkdtemp(prefix="ladon-reproduce-"))
        cls.addClassCleanup(shutil.rmtree, cls.place)
        cls.tree = cls.place / "tree"
        (cls.tree / "bin").mkdir(parents=True)

    def reproduce(self, *arguments):
        return subprocess.run([ROOT / "deploy/package/reproduce", *arguments], text=True,
                              capture_output=True, timeout=BUILD_SECONDS_MAX)

    def again(self):
        return self.reproduce("--in", self.place / "elsewhere", self.tree, PROGRAM)

    def test_the_same_bytes_and_a_changed_byte_is_seen(self):
        ours = self.tree / "bin" / PROGRAM
        shutil.copy(BUILD / "bin" / PROGRAM, ours)
        done = self.again()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, f"^same [0-9a-f]{{64}} {PROGRAM}\n$")

        code = bytearray(ours.read_bytes())
        said = code.index(b"extract")  # Some text of its help.
        code[said] ^= 0x20
        ours.write_bytes(code)
        done = self.again()
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertTrue(done.stdout.startswith("DIFFERS "), done.stdout)

    def test_no_program_holds_the_place_it_was_made_in(self):
        for program in sorted((BUILD / "bin").iterdir()):
            stripped = self.place / "stripped"
            subprocess.run(["strip", "-o", stripped, program], check=True)
            with self.subTest(program.name):
                self.assertNotIn(str(ROOT).encode() + b"/", stripped.read_bytes())

    def test_what_cannot_be_compared_is_told(self):
        for arguments in ((), (self.place,), (self.tree, "no-such-program")):
            done = self.reproduce(*arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn("reproduce", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
