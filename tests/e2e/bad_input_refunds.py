"""Bad input to refunds and to the outbox: the valid requests, and what is wrong with each field."""

from bad_input_table import drop, put
from ladon_world import date_of
from ladon_world import outbox_service_pb2 as outbox
from ladon_world import payment_service_pb2 as payments


class RefundRequests:
    """Part of the stage: needs world, school, child, head, clients."""

    BASIS = "заявление № 1"

    def meet_couriers(self):
        accountant = self.clients["PaymentService"]
        self.courier = self.world.client(self.world.identity("courier"))
        self.clients["OutboxService"] = self.courier
        self.senders |= {"PaymentService.OpenRefund": self.school.cashier,
                         "OutboxService.GetOutbox": accountant,
                         "OutboxService.RetryParked": accountant}

    def _PaymentServiceOpenRefund(self):
        request = payments.OpenRefundRequest(
            request_id=self.world.id(), account_id=self.child.account_id, kopecks=100,
            basis=self.BASIS, **self._paid())
        return self.approved(self.school.cashier.payments.OpenRefund, request, self.head)

    def _PaymentServiceListRefunds(self):
        return payments.ListRefundsRequest(contract="bank", page_size=10)

    def refund(self):
        return self.school.cashier.payments.OpenRefund(self._PaymentServiceOpenRefund()).refund

    def _PaymentServiceCloseRefund(self):
        return payments.CloseRefundRequest(
            request_id=self.world.id(), contract="bank", refund_number=self.refund().refund_number,
            document_id="ПП-17", document_date=date_of(self.school.today()))

    def _PaymentServiceCancelRefund(self):
        return payments.CancelRefundRequest(request_id=self.world.id(), contract="bank",
                                            refund_number=self.refund().refund_number)

    def _OutboxServicePullEvents(self):
        return outbox.PullEventsRequest(stream=outbox.EVENT_STREAM_NOTICES, page_size=10)

    def _OutboxServiceReportEvents(self):
        return outbox.ReportEventsRequest(reports=[
            outbox.EventReport(ticket=b"\x01" * 18, fault="HTTP 500")])

    def _OutboxServiceGetOutbox(self):
        return outbox.GetOutboxRequest(page_size=10)

    def _OutboxServiceRetryParked(self):
        return outbox.RetryParkedRequest(stream=outbox.EVENT_STREAM_RECEIPTS)


def add_refunds(cases, id_page_cases):
    for method in ("OpenRefund", "ListRefunds", "CloseRefund", "CancelRefund"):
        rpc = f"PaymentService.{method}"
        cases.ascii(rpc, "contract", 32, 1)
        cases.add(rpc, "contract", "names nothing", put("contract", "another"),
                  reason="CONTRACT_UNKNOWN", code="NOT_FOUND")
        if method != "ListRefunds":
            cases.identifier(rpc, "request_id")
    id_page_cases(cases, "PaymentService.ListRefunds")
    rpc = "PaymentService.OpenRefund"
    cases.identifier(rpc, "account_id", unknown="ACCOUNT_UNKNOWN")
    cases.number(rpc, "kopecks", 1, 10**10, (-2**63, 2**63 - 1))
    cases.add(rpc, "payment_id", "a slash", put("payment_id", "1/2"))
    cases.add(rpc, "payment_id", "names nothing", put("payment_id", "nobody-paid"),
              reason="PAYMENT_UNKNOWN", code="NOT_FOUND")
    cases.text(rpc, "basis", 100)
    for method in ("CloseRefund", "CancelRefund"):
        rpc = f"PaymentService.{method}"
        for label, value in (("empty", ""), ("31 digits", "0" * 31), ("a letter", "x" * 32)):
            cases.add(rpc, "refund_number", label, put("refund_number", value))
        cases.add(rpc, "refund_number", "names nothing", put("refund_number", "7" * 32),
                  reason="REFUND_UNKNOWN", code="NOT_FOUND")
    cases.text("PaymentService.CloseRefund", "document_id", 64)
    cases.date("PaymentService.CloseRefund", "document_date")

    cases.enum("OutboxService.PullEvents", "stream")
    cases.enum("OutboxService.RetryParked", "stream")
    for method in ("PullEvents", "GetOutbox"):
        for size in (-1, 1001, -2**31, 2**31 - 1):
            cases.add(f"OutboxService.{method}", "page_size", str(size), put("page_size", size))
    rpc = "OutboxService.ReportEvents"
    cases.add(rpc, "reports", "none", drop("reports"))
    cases.add(rpc, "reports", "101",
              lambda request: request.reports.extend([request.reports[0]] * 100))
    for label, value in (("empty", b""), ("17 bytes", b"x" * 17), ("19 bytes", b"x" * 19)):
        cases.add(rpc, "reports[0].ticket", label, put("reports[0].ticket", value))
    for label, value in (("101 characters", "x" * 101), ("102 bytes", "ы" * 51), ("newline", "a\nb"),
                         ("none of a failure", "")):
        cases.add(rpc, "reports[0].fault", label, put("reports[0].fault", value))
    cases.add(rpc, "reports[0].told", "told, and a fault", put("reports[0].told", True),
              field="reports[0].fault")
