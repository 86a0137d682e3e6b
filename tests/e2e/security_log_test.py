"""Goal: who did what is recorded before anybody hears of it, found by those who may look, and
proved to whoever need not trust the server; what was tampered with, cut off or put back is found.

Method: the real ladond, ladonctl and ladon-audit. Filters and pages compared with a plain loop over
everything; files changed record by record; a second host's copies held against a log that was put
back; a disk that gets full under calls that change nothing; records of years ago that are archived.
"""

import datetime
import hashlib
import json
import pathlib
import random
import re
import shutil
import unittest
import urllib.request

import grpc
from ladon_world import School, World, open_channel, refusal_of, run, wait_until
from ladon_world import accounts_service_pb2 as accounts
from ladon_world import security_service_pb2 as security

SEED = 2_209
REFUSED = 1
USAGE = 2
CANNOT_READ = 3
EXIT_CANNOT_OPEN = 3
EXIT_NOT_DURABLE = 4
RANGE = 65_536  # Records of an archive.


def audit_tool(*arguments):
    return run("ladon-audit", "security", *arguments, check=False)


class SecurityWorld(unittest.TestCase):
    """A server on which two schools have eaten, and those who watch over it."""

    def setUp(self):
        self.world = World(SEED)
        self.addCleanup(self.world.close)
        self.world.start()
        self.school, self.other = School(self.world), School(self.world, name="Школа № 2")
        self.child = self.school.child(money=50_000, card=True)
        for _ in range(3):
            self.sell()
        refusal_of(self.school.till.terminal.IdentifyAndDebit,
                   self.school.sale(self.school.new_card(), self.school.basket(School.TEA)))
        refusal_of(self.school.till.accounts.GetBalance,
                   accounts.GetBalanceRequest(account_id=self.child.account_id))
        self.other.child(money=1_000)
        self.officer = self.world.client(self.world.identity("data-protection-officer"))
        self.admin = self.world.client(self.world.identity("security-admin"))
        self.auditor = self.world.client(self.world.identity("auditor"))
        self.files = self.world.directory / "security"
        self.files.mkdir()
        self.keys = self.files / "security.vkey"
        self.checkpoint = self.files / "checkpoint"
        self.ctl("checkpoint", "--out", self.checkpoint, "--key-out", self.keys)

    def sell(self):
        self.school.till.terminal.IdentifyAndDebit(
            self.school.sale(self.child.card, self.school.basket(School.SOUP)))

    def ctl(self, *arguments, identity=None, check=True):
        return run("ladonctl", "--server", self.world.server.address, "--identity",
                   identity or self.admin.identity, "security", *arguments, check=check)

    def export(self, name, *arguments):
        path = self.files / name
        self.ctl("export", "--out", path, *arguments)
        return path

    def verified(self, *arguments):
        done = audit_tool(*arguments, "--key", self.keys)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def refused(self, *arguments, code=REFUSED):
        done = audit_tool(*arguments, "--key", self.keys)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertTrue(done.stderr.startswith("ladon-audit: "), done.stderr)
        self.assertNotIn("\u2713", done.stdout)
        return done.stderr

    def events(self, client=None, page_size=1000, **filters):
        """Every page of a list."""
        stub = (client or self.admin).security
        request = security.ListSecurityEventsRequest(page_size=page_size, **filters)
        found = []
        while True:
            page = stub.ListSecurityEvents(request)
            self.assertLessEqual(len(page.events), page_size)
            found += page.events
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token

    def size(self, path=None):
        return int((path or self.checkpoint).read_text().split("\n")[1])


