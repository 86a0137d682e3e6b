"""Goal: a live view of the server for those who have no Grafana: what tills do now, how long it takes, what
is refused; the same figures as the metrics port's, over the wire, and of no child.

Method: the real ladonctl beside tills that sell and are refused meanwhile.
"""

import json
import os
import pty
import subprocess
import threading
import unittest

from ladon_world import BIN, School, World, clean_environment, refusal_of, run, wait_until
from ladon_world import admin_service_pb2 as admin

SEED = 6_464


class TopTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(SEED).start()
        cls.addClassCleanup(cls.world.close)
        cls.school = School(cls.world)
        cls.child = cls.school.child(family="Невидимкина", money=10_000_000, card=True)

    def command(self, *arguments):
        return ("--server", self.world.server.address, "--identity",
                self.world.sysadmin.identity, "top", *arguments)

    def sell_until(self, stop):
        stranger = self.school.new_card()
        while not stop.is_set():
            self.school.till.terminal.IdentifyAndDebit(self.school.sale(
                self.child.card, self.school.basket(School.TEA)))
            refusal_of(self.school.identify, card=stranger)

    def while_selling(self, watch):
        stop = threading.Event()
        tills = threading.Thread(target=self.sell_until, args=(stop,))
        tills.start()
        try:
            return watch()
        finally:
            stop.set()
            tills.join()

    def test_one_look(self):
        told = self.while_selling(
            lambda: run("ladonctl", *self.command("--once", "--seconds", "1")).stdout)
        self.assertIn("Tills seen today: 1 of 1", told)
        sales = next(line for line in told.splitlines() if "IdentifyAndDebit" in line).split()
        self.assertGreater(float(sales[1]), 0)
        self.assertIn("≤", sales[2])
        refused = next(line for line in told.splitlines() if "TerminalService/Identify " in line)
        self.assertRegex(refused, "CARD_UNKNOWN|TOO_MANY_ATTEMPTS")
        for said in ("Невидимкина", self.child.account_id.hex(), self.school.school_id.hex()):
            self.assertNotIn(said, told)

    def test_how_long_the_disk_takes(self):
        told = self.while_selling(
            lambda: run("ladonctl", *self.command("--once", "--seconds", "1")).stdout)
        self.assertRegex(told, r"Sync of the disk, ms: half ≤ [\d.]+, 99 % ≤ [\d.]+ ")

    def test_the_same_for_a_program(self):
        told = json.loads(self.while_selling(
            lambda: run("ladonctl", "--json", *self.command("--once", "--seconds", "1")).stdout))
        calls = {one["rpc"]: one for one in told["calls"]}
        sales = calls["TerminalService/IdentifyAndDebit"]
        self.assertGreater(sales["calls_per_second"], 0)
        self.assertEqual(sales["refused_per_second"], 0)
        self.assertLessEqual(sales["p50_at_most_ms"], sales["p99_at_most_ms"])
        self.assertLessEqual(told["sync"]["p50_at_most_ms"], told["sync"]["p99_at_most_ms"])
        self.assertGreater(told["entries_per_second"], 0)
        self.assertIn(calls["TerminalService/Identify"]["commonest_refusal"],
                      ("CARD_UNKNOWN", "TOO_MANY_ATTEMPTS"))

    def test_a_terminal_is_drawn_anew_until_it_is_left(self):
        ours, its = pty.openpty()
        process = subprocess.Popen([BIN / "ladonctl", *map(str, self.command("--seconds", "1"))],
                                   stdin=its, stdout=its, stderr=its, env=clean_environment())
        os.close(its)
        seen = bytearray()

        def drawn_twice():
            seen.extend(os.read(ours, 65_536))
            return seen.count(b"\x1b[H\x1b[2J") >= 2

        try:
            self.while_selling(lambda: wait_until(drawn_twice, "two pictures"))
            self.assertIn(b"IdentifyAndDebit", seen)
        finally:
            process.terminate()
            process.wait(timeout=30)
            os.close(ours)

    def test_what_a_till_printed_is_found_in_the_log_of_the_core(self):
        sold = json.loads(run(
            "ladon-terminal", "--server", self.world.server.address, "--identity",
            self.school.till.identity, "--state", self.world.directory / "till", "--json", "pay",
            "--yes", "--card", self.child.card.uid.hex(), "--caterer",
            self.school.caterer_id.hex(), "--item", self.school.items[1].item_id.hex(),
            # A till stands in its school: its day is the school's.
            env={"TZ": self.school.zone}).stdout)
        core = [json.loads(line) for line in self.world.server.log().splitlines()]
        found = [line for line in core if line.get("trace") == sold["request_id"]]
        self.assertEqual([(line["event"], line["reason"]) for line in found], [("answered", "OK")])

    def test_a_trace_that_is_none_is_not_logged(self):
        call = self.world.sysadmin.channel.unary_unary("/ladon.v1.AdminService/ListSchools")
        for trace in ("x" * 32, "0" * 31, "0" * 33, "A" * 32, "0" * 31 + '"'):
            call(b"", timeout=30, metadata=(("ladon-trace", trace),))
            self.assertNotIn(trace, self.world.server.log())

    def test_figures_over_the_wire_are_those_of_the_port(self):
        figures = self.world.sysadmin.admin.GetFigures(admin.GetFiguresRequest())
        names = {figure.name for figure in figures.figures}
        self.assertLessEqual({"ladon_calls_total", "ladon_call_seconds", "ladon_journal_entries",
                              "ladon_store_free_bytes"}, names)
        histogram = next(f for f in figures.figures if f.buckets)
        counts = [bucket.count for bucket in histogram.buckets]
        self.assertEqual(counts, sorted(counts))
        self.assertEqual(histogram.buckets[-1].seconds_max, float("inf"))

    def test_for_the_sysadmin_only(self):
        self.assertEqual(refusal_of(self.school.cashier.admin.GetFigures,
                                    admin.GetFiguresRequest()).reason, "NOT_PERMITTED")
        done = run("ladonctl", "--json", *self.command("--once", "--seconds", "1"))
        self.assertEqual(json.loads(done.stdout)["tills"], 1)


if __name__ == "__main__":
    unittest.main()
