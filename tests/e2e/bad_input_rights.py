"""Bad input to the services of officers and security administrators: the valid requests, and what
is wrong with each field."""

import grpc
from bad_input_table import drop, put
from ladon_world import Refusal, date_of, wait_until
from ladon_world import access_service_pb2 as access
from ladon_world import approval_service_pb2 as approvals
from ladon_world import enrolment_service_pb2 as enrolment
from ladon_world import key_service_pb2 as keys
from ladon_world import officer_service_pb2 as officer
from ladon_world import subject_service_pb2 as subjects


class RightsRequests:
    """Part of the stage: needs world, school, other, child."""

    def meet_officers(self):
        self.officer = self.world.client(self.world.identity("data-protection-officer"))
        self.head = self.world.client(self.world.identity("school", self.school.school_id))
        self.admin = self.world.client(self.world.identity("security-admin"))
        self.second_admin = self.world.client(self.world.identity("security-admin"))
        self.clients |= {"AccessService": self.admin, "ApprovalService": self.head,
                         "KeyService": self.admin, "OfficerService": self.officer,
                         "SubjectService": self.officer}

    def listed(self, approval_id, client):
        page = client.approvals.ListApprovals(approvals.ListApprovalsRequest(decided_too=True, page_size=1000))
        return next(one for one in page.approvals if one.approval_id == approval_id)

    def approved(self, call, request, approver):
        """`request`, which a second person has approved."""
        try:
            call(request)
        except grpc.RpcError as error:
            approval_id = bytes.fromhex(Refusal(error).field)
            approver.approvals.DecideApproval(approvals.DecideApprovalRequest(
                request_id=self.world.id(), approval_id=approval_id, grant=True,
                content_digest=self.listed(approval_id, approver).content_digest))
        return request

    def named(self):
        return {"request_id": self.world.id(), "school_id": self.school.school_id,
                "subject_id": self.child.subject_id}

    # SubjectService.

    def _SubjectServiceExportSubject(self):
        return subjects.ExportSubjectRequest(**self.named())

    def _SubjectServiceRectifySubject(self):
        today = self.school.today()
        return subjects.RectifySubjectRequest(
            **self.named(), external_id="K-1", birth_date=date_of(today.replace(
                year=today.year - 10, day=1)),
            left_on=date_of(today.replace(year=today.year + 5, day=1)),
            name=enrolment.SubjectName(family_name="Петрова", given_name="Иван", class_name="5А"))

    def _SubjectServiceBlockSubject(self):
        return subjects.BlockSubjectRequest(**self.named())

    def _SubjectServiceEraseSubject(self):
        """Of a child that is there for this."""
        if not hasattr(self, "_erased"):
            self._erased = self.school.child("Забытый", "Пётр")
        child = self._erased
        return subjects.EraseSubjectRequest(
            request_id=self.world.id(), school_id=self.school.school_id,
            subject_id=child.subject_id, reason=subjects.ERASURE_REASON_COURT)

    def good(self, rpc):
        """As request(), and approved where one person is not enough."""
        request = self.request(rpc.replace(".", ""))
        if rpc == "SubjectService.EraseSubject":
            return self.approved(self.officer.subjects.EraseSubject, request, self.head)
        if rpc == "OfficerService.RemoveBiometrics":
            second = self.world.client(self.world.identity("data-protection-officer"))
            return self.approved(self.officer.officer.RemoveBiometrics, request, second)
        return request

    def erasure(self):
        """One that has begun."""
        if not hasattr(self, "_erasure"):
            child = self.school.child("Стёртый", "Пётр")
            request = self._SubjectServiceEraseSubject()
            request.subject_id = child.subject_id
            self.approved(self.officer.subjects.EraseSubject, request, self.head)
            self._erasure = self.officer.subjects.EraseSubject(request).erasure.erasure_id
            wait_until(lambda: self.officer.subjects.GetErasure(subjects.GetErasureRequest(
                erasure_id=self._erasure)).erasure.step >= subjects.ERASURE_STEP_KEYS_DESTROYED,
                       "the erasure")
        return self._erasure

    def _SubjectServiceGetErasure(self):
        return subjects.GetErasureRequest(erasure_id=self.erasure())

    def _SubjectServiceListErasures(self):
        return subjects.ListErasuresRequest(page_size=10)

    def _SubjectServiceMoveSubject(self):
        if not hasattr(self, "_mover"):
            self._mover = self.school.child("Ушедший", "Пётр")
        return subjects.MoveSubjectRequest(
            request_id=self.world.id(), school_id=self.school.school_id,
            subject_id=self._mover.subject_id, to_school_id=self.other.school_id,
            class_name="6Б")

    def _SubjectServiceOpenRequest(self):
        return subjects.OpenRequestRequest(**self.named(), kind=subjects.REQUEST_KIND_ACCESS,
                                           identity_checked=True,
                                           received=date_of(self.school.today()))

    def _SubjectServiceCloseRequest(self):
        opened = self.officer.subjects.OpenRequest(self._SubjectServiceOpenRequest())
        return subjects.CloseRequestRequest(
            request_id=self.world.id(), state=subjects.REQUEST_STATE_REFUSED, note="не тот",
            rights_request_id=opened.rights_request.rights_request_id)

    def _SubjectServiceListRequests(self):
        return subjects.ListRequestsRequest(page_size=10)

    # OfficerService.

    def _OfficerServiceRemoveBiometrics(self):
        return officer.RemoveBiometricsRequest(request_id=self.world.id(),
                                               school_id=self.other.school_id)

    def _OfficerServiceRecordIncident(self):
        request = officer.RecordIncidentRequest(
            request_id=self.world.id(), school_id=self.school.school_id, actor_id=b"A" * 16,
            cause="похищен ключ", harm="просмотр", measures="отозван", contact="офицер")
        request.detected_at.seconds = 1_700_000_000
        getattr(request, "from").seconds = 1
        request.until.seconds = 1_700_000_000
        return request

    def incident(self):
        return self.officer.officer.RecordIncident(
            self._OfficerServiceRecordIncident()).incident.incident_id

    def _OfficerServiceReportIncident(self):
        return officer.ReportIncidentRequest(
            request_id=self.world.id(), incident_id=self.incident(), receipt="РКН".encode().hex(),
            state=officer.INCIDENT_STATE_REPORTED_24)

    def _OfficerServiceListIncidents(self):
        return officer.ListIncidentsRequest(page_size=10)

    def _OfficerServiceListAffected(self):
        return officer.ListAffectedRequest(incident_id=self.incident())

    # ApprovalService.

    def _ApprovalServiceListApprovals(self):
        return approvals.ListApprovalsRequest(page_size=10)

    def _ApprovalServiceDecideApproval(self):
        request = self._SubjectServiceEraseSubject()
        request.request_id = self.world.id()
        try:
            self.officer.subjects.EraseSubject(request)
        except grpc.RpcError as error:
            approval_id = bytes.fromhex(Refusal(error).field)
        return approvals.DecideApprovalRequest(
            request_id=self.world.id(), approval_id=approval_id,
            content_digest=self.listed(approval_id, self.head).content_digest)

    # AccessService.

    def principal(self):
        return f"ladon://{self.school.school_id.hex()}/enroller/{self.world.id().hex()}"

    def _AccessServiceGrantRole(self):
        return self.approved(self.admin.access.GrantRole, access.GrantRoleRequest(
            request_id=self.world.id(), principal_uri=self.principal(),
            holder=f"E-{self.world.id().hex()}"), self.second_admin)

    def _AccessServiceSetPrincipalState(self):
        granted = self.admin.access.GrantRole(self._AccessServiceGrantRole())
        return access.SetPrincipalStateRequest(
            request_id=self.world.id(), principal_uri=granted.principal.uri,
            state=access.PRINCIPAL_STATE_BLOCKED)

    def _AccessServiceListPrincipals(self):
        return access.ListPrincipalsRequest(page_size=10)

    # KeyService.

    def _KeyServiceGetKeys(self):
        return keys.GetKeysRequest()

    def _KeyServiceRotateEpoch(self):
        # One at a time: the next valid one comes when the one before is done.
        wait_until(lambda: not self.admin.keys.GetKeys(keys.GetKeysRequest()).rotation_under_way,
                   "the rotation before to end")
        return keys.RotateEpochRequest()


