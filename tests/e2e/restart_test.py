"""Goal: what was acknowledged is there exactly once, whatever happened to the process; what was
not acknowledged can always be settled under the same request id.

Method: rounds of {debits from several threads, SIGKILL after a seeded number of answers, restart,
settle what is open by GetOperation and a repeat under the same id, read every statement}. Cancels
and debits overtake each other in both directions, also around a kill. Nothing waits for time: a
kill comes when a counted number of answers has arrived.
"""

import collections
import random
import threading
import unittest
import urllib.request

import grpc
from ladon_palms import Palm
from ladon_world import School, World, refusal_of, wait_until
from ladon_world import accounts_service_pb2 as accounts
from ladon_world import enrolment_service_pb2 as enrolment
from ladon_world import terminal_service_pb2 as terminal
from ladon_world import types_pb2 as types

SEED = 404
ROUNDS = 22
THREADS = 4
LOST = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.UNKNOWN)

world = None
school = None


def setUpModule():
    global world, school
    world = World(SEED, metrics=True).start()
    school = School(world)


def tearDownModule():
    world.close()


def metric(name):
    address = (world.directory / "metrics-port").read_text().strip()
    text = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
        f"http://{address}/metrics", timeout=60).read().decode()
    return next(float(line.split()[-1]) for line in text.splitlines()
                if line.startswith(name + " "))


class Burst:
    """Debits from several threads until the server goes away; remembers every fate."""

    def __init__(self, children, seed):
        self.children = children
        self.answered = {}  # request id -> transaction id
        self.open = []  # (child number, request) without an answer
        self.sold = {}  # request id -> child number
        self.wrong = []
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._work, args=(random.Random(f"{seed} {n}"),))
                         for n in range(THREADS)]
        for thread in self._threads:
            thread.start()

    def _work(self, draw):
        while True:
            number = draw.randrange(len(self.children))
            basket = school.basket(*draw.choice(((School.SOUP,), (School.TEA,),
                                                 (School.SOUP, School.TEA))))
            request = school.sale(self.children[number].card, basket, draw.randbytes(16))
            try:
                answer = school.till.terminal.IdentifyAndDebit(request)
            except grpc.RpcError as error:
                with self._lock:
                    self.sold[request.request_id] = number
                    self.open.append((number, request))
                    if error.code() not in LOST:
                        self.wrong.append(f"{error.code()}: {error.details()}")
                return
            with self._lock:
                self.sold[request.request_id] = number
                self.answered[request.request_id] = answer.transaction_id

    def wait_for_answers(self, count):
        wait_until(lambda: len(self.answered) >= count or self.wrong, f"{count} answers")

    def join(self):
        for thread in self._threads:
            thread.join(timeout=60)
            if thread.is_alive():
                raise AssertionError("a caller hangs although the server is gone")


def settle(burst):
    """After the restart: asks for each open request, repeats it, and holds the two together."""
    booked = 0
    for _, request in burst.open:
        state = school.operation(request.request_id)
        answer = school.till.terminal.IdentifyAndDebit(request)
        if state.state == types.OPERATION_STATE_SUCCEEDED:
            booked += 1
            if not answer.replayed or answer.transaction_id != state.transaction_id:
                raise AssertionError("a booked request was booked again")
        elif state.state != types.OPERATION_STATE_UNKNOWN or answer.replayed:
            raise AssertionError(f"state {state.state}, replayed {answer.replayed}")
        burst.answered[request.request_id] = answer.transaction_id
    return booked


