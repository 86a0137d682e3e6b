"""The metrics that are documented are those that there are; every alert is checked, made to fire by a test
of its own, and has its entry in the runbook.

Method: the real server's metrics port after calls of several kinds; promtool on the rules and their tests.
"""

import re
import shutil
import subprocess
import unittest
import urllib.request

from ladon_world import SOURCE, School, World

PROMETHEUS = SOURCE / "deploy/prometheus"
PROMTOOL = shutil.which("promtool")
SUFFIXES = ("_bucket", "_count", "_sum")


def names_in(text):
    names = set(re.findall(r"\bladon_[a-z_]+\b", text))
    return {next((name[:-len(end)] for end in SUFFIXES if name.endswith(end)), name)
            for name in names}


class MetricsTest(unittest.TestCase):
    def test_the_documented_metrics_are_those_that_there_are(self):
        with World(95, metrics=True) as world:
            world.server.config["outbox"] = {"notices": True, "receipts": True}
            world.start()
            school = School(world)
            child = school.child("Скворцова", "Ульяна", money=12_345, card=True)
            school.till.terminal.IdentifyAndDebit(school.sale(child.card, school.basket(0)))
            address = (world.directory / "metrics-port").read_text().strip()
            with urllib.request.urlopen(f"http://{address}/metrics", timeout=30) as answer:
                text = answer.read().decode()
        rows = [line.split("|")[1] for line in
                (SOURCE / "docs/metrics.md").read_text(encoding="utf-8").splitlines()
                if line.startswith("| `ladon_")]
        self.assertEqual(names_in(" ".join(rows)), names_in(text))
        for said in ("Скворцова", "Ульяна", "12345", child.account_id.hex(),
                     school.school_id.hex(), child.payment_account):
            self.assertNotIn(said, text)

    def test_every_alert_has_documented_metrics_a_test_and_an_entry(self):
        rules = (PROMETHEUS / "ladon.rules.yml").read_text(encoding="utf-8")
        tests = (PROMETHEUS / "ladon.rules_test.yml").read_text(encoding="utf-8")
        runbook = (SOURCE / "docs/runbook.md").read_text(encoding="utf-8")
        alerts = re.findall(r"- alert: (\w+)", rules)
        self.assertGreater(len(alerts), 5)
        for alert in alerts:
            self.assertIn(f"\n## {alert}\n", runbook)
            self.assertIn(f"runbook: docs/runbook.md#{alert.lower()}\n", rules)
            # Silent before, and firing then.
            self.assertRegex(tests, rf"\{{eval_time: \w+, alertname: {alert}\}}")
            self.assertRegex(tests, rf"alertname: {alert}\n +exp_alerts:\n")
        self.assertEqual(re.findall(r"^## (\w+)$", runbook, re.MULTILINE), alerts)
        documented = names_in((SOURCE / "docs/metrics.md").read_text(encoding="utf-8"))
        self.assertLessEqual(names_in(rules), documented)

    @unittest.skipUnless(PROMTOOL, "promtool is not installed (./dev set-up check)")
    def test_the_rules_are_good_and_each_fires_when_it_should(self):
        for arguments in (("check", "rules", "ladon.rules.yml"),
                          ("test", "rules", "ladon.rules_test.yml")):
            done = subprocess.run([PROMTOOL, *arguments], cwd=PROMETHEUS, text=True, timeout=60,
                                  capture_output=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn("SUCCESS", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