class ListTest(SecurityWorld):
    def test_filters_and_pages_agree_with_a_plain_loop(self):
        everything = self.events()
        self.assertEqual([e.index for e in everything], list(range(len(everything))))
        middle = everything[len(everything) // 2]
        cases = (
            ({"calls": ["TerminalService/IdentifyAndDebit"]},
             lambda e: e.call == "TerminalService/IdentifyAndDebit"),
            ({"events": [103, 901]}, lambda e: e.event in (103, 901)),
            ({"events": [103], "calls": ["AccountsService/TopUp"]},
             lambda e: e.call in ("TerminalService/IdentifyAndDebit", "AccountsService/TopUp")),
            ({"actor_id": self.school.terminal_id},
             lambda e: e.actor_id == self.school.terminal_id),
            ({"school_id": self.other.school_id}, lambda e: e.school_id == self.other.school_id),
            ({"object_id": self.child.account_id},
             lambda e: e.object_id == self.child.account_id),
            ({"outcomes": [security.SECURITY_OUTCOME_REFUSED]},
             lambda e: e.outcome == security.SECURITY_OUTCOME_REFUSED),
            ({"roles": ["terminal", "sysadmin"]}, lambda e: e.role in ("terminal", "sysadmin")),
            ({"roles": ["terminal"], "outcomes": [security.SECURITY_OUTCOME_SUCCESS],
              "school_id": self.school.school_id},
             lambda e: e.role == "terminal" and e.outcome == security.SECURITY_OUTCOME_SUCCESS
             and e.school_id == self.school.school_id))
        for filters, passes in cases:
            wanted = [e.index for e in everything if passes(e)]
            self.assertTrue(0 < len(wanted) < len(everything), filters)
            for page_size in (1, 2, 1000):
                found = [e.index for e in self.events(page_size=page_size, **filters)
                         if e.index < len(everything)]
                self.assertEqual(found, wanted, filters)
                newest = [e.index for e in self.events(page_size=page_size, newest_first=True,
                                                       **filters) if e.index < len(everything)]
                self.assertEqual(newest, wanted[::-1], filters)
        since = self.events(**{"from": middle.at})
        self.assertEqual(since[0].at, middle.at)
        before = self.events(until=middle.at)
        self.assertEqual(before[-1].index + 1, since[0].index)

    def test_a_record_tells_everything_that_it_must(self):
        sale = self.events(calls=["TerminalService/IdentifyAndDebit"],
                           outcomes=[security.SECURITY_OUTCOME_SUCCESS])[-1]
        self.assertEqual((sale.event, sale.role, sale.reason), (103, "terminal", 0))
        self.assertEqual(sale.actor_id, self.school.terminal_id)
        self.assertEqual(sale.school_id, self.school.school_id)
        self.assertEqual(len(sale.request), 32)
        self.assertGreater(len(sale.certificate_serial), 0)
        self.assertRegex(sale.peer, r"^ipv4:127\.0\.0\.1:\d+$")
        self.assertTrue(sale.HasField("journal_index"))
        self.assertRegex(sale.software_version, r"^\d+\.\d+")
        denied = self.events(calls=["AccountsService/GetBalance"],
                             outcomes=[security.SECURITY_OUTCOME_REFUSED])[-1]
        self.assertEqual(denied.reason, 20)  # NOT_PERMITTED
        self.assertFalse(denied.HasField("journal_index"))
        # Looking is recorded as well.
        self.assertGreater(len(self.events(calls=["SecurityLogService/ListSecurityEvents"])), 1)

    def test_nothing_personal_is_in_it(self):
        path = self.export("all.seclog")
        content = path.read_bytes()
        for text in ("Петрова", "Иван", "Суп", "Школа"):
            self.assertNotIn(text.encode(), content)
        self.assertNotIn(self.child.card.uid, content)

    def test_an_officer_of_one_school_sees_that_school_alone(self):
        own = self.world.client(self.world.identity("data-protection-officer",
                                                    self.school.school_id))
        seen = self.events(own)
        self.assertGreater(len(seen), 5)
        self.assertEqual({e.school_id for e in seen}, {self.school.school_id})
        self.assertEqual([e.index for e in self.events(own, school_id=self.school.school_id)][
            :len(seen)], [e.index for e in seen])
        asked = refusal_of(own.security.ListSecurityEvents, security.ListSecurityEventsRequest(
            school_id=self.other.school_id))
        self.assertEqual((asked.reason, asked.field), ("SCHOOL_UNKNOWN", "school_id"))
        self.assertEqual({e.school_id for e in self.events(self.officer)},
                         {b"", self.school.school_id, self.other.school_id})
        for stranger in (self.world.sysadmin, self.school.till, self.school.cashier, self.auditor):
            self.assertEqual(refusal_of(stranger.security.ListSecurityEvents,
                                        security.ListSecurityEventsRequest()).reason,
                             "NOT_PERMITTED")
        self.assertEqual(refusal_of(lambda: list(self.officer.security.ExportSecurityLog(
            security.ExportSecurityLogRequest()))).reason, "NOT_PERMITTED")

    def test_ladonctl_shows_it_to_people_and_to_machines(self):
        told = json.loads(self.ctl("events", "--json", "--outcome", "refused", "--oldest-first",
                                   identity=self.officer.identity).stdout)
        self.assertTrue(told["complete"])
        self.assertEqual({e["outcome"] for e in told["events"]}, {"refused"})
        self.assertIn("CARD_UNKNOWN", {e["reason"] for e in told["events"]})
        table = self.ctl("events", "--call", "AccountsService/GetBalance", "--outcome",
                         "refused").stdout
        self.assertIn("You are not permitted to do this.", table)
        local, utc = re.search(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) +"
                               r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)", table).groups()
        self.assertEqual(datetime.datetime.fromisoformat(local).astimezone(datetime.timezone.utc),
                         datetime.datetime.fromisoformat(utc.replace("Z", "+00:00")))
        self.assertIn(self.school.terminal_id.hex(), table)
        short = json.loads(self.ctl("events", "--json", "--limit", "2").stdout)
        self.assertEqual((len(short["events"]), short["complete"]), (2, False))
        self.assertGreater(short["events"][0]["record"], short["events"][1]["record"])
        self.assertIn("there are more", self.ctl("events", "--limit", "2").stdout)
        self.assertIn("no such records", self.ctl("events", "--until", "2020-01-01").stdout)
        oldest = told["events"][-1]["at"]

        def newest():
            return json.loads(self.ctl("events", "--json", "--limit", "1").stdout)["events"][0]["at"]

        # Times are told to the second: until one has passed nothing is before the newest.
        since = wait_until(lambda: newest() if newest() > oldest else None, "a later second")
        before = json.loads(self.ctl("events", "--json", "--until", since).stdout)["events"]
        self.assertTrue(before)
        self.assertLess(before[0]["at"], since)
        self.assertEqual(self.ctl("events", "--call", "Debit", check=False).returncode, REFUSED)

    def test_starts_and_stops_are_records_of_nobody(self):
        config = self.world.server.config_path.read_bytes()
        self.world.server.stop()
        self.world.restart()
        own = self.events(events=list(range(900, 1000)))
        self.assertEqual([e.call for e in own],
                         ["process/started", "process/configuration", "process/access-matrix",
                          "process/stopping"] + ["process/started", "process/configuration",
                                                 "process/access-matrix"])
        for event in own:
            self.assertEqual((event.role, event.actor_id, event.school_id, event.peer),
                             ("", b"", b"", ""))
        self.assertEqual(own[1].request, hashlib.sha256(config).digest())
        self.assertNotEqual(own[0].process_id, own[4].process_id)