class KillTest(unittest.TestCase):
    def test_acknowledged_debits_survive_kills_exactly_once(self):
        children = [school.child(money=10_000_000, card=True) for _ in range(3)]
        booked_of = [collections.Counter() for _ in children]  # transaction id -> 1
        draw = random.Random(SEED)
        acknowledged = unanswered = unanswered_but_booked = 0
        audit_records = 0.0
        for number in range(ROUNDS):
            burst = Burst(children, f"{SEED} {number}")
            burst.wait_for_answers(draw.randrange(3, 60))
            if number % 4 == 3:
                audit_records = metric("ladon_audit_records")
            world.server.kill()
            burst.join()
            self.assertEqual(burst.wrong, [], f"seed {SEED} round {number}")
            acknowledged += len(burst.answered)
            unanswered += len(burst.open)
            world.restart()
            if number % 5 == 4:  # The recovered process dies before it has done anything.
                world.server.kill()
                world.restart()
            self.assertGreaterEqual(metric("ladon_audit_records"), audit_records)
            for request_id, transaction_id in burst.answered.items():
                self.assertEqual(school.operation(request_id).transaction_id, transaction_id)
            unanswered_but_booked += settle(burst)
            for request_id, transaction_id in burst.answered.items():
                booked_of[burst.sold[request_id]][transaction_id] += 1
            for child, booked in zip(children, booked_of):
                self.check_statement(child, booked)
        total = sum(sum(booked.values()) for booked in booked_of)
        self.assertEqual(total, acknowledged + unanswered)
        self.assertGreater(acknowledged, ROUNDS * 3)
        # Every answer has its record in the security log: at least these calls were answered.
        self.assertGreaterEqual(metric("ladon_audit_records"), total)
        self.assertGreaterEqual(metric("ladon_journal_entries"), total)
        print(f"\n{ROUNDS} kills: {acknowledged} acknowledged, {unanswered} unanswered, of which "
              f"{unanswered_but_booked} were booked; 0 lost, 0 doubled")

    def check_statement(self, child, booked):
        lines = school.statement(child.account_id)
        meals = [line for line in lines if line.kind == accounts.STATEMENT_KIND_MEAL]
        seen = collections.Counter({line.transaction_id: 1 for line in meals})
        self.assertEqual(seen, booked)
        # A transaction has one soup line at most and one tea line at most.
        items = collections.Counter((line.transaction_id, line.item_id) for line in meals)
        self.assertLessEqual(set(items.values()), {1})
        self.assertEqual(school.balance(child.account_id),
                         10_000_000 + sum(line.amount_kopecks for line in meals))


class AfterRestartTest(unittest.TestCase):
    def test_palms_cards_consents_and_settings_survive_and_tokens_do_not(self):
        child = school.child(money=10_000, card=True, palm=Palm(40))
        gone = school.child(money=10_000, palm=Palm(41))
        school.desk.enrolment.WithdrawConsent(enrolment.WithdrawConsentRequest(
            request_id=world.id(), subject_id=gone.subject_id,
            kind=enrolment.CONSENT_KIND_BIOMETRIC))
        token = school.identify(card=child.card).identification_token
        subjects = school.desk.enrolment.ListSubjects(
            enrolment.ListSubjectsRequest(page_size=1000))
        world.server.kill()
        world.restart()
        self.assertEqual(school.desk.enrolment.ListSubjects(
            enrolment.ListSubjectsRequest(page_size=1000)), subjects)
        for means in ({"card": child.card}, {"probe": school.probe(child.palm)}):
            self.assertEqual(school.identify(**means).payer.display_name, "Иван П., 5А")
        self.assertEqual(refusal_of(school.identify, probe=school.probe(gone.palm)).reason,
                         "PALM_NOT_RECOGNISED")
        refusal = refusal_of(school.till.terminal.Debit, terminal.DebitRequest(
            request_id=world.id(), identification_token=token,
            basket=school.basket(School.TEA)))
        self.assertEqual(refusal.reason, "TOKEN_INVALID")

    def test_a_refusal_stays_refused(self):
        child = school.child(money=100, card=True)
        sale = school.sale(child.card, school.basket(School.SOUP))
        self.assertEqual(refusal_of(school.till.terminal.IdentifyAndDebit, sale).reason,
                         "INSUFFICIENT_FUNDS")
        school.top_up(child.account_id, 100_000)
        world.server.kill()
        world.restart()
        self.assertEqual(refusal_of(school.till.terminal.IdentifyAndDebit, sale).reason,
                         "INSUFFICIENT_FUNDS")
        self.assertEqual(school.operation(sale.request_id).state, types.OPERATION_STATE_REFUSED)


