"""Payments through the real gateway into the real core: DOMAIN's acceptance cases of channels, and
hostile input of every protocol.

Method: three contracts, one a protocol, each spoken to over HTTP; what was booked is read from the
children's statements.
"""

import concurrent.futures
import json
import random
import re
import threading
import time
import unittest

from ladon_gateway import Gateway
from ladon_world import (SOURCE, School, World, lasting_address, refusal_of, run,
                         wait_until)
from ladon_world import channel_service_pb2 as channels
from ladon_world import security_service_pb2 as security

CORE = [{"name": "osmp-bank", "cancels": True, "paid_min": "1.00", "paid_max": "15000.00"},
        {"name": "sber-one", "fee_percent": "1.50", "fee_min": "0.10", "paid_min": "1.00",
         "paid_max": "15000.00"},
        {"name": "sber-two", "paid_min": "1.00", "paid_max": "15000.00"}]
GATEWAY = [{"name": "osmp-bank", "protocol": "osmp", "path": "/osmp", "cancels": True},
           {"name": "sber-one", "protocol": "sber1", "path": "/sber/one", "repeat": "code8",
            "charset": "windows-1251"},
           {"name": "sber-two", "protocol": "sber2", "path": "/sber/two"}]
NAMES = [one["name"] for one in GATEWAY]
UNKNOWN = {"osmp": 5, "sber1": 3, "sber2": 5}
BAD_ACCOUNT = {"osmp": 4, "sber1": 4, "sber2": 4}
BAD_AMOUNT = {"osmp": 300, "sber1": 9, "sber2": 300}
BAD_ID = {"osmp": 300, "sber1": 6, "sber2": 300}
BAD_DATE = {"osmp": 300, "sber1": 12, "sber2": 300}
BAD_VERB = {"osmp": 300, "sber1": 2, "sber2": 300}
TOO_SMALL = {"osmp": 241, "sber1": 10, "sber2": 241}
TOO_LARGE = {"osmp": 242, "sber1": 11, "sber2": 242}


class ChannelTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(606)
        cls.addClassCleanup(cls.world.close)
        cls.world.server.config["contract"] = CORE
        # Where it is when it has restarted, the gateway finds it.
        cls.world.server.config["server"]["listen"] = lasting_address(random.Random())
        cls.world.start()
        cls.school = School(cls.world, name="МБОУ СОШ № 34")
        cls.gateway = Gateway(cls.world, GATEWAY)
        cls.gateway.start()
        cls.addClassCleanup(cls.gateway.__exit__)
        cls.banks = [cls.gateway.bank(name) for name in NAMES]
        cls.next_id = 1_000_000

    def payment_id(self):
        type(self).next_id += 1
        return str(self.next_id)

    def child(self, **more):
        child = self.school.child(**more)
        child.number = child.payment_account
        return child

    def balance(self, child):
        return self.school.balance(child.account_id)

    def each(self, what):
        for bank in self.banks:
            with self.subTest(protocol=bank.protocol):
                what(bank)

    # --- what a payer sees ----------------------------------------------------------------------

    def test_check_shows_initials_and_the_school_and_no_more(self):
        child = self.child(family="Гусева", given="Анна")

        def one(bank):
            answer = bank.check(child.number)
            self.assertEqual((answer.status, answer.code), (200, 0), answer)
            text = answer.body.decode(bank.charset)
            self.assertIn("А*** Г***", text)
            self.assertIn("СОШ № 34", text)
            self.assertNotIn("Гусева", text)
            self.assertNotIn("Анна", text)
            self.assertTrue(text.startswith("<?xml"))
            self.assertIn(bank.charset, answer.headers["Content-Type"])

        self.each(one)

    def test_groups_of_digits_are_the_same_account(self):
        child = self.child()
        number = child.number
        grouped = f"{number[:4]} {number[4:8]}-{number[8:]}"

        def one(bank):
            before = self.balance(child)
            self.assertEqual(bank.check(grouped).code, 0)
            payment_id = self.payment_id()
            first = bank.pay(payment_id, grouped, 10_000)
            self.assertEqual(first.code, 0, first)
            again = bank.pay(payment_id, number, 10_000)
            self.assertEqual(again.id, first.id, again)
            self.assertGreater(self.balance(child), before)

        self.each(one)

    def test_an_account_that_is_none_is_told_by_the_protocols_own_code(self):
        child = self.child()
        wrong_digit = child.number[:-1] + str((int(child.number[-1]) + 1) % 10)

        def one(bank):
            self.assertEqual(bank.check(wrong_digit).code, BAD_ACCOUNT[bank.protocol])
            self.assertEqual(bank.check("Иванов").code, BAD_ACCOUNT[bank.protocol])
            self.assertEqual(bank.check("405217938861").code, UNKNOWN[bank.protocol])

        self.each(one)

    # --- acceptance cases of DOMAIN, section 7 --------------------------------------------------

    def test_case_1_the_same_payment_many_times_at_once_is_one_credit(self):
        child = self.child()

        def one(bank):
            before = self.balance(child)
            payment_id = self.payment_id()
            with concurrent.futures.ThreadPoolExecutor(15) as pool:
                answers = list(pool.map(
                    lambda _: bank.pay(payment_id, child.number, 20_000), range(30)))
            codes = sorted(answer.code for answer in answers)
            if bank.protocol == "sber1":  # repeat = code8
                self.assertEqual(codes, [0] + [8] * 29)
                told = {(answer.id, answer.sum, answer.elements["REG_DATE"]) for answer in answers}
                self.assertEqual(len(told), 1)
            else:
                self.assertEqual(codes, [0] * 30)
                self.assertEqual(len({answer.body for answer in answers}), 1)
            fee = 300 if bank.protocol == "sber1" else 0
            self.assertEqual(self.balance(child) - before, 20_000 - fee)
            # And after both have been killed.
            self.gateway.kill()
            self.world.server.kill()
            self.world.restart()
            self.gateway.start()
            after = bank.pay(payment_id, child.number, 20_000)
            self.assertEqual(after.id, answers[0].id)
            if bank.protocol != "sber1":
                self.assertEqual(after.body, answers[0].body)
            self.assertEqual(self.balance(child) - before, 20_000 - fee)

        self.each(one)

    def test_case_2_the_same_id_for_another_account_or_sum_is_refused_with_an_alarm(self):
        child, other = self.child(), self.child()

        def one(bank):
            payment_id = self.payment_id()
            first = bank.pay(payment_id, child.number, 20_000)
            self.assertEqual(first.code, 0)
            balances = self.balance(child), self.balance(other)
            self.assertEqual(bank.pay(payment_id, other.number, 20_000).code, 300)
            self.assertEqual(bank.pay(payment_id, child.number, 20_001).code, 300)
            self.assertEqual((self.balance(child), self.balance(other)), balances)
            again = bank.pay(payment_id, child.number, 20_000)
            self.assertEqual((again.id, again.sum), (first.id, first.sum))

        self.each(one)
        officer = self.world.client(self.world.identity("security-admin"))
        alarms = officer.security.ListSecurityEvents(security.ListSecurityEventsRequest(
            calls=["process/payment-differs"], page_size=100)).events
        self.assertEqual(len(alarms), 6)

    def test_case_3_a_lost_answer_is_repeated_and_told_what_was_booked(self):
        child = self.child()

        def one(bank):
            before = self.balance(child)
            payment_id = self.payment_id()
            try:  # The bank gives up before it is answered.
                bank.send(bank.pay_query(payment_id, child.number, 5_000), timeout=0.0001)
            except OSError:
                pass
            deadline = time.monotonic() + 30
            while True:
                answer = bank.pay(payment_id, child.number, 5_000)
                if answer.code != 1 or time.monotonic() > deadline:
                    break
            self.assertIn(answer.code, (0, 8))
            self.assertEqual(self.balance(child) - before, 4_925 if "one" in bank.path else 5_000)

        self.each(one)

    def test_case_5_money_for_an_account_that_is_not_there_is_kept(self):
        def one(bank):
            payment_id = self.payment_id()
            first = bank.pay(payment_id, "405217938861", 20_000)
            self.assertEqual(first.code, 0, first)
            self.assertEqual(first.sum, "200.00")
            again = bank.pay(payment_id, "405217938861", 20_000)
            self.assertEqual(again.id, first.id)
            client = self.world.client(self.gateway.identity)
            payment = client.channels.GetPayment(channels.GetPaymentRequest(
                contract=bank.contract["name"], payment_id=payment_id)).payment
            self.assertEqual(payment.state, channels.PAYMENT_STATE_SUSPENSE)
            self.assertEqual(payment.paid_kopecks, 20_000)

        self.each(one)

    def test_case_6_sums_are_decimals(self):
        child = self.child()
        good = {"19.99": 1_999, "4.35": 435, "1.15": 115, "100": 10_000, "100.0": 10_000,
                "580.00": 58_000}
        bad = ["1e2", "-1", "10,45", "NaN", "", " 1", "1 000", "0x10", "1.234", ".5", "5.", "+5",
               "999999999999999999", "1" * 100]

        def one(bank):
            for text, kopecks in good.items():
                before = self.balance(child)
                answer = bank.pay(self.payment_id(), child.number, text)
                self.assertEqual((answer.code, answer.sum),
                                 (0, f"{kopecks // 100}.{kopecks % 100:02d}"), text)
                fee = max((kopecks * 150 + 5_000) // 10_000, 10) if bank.protocol == "sber1" else 0
                self.assertEqual(self.balance(child) - before, kopecks - fee, text)
            before = self.balance(child)
            for text in bad + (["١٢"] if bank.charset == "utf-8" else []):
                answer = bank.pay(self.payment_id(), child.number, text)
                self.assertEqual(answer.code, BAD_AMOUNT[bank.protocol], (text, answer))
            for text in ("0", "0.00", "0.29", "0.99"):
                answer = bank.pay(self.payment_id(), child.number, text)
                self.assertEqual(answer.code, TOO_SMALL[bank.protocol], (text, answer))
            for text in ("15000.01", "99999999.99"):
                answer = bank.pay(self.payment_id(), child.number, text)
                self.assertEqual(answer.code, TOO_LARGE[bank.protocol], (text, answer))
            self.assertEqual(self.balance(child), before)

        self.each(one)

    def test_case_7_hostile_parameters_are_refused_and_book_nothing(self):
        child = self.child()
        number = child.number

        def one(bank):
            protocol = bank.protocol
            before = self.balance(child)
            good = bank.pay_query(self.payment_id(), number, 10_000)
            names = {"account": [n for n in good if n.lower() == "account"][0],
                     "sum": [n for n in good if n in ("sum", "AMOUNT")][0],
                     "id": [n for n in good if n in ("txn_id", "PAY_ID")][0],
                     "date": [n for n in good if n in ("txn_date", "PAY_DATE")][0],
                     "verb": [n for n in good if n in ("command", "ACTION")][0]}
            codes = {"account": BAD_ACCOUNT, "sum": BAD_AMOUNT, "id": BAD_ID, "date": BAD_DATE,
                     "verb": BAD_VERB}
            from urllib.parse import quote, urlencode
            for what, name in names.items():
                code = codes[what][protocol]
                without = {n: v for n, v in good.items() if n != name}
                cases = {"missing": urlencode(without),
                         "empty": urlencode(without | {name: ""}),
                         "repeated": urlencode(good) + f"&{name}=1",
                         "other case": urlencode(without | {name.swapcase(): good[name]}),
                         "zero byte": urlencode(without) + f"&{name}={quote(good[name])}%00",
                         "cp1251": urlencode(without) + f"&{name}=%CF%E5%F2%FF",
                         "utf-8": urlencode(without) + f"&{name}={quote('Петя')}",
                         "xml": urlencode(without | {name: "<a>&'\"]]>"}),
                         "long": urlencode(without | {name: "7" * 4_000})}
                for label, query in cases.items():
                    answer = bank.send(query)
                    self.assertEqual(answer.code, code, (what, label, answer))
                answer = bank.send(urlencode(good) + f"&{name}={quote(good[name])}")
                self.assertEqual(answer.code, 300, (what, "repeated alike", answer))
                # A million characters: in a form, and in the address, which HTTP ends at 8 KiB.
                posted = bank.send("", post=urlencode(without | {name: "7" * 1_000_000}))
                self.assertEqual(posted.code, 300, (what, "a million in a form"))
                asked = bank.send(urlencode(without | {name: "7" * 1_000_000}))
                self.assertEqual(asked.code, 300, (what, "a million in the address"))
            for date in ("20261332140210", "20260230140210", "20261116250000", "2026111614021",
                         "99991231235959", "19000101000000", "2026-11-16 14:02"):
                if protocol == "sber1" and len(date) != 14:
                    continue
                answer = bank.pay(self.payment_id(), number, 10_000, paid=date)
                self.assertEqual(answer.code, BAD_DATE[protocol], (date, answer))
            for payment_id in ("abc", "-1", "1.5", "1" * 21, "12 34", ""):
                answer = bank.pay(payment_id, number, 10_000)
                self.assertEqual(answer.code, BAD_ID[protocol], (payment_id, answer))
            self.assertEqual(self.balance(child), before)
            # A blank in a number is a blank, as '+' and as %20.
            for blank in ("+", "%20"):
                grouped = blank.join((number[:4], number[4:8], number[8:]))
                query = urlencode({n: v for n, v in bank.check_query("x").items()
                                   if n.lower() != "account"})
                answer = bank.send(query + f"&{names['account']}={grouped}")
                self.assertEqual(answer.code, 0, answer)
            # By a form it is the same payment as by an address.
            posted = bank.send("", post=urlencode(good))
            self.assertEqual(posted.code, 0, posted)
            again = bank.send(good)
            self.assertEqual(again.id, posted.id)

        self.each(one)

    def test_case_16_probing_is_throttled_and_payments_are_not(self):
        bank = self.gateway.bank("sber-two")
        child = self.child()

        def damm(digits):
            table = ("0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
                     "3674209581", "5869720134", "8945362017", "9438617205", "2581436790")
            state = 0
            for digit in digits:
                state = int(table[state][int(digit)])
            return digits + str(state)

        probes = [damm(f"5{n:010d}") for n in range(2_000)]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            codes = [answer.code for answer in pool.map(bank.check, probes)]
        self.assertLessEqual(codes.count(UNKNOWN["sber2"]), 60)
        self.assertGreaterEqual(codes.count(1), 1_900)
        # Another range of accounts, and whoever pays, go on.
        self.assertEqual(bank.pay(self.payment_id(), child.number, 10_000).code, 0)
        self.assertEqual(self.gateway.bank("osmp-bank").check(child.number).code, 0)

    # --- cancelling -----------------------------------------------------------------------------

    def test_a_payment_is_cancelled_while_it_is_unspent(self):
        bank, child = self.gateway.bank("osmp-bank"), self.child(card=True)
        first = self.payment_id()
        self.assertEqual(bank.pay(first, child.number, 20_000).code, 0)
        self.assertEqual(bank.status(first).code, 0)
        cancelled = bank.cancel(first)
        self.assertEqual(cancelled.code, 0, cancelled)
        self.assertEqual(bank.cancel(first).body, cancelled.body)
        self.assertEqual(self.balance(child), 0)
        self.assertEqual(bank.pay(first, child.number, 20_000).code, 300)
        self.assertEqual(bank.status(first).code, 300)
        second = self.payment_id()
        self.assertEqual(bank.pay(second, child.number, 20_000).code, 0)
        self.school.till.terminal.IdentifyAndDebit(
            self.school.sale(child.card, self.school.basket(0)))
        self.assertEqual(bank.cancel(second).code, 251)
        self.assertEqual(bank.cancel(self.payment_id()).code, 300)
        # The other contract does not let it, and its gateway does not know the command.
        other = self.gateway.bank("sber-two")
        self.assertEqual(other.cancel(second).code, 300)
        client = self.world.client(self.gateway.identity)
        third = self.payment_id()
        self.assertEqual(other.pay(third, child.number, 10_000).code, 0)
        refusal = refusal_of(client.channels.CancelPayment, channels.CancelPaymentRequest(
            contract="sber-two", payment_id=third))
        self.assertEqual(refusal.reason, "PAYMENT_NOT_CANCELLABLE")

    # --- who may ask ----------------------------------------------------------------------------

    def test_strangers_are_kept_out(self):
        child = self.child()

        def one(bank):
            query = bank.check_query(child.number)
            for headers in ({}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer x"}):
                answer = bank.send(query, headers=headers)
                self.assertEqual(answer.status, 401)
                self.assertIn("WWW-Authenticate", answer.headers)
            self.assertEqual(bank.send(query).code, 0)

        self.each(one)
        bank = self.gateway.bank("osmp-bank")
        bank.path = "/elsewhere"
        self.assertEqual(bank.send({}).status, 404)

    def test_a_core_that_is_away_is_a_temporary_error(self):
        child = self.child()

        def one(bank):
            payment_id = self.payment_id()
            self.world.server.kill()
            try:
                self.assertEqual(bank.pay(payment_id, child.number, 10_000).code, 1)
                self.assertEqual(bank.check(child.number).code, 1)
            finally:
                self.world.restart()
            wait_until(lambda: bank.pay(payment_id, child.number, 10_000).code == 0,
                       "the payment to be repeated")

        self.each(one)

    def test_a_core_that_restarts_is_found_again_by_a_busy_gateway(self):
        child, world = self.child(), self.world
        bank, over = self.banks[0], threading.Event()

        def ask_without_a_pause():
            while not over.is_set():
                bank.check(child.number)

        with concurrent.futures.ThreadPoolExecutor(15) as pool:
            busy = [pool.submit(ask_without_a_pause) for _ in range(15)]
            try:
                for _ in range(3):
                    world.server.kill()
                    self.assertEqual(bank.check(child.number).code, 1)
                    world.restart()
                    wait_until(lambda: bank.check(child.number).code == 0, "the core to be found",
                               seconds_max=20)
            finally:
                over.set()
            for one in busy:
                one.result()

    def test_slow_clients_do_not_hold_up_the_others(self):
        import socket
        child = self.child()
        host, port = self.gateway.address.split(":")
        slow = [socket.create_connection((host, int(port))) for _ in range(40)]
        try:
            for one in slow:
                one.sendall(b"GET /osmp?command=ch")
            self.each(lambda bank: self.assertEqual(bank.check(child.number).code, 0))
            slow[0].settimeout(60)
            self.assertEqual(slow[0].recv(1), b"")  # Hung up on.
        finally:
            for one in slow:
                one.close()

    def test_the_sample_configuration_is_one(self):
        sample = (SOURCE / "deploy/ladon-gateway.toml").read_text(encoding="utf-8")
        path = self.world.directory / "sample.toml"
        password = self.gateway.password_file
        path.write_text(sample.replace("/etc/ladon/gateway/bank-desk.password", str(password)),
                        encoding="utf-8")
        self.assertIn("nothing wrong", run("ladon-gateway", "--check-config", "--config",
                                           path).stdout)
        # Two contracts of one name would take each other's payments for their own.
        twice = path.with_name("twice.toml")
        contract = path.read_text(encoding="utf-8").split("[[contract]]", 1)[1].split("# ---")[0]
        twice.write_text(path.read_text(encoding="utf-8") + "[[contract]]"
                         + contract.replace("/pay/bank-desk", "/pay/other"), encoding="utf-8")
        refused = run("ladon-gateway", "--check-config", "--config", twice, check=False)
        self.assertIn("name stands there twice", refused.stderr)
        # Every key that it shows is one, and another is refused with its line.
        path.write_text(path.read_text(encoding="utf-8").replace("#comments = true", "comment = 1"),
                        encoding="utf-8")
        refused = run("ladon-gateway", "--check-config", "--config", path, check=False)
        self.assertEqual(refused.returncode, 2)
        self.assertRegex(refused.stderr, r"line \d+: \[\[contract\]\] unknown key comment")

    def test_one_request_is_found_in_both_logs(self):
        self.assertEqual(self.gateway.bank("osmp-bank").check(self.child().number).code, 0)
        lines = [json.loads(line) for line in self.gateway.log().splitlines()]
        traces = [line["trace"] for line in lines if line.get("verb") == "check" and
                  "trace" in line]  # What is refused before anybody is asked has none.
        self.assertTrue(traces)
        self.assertEqual(len(set(traces)), len(traces))
        core = [json.loads(line) for line in self.world.server.log().splitlines()]
        found = [line for line in core if line.get("trace") == traces[-1]]
        self.assertEqual([(line["event"], line["rpc"], line["reason"]) for line in found],
                         [("answered", "/ladon.v1.ChannelService/CheckAccount", "OK")])

    def test_an_officer_finds_whom_a_bank_looked_at(self):
        child, other = self.child(), self.child()
        officer = ("--json", "--server", self.world.server.address, "--identity",
                   self.world.identity("data-protection-officer"), "officer", "incident")
        incident = json.loads(run(
            "ladonctl", *officer, "record", "--school", self.school.school_id.hex(), "--from",
            "2020-01-01 00:00", "--until", "2100-01-01 00:00", "--cause", "к", "--harm", "в",
            "--measures", "м", "--contact", "т").stdout)["incident_id"]

        def accesses():
            told = json.loads(run("ladonctl", *officer, "affected", incident).stdout)
            return {one["subject_id"]: one["accesses"] for one in told["subjects"]}

        before = accesses()
        bank = self.gateway.bank("osmp-bank")
        self.assertEqual(bank.check(child.number).code, 0)
        after = accesses()
        self.assertEqual([after[one.subject_id.hex()] - before[one.subject_id.hex()]
                          for one in (child, other)], [1, 0])

    def test_the_log_names_nobody(self):
        child = self.child(family="Журавлёва")
        bank = self.gateway.bank("osmp-bank")
        self.assertEqual(bank.check(child.number).code, 0)
        self.assertEqual(bank.pay(self.payment_id(), child.number, 12_345).code, 0)
        log = self.gateway.log()
        self.assertIn('"verb":"pay"', log)
        self.assertIsNone(re.search(child.number, log))
        self.assertNotIn("123.45", log)


if __name__ == "__main__":
    unittest.main()
