"""Goal: whatever clients do at once, and however often the server dies, money is neither lost nor
made, nothing is done twice, and everybody sees one order of events (the bank test of Jepsen).

Method: threads that top up, sell, cancel and read balances, each request repeated under its id until
its fate is known; meanwhile the server is killed again and again. Then the whole journal is taken
away as an extract, verified by ladon-audit, and held against what was acknowledged:
- every acknowledged request is one transaction, of the sum that was asked for, and there is no other;
- what was answered before something else was asked for stands before it (real-time order);
- every balance that was read was the account's at some moment between question and answer;
- the sum of all accounts is zero after every entry, and no wallet was ever overdrawn.
"""

import collections
import csv
import io
import random
import threading
import time
import unittest

import grpc
from ladon_world import School, World, refusal_of, run, wait_until
from ladon_world import accounts_service_pb2 as accounts

SEED = 911
THREADS = 5
KILLS = 12
ANSWERS_A_ROUND = 150
CHILDREN = 3
MONEY = 400_000

Op = collections.namedtuple("Op", "kind account kopecks index transaction begin end")
Read = collections.namedtuple("Read", "account kopecks begin end")


class Bank:
    """The callers, and everything that they were told."""

    def __init__(self, world, school, children):
        self.world, self.school, self.children = world, school, children
        self.ops, self.reads, self.refused, self.wrong = [], [], 0, []
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._up = threading.Event()
        self._up.set()
        self._threads = [threading.Thread(target=self._work, args=(random.Random(f"{SEED} {n}"),))
                         for n in range(THREADS)]

    def start(self):
        for thread in self._threads:
            thread.start()

    def answers(self):
        return len(self.ops) + len(self.reads) + self.refused

    def pause(self):
        self._up.clear()

    def go_on(self):
        self._up.set()

    def finish(self):
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout=120)
            if thread.is_alive():
                raise AssertionError("a caller hangs")

    def until_known(self, call, request):
        """The answer, or the refusal as an RpcError; asked again as long as neither came."""
        while True:
            self._up.wait(timeout=60)
            try:
                return call()(request)
            except grpc.RpcError as error:
                if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED,
                                        grpc.StatusCode.UNKNOWN,
                                        grpc.StatusCode.DEADLINE_EXCEEDED):
                    raise
                time.sleep(0.01)  # Until the server is back; nothing is decided by how long.
            except ValueError:  # The channel was closed under our hands: the server is away.
                time.sleep(0.01)

    def _work(self, draw):
        try:
            while not self._stopping.is_set():
                self._one(draw)
        except BaseException as error:  # pylint: disable=broad-except
            with self._lock:
                self.wrong.append(f"{type(error).__name__}: {error}")

    def _one(self, draw):
        child = draw.choice(self.children)
        what = draw.random()
        begin = time.monotonic()
        try:
            if what < 0.2:
                answer = self.until_known(
                    lambda: self.school.cashier.accounts.GetBalance,
                    accounts.GetBalanceRequest(account_id=child.account_id))
                self._add(self.reads, Read(child.account_id, answer.balance_kopecks, begin,
                                           time.monotonic()))
                return
            if what < 0.35:
                request = accounts.TopUpRequest(request_id=draw.randbytes(16),
                                                account_id=child.account_id,
                                                amount_kopecks=draw.randrange(1, 5_000))
                answer = self.until_known(lambda: self.school.cashier.accounts.TopUp, request)
                self._add(self.ops, Op("top-up", child.account_id, request.amount_kopecks,
                                       answer.journal_index, answer.transaction_id, begin,
                                       time.monotonic()))
                return
            basket = self.school.basket(draw.choice((School.SOUP, School.TEA)))
            sale = self.school.sale(child.card, basket, draw.randbytes(16))
            answer = self.until_known(lambda: self.school.till.terminal.IdentifyAndDebit, sale)
            self._add(self.ops, Op("sale", child.account_id, -basket.total_kopecks,
                                   answer.journal_index, answer.transaction_id, begin,
                                   time.monotonic()))
            if what > 0.85:
                begin = time.monotonic()
                cancel = self.school.cancel(sale.request_id, draw.randbytes(16))
                answer = self.until_known(lambda: self.school.till.terminal.Cancel, cancel)
                self._add(self.ops, Op("cancel", child.account_id, answer.returned_kopecks,
                                       answer.journal_index, answer.transaction_id, begin,
                                       time.monotonic()))
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.FAILED_PRECONDITION:
                raise
            with self._lock:
                self.refused += 1  # Not enough money.

    def _add(self, to, one):
        with self._lock:
            to.append(one)


def journal_of(world, auditor):
    """All postings, as an offline reader gets them: rows of the CSV, in order."""
    extract, key = world.directory / "bank.ladon", world.directory / "bank.vkey"
    for arguments in (("checkpoint", "--key-out", key), ("extract", "--out", extract)):
        run("ladonctl", "--server", world.server.address, "--identity", auditor.identity, "audit",
            *arguments)
    done = run("ladon-audit", "convert", extract, "--key", key, "--to", "csv")
    return [row for row in csv.DictReader(io.StringIO(done.stdout)) if row["what"] == "posting"]


