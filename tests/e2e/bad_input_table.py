"""The table of bad input: for every field of every request, what is wrong and what must be said.

Cases.add(rpc, field, label, spoil) describes one spoilt request: a valid one is built anew for
every case and spoil(request) breaks it. Unless told otherwise the server must answer
INVALID_ARGUMENT, FIELD_INVALID and the field's path. `covers` is the path as the descriptors have
it (without indices), by which the test sees that no field is left out.
"""

import dataclasses
import re
import typing

from ladon_palms import (Palm, too_few_cells, with_bit_under_cleared_mask, with_illegal_pattern)
from ladon_world import types_pb2

INT32_MIN, INT32_MAX = -2**31, 2**31 - 1
INT64_MIN, INT64_MAX = -2**63, 2**63 - 1
UINT32_MAX = 2**32 - 1
MONEY_MAX = 10_000_000

# Characters that do not belong into any text people read: each can hide or reorder what is shown.
HIDDEN = {
    "newline": "\n", "tab": "\t", "escape": "\x1b", "zero byte": "\x00", "delete": "\x7f",
    "next line": "\x85", "soft hyphen": "\u00ad", "zero-width space": "\u200b",
    "zero-width joiner": "\u200d", "right-to-left mark": "\u200f",
    "right-to-left override": "\u202e", "isolate": "\u2066", "line separator": "\u2028",
    "byte order mark": "\ufeff", "private use": "\ue000", "tag letter": "\U000e0041",
    "noncharacter": "\ufffe",
}


@dataclasses.dataclass
class Case:
    rpc: str
    covers: str
    label: str
    spoil: typing.Callable
    field: str
    reason: str = "FIELD_INVALID"
    code: str = "INVALID_ARGUMENT"

    def __str__(self):
        return f"{self.rpc} {self.covers}: {self.label}"


def at(message, path):
    """The message that holds the last name of `path`, that name, and an index or None."""
    *parents, last = path.split(".")
    for part in parents:
        name, index = re.fullmatch(r"(\w+)(?:\[(\d+)\])?", part).groups()
        message = getattr(message, name)
        if index is not None:
            message = message[int(index)]
    name, index = re.fullmatch(r"(\w+)(?:\[(\d+)\])?", last).groups()
    return message, name, None if index is None else int(index)


def put(path, value):
    def spoil(request):
        message, name, index = at(request, path)
        if index is not None:
            getattr(message, name)[index] = value
        else:
            setattr(message, name, value)

    return spoil


def drop(path):
    def spoil(request):
        message, name, _ = at(request, path)
        message.ClearField(name)

    return spoil