class VerifyTest(SecurityWorld):
    def test_a_true_file_is_told(self):
        path = self.export("all.seclog")
        told = self.verified(path)
        self.assertRegex(told, r"records 0 to \d+ \(exclusive\): none is missing, changed")
        self.assertIn("/security\n", told)
        part = self.export("part.seclog", "--first", "3", "--end", "9")
        self.assertIn("records 3 to 9", self.verified(part))
        table = self.files / "records.csv"
        self.verified(part, "--csv", table)
        rows = table.read_text().splitlines()
        self.assertEqual(len(rows), 7)
        self.assertTrue(rows[1].startswith("3,2"))
        self.assertIn("The checkpoint is signed", run("ladon-audit", "verify", self.checkpoint,
                                                      "--key", self.keys).stdout)

    def records_of(self, path):
        """(head, records, tree) of a file: the format, written a second time."""
        whole = path.read_bytes()
        self.assertEqual(whole[:4], b"LSL1")
        first, end = (int.from_bytes(whole[at:at + 8], "big") for at in (4, 12))
        at = 24 + int.from_bytes(whole[20:24], "big")
        head, records = whole[:at], []
        for _ in range(end - first):
            size = int.from_bytes(whole[at:at + 2], "big")
            records.append(whole[at:at + 2 + size])
            at += 2 + size
        return head, records, whole[at:]

    def test_every_kind_of_tampering_is_named(self):
        path = self.export("all.seclog")
        head, records, tree = self.records_of(path)
        copy = self.files / "spoilt.seclog"

        def spoilt(changed, head=head, tree=tree):
            copy.write_bytes(head + b"".join(changed) + tree)
            return self.refused(copy)

        def with_end(end):
            return head[:12] + end.to_bytes(8, "big") + head[20:]

        # Outcome "refused" becomes "success": two bytes behind version, index, time and event.
        victim = next(i for i, record in enumerate(records) if record[2 + 20:2 + 22] == b"\0\1")
        whitewashed = records[victim][:22] + b"\0\0" + records[victim][24:]
        self.assertIn(f"record {victim}: was changed",
                      spoilt(records[:victim] + [whitewashed] + records[victim + 1:]))
        self.assertIn(f"record {victim}: is missing",
                      spoilt(records[:victim] + records[victim + 1:], with_end(len(records) - 1)))
        swapped = list(records)
        swapped[victim], swapped[victim + 1] = swapped[victim + 1], swapped[victim]
        self.assertIn(f"record {victim}: is not in its place", spoilt(swapped))
        self.assertIn("cut off", self.refused_bytes(copy, path.read_bytes()[:-1]))
        self.assertIn("cut off", self.refused_bytes(copy, head + b"".join(records[:-1])))
        # With its hash in the tree put right as well, the tree is not the signed one.
        leaf_hash = hashlib.sha256(b"\0" + records[victim][2:]).digest()
        self.assertIn(leaf_hash, tree)
        forged = tree.replace(leaf_hash, hashlib.sha256(b"\0" + whitewashed[2:]).digest())
        self.assertIn("another root", spoilt(records[:victim] + [whitewashed]
                                             + records[victim + 1:], tree=forged))
        # Another checkpoint of the same log, and one of another key.
        self.sell()
        newer = self.export("newer.seclog")
        newer_head = self.records_of(newer)[0]
        size = int.from_bytes(newer_head[20:24], "big")
        mixed = head[:20] + newer_head[20:24 + size]
        self.refused_bytes(copy, mixed + b"".join(records) + tree)
        journal_key = self.files / "journal.vkey"
        run("ladonctl", "--server", self.world.server.address, "--identity",
            self.auditor.identity, "audit", "checkpoint", "--key-out", journal_key)
        self.assertEqual(audit_tool(path, "--key", journal_key).returncode, REFUSED)

    def refused_bytes(self, path, content):
        path.write_bytes(content)
        return self.refused(path)

    def test_any_byte_and_any_file(self):
        whole = self.export("all.seclog").read_bytes()
        draw = random.Random(SEED)
        copy = self.files / "spoilt.seclog"
        for _ in range(60):
            at = draw.randrange(len(whole))
            self.refused_bytes(copy, draw.choice((
                whole[:at] + bytes([whole[at] ^ 1 << draw.randrange(8)]) + whole[at + 1:],
                whole[:at], whole[:at] + whole[at + 1:], whole + b"\n",
                whole[:at] + whole[at:at + 1] + whole[at:])))
        self.refused(self.files / "nowhere", code=CANNOT_READ)
        self.assertEqual(audit_tool(copy).returncode, USAGE)

    def test_the_log_only_grew_since_an_earlier_checkpoint(self):
        size = self.size()
        for _ in range(3):
            self.sell()
        told = self.verified(self.export("all.seclog"), "--since", self.checkpoint)
        self.assertRegex(told, rf"The log only grew: from {size} to \d+ records")
        rest = self.export("rest.seclog", "--first", size)
        self.verified(rest, "--since", self.checkpoint)
        late = self.export("late.seclog", "--first", size + 1)
        self.assertIn(f"export from record {size} on",
                      self.refused(late, "--since", self.checkpoint))
        # A file of before the checkpoint does not continue it.
        newer = self.files / "newer"
        self.ctl("checkpoint", "--out", newer)
        self.assertIn("were cut off", self.refused(rest, "--since", newer))

    def test_goes_on_where_it_was_broken_off(self):
        request = security.ExportSecurityLogRequest(first=1)
        whole = list(self.admin.security.ExportSecurityLog(request))
        self.assertEqual(whole[-1].entries_done, whole[-1].entries_total)
        first = whole[0]
        request.resume_token = first.resume_token
        rest = b"".join(piece.data for piece in self.admin.security.ExportSecurityLog(request))
        path = self.files / "resumed.seclog"
        path.write_bytes(first.data + rest)
        self.verified(path)


