"""Goal: what an auditor, a school and a parent take away is complete, shows nobody else, and other
people's tools agree with it.

Method: the real ladond, ladonctl and ladon-audit. Meals by card, a subsidised one, a reversal and a
payment to the caterer; extracts of a purse, a school and everything, verified offline, spoilt,
broken off and resumed; converted, and checked by hledger and beancount.
"""

import csv
import io
import random
import re
import shutil
import subprocess
import unittest

from audit_test import REFUSED, ProofWorld, tool
from ladon_world import School, date_of, refusal_of
from ladon_world import accounts_service_pb2 as accounts
from ladon_world import audit_service_pb2 as audit

SEED = 910


class ExtractTest(ProofWorld):
    def extract(self, name, *arguments, identity=None):
        out = self.files / name
        self.ctl("extract", *arguments, "--out", out, identity=identity)
        return out

    def account(self, name="account.ladon", *arguments):
        return self.extract(name, "--account", self.child.account_id.hex(), "--now", *arguments)

    def summary(self, path):
        done = tool("summary", path, "--key", self.keys)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def balance(self, account_id=None):
        return self.school.cashier.accounts.GetBalance(accounts.GetBalanceRequest(
            account_id=account_id or self.child.account_id)).balance_kopecks

    def close_now(self):
        """A closing over everything so far, however young the last one is."""
        self.world.server.stop()
        self.world.restart()
        return self.account()

    def test_a_purse_a_school_and_everything(self):
        stranger = School(self.world, name="Школа № 3")
        other = stranger.child(money=77_700)
        path = self.close_now()
        told = self.verified(path)
        self.assertIn("complete up to the closing of the day", told)
        kopecks = self.balance()
        self.assertIn(f"closing {kopecks // 100}.{kopecks % 100:02}", told)
        self.assertNotIn(other.account_id, path.read_bytes())

        school = self.extract("school.ladon", "--school", self.school.school_id.hex(),
                              identity=self.school.cashier.identity)
        told = self.verified(school)
        self.assertIn("all its accounts, complete", told)
        for foreign in (other.account_id, stranger.caterer_id):
            self.assertNotIn(foreign, school.read_bytes())
        self.assertIn(self.child.account_id, school.read_bytes())

        everything = self.extract("extract.ladon")
        told = self.verified(everything)
        self.assertIn("no entry is missing, every balance adds up", told)
        self.assertRegex(told, r"closing: +\d{4}-\d\d-\d\d")
        self.assertIn("By caterer", self.summary(everything))
        # The account's own file begins with a later closing, if asked to.
        closing = re.search(r"closing: .*entries (\d+),", told).group(1)
        self.sell()
        self.close_now()
        later = self.account("later.ladon", "--first", closing)
        self.assertRegex(self.verified(later), rf"entries {closing},.*\n.*closing: ")

    def test_who_may_take_what(self):
        cashier, stranger = self.school.cashier.audit, School(self.world).cashier.audit
        def ask(stub, **subject):
            request = audit.ExportExtractRequest(**subject)
            return refusal_of(lambda: list(stub.ExportExtract(request)))

        self.assertEqual(ask(cashier).field, "account_id")  # Everything is for auditors.
        self.assertEqual(ask(stranger, account_id=self.child.account_id).reason, "ACCOUNT_UNKNOWN")
        self.assertEqual(ask(stranger, school_id=self.school.school_id).reason, "SCHOOL_UNKNOWN")
        self.assertEqual(ask(self.school.till.audit).reason, "NOT_PERMITTED")
        self.assertEqual(ask(self.world.sysadmin.audit).reason, "NOT_PERMITTED")

    def test_spoilt_extracts_are_refused_with_a_reason(self):
        path = self.account()
        whole = path.read_bytes()
        draw = random.Random(SEED)
        copy = self.files / "spoilt.ladon"
        for _ in range(60):
            at = draw.randrange(len(whole))
            copy.write_bytes(draw.choice((
                whole[:at] + bytes([whole[at] ^ 1 << draw.randrange(8)]) + whole[at + 1:],
                whole[:at], whole[:at] + whole[at + 1:], whole + b"\n",
                whole[:at] + whole[at:at + 1] + whole[at:])))
            self.refused(copy)
        for command in (("summary",), ("convert", "--to", "csv")):
            done = tool(*command, copy, "--key", self.keys)
            self.assertEqual((done.returncode, done.stdout), (REFUSED, ""))
            self.assertTrue(done.stderr.startswith("ladon-audit: "))

    def test_goes_on_where_it_was_broken_off(self):
        for subject in ({}, {"school_id": self.school.school_id},
                        {"account_id": self.child.account_id}):
            request = audit.ExportExtractRequest(**subject)
            whole = list(self.auditor.audit.ExportExtract(request))
            self.assertEqual(whole[-1].entries_done, whole[-1].entries_total)
            file = b"".join(piece.data for piece in whole)
            first = next(iter(self.auditor.audit.ExportExtract(request)))
            request.resume_token = first.resume_token
            # The journal has grown meanwhile; what was begun stays what it was.
            self.sell()
            rest = b"".join(piece.data for piece in self.auditor.audit.ExportExtract(request))
            path = self.files / "resumed.ladon"
            path.write_bytes(first.data + rest)
            self.verified(path)
            self.assertEqual(len(first.data + rest), len(file))

    def test_entitlement_reversal_and_payout(self):
        today = date_of(self.school.today())
        self.school.cashier.accounts.SetEntitlements(accounts.SetEntitlementsRequest(
            request_id=self.world.id(), account_id=self.child.account_id, entitlements=[
                accounts.Entitlement(category=10, cap_kopecks=4_000, uses_per_day=1,
                                     valid_from=today, valid_to=today, document_id="приказ 1")]))
        before = self.balance()
        self.sell()  # Soup for 45.00, of which the budget pays 40.00, and tea for 15.00.
        self.assertEqual(self.balance(), before - 500 - 1_500)
        self.sell()  # The entitlement is used up for today.
        self.assertEqual(self.balance(), before - 500 - 1_500 - 4_500 - 1_500)
        sale = self.school.sale(self.child.card, self.school.basket(School.TEA))
        self.school.till.terminal.IdentifyAndDebit(sale)
        self.school.till.terminal.Cancel(self.school.cancel(sale.request_id))

        pay = accounts.PayOutRequest(request_id=self.world.id(), caterer_id=self.school.caterer_id,
                                     amount_kopecks=1_000, document_id="17", document_date=today)
        owed = self.school.cashier.accounts.PayOut(pay).owed_kopecks
        self.assertEqual(self.school.cashier.accounts.PayOut(pay).owed_kopecks, owed)
        pay.request_id = self.world.id()
        refused = refusal_of(self.school.cashier.accounts.PayOut, pay)
        self.assertEqual((refused.reason, refused.field),
                         ("DOCUMENT_ALREADY_BOOKED", "document_id"))
        pay.request_id, pay.document_id = self.world.id(), "18"
        pay.amount_kopecks = owed + 1
        self.assertEqual(refusal_of(self.school.cashier.accounts.PayOut, pay).reason,
                         "MORE_THAN_OWED")
        pay.amount_kopecks = owed  # Nothing was used up by the refusal.
        self.assertEqual(self.school.cashier.accounts.PayOut(pay).owed_kopecks, 0)

        told = self.summary(self.close_now())
        self.assertIn("40.00", told)  # Paid by budgets.
        self.assertRegex(self.summary(self.extract("paid.ladon")), r"budgets +1 +0\.00 +40\.00")

    def test_a_batch_of_top_ups_is_many_single_ones(self):
        def request(account_id, kopecks):
            return accounts.TopUpRequest(request_id=self.world.id(), account_id=account_id,
                                         amount_kopecks=kopecks)
        before = self.balance()
        batch = accounts.BatchTopUpRequest(requests=[
            request(self.child.account_id, 100), request(b"\x77" * 16, 100),
            request(self.child.account_id, 200)])
        answer = self.school.cashier.accounts.BatchTopUp(batch)
        self.assertEqual([r.HasField("response") for r in answer.results], [True, False, True])
        self.assertEqual(answer.results[1].error.field, "account_id")
        self.assertEqual(self.balance(), before + 300)
        again = self.school.cashier.accounts.BatchTopUp(batch)
        self.assertTrue(again.results[0].response.replayed)
        alone = self.school.cashier.accounts.TopUp(batch.requests[0])
        self.assertTrue(alone.replayed)
        self.assertEqual(alone.transaction_id, answer.results[0].response.transaction_id)
        self.assertEqual(self.balance(), before + 300)

    def test_entries_of_an_account(self):
        self.school.top_up(self.child.account_id, 100)
        lines = self.school.statement(self.child.account_id)
        request = audit.ListEntriesRequest(account_id=self.child.account_id, page_size=2)
        seen = []
        while True:
            page = self.auditor.audit.ListEntries(request)
            seen += page.entries
            if not page.next_page_token:
                break
            request.page_token = page.next_page_token
        self.assertEqual([e.journal_index for e in seen],
                         list(dict.fromkeys(line.journal_index for line in lines)))
        self.assertEqual(seen[-1].balance_kopecks, self.balance())
        request.page_token, request.page_size = "", 100
        request.kind = audit.ENTRY_KIND_ACCOUNTS
        self.assertEqual({e.kind for e in self.auditor.audit.ListEntries(request).entries},
                         {audit.ENTRY_KIND_ACCOUNTS})
        request.kind = audit.ENTRY_KIND_UNSPECIFIED
        getattr(request, "from").CopyFrom(seen[-1].booked_at)
        self.assertEqual([e.journal_index for e in self.auditor.audit.ListEntries(request).entries],
                         [seen[-1].journal_index])
        request.until.CopyFrom(seen[-1].booked_at)
        self.assertEqual(len(self.auditor.audit.ListEntries(request).entries), 0)
        listed = self.ctl("entries", "--account", self.child.account_id.hex(), "--json").stdout
        self.assertEqual(listed.count("journal_index"), len(seen))

    def test_csv_has_every_posting(self):
        path = self.extract("for-csv.ladon")
        done = tool("convert", path, "--key", self.keys, "--to", "csv")
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = list(csv.DictReader(io.StringIO(done.stdout)))
        own = [row for row in rows if row["account"] == self.child.account_id.hex()
               and row["what"] == "posting"]
        kopecks = [round(float(row["amount_rub"]) * 100) for row in own]
        self.assertEqual(sum(kopecks), self.balance())
        self.assertEqual(round(sum(float(r["amount_rub"]) for r in rows
                                   if r["what"] == "posting") * 100), 0)


