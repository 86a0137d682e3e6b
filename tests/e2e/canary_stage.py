"""The stage of the canary test: marked requests through every RPC of every service, as the
descriptors have them, and everything that a server says and leaves behind.

A request that is served comes from bad_input_stage.py where it has one; for an RPC that it does not
know, the fields are filled by their types. What is put into a field goes by the field's category.
"""

import itertools
import os
import pathlib
import random
import signal
import urllib.request

import grpc
from bad_input_stage import Stage
from google.protobuf import descriptor_pb2
from google.protobuf.timestamp_pb2 import Timestamp
from ladon_palms import TEMPLATE_BYTES, Palm
from ladon_world import Refusal, date_of, matrix_of_source, methods, wait_until
from ladon_world import backup_service_pb2 as backups
from ladon_world import enrolment_service_pb2 as enrolment
from ladon_world import payment_service_pb2 as payments
from ladon.v1 import options_pb2 as options

SEED = 909
ID_BYTES = 16
HIDDEN_CATEGORIES = {options.DATA_CATEGORY_PERSONAL, options.DATA_CATEGORY_BIOMETRIC,
                     options.DATA_CATEGORY_CREDENTIAL, options.DATA_CATEGORY_SECRET}
# What must not be found. Letters only, so that names take it, and few enough for a class («5А»).
HIDDEN, HIDDEN_LATIN = "Ыъщэюж", "QxzvJkwyq"
HIDDEN_BYTES = bytes.fromhex("9ef1c407d83ba65d")
# The same for what is nobody's: openly kept, but in no error text and no figure either.
OPEN, OPEN_LATIN = "Фьцъшх", "WvqjXzkpb"
OPEN_BYTES = bytes.fromhex("8ad35e61f70c92bb")
# Texts that must be of a certain form to be served; the basis of a refund, which a second person has
# approved as it is, has its mark from the start.
FORMAL = {"time_zone", "page_token", "principal_uri", "pin", "calls", "roles", "contract",
          "payment_id", "payment_account", "order_number", "refund_number", "basis"}
PIECE_OF_CHANCE = 3  # So few bytes (a Wiegand card) are in every large file.
DIGITS_OF_CHANCE = 7  # So few digits are in some number or other.
ELSEWHERE = ("/tmp", "/var/tmp", "/dev/shm")


def category_of(field):
    return field.GetOptions().Extensions[options.data_category]


def is_hidden(field):
    """A text that nobody classified must be as safe as one that somebody did."""
    return category_of(field) in HIDDEN_CATEGORIES | {options.DATA_CATEGORY_UNSPECIFIED}


# --- messages --------------------------------------------------------------------------------


def leaves(message):
    """Every text and bytes field, set or not, of a message and those that are set in it:
    (message, field, index or None)."""
    for field in message.DESCRIPTOR.fields:
        repeated = field.label == field.LABEL_REPEATED
        if field.type in (field.TYPE_STRING, field.TYPE_BYTES):
            for index in range(len(getattr(message, field.name))) if repeated else [None]:
                yield message, field, index
        elif field.message_type is not None:
            if repeated:
                for element in getattr(message, field.name):
                    yield from leaves(element)
            elif message.HasField(field.name):
                yield from leaves(getattr(message, field.name))


def get(leaf):
    message, field, index = leaf
    value = getattr(message, field.name)
    return value if index is None else value[index]


def put(leaf, value):
    message, field, index = leaf
    if index is None:
        setattr(message, field.name, value)
    else:
        getattr(message, field.name)[index] = value


def fill(message, bytes_of, day):
    """Something in every field, by its type; of a oneof in the first. bytes_of: name -> bytes."""
    for field in message.DESCRIPTOR.fields:
        if field.containing_oneof is not None and field.containing_oneof.fields[0] != field:
            continue
        repeated = field.label == field.LABEL_REPEATED
        value = getattr(message, field.name)
        if field.message_type is not None:
            part = value.add() if repeated else value
            part.SetInParent()
            if field.message_type.name == "Date":
                part.CopyFrom(date_of(day))
            elif isinstance(part, Timestamp):
                part.GetCurrentTime()
            else:
                fill(part, bytes_of, day)
            continue
        if field.type == field.TYPE_STRING:
            value = "x"
        elif field.type == field.TYPE_BYTES:
            value = bytes_of(field.name)
        else:
            value = field.enum_type.values[1].number if field.enum_type is not None else 1
        if repeated:
            getattr(message, field.name).append(value)
        else:
            setattr(message, field.name, value)
    return message


