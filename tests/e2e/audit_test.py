"""Goal: what the ledger proves, a stranger checks with files, a key and no server of ours.

Method: the real ladond, ladonctl and ladon-audit. Receipts, checkpoints and consistency proofs are
taken from a live server and verified offline; each file is spoilt at many places; the store is put
back to an older copy; a witness sees the log grow, and a log that did not.
"""

import os
import pathlib
import random
import re
import shutil
import subprocess
import unittest

from ladon_world import SOURCE, School, World, mode_of, refusal_of, run, wait_until
from ladon_world import audit_service_pb2 as audit

SEED = 909
REFUSED = 1
USAGE = 2
CANNOT_READ = 3
EXIT_CANNOT_OPEN = 3
GO_PACKAGES = pathlib.Path("/usr/share/gocode")  # Where Debian puts them.


def tool(*arguments):
    return run("ladon-audit", *arguments, check=False)


class ProofWorld(unittest.TestCase):
    """A server with a child that has eaten, an auditor, and the tools at hand."""

    @classmethod
    def setUpClass(cls):
        cls.world = World(SEED)
        cls.world.start()
        cls.school = School(cls.world)
        cls.child = cls.school.child(money=50_000, card=True)
        cls.sell()
        cls.auditor = cls.world.client(cls.world.identity("auditor"))
        cls.files = cls.world.directory / "proofs"
        cls.files.mkdir()
        cls.keys = cls.files / "ladon.vkey"
        cls.ctl("checkpoint", "--out", cls.files / "checkpoint", "--key-out", cls.keys)

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    @classmethod
    def sell(cls):
        sale = cls.school.sale(cls.child.card, cls.school.basket(School.SOUP, School.TEA))
        return cls.school.till.terminal.IdentifyAndDebit(sale)

    @classmethod
    def ctl(cls, *arguments, identity=None):
        return run("ladonctl", "--server", cls.world.server.address, "--identity",
                   identity or cls.auditor.identity, "audit", *arguments)

    def verified(self, *arguments):
        done = tool("verify", *arguments, "--key", self.keys)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def refused(self, *arguments, code=REFUSED):
        done = tool("verify", *arguments, "--key", self.keys)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertTrue(done.stderr.startswith("ladon-audit: "), done.stderr)
        self.assertNotIn("\u2713", done.stdout)
        return done.stderr

    def receipt(self, line):
        out = self.files / f"receipt-{line.journal_index}"
        self.ctl("receipt", self.child.account_id.hex(), "--index",
                 str(line.journal_index), "--out", out, identity=self.school.cashier.identity)
        return out


