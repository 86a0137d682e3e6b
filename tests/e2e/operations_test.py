"""Goal: whatever is wrong around the server (configuration, keys, store, disk), it refuses with a
sentence that says what to do, loses nothing, and tells nobody outside about people.

Method: the real ladond against files spoilt one at a time and put back; a full disk made with a
small tmpfs and, where mounting is not permitted, with a file-size limit; canaries (names, card
numbers, a template) searched for in logs, metrics, store and keys, raw, in hex and in base64.
"""

import base64
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest
import urllib.request

import grpc
from ladon_palms import Palm
from ladon_world import (BIN, School, World, clean_environment, date_of, mode_of,
                         mount_small_disk, refusal_of, run, toml_of, wait_until)
from ladon_world import accounts_service_pb2 as accounts
from ladon_world import admin_service_pb2 as admin
from ladon_world import enrolment_service_pb2 as enrolment
from ladon_world import types_pb2 as types

SEED = 505
EXIT_CONFIGURATION = 2
EXIT_CANNOT_OPEN = 3
EXIT_NOT_DURABLE = 4
TMPFS_MIB = 160


def check(config_path):
    return run("ladond", "--config", config_path, "--check-config", check=False)


class ConfigurationTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(SEED, metrics=True)
        cls.world.server.write_config()
        cls.text = cls.world.server.config_path.read_text()
        cls.path = cls.world.directory / "spoilt.toml"

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def refused(self, text, *patterns, code=EXIT_CONFIGURATION):
        self.path.write_text(text, encoding="utf-8")
        done = check(self.path)
        made = [name for name in ("store", "keys") if (self.world.directory / name).exists()]
        self.forget_store()
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        for pattern in patterns:
            self.assertRegex(done.stderr, pattern)
        self.assertEqual(made, [], "it began before it looked")

    def forget_store(self):
        for name in ("store", "keys"):
            shutil.rmtree(self.world.directory / name, ignore_errors=True)

    def line_of(self, text, part):
        return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)

    def replaced(self, old, new):
        self.assertIn(old, self.text)
        return self.text.replace(old, new, 1)

    def test_unknown_keys_and_sections_name_their_line(self):
        for section in ("server", "tls", "store", "keys", "metrics", "log"):
            with self.subTest(section):
                text = self.replaced(f"[{section}]\n", f"[{section}]\nlissten = \"x\"\n")
                self.refused(text, f"line {self.line_of(text, 'lissten')}\\b", "lissten",
                             re.escape(f"[{section}]"))
        text = self.text + "[sever]\nlisten = \"127.0.0.1:0\"\n"
        self.refused(text, f"line {self.line_of(text, '[sever]')}\\b", "sever")
        self.refused("listen = \"127.0.0.1:0\"\n" + self.text, "line 1\\b", "listen")

    def test_wrong_types_and_broken_syntax_name_their_line(self):
        for old, new in (("reflection = false", "reflection = \"no\""),
                         ("reflection = false", "reflection = 0"),
                         ("create = true", "create = \"true\""),
                         ("level = \"debug\"", "level = 3"),
                         ("listen = \"127.0.0.1:0\"", "listen = 7443"),
                         ("listen = \"127.0.0.1:0\"", "listen = [\"127.0.0.1:0\"]"),
                         ("create = true", "create = true\ncreate = false"),
                         ("create = true", "create = "),
                         ("[store]", "[store")):
            with self.subTest(new):
                text = self.replaced(old, new)
                line = self.line_of(text, new.splitlines()[-1])
                self.refused(text, f"line {line}\\b")

    def test_contradictions_name_their_line(self):
        world = self.world.directory
        for label, old, new, named in (
                ("no such level", "level = \"debug\"", "level = \"loud\"", "level"),
                ("metrics off but announced", "[metrics]\nlisten = \"127.0.0.1:0\"",
                 "[metrics]\nlisten = \"\"", "port_file"),
                ("no port", "listen = \"127.0.0.1:0\"", "listen = \"127.0.0.1\"", "listen"),
                ("no such port", "listen = \"127.0.0.1:0\"", "listen = \"127.0.0.1:77777\"",
                 "listen"),
                ("metrics for everybody", "[metrics]\nlisten = \"127.0.0.1:0\"",
                 "[metrics]\nlisten = \"0.0.0.0:0\"", "listen"),
                ("keys in the store", f"directory = \"{world}/keys\"",
                 f"directory = \"{world}/store\"", "directory"),
                ("keys in the store, spelt otherwise", f"directory = \"{world}/keys\"",
                 f"directory = \"{world}/./store/\"", "directory"),
                ("keys below the store", f"directory = \"{world}/keys\"",
                 f"directory = \"{world}/store/keys\"", "directory")):
            with self.subTest(label):
                self.refused(self.replaced(old, new), named, r"line \d+")

    def test_missing_keys_are_named(self):
        for key in ("certificate", "private_key", "client_ca", "path", "root_key_file",
                    "directory", "calibration"):
            with self.subTest(key):
                text = re.sub(rf"^{key} = .*\n", "", self.text, flags=re.MULTILINE)
                self.refused(text, rf"\] {key}\b")

    def test_calibrations_that_cannot_be_trusted(self):
        shipped = pathlib.Path(re.search(r'^calibration = "(.*)"$', self.text,
                                         re.MULTILINE).group(1)).read_text(encoding="utf-8")
        stale = json.loads(shipped)
        stale["made_for"]["template_version"] = 1
        del stale["sha256"]
        content = json.dumps(stale, ensure_ascii=False, separators=(",", ":"))
        stale["sha256"] = hashlib.sha256(content.encode()).hexdigest()
        path = self.world.directory / "calibration.json"
        for label, text, named in (
                ("missing", None, "no such file"),
                ("foreign", self.text, "not a Ladon calibration file"),
                ("empty", "", "not a Ladon calibration file"),
                ("changed", shipped.replace("24000", "29000"), "digest differs"),
                ("stale", json.dumps(stale), "was made for")):
            with self.subTest(label):
                path.unlink(missing_ok=True)
                if text is not None:
                    path.write_text(text, encoding="utf-8")
                config = re.sub(r'^calibration = ".*"$', f'calibration = "{path}"', self.text,
                                flags=re.MULTILINE)
                self.refused(config, re.escape(str(path)), named, "ladon-eval calibrate",
                             code=EXIT_CANNOT_OPEN)

    def test_files_that_are_no_configuration(self):
        self.assertEqual(run("ladond", check=False).returncode, EXIT_CONFIGURATION)
        missing = run("ladond", "--config", self.world.directory / "none.toml", check=False)
        self.assertEqual(missing.returncode, EXIT_CONFIGURATION)
        self.assertIn("none.toml", missing.stderr)
        directory = check(self.world.directory)
        self.assertEqual(directory.returncode, EXIT_CONFIGURATION, directory.stderr)
        self.refused("", "missing")
        self.refused("#" * 70_000, "64 KiB")
        self.path.write_bytes(b"\x00\xff\xfe\x7fELF" * 100)
        self.assertEqual(check(self.path).returncode, EXIT_CONFIGURATION)

    def test_certificates(self):
        self.addCleanup(self.forget_store)  # Certificates are read after the store is open.
        pki = self.world.pki
        spoilt = self.world.directory / "spoilt-tls"
        spoilt.mkdir()
        (spoilt / "empty.pem").touch()
        (spoilt / "text.pem").write_text("no certificate\n")
        shutil.copy(pki / "server/key.pem", spoilt / "open-key.pem")
        (spoilt / "open-key.pem").chmod(0o644)
        other = self.world.directory / "other-pki"
        run("ladonctl", "pki", "init", "--dir", other)
        for label, old, new in (
                ("certificate missing", "server/cert.pem", "server/none.pem"),
                ("key missing", "server/key.pem", "server/none.pem"),
                ("authority missing", "server/ca.pem", "server/none.pem"),
                ("certificate empty", f"{pki}/server/cert.pem", f"{spoilt}/empty.pem"),
                ("certificate is text", f"{pki}/server/cert.pem", f"{spoilt}/text.pem"),
                ("key open to others", f"{pki}/server/key.pem", f"{spoilt}/open-key.pem"),
                ("key of another certificate", f"{pki}/server/key.pem",
                 f"{other}/server/key.pem")):
            with self.subTest(label):
                text = self.replaced(old, new)
                self.path.write_text(text)
                done = run("ladond", "--config", self.path, check=False)
                self.assertEqual(done.returncode, EXIT_CANNOT_OPEN, done.stderr)
                self.assertRegex(done.stderr, re.escape(new) if "another" not in label
                                 else "do not belong together")


