"""Events for others: parents' notices and intents of fiscal receipts, from the debit to the webhook.

Method: the real core and gateway; a listener that checks signatures by code of its own, loses answers,
refuses and hangs; core and gateway killed meanwhile; a clock that is moved, so that days pass.
"""

import json
import unittest
import urllib.request

import grpc
from event_listener import EventListener
from ladon_gateway import Gateway
from ladon_world import FakeClock, School, World, refusal_of, run, toml_of, wait_until
from ladon_world import accounts_service_pb2 as accounts
from ladon_world import approval_service_pb2 as approvals
from ladon_world import enrolment_service_pb2 as enrolment
from ladon_world import outbox_service_pb2 as outbox
from ladon_world import security_service_pb2 as security
from ladon_world import subject_service_pb2 as subjects
from ladon_world import types_pb2

HOUR, DAY = 3_600, 86_400
SETTINGS = {"notices": True, "receipts": True, "low_balance": "100.00", "low_balance_days": 2}
ATTEMPTS_MAX = 3


class OutboxCase(unittest.TestCase):
    clocked = False

    def setUp(self):
        self.world = World(91, metrics=self.clocked)
        self.addCleanup(self.world.close)
        self.world.server.config["outbox"] = SETTINGS | (
            {"attempts_max": ATTEMPTS_MAX} if self.clocked else {})
        self.clock = FakeClock(self.world.directory) if self.clocked else None
        self.world.start(**({"env": self.clock.env} if self.clocked else {}))
        self.school = School(self.world)
        self.listeners = {}
        couriers = []
        for stream in ("notices", "receipts"):
            listener = self.listeners[stream] = EventListener(5)
            self.addCleanup(listener.close)
            secret = self.world.directory / f"{stream}.secret"
            secret.write_text(listener.secret + "\n", encoding="utf-8")
            couriers.append({"stream": stream, "url": listener.url, "secret_file": str(secret)})
        self.gateway = Gateway(self.world, [], couriers=couriers)
        self.addCleanup(self.gateway.__exit__)
        self.sysadmin = self.world.sysadmin.outbox

    @property
    def notices(self):
        return self.listeners["notices"]

    @property
    def receipts(self):
        return self.listeners["receipts"]

    def eat(self, child, *items, **more):
        return self.school.till.terminal.IdentifyAndDebit(
            self.school.sale(child.card, self.school.basket(*(items or (School.SOUP,))), **more))

    def waits(self, stream):
        """waiting, parked"""
        try:
            views = self.sysadmin.GetOutbox(outbox.GetOutboxRequest()).streams
        except grpc.RpcError as error:
            # A connection whose time is over when the clock jumps.
            self.assertEqual(error.code(), grpc.StatusCode.CANCELLED)
            return None, None
        view = next(one for one in views if one.stream == stream)
        return view.waiting, view.parked

    def settled(self):
        wait_until(lambda: all(self.waits(stream)[0] == 0 for stream in
                               (outbox.EVENT_STREAM_NOTICES, outbox.EVENT_STREAM_RECEIPTS)),
                   "every event to be told")

    def ctl(self, *arguments):
        return run("ladonctl", "--server", self.world.server.address, "--identity",
                   self.world.sysadmin.identity, "--json", *arguments)


