"""Goal: whatever is wrong with a request, the server says so with the field's name, changes
nothing and lives on.

Method: a table (bad_input_table.py) of spoilt requests for every field of every RPC against a
real server; a walk over the descriptors that fails on a field without a case; the unspoilt
requests must be served, so that a case proves its own field; raw bytes that are no message. At
the end everything that can be read must be as it was.
"""

import datetime
import unittest
import warnings

import grpc
from bad_input_refunds import add_refunds
from bad_input_rights import add_rights
from bad_input_stage import Stage
from bad_input_table import Cases, at, drop, put
from google.protobuf.message import DecodeError
from ladon_palms import Palm
from ladon_world import Refusal, School, World, date_of, methods, refusal_of
from ladon_world import admin_service_pb2 as admin
from ladon_world import enrolment_service_pb2 as enrolment
from ladon_world import types_pb2 as types

SEED = 202
MESSAGE_BYTES_MAX = 512 * 1024  # As server/rpc/limits.h.
# Both values of these switches are legal and contradict nothing.
BOOLS_WITHOUT_A_BAD_VALUE = {"repeat_confirmed", "frozen", "settings.show_balance_at_till",
                             "close_now", "closed_too", "done_too", "decided_too", "blocked", "grant",
                             "newest_first"}

world = None
stage = None


