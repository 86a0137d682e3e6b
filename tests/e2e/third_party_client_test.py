"""Goal: a client that knows nothing but our proto can serve a whole meal.

Method: a real ladond, the generated Python stubs, mutual TLS; Identify, Debit, Cancel and
GetOperation by palm and by card, and the statement that tells the same story afterwards.
"""

import unittest

from ladon_palms import Palm
from ladon_world import (School, World, admin_service_pb2, enrolment_service_pb2, errors_pb2,
                         refusal_of, terminal_service_pb2, types_pb2)
from ladon_world import accounts_service_pb2 as accounts

SEED = 101
world = None
school = None


def setUpModule():
    global world, school
    world = World(SEED).start()
    school = School(world)


def tearDownModule():
    world.close()


def debit(token, basket, request_id=None, repeat_confirmed=False, second_means=None):
    return terminal_service_pb2.DebitRequest(
        request_id=request_id or world.id(), identification_token=token, basket=basket,
        repeat_confirmed=repeat_confirmed, second_means=second_means)


class MealTest(unittest.TestCase):
    def test_a_meal_by_palm_from_identify_to_statement(self):
        child = school.child("Соколова", "Мария", "3Б", money=50_000, palm=Palm(1))
        till = school.till.terminal
        found = school.identify(probe=school.probe(child.palm, noise=7))
        self.assertEqual(found.payer.display_name, "Мария С., 3Б")
        self.assertEqual(found.payer.balance_kopecks, 50_000)
        self.assertLessEqual(len(found.identification_token), 256)

        basket = school.basket(School.SOUP, School.TEA)
        request = debit(found.identification_token, basket)
        answer = till.Debit(request)
        self.assertEqual(answer.payer.display_name, "Мария С., 3Б")
        self.assertEqual(answer.payer.balance_kopecks, 44_000)
        self.assertEqual(len(answer.transaction_id), 16)
        day = school.today()
        self.assertEqual((answer.service_date.year, answer.service_date.month,
                          answer.service_date.day), (day.year, day.month, day.day))
        self.assertFalse(answer.replayed)

        operation = school.operation(request.request_id)
        self.assertEqual(operation.state, types_pb2.OPERATION_STATE_SUCCEEDED)
        self.assertEqual(operation.transaction_id, answer.transaction_id)
        self.assertEqual(operation.journal_index, answer.journal_index)
        self.assertEqual(operation.amount_kopecks, 6_000)
        self.assertEqual(list(operation.lines_cancelled), [False, False])

        lines = school.statement(child.account_id)
        kinds = [line.kind for line in lines]
        self.assertEqual(kinds, [accounts.STATEMENT_KIND_TERMS, accounts.STATEMENT_KIND_TOP_UP,
                                 accounts.STATEMENT_KIND_MEAL, accounts.STATEMENT_KIND_MEAL])
        self.assertEqual([line.item_name for line in lines[2:]], ["Суп", "Чай"])
        self.assertEqual([line.amount_kopecks for line in lines[2:]], [-4_500, -1_500])
        self.assertEqual({line.transaction_id for line in lines[2:]}, {answer.transaction_id})
        self.assertEqual(lines[2].item_id, school.items[School.SOUP].item_id)

    def test_a_meal_by_card_in_one_call(self):
        child = school.child(money=10_000, card=True)
        answer = school.till.terminal.IdentifyAndDebit(
            school.sale(child.card, school.basket(School.SOUP)))
        self.assertEqual(answer.payer.display_name, "Иван П., 5А")
        self.assertEqual(answer.payer.balance_kopecks, 5_500)
        self.assertEqual(school.balance(child.account_id), 5_500)

    def test_a_meal_by_palm_in_one_call(self):
        child = school.child(money=10_000, palm=Palm(2))
        request = terminal_service_pb2.IdentifyAndDebitRequest(
            request_id=world.id(), probe=school.probe(child.palm, noise=3),
            basket=school.basket(School.TEA))
        answer = school.till.terminal.IdentifyAndDebit(request)
        self.assertEqual(answer.payer.balance_kopecks, 8_500)

    def test_a_reader_that_reads_backwards_finds_the_same_card(self):
        child = school.child(money=10_000, card=True)
        backwards = types_pb2.Card(technology=child.card.technology, uid=child.card.uid[::-1],
                                   reader_profile=types_pb2.READER_PROFILE_REVERSED)
        self.assertEqual(school.identify(card=backwards).payer.display_name, "Иван П., 5А")

    def test_staff_has_no_class_on_the_till(self):
        child = school.child("Кузнецова", "Анна", "", card=True,
                             kind=enrolment_service_pb2.SUBJECT_KIND_STAFF)
        self.assertEqual(school.identify(card=child.card).payer.display_name, "Анна К.")

    def test_balance_is_shown_only_where_the_school_allows_it(self):
        private = School(world, show_balance_at_till=False, low_money_kopecks=5_000)
        child = private.child(money=6_000, card=True)
        payer = private.identify(card=child.card).payer
        self.assertFalse(payer.HasField("balance_kopecks"))
        self.assertFalse(payer.low_money)
        answer = private.till.terminal.IdentifyAndDebit(
            private.sale(child.card, private.basket(School.TEA)))
        self.assertFalse(answer.payer.HasField("balance_kopecks"))
        self.assertTrue(answer.payer.low_money, "4500 left, the mark is 5000")

    def test_nobody_and_unknown_card(self):
        stranger = refusal_of(school.identify, probe=school.probe(Palm(999)))
        self.assertEqual(stranger.reason, "PALM_NOT_RECOGNISED")
        unknown = refusal_of(school.identify, card=school.new_card())
        self.assertEqual(unknown.reason, "CARD_UNKNOWN")
        self.assertTrue(unknown.message_ru and unknown.message_en)

    def test_same_palm_at_two_subjects_is_ambiguous_and_charges_nobody(self):
        twins = [school.child("Попова", money=10_000, palm=Palm(3)),
                 school.child("Попович", money=10_000)]
        for kind in (enrolment_service_pb2.CONSENT_KIND_PERSONAL_DATA,
                     enrolment_service_pb2.CONSENT_KIND_BIOMETRIC):
            school.consent(twins[1], kind)
        self.assertEqual(refusal_of(school.enrol, twins[1], Palm(3)).reason,
                         "PALM_ALREADY_ENROLLED")
        colleague = world.client(world.identity("enroller", school.school_id))
        school.enrol(twins[1], Palm(3), desk=colleague, look_alike=True)
        refusal = refusal_of(school.identify, probe=school.probe(Palm(3)))
        self.assertEqual(refusal.reason, "PALM_AMBIGUOUS")
        self.assertEqual([school.balance(twin.account_id) for twin in twins], [10_000, 10_000])