class AccountantsToolsTest(ProofWorld):
    """Journals as hledger and beancount check them."""

    def test_their_strict_checks_pass_and_find_a_changed_balance(self):
        for name in ("hledger", "bean-check"):
            if shutil.which(name) is None:
                raise unittest.SkipTest(f"no accountant's tool tried: {name} is missing "
                                        "(./dev set-up check)")
        self.ctl("extract", "--out", self.files / "all.ladon")
        self.ctl("extract", "--account", self.child.account_id.hex(), "--now", "--out",
                 self.files / "one.ladon")
        for name in ("all", "one"):
            for form, check in (("hledger", ("hledger", "check", "--strict", "-f")),
                                ("beancount", ("bean-check",))):
                path = self.files / f"{name}.{form}"
                done = tool("convert", self.files / f"{name}.ladon", "--key", self.keys, "--to",
                            form, "--out", path)
                self.assertEqual(done.returncode, 0, done.stderr)
                done = subprocess.run([*check, path], capture_output=True, text=True, timeout=60)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                # The last assertion that is not of nothing, one kopeck more.
                text = path.read_text()
                at = [m for m in re.finditer(r"(-?\d+\.\d\d)( ~ 0.00)? RUB$", text, re.M)
                      if m.group(1) != "0.00"][-1]
                kopecks = round(float(at.group(1)) * 100) + 1
                path.write_text(f"{text[:at.start()]}{kopecks / 100:.2f}{at.group(2) or ''} RUB"
                                f"{text[at.end():]}")
                done = subprocess.run([*check, path], capture_output=True, text=True, timeout=60)
                self.assertNotEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main()
