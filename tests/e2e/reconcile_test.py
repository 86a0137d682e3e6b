"""The day after: registries, suspense, misdirected payments, slips, and the books, by ladonctl as an
accountant uses it.

Method: payments come through the real gateway; a registry file tells of them, of one more and of one
with another sum.
"""

import datetime
import json
import shutil
import subprocess
import unittest
import zoneinfo

from ladon_gateway import Gateway, roubles
from ladon_world import School, World, date_of, refusal_of, run
from ladon_world import accounts_service_pb2 as accounts
from ladon_world import approval_service_pb2 as approvals
from ladon_world import payment_service_pb2 as payments

ZONE = "Europe/Moscow"
CORE = [{"name": "bank", "time_zone": ZONE, "fee_percent": "1.50", "registry_max": "1000.00"}]
GATEWAY = [{"name": "bank", "protocol": "osmp", "path": "/osmp", "time_zone": ZONE}]
PAYEE = '''name = "МБОУ СОШ № 34"
account = "03234643000000013400"
bank_name = "Отделение Томск"
bic = "016902004"
correspondent_account = "40102810245370000058"
inn = "7000000001"
kpp = "700001001"
purpose = "Питание в школьной столовой"
school = "СОШ № 34"
'''
PROFILE = '''name = "test"
charset = "windows-1251"
delimiter = ";"
decimal_mark = ","
quote = false

[fields]
payment_id = 1
account = 2
sum = 3

[paid_at]
date = 4
date_format = "DD.MM.YYYY"

[footer]
prefix = "="
count = 1
sum = 2
'''