class IdempotencyTest(unittest.TestCase):
    def test_repeat_gives_the_stored_answer_and_takes_no_money(self):
        child = school.child(money=10_000, card=True)
        sale = school.sale(child.card, school.basket(School.TEA))
        first = school.till.terminal.IdentifyAndDebit(sale)
        again = school.till.terminal.IdentifyAndDebit(sale)
        self.assertTrue(again.replayed)
        self.assertEqual(again.transaction_id, first.transaction_id)
        self.assertEqual(again.journal_index, first.journal_index)
        self.assertEqual(again.booked_at, first.booked_at)
        self.assertEqual(school.balance(child.account_id), 8_500)

    def test_same_id_with_other_content_is_refused(self):
        child = school.child(money=10_000, card=True)
        sale = school.sale(child.card, school.basket(School.TEA))
        school.till.terminal.IdentifyAndDebit(sale)
        sale.basket.CopyFrom(school.basket(School.SOUP))
        refusal = refusal_of(school.till.terminal.IdentifyAndDebit, sale)
        self.assertEqual((refusal.reason, refusal.field), ("REQUEST_ID_REUSED", "request_id"))
        self.assertEqual(school.balance(child.account_id), 8_500)

    def test_two_tills_may_use_the_same_id(self):
        other_till = world.client(world.identity(
            "terminal", school.school_id, school.register_terminal("касса 2")))
        child = school.child(money=10_000, card=True)
        sale = school.sale(child.card, school.basket(School.TEA))
        answers = [till.terminal.IdentifyAndDebit(sale) for till in (school.till, other_till)]
        self.assertEqual([answer.replayed for answer in answers], [False, False])
        self.assertEqual(school.balance(child.account_id), 7_000)

    def test_a_token_pays_once_and_only_at_its_till(self):
        child = school.child(money=10_000, card=True)
        token = school.identify(card=child.card).identification_token
        other_till = world.client(world.identity(
            "terminal", school.school_id, school.register_terminal("касса 3")))
        elsewhere = refusal_of(other_till.terminal.Debit,
                               debit(token, school.basket(School.TEA)))
        self.assertEqual(elsewhere.reason, "TOKEN_INVALID")
        school.till.terminal.Debit(debit(token, school.basket(School.TEA)))
        twice = refusal_of(school.till.terminal.Debit, debit(token, school.basket(School.SOUP)))
        self.assertEqual(twice.reason, "TOKEN_ALREADY_USED")

    def test_same_basket_again_is_a_question(self):
        child = school.child(money=20_000, card=True)
        basket = school.basket(School.SOUP)
        terminal = school.till.terminal
        terminal.IdentifyAndDebit(school.sale(child.card, basket, repeat_confirmed=False))
        refusal = refusal_of(terminal.IdentifyAndDebit,
                             school.sale(child.card, basket, repeat_confirmed=False))
        self.assertEqual(refusal.reason, "POSSIBLE_REPEAT")
        terminal.IdentifyAndDebit(school.sale(child.card, basket, repeat_confirmed=True))
        self.assertEqual(school.balance(child.account_id), 11_000)


