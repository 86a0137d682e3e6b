"""Unspent money on its way back to who had paid it in: opened by a desk with a second person, owed by
a day, paid out or put back by an accountant; and what is late, told once.

Method: payments come through the real gateway; a clock that is moved, so that days pass.
"""

import datetime
import json
import unittest
import zoneinfo

from ladon_gateway import Gateway
from ladon_world import FakeClock, School, World, date_of, refusal_of, run, wait_until
from ladon_world import accounts_service_pb2 as accounts
from ladon_world import approval_service_pb2 as approvals
from ladon_world import payment_service_pb2 as payments
from ladon_world import security_service_pb2 as security

ZONE = "Europe/Moscow"
DAY = 86_400
CORE = [{"name": "bank", "time_zone": ZONE, "fee_percent": "1.50", "refund_days": 10,
         "cancels": True}]
GATEWAY = [{"name": "bank", "protocol": "osmp", "path": "/osmp", "time_zone": ZONE, "cancels": True}]


class RefundsTest(unittest.TestCase):
    def setUp(self):
        self.world = World(93)
        self.addCleanup(self.world.close)
        self.world.server.config["contract"] = CORE
        self.clock = FakeClock(self.world.directory)
        self.world.start(env=self.clock.env)
        self.school = School(self.world)
        self.child = self.school.child("Гусева", "Анна", card=True)
        self.gateway = Gateway(self.world, GATEWAY).start()
        self.addCleanup(self.gateway.__exit__)
        self.bank = self.gateway.bank("bank")
        self.accountant = self.world.identity("accountant")
        self.client = self.world.client(self.accountant)
        self.head = self.world.client(self.world.identity("school", self.school.school_id))
        self.officer = self.world.client(self.world.identity("security-admin"))
        self.day = datetime.datetime.now(zoneinfo.ZoneInfo(ZONE)).date()

    def pay(self, payment_id, kopecks):
        answer = self.bank.pay(payment_id, self.child.payment_account, kopecks)
        self.assertEqual(answer.code, 0, answer)

    def balance(self):
        return self.school.balance(self.child.account_id)

    def request(self, kopecks, payment_id="", **more):
        return payments.OpenRefundRequest(**(dict(
            request_id=self.world.id(), contract="bank", account_id=self.child.account_id,
            kopecks=kopecks, payment_id=payment_id, basis="заявление № 7 от 01.09.2026") | more))

    def opened(self, request):
        return self.approved(self.school.cashier.payments.OpenRefund, request).refund

    def approved(self, call, request):
        self.assertEqual(refusal_of(call, request).reason, "APPROVAL_NEEDED")
        listed = self.head.approvals.ListApprovals(
            approvals.ListApprovalsRequest(page_size=10)).approvals
        self.head.approvals.DecideApproval(approvals.DecideApprovalRequest(
            request_id=self.world.id(), approval_id=listed[-1].approval_id, grant=True,
            content_digest=listed[-1].content_digest))
        return call(request)

    def ctl(self, *arguments, check=True):
        return run("ladonctl", "--server", self.world.server.address, "--identity",
                   self.accountant, "--json", *arguments, check=check)

    def books(self):
        return self.client.payments.GetReconciliation(payments.GetReconciliationRequest(
            contract="bank", day=date_of(self.day))).books

    def assert_books(self, refunds_kopecks):
        books = self.books()
        self.assertEqual(books.refunds_kopecks, refunds_kopecks)
        self.assertEqual(books.purses_kopecks + books.fees_kopecks + books.refunds_kopecks +
                         books.owed_to_caterers_kopecks - books.subsidies_drawn_kopecks,
                         books.clearing_kopecks)

    def alarms(self, name):
        return list(self.officer.security.ListSecurityEvents(security.ListSecurityEventsRequest(
            calls=[name], page_size=100)).events)

    def test_a_refund_is_owed_until_it_is_paid_out(self):
        self.pay("1", 20_000)
        request = self.request(15_000, "1")
        refund = self.opened(request)
        self.assertEqual(self.balance(), 20_000 - 300 - 15_000)
        self.assertEqual(refund.due_date, date_of(self.day + datetime.timedelta(days=10)))
        self.assertEqual(self.school.cashier.payments.OpenRefund(request).refund, refund)
        self.assert_books(15_000)
        paid, line = self.school.statement(self.child.account_id)[-2:]
        self.assertEqual((paid.kind, paid.amount_kopecks, paid.fee_kopecks),
                         (accounts.STATEMENT_KIND_TOP_UP, 19_700, 300))
        self.assertEqual((line.kind, line.amount_kopecks), (accounts.STATEMENT_KIND_REFUND, -15_000))
        listed = json.loads(self.ctl("refund", "list", "--contract", "bank").stdout)
        self.assertEqual([(one["kopecks"], one["basis"], one["overdue"]) for one in listed],
                         [(15_000, "заявление № 7 от 01.09.2026", False)])
        # What is on its way back is not to be taken back by the bank a second time.
        self.assertNotEqual(self.bank.cancel("1").code, 0)
        number = refund.refund_number
        closing = ("refund", "close", number, "--contract", "bank", "--document", "ПП-1", "--date",
                   self.day.isoformat())
        self.assertEqual(json.loads(self.ctl(*closing).stdout)["state"], "paid")
        self.assertEqual(self.ctl(*closing, check=False).returncode, 1)  # Another request: paid once.
        self.assertEqual(self.ctl("refund", "cancel", number, "--contract", "bank",
                                  check=False).returncode, 1)
        self.assert_books(0)
        self.assertEqual(json.loads(self.ctl("refund", "list", "--contract", "bank").stdout), [])
        self.assertEqual(self.balance(), 20_000 - 300 - 15_000)

    def test_no_more_goes_back_than_is_unspent_and_was_paid(self):
        self.pay("1", 10_000)
        self.school.top_up(self.child.account_id, 5_000)
        cashier = self.school.cashier.payments
        for request, reason in (
                (self.request(9_851, "1"), "PAYMENT_SPENT"),  # Less the fee.
                (self.request(14_851), "PAYMENT_SPENT"),
                (self.request(100, "2"), "PAYMENT_UNKNOWN"),
                (self.request(100, contract="another"), "CONTRACT_UNKNOWN"),
                (self.request(100, account_id=School(self.world, name="Школа № 2").child().account_id),
                 "ACCOUNT_UNKNOWN")):
            self.assertEqual(refusal_of(cashier.OpenRefund, request).reason, reason)
        first = self.opened(self.request(9_000, "1"))
        self.assertEqual(refusal_of(cashier.OpenRefund, self.request(851, "1")).reason,
                         "PAYMENT_SPENT")
        self.opened(self.request(850, "1"))
        self.assertEqual(self.balance(), 5_000)
        cancelled = self.client.payments.CancelRefund(payments.CancelRefundRequest(
            request_id=self.world.id(), contract="bank",
            refund_number=first.refund_number)).refund
        self.assertEqual(cancelled.state, payments.REFUND_STATE_CANCELLED)
        self.assertEqual(self.balance(), 14_000)
        self.assert_books(850)
        self.opened(self.request(9_000, "1"))
        self.assertEqual(self.balance(), 5_000)
        line = self.school.statement(self.child.account_id)[-2]
        self.assertEqual((line.kind, line.amount_kopecks), (accounts.STATEMENT_KIND_REFUND, 9_000))

    def test_what_is_cancelled_or_moved_is_not_given_back_and_what_goes_back_is_not_moved(self):
        self.pay("1", 20_000)
        self.pay("2", 20_000)
        self.assertEqual(self.bank.cancel("1").code, 0)
        cashier = self.school.cashier.payments
        self.assertEqual(refusal_of(cashier.OpenRefund, self.request(100, "1")).reason,
                         "PAYMENT_UNKNOWN")
        refund = self.opened(self.request(5_000, "2"))
        self.school.top_up(self.child.account_id, 8_000)
        other = self.school.child("Орлов")
        request = payments.MovePaymentRequest(
            request_id=self.world.id(), contract="bank", payment_id="2",
            payment_account=other.payment_account)
        moved = self.approved(cashier.MovePayment, request)
        self.assertEqual(moved.moved_kopecks, 20_000 - 300 - 5_000)
        self.assertEqual(self.balance(), 8_000)
        self.assertEqual(refusal_of(cashier.OpenRefund, self.request(
            100, "2", account_id=other.account_id)).reason, "PAYMENT_UNKNOWN")
        self.client.payments.CancelRefund(payments.CancelRefundRequest(
            request_id=self.world.id(), contract="bank", refund_number=refund.refund_number))
        self.assertEqual(self.balance(), 13_000)
        self.assert_books(0)

    def test_a_desk_sees_its_own_and_nobody_else_any(self):
        self.pay("1", 10_000)
        self.opened(self.request(1_000))
        listing = payments.ListRefundsRequest(contract="bank")
        self.assertEqual(len(self.school.cashier.payments.ListRefunds(listing).refunds), 1)
        other = School(self.world, name="Школа № 2")
        self.assertEqual(len(other.cashier.payments.ListRefunds(listing).refunds), 0)
        gateway = self.world.client(self.gateway.identity)
        self.assertEqual(refusal_of(gateway.payments.ListRefunds, listing).code.name,
                         "PERMISSION_DENIED")

    def test_what_is_late_is_told_once(self):
        self.pay("1", 10_000)
        self.opened(self.request(1_000))
        self.assertEqual(self.alarms("process/registry-late"), [])
        self.clock.set(9 * DAY)
        self.world.server.kill()
        self.world.start(env=self.clock.env)
        wait_until(lambda: self.alarms("process/registry-late"), "the registry to be missed")
        self.assertEqual(self.alarms("process/refund-overdue"), [])
        self.clock.set(12 * DAY)
        for _ in range(2):
            self.world.server.kill()
            self.world.start(env=self.clock.env)
            wait_until(lambda: self.alarms("process/refund-overdue"), "the refund to be overdue")
        self.assertEqual(len(self.alarms("process/refund-overdue")), 1)
        self.assertEqual(len(self.alarms("process/registry-late")), 1)
        overdue = json.loads(self.ctl("refund", "list", "--contract", "bank").stdout)
        self.assertEqual([one["overdue"] for one in overdue], [True])


if __name__ == "__main__":
    unittest.main()