class AuditTest(ProofWorld):
    def test_checkpoint(self):
        out = self.verified(self.files / "checkpoint")
        self.assertIn("The checkpoint is signed", out)
        head = self.auditor.audit.GetCheckpoint(audit.GetCheckpointRequest())
        self.assertEqual(self.keys.read_text().split(), list(head.verifier_keys))
        origin, size, _ = head.checkpoint.split("\n")[:3]
        self.assertTrue(origin.startswith("ladon/"))
        self.assertGreater(int(size), 5)

    def test_every_line_of_a_statement_has_its_receipt(self):
        lines = self.school.statement(self.child.account_id)
        self.assertGreaterEqual(len(lines), 3)
        for line in lines:
            out = self.receipt(line)
            text = self.verified(f"{out}.tlog-proof")
            self.assertIn(f"Entry {line.journal_index} is in the journal", text)
            self.assertIn(self.child.account_id.hex(), text)
            if line.transaction_id:
                rubles = f"{line.balance_kopecks // 100}.{line.balance_kopecks % 100:02}"
                self.assertIn(f"sequence {line.sequence}, balance {rubles}", text)
        # The caterer's part of a meal is a commitment and nothing else.
        self.assertIn("not shown (of others): 2", text)

    def test_a_receipt_is_for_its_own_account_and_school(self):
        other = self.school.child(family="Сидорова", money=1_000)
        index = self.school.statement(other.account_id)[-1].journal_index
        request = audit.GetReceiptRequest(account_id=self.child.account_id, journal_index=index)
        refused = refusal_of(self.school.cashier.audit.GetReceipt, request)
        self.assertEqual((refused.reason, refused.field), ("FIELD_INVALID",
                                                           "journal_index"))
        request.journal_index = 10**9
        refused = refusal_of(self.school.cashier.audit.GetReceipt, request)
        self.assertEqual(refused.field, "journal_index")
        stranger = School(self.world, name="Школа № 2")
        request.journal_index = self.school.statement(self.child.account_id)[-1].journal_index
        self.assertEqual(refusal_of(stranger.cashier.audit.GetReceipt, request).reason,
                         "ACCOUNT_UNKNOWN")
        self.assertEqual(refusal_of(self.auditor.audit.GetReceipt, request).reason,
                         "NOT_PERMITTED")

    def test_spoilt_receipts_are_refused_with_a_reason(self):
        out = self.receipt(self.school.statement(self.child.account_id)[-1])
        draw = random.Random(SEED)
        for ending in (".tlog-proof", ".entry"):
            whole = pathlib.Path(f"{out}{ending}").read_bytes()
            for _ in range(40):
                at = draw.randrange(len(whole))
                spoilt = (whole[:at] + bytes([whole[at] ^ 1 << draw.randrange(8)]) + whole[at + 1:],
                          whole[:at], whole[:at] + whole[at + 1:])[draw.randrange(3)]
                copy = self.files / "spoilt"
                for name in (".tlog-proof", ".entry"):
                    shutil.copy(f"{out}{name}", f"{copy}{name}")
                pathlib.Path(f"{copy}{ending}").write_bytes(spoilt)
                self.refused(f"{copy}.tlog-proof")

    def test_consistency_and_witness(self):
        old = self.files / "old"
        self.ctl("checkpoint", "--out", old)
        size = old.read_text().split("\n")[1]
        self.sell()
        growth = self.files / "growth"
        self.ctl("consistency", "--old-size", size, "--out", growth)
        self.assertIn("The journal only grew", self.verified(growth, "--old", old))
        self.refused(growth, code=USAGE)
        newest = self.files / "newest"
        self.ctl("checkpoint", "--out", newest)
        self.refused(growth, "--old", newest)
        seed = self.files / "witness.key"
        seed.write_text("07" * 32 + "\n")
        state = self.files / "witness.state"
        shutil.copy(old, state)
        arguments = ("witness", growth, "--key", self.keys, "--state", state, "--name",
                     "witness.example", "--seed", seed)
        done = tool(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"^\u2014 witness\.example [A-Za-z0-9+/=]+\n$")
        seen = state.read_text()
        self.assertNotEqual(seen.split("\n")[1], size)
        # The same proof once more: it begins where the witness is no longer.
        done = tool(*arguments)
        self.assertEqual(done.returncode, REFUSED, done.stdout)
        self.assertEqual(state.read_text(), seen)
        refused = refusal_of(self.auditor.audit.GetConsistencyProof,
                             audit.GetConsistencyProofRequest(old_size=10**9))
        self.assertEqual(refused.field, "old_size")

    def test_the_whole_log_as_tiles(self):
        folder = self.files / "log"
        while self.school.statement(self.child.account_id)[-1].journal_index < 270:
            self.school.top_up(self.child.account_id, 100)  # More than one tile.
        self.ctl("tiles", "--out", folder)
        size = int((folder / "checkpoint").read_text().split("\n")[1])
        self.assertGreater(size, 256)
        names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
        part = f".p/{size - 256}"
        self.assertEqual(names, {"checkpoint", "tile/entries/000", f"tile/entries/001{part}",
                                 "tile/0/000", f"tile/0/001{part}", "tile/1/000.p/1"})
        self.assertIn("The whole journal agrees", self.verified(folder))
        # Nobody's account or sum is in it.
        everything = b"".join((folder / name).read_bytes() for name in names)
        self.assertNotIn(self.child.account_id, everything)
        self.assertNotIn(self.school.school_id, everything)
        draw = random.Random(SEED)
        for name in sorted(names):
            path = folder / name
            whole = path.read_bytes()
            for _ in range(8):
                at = draw.randrange(len(whole))
                path.write_bytes(draw.choice((
                    whole[:at] + bytes([whole[at] ^ 1 << draw.randrange(8)]) + whole[at + 1:],
                    whole[:at], whole + b"\n", whole[:at] + whole[at:at + 1] + whole[at:])))
                self.refused(folder)
            path.unlink()
            self.refused(folder, code=CANNOT_READ)
            path.write_bytes(whole)
        # Later: what is full is kept, the rest is fetched.
        self.sell()
        self.ctl("tiles", "--out", folder)
        self.verified(folder)

    def test_files_that_are_not_there(self):
        self.refused(self.files / "nowhere", code=CANNOT_READ)
        done = tool("verify", self.files / "checkpoint", "--key", self.files / "nowhere")
        self.assertEqual(done.returncode, CANNOT_READ)
        self.assertEqual(tool().returncode, USAGE)
        self.assertEqual(tool("--help").returncode, 0)

    def test_signed_by_itself_within_seconds(self):
        kept = self.world.directory / "keys/checkpoint"
        before = kept.read_text()
        self.sell()
        wait_until(lambda: kept.read_text() != before, "a checkpoint nobody asked for")
        self.assertEqual(mode_of(kept), 0o600)
        self.verified(kept)