# Variants: "Service.Method variant" builds a request of that method in another shape.
def build_table(stage_of):
    cases = Cases()
    far = 3_000

    def foreign_caterer():
        return stage_of().other.caterer_id

    for rpc in ("TerminalService.Identify probe", "TerminalService.IdentifyAndDebit probe"):
        cases.probe(rpc, "probe")
        cases.add(rpc, "probe", "no means at all", drop("probe"), field="means")
    for rpc in ("TerminalService.Identify card", "TerminalService.IdentifyAndDebit card"):
        cases.card(rpc, "card")
        cases.add(rpc, "card", "no means at all", drop("card"), field="means")
        cases.add(rpc, "card.uid", "of nobody", put("card.uid", b"\x04\x01\x02\x03\x04\x05\x06"),
                  field="", reason="CARD_UNKNOWN", code="NOT_FOUND")

    rpc = "TerminalService.Debit"
    cases.identifier(rpc, "request_id")
    token = "identification_token"
    for label, value in (("missing", b""), ("257 bytes", b"t" * 257)):
        cases.add(rpc, token, label, put(token, value))
    for label, value in (("made up", b"t" * 64), ("256 bytes", b"t" * 256), ("1 byte", b"t")):
        cases.add(rpc, token, label, put(token, value), reason="TOKEN_INVALID")
    cases.add(rpc, token, "one bit flipped", flip_last_bit(token), reason="TOKEN_INVALID")
    cases.add(rpc, token, "cut", lambda request: put(token, request.identification_token[:-1])(
        request), reason="TOKEN_INVALID")
    for rpc in ("TerminalService.Debit", "TerminalService.IdentifyAndDebit card",
                "TerminalService.IdentifyAndDebit probe"):
        cases.identifier(rpc, "request_id")
        cases.basket(rpc, foreign_caterer)
        cases.card(rpc, "second_means")
        cases.add(rpc, "second_means", "empty message",
                  lambda request: request.second_means.CopyFrom(types.Card()),
                  field="second_means.technology")
        cases.pin(rpc, "pin")

    rpc = "TerminalService.Cancel"
    cases.identifier(rpc, "request_id")
    cases.identifier(rpc, "debit_request_id")
    cases.add(rpc, "request_id", "the same as the debit's",
              lambda request: put("request_id", request.debit_request_id)(request))
    for label, values, field in (
            ("descending", [1, 0], "lines[1]"), ("twice", [0, 0], "lines[1]"),
            ("32", [32], "lines[0]"), ("huge", [2**32 - 1], "lines[0]"),
            ("65536", [65_536], "lines[0]"), ("33 lines", list(range(33)), "lines")):
        cases.add(rpc, "lines", label, put_all("lines", values), field=field)
    cases.enum(rpc, "reason")
    cases.add(rpc, "terminal_id", "named by a terminal", put("terminal_id", b"\x11" * 16))
    rpc = "TerminalService.Cancel cashier"
    cases.till_of_the_school(rpc, "terminal_id", stage_of)
    cases.add(rpc, "terminal_id", "missing, and nothing was booked by list",
              put("terminal_id", b""), field="debit_request_id", reason="NOTHING_TO_CANCEL",
              code="FAILED_PRECONDITION")
    add_class_list(cases, stage_of)

    rpc = "EnrolmentService.SetPin"
    cases.identifier(rpc, "request_id")
    cases.identifier(rpc, "subject_id", unknown="SUBJECT_UNKNOWN")
    cases.pin(rpc, "pin")
    for label, value in (("a run", "3456"), ("a run down", "9876"), ("one digit", "7777"),
                         ("a block twice", "4848")):
        cases.add(rpc, "pin", label, put("pin", value))

    cases.identifier("OperationService.GetOperation", "request_id")
    cases.add("OperationService.Ping", "padding", "4097 bytes", put("padding", bytes(4_097)))
    cases.number("OperationService.Ping", "answer_bytes", 0, 4_096, (0, 2**32 - 1))

    rpc = "EnrolmentService.CreateSubject"
    cases.identifier(rpc, "request_id")
    cases.enum(rpc, "kind")
    cases.ascii(rpc, "external_id", 64, 0)
    for label, values, field in (
            ("main", [1], "purses[0]"), ("twice", [2, 2], "purses[1]"),
            ("unspecified", [0], "purses[0]"), ("unknown", [3, 99], "purses[1]"),
            ("more than there are", [2, 3, 4, 2], "purses[3]")):
        cases.add(rpc, "purses", label, put_all("purses", values), field=field)
    cases.add(rpc, "name.class_name", "a class for staff",
              put("kind", enrolment.SUBJECT_KIND_STAFF))
    cases.add(rpc, "name.class_name", "a class for a visitor",
              put("kind", enrolment.SUBJECT_KIND_VISITOR))
    cases.add(rpc, "name.class_name", "no class for a pupil", put("name.class_name", ""))
    rpc = "EnrolmentService.UpdateSubject"
    cases.identifier(rpc, "request_id")
    cases.identifier(rpc, "subject_id", unknown="SUBJECT_UNKNOWN")
    cases.enum(rpc, "state")
    cases.add(rpc, "name.class_name", "no class for a pupil", put("name.class_name", ""))
    cases.add(rpc, "name.class_name", "a class for staff",
              lambda request: put("subject_id", stage_of().adult.subject_id)(request))
    for rpc in ("EnrolmentService.CreateSubject", "EnrolmentService.UpdateSubject"):
        cases.add(rpc, "name", "missing", drop("name"))
        cases.person_name(rpc, "name.family_name")
        cases.person_name(rpc, "name.given_name")
        cases.text(rpc, "name.class_name", 8, least=0)
        for part, value in (("month", 13), ("day", 0), ("year", 1899), ("year", 2998)):
            cases.add(rpc, f"birth_date.{part}", str(value), put(f"birth_date.{part}", value),
                      field="birth_date")
        cases.add(rpc, "birth_date", "30 February", put("birth_date.day", 30))
    cases.page("EnrolmentService.ListSubjects")

    rpc = "EnrolmentService.RecordConsent"
    cases.identifier(rpc, "request_id")
    for name in ("kind", "signer", "form"):
        cases.enum(rpc, name)
    for label, value in (("missing", b""), ("31 bytes", b"d" * 31), ("33 bytes", b"d" * 33),
                         ("hex digits", b"d" * 64)):
        cases.add(rpc, "document_sha256", label, put("document_sha256", value))
    cases.add(rpc, "authority_checked", "false", put("authority_checked", False))
    for label, value in (("31 bytes", b"a" * 31), ("33 bytes", b"a" * 33)):
        cases.add(rpc, "authority_document_sha256", label, put("authority_document_sha256", value))
    palm, meals = enrolment.CONSENT_PURPOSE_PALM_IDENTIFICATION, enrolment.CONSENT_PURPOSE_MEALS
    for label, values in (("unspecified", [0]), ("no such", [99]), ("below zero", [-1])):
        cases.add(rpc, "purposes", label, put_all("purposes", values), field="purposes[0]")
    cases.add(rpc, "purposes", "twice", put_all("purposes", [palm, palm]), field="purposes[1]")
    cases.add(rpc, "purposes", "two in one document", put_all("purposes", [palm, meals]))
    cases.add(rpc, "purposes", "of the other kind", put_all("purposes", [meals]))
    cases.text(rpc, "processor", 200, least=0)
    cases.date(rpc, "valid_from")
    cases.date(rpc, "valid_until")
    cases.add(rpc, "valid_from", "in two days", put_day("valid_from", stage_of, 2))
    cases.add(rpc, "valid_until", "has passed", spoil_both(
        put_day("valid_from", stage_of, -10), put_day("valid_until", stage_of, -2)))
    cases.add(rpc, "valid_until", "before it begins", put_day("valid_until", stage_of, -1))
    cases.add(rpc, "valid_until", "over 13 years", put_day("valid_until", stage_of, 13 * 366 + 2))
    rpc = "EnrolmentService.WithdrawConsent"
    cases.identifier(rpc, "request_id")
    cases.enum(rpc, "kind")
    cases.add(rpc, "kind", "never given", put("kind", enrolment.CONSENT_KIND_BIOMETRIC),
              reason="CONSENT_UNKNOWN", code="NOT_FOUND")
    rpc = "EnrolmentService.EnrolPalm"
    cases.identifier(rpc, "request_id")
    cases.enum(rpc, "side")
    cases.templates(rpc, "templates", 6, spoil_templates)
    cases.add(rpc, "templates", "two", put_templates([Palm("table").code()] * 2))
    cases.add(rpc, "check", "missing", drop("check"), field="check.codes")
    cases.probe(rpc, "check")
    cases.add(rpc, "look_alike", "nobody was refused before", put("look_alike", True))
    cases.number(rpc, "qualities[0]", 0, 100, (0, 2**32 - 1))
    for label, values in (("none", []), ("more than templates", [50, 50])):
        cases.add(rpc, "qualities", label, put_all("qualities", values))
    cases.identifier(rpc, "sensor_id")
    for rpc in ("EnrolmentService.RecordConsent", "EnrolmentService.WithdrawConsent",
                "EnrolmentService.EnrolPalm", "EnrolmentService.BindCard"):
        cases.identifier(rpc, "subject_id", unknown="SUBJECT_UNKNOWN")
        cases.add(rpc, "subject_id", "of another school",
                  lambda request: put("subject_id", stage_of().foreign.subject_id)(request),
                  reason="SUBJECT_UNKNOWN", code="NOT_FOUND")

    rpc = "EnrolmentService.BindCard"
    cases.identifier(rpc, "request_id")
    cases.add(rpc, "card", "missing", drop("card"))
    cases.card(rpc, "card")
    cases.enum(rpc, "state", legal_elsewhere=(types.CARD_STATE_BLOCKED, types.CARD_STATE_LOST,
                                              types.CARD_STATE_EXPIRED))
    cases.add(rpc, "valid_until", "for a card that is not temporary",
              put_day("valid_until", stage_of, 5))
    rpc = "EnrolmentService.BindCard temporary"
    cases.date(rpc, "valid_until")
    cases.add(rpc, "valid_until", "yesterday", put_day("valid_until", stage_of, -1))

    rpc = "EnrolmentService.SetCardState card"
    cases.identifier(rpc, "request_id")
    cases.add(rpc, "card", "no target at all", drop("card"))
    cases.card(rpc, "card")
    cases.add(rpc, "card", "of nobody", put("card.uid", b"\x04\x01\x02\x03\x04\x05\x06"),
              reason="CARD_UNKNOWN", code="NOT_FOUND")
    for rpc in ("EnrolmentService.SetCardState card", "EnrolmentService.SetCardState card_id"):
        cases.enum(rpc, "state", legal_elsewhere=(types.CARD_STATE_TEMPORARY,
                                                  types.CARD_STATE_EXPIRED))
    cases.identifier("EnrolmentService.SetCardState card_id", "card_id", unknown="CARD_UNKNOWN")

    for method in ("TopUp", "GetBalance", "GetStatement", "SetOverdraftLimit", "SetFrozen"):
        rpc = f"AccountsService.{method}"
        cases.identifier(rpc, "account_id", unknown="ACCOUNT_UNKNOWN")
        cases.add(rpc, "account_id", "of another school",
                  lambda request: put("account_id", stage_of().foreign.account_id)(request),
                  reason="ACCOUNT_UNKNOWN", code="NOT_FOUND")
        if not method.startswith("Get"):
            cases.identifier(rpc, "request_id")
    cases.number("AccountsService.TopUp", "amount_kopecks", 1, 10_000_000, (-2**63, 2**63 - 1))
    cases.number("AccountsService.SetOverdraftLimit", "overdraft_limit_kopecks", 0, 10_000_000,
                 (-2**63, 2**63 - 1))
    cases.page("AccountsService.GetStatement")
    rpc = "AccountsService.GetBalance payment_account"
    for label, value in (("11 digits", "40521793886"), ("a wrong check digit", "405217938865"),
                         ("letters", "Иванов")):
        cases.add(rpc, "payment_account", label, put("payment_account", value))
    cases.add(rpc, "payment_account", "of nobody", put("payment_account", "405217938861"),
              field="account_id", reason="ACCOUNT_UNKNOWN", code="NOT_FOUND")
    cases.add(rpc, "payment_account", "of another school", lambda request: put(
        "payment_account", stage_of().foreign.payment_account)(request), field="account_id",
        reason="ACCOUNT_UNKNOWN", code="NOT_FOUND")
    cases.add(rpc, "payment_account", "beside a purse", lambda request: put(
        "account_id", stage_of().child.account_id)(request), field="account_id")
    for method in ("SetLimits", "GetLimits"):  # No account is the whole school.
        rpc = f"AccountsService.{method}"
        cases.identifier(rpc, "account_id", unknown="ACCOUNT_UNKNOWN", missing=False)
        cases.add(rpc, "account_id", "of another school",
                  lambda request: put("account_id", stage_of().foreign.account_id)(request),
                  reason="ACCOUNT_UNKNOWN", code="NOT_FOUND")
    rpc = "AccountsService.SetLimits"
    cases.identifier(rpc, "request_id")
    cases.add(rpc, "limits", "not there", drop("limits"))
    for field in ("limits.per_purchase_kopecks", "limits.per_service_day_kopecks"):
        cases.number(rpc, field, 0, 10_000_000, (-2**63, 2**63 - 1))
    for what, banned in (("none", [0]), ("beyond the list", [10_000]), ("one twice", [3, 3]),
                         ("too many", list(range(1, 32)))):
        cases.add(rpc, "limits.banned_categories", what,
                  lambda request, more=tuple(banned): request.limits.banned_categories.extend(more))

    rpc = "AccountsService.BatchTopUp"
    for name in ("request_id", "account_id"):
        cases.identifier(rpc, f"requests[1].{name}")
    cases.number(rpc, "requests[0].amount_kopecks", 1, 10_000_000, (-2**63, 2**63 - 1))
    cases.add(rpc, "requests", "none", drop("requests"))
    cases.add(rpc, "requests", "1001", lambda request: request.requests.extend(
        [request.requests[0]] * 999))
    cases.add(rpc, "requests[1].request_id", "that of another in the batch", lambda request: put(
        "requests[1].request_id", request.requests[0].request_id)(request))
    rpc = "AccountsService.PayOut"
    cases.identifier(rpc, "request_id")
    cases.identifier(rpc, "caterer_id", unknown="CATERER_UNKNOWN")
    cases.add(rpc, "caterer_id", "of another school", lambda request: put(
        "caterer_id", stage_of().other.caterer_id)(request), reason="CATERER_UNKNOWN",
        code="NOT_FOUND")
    cases.number(rpc, "amount_kopecks", 1, 10**10, (-2**63, 2**63 - 1))
    cases.add(rpc, "amount_kopecks", "more than is owed", put("amount_kopecks", 10**10),
              reason="MORE_THAN_OWED", code="FAILED_PRECONDITION")
    cases.text(rpc, "document_id", 64)
    cases.date(rpc, "document_date")
    rpc = "AccountsService.SetEntitlements"
    cases.identifier(rpc, "request_id")
    for rpc in ("AccountsService.SetEntitlements", "AccountsService.GetEntitlements"):
        cases.identifier(rpc, "account_id", unknown="ACCOUNT_UNKNOWN")
        cases.add(rpc, "account_id", "of another school",
                  lambda request: put("account_id", stage_of().foreign.account_id)(request),
                  reason="ACCOUNT_UNKNOWN", code="NOT_FOUND")
    rpc = "AccountsService.SetEntitlements"
    cases.add(rpc, "entitlements", "nine", lambda request: request.entitlements.extend(
        [request.entitlements[0]] * 8))
    one = "entitlements[0]"
    cases.number(rpc, f"{one}.category", 1, 9999, (0, 2**32 - 1))
    cases.number(rpc, f"{one}.cap_kopecks", 1, 10_000_000, (-2**63, 2**63 - 1))
    cases.number(rpc, f"{one}.uses_per_day", 1, 10, (0, 2**32 - 1))
    cases.date(rpc, f"{one}.valid_from")
    cases.date(rpc, f"{one}.valid_to")
    cases.add(rpc, f"{one}.valid_to", "before it begins", put_day(f"{one}.valid_to", stage_of, -1))
    cases.text(rpc, f"{one}.document_id", 64)

    for rpc in ("AdminService.CreateSchool", "AdminService.UpdateSchoolSettings"):
        cases.identifier(rpc, "request_id")
        cases.settings(rpc)
    for method in ("UpdateSchoolSettings", "RegisterTerminal", "ListTerminals", "CreateCaterer",
                   "ListCaterers"):
        cases.identifier(f"AdminService.{method}", "school_id", unknown="SCHOOL_UNKNOWN")
    cases.number("AdminService.ListComingStops", "days", 0, 366, (2**32 - 1,))
    for method in ("ListSchools", "ListTerminals", "ListCaterers"):
        cases.page(f"AdminService.{method}")
    for method in ("RegisterTerminal", "SetTerminalState", "CreateCaterer", "PutPriceList"):
        cases.identifier(f"AdminService.{method}", "request_id")
    cases.text("AdminService.RegisterTerminal", "label", 60)
    cases.identifier("AdminService.SetTerminalState", "terminal_id", unknown="TERMINAL_UNKNOWN")
    cases.enum("AdminService.SetTerminalState", "state")
    cases.text("AdminService.CreateCaterer", "name", 200)

    rpc = "AdminService.PutPriceList"
    cases.add(rpc, "price_list", "missing", drop("price_list"))
    cases.identifier(rpc, "price_list.caterer_id", unknown="CATERER_UNKNOWN")
    cases.date(rpc, "price_list.valid_from")
    cases.add(rpc, "price_list.valid_from", "has passed",
              put_day("price_list.valid_from", stage_of, -1))
    cases.add(rpc, "price_list.items", "none", drop("price_list.items"))
    cases.add(rpc, "price_list.items", "501", lambda request: request.price_list.items.extend(
        admin.PriceListItem(item_id=world.id(), category=1, name="Блюдо", unit_price_kopecks=1)
        for _ in range(501 - len(request.price_list.items))))
    item = "price_list.items[1]"
    cases.identifier(rpc, f"{item}.item_id")
    cases.add(rpc, f"{item}.item_id", "twice on the list", lambda request: put(
        f"{item}.item_id", request.price_list.items[0].item_id)(request))
    cases.number(rpc, f"{item}.category", 1, 9999, (0, 2**32 - 1))
    cases.add(rpc, f"{item}.category", "65537", put(f"{item}.category", 65_537))
    cases.text(rpc, f"{item}.name", 100)
    cases.number(rpc, f"{item}.unit_price_kopecks", 1, 10_000_000, (-2**63, 2**63 - 1))

    rpc = "AuditService.GetConsistencyProof"
    cases.number(rpc, "old_size", 1, 10**6, (0, 2**64 - 1))
    rpc = "AuditService.GetTile"
    cases.number(rpc, "size", 1, 10**6, (0, 2**64 - 1))
    cases.number(rpc, "level", -1, 7, (-2**31, 2**31 - 1))
    cases.number(rpc, "number", 0, 0, (0, 2**64 - 1))
    rpc = "AuditService.GetReceipt"
    cases.identifier(rpc, "account_id", unknown="ACCOUNT_UNKNOWN")
    cases.add(rpc, "journal_index", "of nobody's entry", put("journal_index", 0))
    cases.number(rpc, "journal_index", 1, 10**6, (1, 2**64 - 1))

    cases.identifier("AuditService.ExportExtract account", "account_id", unknown="ACCOUNT_UNKNOWN")
    cases.identifier("AuditService.ExportExtract school", "school_id", unknown="SCHOOL_UNKNOWN")
    for rpc in ("AuditService.ExportExtract", "AuditService.ExportExtract account"):
        cases.add(rpc, "first", "beyond the journal", put("first", 2**64 - 1))
    for label, bad in (("no token", b"x"), ("65 bytes", b"\1" * 65),
                         ("beyond the journal", b"\1" + b"\x7f" * 34)):
        cases.add("AuditService.ExportExtract", "resume_token", label, put("resume_token", bad))
    rpc = "AuditService.ListEntries"
    cases.identifier(rpc, "account_id", unknown="ACCOUNT_UNKNOWN")
    for name in ("from", "until"):
        for part, values in (("seconds", (-1, -2**63, 2**63 - 1)),
                             ("nanos", (-1, 10**9, -2**31, 2**31 - 1))):
            for value in values:
                cases.add(rpc, f"{name}.{part}", str(value), put(f"{name}.{part}", value),
                          field=name)
    for name in ("from", "until"):
        cases.add(rpc, f"{name}.seconds", "the year 3000", put(f"{name}.seconds", 32_503_680_000),
                  field=name, covers=name)
    for value in (13, 99, -1, 2**31 - 1):
        cases.add(rpc, "kind", f"number {value}", put("kind", value))
    cases.page(rpc)

    report_cases(cases, stage_of)
    channel_cases(cases)
    payment_cases(cases)
    add_refunds(cases, id_page_cases)
    security_cases(cases)

    rpc = "AdminService.GetPriceList"
    cases.identifier(rpc, "caterer_id", unknown="CATERER_UNKNOWN")
    cases.date(rpc, "day")
    cases.add(rpc, "day", "before the first list", put_day("day", stage_of, -far),
              reason="PRICE_LIST_MISSING", code="FAILED_PRECONDITION")
    add_rights(cases)
    return cases.all