class SpoiltFilesTest(unittest.TestCase):
    """One good installation; each test spoils a file, is refused, puts it back."""

    @classmethod
    def setUpClass(cls):
        cls.world = World(SEED + 1).start()
        cls.school = School(cls.world)
        cls.child = cls.school.child(money=77_700, card=True, palm=Palm(50))
        cls.world.server.stop()
        cls.world.restart()  # Now the store has table files, not a log alone.
        cls.school.till.terminal.IdentifyAndDebit(
            cls.school.sale(cls.child.card, cls.school.basket(School.TEA)))
        cls.world.server.stop()
        cls.store = cls.world.directory / "store"
        cls.keys = cls.world.directory / "keys"
        cls.config = cls.world.server.config_path
        cls.backup = cls.world.directory / "backup"
        for source in (cls.store, cls.keys):
            shutil.copytree(source, cls.backup / source.name)

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def setUp(self):
        self.assertEqual(check(self.config).returncode, 0, "the good installation is refused")

    def tearDown(self):
        """After everything was put back it opens and nothing is lost."""
        self.world.restart()
        self.assertEqual(self.school.balance(self.child.account_id), 76_200)
        self.assertEqual(self.school.identify(
            probe=self.school.probe(self.child.palm)).payer.display_name, "Иван П., 5А")
        self.assertEqual(self.world.server.stop(), 0)

    def put_back(self):
        """Both: the keys know what the newest store has signed."""
        for directory in (self.store, self.keys):
            shutil.rmtree(directory)
            shutil.copytree(self.backup / directory.name, directory)
            directory.chmod(0o700)

    def refused(self, *patterns):
        done = check(self.config)
        self.assertEqual(done.returncode, EXIT_CANNOT_OPEN, done.stdout + done.stderr)
        for pattern in patterns:
            self.assertRegex(done.stderr, pattern)

    def test_root_key(self):
        key, good = self.world.root_key, self.world.root_key.read_bytes()
        aside = self.world.directory / "root.aside"

        def write(content, mode=0o400):
            key.unlink(missing_ok=True)
            key.write_bytes(content)
            key.chmod(mode)

        try:
            key.rename(aside)
            self.refused(re.escape(str(key)), "ladonctl keys init")
            key.symlink_to(aside)
            self.refused("symbolic link")
            for label, content, pattern in (
                    ("empty", b"", "restore it from its backup"),
                    ("half", good[:len(good) // 2], "truncated"),
                    ("longer", good + b"x", "truncated or has grown"),
                    ("no hex", good[:-2] + b"!\n", "damaged"),
                    ("newer", good.replace(b"key 1", b"key 2"), "version"),
                    ("another key", good[:18] + good[18:-1][::-1] + b"\n", "root key")):
                with self.subTest(label):
                    write(content)
                    self.refused(pattern)
            for mode in (0o440, 0o404, 0o644):
                with self.subTest(oct(mode)):
                    write(good, mode)
                    self.refused("chmod 0400")
        finally:
            write(good)

    def test_key_directory(self):
        epoch, table = self.keys / "epoch.key", self.keys / "wrapped.table"

        def cut(path, size):
            path.write_bytes(path.read_bytes()[:size])

        def bump_version(path):
            data = bytearray(path.read_bytes())
            data[4] += 1
            path.write_bytes(data)

        for label, spoil, patterns in (
                ("directory gone", lambda: shutil.rmtree(self.keys), [str(self.keys)]),
                ("directory open to others", lambda: self.keys.chmod(0o750), ["chmod 0700"]),
                ("epoch key missing", epoch.unlink, ["epoch.key", "restore"]),
                ("epoch key empty", lambda: cut(epoch, 0), ["epoch.key", "restore"]),
                ("epoch key cut", lambda: cut(epoch, epoch.stat().st_size - 1), ["epoch.key"]),
                ("epoch key newer", lambda: bump_version(epoch), ["epoch.key", "version 3"]),
                ("epoch key open to others", lambda: epoch.chmod(0o640), ["chmod 0600"]),
                ("table missing", table.unlink, ["wrapped.table", "restore"]),
                ("table empty", lambda: cut(table, 0), ["wrapped.table"]),
                ("table cut to its header", lambda: cut(table, 27), ["restore"]),
                ("table cut to half", lambda: cut(table, table.stat().st_size // 2),
                 ["restore"]),
                ("table newer", lambda: bump_version(table), ["wrapped.table", "version 3"]),
                ("table open to others", lambda: table.chmod(0o604), ["chmod 0600"])):
            with self.subTest(label):
                try:
                    spoil()
                    self.refused(*patterns)
                finally:
                    if not self.keys.exists():
                        self.keys.mkdir()
                    self.put_back()

    def test_keys_of_another_installation(self):
        with World(SEED + 2) as other:
            other.start()
            School(other).child(card=True)
            other.server.stop()
            try:
                shutil.rmtree(self.keys)
                shutil.copytree(other.directory / "keys", self.keys)
                self.keys.chmod(0o700)
                self.refused("another store")
            finally:
                self.put_back()

    def test_store(self):
        def largest(pattern):
            return max(self.store.glob(pattern), key=lambda path: path.stat().st_size)

        def cut(pattern, share):
            path = largest(pattern)
            path.write_bytes(path.read_bytes()[:int(path.stat().st_size * share)])

        def flip(pattern):
            path = largest(pattern)
            data = bytearray(path.read_bytes())
            data[len(data) // 3] ^= 0x40
            path.write_bytes(data)

        def replace_by_file():
            shutil.rmtree(self.store)
            self.store.write_text("not a store")

        for label, spoil, patterns in (
                ("open to others", lambda: self.store.chmod(0o755), ["chmod 700"]),
                ("a file in its place", replace_by_file, ["not a directory"]),
                ("CURRENT missing", (self.store / "CURRENT").unlink, ["CURRENT", "backup"]),
                ("CURRENT empty", lambda: cut("CURRENT", 0), ["store"]),
                ("MANIFEST empty", lambda: cut("MANIFEST-*", 0), ["store"]),
                ("MANIFEST cut", lambda: cut("MANIFEST-*", 0.5), ["store"]),
                ("table cut", lambda: cut("*.sst", 0.5), ["store"]),
                ("table empty", lambda: cut("*.sst", 0), ["store"]),
                ("table missing", lambda: largest("*.sst").unlink(), ["store"]),
                ("table flipped", lambda: flip("*.sst"), [])):
            with self.subTest(label):
                try:
                    spoil()
                    self.refused(*patterns)
                finally:
                    if self.store.is_file():
                        self.store.unlink()
                        self.store.mkdir()
                    self.put_back()

    def test_store_that_is_not_there_is_not_made_by_accident(self):
        config = {name: dict(section) for name, section in self.world.server.config.items()}
        config["store"] |= {"create": False, "path": str(self.world.directory / "mistyped")}
        path = self.world.directory / "mistyped.toml"
        path.write_text(toml_of(config))
        done = check(path)
        self.assertEqual(done.returncode, EXIT_CANNOT_OPEN, done.stderr)
        self.assertIn("mistyped", done.stderr)
        self.assertFalse((self.world.directory / "mistyped").exists())

    def test_an_old_store_never_gets_new_keys(self):
        """With create = true and the keys gone, fresh keys would lock every record away."""
        try:
            shutil.rmtree(self.keys)
            self.refused(str(self.keys))
            self.keys.mkdir(mode=0o700)
            self.refused("epoch.key")
            self.assertEqual(list(self.keys.iterdir()), [])
        finally:
            self.put_back()

    def test_a_second_process_is_kept_out(self):
        self.world.restart()
        self.refused("process|lock")
        self.assertEqual(self.school.balance(self.child.account_id), 76_200)
        self.world.server.stop()

    def test_a_port_that_is_taken(self):
        self.world.restart()
        with World(SEED + 3) as second:
            # One that has something to write on its way out.
            second.start()
            School(second).child(money=1_000)
            second.server.stop()
            second.server.config["server"]["listen"] = self.world.server.address
            second.server.write_config()
            done = run("ladond", "--config", second.server.config_path, check=False)
            self.assertEqual(done.returncode, EXIT_CANNOT_OPEN, done.stderr)
            self.assertIn(self.world.server.address, done.stderr)
        self.assertEqual(self.school.balance(self.child.account_id), 76_200)
        self.world.server.stop()

    def test_what_is_made_is_for_this_user_alone(self):
        for path in (self.store, self.keys):
            self.assertEqual(mode_of(path), 0o700)
        for path in self.keys.iterdir():
            self.assertEqual(mode_of(path) & 0o077, 0, path)
        self.assertEqual(mode_of(self.world.root_key), 0o400)
        self.assertEqual(mode_of(self.world.pki / "ca/key.pem"), 0o400)


class FullDiskTest(unittest.TestCase):
    """No acknowledgement without durability: the process stops and says why, nothing is lost."""

    def fill_until_it_stops(self, world, school, child):
        """Sells and writes large price lists until a call fails; returns (answered, open)."""
        answered, unanswered = {}, []
        items = [admin.PriceListItem(item_id=world.id(), category=1, unit_price_kopecks=number,
                                     name=f"{number:03}" + "Щ" * 97) for number in range(1, 501)]
        for _ in range(3_000):
            sale = school.sale(child.card, school.basket(School.TEA))
            try:
                answered[sale.request_id] = school.till.terminal.IdentifyAndDebit(
                    sale).transaction_id
                world.sysadmin.admin.PutPriceList(admin.PutPriceListRequest(
                    request_id=world.id(), price_list=admin.PriceList(
                        caterer_id=school.caterer_id, items=list(school.items) + items[:490],
                        valid_from=date_of(school.today()))))
            except grpc.RpcError as error:
                if sale.request_id not in answered:
                    unanswered.append(sale)
                self.assertEqual(error.code(), grpc.StatusCode.UNAVAILABLE, error.details())
                return answered, unanswered
        raise AssertionError("the disk did not get full")

    def check_stopped_and_recovered(self, world, make_room):
        school = School(world)
        child = school.child(money=10_000_000, card=True)
        answered, unanswered = self.fill_until_it_stops(world, school, child)
        self.assertEqual(world.server.wait(), EXIT_NOT_DURABLE, world.server.log()[-2000:])
        self.assertRegex(world.server.log(), "ladond: nothing more can be made durable.*"
                                             "(?i:space|too large|disk)")
        self.assertGreater(len(answered), 0)
        make_room()
        world.restart()
        for sale in unanswered:
            answered[sale.request_id] = school.till.terminal.IdentifyAndDebit(sale).transaction_id
        booked = [line.transaction_id for line in school.statement(child.account_id)
                  if line.kind == accounts.STATEMENT_KIND_MEAL]
        self.assertEqual(sorted(booked), sorted(answered.values()))
        self.assertEqual(world.server.stop(), 0)

    def test_file_size_limit(self):
        with World(SEED + 4) as world:
            world.start(file_bytes_max=3 << 20)
            self.check_stopped_and_recovered(world, make_room=lambda: None)

    def test_small_file_system(self):
        mount_point = pathlib.Path(tempfile.mkdtemp(prefix="ladon-e2e-small-"))
        self.addCleanup(mount_point.rmdir)
        mount_small_disk(self, mount_point, TMPFS_MIB)
        with World(SEED + 5, store=mount_point / "store") as world:
            world.start()
            ballast = mount_point / "ballast"
            with open(ballast, "wb") as file:
                free = os.statvfs(mount_point)
                file.write(bytes(max(0, free.f_bavail * free.f_bsize - (76 << 20))))
            self.check_stopped_and_recovered(world, make_room=ballast.unlink)

    def test_a_full_disk_at_the_start(self):
        """The store cannot even be made: a refusal, and the next start with room works."""
        with World(SEED + 7) as world:
            world.server.write_config()
            blocked = subprocess.run(
                ["prlimit", "--fsize=64", str(BIN / "ladond"), "--config",
                 world.server.config_path],
                capture_output=True, text=True, timeout=120, check=False, env=clean_environment())
            self.assertEqual(blocked.returncode, EXIT_CANNOT_OPEN,
                             f"{blocked.stdout}{blocked.stderr}")
            world.start()
            School(world).child(money=100)
            self.assertEqual(world.server.stop(), 0)


class PrivacyTest(unittest.TestCase):
    """Canaries: what must not be seen outside, in every form it could be written in."""

    @classmethod
    def setUpClass(cls):
        cls.world = World(SEED + 8, metrics=True)
        cls.log_file = cls.world.directory / "json.log"
        cls.world.server.config["log"] = {"level": "debug", "file": str(cls.log_file)}
        cls.world.start()
        cls.school = School(cls.world, name="Школа Канареечная")
        cls.palm = Palm(60)
        cls.card = types.Card(technology=types.CARD_TECHNOLOGY_ISO14443A,
                              uid=bytes.fromhex("04c4a7e9b15d83"),
                              reader_profile=types.READER_PROFILE_TRANSMISSION_ORDER)
        child = cls.school.child("Канарейкина", "Аполлинария", "9Ъ", money=123_456, palm=cls.palm)
        cls.school.bind(child, cls.card)
        cls.child = child
        cls.live()

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    @classmethod
    def live(cls):
        """A day with everything in it, refusals too."""
        school = cls.school
        school.identify(probe=school.probe(cls.palm))
        sale = school.sale(cls.card, school.basket(School.SOUP))
        school.till.terminal.IdentifyAndDebit(sale)
        school.till.terminal.Cancel(school.cancel(sale.request_id))
        refusal_of(school.identify, probe=school.probe(Palm(61)))
        refusal_of(school.till.terminal.IdentifyAndDebit, school.sale(
            cls.card, types.Basket(caterer_id=school.caterer_id, total_kopecks=1)))
        bad = enrolment.CreateSubjectRequest(request_id=cls.world.id(),
                                             kind=enrolment.SUBJECT_KIND_PUPIL)
        bad.name.family_name, bad.name.given_name = "Канарейкина\u200b", "Аполлинария"
        refusal_of(school.desk.enrolment.CreateSubject, bad)
        other = school.child("Канарейкина", "Серафима", "9Ъ")
        refusal_of(school.bind, other, cls.card)
        school.desk.enrolment.SetCardState(enrolment.SetCardStateRequest(
            request_id=cls.world.id(), card=cls.card, state=types.CARD_STATE_LOST))
        refusal_of(school.identify, card=cls.card)
        cls.metrics_address = (cls.world.directory / "metrics-port").read_text().strip()
        cls.metrics = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            f"http://{cls.metrics_address}/metrics", timeout=60).read()

    def needles(self):
        code = self.palm.code()
        plain = {"family name": "Канарейкина".encode(), "given name": "Аполлинария".encode(),
                 "second child": "Серафима".encode(), "card": self.card.uid,
                 "card backwards": self.card.uid[::-1], "template head": code[4:36],
                 "template middle": code[200:232], "probe": self.palm.code(1)[4:36]}
        for label, needle in plain.items():
            yield label, needle
            yield label + " in hex", needle.hex().encode()
            yield label + " in HEX", needle.hex().upper().encode()
            for shift in range(3):  # base64 of a text that holds it at any offset:
                text = base64.b64encode(bytes(shift) + needle)  # the digits it alone decides.
                first, end = -(-shift * 8 // 6), (shift + len(needle)) * 8 // 6
                yield f"{label} in base64+{shift}", text[first:end]

    def assert_no_canary(self, label, content):
        for needle_label, needle in self.needles():
            self.assertGreaterEqual(len(needle), 7)
            self.assertNotIn(needle, content, f"{needle_label} in {label}")

    def test_the_search_would_find_them(self):
        code = self.palm.code()
        for content in ("{Канарейкина}".encode(), b"x" + self.card.uid.hex().encode(),
                        base64.b64encode(b"ab" + code), code):
            with self.assertRaises(AssertionError):
                self.assert_no_canary("bait", content)

    def test_log_is_json_lines_without_people(self):
        content = self.log_file.read_bytes()
        events = set()
        for line in content.decode("utf-8").splitlines():
            entry = json.loads(line)
            self.assertIsInstance(entry["at_ms"], int)
            self.assertIn(entry["level"], ("debug", "info", "warning", "error"))
            events.add(entry["event"])
        self.assertLessEqual({"serving", "call_refused"}, events)
        self.assert_no_canary("the log", content)
        self.assert_no_canary("standard error", self.world.server.log_path.read_bytes())

    def test_metrics_have_figures_without_people(self):
        text = self.metrics.decode()
        self.assertRegex(text, r'ladon_calls_total\{[^}]*reason="OK"[^}]*\} [1-9]')
        self.assertRegex(text, r'ladon_calls_total\{[^}]*reason="PALM_NOT_RECOGNISED"[^}]*\} 1')
        for name in ("ladon_call_seconds_bucket", "ladon_commit_queue", "ladon_journal_entries",
                     "ladon_audit_records", "ladon_palm_samples"):
            self.assertIn(name, text)
        self.assertRegex(text, r"\nladon_palm_samples 3\n")
        self.assert_no_canary("the metrics", self.metrics)
        for one in (self.school.school_id, self.child.subject_id, self.child.account_id):
            self.assertNotIn(one.hex(), text)

    def test_metrics_are_on_loopback(self):
        self.assertTrue(self.metrics_address.startswith("127."))

    def test_nothing_on_disk_is_legible(self):
        self.world.server.stop()
        files = 0
        try:
            for directory in ("store", "keys"):
                for path in (self.world.directory / directory).rglob("*"):
                    if path.is_file():
                        self.assert_no_canary(path.name, path.read_bytes())
                        files += 1
        finally:
            self.world.restart()
        self.assertGreater(files, 5)


class DeadlineTest(unittest.TestCase):
    def test_a_call_whose_time_is_over_is_not_carried_out_later(self):
        with World(SEED + 9) as world:
            world.start()
            school = School(world)
            child = school.child(money=10_000, card=True)
            sale = school.sale(child.card, school.basket(School.TEA))
            with self.assertRaises(grpc.RpcError) as caught:
                school.till.terminal.IdentifyAndDebit(sale, timeout=1e-6)
            self.assertEqual(caught.exception.code(), grpc.StatusCode.DEADLINE_EXCEEDED)
            # Whatever became of it, a repeat under the same id settles it: one meal, not two.
            school.till.terminal.IdentifyAndDebit(sale)
            self.assertEqual(school.balance(child.account_id), 8_500)
            wait_until(world.server.running, "the server to live on", 1)


if __name__ == "__main__":
    unittest.main()
