"""Ten thousand payments, from fifteen lines at once, each sent one to five times in any order, with
answers lost, while gateway and core are killed again and again: every payment is there exactly once,
every repeat is answered as its contract says, and the books balance.

Method: what each bank was told is kept; afterwards every payment is asked for once more, and the sums
on the children's statements are compared with what was paid.
"""

import collections
import concurrent.futures
import http.client
import os
import random
import threading
import time
import unittest

from ladon_gateway import Gateway, roubles
from ladon_world import School, World, date_of, lasting_address
from ladon_world import payment_service_pb2 as payments

SEED = 4711
PAYMENTS = int(os.environ.get("LADON_PAYMENTS", "10000"))
LINES = 15
CHILDREN = 40
KILLS_MIN = PAYMENTS // 2_000
CORE = [{"name": "osmp", "fee_percent": "1.50"}, {"name": "sber1"}, {"name": "sber2"}]
GATEWAY = [{"name": "osmp", "protocol": "osmp", "path": "/osmp"},
           {"name": "sber1", "protocol": "sber1", "path": "/sber1", "repeat": "code8"},
           {"name": "sber2", "protocol": "sber2", "path": "/sber2"}]


def fee_of(contract, kopecks):
    return (kopecks * 150 + 5_000) // 10_000 if contract == "osmp" else 0


class PaymentsUnderFireTest(unittest.TestCase):
    def setUp(self):
        self.world = World(SEED)
        self.addCleanup(self.world.close)
        self.world.server.config["contract"] = CORE
        self.world.server.config["log"]["level"] = "info"
        # The gateway is told once where the core is, and the banks where the gateway is.
        ports = random.Random()
        self.world.server.config["server"]["listen"] = lasting_address(ports)
        self.world.start()
        self.school = School(self.world)
        self.children = [self.school.child() for _ in range(CHILDREN)]
        self.address = lasting_address(ports)
        self.gateway = Gateway(self.world, GATEWAY).start(listen=self.address)
        self.addCleanup(self.gateway.__exit__)
        self.draw = random.Random(SEED)
        self.lock = threading.Lock()
        self.told = collections.defaultdict(set)  # (contract, id) -> bodies of success
        self.codes = collections.Counter()
        self.lost = 0

    def payments(self):
        plan = []
        for number in range(PAYMENTS):
            contract = self.draw.choice(CORE)["name"]
            child = self.draw.randrange(CHILDREN)
            plan.append((contract, str(10**9 + number), child, self.draw.randrange(100, 500_000)))
        return plan

    def send(self, payment, give_up):
        """One request; its answer may be lost on the way."""
        contract, payment_id, child, kopecks = payment
        bank = self.gateway.bank(contract)
        query = bank.pay_query(payment_id, self.children[child].payment_account, kopecks)
        try:
            answer = bank.send(query, timeout=0.002 if give_up else 30)
        except (OSError, http.client.HTTPException) as error:
            with self.lock:
                self.lost += 1
            return type(error).__name__
        with self.lock:
            self.codes[contract, answer.code] += 1
            if answer.code == 0:
                self.told[contract, payment_id].add((answer.id, answer.sum, answer.body))
            elif answer.code == 8:
                self.told[contract, payment_id].add((answer.id, answer.sum, None))
        return answer.code

    def send_until_told(self, payment):
        """As banks do: a temporary error is repeated."""
        end = time.monotonic() + 20
        while (code := self.send(payment, False)) in (1, "ConnectionRefusedError"):
            self.assertLess(time.monotonic(), end,
                            (code, self.gateway.log()[-400:], self.world.server.log()[-800:]))
        return code

    def kill_while(self, sending):
        """Here and not on a thread of its own: a server dies with the thread that started it."""
        kills = []
        while not concurrent.futures.wait(sending, self.draw.uniform(0.3, 1.5)).done >= set(sending):
            victim = self.draw.choice(("gateway", "core", "both"))
            if victim != "core":
                self.gateway.kill()
            if victim != "gateway":
                self.world.server.kill()
                self.world.server.start()
            if victim != "core":
                self.gateway.start(listen=self.address)
            kills.append(victim)
        return kills

    def test_every_payment_is_there_once(self):
        plan = self.payments()
        sends = [payment for payment in plan for _ in range(self.draw.randint(1, 5))]
        self.draw.shuffle(sends)
        give_up = [self.draw.random() < 0.15 for _ in sends]
        begin = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(LINES) as pool:
            kills = self.kill_while([pool.submit(self.send, *one) for one in zip(sends, give_up)])
            # What no bank was told of yet is repeated, as banks do, until it is.
            open_ones = [one for one in plan if not self.told.get(one[:2])]
            list(pool.map(self.send_until_told, open_ones))
        took = time.monotonic() - begin
        self.assertEqual([one for one in plan if not self.told.get(one[:2])], [])
        self.assertGreaterEqual(len(kills), KILLS_MIN)
        # Every answer ever given for a payment names the same booking and sum.
        with concurrent.futures.ThreadPoolExecutor(LINES) as pool:
            again = list(pool.map(self.send_until_told, plan))
        self.assertEqual(collections.Counter(again),
                         collections.Counter(8 if one[0] == "sber1" else 0 for one in plan))
        for contract, payment_id, _, kopecks in plan:
            told = self.told[contract, payment_id]
            self.assertEqual({(number, paid) for number, paid, _ in told},
                             {(next(iter(told))[0], roubles(kopecks))})
            if contract != "sber1":  # repeat = same
                self.assertEqual(len({body for _, _, body in told}), 1)
        numbers = [next(iter(told))[0] for told in self.told.values()]
        self.assertEqual(len(set(numbers)), PAYMENTS, "every booking has its own number")
        self.assert_books()
        print(f"\n{PAYMENTS} payments, {len(sends)} requests, {self.lost} lost, {len(kills)} kills, "
              f"{took:.1f} s; answers: {dict(sorted(self.codes.items()))}", flush=True)

    def assert_books(self):
        self.draw = random.Random(SEED)
        plan = self.payments()
        owed = collections.Counter()
        for contract, _, child, kopecks in plan:
            owed[child] += kopecks - fee_of(contract, kopecks)
        for number, child in enumerate(self.children):
            self.assertEqual(self.school.balance(child.account_id), owed[number])
        # The daily invariant, to the kopeck.
        client = self.world.client(self.world.identity("accountant"))
        books = client.payments.GetReconciliation(payments.GetReconciliationRequest(
            contract="osmp", day=date_of(self.school.today()))).books
        paid = sum(kopecks for _, _, _, kopecks in plan)
        fees = sum(fee_of(contract, kopecks) for contract, _, _, kopecks in plan)
        self.assertEqual((books.purses_kopecks, books.fees_kopecks, books.suspense_kopecks,
                          books.clearing_kopecks), (paid - fees, fees, 0, paid))


if __name__ == "__main__":
    unittest.main()
