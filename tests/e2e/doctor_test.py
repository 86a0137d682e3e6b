"""Goal: `ladonctl doctor` names each of many misconfigurations, with its cure, and is silent about a
server that has none of them.

Method: a configuration in which nothing is wrong, made by hand from the real tools; then each thing
that people get wrong, one at a time, on a copy.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from ladon_world import BIN, SOURCE, FakeClock, World, clean_environment, run, toml_of

SEED = 2_626
CASES_MIN = 20
# What the machine of a test cannot help: its disk is one, its clock and its swap are its own.
OF_THE_MACHINE = {"standby_same_disk", "backup_same_disk", "clock_free", "swap_on", "disk_filling"}


class Case:
    """What is spoilt, and what the doctor must then say. `how`(place) changes files or the config."""

    def __init__(self, finding, how, severity="error"):
        self.finding, self.how, self.severity = finding, how, severity


class Place:
    """A copy of the installation: its configuration as a dict and its files."""

    def __init__(self, directory, config):
        self.directory, self.config = directory, config

    def file(self, section, key):
        return pathlib.Path(self.config[section][key])

    def examine(self, env=None):
        path = self.directory / "ladond.toml"
        path.write_text(toml_of(self.config), encoding="utf-8")
        path.chmod(self.config_mode)
        done = run("ladonctl", "--json", "doctor", "--no-service", "--config", path, "--gateway",
                   self.directory / "ladon-gateway.toml", check=False, env=env)
        return {one["id"]: one for one in json.loads(done.stdout)}, done

    config_mode = 0o640


def put(section, key, value):
    return lambda place: place.config.setdefault(section, {}).__setitem__(key, value)


def drop(section, key):
    return lambda place: place.config[section].pop(key)


def mode(section, key, bits):
    return lambda place: os.chmod(place.file(section, key), bits)


def remove(section, key):
    def take(place):
        path = place.file(section, key)
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return take


def write(section, key, text):
    def spoil(place):
        path = place.file(section, key)
        path.chmod(0o600)
        path.write_text(text, encoding="utf-8")
    return spoil


def copy_over(section, key, name):
    def put_other(place):
        path = place.file(section, key)
        path.chmod(0o600)
        shutil.copy(place.directory / name, path)
        path.chmod(0o400)
    return put_other


def empty_backups(place):
    shutil.rmtree(place.file("backup", "directory"))
    place.file("backup", "directory").mkdir(mode=0o700)


def old_backups(place):
    for path in place.file("backup", "directory").rglob("*"):
        if path.is_file():
            os.utime(path, (1_600_000_000, 1_600_000_000))


def open_config(place):
    place.config_mode = 0o666


def authority_beside(place):
    (place.directory / "pki/ca").mkdir(parents=True, exist_ok=True)
    (place.directory / "pki/ca/key.pem").write_text("", encoding="utf-8")


def foreign_owner(place):
    os.chown(place.file("keys", "directory"), 12_345, -1)


def bad_gateway(place):
    (place.directory / "ladon-gateway.toml").write_text("[gateway]\nlisten = 5\n",
                                                        encoding="utf-8")


CASES = [
    Case("config_refused", put("server", "lisen", "127.0.0.1:1")),
    Case("config_refused", put("metrics", "listen", "0.0.0.0:9464")),
    Case("config_refused", put("ledger", "time_zone", "Europe/Moskow")),
    Case("config_writable", open_config),
    Case("certificate_missing", remove("tls", "certificate")),
    Case("certificate_bad", write("tls", "certificate", "no certificate\n")),
    Case("certificate_of_authority", copy_over("tls", "certificate", "tls/ca.pem")),
    Case("certificate_of_client", copy_over("tls", "certificate", "client/cert.pem")),
    Case("key_missing", remove("tls", "private_key")),
    Case("key_open", mode("tls", "private_key", 0o644)),
    Case("key_mismatch", copy_over("tls", "private_key", "client/key.pem")),
    Case("ca_missing", remove("tls", "client_ca")),
    Case("ca_bad", copy_over("tls", "client_ca", "client/cert.pem")),
    Case("crl_none", drop("tls", "crl"), "warning"),
    Case("crl_missing", remove("tls", "crl")),
    Case("crl_bad", write("tls", "crl", "no list\n")),
    Case("authority_here", authority_beside, "warning"),
    Case("root_key_missing", remove("keys", "root_key_file")),
    Case("root_key_open", mode("keys", "root_key_file", 0o444)),
    Case("root_key_bad", write("keys", "root_key_file", "ladon root key 1\nzz\n")),
    Case("keys_missing", remove("keys", "directory")),
    Case("keys_open", mode("keys", "directory", 0o755)),
    Case("keys_owner", foreign_owner),
    Case("standby_none", drop("keys", "standby"), "warning"),
    Case("standby_missing", remove("keys", "standby")),
    Case("standby_open", mode("keys", "standby", 0o750)),
    Case("store_missing", remove("store", "path")),
    Case("store_create_left", put("store", "create", True), "warning"),
    Case("store_open", mode("store", "path", 0o755)),
    Case("backup_off", drop("backup", "directory"), "warning"),
    Case("backup_missing", remove("backup", "directory")),
    Case("backup_open", mode("backup", "directory", 0o755)),
    Case("backup_none", empty_backups, "warning"),
    Case("backup_old", old_backups, "warning"),
    Case("audit_copy_none", drop("audit", "checkpoint_copy"), "warning"),
    Case("audit_copy_missing", remove("audit", "checkpoint_copy")),
    Case("archive_missing", remove("audit", "archive")),
    Case("calibration_missing", put("matcher", "calibration", "/nowhere/calibration.json")),
    Case("calendar_missing", remove("ledger", "calendar")),
    Case("calendar_none", drop("ledger", "calendar"), "warning"),
    Case("reflection_on", put("server", "reflection", True), "warning"),
    Case("log_debug", put("log", "level", "debug"), "warning"),
    Case("denials_unlimited", put("access", "denied_burst", 0), "warning"),
    Case("grants_off", put("access", "grants_required", False), "note"),
    Case("metrics_off", drop("metrics", "listen"), "note"),
    Case("gateway_refused", bad_gateway),
]


class DoctorTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(SEED)
        cls.addClassCleanup(cls.world.close)
        world, place = cls.world, cls.world.directory / "whole"
        place.mkdir(mode=0o700)
        world.start()  # Makes store and keys.
        run("ladonctl", "--server", world.server.address, "--identity", world.sysadmin.identity,
            "backup", "create")
        world.server.stop()
        for name in ("standby", "copies", "archive"):
            (place / name).mkdir(mode=0o700)
        for name in ("store", "keys", "backups"):
            shutil.copytree(world.directory / name, place / name)
        shutil.copytree(world.pki / "server", place / "tls")
        shutil.copy(world.pki / "ca/crl.pem", place / "tls/crl.pem")
        shutil.copytree(world.sysadmin.identity, place / "client")
        shutil.copy(world.server.config["keys"]["root_key_file"], place / "root.key")
        shutil.copy(SOURCE / "deploy/calendar.toml", place / "calendar.toml")

    def place(self):
        """A whole installation of its own, in which nothing is wrong."""
        directory = self.world.directory / "case"
        shutil.rmtree(directory, ignore_errors=True)
        subprocess.run(["cp", "-a", self.world.directory / "whole", directory], check=True)
        at = lambda name: str(directory / name)  # noqa: E731
        admins = " ".join(f"ladon://-/security-admin/{n:032x}" for n in (1, 2))
        return Place(directory, {
            "server": {"listen": "127.0.0.1:7443"},
            "tls": {"certificate": at("tls/cert.pem"), "private_key": at("tls/key.pem"),
                    "client_ca": at("tls/ca.pem"), "crl": at("tls/crl.pem")},
            "access": {"grants_required": True, "founders": admins},
            "store": {"path": at("store")},
            "backup": {"directory": at("backups")},
            "keys": {"root_key_file": at("root.key"), "directory": at("keys"),
                     "standby": at("standby")},
            "ledger": {"calendar": at("calendar.toml")},
            "audit": {"checkpoint_copy": at("copies"), "archive": at("archive")},
            "matcher": {"calibration": str(SOURCE / "deploy/calibration.json")},
            "metrics": {"listen": "127.0.0.1:9464"},
            "log": {"level": "info"},
        })

    def test_a_server_with_nothing_wrong(self):
        found, done = self.place().examine()
        self.assertEqual(found.keys() - OF_THE_MACHINE, set(), done.stdout)
        self.assertEqual(done.returncode, 0)

    def test_each_misconfiguration_is_named_with_its_cure(self):
        self.assertGreaterEqual(len({case.finding for case in CASES}), CASES_MIN)
        for case in CASES:
            with self.subTest(case.finding):
                if case.how is foreign_owner and os.geteuid() != 0:
                    continue
                place = self.place()
                case.how(place)
                found, done = place.examine()
                self.assertIn(case.finding, found, done.stdout)
                self.assertEqual(found[case.finding]["severity"], case.severity)
                self.assertNotIn("{", found[case.finding]["what"] + found[case.finding]["cure"])
                self.assertGreater(len(found[case.finding]["cure"]), 4)
                wrong = any(one["severity"] == "error" for one in found.values())
                self.assertEqual(done.returncode, 1 if wrong else 0)
        print(f"\n{len(CASES)} misconfigurations of {len({c.finding for c in CASES})} kinds")

    def test_no_configuration_at_all(self):
        done = run("ladonctl", "doctor", "--no-service", "--config", "/nowhere/ladond.toml",
                   check=False)
        self.assertIn("There is no configuration /nowhere/ladond.toml", done.stdout)
        self.assertIn("ladonctl setup", done.stdout)
        self.assertEqual(done.returncode, 1)

    def test_certificates_that_end(self):
        place = self.place()
        year = 365 * 24 * 3_600
        clock = FakeClock(place.directory, year - 10 * 24 * 3_600)
        found, done = place.examine(env=clock.env)
        self.assertIn("certificate_expires", found, done.stdout)
        self.assertIn("crl_expired", found, done.stdout)
        clock.set(year + 24 * 3_600)
        found, done = place.examine(env=clock.env)
        self.assertIn("certificate_expired", found, done.stdout)
        clock.set(-2 * year)
        found, done = place.examine(env=clock.env)
        self.assertIn("certificate_not_yet", found, done.stdout)


class SetupTest(unittest.TestCase):
    """The files of `ladonctl setup` where there is no systemd: they serve, and nothing is made twice."""

    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="ladon-setup-"))
        self.addCleanup(shutil.rmtree, self.root)

    def arguments(self, root):
        if os.geteuid() != 0:
            self.skipTest("setup gives files to a user: root only")
        return ("setup", "--no-service", "--yes", "--prefix", root, "--user", "root", "--listen",
                "127.0.0.1:0", "--time-zone", "Asia/Tomsk", "--dns", "core.example")

    def assert_serves(self, root):
        config = root / "etc/ladon/ladond.toml"
        text = config.read_text(encoding="utf-8")
        self.assertIn('time_zone = "Asia/Tomsk"', text)
        config.write_text(text.replace("/usr/share/ladon/", f"{SOURCE}/deploy/"),
                          encoding="utf-8")
        checked = subprocess.run([BIN / "ladond", "--config", config, "--check-config"],
                                 capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        for name in ("sysadmin", "backup"):
            shown = run("ladonctl", "pki", "show", root / f"etc/ladon/identities/{name}/cert.pem")
            self.assertIn("sysadmin", shown.stdout)
        self.assertEqual(list(root.rglob("*.making")), [])

    def test_killed_at_any_moment_it_is_simply_run_again(self):
        begin = time.monotonic()
        run("ladonctl", *self.arguments(self.root / "whole"))
        whole = time.monotonic() - begin
        killed, moments = 0, 20
        for moment in range(moments):
            root = self.root / str(moment)
            cut = subprocess.Popen([BIN / "ladonctl", *self.arguments(root)], env=clean_environment(),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                cut.wait(whole * moment / moments)
            except subprocess.TimeoutExpired:
                cut.kill()
                killed += cut.wait() == -signal.SIGKILL
            run("ladonctl", *self.arguments(root))
            self.assert_serves(root)
        self.assertGreater(killed, 0)

    def test_what_was_half_made_is_made_anew(self):
        for name in ("pki.making/ca/key.pem", "root.key.making", "ladond.toml.making",
                     "tls/key.pem.new", "identities/sysadmin.making/key.pem"):
            path = self.root / "etc/ladon" / name
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.write_text("half", encoding="ascii")
        run("ladonctl", *self.arguments(self.root))
        self.assert_serves(self.root)

    def test_files_that_serve(self):
        root = self.root
        arguments = self.arguments(root)
        told = run("ladonctl", *arguments).stdout
        self.assertIn("Start the server: ladond --config", told)
        self.assert_serves(root)
        before = {path: path.read_bytes() for path in (root / "etc/ladon").rglob("*")
                  if path.is_file()}
        told = run("ladonctl", *arguments).stdout
        self.assertEqual(told.count("(was there and stays)"), 4, told)
        self.assertEqual(before, {path: path.read_bytes() for path in (root / "etc/ladon").rglob("*")
                                  if path.is_file()})
        shown = run("ladonctl", "pki", "show", root / "etc/ladon/tls/cert.pem").stdout
        self.assertIn("DNS:core.example", shown)

    def test_what_it_refuses(self):
        done = run("ladonctl", "setup", "--no-service", "--yes", "--prefix", "/nowhere/at/all",
                   "--user", "nobody-of-this-name", check=False)
        self.assertEqual(done.returncode, 4)
        self.assertIn("there is no user nobody-of-this-name", done.stderr)
        done = run("ladonctl", "setup", "--no-service", "--yes", "--prefix", "/nowhere", "--school",
                   "S", "--prices", "p.csv", check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("Give --caterer", done.stderr)


if __name__ == "__main__":
    unittest.main()