def add_rights(cases):
    subject = "SubjectService."
    for method in ("ExportSubject", "RectifySubject", "BlockSubject", "EraseSubject",
                   "MoveSubject", "OpenRequest"):
        rpc = subject + method
        cases.identifier(rpc, "request_id")
        cases.identifier(rpc, "school_id", missing=False)
        cases.add(rpc, "school_id", "missing for an officer of all", put("school_id", b""))
        cases.identifier(rpc, "subject_id", unknown="SUBJECT_UNKNOWN")
    rpc = subject + "RectifySubject"
    cases.add(rpc, "name", "missing", drop("name"))
    cases.person_name(rpc, "name.family_name")
    cases.person_name(rpc, "name.given_name")
    cases.text(rpc, "name.class_name", 8)
    cases.ascii(rpc, "external_id", 64, 0)
    for path in ("birth_date", "left_on"):
        for part, value in (("month", 13), ("day", 0), ("year", 1), ("year", 3000)):
            cases.add(rpc, f"{path}.{part}", str(value), put(f"{path}.{part}", value), field=path)
        cases.add(rpc, path, "30 February", thirtieth_of_february(path))
    cases.enum(subject + "EraseSubject", "reason")
    cases.identifier(subject + "GetErasure", "erasure_id", unknown="ERASURE_UNKNOWN")
    for method in ("ListErasures", "ListRequests"):
        cases.page(subject + method)
    rpc = subject + "MoveSubject"
    cases.identifier(rpc, "to_school_id", unknown="SCHOOL_UNKNOWN")
    cases.text(rpc, "class_name", 8)
    rpc = subject + "OpenRequest"
    cases.enum(rpc, "kind")
    cases.add(rpc, "identity_checked", "false", put("identity_checked", False))
    for part, value in (("month", 13), ("day", 0), ("year", 1), ("year", 3000)):
        cases.add(rpc, f"received.{part}", str(value), put(f"received.{part}", value),
                  field="received")
    cases.add(rpc, "received", "in the future", put("received.year", 2999))
    rpc = subject + "CloseRequest"
    cases.identifier(rpc, "request_id")
    cases.identifier(rpc, "rights_request_id", unknown="RIGHTS_REQUEST_UNKNOWN")
    cases.enum(rpc, "state")
    cases.text(rpc, "note", 500)

    rpc = "OfficerService.RemoveBiometrics"
    cases.identifier(rpc, "request_id")
    cases.identifier(rpc, "school_id", unknown="SCHOOL_UNKNOWN")
    rpc = "OfficerService.RecordIncident"
    cases.identifier(rpc, "request_id")
    cases.identifier(rpc, "school_id", missing=False)
    cases.identifier(rpc, "actor_id", missing=False)
    for path in ("detected_at", "from", "until"):
        cases.add(rpc, path, "missing", drop(path))
        for seconds in (-1, 32_503_680_000, -(1 << 63), (1 << 63) - 1):
            cases.add(rpc, f"{path}.seconds", str(seconds), put(f"{path}.seconds", seconds),
                      field=path)
        for nanos in (-1, 1_000_000_000):
            cases.add(rpc, f"{path}.nanos", str(nanos), put(f"{path}.nanos", nanos), field=path)
    cases.add(rpc, "detected_at", "in the future", put("detected_at.seconds", 18_000_000_000))
    cases.add(rpc, "until", "before from", put("until.seconds", 0))
    for path in ("cause", "harm", "measures", "contact"):
        cases.text(rpc, path, 500)
    rpc = "OfficerService.ReportIncident"
    cases.identifier(rpc, "request_id")
    cases.identifier(rpc, "incident_id", unknown="INCIDENT_UNKNOWN")
    cases.enum(rpc, "state", legal_elsewhere=(officer.INCIDENT_STATE_OPEN,
                                              officer.INCIDENT_STATE_REPORTED_72))
    cases.ascii(rpc, "receipt", 64, 1)
    cases.page("OfficerService.ListIncidents")
    cases.identifier("OfficerService.ListAffected", "incident_id", unknown="INCIDENT_UNKNOWN")

    cases.page("ApprovalService.ListApprovals")
    rpc = "ApprovalService.DecideApproval"
    cases.identifier(rpc, "request_id")
    cases.identifier(rpc, "approval_id", unknown="APPROVAL_UNKNOWN")
    for label, value in (("missing", b""), ("31 bytes", b"x" * 31), ("33 bytes", b"x" * 33)):
        cases.add(rpc, "content_digest", label, put("content_digest", value))
    cases.add(rpc, "content_digest", "of another content", put("content_digest", b"x" * 32),
              reason="APPROVAL_DECIDED", code="FAILED_PRECONDITION")

    for rpc in ("AccessService.GrantRole", "AccessService.SetPrincipalState"):
        cases.identifier(rpc, "request_id")
        for label, value in (("missing", ""), ("no URI", "enroller"), ("long", "ladon://" * 17),
                             ("Cyrillic", "ladon://школа/enroller/1"),
                             ("unknown role", f"ladon://-/director/{'1' * 32}"),
                             ("in capitals", f"ladon://-/SYSADMIN/{'1' * 32}")):
            cases.add(rpc, "principal_uri", label, put("principal_uri", value))
    rpc = "AccessService.GrantRole"
    cases.add(rpc, "principal_uri", "of a terminal", put(
        "principal_uri", f"ladon://{'1' * 32}/terminal/{'1' * 32}"))
    cases.add(rpc, "principal_uri", "of an unknown school", put(
        "principal_uri", f"ladon://{'1' * 32}/enroller/{'1' * 32}"), reason="SCHOOL_UNKNOWN",
              code="NOT_FOUND")
    cases.ascii(rpc, "holder", 64, 1)
    rpc = "AccessService.SetPrincipalState"
    cases.add(rpc, "principal_uri", "nobody", put(
        "principal_uri", f"ladon://-/auditor/{'1' * 32}"), reason="PRINCIPAL_UNKNOWN",
              code="NOT_FOUND")
    cases.enum(rpc, "state")
    cases.page("AccessService.ListPrincipals")


def thirtieth_of_february(path):
    def spoil(request):
        put(f"{path}.month", 2)(request)
        put(f"{path}.day", 30)(request)

    return spoil
