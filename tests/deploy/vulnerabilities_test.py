#!/usr/bin/env python3
"""Goal: the report of known vulnerabilities names what is open in what Ladon brings, and never passes off
a missing answer as a clean one.

Method: the real debsecan against a tracker of our own on loopback, whose data (in the tracker's format)
have a vulnerability of each kind for packages that every Debian has.
"""

import http.server
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import unittest
import zlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
# In order: mended in a newer version and open here; known, and mended nowhere; of a package that the bill
# does not name; mended long ago.
NAMES = ("CVE-2026-0001,,open here", "CVE-2026-0002,,mended nowhere", "CVE-2026-0003,,of dpkg",
         "CVE-2026-0004,,mended long ago", "TEMP-0000000-ABCDEF,,without a number yet")
PACKAGES = ("glibc,0,SHRF,99.0-1,", "glibc,1,S   ,,", "dpkg,2,SHRF,99.0-1,", "glibc,3,SHRF,0.1-1,")
UNNUMBERED = "glibc,4,SLRF,99.0-1,"
SOURCES = ("glibc,libc6 libc-bin", "dpkg,dpkg")


def tracker_data(packages=PACKAGES):
    parts = ["VERSION 1", *NAMES, "", *packages, "", *SOURCES, ""]
    return zlib.compress(("\n".join(parts) + "\n").encode())


class Tracker(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        found = self.path == "/data/bookworm"
        self.send_response(200 if found else 404)
        self.end_headers()
        if found:
            self.wfile.write(self.server.data)

    def log_message(self, *_):
        pass


@unittest.skipUnless(shutil.which("debsecan"), "debsecan is not installed (./dev set-up check)")
class VulnerabilitiesTest(unittest.TestCase):
    def setUp(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Tracker)
        self.server.data = tracker_data()
        self.addCleanup(self.server.server_close)
        thread = threading.Thread(target=self.server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.shutdown)
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="ladon-vulnerabilities-"))
        self.addCleanup(shutil.rmtree, self.place)
        self.bill = self.place / "ladon.cdx.json"
        self.bill.write_text(json.dumps({"components": [{"name": "ladon-core"}, {"name": "libc6"}]}))

    def report(self, *arguments, tracker=None):
        tracker = tracker or f"http://127.0.0.1:{self.server.server_port}/data/"
        clean = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
        return subprocess.run([ROOT / "deploy/package/vulnerabilities", *arguments], text=True,
                              capture_output=True, timeout=120, env=clean | {"LADON_TRACKER": tracker})

    def test_what_is_open_in_what_ladon_brings(self):
        done = self.report(self.bill)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("Mended in a newer package, and open here: 1\n", done.stdout)
        self.assertIn("CVE-2026-0001 (fixed, remotely exploitable, high urgency)", done.stdout)
        self.assertRegex(done.stdout, r"installed: libc6 \S+")
        self.assertIn("Known in all: 2\nCVE-2026-0001 CVE-2026-0002\n", done.stdout)

    def test_of_the_whole_machine(self):
        done = self.report()
        self.assertEqual(done.returncode, 1, done.stderr)
        for name in ("CVE-2026-0001", "CVE-2026-0002", "CVE-2026-0003"):
            self.assertIn(name, done.stdout)
        self.assertNotIn("CVE-2026-0004", done.stdout)

    def test_nothing_to_mend_is_told_by_the_exit_code(self):
        self.server.data = tracker_data(PACKAGES[1:])
        done = self.report(self.bill)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("open here: 0\n", done.stdout)
        self.assertIn("CVE-2026-0002", done.stdout)

    def test_one_without_a_number_counts(self):
        self.server.data = tracker_data((UNNUMBERED,))
        done = self.report(self.bill)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("open here: 1\n", done.stdout)
        self.assertIn("Known in all: 1\nTEMP-0000000-ABCDEF\n", done.stdout)

    def test_no_answer_is_no_report(self):
        for words, arguments, tracker in (
                ("does not tell", (self.bill,), "http://127.0.0.1:9/"),
                ("does not tell", (self.bill,), f"http://127.0.0.1:{self.server.server_port}/other/"),
                ("is no bill of materials", (self.place / "none.json",), None)):
            done = self.report(*arguments, tracker=tracker)
            self.assertEqual((done.returncode, done.stdout), (3, ""), done.stderr)
            self.assertIn(words, done.stderr)
        for wrong in (b"", b"no zlib", zlib.compress(b"VERSION 2\n")):
            self.server.data = wrong
            done = self.report(self.bill)
            self.assertEqual((done.returncode, done.stdout), (3, ""), done.stderr)
        self.bill.write_text('{"components": [{"name": "ladon-core"}]}')
        done = self.report(self.bill)
        self.assertEqual(done.returncode, 3)
        self.assertIn("nothing that", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