class RollBackTest(SecurityWorld):
    def put_back(self, yesterday):
        self.world.server.stop()
        shutil.rmtree(self.world.directory / "store")
        shutil.copytree(yesterday, self.world.directory / "store")

    def keep_yesterday(self):
        self.world.server.stop()
        yesterday = self.world.directory / "yesterday"
        shutil.copytree(self.world.directory / "store", yesterday)
        self.world.restart()
        return yesterday

    def test_an_old_store_is_refused_and_goes_on_under_another_name(self):
        yesterday = self.keep_yesterday()
        # Nothing of money: the journal alone would not have noticed.
        for _ in range(5):
            self.school.balance(self.child.account_id)
        self.ctl("checkpoint", "--out", self.checkpoint)
        self.put_back(yesterday)
        done = run("ladond", "--config", self.world.server.config_path, check=False)
        self.assertEqual(done.returncode, EXIT_CANNOT_OPEN)
        self.assertRegex(done.stderr,
                         r"security log: a checkpoint over \d+ records has been signed")
        self.assertIn("--new-origin", done.stderr)
        done = run("ladond", "--config", self.world.server.config_path, "--new-origin")
        self.assertRegex(done.stdout, r"security log: lost: records \d+ to \d+ \(exclusive\)")
        self.assertNotIn("ladond: lost", done.stdout)
        kept = re.search(r"kept in (\S+):", done.stdout).group(1)
        self.assertIn("/security\n", pathlib.Path(kept).read_text())
        key = done.stdout.strip().split("\n")[-1]
        self.assertIn("/security/2+", key)
        self.world.restart()
        path = self.export("new.seclog")
        self.refused(path)  # Under the old key.
        new_key = self.files / "new.vkey"
        new_key.write_text(key + "\n")
        self.assertEqual(audit_tool(path, "--key", new_key).returncode, 0)
        # Both keys do not make the new log a continuation of the old one.
        both = self.files / "both.vkey"
        both.write_text(self.keys.read_text() + key + "\n")
        done = audit_tool(path, "--key", both, "--since", self.checkpoint)
        self.assertEqual(done.returncode, REFUSED)
        self.assertIn("of another log", done.stderr)
        named = [e for e in self.events() if e.call == "process/new-log"]
        self.assertEqual([e.request for e in named],
                         [hashlib.sha256(pathlib.Path(kept).read_bytes()).digest()])
        self.world.server.stop()
        done = run("ladond", "--config", self.world.server.config_path, "--new-origin",
                   check=False)
        self.assertIn("nothing was rolled back", done.stderr)

    def test_whoever_removes_the_servers_own_memory_is_found_by_the_second_host(self):
        yesterday = self.keep_yesterday()
        for _ in range(30):
            self.school.balance(self.child.account_id)
        self.ctl("checkpoint", "--out", self.checkpoint)  # What the second host has.
        self.put_back(yesterday)
        (self.world.directory / "keys" / "security-checkpoint").unlink()
        # The ledger's is written when somebody asks for one, or money moved for a while.
        (self.world.directory / "keys" / "checkpoint").unlink(missing_ok=True)
        self.world.restart()
        self.assertRegex(self.refused(self.export("short.seclog"), "--since", self.checkpoint),
                         r"the last \d+ were cut off")
        while len(self.events()) <= self.size() + 2:
            self.school.balance(self.child.account_id)
        self.assertIn("are not those of the earlier checkpoint",
                      self.refused(self.export("long.seclog"), "--since", self.checkpoint))

    def test_verify_ledger_reads_all_of_it(self):
        self.world.server.stop()
        done = run("ladonctl", "ledger", "verify", "--config", self.world.server.config_path)
        self.assertIn("verified", done.stdout)