def request_class(method):
    return method.input_type._concrete_class  # The public ways differ between versions.


def streams(method):
    described = descriptor_pb2.MethodDescriptorProto()
    method.CopyToProto(described)
    return described.server_streaming


# --- marks -----------------------------------------------------------------------------------


class Marks:
    """Texts to send, all of one stem; and the palms, cards, PINs and tokens that were sent."""

    def __init__(self):
        # Of letters too; they come again after more requests than a text must differ from.
        self._endings = itertools.cycle(itertools.product("абвгдежзиклмнопрстуфхцч", repeat=2))
        self._latin_endings = itertools.cycle(itertools.product("abcdefghijklmnopqrstu", repeat=2))
        self.sent = set()

    def text(self, field, example="я"):
        """For a field that took `example`: of the characters that it takes, not longer than a
        class."""
        stem, latin = (HIDDEN, HIDDEN_LATIN) if is_hidden(field) else (OPEN, OPEN_LATIN)
        stem += "".join(next(self._endings))
        latin += "".join(next(self._latin_endings))
        if field.name == "class_name":
            return stem
        return latin if example.isascii() else f"{stem} {latin}"

    def names(self):
        fields = enrolment.SubjectName.DESCRIPTOR.fields_by_name
        return {"family": self.text(fields["family_name"]),
                "given": self.text(fields["given_name"]),
                "class_name": self.text(fields["class_name"])}

    @staticmethod
    def too_much(field, hidden):
        """What no field takes: control characters, too long; bytes of a wrong length."""
        if field.type == field.TYPE_BYTES:
            return (HIDDEN_BYTES if hidden else OPEN_BYTES) * 3
        stem, latin = (HIDDEN, HIDDEN_LATIN) if hidden else (OPEN, OPEN_LATIN)
        return f"{stem}\r\n{latin}\t\"{stem * 40}"

    def put_all(self, request):
        """In all texts that are there, so that the request is still served; personal bytes that are
        no id too."""
        for leaf in leaves(request):
            field, value = leaf[1], get(leaf)
            if field.type == field.TYPE_STRING:
                if value and field.name not in FORMAL:
                    put(leaf, self.text(field, value))
            elif (len(value) > ID_BYTES
                  and category_of(field) == options.DATA_CATEGORY_PERSONAL):
                put(leaf, (HIDDEN_BYTES * len(value))[:len(value)])
        return request

    def remember(self, message):
        """Palms, cards, PINs and tokens of a request or an answer are marks as they are."""
        for leaf in leaves(message):
            category, value = category_of(leaf[1]), get(leaf)
            if (category == options.DATA_CATEGORY_CREDENTIAL and isinstance(value, str)
                    and value.isdigit() and len(value) > DIGITS_OF_CHANCE):
                self.sent.add(value.encode())  # A PIN.
            if (category in HIDDEN_CATEGORIES - {options.DATA_CATEGORY_PERSONAL}
                    and isinstance(value, bytes) and len(value) > PIECE_OF_CHANCE):
                if category == options.DATA_CATEGORY_SECRET:
                    value = value[len(value) // 2:]  # A token begins with the id of its school.
                self.sent.add(value)
                if category == options.DATA_CATEGORY_CREDENTIAL:
                    self.sent.add(value[::-1])  # As the reader delivers it, and as it is kept.

    def hidden(self):
        return [HIDDEN, HIDDEN_LATIN, HIDDEN_BYTES, *sorted(self.sent)]

    def all(self):
        return [*self.hidden(), OPEN, OPEN_LATIN, OPEN_BYTES]


# --- the story -------------------------------------------------------------------------------


class Story:
    """Who sends, what is sent, what came of it."""

    def __init__(self, world):
        self.world = world
        self.draw = random.Random(f"canary {SEED}")  # Not the ids that the world draws.
        self.marks = Marks()
        self.sent, self.refused = set(), set()
        self.said = []  # (rpc, bytes): everything that refusals said.
        self.unserved = []
        self.stage = Stage(world)
        school = self.stage.school
        # All requests mean a child whose name, card and palm are marks.
        self.stage.child = school.child(**self.marks.names(), money=5_000_000, card=True,
                                        palm=Palm(f"canary {SEED}"))
        self.stage.palm = self.stage.child.palm
        self.stage.BASIS = self.marks.text(
            payments.OpenRefundRequest.DESCRIPTOR.fields_by_name["basis"])
        school.set_pin(self.stage.child, Stage.PIN)
        self.marks.sent |= {self.stage.palm.code(noise) for noise in (0, 901, 902, 903)}
        school.till.terminal.IdentifyAndDebit(school.sale(self.stage.child.card, school.basket(0)))
        self.matrix = matrix_of_source()
        self.clients = {"terminal": school.till, "senior-cashier": school.cashier,
                        "enroller": school.desk, "sysadmin": world.sysadmin,
                        "auditor": self.stage.clients["AuditService"]}

    def senders(self, service, method):
        """One of each role that may."""
        school = self.stage.school
        for role, scope in self.matrix[f"/{service.full_name}/{method.name}"].items():
            if role not in self.clients:
                self.clients[role] = self.world.client(self.world.identity(
                    role, b"" if scope == "all" else school.school_id,
                    school.caterer_id if role == "caterer" else b""))
            yield self.clients[role]

    def stranger(self, service, method):
        """Of a role that may not; None: every role may."""
        granted = self.matrix[f"/{service.full_name}/{method.name}"]
        return next((client for role, client in self.clients.items() if role not in granted), None)

    def builders(self, service, method):
        """(what makes a request, whether it is one that is served) for every shape of it."""
        name = f"_{service.name}{method.name}"
        known = [entry for entry in dir(self.stage)
                 if entry == name or entry.startswith(f"{name}_")]
        return ([(getattr(self.stage, entry), True) for entry in known]
                or [(lambda: self.by_type(method), False)])

    def every_method(self):
        """Those first that are known to leave the stage as it is for the others."""
        return sorted(methods(), key=lambda pair: not self.builders(*pair)[0][1])

    def by_type(self, method):
        school, child = self.stage.school, self.stage.child
        ids = {"school_id": school.school_id, "subject_id": child.subject_id,
               "account_id": child.account_id, "caterer_id": school.caterer_id,
               "terminal_id": school.terminal_id}
        return fill(request_class(method)(),
                    lambda name: ids.get(name) or self.draw.randbytes(ID_BYTES), school.today())

    def unknown(self, field, value):
        """As well formed as `value`, and of nobody."""
        if field.type == field.TYPE_STRING:
            return self.marks.text(field, value)
        if len(value) == TEMPLATE_BYTES:
            return Palm(f"nobody {self.draw.random()}").code()
        return value[:1] + self.draw.randbytes(len(value) - 1)

    def send(self, client, service, method, request):
        """None when it is served, else the refusal; what it said is kept."""
        self.marks.remember(request)
        call = getattr(client.stub(service.name), method.name)
        return self._sent(service, method, lambda: call(request))

    def send_raw(self, client, service, method, body):
        call = client.channel.unary_stream if streams(method) else client.channel.unary_unary
        path = f"/{service.full_name}/{method.name}"
        return self._sent(service, method, lambda: call(path)(body, timeout=60))

    def _sent(self, service, method, call):
        rpc = f"{service.name}.{method.name}"
        self.sent.add(rpc)
        try:
            answer = call()
            for message in answer if streams(method) else [answer]:
                if not isinstance(message, bytes):
                    self.marks.remember(message)
        except grpc.RpcError as error:
            self.refused.add(rpc)
            texts = [error.details() or "", error.debug_error_string()]
            for key, value in (*(error.initial_metadata() or ()),
                               *(error.trailing_metadata() or ())):
                texts += [key, value]
            self.said += [(rpc, text if isinstance(text, bytes) else text.encode())
                          for text in texts]
            return Refusal(error)
        return None

    def send_what_is_served(self):
        for service, method in self.every_method():
            for build, is_served in self.builders(service, method):
                refusals = []
                for sender in self.senders(service, method):
                    refusals.append(self.send(sender, service, method,
                                              self.marks.put_all(build())))
                    if refusals[-1] is None:
                        break
                # Whoever needs a second person has come as far as one may alone.
                if (refusals[-1] is not None and refusals[-1].reason != "APPROVAL_NEEDED"
                        and is_served):
                    self.unserved.append(f"{build.__name__}: {', '.join(map(str, refusals))}")

    def send_what_is_refused(self):
        """Each field spoilt alone; a caller without the right; bytes that are no message."""
        for service, method in self.every_method():
            for build, _ in self.builders(service, method):
                for number, _ in enumerate(list(leaves(build()))):
                    self._send_spoilt(build, number, service, method)
            request = self.by_type(method)
            for leaf in leaves(request):
                put(leaf, self.marks.too_much(leaf[1], hidden=True))
            stranger = self.stranger(service, method)
            refusal = stranger and self.send(stranger, service, method, request)
            if stranger and (refusal is None or refusal.reason != "NOT_PERMITTED"):
                raise AssertionError(f"{method.full_name} to a stranger: {refusal}")
            # A field that ends beyond the end of the message.
            body = b"\x0a\xff\x7f" + f"{HIDDEN} {HIDDEN_LATIN} ".encode() + HIDDEN_BYTES
            sender = next(self.senders(service, method))
            refusal = self.send_raw(sender, service, method, body)
            if refusal is None:
                raise AssertionError(f"{method.full_name} served what is no message")

    def _send_spoilt(self, build, number, service, method):
        sender = next(self.senders(service, method))
        request = self.marks.put_all(build())
        leaf = list(leaves(request))[number]
        put(leaf, self.marks.too_much(leaf[1], is_hidden(leaf[1])))
        self.send(sender, service, method, request)
        request = self.marks.put_all(build())
        leaf = list(leaves(request))[number]
        if get(leaf) and leaf[1].name not in FORMAL:
            put(leaf, self.unknown(leaf[1], get(leaf)))
            self.send(sender, service, method, request)

    # What is left behind.

    def figures(self):
        address = (self.world.directory / "metrics-port").read_text().strip()
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=60) as answer:
            return answer.read()

    def back_up(self):
        client = self.world.sysadmin.backups

        def idle():
            return not client.ListBackups(backups.ListBackupsRequest()).under_way

        wait_until(idle, "the backup before to end")
        client.CreateBackup(backups.CreateBackupRequest())
        wait_until(idle, "the backup to end")

    def open_files(self):
        """Files that the server holds open, also those without a name any more."""
        paths = []
        for link in pathlib.Path(f"/proc/{self.world.server.process.pid}/fd").iterdir():
            try:
                path = os.readlink(link)
            except OSError:
                continue  # Closed meanwhile.
            if path.startswith("/") and not path.startswith(("/dev/null", "/proc/")):
                paths.append(path)
        return paths

    def abort(self):
        """A core attempt. How the process ended: os.CLD_KILLED, or os.CLD_DUMPED with a core."""
        server = self.world.server
        server.process.send_signal(signal.SIGABRT)
        ended = os.waitid(os.P_PID, server.process.pid, os.WEXITED | os.WNOWAIT)
        server.wait()
        return ended


def entries_elsewhere():
    """Files where programs put temporary ones, other tests' worlds apart; two levels deep."""
    found = set()
    for top in ELSEWHERE:
        for folder, folders, names in os.walk(top):  # Passes over what it may not read.
            folders[:] = ([name for name in folders if not name.startswith("ladon-e2e-")]
                          if folder == top else [])
            found |= {pathlib.Path(folder, name) for name in names}
    return found