def channel_cases(cases):
    for method in ("CheckAccount", "AcceptPayment", "GetPayment", "CancelPayment"):
        rpc = f"ChannelService.{method}"
        cases.ascii(rpc, "contract", 32, 1)
        cases.add(rpc, "contract", "names nothing", put("contract", "another"),
                  reason="CONTRACT_UNKNOWN", code="NOT_FOUND")
        if method == "CheckAccount":
            continue
        for label, value in (("empty", ""), ("65 characters", "1" * 65), ("a blank", "1 2"),
                             ("a slash", "1/2"), ("Cyrillic", "п1"), ("a zero byte", "1\x00")):
            cases.add(rpc, "payment_id", label, put("payment_id", value))
        if method != "AcceptPayment":
            cases.add(rpc, "payment_id", "names nothing", put("payment_id", "nobody-paid"),
                      reason="PAYMENT_UNKNOWN", code="NOT_FOUND")
    rpc = "ChannelService.CheckAccount"
    payment_account_cases(cases, rpc)
    cases.add(rpc, "payment_account", "of nobody", put("payment_account", "405217938861"),
              reason="PAYMENT_ACCOUNT_UNKNOWN", code="NOT_FOUND")
    for rpc in ("ChannelService.CheckAccount", "ChannelService.AcceptPayment"):
        cases.number(rpc, "paid_kopecks", 1, 10**10, (-2**63, 2**63 - 1))
    rpc = "ChannelService.AcceptPayment"
    cases.add(rpc, "payer_account", "201 bytes", put("payer_account", "7" * 201))
    for part, values in (("seconds", (-1, -2**63, 2**63 - 1)), ("nanos", (-1, 10**9, 2**31 - 1))):
        for value in values:
            cases.add(rpc, f"paid_at.{part}", str(value), put(f"paid_at.{part}", value),
                      field="paid_at")
    cases.add(rpc, "paid_at.seconds", "the year 3000", put("paid_at.seconds", 32_503_680_000),
              field="paid_at", covers="paid_at")


    rpc = "ChannelService.ImportRegistry"
    cases.identifier(rpc, "request_id")
    cases.ascii(rpc, "contract", 32, 1)
    cases.add(rpc, "contract", "names nothing", put("contract", "another"),
              reason="CONTRACT_UNKNOWN", code="NOT_FOUND")
    for label, value in (("empty", b""), ("31 bytes", b"x" * 31), ("33 bytes", b"x" * 33),
                         ("all zero", bytes(32))):
        cases.add(rpc, "file_sha256", label, put("file_sha256", value))
    cases.add(rpc, "lines", "none", drop("lines"))
    cases.add(rpc, "lines", "1001",
              lambda request: request.lines.extend([request.lines[0]] * 1000))
    cases.add(rpc, "lines[1].payment_id", "twice",
              lambda request: request.lines.extend([request.lines[0]]), covers="lines.payment_id")
    cases.add(rpc, "lines[0].payment_id", "empty", put("lines[0].payment_id", ""))
    cases.add(rpc, "lines[0].payer_account", "201 bytes", put("lines[0].payer_account", "7" * 201))
    cases.number(rpc, "lines[0].paid_kopecks", 1, 10**10, (-2**63, 2**63 - 1))
    for method in ("OpenOrder", "ListOpenOrders", "GetOrder", "CloseOrder"):
        rpc = f"ChannelService.{method}"
        cases.ascii(rpc, "contract", 32, 1)
        cases.add(rpc, "contract", "names nothing", put("contract", "another"),
                  reason="CONTRACT_UNKNOWN", code="NOT_FOUND")
        if method == "ListOpenOrders":
            continue
        for label, value in (("empty", ""), ("33 characters", "1" * 33), ("a blank", "1 2")):
            cases.add(rpc, "order_number", label, put("order_number", value))
    id_page_cases(cases, "ChannelService.ListOpenOrders")
    rpc = "ChannelService.OpenOrder"
    cases.number(rpc, "paid_kopecks", 1, 10**10, (-2**63, 2**63 - 1))
    payment_account_cases(cases, rpc)
    cases.add(rpc, "payment_account", "of nobody", put("payment_account", "405217938861"),
              reason="PAYMENT_ACCOUNT_UNKNOWN", code="NOT_FOUND")
    for rpc in ("ChannelService.GetOrder", "ChannelService.CloseOrder",
                "ChannelService.AcceptPayment"):
        cases.add(rpc, "order_number", "names nothing", put("order_number", "nobodys"),
                  reason="ORDER_UNKNOWN", code="NOT_FOUND")
    for label, value in (("33 characters", "1" * 33), ("a blank", "1 2")):
        cases.add("ChannelService.AcceptPayment", "order_number", label,
                  put("order_number", value))
    rpc = "ChannelService.CloseOrder"
    cases.enum(rpc, "state", legal_elsewhere=(1,))
    cases.add(rpc, "bank_id", "a blank", put("bank_id", "1 2"))
    cases.add(rpc, "bank_id", "65 characters", put("bank_id", "1" * 65))


