"""The stage of the bad-input test: a valid request for every RPC, and what can be read of the
school that receives the spoilt ones."""

import datetime

from bad_input_refunds import RefundRequests
from bad_input_rights import RightsRequests
from ladon_palms import Palm
from ladon_world import School, date_of, wait_until
from ladon_world import accounts_service_pb2 as accounts
from ladon_world import audit_service_pb2 as audit
from ladon_world import admin_service_pb2 as admin
from ladon_world import backup_service_pb2 as backups
from ladon_world import channel_service_pb2 as channels
from ladon_world import enrolment_service_pb2 as enrolment
from ladon_world import operation_service_pb2 as operations
from ladon_world import payment_service_pb2 as payments
from ladon_world import report_service_pb2 as reports
from ladon_world import security_service_pb2 as security
from ladon_world import terminal_service_pb2 as terminal
from ladon_world import types_pb2 as types


class Stage(RightsRequests, RefundRequests):
    """A valid request for every RPC, and who sends it."""

    PIN, OTHER_PIN = "48215930", "60371845"

    def __init__(self, world):
        self.world = world
        self.school = School(world)
        self.other = School(world, name="Школа № 2")
        school = self.school
        self.child = school.child(money=5_000_000, card=True, palm=Palm(20))
        self.palm = self.child.palm
        self.adult = school.child("Лебедев", "Пётр", "", kind=enrolment.SUBJECT_KIND_STAFF)
        self.foreign = self.other.child(money=1_000)
        self.clients = {"TerminalService": school.till, "EnrolmentService": school.desk,
                        "AccountsService": school.cashier, "AdminService": self.world.sysadmin,
                        "OperationService": school.till,
                        "BackupService": self.world.sysadmin,
                        "ChannelService": self.world.client(self.world.identity("channel")),
                        "PaymentService": self.world.client(self.world.identity("accountant")),
                        "AuditService": self.world.client(self.world.identity("auditor")),
                        "SecurityLogService": self.world.client(
                            self.world.identity("security-admin"))}
        self.meet_officers()
        # Calls that somebody else may make than the others of their service.
        self.senders = {"AuditService.GetReceipt": school.cashier,
                        "PaymentService.MovePayment": school.cashier,
                        "ChannelService.ImportRegistry": self.clients["PaymentService"],
                        "TerminalService.ListClass": school.cashier,
                        "TerminalService.BookByList": school.cashier,
                        "ReportService.GetCatererReport": self.world.client(
                            self.world.identity("caterer", school.school_id, school.caterer_id)),
                        "ReportService.GetMunicipalReport": self.world.client(
                            self.world.identity("municipality")),
                        "ReportService.GetSchoolReport": self.head}
        self.meet_couriers()
        school.set_pin(self.child, self.PIN)

    def card(self):
        return self.child.card

    def request(self, rpc):
        """A fresh valid request; tokens and sales that it needs are made on the way."""
        return getattr(self, "_" + rpc.replace(" ", "_"))()

    def spoilt(self, case):
        request = self.request(case.rpc.replace(".", ""))
        case.spoil(request)
        return request

    def sender(self, rpc):
        name = rpc.split(" ")[0]
        return self.senders.get(name) or self.clients[name.split(".")[0]]

    def call(self, rpc):
        service, method = rpc.split(" ")[0].split(".")
        call = getattr(self.sender(rpc).stub(service), method)
        # A stream is read to its end.
        streams = ("ExportExtract", "ExportSecurityLog")
        return (lambda *a, **n: list(call(*a, **n))) if method in streams else call

    # TerminalService. Where a request takes one of two means there is a variant for each.

    def _TerminalServiceIdentify_probe(self):
        return terminal.IdentifyRequest(probe=self.school.probe(self.palm))

    def _TerminalServiceIdentify_card(self):
        return terminal.IdentifyRequest(card=self.card())

    def _TerminalServiceDebit(self):
        token = self.school.identify(card=self.card()).identification_token
        return terminal.DebitRequest(request_id=self.world.id(), identification_token=token,
                                     basket=self.school.basket(School.SOUP),
                                     second_means=self.card(), repeat_confirmed=True)

    def _TerminalServiceIdentifyAndDebit_probe(self):
        return terminal.IdentifyAndDebitRequest(
            request_id=self.world.id(), probe=self.school.probe(self.palm),
            basket=self.school.basket(School.SOUP), second_means=self.card(),
            repeat_confirmed=True)

    def _TerminalServiceIdentifyAndDebit_card(self):
        request = self.school.sale(self.card(), self.school.basket(School.SOUP))
        request.second_means.CopyFrom(self.card())
        return request

    def _TerminalServiceCancel(self):
        sale = self.school.sale(self.card(), self.school.basket(School.SOUP, School.TEA))
        self.school.till.terminal.IdentifyAndDebit(sale)
        return self.school.cancel(sale.request_id, lines=[0, 1])

    def _TerminalServiceCancel_cashier(self):
        request = self._TerminalServiceCancel()
        request.terminal_id = self.school.terminal_id
        return request

    def _TerminalServiceListClass(self):
        return terminal.ListClassRequest(class_name="5А", page_size=10)

    def _TerminalServiceBookByList(self):
        return self.school.by_list(self.child, self.school.basket(School.SOUP),
                                   effective_date=date_of(self.today()),
                                   terminal_id=self.school.terminal_id, pin=self.PIN)

    def _OperationServicePing(self):
        return operations.PingRequest(padding=b"x", answer_bytes=1)

    def _OperationServiceGetOperation(self):
        return operations.GetOperationRequest(request_id=self.world.id())

    # EnrolmentService.

    def _EnrolmentServiceCreateSubject(self):
        return enrolment.CreateSubjectRequest(
            request_id=self.world.id(), kind=enrolment.SUBJECT_KIND_PUPIL, external_id="77",
            name=enrolment.SubjectName(family_name="Зимина", given_name="Ольга",
                                       class_name="5А"),
            purses=[types.PURSE_BUFFET], birth_date=types.Date(year=2015, month=2, day=28))

    def _EnrolmentServiceUpdateSubject(self):
        return enrolment.UpdateSubjectRequest(
            request_id=self.world.id(), subject_id=self.child.subject_id,
            name=enrolment.SubjectName(family_name="Петрова", given_name="Иван",
                                       class_name="5А"), state=enrolment.SUBJECT_STATE_ACTIVE,
            birth_date=types.Date(year=2015, month=2, day=28))

    def _EnrolmentServiceListSubjects(self):
        return enrolment.ListSubjectsRequest(page_size=10)

    def _EnrolmentServiceRecordConsent(self):
        day = self.school.today()
        return enrolment.RecordConsentRequest(
            request_id=self.world.id(), subject_id=self.child.subject_id,
            kind=enrolment.CONSENT_KIND_BIOMETRIC, signer=enrolment.CONSENT_SIGNER_BOTH,
            form=enrolment.CONSENT_FORM_ELECTRONIC_SIGNATURE, document_sha256=b"d" * 32,
            authority_checked=True, valid_from=date_of(day),
            valid_until=date_of(day + datetime.timedelta(days=30)))

    def _EnrolmentServiceWithdrawConsent(self):
        self.school.consent(self.adult, enrolment.CONSENT_KIND_PERSONAL_DATA)
        return enrolment.WithdrawConsentRequest(
            request_id=self.world.id(), subject_id=self.adult.subject_id,
            kind=enrolment.CONSENT_KIND_PERSONAL_DATA)

    def _EnrolmentServiceEnrolPalm(self):
        return enrolment.EnrolPalmRequest(
            request_id=self.world.id(), subject_id=self.child.subject_id,
            side=enrolment.PALM_SIDE_LEFT, qualities=[50] * 3, sensor_id=b"S" * 16,
            templates=[Palm(21).code(noise) for noise in range(3)],
            check=types.Probe(codes=[Palm(21).code(3)], sensor_id=b"S" * 16,
                              liveness=types.LIVENESS_PASS))

    def _EnrolmentServiceBindCard(self):
        return enrolment.BindCardRequest(
            request_id=self.world.id(), subject_id=self.child.subject_id, card=self.card(),
            state=types.CARD_STATE_ACTIVE)

    def _EnrolmentServiceBindCard_temporary(self):
        request = self._EnrolmentServiceBindCard()
        request.state = types.CARD_STATE_TEMPORARY
        request.valid_until.CopyFrom(date_of(self.school.today() + datetime.timedelta(days=30)))
        return request

    def _EnrolmentServiceSetCardState_card(self):
        return enrolment.SetCardStateRequest(request_id=self.world.id(), card=self.card(),
                                             state=types.CARD_STATE_ACTIVE)

    def _EnrolmentServiceSetCardState_card_id(self):
        return enrolment.SetCardStateRequest(
            request_id=self.world.id(), state=types.CARD_STATE_ACTIVE,
            card_id=self.school.bind(self.child, self.card()))

    def _EnrolmentServiceSetPin(self):
        return enrolment.SetPinRequest(request_id=self.world.id(),
                                       subject_id=self.adult.subject_id, pin=self.OTHER_PIN)

    # AccountsService.

    def _AccountsServiceTopUp(self):
        return accounts.TopUpRequest(request_id=self.world.id(), account_id=self.child.account_id,
                                     amount_kopecks=1)

    def _AccountsServiceGetBalance(self):
        return accounts.GetBalanceRequest(account_id=self.child.account_id)

    def _AccountsServiceGetBalance_payment_account(self):
        return accounts.GetBalanceRequest(payment_account=self.child.payment_account)

    def _AccountsServiceGetStatement(self):
        return accounts.GetStatementRequest(account_id=self.child.account_id, page_size=10)

    def _AccountsServiceSetOverdraftLimit(self):
        return accounts.SetOverdraftLimitRequest(
            request_id=self.world.id(), account_id=self.child.account_id, overdraft_limit_kopecks=0)

    def _AccountsServiceSetFrozen(self):
        return accounts.SetFrozenRequest(request_id=self.world.id(),
                                         account_id=self.child.account_id)

    def _AccountsServiceSetLimits(self):
        return accounts.SetLimitsRequest(
            request_id=self.world.id(), account_id=self.child.account_id,
            limits=accounts.Limits(per_purchase_kopecks=10_000_000,
                                   per_service_day_kopecks=10_000_000, banned_categories=[3]))

    def _AccountsServiceGetLimits(self):
        return accounts.GetLimitsRequest(account_id=self.child.account_id)

    def _AccountsServiceBatchTopUp(self):
        return accounts.BatchTopUpRequest(requests=[self._AccountsServiceTopUp() for _ in "ab"])

    def _AccountsServicePayOut(self):
        return accounts.PayOutRequest(
            request_id=self.world.id(), caterer_id=self.school.caterer_id, amount_kopecks=1,
            document_id=f"платёж {self.world.id().hex()}", document_date=date_of(self.today()))

    def _AccountsServiceSetEntitlements(self):
        day = date_of(self.today())
        return accounts.SetEntitlementsRequest(
            request_id=self.world.id(), account_id=self.child.account_id,
            entitlements=[accounts.Entitlement(category=77, cap_kopecks=100, uses_per_day=1,
                                               valid_from=day, valid_to=day,
                                               document_id="приказ 7")])

    def _AccountsServiceGetEntitlements(self):
        return accounts.GetEntitlementsRequest(account_id=self.child.account_id)

    def today(self):
        return self.school.today()

    # BackupService.

    def _BackupServiceCreateBackup(self):
        # One at a time: the next valid one comes when the one before is done.
        wait_until(lambda: not self.world.sysadmin.backups.ListBackups(
            backups.ListBackupsRequest()).under_way, "the backup before to end")
        return backups.CreateBackupRequest()

    def _BackupServiceListBackups(self):
        return backups.ListBackupsRequest()

    # AuditService.

    def _AuditServiceExportExtract(self):
        return audit.ExportExtractRequest(first=1)

    def _AuditServiceExportExtract_account(self):
        return audit.ExportExtractRequest(account_id=self.child.account_id)

    def _AuditServiceExportExtract_school(self):
        return audit.ExportExtractRequest(school_id=self.school.school_id)

    def _AuditServiceListEntries(self):
        request = audit.ListEntriesRequest(account_id=self.child.account_id, page_size=10)
        getattr(request, "from").seconds = 1
        request.until.seconds = 2**33
        return request

    def _AuditServiceGetCheckpoint(self):
        return audit.GetCheckpointRequest()

    def _AuditServiceGetConsistencyProof(self):
        return audit.GetConsistencyProofRequest(old_size=1)

    def _AuditServiceGetTile(self):
        return audit.GetTileRequest(size=2, level=0, number=0)

    def _AuditServiceGetReceipt(self):
        lines = self.school.statement(self.child.account_id)
        return audit.GetReceiptRequest(account_id=self.child.account_id,
                                       journal_index=lines[-1].journal_index)

    # ChannelService.

    CONTRACT = {"name": "bank", "cancels": True}

    def _ChannelServiceCheckAccount(self):
        return channels.CheckAccountRequest(contract="bank", paid_kopecks=10_000,
                                            payment_account=self.child.payment_account)

    def _ChannelServiceAcceptPayment(self):
        request = channels.AcceptPaymentRequest(
            contract="bank", payment_id=self.world.id().hex(), paid_kopecks=10_000,
            payer_account=self.child.payment_account)
        request.paid_at.seconds = 1_790_000_000
        return request

    def _paid(self):
        request = self._ChannelServiceAcceptPayment()
        self.clients["ChannelService"].channels.AcceptPayment(request)
        return {"contract": "bank", "payment_id": request.payment_id}

    def _ChannelServiceGetPayment(self):
        return channels.GetPaymentRequest(**self._paid())

    def _ChannelServiceCancelPayment(self):
        return channels.CancelPaymentRequest(**self._paid())

    def _ChannelServiceImportRegistry(self):
        paid = self._paid()
        return channels.ImportRegistryRequest(
            request_id=self.world.id(), contract="bank", file_sha256=self.world.id() * 2,
            lines=[channels.RegistryLine(payment_id=paid["payment_id"], paid_kopecks=10_000,
                                         payer_account=self.child.payment_account)])

    def _ChannelServiceOpenOrder(self):
        return channels.OpenOrderRequest(
            contract="bank", order_number=self.world.id().hex(), paid_kopecks=10_000,
            payment_account=self.child.payment_account)

    def _ordered(self):
        request = self._ChannelServiceOpenOrder()
        self.clients["ChannelService"].channels.OpenOrder(request)
        return {"contract": "bank", "order_number": request.order_number}

    def _ChannelServiceListOpenOrders(self):
        return channels.ListOpenOrdersRequest(contract="bank", page_size=10)

    def _ChannelServiceCloseOrder(self):
        return channels.CloseOrderRequest(**self._ordered(), state=channels.ORDER_STATE_FAILED,
                                          bank_id=self.world.id().hex())

    def _ChannelServiceGetOrder(self):
        return channels.GetOrderRequest(**self._ordered())

    # PaymentService.

    def _PaymentServiceListSuspense(self):
        return payments.ListSuspenseRequest(contract="bank", page_size=10)

    def _PaymentServicePlacePayment(self):
        request = self._ChannelServiceAcceptPayment()
        request.payer_account = "000000000000"
        self.clients["ChannelService"].channels.AcceptPayment(request)
        return payments.PlacePaymentRequest(
            request_id=self.world.id(), contract="bank", payment_id=request.payment_id,
            payment_account=self.child.payment_account)

    def _PaymentServiceMovePayment(self):
        request = payments.MovePaymentRequest(
            request_id=self.world.id(), payment_account=self.adult.payment_account, **self._paid())
        return self.approved(self.school.cashier.payments.MovePayment, request, self.head)

    def _PaymentServiceGetReconciliation(self):
        return payments.GetReconciliationRequest(contract="bank", day=date_of(self.school.today()))

    # ReportService.

    def days(self):
        today = self.school.today()
        return {"first_day": date_of(today - datetime.timedelta(days=60)),
                "last_day": date_of(today)}

    def _ReportServiceGetCatererReport(self):
        return reports.GetCatererReportRequest(**self.days())

    def _ReportServiceGetMunicipalReport(self):
        return reports.GetMunicipalReportRequest(**self.days())

    def _ReportServiceGetSchoolReport(self):
        return reports.GetSchoolReportRequest(**self.days())

    # SecurityLogService.

    def _SecurityLogServiceGetSecurityCheckpoint(self):
        return security.GetSecurityCheckpointRequest()

    def _SecurityLogServiceListSecurityEvents(self):
        request = security.ListSecurityEventsRequest(
            actor_id=self.school.terminal_id, school_id=self.school.school_id,
            object_id=self.child.account_id, events=[102, 901], calls=["TerminalService/Debit"],
            outcomes=[security.SECURITY_OUTCOME_SUCCESS], roles=["terminal"], page_size=10)
        getattr(request, "from").seconds = 1
        request.until.seconds = 2**33
        return request

    def _SecurityLogServiceExportSecurityLog(self):
        return security.ExportSecurityLogRequest(first=1, end=2)

    # AdminService.

    def _AdminServiceCreateSchool(self):
        return admin.CreateSchoolRequest(request_id=self.world.id(), settings=self.other.settings)

    def _AdminServiceUpdateSchoolSettings(self):
        return admin.UpdateSchoolSettingsRequest(
            request_id=self.world.id(), school_id=self.school.school_id,
            settings=self.school.settings)

    def _AdminServiceListSchools(self):
        return admin.ListSchoolsRequest(page_size=10)

    def _AdminServiceRegisterTerminal(self):
        return admin.RegisterTerminalRequest(
            request_id=self.world.id(), school_id=self.other.school_id, label="киоск")

    def _AdminServiceSetTerminalState(self):
        return admin.SetTerminalStateRequest(
            request_id=self.world.id(), terminal_id=self.school.terminal_id,
            state=admin.TERMINAL_STATE_ACTIVE)

    def _AdminServiceGetFigures(self):
        return admin.GetFiguresRequest()

    def _AdminServiceListComingStops(self):
        return admin.ListComingStopsRequest(days=30)

    def _AdminServiceListTerminals(self):
        return admin.ListTerminalsRequest(school_id=self.school.school_id, page_size=10)

    def _AdminServiceCreateCaterer(self):
        return admin.CreateCatererRequest(request_id=self.world.id(),
                                          school_id=self.other.school_id, name="Буфет")

    def _AdminServiceListCaterers(self):
        return admin.ListCaterersRequest(school_id=self.school.school_id, page_size=10)

    def _AdminServicePutPriceList(self):
        return admin.PutPriceListRequest(
            request_id=self.world.id(), price_list=admin.PriceList(
                caterer_id=self.other.caterer_id, valid_from=date_of(self.other.today()),
                items=self.other.items))

    def _AdminServiceGetPriceList(self):
        return admin.GetPriceListRequest(caterer_id=self.school.caterer_id,
                                         day=date_of(self.school.today()))

    # What can be read of the school under test.

    def snapshot(self):
        subjects = self.school.desk.enrolment.ListSubjects(
            enrolment.ListSubjectsRequest(page_size=1000))
        price_list = self.world.sysadmin.admin.GetPriceList(self._AdminServiceGetPriceList())
        lists = [list_all(request) for list_all, request in (
            (self.world.sysadmin.admin.ListSchools, admin.ListSchoolsRequest(page_size=1000)),
            (self.world.sysadmin.admin.ListTerminals,
             admin.ListTerminalsRequest(school_id=self.school.school_id, page_size=1000)),
            (self.world.sysadmin.admin.ListCaterers,
             admin.ListCaterersRequest(school_id=self.school.school_id, page_size=1000)))]
        purses = [self.school.cashier.accounts.GetBalance(
            accounts.GetBalanceRequest(account_id=purse.account_id))
            for subject in subjects.subjects for purse in subject.purses]
        statement = self.school.statement(self.child.account_id)
        return [subjects, price_list, *lists, purses, statement]