class MeansAndMoneyTest(unittest.TestCase):
    def test_too_little_money_burns_the_id(self):
        child = school.child(money=1_000, card=True)
        sale = school.sale(child.card, school.basket(School.SOUP))
        self.assertEqual(refusal_of(school.till.terminal.IdentifyAndDebit, sale).reason,
                         "INSUFFICIENT_FUNDS")
        school.top_up(child.account_id, 50_000)
        self.assertEqual(refusal_of(school.till.terminal.IdentifyAndDebit, sale).reason,
                         "INSUFFICIENT_FUNDS")
        operation = school.operation(sale.request_id)
        self.assertEqual(operation.state, types_pb2.OPERATION_STATE_REFUSED)
        self.assertEqual(operation.reason, errors_pb2.ERROR_REASON_INSUFFICIENT_FUNDS)
        self.assertEqual(school.balance(child.account_id), 51_000)

    def test_lines_may_take_from_different_purses_and_succeed_or_fail_together(self):
        child = school.child(money=5_000, card=True, purses=[types_pb2.PURSE_BUFFET])
        buffet = child.purses[types_pb2.PURSE_BUFFET]
        school.top_up(buffet, 1_000)
        basket = school.basket(School.SOUP, School.TEA)
        basket.lines[1].purse = types_pb2.PURSE_BUFFET
        refusal = refusal_of(school.till.terminal.IdentifyAndDebit,
                             school.sale(child.card, basket))
        self.assertEqual(refusal.reason, "INSUFFICIENT_FUNDS")
        self.assertEqual((school.balance(child.account_id), school.balance(buffet)),
                         (5_000, 1_000))
        school.top_up(buffet, 1_000)
        school.till.terminal.IdentifyAndDebit(school.sale(child.card, basket))
        self.assertEqual((school.balance(child.account_id), school.balance(buffet)), (500, 500))
        basket.lines[1].purse = types_pb2.PURSE_HOT_MEALS
        refusal = refusal_of(school.till.terminal.IdentifyAndDebit,
                             school.sale(child.card, basket))
        self.assertEqual(refusal.reason, "PURSE_NOT_OPEN")

    def test_a_free_amount_up_to_the_schools_mark(self):
        child = school.child(money=100_000, card=True)

        def free(kopecks):
            return types_pb2.Basket(caterer_id=school.caterer_id, total_kopecks=kopecks, lines=[
                types_pb2.BasketLine(quantity=1, unit_price_kopecks=kopecks,
                                     purse=types_pb2.PURSE_MAIN)])

        school.till.terminal.IdentifyAndDebit(school.sale(child.card, free(50_000)))
        refusal = refusal_of(school.till.terminal.IdentifyAndDebit,
                             school.sale(child.card, free(50_001)))
        self.assertEqual(refusal.reason, "FREE_AMOUNT_NOT_ALLOWED")
        self.assertEqual(school.balance(child.account_id), 50_000)

    def test_unknown_liveness_above_the_mark_needs_the_childs_own_card(self):
        child = school.child(money=100_000, card=True, palm=Palm(4))
        other = school.child("Орлова", money=100_000, card=True)
        request = terminal_service_pb2.IdentifyAndDebitRequest(
            probe=school.probe(child.palm, liveness=types_pb2.LIVENESS_UNKNOWN),
            basket=school.basket(School.FULL_LUNCH))

        def attempt(second_means):
            request.request_id = world.id()
            request.ClearField("second_means")
            if second_means is not None:
                request.second_means.CopyFrom(second_means)
            return request

        pay = school.till.terminal.IdentifyAndDebit
        self.assertEqual(refusal_of(pay, attempt(None)).reason, "SECOND_MEANS_NEEDED")
        self.assertEqual(refusal_of(pay, attempt(other.card)).reason, "SECOND_MEANS_MISMATCH")
        pay(attempt(child.card))
        self.assertEqual(school.balance(child.account_id), 65_000)
        self.assertEqual(school.balance(other.account_id), 100_000)

    def test_a_dead_hand_is_refused(self):
        child = school.child(palm=Palm(5))
        refusal = refusal_of(school.identify,
                             probe=school.probe(child.palm, liveness=types_pb2.LIVENESS_FAIL))
        self.assertEqual(refusal.reason, "LIVENESS_FAILED")

    def test_card_states(self):
        child = school.child(money=10_000, card=True)

        def set_state(state):
            school.desk.enrolment.SetCardState(enrolment_service_pb2.SetCardStateRequest(
                request_id=world.id(), card=child.card, state=state))

        for state, reason in ((types_pb2.CARD_STATE_BLOCKED, "CARD_BLOCKED"),
                              (types_pb2.CARD_STATE_LOST, "CARD_LOST")):
            set_state(state)
            self.assertEqual(refusal_of(school.identify, card=child.card).reason, reason)
        set_state(types_pb2.CARD_STATE_ACTIVE)
        self.assertTrue(school.identify(card=child.card).payer.display_name)

    def test_withdrawn_consent_stops_palm_and_token_at_once_but_not_the_card(self):
        child = school.child(money=10_000, card=True, palm=Palm(6))
        token = school.identify(probe=school.probe(child.palm)).identification_token
        withdrawn = school.desk.enrolment.WithdrawConsent(
            enrolment_service_pb2.WithdrawConsentRequest(
                request_id=world.id(), subject_id=child.subject_id,
                kind=enrolment_service_pb2.CONSENT_KIND_BIOMETRIC))
        self.assertEqual(withdrawn.palm_samples_removed, 3)
        self.assertEqual(refusal_of(school.identify, probe=school.probe(child.palm)).reason,
                         "PALM_NOT_RECOGNISED")
        self.assertEqual(refusal_of(school.till.terminal.Debit,
                                    debit(token, school.basket(School.TEA))).reason,
                         "CONSENT_MISSING")
        school.till.terminal.IdentifyAndDebit(school.sale(child.card, school.basket(School.TEA)))

    def test_no_palm_without_consent_or_without_the_schools_switch(self):
        child = school.child()
        self.assertEqual(refusal_of(school.enrol, child, Palm(7)).reason, "CONSENT_MISSING")
        card_only = School(world, biometrics=False, biometrics_document_id="")
        child = card_only.child(money=10_000, card=True)
        card_only.consent(child, enrolment_service_pb2.CONSENT_KIND_PERSONAL_DATA)
        card_only.consent(child, enrolment_service_pb2.CONSENT_KIND_BIOMETRIC)
        self.assertEqual(refusal_of(card_only.enrol, child, Palm(8)).reason, "BIOMETRICS_OFF")
        self.assertEqual(
            refusal_of(card_only.identify, probe=card_only.probe(Palm(8))).reason,
            "BIOMETRICS_OFF")
        card_only.till.terminal.IdentifyAndDebit(
            card_only.sale(child.card, card_only.basket(School.SOUP)))

    def test_frozen_and_overdraft(self):
        child = school.child(money=1_000, card=True)
        set_terms = school.cashier.accounts
        set_terms.SetOverdraftLimit(accounts.SetOverdraftLimitRequest(
            request_id=world.id(), account_id=child.account_id, overdraft_limit_kopecks=3_500))
        school.till.terminal.IdentifyAndDebit(school.sale(child.card, school.basket(School.SOUP)))
        self.assertEqual(school.balance(child.account_id), -3_500)
        set_terms.SetFrozen(accounts.SetFrozenRequest(
            request_id=world.id(), account_id=child.account_id, frozen=True))
        school.top_up(child.account_id, 10_000)
        refusal = refusal_of(school.till.terminal.IdentifyAndDebit,
                             school.sale(child.card, school.basket(School.TEA)))
        self.assertEqual(refusal.reason, "ACCOUNT_FROZEN")