def id_page_cases(cases, rpc):
    """Pages whose tokens are ids of banks: a number is one, too."""
    for size in (-1, 1001, -2**31, 2**31 - 1):
        cases.add(rpc, "page_size", str(size), put("page_size", size))
    for label, token in (("65 characters", "1" * 65), ("a blank", "1 2"), ("Cyrillic", "п")):
        cases.add(rpc, "page_token", label, put("page_token", token))


def payment_account_cases(cases, rpc):
    for label, value in (("empty", ""), ("11 digits", "40521793886"), ("Cyrillic", "Иванов"),
                         ("a wrong check digit", "405217938865"), ("13 digits", "4052179388610")):
        cases.add(rpc, "payment_account", label, put("payment_account", value))


def payment_cases(cases):
    for method in ("ListSuspense", "PlacePayment", "MovePayment", "GetReconciliation"):
        rpc = f"PaymentService.{method}"
        cases.ascii(rpc, "contract", 32, 1)
        cases.add(rpc, "contract", "names nothing", put("contract", "another"),
                  reason="CONTRACT_UNKNOWN", code="NOT_FOUND")
    for method in ("PlacePayment", "MovePayment"):
        rpc = f"PaymentService.{method}"
        cases.identifier(rpc, "request_id")
        cases.add(rpc, "payment_id", "empty", put("payment_id", ""))
        cases.add(rpc, "payment_id", "a slash", put("payment_id", "1/2"))
        cases.add(rpc, "payment_id", "names nothing", put("payment_id", "nobody-paid"),
                  reason="PAYMENT_UNKNOWN", code="NOT_FOUND")
        payment_account_cases(cases, rpc)
        cases.add(rpc, "payment_account", "of nobody", put("payment_account", "405217938861"),
                  reason="PAYMENT_ACCOUNT_UNKNOWN", code="NOT_FOUND")
    id_page_cases(cases, "PaymentService.ListSuspense")
    cases.date("PaymentService.GetReconciliation", "day")