class SecondHostTest(SecurityWorld):
    def restart_with(self, **audit):
        self.world.server.stop()
        self.world.server.config["audit"] = {name: str(value) if isinstance(value, pathlib.Path)
                                             else value for name, value in audit.items()}
        self.world.restart()

    def test_checkpoints_are_copied_and_trouble_is_an_alarm(self):
        host = self.world.directory / "second-host"
        host.mkdir()
        self.world.server.config["metrics"] = {
            "listen": "127.0.0.1:0", "port_file": str(self.world.directory / "metrics-port")}
        self.restart_with(checkpoint_copy=host)
        latest = host / "security-checkpoint-latest"
        wait_until(latest.exists, "a copy of a checkpoint", seconds_max=60)
        self.assertIn("only grew", self.verified(
            self.export("all.seclog"), "--since", latest))
        days = [path for path in host.iterdir() if re.fullmatch(
            r"security-checkpoint-\d{4}-\d\d-\d\d", path.name)]
        self.assertEqual(len(days), 1)
        self.assertEqual({path.name for path in host.iterdir()}, {days[0].name, latest.name})

        def failing():
            address = (self.world.directory / "metrics-port").read_text().strip()
            text = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                f"http://{address}/metrics", timeout=60).read().decode()
            return float(re.search(r"^ladon_audit_copy_failing (\S+)$", text, re.M)[1])

        self.assertEqual(failing(), 0)
        away = self.world.directory / "away"
        host.rename(away)
        self.sell()
        wait_until(failing, "the copy to fail", seconds_max=60)
        self.sell()  # Nobody goes hungry for it.
        self.assertIn("security_checkpoint_not_copied", self.world.server.log())
        alarms = [e for e in self.events() if e.call == "process/alarm"]
        self.assertEqual([e.outcome for e in alarms], [security.SECURITY_OUTCOME_FAILED])
        away.rename(host)
        before = latest.read_text()
        wait_until(lambda: not failing(), "copies to go on", seconds_max=60)
        self.assertNotEqual(latest.read_text(), before)
        # A stop signs and copies what came last.
        self.sell()
        self.world.server.stop()
        self.assertEqual(latest.read_text(),
                         (self.world.directory / "keys/security-checkpoint").read_text())

    def test_directories_that_cannot_be_right_are_refused(self):
        self.world.server.stop()
        for name, value in (("checkpoint_copy", "store/inside"), ("archive", "store"),
                            ("archive", "."), ("checkpoint_copy", "keys")):
            self.world.server.config["audit"] = {name: str(self.world.directory / value)}
            self.world.server.write_config()
            done = run("ladond", "--config", self.world.server.config_path, check=False)
            self.assertEqual(done.returncode, 2, value)
            self.assertIn(f"[audit] {name} must be apart", done.stderr)
        self.world.server.config["audit"] = {"keep_days": 36_501}
        self.world.server.write_config()
        done = run("ladond", "--config", self.world.server.config_path, check=False)
        self.assertIn("keep_days must be 0 to 36500", done.stderr)


