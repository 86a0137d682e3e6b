"""Goal: what operators and cashiers run does its work against a real server, and a till that died
between sending and hearing never charges twice and never forgets.

Method: ladonctl noun by noun with --json; an import of a class list, dry and real; ladon-terminal
with a card, also behind a relay that loses the answer or the request once an attempt stands in
the till's log, and killed there; five seconds of ladon-load.
"""

import datetime
import json
import select
import signal
import socket
import subprocess
import threading
import unittest

import grpc
from ladon_palms import Palm
from ladon_world import (BIN, Refusal, School, World, clean_environment, run, today_in,
                         wait_until)
from ladon_world import accounts_service_pb2 as accounts
from ladon_world import enrolment_service_pb2 as enrolment

SEED = 606
EXIT_DONE, EXIT_REFUSED, EXIT_USAGE, EXIT_UNKNOWN, EXIT_LOCAL = range(5)

world = None


def setUpModule():
    global world
    world = World(SEED).start()


def tearDownModule():
    world.close()


class Ctl:
    """ladonctl --json as one identity; the exit code must be the expected one."""

    def __init__(self, identity, zone):
        self.identity = identity
        self.zone = zone

    def __call__(self, *arguments, expect=EXIT_DONE):
        done = run("ladonctl", "--server", world.server.address, "--identity", self.identity,
                   "--json", *arguments, check=False, env={"TZ": self.zone})
        if done.returncode != expect:
            raise AssertionError(f"ladonctl {arguments} exited with {done.returncode}, expected "
                                 f"{expect}:\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def table(self, *arguments):
        return run("ladonctl", "--server", world.server.address, "--identity", self.identity,
                   *arguments, env={"TZ": self.zone, "LADON_LANG": "ru"}).stdout


class LadonctlTest(unittest.TestCase):
    def test_a_school_from_nothing_to_a_statement(self):
        school_zone = School(world).zone  # Broad day there now.
        admin = Ctl(world.sysadmin.identity, school_zone)
        school = admin("school", "create", "--name", "Лицей 7", "--time-zone", school_zone,
                       "--show-balance", "on")
        school_id = school["school_id"]
        changed = admin("school", "settings", school_id, "--biometrics", "on",
                        "--biometrics-document", "ORDER-7", "--free-amount-max", "500")
        self.assertEqual((changed["biometrics"], changed["show_balance_at_till"],
                          changed["free_amount_max_kopecks"]), (True, True, 50_000))
        self.assertIn(school_id, [each["school_id"] for each in admin("school", "list")])

        terminal = admin("terminal", "register", "--school", school_id, "--label", "касса 1")
        self.assertEqual(admin("terminal", "block", terminal["terminal_id"])["state"], "blocked")
        self.assertEqual(admin("terminal", "unblock", terminal["terminal_id"])["state"], "active")
        self.assertEqual(admin("terminal", "list", "--school", school_id)[0]["label"], "касса 1")
        caterer = admin("caterer", "create", "--school", school_id, "--name", "Комбинат питания")
        self.assertEqual(admin("caterer", "list", "--school", school_id), [caterer])

        prices = world.directory / "prices.csv"
        prices.write_bytes("Категория;Название;Цена\n10;Суп;45,00\n20;\"Чай; с лимоном\";15\n"
                           .encode("cp1251"))
        put = admin("prices", "put", prices, "--caterer", caterer["caterer_id"])
        self.assertEqual(sorted(item["unit_price_kopecks"] for item in put["items"]),
                         [1_500, 4_500])
        self.assertEqual(admin("prices", "show", "--caterer", caterer["caterer_id"]), put)

        identities = world.directory
        for role in ("enroller", "senior-cashier"):
            run("ladonctl", "pki", "issue", "--dir", world.pki, "--role", role, "--school",
                school_id, "--out", identities / role)
        shown = json.loads(run("ladonctl", "--json", "pki", "show",
                               identities / "enroller/cert.pem").stdout)
        self.assertIn(f"URI:ladon://{school_id}/enroller/", shown[0]["names"][0])
        desk = Ctl(identities / "enroller", school_zone)
        cashier = Ctl(identities / "senior-cashier", school_zone)

        child = desk("subjects", "add", "--family-name", "Белкина", "--given-name", "Вера",
                     "--class", "2А", "--external-id", "L-1", "--purse", "buffet")
        subject, account = child["subject_id"], child["purses"][0]["account_id"]
        renamed = desk("subjects", "rename", subject, "--class", "3А")
        self.assertEqual((renamed["class"], renamed["family_name"]), ("3А", "Белкина"))
        self.assertEqual(desk("subjects", "block", subject)["state"], "blocked")
        self.assertEqual(desk("subjects", "unblock", subject)["state"], "active")
        self.assertEqual(len(desk("subjects", "list")), 1)

        document = world.directory / "consent.txt"
        document.write_text("signed")
        until = today_in(school_zone) + datetime.timedelta(days=100)
        self.assertTrue(desk("consent", "record", "--subject", subject, "--kind", "biometric",
                             "--document", document, "--authority-checked", "--until", until))
        self.assertTrue(desk("subjects", "list")[0]["biometric_consent"])
        desk("consent", "record", "--subject", subject, "--kind", "personal-data", "--document",
             document, "--until", until, expect=EXIT_REFUSED)
        self.assertEqual(desk("consent", "withdraw", "--subject", subject, "--kind",
                              "biometric")["palm_samples_removed"], 0)

        card = desk("card", "bind", "--subject", subject, "--card", "04a1b2c3d4e5f6")
        for command in ("block", "lost", "activate"):
            self.assertEqual(desk("card", command, "--card-id", card["card_id"])["card_id"],
                             card["card_id"])

        top_up = cashier("account", "top-up", account, "150.50")
        self.assertEqual((top_up["amount_kopecks"], top_up["balance_kopecks"]), (15_050, 15_050))
        again = cashier("account", "top-up", account, "150.50", "--request-id",
                        top_up["request_id"])
        self.assertTrue(again["replayed"])
        cashier("account", "overdraft", account, "100")
        cashier("account", "freeze", account)
        balance = cashier("account", "balance", account)
        self.assertEqual((balance["balance_kopecks"], balance["overdraft_limit_kopecks"],
                          balance["frozen"]), (15_050, 10_000, True))
        cashier("account", "unfreeze", account)
        statement = cashier("account", "statement", account)
        self.assertEqual([line["kind"] for line in statement],
                         ["terms", "top_up", "terms", "terms", "terms"])
        whole_school = cashier("limits", "set", "--school", "--per-day", "300", "--ban", "9")
        self.assertEqual(whole_school["per_service_day_kopecks"], 30_000)
        cashier("limits", "set", "--account", account, "--per-purchase", "120.50")
        self.assertEqual(cashier("limits", "show", "--account", account),
                         {"per_purchase_kopecks": 12_050, "per_service_day_kopecks": None,
                          "banned_categories": []})
        self.assertEqual(cashier("limits", "show", "--school")["banned_categories"], [9])
        self.assertIn("120,50", cashier.table("limits", "show", "--account", account))
        cashier("limits", "set", "--school")
        self.assertIsNone(cashier("limits", "show", "--school")["per_service_day_kopecks"])
        cashier("entitlements", "set", "--account", account, "--category", "1", "--cap", "45.50",
                "--uses", "2", "--from", "2026-09-01", "--to", "2027-05-31", "--document",
                "приказ 12")
        self.assertEqual(cashier("entitlements", "show", "--account", account),
                         [{"category": 1, "cap_kopecks": 4_550, "uses_per_day": 2,
                           "valid_from": "2026-09-01", "valid_to": "2027-05-31"}])
        self.assertIn("45,50", cashier.table("entitlements", "show", "--account", account))
        cashier("entitlements", "clear", "--account", account)
        self.assertEqual(cashier("entitlements", "show", "--account", account), [])
        self.assertEqual(cashier("operation", "show", top_up["request_id"])["state"],
                         "succeeded")
        self.assertIn("150,50", cashier.table("account", "statement", account))

    def test_exit_codes_tell_apart_what_went_wrong(self):
        school = School(world)
        desk = Ctl(school.desk.identity, school.zone)
        refused = desk("subjects", "add", "--family-name", "Белкина", "--given-name", "Вера4",
                       "--class", "2А", expect=EXIT_REFUSED)["error"]
        self.assertEqual((refused["reason"], refused["field"], refused["fate"]),
                         ("ERROR_REASON_FIELD_INVALID", "name.given_name", "refused"))
        denied = desk("school", "list", expect=EXIT_REFUSED)["error"]
        self.assertEqual(denied["reason"], "ERROR_REASON_NOT_PERMITTED")
        cashier = Ctl(school.cashier.identity, school.zone)
        run_bad = run("ladonctl", "account", "top-up", "12", "5", check=False)
        self.assertEqual(run_bad.returncode, EXIT_USAGE)
        world.server.stop()
        try:
            lost = cashier("--timeout-ms", "500", "account", "top-up", "11" * 16, "5",
                           expect=EXIT_UNKNOWN)["error"]
            self.assertEqual(lost["fate"], "unknown")
            self.assertRegex(lost["request_id"], "^[0-9a-f]{32}$")
        finally:
            world.restart()
        (school.cashier.identity / "key.pem").chmod(0o644)
        try:
            local = cashier("account", "balance", "11" * 16, expect=EXIT_LOCAL)["error"]
            self.assertIn("key.pem", local["message"])
        finally:
            (school.cashier.identity / "key.pem").chmod(0o400)

    def test_nothing_is_overwritten(self):
        before = world.root_key.read_bytes()
        done = run("ladonctl", "keys", "init", world.root_key, check=False)
        self.assertEqual(done.returncode, EXIT_LOCAL, done.stderr)
        self.assertEqual(world.root_key.read_bytes(), before)
        done = run("ladonctl", "pki", "init", "--dir", world.pki, check=False)
        self.assertEqual(done.returncode, EXIT_LOCAL, done.stderr)


class PalmsTest(unittest.TestCase):
    def test_palms_that_drift_to_the_threshold_are_listed(self):
        school = School(world)
        desk = Ctl(school.desk.identity, school.zone)
        steady = school.child("Ясная", palm=Palm(80))
        drifting = school.child("Смутная", palm=Palm(81))
        self.assertEqual(desk("palms", "weak"), [])
        matches, noise = 0, 0
        while matches < 3:  # Barely the same palm: some of its presentations are not found.
            noise += 1
            self.assertLess(noise, 30, "no presentation was near enough")
            school.identify(probe=school.probe(steady.palm, noise))
            probe = school.probe(drifting.palm)
            probe.codes[:] = [drifting.palm.code(noise, share=0.68)]
            try:
                school.identify(probe=probe)
                matches += 1
            except grpc.RpcError as error:
                self.assertEqual(Refusal(error).reason, "PALM_NOT_RECOGNISED")
        self.assertEqual([one["subject_id"] for one in desk("palms", "weak")],
                         [drifting.subject_id.hex()])
        self.assertEqual([one["palm_weak"] for one in desk("subjects", "list")
                          if one["subject_id"] == steady.subject_id.hex()], [False])


class ImportTest(unittest.TestCase):
    def setUp(self):
        self.school = School(world)
        self.ctl = Ctl(self.school.desk.identity, self.school.zone)
        self.file = world.directory / "list.csv"

    def write(self, pupils, encoding="utf-8", born=False):
        rows = ["Код;Фамилия;Имя;Класс" + (";Дата рождения" if born else "")] + [";".join(pupil) for pupil in pupils]
        self.file.write_bytes(("\r\n".join(rows) + "\r\n").encode(encoding))

    def pupils(self, grade):
        names = ("Абрамова Анна", "Быков Борис", "Волкова Вера", "Громов Глеб", "Дроздова Дарья",
                 "Ежов Егор", "Жукова Жанна", "Зайцев Захар", "Исаева Инна", "Котов Кирилл",
                 "Лосева Лада", "Миронов Марк")
        return [(f"L{number}", *name.split(), f"{grade}А") for number, name in enumerate(names)]

    def subjects(self):
        return {each["external_id"]: each for each in self.ctl("subjects", "list")}

    def test_dry_run_real_run_promotion_and_refusal(self):
        self.write(self.pupils(4), "cp1251")
        report = self.ctl("subjects", "import", self.file, "--dry-run")
        self.assertEqual(report["counts"]["new"], 12)
        self.assertEqual(self.subjects(), {})
        report = self.ctl("subjects", "import", self.file)
        self.assertEqual((report["applied"]["created"], report["applied"]["complete"]),
                         (12, True))
        before = self.subjects()
        self.assertEqual(len(before), 12)

        # 1 September: the class goes up, one child married into another name, one is new.
        promoted = self.pupils(5)
        promoted[2] = ("L2", "Орлова", "Вера", "5А")
        self.write(promoted + [("L99", "Яшина", "Яна", "5А")], "utf-8-sig")
        report = self.ctl("subjects", "import", self.file, "--dry-run")
        self.assertEqual({key: report["counts"][key]
                          for key in ("new", "moved", "renamed", "missing")},
                         {"new": 1, "moved": 12, "renamed": 1, "missing": 0})
        self.assertEqual([(r["from"], r["to"]) for r in report["class_renames"]],
                         [("4А", "5А")])
        self.assertEqual(self.subjects(), before)
        report = self.ctl("subjects", "import", self.file)
        self.assertEqual((report["applied"]["created"], report["applied"]["updated"]), (1, 12))
        after = self.subjects()
        self.assertEqual({key: each["subject_id"] for key, each in after.items() if key != "L99"},
                         {key: each["subject_id"] for key, each in before.items()})
        self.assertEqual((after["L2"]["family_name"], after["L2"]["class"]), ("Орлова", "5А"))
        report = self.ctl("subjects", "import", self.file)
        self.assertEqual((report["counts"]["unchanged"], report["applied"]["updated"]), (13, 0))

        # Dates of birth are entered once, where none is known, as registers write them.
        born = [(*pupil, f"{number + 1:02}.09.2015") for number, pupil in enumerate(promoted)]
        self.write(born[:11] + [(*promoted[11], ""), ("L99", "Яшина", "Яна", "5А", "2015-12-31")],
                   born=True)
        report = self.ctl("subjects", "import", self.file)
        self.assertEqual((report["counts"]["born"], report["counts"]["unchanged"],
                          report["applied"]["updated"]), (12, 1, 12))
        self.assertEqual(sorted(key for key, each in self.subjects().items()
                                if not each["birth_date_known"]), ["L11"])
        report = self.ctl("subjects", "import", self.file)
        self.assertEqual((report["counts"]["born"], report["counts"]["unchanged"]), (0, 13))
        after = self.subjects()

        self.write(promoted[:10])  # 3 of 13 are missing: the wrong file, or half of one.
        report = self.ctl("subjects", "import", self.file, expect=EXIT_USAGE)
        self.assertEqual((report["refused"], report["counts"]["missing"]),
                         ("too_many_missing", 3))
        self.assertEqual(self.subjects(), after)


class Relay:
    """Passes bytes between a till and the server until told to lose one direction."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self._target = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.lose_answers = lambda: False
        self.lose_requests = lambda: False
        self._open = True
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while self._open:
            if not select.select([self._listener], [], [], 0.05)[0]:
                continue
            till, _ = self._listener.accept()
            threading.Thread(target=self._pass_on, args=(till,), daemon=True).start()

    def _pass_on(self, till):
        with till, socket.create_connection(self._target) as server:
            while self._open:
                for ready in select.select([till, server], [], [], 0.05)[0]:
                    try:
                        chunk = ready.recv(65_536)
                    except ConnectionError:
                        return
                    if not chunk:
                        return
                    lost = self.lose_requests() if ready is till else self.lose_answers()
                    if not lost:
                        (server if ready is till else till).sendall(chunk)

    def close(self):
        self._open = False
        self._thread.join()
        self._listener.close()


class TerminalTest(unittest.TestCase):
    def setUp(self):
        self.school = School(world)
        self.child = self.school.child(money=50_000, card=True)
        self.state = world.directory / f"till-{world.draw.randbytes(4).hex()}"
        self.state.mkdir(mode=0o700)

    def command(self, *arguments, server=None):
        return [str(part) for part in (
            BIN / "ladon-terminal", "--server", server or world.server.address, "--identity",
            self.school.till.identity, "--state", self.state, "--timeout-ms", 1_000, "--json",
            *arguments)]

    def environment(self):
        return clean_environment() | {"TZ": self.school.zone}

    def till(self, *arguments, expect=EXIT_DONE, server=None):
        command = self.command(*arguments, server=server)
        done = run(command[0], *command[1:], check=False, env={"TZ": self.school.zone})
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def pay(self, *more, **options):
        return self.till("pay", "--card", self.child.card.uid.hex(), "--caterer",
                         self.school.caterer_id.hex(), *more, **options)

    def item(self, number):
        return self.school.items[number].item_id.hex()

    def meals(self):
        return [line for line in self.school.statement(self.child.account_id)
                if line.kind == accounts.STATEMENT_KIND_MEAL]

    def log(self):
        """The till's log; None before the first command made it."""
        return next(iter(self.state.glob("terminal-*.log")), None)

    def attempt_is_logged(self):
        return self.log() is not None and b'"record":"attempt"' in self.log().read_bytes()

    def test_a_day_at_the_till(self):
        shown = self.till("identify", "--card", self.child.card.uid.hex())
        self.assertEqual((shown["payer"], shown["balance_kopecks"]), ("Иван П., 5А", 50_000))
        sold = self.pay("--item", self.item(School.SOUP), "--item",
                        self.item(School.TEA) + "x2", "--total", "75")
        self.assertEqual(sold["slip"]["amount_kopecks"], 7_500)
        self.assertEqual(sold["slip"]["payer"], "Иван П., 5А")
        asked = self.pay("--item", self.item(School.SOUP), "--item",
                         self.item(School.TEA) + "x2", expect=EXIT_REFUSED)
        self.assertEqual(asked["reason"], "POSSIBLE_REPEAT")
        self.pay("--item", self.item(School.SOUP), "--item", self.item(School.TEA) + "x2",
                 "--yes")
        self.pay("--amount", "12.50")
        poor = self.pay("--amount", "450", expect=EXIT_REFUSED)
        self.assertEqual(poor["reason"], "INSUFFICIENT_FUNDS")
        returned = self.till("cancel", "last", "--reason", "wrong-basket")
        self.assertEqual(returned["slip"]["amount_kopecks"], 1_250)
        self.till("cancel", sold["request_id"], "--line", "2", "--reason", "meal-returned")
        self.assertEqual(self.till("last")["slip"]["amount_kopecks"], 3_000)
        totals = {total["kind"]: (total["count"], total["amount_kopecks"])
                  for total in self.till("totals")["totals"]}
        self.assertEqual(totals["sale"], (3, 16_250))
        self.assertEqual(totals["return"], (2, 4_250))
        self.assertEqual(self.school.balance(self.child.account_id), 38_000)

    def test_by_palm_template(self):
        palm = Palm(70)
        child = self.school.child("Зорина", money=20_000)
        self.school.consent(child, enrolment.CONSENT_KIND_PERSONAL_DATA)
        self.school.consent(child, enrolment.CONSENT_KIND_BIOMETRIC)
        files = []
        for noise in range(5):
            files.append(world.directory / f"palm-{noise}.lv")
            files[-1].write_bytes(palm.code(noise))
        command = self.command("enrol", "--subject", child.subject_id.hex(), "--side", "left",
                               "--template", files[0], "--template", files[2], "--template",
                               files[3], "--quality", 80, "--check-template", files[4])
        command[command.index(str(self.school.till.identity))] = str(self.school.desk.identity)
        done = run(command[0], *command[1:], check=False)
        self.assertEqual(done.returncode, EXIT_DONE, done.stdout + done.stderr)
        self.till("pay", "--template", files[1], "--liveness", "pass", "--caterer",
                  self.school.caterer_id.hex(), "--item", self.item(School.TEA))
        self.assertEqual(self.school.balance(child.account_id), 18_500)

    def test_an_answer_that_was_never_noted_is_settled_first(self):
        """As after a power cut between the server's commit and the till's note."""
        sold = self.pay("--item", self.item(School.SOUP))
        whole = self.log().read_bytes()
        lines = whole.splitlines(keepends=True)
        self.assertIn(b'"record":"outcome"', lines[-1])
        for cut in (b"", lines[-1][:1], lines[-1][:-1]):  # Gone, torn, torn at its last byte.
            with self.subTest(cut=cut[-20:]):
                self.log().write_bytes(b"".join(lines[:-1]) + cut)
                told = self.till("last")
                self.assertEqual([(one["request_id"], one["how"], one["amount_kopecks"])
                                  for one in told["settled"]],
                                 [(sold["request_id"], "went_through", 4_500)])
        self.assertEqual(len(self.meals()), 1)
        self.assertNotIn("settled", self.till("last"))

    def test_damage_inside_the_log_is_refused(self):
        self.pay("--item", self.item(School.SOUP))
        content = bytearray(self.log().read_bytes())
        content[len(content) // 4] ^= 1
        self.log().write_bytes(content)
        self.till("last", expect=EXIT_LOCAL)

    def pay_behind(self, relay, kill):
        """Starts a sale through the relay; kills the till once its attempt is logged, or lets it
        give up by itself."""
        command = self.command("pay", "--card", self.child.card.uid.hex(), "--caterer",
                               self.school.caterer_id.hex(), "--item", self.item(School.SOUP),
                               server=relay.address)
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=self.environment()) as process:
            wait_until(self.attempt_is_logged, "the attempt in the till's log")
            if kill:
                process.send_signal(signal.SIGKILL)
            output, errors = process.communicate(timeout=60)
            expected = -signal.SIGKILL if kill else EXIT_UNKNOWN
            self.assertEqual(process.returncode, expected, output + errors)

    def check_settled(self, sold):
        told = self.till("totals")
        self.assertEqual([one["how"] for one in told["settled"]], ["went_through"])
        self.assertEqual(len(self.meals()), sold)
        self.assertEqual(self.school.balance(self.child.account_id), 45_500)
        self.assertEqual([(total["kind"], total["count"]) for total in told["totals"]],
                         [("sale", 1)])

    def test_the_answer_gets_lost(self):
        for kill in (False, True):
            with self.subTest(kill=kill):
                self.setUp()
                relay = Relay(world.server.address)
                relay.lose_answers = self.attempt_is_logged
                try:
                    self.pay_behind(relay, kill)
                finally:
                    relay.close()
                self.check_settled(1)

    def test_the_request_gets_lost(self):
        for kill in (False, True):
            with self.subTest(kill=kill):
                self.setUp()
                relay = Relay(world.server.address)
                relay.lose_requests = self.attempt_is_logged
                try:
                    self.pay_behind(relay, kill)
                finally:
                    relay.close()
                self.assertEqual(self.meals(), [], "nothing arrived")
                self.check_settled(1)

    def test_two_commands_at_one_till_exclude_each_other(self):
        self.pay("--item", self.item(School.SOUP))
        relay = Relay(world.server.address)
        relay.lose_answers = lambda: True
        command = self.command("identify", "--card", self.child.card.uid.hex(),
                               server=relay.address)
        try:
            with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                  env=self.environment()) as process:
                try:
                    wait_until(lambda: self.holds_log(process.pid), "the first till's lock")
                    process.send_signal(signal.SIGSTOP)  # It keeps the lock as long as we look.
                    self.assertTrue(self.holds_log(process.pid))
                    self.till("last", expect=EXIT_LOCAL)
                finally:
                    process.kill()
        finally:
            relay.close()
        self.till("last")

    def holds_log(self, pid):
        inode = str(self.log().stat().st_ino)
        with open("/proc/locks", encoding="ascii") as locks:
            return any(line.split()[4] == str(pid) and line.split()[5].endswith(":" + inode)
                       for line in locks if "->" not in line)

    def test_the_state_directory_must_be_the_tills_own(self):
        self.state.chmod(0o755)
        told = self.till("last", expect=EXIT_LOCAL)
        self.assertIn(str(self.state), told["message"])


class LoadTest(unittest.TestCase):
    def test_five_seconds_without_an_error(self):
        identities, scenario = world.directory / "load-tills", world.directory / "scenario.json"
        run("ladon-load", "setup", "--server", world.server.address, "--identity",
            world.sysadmin.identity, "--ca", world.pki, "--identities", identities, "--scenario",
            scenario, "--children", 20, "--palms", 4, "--tills", 4, seconds_max=120)
        for what, rate, seconds in (("debit-card", 50, 3), ("identify-and-debit-palm", 20, 2),
                                    ("book-by-list", 10, 2)):
            figures = world.directory / f"{what}.json"
            run("ladon-load", "--scenario", scenario, "--identities", identities, "--what", what,
                "--rate", rate, "--seconds", seconds, "--json", figures, seconds_max=120)
            told = json.loads(figures.read_text())
            self.assertEqual((told["intended"], told["succeeded"], told["errors"]),
                             (rate * seconds, rate * seconds, 0), told)
            latency = told["latency_us"]
            self.assertTrue(0 < latency["p50"] <= latency["p95"] <= latency["p99"]
                            <= latency["max"], latency)
            print(f"\n{what}: {latency}")


if __name__ == "__main__":
    unittest.main()