def report_cases(cases, stage_of):
    for method in ("GetCatererReport", "GetMunicipalReport", "GetSchoolReport"):
        rpc = f"ReportService.{method}"
        for name in ("first_day", "last_day"):
            cases.date(rpc, name)
        cases.add(rpc, "last_day", "before the first", put_day("last_day", stage_of, -61))
        cases.add(rpc, "last_day", "63 days", put_day("last_day", stage_of, 2))
        cases.add(rpc, "first_day", "a century before the last", put("first_day.year", 1926),
                  field="first_day")
        cases.add(rpc, "first_day", "26 years before the last", put("first_day.year", 2000),
                  field="last_day")


def security_cases(cases):
    rpc = "SecurityLogService.ListSecurityEvents"
    for name in ("from", "until"):
        for part, values in (("seconds", (-1, -2**63, 2**63 - 1)),
                             ("nanos", (-1, 10**9, -2**31, 2**31 - 1))):
            for value in values:
                cases.add(rpc, f"{name}.{part}", str(value), put(f"{name}.{part}", value),
                          field=name)
        cases.add(rpc, f"{name}.seconds", "the year 3000", put(f"{name}.seconds", 32_503_680_000),
                  field=name, covers=name)
    for name in ("actor_id", "school_id", "object_id"):
        cases.identifier(rpc, name, missing=False)
    for value in (0, 65_536, 2**32 - 1):
        cases.add(rpc, "events", str(value), put_all("events", [102, value]), field="events[1]")
    cases.add(rpc, "events", "101", put_all("events", [1] * 101))
    for value in ("", "Debit", "/ladon.v1.TerminalService/Debit", "process/", "process/nothing"):
        cases.add(rpc, "calls", f"'{value}'", put_all("calls", [value]), field="calls[0]")
    cases.add(rpc, "calls", "101", put_all("calls", ["process/started"] * 101))
    for value in (0, 4, -1, 2**31 - 1):
        cases.add(rpc, "outcomes", str(value), put_all("outcomes", [1, value]),
                  field="outcomes[1]")
    cases.add(rpc, "outcomes", "four", put_all("outcomes", [1] * 4))
    for value in ("", "director", "terminal ", "TERMINAL"):
        cases.add(rpc, "roles", f"'{value}'", put_all("roles", [value]), field="roles[0]")
    cases.add(rpc, "roles", "33", put_all("roles", ["terminal"] * 33))
    cases.page(rpc)
    for label, token in (("of another list", "0" * 16 + "f" * 16), ("31 digits", "0" * 31),
                         ("no digits", "g" * 32), ("past its end", f"{5:016x}{4:016x}")):
        cases.add(rpc, "page_token", label, put("page_token", token))

    rpc = "SecurityLogService.ExportSecurityLog"
    for value in (2, 2**64 - 1):
        cases.add(rpc, "first", f"{value}, where it ends", put("first", value))
    cases.add(rpc, "end", "beyond the log", put("end", 2**64 - 1))
    cases.add(rpc, "end", "where it begins", put("end", 1), field="first")
    for label, bad in (("no token", b"x"), ("65 bytes", b"\1" * 65),
                       ("beyond the log", b"\1" + b"\x7f" * 33), ("of nothing", b"\1" + bytes(33))):
        cases.add(rpc, "resume_token", label, put("resume_token", bad))