class ReconcileTest(unittest.TestCase):
    def setUp(self):
        self.world = World(77)
        self.addCleanup(self.world.close)
        self.world.server.config["contract"] = CORE
        self.world.start()
        self.school = School(self.world)
        self.child, self.other = self.school.child("Гусева", "Анна"), self.school.child("Орлов")
        self.gateway = Gateway(self.world, GATEWAY).start()
        self.addCleanup(self.gateway.__exit__)
        self.bank = self.gateway.bank("bank")
        self.accountant = self.world.identity("accountant")
        self.client = self.world.client(self.accountant)
        self.town = self.world.client(self.world.identity("municipality"))
        self.head = self.world.client(self.world.identity("school", self.school.school_id))
        self.day = datetime.datetime.now(zoneinfo.ZoneInfo(ZONE)).date()
        (self.world.directory / "profile.toml").write_text(PROFILE, encoding="utf-8")

    def ctl(self, *arguments, identity=None, check=True):
        return run("ladonctl", "--server", self.world.server.address, "--identity",
                   identity or self.accountant, "--json", *arguments, check=check)

    def balance(self, child):
        return self.school.balance(child.account_id)

    def registry(self, lines, name="registry.txt"):
        path = self.world.directory / name
        day = self.day.strftime("%d.%m.%Y")
        text = "".join(f"{payment};{account};{roubles(kopecks).replace('.', ',')};{day}\r\n"
                       for payment, account, kopecks in lines)
        total = roubles(sum(kopecks for _, _, kopecks in lines)).replace(".", ",")
        path.write_bytes((text + f"={len(lines)};{total}\r\n").encode("cp1251"))
        return path

    def bring(self, path, check=True):
        done = self.ctl("payment", "import", path, "--contract", "bank", "--profile",
                        self.world.directory / "profile.toml", check=check)
        return json.loads(done.stdout) if done.returncode == 0 else done

    def reconciled(self):
        return json.loads(self.ctl("reconcile", "--contract", "bank", "--day",
                                   self.day.isoformat()).stdout)

    def pay(self, payment_id, account, kopecks):
        answer = self.bank.pay(payment_id, account, kopecks)
        self.assertEqual(answer.code, 0, answer)
        return answer

    def decide(self, approver, grant=True):
        listed = approver.approvals.ListApprovals(
            approvals.ListApprovalsRequest(page_size=10)).approvals
        self.assertEqual(len(listed), 1)
        approver.approvals.DecideApproval(approvals.DecideApprovalRequest(
            request_id=self.world.id(), approval_id=listed[0].approval_id, grant=grant,
            content_digest=listed[0].content_digest))

    def test_a_registry_is_matched_and_books_what_is_missing_once(self):
        number = self.child.payment_account
        self.pay("1", number, 10_000)
        self.pay("2", number, 20_000)
        self.pay("3", number, 5_000)  # In no registry.
        before = self.balance(self.child)
        self.assertEqual(before, 35_000 - 150 - 300 - 75)
        path = self.registry([("1", number, 10_000), ("2", number, 20_001), ("4", number, 7_000),
                              ("5", "405217938861", 3_000)])
        counts = self.bring(path)
        self.assertEqual(counts["matched"], {"lines": 1, "paid_kopecks": 10_000})
        self.assertEqual(counts["booked"], {"lines": 2, "paid_kopecks": 10_000})
        self.assertEqual(counts["suspended"], {"lines": 1, "paid_kopecks": 3_000})
        self.assertEqual(counts["differing_payment_ids"], ["2"])
        self.assertEqual(self.balance(self.child) - before, 7_000 - 105)
        # The same file again changes nothing, nor does the online request that comes late.
        self.assertEqual(self.bring(path), counts)
        late = self.bank.pay("4", number, 7_000)
        self.assertEqual(late.code, 0)
        self.assertEqual(self.balance(self.child) - before, 7_000 - 105)
        day = self.reconciled()
        self.assertEqual({key: count["payments"] for key, count in day["counts"].items()},
                         {"matched": 1, "only_registry": 2, "only_online": 1, "differs": 1})
        self.assertTrue(day["books"]["balance"])
        self.assertEqual(day["books"]["clearing_kopecks"], 45_000)
        self.assertFalse(day["registry_overdue"])
        people = run("ladonctl", "--server", self.world.server.address, "--identity",
                     self.accountant, "reconcile", "--contract", "bank", "--day",
                     self.day.isoformat(), "--out", self.world.directory / "day.html").stdout
        self.assertIn("The books balance", people)
        self.assertIn("only online", (self.world.directory / "day.html").read_text())

    def test_a_registry_that_names_another_child_differs(self):
        self.pay("1", self.child.payment_account, 10_000)
        counts = self.bring(self.registry([("1", self.other.payment_account, 10_000)]))
        self.assertEqual(counts["differing_payment_ids"], ["1"])
        self.assertEqual(self.balance(self.other), 0)

    def test_less_than_the_fee_in_a_registry_is_credited_whole(self):
        self.world.server.stop()
        self.world.server.config["contract"] = [CORE[0] | {"fee_min": "10.00",
                                                           "paid_min": "11.00"}]
        self.world.restart()
        counts = self.bring(self.registry([("1", self.child.payment_account, 500),
                                           ("2", self.child.payment_account, 5_000)]))
        self.assertEqual(counts["booked"], {"lines": 2, "paid_kopecks": 5_500})
        self.assertEqual(self.balance(self.child), 500 + 5_000 - 1_000)

    def test_beyond_the_limit_a_second_person_is_asked(self):
        number = self.child.payment_account
        path = self.registry([(str(n), number, 30_000) for n in range(10, 14)])
        refused = self.bring(path, check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertEqual(self.balance(self.child), 0)
        self.decide(self.town)
        self.assertEqual(self.bring(path)["booked"], {"lines": 4, "paid_kopecks": 120_000})
        self.assertEqual(self.balance(self.child), 120_000 - 4 * 450)

    def test_a_limit_is_of_the_day_however_the_file_is_split(self):
        number = self.child.payment_account
        self.bring(self.registry([("20", number, 60_000)]))
        second = [("21", number, 60_000)]
        self.assertEqual(self.bring(self.registry(second), check=False).returncode, 1)
        self.assertEqual(self.balance(self.child), 60_000 - 900)
        # What is booked already needs nobody's leave, and does not count again.
        self.bring(self.registry([("20", number, 60_000)]))
        self.bring(self.registry([("22", number, 40_000)]))
        self.assertEqual(self.balance(self.child), 100_000 - 1_500)
        self.decide(self.town)
        booked = self.bring(self.registry(second))["booked"]
        self.assertEqual(booked, {"lines": 1, "paid_kopecks": 60_000})

    def test_a_registry_that_is_not_whole_is_refused(self):
        path = self.registry([("1", self.child.payment_account, 10_000)])
        path.write_bytes(path.read_bytes().replace(b"=1;", b"=2;"))
        refused = self.bring(path, check=False)
        self.assertEqual(refused.returncode, 2)
        self.assertEqual(self.balance(self.child), 0)

    def test_what_is_in_suspense_is_placed(self):
        self.pay("1", "405217938860", 10_000)
        listed = json.loads(self.ctl("payment", "suspense", "--contract", "bank").stdout)
        self.assertEqual([(one["payment_id"], one["payer_account"]) for one in listed],
                         [("1", "405217938860")])
        self.ctl("payment", "place", "1", "--contract", "bank", "--to",
                 self.child.payment_account)
        self.assertEqual(self.balance(self.child), 10_000 - 150)
        request = payments.PlacePaymentRequest(
            request_id=self.world.id(), contract="bank", payment_id="2",
            payment_account=self.other.payment_account)
        self.pay("2", "405217938860", 20_000)
        placed = self.client.payments.PlacePayment(request)
        self.assertEqual(self.client.payments.PlacePayment(request), placed)
        self.assertEqual(self.balance(self.other), 20_000 - 300)
        again = self.ctl("payment", "place", "1", "--contract", "bank", "--to",
                         self.other.payment_account, check=False)
        self.assertEqual(again.returncode, 1)
        self.assertEqual(json.loads(self.ctl("payment", "suspense", "--contract",
                                             "bank").stdout), [])
        self.assertTrue(self.reconciled()["books"]["balance"])

    def test_a_misdirected_payment_is_moved_as_far_as_it_is_unspent(self):
        self.school.bind(self.child, card := self.school.new_card())
        self.pay("1", self.child.payment_account, 100_000)
        self.school.till.terminal.IdentifyAndDebit(
            self.school.sale(card, self.school.basket(self.school.FULL_LUNCH)))
        left = self.balance(self.child)
        request = payments.MovePaymentRequest(
            request_id=self.world.id(), contract="bank", payment_id="1",
            payment_account=self.other.payment_account)
        cashier = self.school.cashier
        refusal = refusal_of(cashier.payments.MovePayment, request)
        self.assertEqual(refusal.reason, "APPROVAL_NEEDED")
        self.decide(self.head)
        moved = cashier.payments.MovePayment(request)
        self.assertEqual(moved.moved_kopecks, left)
        self.assertEqual((self.balance(self.child), self.balance(self.other)), (0, left))
        self.assertEqual(cashier.payments.MovePayment(request), moved)
        for child, amount in ((self.child, -left), (self.other, left)):
            line = self.school.statement(child.account_id)[-1]
            self.assertEqual((line.kind, line.amount_kopecks),
                             (accounts.STATEMENT_KIND_MOVED, amount))
        # Not the payments of another school's children.
        stranger = School(self.world, name="Школа № 2")
        refusal = refusal_of(stranger.cashier.payments.MovePayment, payments.MovePaymentRequest(
            request_id=self.world.id(), contract="bank", payment_id="1",
            payment_account=self.child.payment_account))
        self.assertEqual(refusal.reason, "PAYMENT_UNKNOWN")
        self.assertTrue(self.reconciled()["books"]["balance"])

    def test_the_municipality_sees_the_day_and_no_payer(self):
        self.pay("1", "405217938860", 10_000)
        request = payments.GetReconciliationRequest(contract="bank", day=date_of(self.day))
        self.assertEqual(self.town.payments.GetReconciliation(request).books.suspense_kopecks, 9_850)
        refusal = refusal_of(self.town.payments.ListSuspense,
                             payments.ListSuspenseRequest(contract="bank"))
        self.assertEqual(refusal.code.name, "PERMISSION_DENIED")

    def test_a_slips_code_is_read_back(self):
        payee, slip = self.world.directory / "payee.toml", self.world.directory / "slip.html"
        payee.write_text(PAYEE, encoding="utf-8")
        made = json.loads(self.ctl("payment", "slip", "--payee", payee, "--class", "5А", "--out",
                                   slip, identity=self.school.desk.identity).stdout)
        self.assertEqual(made["slips"], 2)
        page = slip.read_text(encoding="utf-8")
        for child in (self.child, self.other):
            number = child.payment_account
            self.assertIn(f"{number[:4]} {number[4:8]} {number[8:]}", page)
        if not (shutil.which("rsvg-convert") and shutil.which("zbarimg")):
            self.skipTest("rsvg-convert and zbarimg are not installed (./dev set-up check)")
        self.school.child("Снегирёв", class_name="7В")
        single = self.world.directory / "slip.svg"
        self.ctl("payment", "slip", "--payee", payee, "--class", "7В", "--out", single,
                 identity=self.school.desk.identity)
        picture = self.world.directory / "slip.png"
        subprocess.run(["rsvg-convert", "--zoom", "4", "-b", "white", single, "-o", picture],
                       check=True)
        text = subprocess.run(["zbarimg", "-q", "--raw", picture], check=True, capture_output=True,
                              text=True).stdout
        self.assertTrue(text.startswith("ST00012|Name=МБОУ СОШ № 34|"), text)
        self.assertIn("|TechCode=08", text)
        self.assertNotIn("Снегирёв", text)


if __name__ == "__main__":
    unittest.main()