class ReorderTest(unittest.TestCase):
    def setUp(self):
        self.child = school.child(money=10_000_000, card=True)

    def sale(self):
        return school.sale(self.child.card, school.basket(School.SOUP))

    def test_debit_kill_cancel(self):
        sale = self.sale()
        school.till.terminal.IdentifyAndDebit(sale)
        world.server.kill()
        world.restart()
        cancel = school.cancel(sale.request_id)
        answer = school.till.terminal.Cancel(cancel)
        self.assertEqual((answer.burnt, answer.returned_kopecks), (False, 4_500))
        world.server.kill()
        world.restart()
        again = school.till.terminal.Cancel(cancel)
        self.assertTrue(again.replayed)
        self.assertEqual(again.transaction_id, answer.transaction_id)
        self.assertEqual(school.balance(self.child.account_id), 10_000_000)

    def test_cancel_kill_debit(self):
        sale = self.sale()
        self.assertTrue(school.till.terminal.Cancel(school.cancel(sale.request_id)).burnt)
        world.server.kill()
        world.restart()
        self.assertEqual(school.operation(sale.request_id).state, types.OPERATION_STATE_BURNT)
        for _ in range(2):
            refusal = refusal_of(school.till.terminal.IdentifyAndDebit, sale)
            self.assertEqual(refusal.reason, "CANCELLED_BEFORE_ARRIVAL")
        self.assertEqual(school.balance(self.child.account_id), 10_000_000)

    def race(self, pairs):
        """Sends each debit and its cancel at the same time; returns what each heard."""
        heard = {}

        def send(key, call, request):
            try:
                heard[key] = call(request)
            except grpc.RpcError as error:
                heard[key] = error

        terminal_stub = school.till.terminal
        threads = []
        for number, (sale, cancel) in enumerate(pairs):
            both = [((number, "debit"), terminal_stub.IdentifyAndDebit, sale),
                    ((number, "cancel"), terminal_stub.Cancel, cancel)]
            threads += [threading.Thread(target=send, args=arguments)
                        for arguments in (both if number % 2 else both[::-1])]
        for thread in threads:
            thread.start()
        return heard, threads

    def check_pair(self, sale, debit, cancel):
        """Both have a final answer: either reversed, or burnt; never a meal that stays charged."""
        state = school.operation(sale.request_id)
        if cancel.burnt:
            self.assertIsInstance(debit, grpc.RpcError)
            self.assertEqual(state.state, types.OPERATION_STATE_BURNT)
        else:
            self.assertNotIsInstance(debit, grpc.RpcError)
            self.assertEqual(cancel.returned_kopecks, 4_500)
            self.assertEqual(state.state, types.OPERATION_STATE_SUCCEEDED)
            self.assertEqual(list(state.lines_cancelled), [True])

    def finish(self, pairs):
        """Repeats both under their ids until each has its final answer."""
        burnt = 0
        for sale, cancel in pairs:
            cancelled = school.till.terminal.Cancel(cancel)
            try:
                debit = school.till.terminal.IdentifyAndDebit(sale)
            except grpc.RpcError as error:
                debit = error
            self.check_pair(sale, debit, cancelled)
            burnt += cancelled.burnt
        self.assertEqual(school.balance(self.child.account_id), 10_000_000)
        return burnt

    def pairs(self, count):
        sales = [self.sale() for _ in range(count)]
        return [(sale, school.cancel(sale.request_id)) for sale in sales]

    def test_both_orders_at_once(self):
        pairs = self.pairs(40)
        heard, threads = self.race(pairs)
        for thread in threads:
            thread.join()
        for number, (sale, _) in enumerate(pairs):
            self.check_pair(sale, heard[number, "debit"], heard[number, "cancel"])
        self.assertEqual(school.balance(self.child.account_id), 10_000_000)
        self.finish(pairs)

    def test_both_orders_at_once_around_a_kill(self):
        draw = random.Random(SEED + 1)
        for _ in range(4):
            pairs = self.pairs(20)
            heard, threads = self.race(pairs)
            enough = draw.randrange(1, 20)
            wait_until(lambda heard=heard, enough=enough: len(heard) >= enough,
                       f"{enough} answers")
            world.server.kill()
            for thread in threads:
                thread.join(timeout=60)
            world.restart()
            known = {key: answer for key, answer in heard.items()
                     if not isinstance(answer, grpc.RpcError)}
            self.finish(pairs)
            # What was told before the kill is what is told now.
            for (number, what), answer in known.items():
                state = school.operation(pairs[number][0].request_id)
                if what == "debit":
                    self.assertEqual(state.transaction_id, answer.transaction_id)
                else:
                    self.assertEqual(state.state == types.OPERATION_STATE_BURNT, answer.burnt)


class GracefulStopTest(unittest.TestCase):
    def test_sigterm_finishes_acknowledged_work_and_exits_with_0(self):
        children = [school.child(money=10_000_000, card=True) for _ in range(2)]
        for number in range(2):
            burst = Burst(children, f"graceful {number}")
            burst.wait_for_answers(30)
            code = world.server.stop()
            burst.join()
            self.assertEqual(code, 0, world.server.log()[-2000:])
            self.assertEqual(burst.wrong, [])
            world.restart()
            for request_id, transaction_id in burst.answered.items():
                self.assertEqual(school.operation(request_id).transaction_id, transaction_id)
            settle(burst)


if __name__ == "__main__":
    unittest.main()