class ForeignToolTest(ProofWorld):
    """The same files, verified with the packages of Go's checksum database."""

    @classmethod
    def setUpClass(cls):
        if shutil.which("go") is None or not (GO_PACKAGES / "src/golang.org/x/mod/sumdb").is_dir():
            raise unittest.SkipTest("no foreign verifier tried: golang-go and "
                                    "golang-golang-x-mod-dev are missing (./dev set-up check)")
        super().setUpClass()
        cls.program = cls.files / "verify"
        done = subprocess.run(
            ["go", "build", "-o", str(cls.program), "verify.go"], cwd=SOURCE / "tests/e2e/foreign",
            capture_output=True, text=True, timeout=300,
            env=os.environ | {"GO111MODULE": "off", "GOPATH": str(GO_PACKAGES), "GOFLAGS": "",
                              "GOCACHE": str(cls.world.directory / "go-cache")})
        if done.returncode != 0:
            raise AssertionError(done.stderr)

    def go(self, *arguments):
        return run(str(self.program), self.keys, *arguments, check=False)

    def agrees(self, expected, *arguments):
        done = self.go(*arguments)
        self.assertEqual((done.returncode, done.stdout.strip()), (0, expected), done.stderr)

    def test_go_agrees(self):
        old = self.files / "old-for-go"
        self.ctl("checkpoint", "--out", old)
        size = old.read_text().split("\n")[1]
        self.agrees(f"size {size}", "checkpoint", old)
        self.sell()
        growth = self.files / "growth-for-go"
        self.ctl("consistency", "--old-size", size, "--out", growth)
        now = growth.read_text().split("\n\n")[1].split("\n")[1]
        self.agrees(f"from {size} to {now}", "consistency", old, growth)
        for line in self.school.statement(self.child.account_id):
            out = self.receipt(line)
            done = self.go("receipt", f"{out}.tlog-proof", f"{out}.entry")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(f"entry {line.journal_index} of", done.stdout)
        entry = bytearray(pathlib.Path(f"{out}.entry").read_bytes())
        entry[20] ^= 1
        spoilt = self.files / "spoilt-for-go.entry"
        spoilt.write_bytes(entry)
        self.assertNotEqual(self.go("receipt", f"{out}.tlog-proof", spoilt).returncode, 0)


