"""Payments on a bank's own page and by SBP: from the form that a parent fills in, through the real
gateway and a bank that misbehaves, to the child's statement.

Method: each test plays the payer in the page and at the bank; what was credited is read from the
children's balances and must be what the bank's books say was paid, once.
"""

import concurrent.futures
import html
import http.client
import random
import re
import time
import unittest
import urllib.parse

from bank_simulator import DEPOSITED, PASSWORD, ROUGH, USER, WELL_BEHAVED, BankSimulator, Ways
from ladon_gateway import Gateway
from ladon_world import School, World, lasting_address, wait_until
from ladon_world import channel_service_pb2 as channels

CORE = [{"name": "cards", "paid_min": "1.00", "paid_max": "15000.00"},
        {"name": "sbp", "fee_percent": "1.50", "fee_min": "0.10", "paid_min": "1.00",
         "paid_max": "15000.00"}]
SETTLED_SECONDS_MAX = 60
BANK_TIMEOUT = 10  # Seconds: kBankTimeout of server/channels/bank_http.h.
NOBODY = "405217938861"  # A right check digit, and no child's.


def fee_of(contract, kopecks):
    return max((kopecks * 150 + 5_000) // 10_000, 10) if contract == "sbp" else 0


class Page:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        self.location = headers.get("Location")
        self.hidden = {name: html.unescape(value) for name, value in re.findall(
            r'<input type="hidden" name="([^"]*)" value="([^"]*)">', body)}
        link = re.search(r'href="(https://qr\.nspk\.ru/[^"]*)"', body)
        self.sbp_link = html.unescape(link[1]) if link else None

    def bank_id(self):
        """Of the order that the payer was sent to pay."""
        if self.sbp_link:
            return urllib.parse.urlparse(self.sbp_link).path[1:]
        return urllib.parse.parse_qs(urllib.parse.urlparse(self.location).query)["mdOrder"][0]

    def __repr__(self):
        return f"{self.status} {self.location} {self.body}"


class OrdersTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(707)
        cls.addClassCleanup(cls.world.close)
        cls.world.server.config["contract"] = CORE
        cls.world.server.config["server"]["listen"] = lasting_address(random.Random())
        cls.world.start()
        cls.school = School(cls.world, name="МБОУ СОШ № 34")
        cls.bank = BankSimulator(708)
        cls.addClassCleanup(cls.bank.close)
        secrets = {}
        for name, secret in (("token", cls.bank.token), ("bank-password", PASSWORD)):
            secrets[name] = cls.world.directory / name
            secrets[name].write_text(secret + "\n", encoding="utf-8")
        # The page is for anybody, so neither user nor password of HTTP Basic.
        common = {"user": "", "password_file": "", "bank_url": cls.bank.url,
                  "token_file": str(secrets["token"])}
        cls.gateway = Gateway(cls.world, [
            common | {"name": "cards", "protocol": "acquiring", "path": "/pay/card",
                      "bank_user": USER, "bank_password_file": str(secrets["bank-password"]),
                      "return_url": "https://school.example/paid", "also": "sbp"},
            common | {"name": "sbp", "protocol": "sbp", "path": "/pay/sbp"}])
        cls.addClassCleanup(cls.gateway.__exit__)
        cls.start_gateway()
        cls.channel = cls.world.client(cls.gateway.identity)

    @classmethod
    def start_gateway(cls):
        cls.gateway.start()
        cls.bank.news_to(cls.gateway.address, callback="/pay/card/callback",
                         webhook="/pay/sbp/webhook")

    def setUp(self):
        self.bank.ways = WELL_BEHAVED
        self.bank.hangs.clear()

    # --- a payer --------------------------------------------------------------------------------

    def send(self, contract, fields=None, headers=None):
        """fields: of a form; None: the page is fetched."""
        path = "/pay/card" if contract == "cards" else "/pay/sbp"
        connection = http.client.HTTPConnection(self.gateway.address, timeout=60)
        try:
            if fields is None:
                connection.request("GET", path)
            else:
                body = fields if isinstance(fields, str) else urllib.parse.urlencode(fields)
                connection.request("POST", path, body=body, headers={
                    "Content-Type": "application/x-www-form-urlencoded"} | (headers or {}))
            response = connection.getresponse()
            return Page(response.status, dict(response.getheaders()), response.read().decode())
        finally:
            connection.close()

    def order(self, contract, account, roubles):
        """Through both steps of the page to the bank; the page that the payer is on then."""
        shown = self.send(contract, {"account": account, "sum": roubles})
        self.assertEqual(shown.status, 200, shown)
        pay = "card" if contract == "cards" else "sbp"
        self.assertIn(f'name="pay" value="{pay}"', shown.body)
        return self.send(contract, shown.hidden | {"pay": pay})

    def placed(self, contract, account, roubles):
        """The bank's order, of a page that led to it."""
        page = self.order(contract, account, roubles)
        self.assertEqual(page.status, 303 if contract == "cards" else 200, page)
        return self.bank.by_bank_id(page.bank_id())

    def balance(self, child):
        return self.school.balance(child.account_id)

    def open_numbers(self, contract):
        numbers, token = set(), ""
        while True:
            page = self.channel.channels.ListOpenOrders(channels.ListOpenOrdersRequest(
                contract=contract, page_size=1000, page_token=token))
            numbers |= {order.order_number for order in page.orders}
            token = page.next_page_token
            if not token:
                return numbers

    def wait_settled(self, contract, numbers):
        wait_until(lambda: not self.open_numbers(contract) & set(numbers),
                   "orders to come to their end", seconds_max=SETTLED_SECONDS_MAX)

    def each(self, what):
        for contract in ("cards", "sbp"):
            with self.subTest(contract=contract):
                what(contract)

    # --- the way it should be -------------------------------------------------------------------

    def test_a_payment_through_the_page_is_credited_once(self):
        def one(contract):
            child = self.school.child(family="Гусева", given="Анна")
            form = self.send(contract)
            self.assertEqual(form.status, 200)
            self.assertIn("default-src 'none'", form.headers["Content-Security-Policy"])
            shown = self.send(contract, {"account": child.payment_account, "sum": "100"})
            self.assertIn("А*** Г***", shown.body)
            self.assertIn("СОШ № 34", shown.body)
            self.assertNotIn("Гусева", shown.body)
            order = self.placed(contract, child.payment_account, "100")
            self.assertEqual(order.kopecks, 10_000)
            self.assertIn(order.number, self.open_numbers(contract))
            self.bank.pay(order.number)
            self.wait_settled(contract, [order.number])
            self.assertEqual(self.balance(child), 10_000 - fee_of(contract, 10_000))
            # However often the bank says so.
            for _ in range(3):
                self.assertEqual(self.bank.tell(order), 200)
            self.assertEqual(self.balance(child), 10_000 - fee_of(contract, 10_000))

        self.each(one)

    def test_the_cards_page_takes_sbp_too(self):
        child = self.school.child()
        shown = self.send("cards", {"account": child.payment_account, "sum": "50"})
        page = self.send("cards", shown.hidden | {"pay": "sbp"})
        self.assertEqual(page.status, 200, page)
        order = self.bank.by_bank_id(page.bank_id())
        self.assertTrue(order.sbp)
        self.bank.pay(order.number)
        self.wait_settled("sbp", [order.number])
        self.assertEqual(self.balance(child), 5_000 - fee_of("sbp", 5_000))

    def test_sums_are_decimals_all_the_way(self):
        def one(contract):
            for text, kopecks in (("19.99", 1_999), ("4,35", 435), ("1.15", 115), ("580", 58_000)):
                child = self.school.child()
                order = self.placed(contract, child.payment_account, text)
                self.assertEqual(order.kopecks, kopecks)
                self.bank.pay(order.number)
                self.wait_settled(contract, [order.number])
                self.assertEqual(self.balance(child), kopecks - fee_of(contract, kopecks))

        self.each(one)

    def test_the_news_alone_settles_without_a_round(self):
        def one(contract):
            child = self.school.child()
            order = self.placed(contract, child.payment_account, "50")
            self.bank.ways = Ways(callbacks=(0, 0))
            self.bank.pay(order.number)
            self.assertEqual(self.bank.tell(order), 200)
            self.assertNotIn(order.number, self.open_numbers(contract))
            self.assertEqual(self.balance(child), 5_000 - fee_of(contract, 5_000))

        self.each(one)

    # --- a bank that misbehaves -----------------------------------------------------------------

    def test_without_any_news_a_payment_is_found(self):
        self.bank.ways = Ways(callbacks=(0, 0), fives=2)

        def one(contract):
            child = self.school.child()
            order = self.placed(contract, child.payment_account, "50")
            self.bank.pay(order.number)
            self.wait_settled(contract, [order.number])
            self.assertEqual(self.balance(child), 5_000 - fee_of(contract, 5_000))

        self.each(one)

    def test_a_declined_order_is_closed_and_credits_nothing(self):
        def one(contract):
            child = self.school.child()
            order = self.placed(contract, child.payment_account, "50")
            self.bank.decline(order.number)
            self.wait_settled(contract, [order.number])
            self.assertEqual(self.balance(child), 0)

        self.each(one)

    def test_an_order_that_is_paid_after_all_is_credited_by_its_news(self):
        def one(contract):
            child = self.school.child()
            order = self.placed(contract, child.payment_account, "50")
            self.bank.decline(order.number)
            self.wait_settled(contract, [order.number])
            self.bank.ways = Ways(callbacks=(0, 0))
            self.bank.pay(order.number)
            self.assertEqual(self.balance(child), 0)
            self.assertEqual(self.bank.tell(order), 200)
            self.assertEqual(self.balance(child), 5_000 - fee_of(contract, 5_000))
            self.bank.ways = WELL_BEHAVED

        self.each(one)

    def test_an_order_that_nobody_pays_stays_open_whatever_the_news_say(self):
        def one(contract):
            child = self.school.child()
            order = self.placed(contract, child.payment_account, "50")
            self.assertEqual(self.bank.tell(order, "deposited", good=True), 200)
            self.assertEqual(self.balance(child), 0)
            self.assertIn(order.number, self.open_numbers(contract))

        self.each(one)

    def test_news_that_the_bank_did_not_sign_change_nothing(self):
        self.bank.ways = Ways(callbacks=(0, 0))

        def one(contract):
            child = self.school.child()
            order = self.placed(contract, child.payment_account, "50")
            for _ in range(3):
                self.assertEqual(self.bank.tell(order, wrong=True), 403)
            self.assertEqual(self.balance(child), 0)
            lost = type(order)(number="n" * 20, kopecks=1, bank_id="b", sbp=order.sbp)
            self.assertEqual(self.bank.tell(lost), 200)

        self.each(one)

    def test_a_lost_answer_of_register_is_no_failure(self):
        def one(contract):
            child = self.school.child()
            known = set(self.bank.orders)
            self.bank.ways = Ways(loses_register=1, callbacks=(0, 0))
            page = self.order(contract, child.payment_account, "50")
            self.assertEqual(page.status, 502, page)
            self.assertIn("банк не ответил", page.body)
            (number,) = set(self.bank.orders) - known
            self.assertIn(number, self.open_numbers(contract))
            self.bank.ways = Ways(callbacks=(0, 0))
            self.bank.pay(number)
            self.wait_settled(contract, [number])
            self.assertEqual(self.balance(child), 5_000 - fee_of(contract, 5_000))

        self.each(one)

    def test_under_every_misbehaviour_at_once_each_paid_order_is_credited_once(self):
        draw = random.Random(709)
        children = [self.school.child() for _ in range(6)]
        known = set(self.bank.orders)
        self.bank.ways = ROUGH
        wanted = [(draw.choice(("cards", "sbp")), draw.choice(children), draw.randint(100, 99_999))
                  for _ in range(80)]

        def place(wish):
            contract, child, kopecks = wish
            roubles = f"{kopecks // 100}.{kopecks % 100:02d}"
            try:
                self.send(contract, {"account": child.payment_account, "sum": roubles,
                                     "pay": "card" if contract == "cards" else "sbp"})
            except OSError:
                pass  # The gateway was killed meanwhile.

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for number, _ in enumerate(pool.map(place, wanted)):
                if number == 20:
                    self.gateway.kill()
                    self.start_gateway()
                if number == 50:
                    self.world.server.kill()
                    self.world.restart()
        fresh = [order for number, order in self.bank.orders.items() if number not in known]
        self.assertGreater(len(fresh), 20)
        due, ended = {}, {"cards": [], "sbp": []}
        accounts = {order.order_number: order.payment_account for contract in ended
                    for order in self.orders_of(contract)}
        by_account = {child.payment_account: child for child in children}
        for order in fresh:
            contract = "sbp" if order.sbp else "cards"
            ended[contract].append(order.number)
            if draw.random() < 0.7:
                child = by_account[accounts[order.number]]
                due[child.account_id] = (due.get(child.account_id, 0) + order.kopecks
                                         - fee_of(contract, order.kopecks))
                self.bank.pay(order.number)
            else:
                self.bank.decline(order.number)
        for contract, numbers in ended.items():
            self.wait_settled(contract, numbers)
        wait_until(self.bank.quiet, "the bank's news to be told")
        for child in children:
            self.assertEqual(self.balance(child), due.get(child.account_id, 0))
            credits = [line for line in self.school.statement(child.account_id)
                       if line.amount_kopecks > 0]
            paid = [order for order in fresh if order.status == DEPOSITED
                    and accounts[order.number] == child.payment_account]
            self.assertEqual(len(credits), len(paid))
        for wrong, status in self.bank.news_answers:
            self.assertIn(status, (403, None) if wrong else (200, 503, None))

    def orders_of(self, contract):
        return self.channel.channels.ListOpenOrders(channels.ListOpenOrdersRequest(
            contract=contract, page_size=1000)).orders

    def test_the_gateway_stops_while_the_bank_hangs(self):
        child = self.school.child()
        order = self.placed("cards", child.payment_account, "50")
        self.bank.hangs.set()
        self.assertTrue(self.bank.hung.wait(SETTLED_SECONDS_MAX), "the bank is being asked")
        begin = time.monotonic()
        self.assertEqual(self.gateway.stop(), 0)
        self.assertLess(time.monotonic() - begin, BANK_TIMEOUT, "it waited for the bank")
        self.bank.hangs.clear()
        self.start_gateway()
        self.bank.pay(order.number)
        self.wait_settled("cards", [order.number])
        self.assertEqual(self.balance(child), 5_000)

    # --- hostile payers -------------------------------------------------------------------------

    def test_what_is_no_account_or_sum_is_told_and_opens_nothing(self):
        child = self.school.child()
        evil = '"><script>alert(1)</script>'

        def one(contract):
            before, known = self.open_numbers(contract), set(self.bank.orders)
            pay = "card" if contract == "cards" else "sbp"
            for account in ("", "1", "Иванов", evil, "\0", "7" * 4_000, "' OR 1=1 --",
                            child.payment_account[:-1], NOBODY):
                page = self.send(contract, {"account": account, "sum": "100", "pay": pay})
                self.assertEqual(page.status, 400, (account, page))
                self.assertIn('id="account-error"', page.body)
                self.assertNotIn("<script", page.body)
            for amount in ("", "0", "-1", "1e2", "NaN", "1.234", "0x10", "0.99", "15000.01",
                           "9" * 100, evil, "١٢"):
                page = self.send(contract, {"account": child.payment_account, "sum": amount,
                                            "pay": pay})
                self.assertEqual(page.status, 400, (amount, page))
                self.assertIn('id="sum-error"', page.body)
                self.assertNotIn("<script", page.body)
            good = urllib.parse.urlencode({"account": child.payment_account, "sum": "100"})
            for fields in (good + "&pay=" + ("cash" if pay == "card" else "card"),
                           good + f"&pay={pay}&sum=1", good + f"&pay={pay}&pay={pay}", "", "a=b"):
                self.assertEqual(self.send(contract, fields).status, 400, fields)
            self.assertEqual(self.send(contract, "a=" + "b" * 20_000).status, 413)
            self.assertEqual(self.open_numbers(contract), before)
            self.assertEqual(set(self.bank.orders), known)

        self.each(one)

    def test_a_core_that_is_away_is_told_as_such_and_nothing_is_charged(self):
        child = self.school.child()
        self.world.server.kill()
        try:
            page = self.send("cards", {"account": child.payment_account, "sum": "100",
                                       "pay": "card"})
            self.assertEqual(page.status, 503)
            self.assertIn("Деньги не списаны", page.body)
        finally:
            self.world.restart()
        wait_until(lambda: self.send("cards", {"account": child.payment_account,
                                               "sum": "100"}).status == 200,
                   "the core to be found again")

    def test_the_log_names_nobody(self):
        child = self.school.child(family="Журавлёва")
        order = self.placed("cards", child.payment_account, "123.45")
        self.bank.pay(order.number)
        self.wait_settled("cards", [order.number])
        log = self.gateway.log()
        self.assertNotIn(child.payment_account, log)
        self.assertNotIn("123.45", log)
        self.assertNotIn("12345,", log)
        self.assertNotIn(PASSWORD, log)


if __name__ == "__main__":
    unittest.main()