class CancelTest(unittest.TestCase):
    def test_by_line_then_the_rest_then_nothing_more(self):
        child = school.child(money=10_000, card=True)
        sale = school.sale(child.card, school.basket(School.SOUP, School.TEA))
        school.till.terminal.IdentifyAndDebit(sale)
        first = school.till.terminal.Cancel(school.cancel(sale.request_id, lines=[1]))
        self.assertEqual((first.burnt, first.returned_kopecks), (False, 1_500))
        self.assertEqual(list(school.operation(sale.request_id).lines_cancelled), [False, True])
        self.assertEqual(refusal_of(school.till.terminal.Cancel,
                                    school.cancel(sale.request_id, lines=[1])).reason,
                         "ALREADY_CANCELLED")
        rest = school.cancel(sale.request_id)
        answer = school.till.terminal.Cancel(rest)
        self.assertEqual(answer.returned_kopecks, 4_500)
        again = school.till.terminal.Cancel(rest)
        self.assertTrue(again.replayed)
        self.assertEqual(again.transaction_id, answer.transaction_id)
        refusal = refusal_of(school.till.terminal.Cancel, school.cancel(sale.request_id))
        self.assertIn(refusal.reason, ("NOTHING_TO_CANCEL", "ALREADY_CANCELLED"))
        self.assertEqual(school.balance(child.account_id), 10_000)
        kinds = [line.kind for line in school.statement(child.account_id)]
        self.assertEqual(kinds[2:], [accounts.STATEMENT_KIND_MEAL, accounts.STATEMENT_KIND_MEAL,
                                     accounts.STATEMENT_KIND_CANCEL,
                                     accounts.STATEMENT_KIND_CANCEL])

    def test_another_tills_debit_cannot_be_cancelled_but_its_id_is_not_burnt(self):
        child = school.child(money=10_000, card=True)
        sale = school.sale(child.card, school.basket(School.TEA))
        school.till.terminal.IdentifyAndDebit(sale)
        other_till = world.client(world.identity(
            "terminal", school.school_id, school.register_terminal("касса 4")))
        answer = other_till.terminal.Cancel(school.cancel(sale.request_id))
        self.assertTrue(answer.burnt, "the other till has no such debit: its own id is burnt")
        self.assertEqual(school.operation(sale.request_id).state,
                         types_pb2.OPERATION_STATE_SUCCEEDED)
        self.assertEqual(school.balance(child.account_id), 8_500)

    def test_after_the_window_only_the_senior_cashier_may(self):
        strict = School(world, cancel_window_seconds=0)
        child = strict.child(money=10_000, card=True)
        sale = strict.sale(child.card, strict.basket(School.TEA))
        strict.till.terminal.IdentifyAndDebit(sale)
        self.assertEqual(refusal_of(strict.till.terminal.Cancel,
                                    strict.cancel(sale.request_id)).reason,
                         "CANCEL_WINDOW_PASSED")
        by_cashier = strict.cancel(sale.request_id)
        by_cashier.terminal_id = strict.terminal_id
        self.assertEqual(strict.cashier.terminal.Cancel(by_cashier).returned_kopecks, 1_500)

    def test_a_cancel_that_comes_first_burns_the_id(self):
        child = school.child(money=10_000, card=True)
        sale = school.sale(child.card, school.basket(School.TEA))
        self.assertEqual(school.operation(sale.request_id).state,
                         types_pb2.OPERATION_STATE_UNKNOWN)
        answer = school.till.terminal.Cancel(school.cancel(
            sale.request_id, reason=terminal_service_pb2.CANCEL_REASON_NO_ANSWER))
        self.assertTrue(answer.burnt)
        self.assertEqual((answer.returned_kopecks, answer.transaction_id), (0, b""))
        self.assertEqual(refusal_of(school.till.terminal.IdentifyAndDebit, sale).reason,
                         "CANCELLED_BEFORE_ARRIVAL")
        self.assertEqual(school.operation(sale.request_id).state,
                         types_pb2.OPERATION_STATE_BURNT)
        self.assertEqual(school.balance(child.account_id), 10_000)