class RolledBackStoreTest(unittest.TestCase):
    def test_yesterdays_store_does_not_start(self):
        with World(SEED + 1) as world:
            world.start()
            school = School(world)
            child = school.child(money=50_000, card=True)
            world.server.stop()
            store = world.directory / "store"
            shutil.copytree(store, world.directory / "yesterday")
            world.restart()
            school.till.terminal.IdentifyAndDebit(
                school.sale(child.card, school.basket(School.SOUP)))
            school.cashier.audit.GetCheckpoint(audit.GetCheckpointRequest())
            world.server.stop()
            today = world.directory / "today"
            store.rename(today)
            shutil.copytree(world.directory / "yesterday", store)
            world.server.write_config()
            done = run("ladond", "--config", world.server.config_path, check=False)
            self.assertEqual(done.returncode, EXIT_CANNOT_OPEN, done.stdout + done.stderr)
            self.assertRegex(done.stderr, "a checkpoint over [0-9]+ entries has been signed")
            self.assertIn("bring back the newest copy", done.stderr)
            self.assertIn("ladond --new-origin", done.stderr)
            shutil.rmtree(store)
            shutil.copytree(today, store)
            # The newest copy is there: there is nothing to accept.
            done = run("ladond", "--config", world.server.config_path, "--new-origin", check=False)
            self.assertEqual(done.returncode, EXIT_CANNOT_OPEN)
            self.assertIn("nothing was rolled back", done.stderr)
            world.restart()
            self.assertEqual(school.balance(child.account_id), 50_000 - 4_500)

    def test_a_new_signing_key_takes_over_while_both_sign(self):
        with World(SEED + 3) as world:
            world.start()
            auditor = world.client(world.identity("auditor"))
            ask = audit.GetCheckpointRequest()
            first = auditor.audit.GetCheckpoint(ask)
            for now, before in ((2, 1), (2, 0)):
                world.server.stop()
                world.server.config["ledger"] = {"signing_key": now, "signing_key_before": before}
                world.restart()
                School(world)  # Something new to sign.
                note = auditor.audit.GetCheckpoint(ask)
                self.assertEqual(len(note.verifier_keys), 2 if before else 1)
                self.assertNotEqual(note.verifier_keys[0], first.verifier_keys[0])
                path = world.directory / "note"
                path.write_text(note.checkpoint)
                for number, known in enumerate((note.verifier_keys[0], first.verifier_keys[0])):
                    key = world.directory / "one.vkey"
                    key.write_text(known + "\n")
                    expected = 0 if number == 0 or before else REFUSED
                    self.assertEqual(tool("verify", path, "--key", key).returncode, expected)
            world.server.stop()
            world.server.config["ledger"] = {"signing_key": 2, "signing_key_before": 2}
            world.server.write_config()
            done = run("ladond", "--config", world.server.config_path, check=False)
            self.assertIn("signing_key_before must be a lower number", done.stderr)

    def test_a_lost_day_begins_a_new_log_that_names_the_old_one(self):
        with World(SEED + 2) as world:
            world.start()
            school = School(world)
            child = school.child(money=50_000, card=True)
            auditor = world.client(world.identity("auditor"))
            world.server.stop()
            store = world.directory / "store"
            shutil.copytree(store, world.directory / "yesterday")
            world.restart()
            for _ in range(3):
                school.till.terminal.IdentifyAndDebit(
                    school.sale(child.card, school.basket(School.SOUP)))
            old = auditor.audit.GetCheckpoint(audit.GetCheckpointRequest())
            old_size = int(old.checkpoint.split("\n")[1])
            world.server.stop()
            shutil.rmtree(store)
            (world.directory / "yesterday").rename(store)
            done = run("ladond", "--config", world.server.config_path, "--new-origin")
            lost = re.search(r"lost: entries (\d+) to (\d+) \(exclusive\), (\d+) of them",
                             done.stdout)
            self.assertEqual([int(n) for n in lost.groups()], [old_size - 3, old_size, 3])
            kept = pathlib.Path(re.search(r"^ladond: lost: .* kept in (\S+):", done.stdout,
                                          re.M).group(1))
            self.assertEqual(kept.read_text(), old.checkpoint)
            key = world.directory / "new.vkey"
            key.write_text(done.stdout.strip().split("\n")[-1] + "\n")
            origin = old.checkpoint.split("\n")[0]
            self.assertTrue(key.read_text().startswith(origin + "/2+"))
            # The security log was put back as well: it has another name too.
            self.assertRegex(done.stdout, r"security log: lost: records \d+ to \d+ \(exclusive\)")
            self.assertIn(f"\n{origin}/security/2+", done.stdout)

            world.restart()
            self.assertEqual(school.balance(child.account_id), 50_000)
            school.till.terminal.IdentifyAndDebit(
                school.sale(child.card, school.basket(School.TEA)))
            extract = world.directory / "new.ladon"
            run("ladonctl", "--server", world.server.address, "--identity", auditor.identity,
                "audit", "extract", "--out", extract)
            told = tool("verify", extract, "--key", key)
            self.assertEqual(told.returncode, 0, told.stderr)
            # What was signed under the old name is another log's, for everybody.
            old_key = world.directory / "old.vkey"
            old_key.write_text("\n".join(old.verifier_keys) + "\n")
            self.assertEqual(tool("verify", extract, "--key", old_key).returncode, REFUSED)
            rows = tool("convert", extract, "--key", key, "--to", "csv").stdout
            origins = [row for row in rows.splitlines() if ",origin," in row]
            self.assertEqual(len(origins), 2)
            self.assertTrue(origins[1].startswith(f"{old_size - 3},"))
            world.server.stop()
            done = run("ladonctl", "ledger", "verify", "--config", world.server.config_path)
            self.assertRegex(done.stdout, r"verified \d+ entries, every commitment")
            done = run("ladond", "--config", world.server.config_path, "--new-origin", check=False)
            self.assertIn("nothing was rolled back", done.stderr)


if __name__ == "__main__":
    unittest.main()
