"""Goal: no meal is refused for want of recognition. A palm refused twice leads to card, PIN or list
at once; by list a senior cashier books, also late, and the statement says so; a PIN confirms and is
written down nowhere.

Method: the real server, ladon-terminal (also before a pseudo-terminal, as a cashier sits before it)
and ladonctl; afterwards everything that anybody wrote is searched for the PIN.
"""

import datetime
import json
import os
import pty
import select
import subprocess
import time
import unittest

from ladon_palms import Palm
from ladon_world import BIN, CALL_SECONDS_MAX, School, World, clean_environment, date_of, refusal_of
from ladon_world import run
from ladon_world import accounts_service_pb2 as accounts
from ladon_world import terminal_service_pb2 as terminal
from ladon_world import types_pb2 as types

SEED = 505
PIN = "48215930"
SOUP, TEA = 4_500, 1_500

world = None


def setUpModule():
    global world
    world = World(SEED).start()


def tearDownModule():
    world.close()


class ListTest(unittest.TestCase):
    def setUp(self):
        self.school = School(world)
        self.child = self.school.child(money=20_000)

    def book(self, basket=None, **more):
        return self.school.cashier.terminal.BookByList(
            self.school.by_list(self.child, basket or self.school.basket(School.SOUP), **more))

    def refused(self, **more):
        return refusal_of(self.school.cashier.terminal.BookByList, self.school.by_list(
            self.child, self.school.basket(School.SOUP), **more))

    def meals(self):
        return [line for line in self.school.statement(self.child.account_id)
                if line.kind == accounts.STATEMENT_KIND_MEAL]

    def typed_sum(self, kopecks):
        """A basket that needs no price list, for a day before the school had one."""
        return types.Basket(
            caterer_id=self.school.caterer_id, total_kopecks=kopecks,
            lines=[types.BasketLine(quantity=1, unit_price_kopecks=kopecks,
                                    purse=types.PURSE_MAIN)])

    def test_a_child_whom_nothing_names_eats_all_the_same(self):
        nameless = self.school.child("Орлова", "Вера", "5А")
        self.school.child("Орлова", "Вера", "6Б")
        self.school.set_pin(nameless, PIN)
        page = self.school.cashier.terminal.ListClass(terminal.ListClassRequest(class_name="5А"))
        self.assertEqual({(one.subject_id, one.display_name, one.has_pin) for one in page.members},
                         {(self.child.subject_id, "Иван П., 5А", False),
                          (nameless.subject_id, "Вера О., 5А", True)})
        booked = self.book()
        self.assertEqual(booked.payer.display_name, "Иван П., 5А")
        self.assertEqual(booked.effective_date, booked.service_date)
        line = self.meals()[-1]
        self.assertEqual((line.amount_kopecks, line.booking_reason, line.item_name),
                         (-SOUP, types.BOOKING_REASON_NOT_RECOGNISED, "Суп"))
        self.assertFalse(line.HasField("effective_date"))
        # A sale by card has no such mark.
        self.child.card = self.school.new_card()
        self.school.bind(self.child, self.child.card)
        self.school.till.terminal.IdentifyAndDebit(
            self.school.sale(self.child.card, self.school.basket(School.TEA)))
        self.assertEqual(self.meals()[-1].booking_reason, types.BOOKING_REASON_UNSPECIFIED)

    def test_as_far_as_the_overdraft_and_no_further(self):
        poor = self.school.child("Орлова", "Вера")
        basket = self.school.basket(School.SOUP)
        call = self.school.cashier.terminal.BookByList
        self.assertEqual(refusal_of(call, self.school.by_list(poor, basket)).reason,
                         "INSUFFICIENT_FUNDS")
        self.school.cashier.accounts.SetOverdraftLimit(accounts.SetOverdraftLimitRequest(
            request_id=world.id(), account_id=poor.account_id, overdraft_limit_kopecks=SOUP))
        call(self.school.by_list(poor, basket))
        self.assertEqual(self.school.balance(poor.account_id), -SOUP)
        self.assertEqual(refusal_of(call, self.school.by_list(poor, basket)).reason,
                         "INSUFFICIENT_FUNDS")

    def test_late_but_not_too_late_and_never_early(self):
        day = self.school.today()
        yesterday = date_of(day - datetime.timedelta(days=1))
        self.assertEqual(self.refused(effective_date=yesterday).reason, "PRICE_LIST_MISSING",
                         "it costs what it cost on its day")
        booked = self.book(self.typed_sum(TEA), effective_date=yesterday,
                           reason=types.BOOKING_REASON_OUTAGE,
                           terminal_id=self.school.terminal_id)
        self.assertEqual(booked.effective_date, yesterday)
        self.assertEqual(booked.service_date, date_of(day))
        line = self.meals()[-1]
        self.assertEqual((line.booking_reason, line.effective_date, line.service_date),
                         (types.BOOKING_REASON_OUTAGE, yesterday, date_of(day)))
        for days in (-30, 1):
            refusal = self.refused(effective_date=date_of(day + datetime.timedelta(days=days)))
            self.assertEqual((refusal.reason, refusal.field), ("FIELD_INVALID", "effective_date"))

    def test_the_cashier_takes_it_back(self):
        request = self.school.by_list(self.child, self.school.basket(School.SOUP))
        self.school.cashier.terminal.BookByList(request)
        taken = self.school.cashier.terminal.Cancel(self.school.cancel(request.request_id))
        self.assertEqual((taken.burnt, taken.returned_kopecks), (False, SOUP))
        self.assertEqual(self.school.balance(self.child.account_id), 20_000)

    def test_nobody_else_may(self):
        request = self.school.by_list(self.child, self.school.basket(School.SOUP))
        for client in (self.school.till, self.school.desk, world.sysadmin):
            for call, message in ((client.terminal.BookByList, request),
                                  (client.terminal.ListClass, terminal.ListClassRequest())):
                self.assertEqual(refusal_of(call, message).reason, "NOT_PERMITTED")
        stranger = School(world, name="Школа № 2")
        self.assertEqual(refusal_of(stranger.cashier.terminal.BookByList, request).reason,
                         "SUBJECT_UNKNOWN")
        self.assertEqual(self.school.balance(self.child.account_id), 20_000)

    # --- PIN ---------------------------------------------------------------------------------

    def test_a_pin_confirms_and_wrong_ones_lock_it(self):
        self.school.set_pin(self.child, PIN)
        self.book(pin=PIN)
        for _ in range(5):
            self.assertEqual(self.refused(pin="48215931").reason, "PIN_WRONG")
        self.assertEqual(self.refused(pin=PIN).reason, "PIN_LOCKED")
        self.book()
        self.school.set_pin(self.child, PIN)
        self.book(pin=PIN)
        self.assertEqual(self.school.balance(self.child.account_id), 20_000 - 3 * SOUP)

    # --- the programs ------------------------------------------------------------------------

    def terminal_command(self, *arguments):
        state = world.directory / f"till-{world.draw.randbytes(4).hex()}"
        state.mkdir(mode=0o700)
        return [str(part) for part in (
            BIN / "ladon-terminal", "--server", world.server.address, "--identity",
            self.school.till.identity, "--state", state, *arguments)]

    def pay_by_stranger(self, *more):
        files = []
        for number in range(2):
            files.append(world.directory / f"stranger-{world.draw.randbytes(4).hex()}.lv")
            files[-1].write_bytes(Palm(f"stranger {number}").code(1))
        return ["pay", "--template", *files, "--liveness", "pass", "--caterer",
                self.school.caterer_id.hex(), "--item", self.school.items[0].item_id.hex(), *more]

    def ctl(self, client, *arguments, stdin="", language="en"):
        done = run("ladonctl", "--server", world.server.address, "--identity", client.identity,
                   *arguments, stdin=stdin, env={"LADON_LANG": language, "TZ": self.school.zone})
        return done.stdout

    def test_two_refused_palms_are_offered_the_other_means(self):
        self.school.child("Зорина", palm=Palm(70))  # So that there is somebody to be missed.
        command = self.terminal_command("--json", *self.pay_by_stranger())
        done = run(command[0], *command[1:], check=False, env={"TZ": self.school.zone})
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        told = json.loads(done.stdout)
        self.assertEqual((told["reason"], told["offers"]),
                         ("PALM_NOT_RECOGNISED", ["card", "pin", "list"]))

    def test_before_a_cashier_card_and_pin_follow_in_the_same_sale(self):
        self.school.child("Зорина", palm=Palm(71))
        self.child.card = self.school.new_card()
        self.school.bind(self.child, self.child.card)
        self.school.set_pin(self.child, PIN)
        command = self.terminal_command(*self.pay_by_stranger())
        told = self.talk(command, (("How does the child pay?", "2"),
                                   ("Card number:", self.child.card.uid.hex()), ("PIN:", PIN)))
        self.assertIn("Иван П., 5А", told)
        self.assertNotIn(PIN, told, "what is typed is not shown")
        self.assertEqual(self.school.balance(self.child.account_id), 20_000 - SOUP)

    def test_before_a_cashier_the_till_sends_to_the_list(self):
        self.school.child("Зорина", palm=Palm(72))
        told = self.talk(self.terminal_command(*self.pay_by_stranger()),
                         (("How does the child pay?", "3"),), code=1)
        self.assertIn("ladonctl list book", told)

    def talk(self, command, answers, code=0):
        """Types each answer when its prompt has come; returns all that was shown."""
        mine, its = pty.openpty()
        environment = clean_environment() | {"LADON_LANG": "en", "TZ": self.school.zone}
        with subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env=environment,
                              start_new_session=True) as program:
            os.close(its)
            shown, end = "", time.monotonic() + CALL_SECONDS_MAX

            def read():
                if time.monotonic() > end:
                    program.kill()
                    raise AssertionError(f"waited in vain; shown: {shown}")
                if not select.select([mine], [], [], 0.1)[0]:
                    return ""
                try:
                    return os.read(mine, 65_536).decode("utf-8", "replace")
                except OSError:  # The program has closed its side.
                    return None

            for prompt, answer in answers:
                while prompt not in shown:
                    shown += read() or ""
                shown = shown.replace(prompt, "")
                os.write(mine, (answer + "\n").encode())
            while (more := read()) is not None:
                shown += more
            program.wait(timeout=CALL_SECONDS_MAX)
        os.close(mine)
        self.assertEqual(program.returncode, code, shown)
        return shown

    def test_ladonctl_lists_books_and_takes_back(self):
        cashier = self.school.cashier
        shown = self.ctl(cashier, "list", "show", "--class", "5А")
        self.assertIn("Иван П., 5А", shown)
        (member,) = json.loads(self.ctl(cashier, "--json", "list", "show", "--class", "5А"))
        self.assertEqual(member, {"subject_id": self.child.subject_id.hex(), "name": "Иван П., 5А",
                                  "has_pin": False})
        self.ctl(self.school.desk, "pin", "set", "--subject", member["subject_id"],
                 stdin=PIN + "\n")
        booked = json.loads(self.ctl(
            cashier, "--json", "list", "book", "--subject", member["subject_id"], "--caterer",
            self.school.caterer_id.hex(), "--item", self.school.items[0].item_id.hex()[:12],
            "--item", self.school.items[1].item_id.hex() + "x2", "--reason", "not-recognised",
            "--pin", stdin=PIN + "\n"))
        self.assertEqual(self.school.balance(self.child.account_id), 20_000 - SOUP - 2 * TEA)
        statement = self.ctl(cashier, "account", "statement", self.child.account_id.hex(),
                             language="ru")
        self.assertIn("питание: Суп (по списку: не узнан)", statement)
        lines = json.loads(self.ctl(cashier, "--json", "account", "statement",
                                    self.child.account_id.hex()))
        self.assertEqual(lines[-1]["booking_reason"], "not_recognised")
        self.ctl(cashier, "list", "cancel", booked["request_id"], "--reason", "wrong-child")
        self.assertEqual(self.school.balance(self.child.account_id), 20_000)
        self.ctl(self.school.desk, "pin", "remove", "--subject", member["subject_id"])
        self.assertEqual(self.refused(pin=PIN).reason, "PIN_NOT_SET")


class ZLastTest(unittest.TestCase):
    """After the others: whatever was written, by the server or a till."""

    def test_no_pin_was_written_down(self):
        found = [path for path in world.directory.rglob("*")
                 if path.is_file() and PIN.encode() in path.read_bytes()]
        self.assertEqual(found, [])
        self.assertNotIn(PIN, world.server.log())


if __name__ == "__main__":
    unittest.main()