def put_all(path, values):
    def spoil(request):
        message, name, _ = at(request, path)
        getattr(message, name)[:] = values

    return spoil


def add_class_list(cases, stage_of):
    cases.text("TerminalService.ListClass", "class_name", 8, least=0)
    cases.page("TerminalService.ListClass")
    rpc = "TerminalService.BookByList"
    cases.identifier(rpc, "request_id")
    cases.identifier(rpc, "subject_id", unknown="SUBJECT_UNKNOWN")
    cases.add(rpc, "subject_id", "of another school",
              lambda request: put("subject_id", stage_of().foreign.subject_id)(request),
              reason="SUBJECT_UNKNOWN", code="NOT_FOUND")
    cases.basket(rpc, lambda: stage_of().other.caterer_id)
    cases.enum(rpc, "reason")
    cases.date(rpc, "effective_date", missing=False)
    cases.add(rpc, "effective_date", "in two days", put_day("effective_date", stage_of, 2))
    cases.add(rpc, "effective_date", "a month ago", put_day("effective_date", stage_of, -31))
    cases.till_of_the_school(rpc, "terminal_id", stage_of)
    cases.pin(rpc, "pin")


def put_day(path, stage_of, days_from_today):
    def spoil(request):
        message, name, _ = at(request, path)
        day = stage_of().school.today() + datetime.timedelta(days=days_from_today)
        getattr(message, name).CopyFrom(date_of(day))

    return spoil