class OutboxTest(OutboxCase):
    def test_every_kind_is_told_once_with_what_it_was(self):
        self.gateway.start()
        child = self.school.child(money=10_000, card=True)
        sale = self.school.sale(child.card, self.school.basket(School.SOUP, School.TEA))
        self.school.till.terminal.IdentifyAndDebit(sale)
        self.school.till.terminal.IdentifyAndDebit(sale)  # A repeat is no second meal.
        self.school.till.terminal.Cancel(self.school.cancel(sale.request_id))
        self.school.desk.enrolment.SetCardState(enrolment.SetCardStateRequest(
            request_id=self.world.id(), card=child.card, state=types_pb2.CARD_STATE_LOST))
        self.settled()
        number = child.payment_account
        self.assertEqual(sorted(self.notices.types_of(number)),
                         ["cancel", "card-blocked", "low-balance", "meal", "top-up"])
        self.assertEqual(self.receipts.types_of(number), ["top-up", "meal", "cancel"])
        meal = next(one for one in self.notices.of(number) if one["type"] == "meal")["data"]
        self.assertEqual((meal["amount_kopecks"], meal["balance_kopecks"]), (-6_000, 4_000))
        self.assertEqual([(line["name"], line["quantity"], line["amount_kopecks"])
                          for line in meal["lines"]], [("Суп", 1, -4_500), ("Чай", 1, -1_500)])
        for listener in self.listeners.values():
            self.assertEqual(listener.forged, [])
            self.assertTrue(all(count == 1 for count in listener.seen.values()))

    def test_receipts_tell_advance_and_credit_apart(self):
        self.gateway.start()
        child = self.school.child(money=3_000, card=True)
        self.school.cashier.accounts.SetOverdraftLimit(accounts.SetOverdraftLimitRequest(
            request_id=self.world.id(), account_id=child.account_id, overdraft_limit_kopecks=10_000))
        self.eat(child)  # 45 roubles of 30: 15 on credit.
        self.eat(child)  # All of it on credit.
        self.school.top_up(child.account_id, 10_000)  # 60 settle the credit.
        self.eat(child, School.TEA)
        self.settled()
        told = [event["data"]["receipt"] for event in self.receipts.of(child.payment_account)]
        self.assertEqual(
            [(one["1054"], [item["1214"] for item in one["items"]], one.get("1081_kopecks"),
              one.get("1215_kopecks"), one.get("1216_kopecks")) for one in told],
            [(1, [3], 3_000, None, None),
             (1, [5], None, 3_000, 1_500),
             (1, [6], None, 0, 4_500),
             (1, [3, 7], 10_000, None, None),
             (1, [4], None, 1_500, 0)])
        self.assertEqual([item["1043_kopecks"] for item in told[3]["items"]], [4_000, 6_000])

    def test_a_listener_that_is_away_or_loses_answers_gets_each_in_the_end(self):
        self.notices.status, self.receipts.loses = 503, 0.5
        self.gateway.start()
        child = self.school.child(money=1_000_000, card=True)
        wait_until(lambda: self.notices.seen, "an attempt")
        for _ in range(30):
            self.eat(child)
        balance = self.school.balance(child.account_id)
        self.assertEqual(balance, 1_000_000 - 30 * 4_500)  # Nobody waits for a listener.
        self.gateway.kill()
        self.notices.status = 200
        self.gateway.start()
        wait_until(lambda: self.receipts.lost >= 5, "answers to be lost")
        self.receipts.loses = 0
        wait_until(lambda: len(self.notices.events) == 31 and len(self.receipts.events) == 31,
                   "every event to come")
        self.assertEqual(self.notices.types_of(child.payment_account), ["top-up"] + ["meal"] * 30)
        self.assertEqual(self.school.balance(child.account_id), balance)

    def test_killed_at_any_time_nothing_is_lost(self):
        self.gateway.start()
        child = self.school.child(money=10_000_000, card=True)
        for kill in range(6):
            for _ in range(10):
                self.eat(child)
            (self.gateway if kill % 2 else self.world.server).kill()
            if kill % 2:
                self.gateway.start()
            else:
                self.gateway.kill()
                self.world.restart()
                self.gateway.start()
        wait_until(lambda: len(self.notices.events) == 61 and len(self.receipts.events) == 61,
                   "every event to come")
        sequences = [event["data"]["sequence"]
                     for event in self.notices.of(child.payment_account)]
        self.assertEqual(len(set(sequences)), 61)
        self.assertEqual(self.notices.forged + self.receipts.forged, [])

    def test_another_school_is_no_meal_and_what_waits_finds_its_parents(self):
        child = self.school.child(money=10_000, card=True)
        self.eat(child)
        other = School(self.world, name="Школа № 2")
        officer = self.world.client(self.world.identity("data-protection-officer"))
        officer.subjects.MoveSubject(subjects.MoveSubjectRequest(
            request_id=self.world.id(), school_id=self.school.school_id,
            subject_id=child.subject_id, to_school_id=other.school_id, class_name="6Б"))
        self.gateway.start()
        self.settled()
        number = child.payment_account
        self.assertEqual(self.notices.types_of(number), ["top-up", "low-balance", "meal"])
        self.assertEqual(self.receipts.types_of(number), ["top-up", "meal"])
        self.assertEqual(len(self.receipts.events), 2)

    def test_who_is_erased_is_told_of_no_more_and_has_the_receipts_of_the_law(self):
        child = self.school.child(money=10_000)
        officer = self.world.client(self.world.identity("data-protection-officer"))
        head = self.world.client(self.world.identity("school", self.school.school_id))
        request = subjects.EraseSubjectRequest(
            request_id=self.world.id(), school_id=self.school.school_id,
            subject_id=child.subject_id, reason=subjects.ERASURE_REASON_COURT)
        self.assertEqual(refusal_of(officer.subjects.EraseSubject, request).reason,
                         "APPROVAL_NEEDED")
        asked = head.approvals.ListApprovals(approvals.ListApprovalsRequest()).approvals[0]
        head.approvals.DecideApproval(approvals.DecideApprovalRequest(
            request_id=self.world.id(), approval_id=asked.approval_id, grant=True,
            content_digest=asked.content_digest))
        erasure = officer.subjects.EraseSubject(request).erasure
        wait_until(lambda: officer.subjects.GetErasure(subjects.GetErasureRequest(
            erasure_id=erasure.erasure_id)).erasure.settled_kopecks == 10_000, "the settlement")
        self.gateway.start()
        self.settled()
        self.assertEqual(self.notices.events, {})
        told = [(event["type"], event["data"]["payment_account"],
                 event["data"]["receipt"]["1054"]) for event in self.receipts.order]
        self.assertEqual(sorted(told), [("refund", "", 2), ("top-up", "", 1)])

    def test_a_gateway_refuses_what_is_no_listener_by_name(self):
        secret = self.world.directory / "good.secret"
        secret.write_text(self.notices.secret, encoding="utf-8")
        short = self.world.directory / "short.secret"
        short.write_text("whsec_c2hvcnQ=", encoding="utf-8")
        core = {"server": self.world.server.address, "courier_identity": "here"}
        good = {"stream": "notices", "url": "https://messages.example/ladon",
                "secret_file": str(secret)}
        path = self.world.directory / "courier.toml"

        def checked(core, *couriers):
            path.write_text(toml_of({"core": core, "courier": list(couriers)}), encoding="utf-8")
            return run("ladon-gateway", "--check-config", "--config", path, check=False)

        self.assertIn("0 contracts, 1 couriers, nothing wrong", checked(core, good).stdout)
        for couriers, told in (
                ([good | {"stream": "news"}], "stream must be notices or receipts"),
                ([good, good], "stream stands there twice"),
                ([good | {"secret_file": ""}], "secret_file is missing"),
                ([good | {"secret_file": str(short)}], "24 to 64 bytes"),
                ([good | {"url": "http://messages.example/"}], "courier notices: "),
                ([good | {"uri": "x"}], "unknown key uri")):
            refused = checked(core, *couriers)
            self.assertEqual(refused.returncode, 2, couriers)
            self.assertIn(told, refused.stderr)
        for wrong in ({"server": core["server"]}, core):
            refused = checked(wrong, *([good] if wrong is not core else []))
            self.assertIn("courier_identity and [[courier]] go together", refused.stderr)

    def test_nobody_but_a_courier_pulls_and_a_courier_does_nothing_else(self):
        self.school.child(money=1_000)
        pull = outbox.PullEventsRequest(stream=outbox.EVENT_STREAM_NOTICES)
        for role in ("channel", "accountant", "auditor", "municipality", "sysadmin"):
            client = self.world.client(self.world.identity(role))
            self.assertEqual(refusal_of(client.outbox.PullEvents, pull).code,
                             grpc.StatusCode.PERMISSION_DENIED, role)
        courier = self.world.client(self.world.identity("courier"))
        events = courier.outbox.PullEvents(pull).events
        self.assertEqual([event.kind for event in events], [outbox.EVENT_KIND_TOP_UP])
        self.assertEqual(courier.outbox.PullEvents(pull).events, events)  # Not reported: due again.
        reported = outbox.ReportEventsRequest(
            reports=[outbox.EventReport(ticket=events[0].ticket, told=True)])
        for _ in range(2):
            self.assertEqual(courier.outbox.ReportEvents(reported).parked, 0)
        self.assertEqual(len(courier.outbox.PullEvents(pull).events), 0)
        self.assertEqual(refusal_of(courier.outbox.GetOutbox, outbox.GetOutboxRequest()).code,
                         grpc.StatusCode.PERMISSION_DENIED)


