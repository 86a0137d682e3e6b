#!/usr/bin/env python3
"""Goal: the systemd unit stays as closed as we say, and what deploys names the same things.

Method: systemd's own offline analysis of the unit; the files of deploy/ compared with each other
and with cmake/packages.txt.
"""

import os
import pathlib
import re
import shutil
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXPOSURE_MAX = 2.0
UNITS = ("ladond.service", "ladon-gateway.service", "ladon-backup.service")
BIN = pathlib.Path(os.environ.get("LADON_BIN", ROOT / "build/dev/bin"))
# In every Debian, or a dependency of a package that is named.
IMPLIED = {"libc6", "libgcc-s1", "libstdc++6", "libgrpc29"}


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def packages():
    return [line.split() for line in text("cmake/packages.txt").splitlines()
            if line.strip() and not line.startswith("#")]


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def owners_of(paths):
    """The packages of the files. A part of the C library may be known by another path: left out."""
    done = subprocess.run(["dpkg", "-S", *sorted(paths)], capture_output=True, text=True)
    return {line.split(":")[0] for line in done.stdout.splitlines()}


class ServiceTest(unittest.TestCase):
    def test_exposure(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd-analyze is not installed (package systemd)")
        for unit in UNITS:
            done = subprocess.run(
                ["systemd-analyze", "security", "--offline=true", "--no-pager",
                 str(ROOT / "deploy" / unit)], capture_output=True, text=True, timeout=60)
            found = re.search(rf"Overall exposure level for {re.escape(unit)}: ([\d.]+)",
                              done.stdout)
            self.assertIsNotNone(found, done.stdout + done.stderr)
            print(f"exposure of {unit} {found[1]}")
            self.assertLessEqual(float(found[1]), EXPOSURE_MAX, done.stdout)

    def test_units_are_understood(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd-analyze is not installed (package systemd)")
        for unit in UNITS:
            done = subprocess.run(
                ["systemd-analyze", "verify", "--man=no", str(ROOT / "deploy" / unit)],
                capture_output=True, text=True, timeout=60)
            # The program itself is not installed where tests run.
            complaints = [line for line in done.stderr.splitlines()
                          if unit in line and "is not executable" not in line]
            self.assertEqual(complaints, [])

    def test_the_gateway_is_another_user_who_reads_nothing_of_the_core(self):
        unit, core = text("deploy/ladon-gateway.service"), text("deploy/ladond.service")
        user = re.search(r"^User=([\w-]+)$", unit, re.M)[1]
        self.assertNotEqual(user, re.search(r"^User=([\w-]+)$", core, re.M)[1])
        self.assertRegex(text("deploy/ladon-gateway.sysusers"), rf"(?m)^u {user} ")
        tmpfiles = text("deploy/ladon-gateway.tmpfiles")
        self.assertRegex(tmpfiles, rf"(?m)^d /etc/ladon/gateway +0700 {user} {user}$")
        shut = re.search(r"^InaccessiblePaths=(.+)$", unit, re.M)[1].replace("-/", "/").split()
        for path in ("/var/lib/ladon", "/etc/ladon/tls", "/etc/ladon/root.key"):
            self.assertIn(path, shut)
        # Whatever its configuration names lies where it may read.
        config = text("deploy/ladon-gateway.toml")
        for path in re.findall(r'"(/etc/[^"]+)"', config):
            self.assertTrue(path.startswith(("/etc/ladon/gateway", "/etc/ladon/courier")), path)

    def test_unit_and_configuration_agree(self):
        unit, config = text("deploy/ladond.service"), text("deploy/ladond.toml")
        credential = re.search(r"^LoadCredential=([\w.]+):", unit, re.M)[1]
        self.assertIn(f'\nroot_key_credential = "{credential}"', config)
        sealed = re.search(r"^#LoadCredentialEncrypted=([\w.]+):", unit, re.M)[1]
        self.assertEqual(sealed, credential)
        state = "/var/lib/" + re.search(r"^StateDirectory=(\w+)$", unit, re.M)[1]
        self.assertIn(f'path = "{state}/store"', config)
        self.assertIn(f'directory = "{state}/keys"', config)
        user = re.search(r"^User=(\w+)$", unit, re.M)[1]
        self.assertRegex(text("deploy/ladon.sysusers"), rf"(?m)^u {user} ")

    def test_packages(self):
        names = [row[0] for row in packages()]
        self.assertEqual(len(names), len(set(names)), "a package is listed twice")
        self.assertEqual({row[1] for row in packages()}, {"build", "check", "bench", "cross"})

    def test_image_reads_the_one_list(self):
        dockerfile = text("deploy/Dockerfile")
        self.assertIn("COPY cmake/packages.txt", dockerfile)
        self.assertIn("xargs apt-get install", dockerfile)
        for copied in re.findall(r"^COPY (?!--from)(\S+) ", dockerfile, re.M):
            self.assertTrue((ROOT / copied).exists(), copied)

    def test_image_installs_what_the_programs_need(self):
        programs = [BIN / name for name in ("ladond", "ladonctl")]
        if not all(program.is_file() for program in programs):
            self.skipTest(f"ladond and ladonctl are not in {BIN}")
        paths = set()
        for program in programs:
            direct = set(re.findall(r"NEEDED\s+(\S+)", run("objdump", "-p", str(program))))
            paths |= {os.path.realpath(path) for name, path in
                      re.findall(r"(\S+) => (/\S+)", run("ldd", str(program))) if name in direct}
        needed = owners_of(paths)
        self.assertIn("librocksdb7.8", needed)
        runtime = text("deploy/Dockerfile").split("\nFROM ")[-1]
        self.assertEqual(sorted(p for p in needed - IMPLIED if f" {p} " not in runtime), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