def spoil_both(first, second):
    def spoil(request):
        first(request)
        second(request)

    return spoil


def put_templates(values):
    def spoil(request):
        request.templates[:] = values
        request.qualities[:] = [50] * len(values)

    return spoil


def spoil_templates(values):
    """A spoilt list that is too short for an enrolment is filled up with good ones."""
    fewest = 3
    return put_templates(values + [Palm("table").code()] * (fewest - len(values))
                         if values else values)


def flip_last_bit(name):
    def spoil(request):
        value = bytearray(getattr(request, name))
        value[-1] ^= 1
        setattr(request, name, bytes(value))

    return spoil


def paths_of(message, prefix=""):
    """Every field of a request, messages and what is in them, as 'basket.lines.quantity'."""
    for field in message.fields:
        yield prefix + field.name, field
        if field.message_type is not None:
            yield from paths_of(field.message_type, f"{prefix}{field.name}.")


def setUpModule():
    global world, stage
    world = World(SEED)
    world.server.config["contract"] = [Stage.CONTRACT]
    world.start()
    stage = Stage(world)


def tearDownModule():
    world.close()


TABLE = build_table(lambda: stage)
SHAPES = sorted({case.rpc for case in TABLE})


def cashier_call(case_rpc):
    if case_rpc == "TerminalService.Cancel cashier":
        return stage.school.cashier.terminal.Cancel
    return stage.call(case_rpc)


class TableTest(unittest.TestCase):
    def test_every_field_of_every_rpc_has_a_case(self):
        covered = {(case.rpc.split(" ")[0], case.covers) for case in TABLE}
        left_out = []
        for service, method in methods():
            rpc = f"{service.name}.{method.name}"
            for path, field in paths_of(method.input_type):
                if path in BOOLS_WITHOUT_A_BAD_VALUE:
                    self.assertEqual(field.type, field.TYPE_BOOL, path)
                elif (rpc, path) not in covered:
                    left_out.append(f"{rpc} {path}")
        self.assertEqual(left_out, [])

    def test_every_case_names_a_field_that_exists(self):
        fields = {(f"{service.name}.{method.name}", path) for service, method in methods()
                  for path, _ in paths_of(method.input_type)}
        self.assertEqual([str(case) for case in TABLE
                          if (case.rpc.split(" ")[0], case.covers) not in fields], [])

    def test_unspoilt_requests_are_served(self):
        for rpc in SHAPES:
            with self.subTest(rpc):
                cashier_call(rpc)(stage.good(rpc))

    def test_spoilt_requests_are_refused_by_name_and_change_nothing(self):
        # Making some requests sells or records something; that comes before the snapshot. Tokens
        # live for seconds only and their making changes nothing: they are fetched when needed.
        late = "TerminalService.Debit"
        requests = [None if case.rpc == late else stage.spoilt(case) for case in TABLE]
        before = stage.snapshot()
        wrong = []
        for case, request in zip(TABLE, requests):
            try:
                answer = cashier_call(case.rpc)(request or stage.spoilt(case))
                wrong.append(f"{case}: served: {str(answer)[:80]!r}")
                continue
            except grpc.RpcError as error:
                refusal = Refusal(error)
            expected = (case.code, case.reason, case.field)
            if (refusal.code.name, refusal.reason, refusal.field) != expected:
                wrong.append(f"{case}: expected {expected}, got {refusal}")
            elif not refusal.message_ru or not refusal.message_en:
                wrong.append(f"{case}: no sentence for people")
        self.assertEqual(wrong, [], f"{len(wrong)} of {len(TABLE)}:\n" + "\n".join(wrong))
        self.assertTrue(world.server.running())
        self.assertEqual(stage.snapshot(), before)

    def test_no_refusal_text_repeats_what_was_sent(self):
        canary = "Канарейкина"
        request = stage.request("EnrolmentServiceCreateSubject")
        request.name.family_name = canary + "\u202e"
        refusal = refusal_of(stage.school.desk.enrolment.CreateSubject, request)
        for text in (refusal.text, refusal.message_ru, refusal.message_en):
            self.assertNotIn(canary, text)


