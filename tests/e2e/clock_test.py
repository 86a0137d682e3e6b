"""Goal: whatever the machine's clock does, children eat, the books go forward in time, and officers
learn of it; a clock that is hours wrong is told before anybody is served.

Method: the real ladond under libfaketime, which moves the wall clock of this one process while it
runs; the monotonic clock stays true, as it does on a machine whose clock is set. The server's clock
begins hours ahead, so that going back it never comes before the certificates.
"""

import unittest

from ladon_palms import Palm
from ladon_world import FakeClock, School, World, refusal_of, run, wait_until
from ladon_world import enrolment_service_pb2 as enrolment
from ladon_world import security_service_pb2 as security
from ladon_world import terminal_service_pb2 as terminal

SEED = 815
AHEAD_SECONDS = 4 * 3600
STEP_SECONDS = 30
TOO_FAR_SECONDS = 3 * 3600
DAY_SECONDS = 24 * 3600
CERTIFICATE_DAYS = 3
EXIT_CANNOT_OPEN, EXIT_NOT_DURABLE = 3, 4


class ClockTest(unittest.TestCase):
    def setUp(self):
        self.world = World(SEED)
        self.addCleanup(self.world.close)
        self.clock = FakeClock(self.world.directory, AHEAD_SECONDS)
        self.env = self.clock.env
        self.world.start(env=self.env)
        self.school = School(self.world)
        self.palm = Palm("child")
        self.child = self.school.child(money=1_000_000, card=True, palm=self.palm)
        self.school.set_pin(self.child, "4093")
        self.admin = self.world.client(self.world.identity("security-admin"))

    def events(self, call):
        return list(self.admin.security.ListSecurityEvents(
            security.ListSecurityEventsRequest(page_size=1000, calls=[call])).events)

    def buy(self):
        """By every means that has a deadline to keep."""
        school = self.school
        basket = school.basket(School.TEA)
        by_card = school.till.terminal.IdentifyAndDebit(school.sale(self.child.card, basket))
        by_pin = school.till.terminal.IdentifyAndDebit(terminal.IdentifyAndDebitRequest(
            request_id=self.world.id(), card=self.child.card, basket=basket, pin="4093",
            repeat_confirmed=True))
        token = school.identify(probe=school.probe(self.palm)).identification_token
        by_palm = school.till.terminal.Debit(terminal.DebitRequest(
            request_id=self.world.id(), identification_token=token, basket=basket,
            repeat_confirmed=True))
        by_list = school.cashier.terminal.BookByList(school.by_list(self.child, basket))
        return [by_card, by_pin, by_palm, by_list]

    def assert_in_order(self):
        times = [(line.booked_at.seconds, line.booked_at.nanos)
                 for line in self.school.statement(self.child.account_id)]
        self.assertEqual(times, sorted(set(times)), "the books go forward")

    def test_a_step_back_is_bridged_and_told(self):
        self.buy()
        self.assertEqual(self.events("process/clock-stepped-back"), [])
        self.clock.set(AHEAD_SECONDS - STEP_SECONDS)
        for _ in range(3):
            self.buy()
        self.assert_in_order()
        self.assertIn("clock_stepped_back", self.world.server.log())
        told = wait_until(lambda: self.events("process/clock-stepped-back"), "the alarm")
        self.assertEqual(len(told), 1, "a step is told once")
        # A start while the clock is still behind goes on from the last record.
        self.assertEqual(self.world.server.stop(), 0)
        self.world.start(env=self.env)
        self.buy()
        self.assert_in_order()

    def test_a_certificate_expires_on_an_open_connection_too(self):
        uri = f"URI.1=ladon://{self.school.school_id.hex()}/enroller/{'33' * 16}"
        lost = self.world.client(self.world.certificate([uri], days=(-1, CERTIFICATE_DAYS)))
        listed = enrolment.ListSubjectsRequest()
        lost.enrolment.ListSubjects(listed)
        self.clock.set(AHEAD_SECONDS + CERTIFICATE_DAYS * DAY_SECONDS)
        refusal = refusal_of(lost.enrolment.ListSubjects, listed)
        self.assertEqual((refusal.code.name, refusal.reason),
                         ("PERMISSION_DENIED", "NOT_PERMITTED"))
        self.assertIn("it has expired", self.world.server.log())
        self.school.desk.enrolment.ListSubjects(listed)

    def test_a_clock_that_is_hours_wrong_stops_the_service_and_its_start(self):
        self.buy()
        self.clock.set(AHEAD_SECONDS - TOO_FAR_SECONDS)
        # The next look at the clock is the end.
        self.assertEqual(self.world.server.wait(), EXIT_NOT_DURABLE)
        self.assertIn("went back by more than two hours", self.world.server.log())
        for arguments in ((), ("--check-config",)):
            done = run("ladond", "--config", self.world.server.config_path, *arguments,
                       check=False, env=self.env)
            self.assertEqual(done.returncode, EXIT_CANNOT_OPEN, done.stderr)
            self.assertIn("--accept-clock", done.stderr)
        # It was the earlier time that was wrong.
        self.world.start(env=self.env, arguments=("--accept-clock",))
        self.buy()
        self.assert_in_order()
        self.assertTrue(wait_until(lambda: self.events("process/clock-stepped-back"), "the alarm"))
        self.assertEqual(self.world.server.stop(), 0)
        # With the clock set right everything is as it was.
        self.clock.set(AHEAD_SECONDS)
        self.world.start(env=self.env)
        self.buy()
        self.assert_in_order()


if __name__ == "__main__":
    unittest.main()