class OutboxOverDaysTest(OutboxCase):
    clocked = True

    def test_what_is_refused_is_parked_seen_and_tried_anew(self):
        self.notices.status = 422
        self.gateway.start()
        child = self.school.child(money=20_000)
        for ahead in range(1, 4):
            wait_until(lambda: sum(self.notices.seen.values()) >= ahead, "an attempt")
            self.clock.set(ahead * HOUR)
        wait_until(lambda: self.waits(outbox.EVENT_STREAM_NOTICES) == (0, 1), "it to be parked")
        self.assertEqual(sum(self.notices.seen.values()), ATTEMPTS_MAX)
        shown = json.loads(self.ctl("outbox", "show").stdout)
        parked = next(one for one in shown if one["stream"] == "notices")["first_parked"]
        self.assertEqual([(one["failed_attempts"], one["fault"]) for one in parked],
                         [(3, "HTTP 422")])
        metrics = (self.world.directory / "metrics-port").read_text().strip()
        with urllib.request.urlopen(f"http://{metrics}/metrics", timeout=30) as answer:
            self.assertIn("ladon_outbox_notices_parked 1", answer.read().decode())
        officer = self.world.client(self.world.identity("security-admin"))
        alarms = officer.security.ListSecurityEvents(security.ListSecurityEventsRequest(
            calls=["process/event-parked"], page_size=10)).events
        self.assertEqual(len(alarms), 1)
        self.assertEqual(self.school.balance(child.account_id), 20_000)
        self.notices.status = 200
        self.assertEqual(json.loads(self.ctl("outbox", "retry", "notices").stdout), {"retried": 1})
        wait_until(lambda: self.notices.types_of(child.payment_account) == ["top-up"],
                   "it to be told")

    def test_parents_are_told_of_a_low_balance_once_in_two_days(self):
        self.gateway.start()
        child = self.school.child(money=100_000, card=True)
        other = self.school.child(money=12_000, card=True)
        for ahead in range(5):
            self.clock.set(ahead * DAY)
            self.eat(other, School.TEA)
            self.eat(child, School.TEA)
        self.settled()
        self.assertNotIn("low-balance", self.notices.types_of(child.payment_account))
        # 105, 90, 75, 60, 45 roubles: told on the second day and on the fourth.
        low = [event["data"]["balance_kopecks"]
               for event in self.notices.of(other.payment_account)
               if event["type"] == "low-balance"]
        self.assertEqual(low, [9_000, 6_000])


if __name__ == "__main__":
    unittest.main()
