"""Goal: the main job of the project works: children are identified, pay, and everything is still
there after the server was killed.

Method: ladon-demo with synthetic palms, and with real near-infrared palms where they lie beside
the project (they are never part of it): its exit code and the figures it writes.
"""

import json
import pathlib
import shutil
import tempfile
import unittest

from ladon_world import BIN, SOURCE, run

KEYS = {"palms_enrolled", "mated_probes", "rank1", "false_accepts", "wrong_child", "ambiguous",
        "identify_ms", "debit_ms", "acknowledged", "lost", "duplicated"}
ARTIFACTS = {"checkpoint", "ladon.vkey", "extract.ladon", "account.ladon", "receipt.tlog-proof",
             "receipt.entry", "tiles", "journal.hledger", "journal.beancount", "journal.csv",
             "summary.txt"}
REAL_PALMS = SOURCE.parent / "shared/data/palms/polyu-nir"
RANK1_MIN = 0.995


class DemoTest(unittest.TestCase):
    def play(self, *arguments):
        with tempfile.TemporaryDirectory(prefix="ladon-e2e-demo-") as directory:
            figures = pathlib.Path(directory) / "figures.json"
            done = run("ladon-demo", "--ladond", BIN / "ladond", "--json", figures, *arguments,
                       seconds_max=560)
            told = json.loads(figures.read_text())
        self.assertEqual(set(told), KEYS)
        for latency in ("identify_ms", "debit_ms"):
            self.assertEqual(set(told[latency]), {"p50", "p99"})
            self.assertTrue(0 < told[latency]["p50"] <= told[latency]["p99"], told)
        self.assertEqual((told["wrong_child"], told["lost"], told["duplicated"]), (0, 0, 0))
        self.assertGreater(told["acknowledged"], 0)
        print("\n" + json.dumps(told))
        return told, done.stdout

    def test_synthetic_palms(self):
        told, text = self.play("--children", 6, "--kills", 2)
        self.assertEqual(told["palms_enrolled"], 6)
        self.assertGreaterEqual(told["mated_probes"], 6)
        self.assertGreaterEqual(told["rank1"], RANK1_MIN)
        self.assertEqual(told["false_accepts"], 0)
        self.assertGreater(len(text.splitlines()), 20, "it tells people what happened")

    def test_leaves_proofs_that_a_stranger_checks(self):
        with tempfile.TemporaryDirectory(prefix="ladon-e2e-artifacts-") as directory:
            folder = pathlib.Path(directory) / "artifacts"
            self.play("--children", 3, "--artifacts", folder)
            names = {path.name for path in folder.iterdir()}
            self.assertEqual(names, ARTIFACTS)
            key = folder / "ladon.vkey"
            for name in ("checkpoint", "extract.ladon", "account.ladon", "receipt.tlog-proof",
                         "tiles"):
                run("ladon-audit", "verify", folder / name, "--key", key)
            self.assertIn("caterer", (folder / "summary.txt").read_text())
            self.assertGreater(len((folder / "journal.csv").read_text().splitlines()), 20)
            for name, check in (("journal.hledger", ("hledger", "check", "--strict", "-f")),
                                ("journal.beancount", ("bean-check",))):
                if shutil.which(check[0]) is None:
                    self.skipTest(f"{name} not checked: {check[0]} is missing (./dev set-up check)")
                run(shutil.which(check[0]), *check[1:], folder / name)

    def test_real_palms(self):
        if not REAL_PALMS.is_dir():
            self.skipTest("no real palms tried: shared/data/palms/polyu-nir is not here")
        told, _ = self.play("--palms", REAL_PALMS)
        self.assertEqual(told["palms_enrolled"], 100)
        self.assertGreaterEqual(told["mated_probes"], 100)
        self.assertGreaterEqual(told["rank1"], RANK1_MIN)
        self.assertEqual(told["false_accepts"], 0)


class FailureTest(unittest.TestCase):
    def test_a_server_that_does_not_start_is_told(self):
        done = run("ladon-demo", "--ladond", "/bin/false", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertTrue(done.stderr.strip())


if __name__ == "__main__":
    unittest.main()