class FullDiskTest(unittest.TestCase):
    """A call that changes nothing is not answered either when its record cannot be kept."""

    def test_the_service_stops_when_it_cannot_record(self):
        with World(SEED + 1) as world:
            world.start(file_bytes_max=3 << 20)
            school = School(world)
            child = school.child(money=1_000)
            request = accounts.GetBalanceRequest(account_id=child.account_id).SerializeToString()
            answered = self.ask_until_it_stops(world, school.cashier.identity, request)
            self.assertGreater(answered, 100)
            self.assertEqual(world.server.wait(), EXIT_NOT_DURABLE, world.server.log()[-2000:])
            self.assertIn("nothing more can be made durable", world.server.log())
            world.restart()
            admin = world.client(world.identity("security-admin"))
            found, token = 0, ""
            while True:
                page = admin.security.ListSecurityEvents(security.ListSecurityEventsRequest(
                    calls=["AccountsService/GetBalance"], page_size=1000, page_token=token))
                found += len(page.events)
                token = page.next_page_token
                if not token:
                    break
            self.assertGreaterEqual(found, answered)

    def ask_until_it_stops(self, world, identity, request):
        """How many questions were answered before one was not."""
        answered = 0
        with open_channel(world.server.address, identity) as channel:
            call = channel.unary_unary("/ladon.v1.AccountsService/GetBalance")
            for _ in range(1_000):
                futures = [call.future(request, timeout=60) for _ in range(100)]
                for future in futures:
                    try:
                        future.result()
                        answered += 1
                    except grpc.RpcError as error:
                        # CANCELLED: the transport's word for what it had not yet handed over.
                        self.assertIn(error.code(), (grpc.StatusCode.UNAVAILABLE,
                                                     grpc.StatusCode.CANCELLED))
                if answered % 100 != 0 or any(f.exception() is not None for f in futures):
                    return answered
        raise AssertionError("the disk did not get full")