class Cases:
    def __init__(self):
        self.all = []

    def add(self, rpc, path, label, spoil, field=None, covers=None, **expected):
        self.all.append(Case(rpc, covers or re.sub(r"\[\d+\]", "", path), label, spoil,
                             path if field is None else field, **expected))

    def identifier(self, rpc, path, unknown=None, missing=True):
        """unknown: the reason when 16 good bytes name nothing."""
        for label, value in (("15 bytes", b"x" * 15), ("17 bytes", b"x" * 17),
                             ("32 hex digits", b"0123456789abcdef" * 2), ("all zero", bytes(16))):
            self.add(rpc, path, label, put(path, value))
        if missing:
            self.add(rpc, path, "missing", put(path, b""))
        if unknown:
            self.add(rpc, path, "names nothing", put(path, b"\x77" * 16), reason=unknown,
                     code="NOT_FOUND")

    def till_of_the_school(self, rpc, path, stage_of):
        self.identifier(rpc, path, unknown="TERMINAL_UNKNOWN", missing=False)
        self.add(rpc, path, "of another school",
                 lambda request: put(path, stage_of().other.terminal_id)(request),
                 reason="TERMINAL_UNKNOWN", code="NOT_FOUND")

    def number(self, rpc, path, least, most, extremes):
        for value in sorted({least - 1, most + 1, *extremes}):
            if min(extremes) <= value <= max(extremes) and not least <= value <= most:
                self.add(rpc, path, str(value), put(path, value))

    def enum(self, rpc, path, legal_elsewhere=()):
        for value in (0, 99, -1, INT32_MAX, INT32_MIN, *legal_elsewhere):
            self.add(rpc, path, f"number {value}", put(path, value))

    def text(self, rpc, path, most, least=1):
        self.add(rpc, path, f"{most + 1} characters", put(path, "ы" * (most + 1)))
        if least:
            self.add(rpc, path, "empty", put(path, ""))
        for label, character in HIDDEN.items():
            self.add(rpc, path, label, put(path, f"а{character}б"))
            self.add(rpc, path, label + " alone", put(path, character))
        self.add(rpc, path, "space before", put(path, " аб"))
        self.add(rpc, path, "space behind", put(path, "аб "))

    def person_name(self, rpc, path):
        self.text(rpc, path, 60)
        for label, value in (("digit", "Иван4"), ("at sign", "Иван@"), ("angle", "<Иван>"),
                             ("emoji", "Иван\U0001f600"), ("slash", "Иван/Пётр"),
                             ("comma", "Иван, Пётр"), ("hyphen alone", "-")):
            self.add(rpc, path, label, put(path, value))

    def ascii(self, rpc, path, most, least):
        self.add(rpc, path, f"{most + 1} characters", put(path, "x" * (most + 1)))
        if least:
            self.add(rpc, path, "empty", put(path, ""))
        for label, value in (("Cyrillic", "приказ"), ("space", "a b"), ("newline", "a\n"),
                             ("zero byte", "a\x00"), ("delete", "a\x7f")):
            self.add(rpc, path, label, put(path, value))

    def pin(self, rpc, path):
        for label, value in (("3 digits", "482"), ("9 digits", "482159301"), ("a letter", "48a1"),
                             ("space", "48 21"), ("space behind", "4821 "), ("minus", "-4821"),
                             ("Arabic digits", "\u0664\u0668\u0662\u0661"),
                             ("full width", "\uff14\uff18\uff12\uff11"), ("newline", "4821\n"),
                             ("zero byte", "4821\x00"), ("100000 digits", "1" * 100_000)):
            self.add(rpc, path, label, put(path, value))

    def date(self, rpc, path, missing=True):
        if missing:
            self.add(rpc, path, "missing", drop(path))
        for part, value in (("year", 0), ("year", 1999), ("year", 3000), ("year", INT32_MAX),
                            ("year", INT32_MIN), ("month", 0), ("month", 13), ("month", -1),
                            ("month", INT32_MAX), ("day", 0), ("day", 32), ("day", -1),
                            ("day", INT32_MAX)):
            self.add(rpc, f"{path}.{part}", str(value), put(f"{path}.{part}", value), field=path)
        for year, month, day in ((2027, 2, 31), (2027, 2, 29), (2100, 2, 29), (2027, 4, 31)):
            def spoil(request, parts=(year, month, day)):
                message, name, _ = at(request, path)
                getattr(message, name).CopyFrom(
                    types_pb2.Date(year=parts[0], month=parts[1], day=parts[2]))

            self.add(rpc, f"{path}.day", f"{year}-{month}-{day}", spoil, field=path)

    def page(self, rpc):
        self.number(rpc, "page_size", 0, 1000, (INT32_MIN, -1, INT32_MAX))
        for label, value in (("not a token", "Ёж"), ("65 characters", "0" * 64 + "1"),
                             ("100000 characters", "a" * 100_000), ("negative", "-1"),
                             ("space", " "), ("beyond 64 bits", "9" * 21)):
            self.add(rpc, "page_token", label, put("page_token", value))

    def card(self, rpc, path):
        self.enum(rpc, f"{path}.technology")
        self.enum(rpc, f"{path}.reader_profile")
        uid = f"{path}.uid"
        lengths = {types_pb2.CARD_TECHNOLOGY_ISO14443A: (0, 3, 5, 6, 8, 9, 11, 4096),
                   types_pb2.CARD_TECHNOLOGY_EM4100: (0, 4, 6, 7, 4096),
                   types_pb2.CARD_TECHNOLOGY_WIEGAND26: (0, 2, 4, 5, 4096)}
        for technology, sizes in lengths.items():
            for size in sizes:
                def spoil(request, technology=technology, size=size):
                    put(f"{path}.technology", technology)(request)
                    put(uid, b"\x04" * size)(request)

                self.add(rpc, uid, f"technology {technology}, {size} bytes", spoil)
        self.add(rpc, uid, "random UID", put(uid, b"\x08\x01\x02\x03"), reason="CARD_UID_RANDOM")

        def backwards(request):
            put(uid, b"\x01\x02\x03\x08")(request)
            put(f"{path}.reader_profile", types_pb2.READER_PROFILE_REVERSED)(request)

        self.add(rpc, uid, "random UID read backwards", backwards, reason="CARD_UID_RANDOM")

    def templates(self, rpc, path, most, spoil_one):
        """spoil_one(value) spoils the only template; longer lists spoil their last."""
        good = Palm("table").code()
        for label, value in (
                ("empty", b""), ("one byte short", good[:-1]), ("one byte long", good + b"\x00"),
                ("header only", good[:4]), ("foreign magic", b"XX" + good[2:]),
                ("version 0", good[:2] + b"\x00" + good[3:]),
                ("version 1", good[:2] + b"\x01" + good[3:]),
                ("extractor 1", good[:3] + b"\x01" + good[4:]),
                ("illegal pattern", with_illegal_pattern("table")),
                ("bit under a cleared mask", with_bit_under_cleared_mask("table")),
                ("511 reliable cells", too_few_cells("table")),
                ("no reliable cell", good[:4] + bytes(512)),
                ("all bits set", good[:4] + b"\xff" * 512 + b"\x00"),
                ("64 KiB", b"LV\x01\x01" + bytes(65_536))):
            self.add(rpc, path, label, spoil_one([value]), field=f"{path}[0]",
                     reason="TEMPLATE_UNSUPPORTED")
        self.add(rpc, path, "mixed versions", spoil_one([good, good[:2] + b"\x01" + good[3:]]),
                 field=f"{path}[1]", reason="TEMPLATE_UNSUPPORTED")
        self.add(rpc, path, "mixed extractors", spoil_one([good, good[:3] + b"\x01" + good[4:]]),
                 field=f"{path}[1]", reason="TEMPLATE_UNSUPPORTED")
        self.add(rpc, path, "none", spoil_one([]))
        self.add(rpc, path, f"{most + 1}", spoil_one([good] * (most + 1)))

    def probe(self, rpc, path):
        def codes(values):
            def spoil(request):
                getattr(request, path).codes[:] = values

            return spoil

        self.templates(rpc, f"{path}.codes", 15, codes)
        self.identifier(rpc, f"{path}.sensor_id")
        self.enum(rpc, f"{path}.liveness")

    def basket(self, rpc, foreign_caterer):
        self.add(rpc, "basket", "missing", drop("basket"))
        self.identifier(rpc, "basket.caterer_id", unknown="CATERER_UNKNOWN")
        self.add(rpc, "basket.caterer_id", "of another school",
                 lambda request: put("basket.caterer_id", foreign_caterer())(request),
                 reason="CATERER_UNKNOWN", code="NOT_FOUND")
        self.add(rpc, "basket.lines", "none", drop("basket.lines"))

        def lines(count):
            def spoil(request):
                request.basket.lines.extend([request.basket.lines[0]] * (count - 1))
                request.basket.total_kopecks *= count

            return spoil

        self.add(rpc, "basket.lines", "33", lines(33))
        line = "basket.lines[0]"
        self.identifier(rpc, f"{line}.item_id", missing=False)
        self.add(rpc, f"{line}.item_id", "not on the list",
                 put(f"{line}.item_id", b"\x77" * 16), reason="PRICE_NOT_ON_LIST")
        self.number(rpc, f"{line}.category", 0, 9999, (0, UINT32_MAX))
        self.add(rpc, f"{line}.category", "another than on the list",
                 put(f"{line}.category", 11), reason="PRICE_NOT_ON_LIST")
        # The low 16 bits of this number are the category on the list.
        self.add(rpc, f"{line}.category", "65536 more", put(f"{line}.category", 65_536 + 10))
        self.number(rpc, f"{line}.quantity", 1, 99, (0, UINT32_MAX))
        self.number(rpc, f"{line}.unit_price_kopecks", 1, MONEY_MAX, (INT64_MIN, INT64_MAX))
        self.add(rpc, f"{line}.unit_price_kopecks", "not on the list", reprice(1),
                 reason="PRICE_NOT_ON_LIST")
        self.enum(rpc, f"{line}.purse")
        self.number(rpc, "basket.total_kopecks", 1, INT64_MAX - 1, (INT64_MIN, INT64_MAX))
        for difference in (-1, 1):
            self.add(rpc, "basket.total_kopecks", f"off by {difference}",
                     retotal(difference), reason="TOTAL_MISMATCH")
        self.add(rpc, f"{line}.quantity", "2 with a free amount", free_amount(quantity=2))
        self.add(rpc, f"{line}.category", "5 with a free amount", free_amount(category=5))

    def settings(self, rpc):
        self.add(rpc, "settings", "missing", drop("settings"))
        self.text(rpc, "settings.name", 200)
        for label, value in (("empty", ""), ("no such zone", "Asia/Atlantis"),
                             ("path", "/etc/passwd"), ("climbs", "../zoneinfo/Asia/Tomsk"),
                             ("climbs inside", "Asia/../Asia/Tomsk"), ("colon", ":Asia/Tomsk"),
                             ("offset", "+07:00"), ("zero byte", "Asia/Tomsk\x00"),
                             ("long", "A" * 65), ("directory", "Asia"), ("space", "Asia/Tomsk ")):
            self.add(rpc, "settings.time_zone", label, put("settings.time_zone", value))
        self.ascii(rpc, "settings.biometrics_document_id", 64, 1)
        self.add(rpc, "settings.biometrics", "on without a document",
                 put("settings.biometrics_document_id", ""),
                 field="settings.biometrics_document_id")
        for name in ("low_money_kopecks", "free_amount_max_kopecks",
                     "unknown_liveness_max_kopecks"):
            self.number(rpc, f"settings.{name}", 0, MONEY_MAX, (INT64_MIN, INT64_MAX))
        self.number(rpc, "settings.cancel_window_seconds", 0, 86_400, (INT32_MIN, INT32_MAX))


def reprice(more):
    def spoil(request):
        line = request.basket.lines[0]
        line.unit_price_kopecks += more
        request.basket.total_kopecks += more * line.quantity

    return spoil


def retotal(difference):
    def spoil(request):
        request.basket.total_kopecks += difference

    return spoil


def free_amount(quantity=1, category=0):
    def spoil(request):
        line = request.basket.lines[0]
        line.item_id, line.quantity, line.category = b"", quantity, category
        line.unit_price_kopecks = 100
        request.basket.total_kopecks = 100 * quantity

    return spoil