def kopecks(text):
    sign = -1 if text.startswith("-") else 1
    roubles, rest = text.lstrip("-").split(".")
    return sign * (int(roubles) * 100 + int(rest))


class BankTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(SEED).start()
        cls.school = School(cls.world)
        cls.auditor = cls.world.client(cls.world.identity("auditor"))
        cls.children = [cls.school.child(money=MONEY, card=True) for _ in range(CHILDREN)]
        bank = cls.bank = Bank(cls.world, cls.school, cls.children)
        bank.start()
        for kill in range(KILLS):
            target = (kill + 1) * ANSWERS_A_ROUND
            wait_until(lambda: bank.answers() >= target or bank.wrong, f"{target} answers")
            bank.pause()
            cls.world.server.kill()
            cls.world.restart()
            bank.go_on()
        bank.finish()
        cls.rows = journal_of(cls.world, cls.auditor)

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def test_nobody_heard_nonsense(self):
        self.assertEqual(self.bank.wrong, [])
        self.assertGreaterEqual(self.bank.answers(), KILLS * ANSWERS_A_ROUND)
        kinds = collections.Counter(op.kind for op in self.bank.ops)
        print(f"\n{dict(kinds)}, {len(self.bank.reads)} balances read, {self.bank.refused} refused, "
              f"{KILLS} kills")
        self.assertEqual(set(kinds), {"top-up", "sale", "cancel"})

    def test_every_acknowledged_request_is_one_transaction_and_there_is_no_other(self):
        own = {child.account_id.hex() for child in self.children}
        booked = collections.Counter()
        for row in self.rows:
            if row["account"] in own:
                booked[row["transaction"], row["account"], kopecks(row["amount_rub"])] += 1
        told = collections.Counter((op.transaction.hex(), op.account.hex(), op.kopecks)
                                   for op in self.bank.ops)
        opening = {key: n for key, n in (booked - told).items()}
        self.assertEqual(told - booked, {}, "acknowledged and lost, or with another sum")
        # What the children had before it all began, and nothing else.
        self.assertEqual(sorted(key[2] for key in opening), [MONEY] * CHILDREN)
        self.assertEqual(set(opening.values()), {1})
        self.assertEqual(len(told), len(self.bank.ops), "two requests share a transaction")

    def test_what_was_answered_first_stands_first(self):
        indexes = {row["transaction"]: int(row["index"]) for row in self.rows}
        for op in self.bank.ops:
            self.assertEqual(indexes[op.transaction.hex()], op.index)
        by_end = sorted(self.bank.ops, key=lambda op: op.end)
        by_begin = sorted(self.bank.ops, key=lambda op: op.begin)
        newest, at = -1, 0
        for op in by_begin:
            while by_end[at].end < op.begin:
                newest = max(newest, by_end[at].index)
                at += 1
            self.assertGreater(op.index, newest, "a later request was booked before")

    def test_every_balance_was_true_between_question_and_answer(self):
        histories = collections.defaultdict(list)  # account -> (index, balance)
        for row in self.rows:
            histories[row["account"]].append((int(row["index"]), kopecks(row["balance_rub"])))
        self.assertGreater(len(self.bank.reads), 20)
        for read in self.bank.reads:
            before = [op.index for op in self.bank.ops
                      if op.account == read.account and op.end < read.begin]
            not_before = [op.index for op in self.bank.ops
                          if op.account == read.account and op.begin > read.end]
            low, high = max(before, default=0), min(not_before, default=2**62)
            history = histories[read.account.hex()]
            possible = {balance for index, balance in history if low <= index < high}
            older = [balance for index, balance in history if index <= low]
            possible |= {older[-1]} if older else {0}
            self.assertIn(read.kopecks, possible)

    def test_the_sum_is_zero_after_every_entry_and_no_wallet_is_overdrawn(self):
        balances, total, last = {}, 0, None
        own = {child.account_id.hex() for child in self.children}
        for row in self.rows:
            if row["index"] != last:
                self.assertEqual(total, 0)
            last = row["index"]
            amount, balance = kopecks(row["amount_rub"]), kopecks(row["balance_rub"])
            self.assertEqual(balances.get(row["account"], 0) + amount, balance)
            balances[row["account"]] = balance
            total += amount
            self.assertTrue(row["account"] not in own or balance >= 0)
        self.assertEqual(total, 0)
        for child in self.children:
            self.assertEqual(self.school.balance(child.account_id), balances[child.account_id.hex()])

    def test_a_later_extract_shows_the_same_and_more(self):
        self.school.child(money=1)
        later = journal_of(self.world, self.auditor)
        self.assertEqual(later[:len(self.rows)], self.rows)
        self.assertEqual(len(later), len(self.rows) + 2)
        self.assertEqual(refusal_of(
            self.school.till.terminal.IdentifyAndDebit,
            self.school.sale(self.school.new_card(), self.school.basket(School.TEA))).reason,
            "CARD_UNKNOWN")


if __name__ == "__main__":
    unittest.main()