class ArchiveTest(unittest.TestCase):
    """Records of 2020: a server that keeps a year archives what is before its last mark."""

    def setUp(self):
        self.world = World(SEED + 2)
        self.addCleanup(self.world.close)
        self.archive = self.world.directory / "archive"
        self.archive.mkdir()
        run("audit_old_records", self.world.directory / "store", 2 * RANGE + 100)
        self.world.server.config["audit"] = {"archive": str(self.archive), "keep_days": 365}
        self.keys = self.world.directory / "security.vkey"

    def client(self):
        return self.world.client(self.world.identity("security-admin"))

    def first(self, client):
        return client.security.ListSecurityEvents(
            security.ListSecurityEventsRequest(page_size=1)).events[0].index

    def ctl(self, client, *arguments):
        return run("ladonctl", "--server", self.world.server.address, "--identity",
                   client.identity, "security", *arguments)

    def verified(self, *arguments):
        done = audit_tool(*arguments, "--key", self.keys)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_old_records_go_into_a_file_that_verifies_and_the_log_goes_on(self):
        self.world.start()
        client = self.client()
        wait_until(lambda: self.first(client) == RANGE, "old records to be archived",
                   seconds_max=120)
        self.ctl(client, "checkpoint", "--key-out", self.keys)
        path = self.archive / f"{0:012}-{RANGE:012}.seclog"
        self.assertEqual([path], list(self.archive.iterdir()))
        self.assertIn(f"records 0 to {RANGE}", self.verified(path))
        told = [e for e in client.security.ListSecurityEvents(security.ListSecurityEventsRequest(
            calls=["process/archived"])).events]
        self.assertEqual([e.request for e in told], [hashlib.sha256(path.read_bytes()).digest()])
        asked = refusal_of(lambda: list(client.security.ExportSecurityLog(
            security.ExportSecurityLogRequest(first=RANGE - 1))))
        self.assertEqual(asked.field, "first")

        # Without them it starts, signs, and proves that it continues them.
        note = self.world.directory / "note"
        self.ctl(client, "checkpoint", "--out", note)
        self.world.server.stop()
        done = run("ladonctl", "ledger", "verify", "--config", self.world.server.config_path)
        self.assertIn("verified", done.stdout)
        self.world.restart()
        rest = self.world.directory / "rest.seclog"
        self.ctl(client, "export", "--first", str(RANGE), "--out", rest)
        self.assertIn("only grew", self.verified(rest, "--since", note))
        whole = path.read_bytes()
        path.write_bytes(whole[:1000] + bytes([whole[1000] ^ 1]) + whole[1001:])
        self.assertEqual(audit_tool(path, "--key", self.keys).returncode, REFUSED)

    def test_without_its_directory_nothing_is_deleted_and_somebody_is_told(self):
        self.archive.rmdir()
        self.world.start()
        wait_until(lambda: "security_records_not_archived" in self.world.server.log(),
                   "the alarm", seconds_max=120)
        self.assertEqual(self.first(self.client()), 0)

    def test_kept_for_ever_unless_configured(self):
        for audit in ({"archive": str(self.archive), "keep_days": 0}, {"keep_days": 1}):
            self.world.server.config["audit"] = audit
            self.world.start()
            self.assertEqual(self.first(self.client()), 0)
            self.world.server.stop()
        self.assertEqual(list(self.archive.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