class SetUpTest(unittest.TestCase):
    def test_a_repeated_create_names_the_same_thing(self):
        request = admin_service_pb2.CreateSchoolRequest(request_id=world.id(),
                                                        settings=school.settings)
        first, again = (world.sysadmin.admin.CreateSchool(request) for _ in range(2))
        self.assertEqual(first, again)

    def test_lists_page_through_everything_once(self):
        paged = School(world)
        wanted = {paged.child(given=name).subject_id for name in ("Анна", "Вера", "Нина")}
        seen, token = [], ""
        while True:
            page = paged.desk.enrolment.ListSubjects(enrolment_service_pb2.ListSubjectsRequest(
                page_size=1, page_token=token))
            seen += [subject.subject_id for subject in page.subjects]
            token = page.next_page_token
            if not token:
                break
        self.assertEqual(len(seen), 3)
        self.assertEqual(set(seen), wanted)

    def test_a_statement_reads_the_same_at_every_page_size(self):
        child = school.child(money=30_000, card=True)
        for _ in range(4):
            school.till.terminal.IdentifyAndDebit(
                school.sale(child.card, school.basket(School.SOUP, School.TEA)))
        whole = school.statement(child.account_id)
        self.assertEqual(len(whole), 10)
        for page_size in (1, 2, 3, 9, 10, 11):
            self.assertEqual(school.statement(child.account_id, page_size), whole)


if __name__ == "__main__":
    unittest.main()