class BoundariesTest(unittest.TestCase):
    """The last good value next to the first bad one: a limit is where it is said to be."""

    def test_longest_names_and_largest_sums_are_served(self):
        request = stage.request("EnrolmentServiceCreateSubject")
        request.name.family_name, request.name.given_name = "Ы" * 60, "Ё" * 60
        request.name.class_name, request.external_id = "11Б-физм", "x" * 64
        request.purses[:] = [2, 3, 4]
        child = stage.school.desk.enrolment.CreateSubject(request).subject
        account = child.purses[0].account_id
        top_up = stage.request("AccountsServiceTopUp")
        top_up.account_id, top_up.amount_kopecks = account, 10_000_000
        self.assertEqual(stage.school.cashier.accounts.TopUp(top_up).balance_kopecks, 10_000_000)

    def test_32_lines_and_99_pieces_and_15_codes_are_served(self):
        child = stage.school.child(money=10_000_000, card=True, palm=Palm(22))
        pieces = stage.school.basket(School.TEA, quantity=99)
        stage.school.till.terminal.IdentifyAndDebit(stage.school.sale(child.card, pieces))
        lines = stage.school.basket(*[School.TEA] * 32)
        stage.school.till.terminal.IdentifyAndDebit(stage.school.sale(child.card, lines))
        self.assertEqual(stage.school.balance(child.account_id),
                         10_000_000 - 131 * 1_500)
        probe = stage.school.probe(child.palm)
        probe.codes[:] = [child.palm.code(noise) for noise in range(1, 16)]
        self.assertTrue(stage.school.identify(probe=probe).payer.display_name)

    def test_500_items_with_the_longest_names_are_served(self):
        request = stage.request("AdminServicePutPriceList")
        del request.price_list.items[:]
        for number in range(500):
            request.price_list.items.add(item_id=world.id(), category=9999,
                                         name=f"{number:03}" + "Щ" * 97,
                                         unit_price_kopecks=10_000_000)
        world.sysadmin.admin.PutPriceList(request)

    def test_ninth_and_thirteenth_sample(self):
        child = stage.school.child(palm=Palm(23))
        request = stage.request("EnrolmentServiceEnrolPalm")
        request.subject_id = child.subject_id
        request.check.codes[0] = Palm(23).code(7)
        spoil_templates([Palm(23).code(noise) for noise in range(1, 7)])(request)
        self.assertEqual(stage.school.desk.enrolment.EnrolPalm(request).samples, 9)
        request.request_id = world.id()
        refusal = refusal_of(stage.school.desk.enrolment.EnrolPalm, request)
        self.assertEqual((refusal.code.name, refusal.field), ("INVALID_ARGUMENT", "templates"))


class RawBytesTest(unittest.TestCase):
    """No generated client between the bytes and the server."""

    def raw_clients(self):
        for service, method in methods():
            name = f"{service.name}.{method.name}"
            # A request without fields has no case.
            shape = next((s for s in SHAPES if s.split(" ")[0] == name), name)
            yield (f"/{service.full_name}/{method.name}", stage.sender(name),
                   method.input_type._concrete_class, stage.request(shape.replace(".", "")))

    def answer_of(self, client, method, body):
        try:
            client.raw(method, body)
            return None
        except grpc.RpcError as error:
            return Refusal(error)

    def test_garbage_and_truncated_messages(self):
        draw = world.draw
        for method, client, message, good in self.raw_clients():
            whole = good.SerializeToString()
            bodies = [draw.randbytes(size) for size in (1, 7, 64, 4_000)]
            bodies += [whole[:draw.randrange(len(whole))] for _ in range(4) if whole]
            bodies += [b"\x0a\xff\xff\xff\xff\x0f", b"\xff" * 32, whole + b"\x0b"]
            for body in bodies:
                refusal = self.answer_of(client, method, body)
                with self.subTest(method=method, body=body[:40].hex()):
                    if not parses(message, body):
                        self.assertIsNotNone(refusal, "bytes that are no message were served")
                        self.assertEqual(
                            (refusal.code.name, refusal.reason, refusal.field),
                            ("INVALID_ARGUMENT", "FIELD_INVALID", "request"))
                    elif refusal is not None:
                        self.assertNotIn(refusal.code.name, ("INTERNAL", "UNKNOWN"))
        self.assertTrue(world.server.running())

    def test_text_that_is_not_utf8(self):
        request = stage.request("EnrolmentServiceCreateSubject")
        request.name.family_name = "Qqqqqqqq"
        body = request.SerializeToString().replace(b"Qqqqqqqq", b"\xd0\xff\xc0\xaf\xed\xa0\x80Q")
        refusal = self.answer_of(stage.school.desk,
                                 "/ladon.v1.EnrolmentService/CreateSubject", body)
        self.assertIsNotNone(refusal)
        self.assertEqual(refusal.code.name, "INVALID_ARGUMENT")

    def test_largest_message_is_read_and_a_larger_one_is_not(self):
        method = "/ladon.v1.EnrolmentService/ListSubjects"
        head = enrolment.ListSubjectsRequest(page_size=10).SerializeToString()

        def padded(size):  # An unknown field 1000 of bytes brings the message to `size`.
            tag = b"\xc2\x3e"
            length = size - len(head) - len(tag) - 3
            return head + tag + bytes((length & 127 | 128, length >> 7 & 127 | 128,
                                       length >> 14)) + bytes(length)

        fits = padded(MESSAGE_BYTES_MAX)
        self.assertEqual(len(fits), MESSAGE_BYTES_MAX)
        self.assertTrue(parses(enrolment.ListSubjectsRequest, fits))
        self.assertIsNone(self.answer_of(stage.school.desk, method, fits))
        for size in (MESSAGE_BYTES_MAX + 1, 4 * MESSAGE_BYTES_MAX):
            refusal = self.answer_of(stage.school.desk, method, padded(size))
            self.assertEqual(refusal.code.name, "RESOURCE_EXHAUSTED")
        self.assertIsNone(self.answer_of(stage.school.desk, method, head), "it still answers")

    def test_unknown_methods_and_services(self):
        for method in ("/ladon.v1.TerminalService/Identity", "/ladon.v1.Nobody/Identify",
                       "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"):
            with self.subTest(method):
                refusal = self.answer_of(stage.school.till, method, b"")
                self.assertIsNotNone(refusal, "it is served")
                self.assertEqual(refusal.code.name, "UNIMPLEMENTED")


def parses(message, body):
    try:
        with warnings.catch_warnings():  # A stray end of a group is told as a warning only.
            warnings.simplefilter("error")
            message.FromString(body)
        return True
    except (DecodeError, RuntimeWarning, SystemError):  # SystemError: a warning inside C code.
        return False


if __name__ == "__main__":
    unittest.main()
