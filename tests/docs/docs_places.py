"""What stands for what in the documents: placeholders, dates, mentions that are made whole, commands that
another test runs, and what a command needs to be there before.
"""

import datetime
import pathlib
import random
import re
import shutil
import struct
import zlib

from docs_stage import UNKNOWN_ACCOUNT, longest
from ladon_world import BIN, run

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = BIN.parent
SEED, PALMS = 7, 80

# (command, placeholder, value): where a command matches, the placeholder becomes the value.
PLACES = (
    ("", r"(?<=--contract )C\b", lambda s: "bank"),
    ("", r"(?<=--class )C\b", lambda s: "5А"),
    ("", r"(?<=--caterer )(?:C|CATERER)\b", lambda s: s.school.caterer_id.hex()),
    ("", r"(?<=--item )(?:I|ITEM)\b", lambda s: s.school.items[0].item_id.hex()),
    ("", r"(?<=--subject )S\b", lambda s: s.subject().subject_id.hex()),
    ("officer remove-biometrics", r"(?<=--school )(?:S|SCHOOL)\b",
     lambda s: s.second_school.school_id.hex()),
    ("subject move", r"\bNEW_SCHOOL\b", lambda s: s.second_school.school_id.hex()),
    ("access (?:grant|block)", r"\bladon://SCHOOL/enroller/ACTOR\b", lambda s: principal_of(s)),
    ("", r"\bSCHOOL\b", lambda s: s.school.school_id.hex()),
    ("", r"\bACTOR\b", lambda s: s.school.terminal_id.hex()),
    ("subject erase .*--reason R", r"(?<=--reason )R\b", lambda s: "court"),
    ("payment import", r"(?<=--profile )P\b", lambda s: "profile.toml"),
    ("payment import", r"\bregistry\.txt\b", lambda s: s.registry().name),
    ("reconcile .*--statement", r"\bkl_to_1c\.txt\b", lambda s: s.statement().name),
    ("payment place", r"\bPAYMENT\b", lambda s: s.stage.pay(UNKNOWN_ACCOUNT, 25_000)),
    ("payment move", r"\bPAYMENT\b", lambda s: s.stage.pay(s.child().payment_account, 25_000)),
    ("payment (?:place|move)", r"(?<=--to )ACCOUNT\b", lambda s: s.child().payment_account),
    ("refund open", r"\bPURSE\b", lambda s: paid_purse(s)),
    ("refund", r"\bREFUND\b", lambda s: s.refund()),
    ("list cancel", r"\bREQUEST\b", lambda s: s.booking()["request_id"]),
    ("subject request", r"\bREQUEST\b", lambda s: s.request()["rights_request_id"]),
    ("", r"\bINCIDENT\b", lambda s: s.incident()["incident_id"]),
    ("subjects import", r"\bLIST\.csv\b", lambda s: str(s.list_of_pupils())),
    ("subject act", r"\bERASURE\b", lambda s: s.erasure()),
    ("approval", r"\b(?:APPROVAL|NUMBER)\b", lambda s: s.draft()),
    ("", r"\bSUBJECT\b", lambda s: s.subject().subject_id.hex()),
    ("", r"\bACCOUNT\b", lambda s: s.subject().account_id.hex()),
    ("", r"(?<=--card )04c4a7e9b15d83\b", lambda s: "04" + s.world.draw.randbytes(6).hex()),
    ("audit receipt", r"(?<=--index )N\b", lambda s: str(s.journal_index())),
    ("audit consistency", r"(?<=--old-size )N\b", lambda s: str(s.size_of("checkpoint"))),
    ("security export", r"(?<=--first )N\b", lambda s: str(s.size_of("mark"))),
    ("backup restore", r"(?<=--number )N\b", lambda s: "1"),
    ("", r"\bTODAY\b", lambda s: s.today.isoformat()),
    ("", r"/etc/ladon/identities/backup\b",
     lambda s: str(s.stage.identity("sysadmin", s.school))),
    ("pki", r"\bPKI\b", lambda s: str(s.world.pki)),
    ("pki server", r"\bNAME\b", lambda s: "core.school.example"),
    ("pki server", r"\bNEW\b", lambda s: "new-server"),
    ("openssl x509", r"(?<= )cert\.pem\b", lambda s: str(s.world.pki / "server/cert.pem")),
    ("keys init", r"\bFILE\b", lambda s: "made.key"),
    ("", r"(?:/etc/ladon/)?\bladond\.toml\b|(?<=--config )FILE\b", lambda s: configuration(s)),
    ("", r"/etc/ladon/root\.key(?:\.sealed)?", lambda s: str(s.installation / "root.key")),
    ("", r"/run/ceremony\b", lambda s: str(s.ceremony_directory())),
    ("ladon-eval", r"\bDIR\b", lambda s: str(pictures(s))),
    ("ladon-eval", r"(?<=--templates-per-palm )N\b", lambda s: "2"),
    ("cmake --install", r"build/release\b",
     lambda s: f"{BUILD} --prefix {s.directory / 'installed'}"),
)

# Values of "$VARIABLES" of the Russian documents.
VARIABLES = {
    "CHILD": lambda s: s.subject().subject_id.hex(),
    "ACCOUNT": lambda s: s.subject().account_id.hex(),
    "PAYMENT_ACCOUNT": lambda s: s.subject().payment_account,
    "CARD": lambda s: s.card_of(s.subject()),
    "CATERER": lambda s: s.school.caterer_id.hex(),
    "ITEM": lambda s: s.school.items[0].item_id.hex(),
    "SCHOOL": lambda s: s.school.school_id.hex(),
    "TERMINAL": lambda s: s.school.terminal_id.hex(),
    "ACTOR": lambda s: s.school.terminal_id.hex(),
    "CLASS": lambda s: "5А",
    "SENIOR": lambda s: str(s.stage.identity("senior-cashier", s.school)),
    "CONTRACT": lambda s: "bank",
    "DAY": lambda s: s.today.isoformat(),
    "FIRST_DAY": lambda s: (s.today - datetime.timedelta(days=6)).isoformat(),
    "LAST_DAY": lambda s: s.today.isoformat(),
    "UNTIL": lambda s: (s.today + datetime.timedelta(days=300)).isoformat(),
    "SINCE": lambda s: f"{s.yesterday} 08:00",
    "REGISTRY": lambda s: str(s.registry()),
    "PROFILE": lambda s: "profile.toml",
    "STATEMENT": lambda s: str(s.statement()),
    "PAGE": lambda s: "day.html",
    "PAYMENT": lambda s: s.stage.pay(UNKNOWN_ACCOUNT, 25_000),
    "REFUND": lambda s: s.refund(),
    "LIST": lambda s: str(s.list_of_pupils()),
    "CONSENT": lambda s: "consent.pdf",
    "BIOMETRIC_CONSENT": lambda s: "palm-consent.pdf",
    "AUTHORITY": lambda s: "birth-certificate.pdf",
    "PAYEE": lambda s: "payee.toml",
    "SLIPS": lambda s: "slips.html",
    "REQUEST": lambda s: s.request()["rights_request_id"],
    "INCIDENT": lambda s: s.incident()["incident_id"],
    "ERASURE": lambda s: s.erasure(),
    "OUT": lambda s: f"out-{s.world.draw.randbytes(4).hex()}",
    "OPERATOR": lambda s: "МБОУ СОШ № 1",
    "ADDRESS": lambda s: "г. Томск, ул. Школьная, 1",
    "REGISTER": lambda s: "register.html",
    "PRICES": lambda s: "prices.csv",
    "PKI": lambda s: str(s.world.pki),
    "NEW_TILL": lambda s: "new-till",
    "NEW_PERSON": lambda s: "new-person",
    "RENEWED": lambda s: "renewed",
    "IDENTITY": lambda s: str(s.stage.identity("senior-cashier", s.school)),
    "KEY": lambda s: "told.vkey",
} | {f"PALM_{n}": lambda s, n=n: str(s.palm_codes() / f"palm{n}.code") for n in range(1, 5)} | {
    "RECEIPT": lambda s: str(s.receipt()) if "roditel" in s.file else "77-12345"}

# What prose names in passing, made whole; what begins a command of a block needs no line here.
COMPLETIONS = {
    "ladonctl payout": "ladonctl payout --caterer CATERER --amount 10 --document 77 "
                       "--date 2026-09-01",
    "ladonctl pki server": "ladonctl pki server --dir pki --dns core.school.example --out server-2",
    "ladonctl pki revoke": "ladonctl pki revoke --dir pki --certificate person/cert.pem "
                           "--reason keyCompromise",
    "ladonctl pki issue --role channel": "ladonctl pki issue --dir pki --role channel --out channel",
    "ladonctl pki issue --role courier": "ladonctl pki issue --dir pki --role courier --out courier",
    "ladonctl approval reject": "ladonctl approval reject APPROVAL",
    "ladonctl subjects block": "ladonctl subjects block SUBJECT",
    "ladonctl access grant": "ladonctl access grant ladon://SCHOOL/enroller/ACTOR --holder 0172",
    "ladonctl access key": "ladonctl access key --out own.key",
    "ladonctl access sign": "ladonctl access sign --key matrix.key --in table --out access.matrix",
    "ladonctl backup drill": "ladonctl backup drill --config ladond.toml",
    "ladond --new-origin": "ladond --config ladond.toml --new-origin",
    "ladon-eval calibrate": "ladon-eval calibrate --images DIR --subjects adults "
                             "--out calibration.json",
}

# What a date in a command means; a document's dates grow old, a test's must not.
DAYS = {"--until": 300, "--left-on": 100, "--received": 0, "--day": 0, "--date": 0}
DATE = re.compile(r'(--[a-z-]+) ("?)(\d{4}-\d\d-\d\d)')

# Needed beforehand: (command, what makes it).
PREPARE = (
    ("ladond .*--new-origin", lambda s: restored(s)),
    ("backup restore", lambda s: shutil.rmtree(s.installation / "store")),
    ("keys combine .*share-a", lambda s: shares_in_envelopes(s)),
    ("ladonctl keys init .*ceremony", lambda s: s.ceremony_directory().mkdir(exist_ok=True)),
    ("ladonctl pki (?:server|issue|revoke) --dir pki", lambda s: authority(s)),
    ("ladonctl access sign", lambda s: table_of_rights(s)),
    ("ladonctl payout", lambda s: s.booking()),
    ("ladon-audit security .*--since security-checkpoint-latest", lambda s: s.security_mark()),
    ("security export --out all.seclog", lambda s: s.security_mark()
     if s.file == "docs/152-fz.md" else None),
    ("ladon-terminal enrol", lambda s: s.is_consented(s.subject(), ("PERSONAL_DATA", "BIOMETRIC"))),
    ("consent withdraw .*--kind biometric",
     lambda s: s.is_consented(s.subject(), ("PERSONAL_DATA", "BIOMETRIC"))),
    ("consent withdraw .*--kind personal-data",
     lambda s: s.is_consented(s.subject(), ("PERSONAL_DATA",))),
)


def whole(scene, text):
    """A documented line with values for its placeholders, and what it needs made."""
    if re.search(r"\bladond\b .*--|\bledger verify|\bbackup (?:restore|drill)", text) and \
            not ("README" in scene.file and text == "ladond --config ladond.toml"):
        scene.stopped()
    for command, place, value in PLACES:
        if re.search(command, text) and re.search(place, text):
            text = re.sub(rf"(?<!\$){place}", lambda _, value=value: value(scene), text)
    for command, make in PREPARE:
        if re.search(command, text):
            make(scene)
    return DATE.sub(lambda found: found.group(1) + " " + found.group(2) + day_for(
        scene, text, found.group(1), found.group(3)), text)


def day_for(scene, text, option, written):
    if option == "--birth-date":
        return written
    if option in ("--from", "--to"):
        back = {"ladonctl entitlements": (0, 200), "ladonctl report": (-20, 0)}
        first, last = longest(back, text) or (-1, 0)
        return (scene.today + datetime.timedelta(days=first if option == "--from" else last)
                ).isoformat()
    return (scene.today + datetime.timedelta(days=DAYS[option])).isoformat()


def variables_of(scene, text):
    """The "$VARIABLES" of a line, as its environment."""
    return {name: VARIABLES[name](scene) for name in re.findall(r'"\$([A-Z_0-9]+)"', text)}


def configuration(scene):
    if scene.installation is None:
        return str(scene.first_configuration())
    return str(scene.installation / scene.configuration_name)


def restored(scene):
    shutil.rmtree(scene.installation / "store")
    run("ladonctl", "backup", "restore", "--config", scene.installation / "ladond.toml")


def shares_in_envelopes(scene):
    """Three shares under the names that their holders gave them; the key itself is lost."""
    scene.cwd = scene.directory
    key = scene.ceremony_directory() / "root.key"
    for number, name in ((1, "share-a"), (3, "share-c"), (5, "share-d")):
        shutil.copy(scene.ceremony_directory() / f"shares/share-{number}-of-5", scene.cwd / name)
    key.rename(key.with_name("lost.key"))


def authority(scene):
    if not (scene.directory / "pki").exists():
        run("ladonctl", "pki", "init", "--dir", scene.directory / "pki")
    out = scene.directory / "person"
    shutil.rmtree(out, ignore_errors=True)
    run("ladonctl", "pki", "issue", "--dir", scene.directory / "pki", "--role", "accountant",
        "--out", out)


def table_of_rights(scene):
    if not (scene.directory / "matrix.key").exists():
        run("ladonctl", "access", "key", "--out", scene.directory / "matrix.key")
    (scene.directory / "table").write_text(run("ladond", "--access-matrix").stdout,
                                           encoding="utf-8")


def principal_of(scene):
    """The URI of somebody who has keys of the role and has called."""
    identity = scene.world.identity("enroller", scene.school.school_id)
    run("ladonctl", "--server", scene.world.server.address, "--identity", identity, "subjects", "list")
    shown = run("ladonctl", "--json", "pki", "show", identity / "cert.pem").stdout
    return re.search(r"ladon://[^\"\s]+", shown).group(0)


def paid_purse(scene):
    child = scene.child()
    scene.stage.pay(child.payment_account, 25_000)
    return child.account_id.hex()


def pictures(scene):
    """A folder of palms as ladon-eval wants it: quarters of the pictures of the conformance vectors put
    together anew, and shifted for more presentations. Enough palms to fit a tail."""
    folder = scene.directory / "pictures"
    if folder.exists():
        return folder
    single = []
    for source in sorted((SOURCE / "tests/matcher/extract/vectors").glob("palm_*.pgm")):
        head = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", data := source.read_bytes())
        width, at = int(head.group(1)), head.end()
        rows = [data[n:n + width] for n in range(at, len(data), width)]
        mirrored = [row[::-1] for row in rows]
        single += [rows, rows[::-1], mirrored, mirrored[::-1]]
    draw = random.Random(SEED)
    for number in range(PALMS):
        rows = quarters(draw.choices(single, k=4))
        (folder / str(number)).mkdir(parents=True)
        for shift in range(4):
            write_png(folder / f"{number}/1_{shift + 1}.png",
                      [row[shift:] + row[-1:] * shift for row in rows])
    return folder


def quarters(four):
    half = len(four[0]) // 2
    return [left[:half] + right[half:] for left, right in (
        *zip(four[0][:half], four[1][:half]), *zip(four[2][half:], four[3][half:]))]


def write_png(path, rows):
    """A grey picture."""
    def chunk(name, data):
        return (struct.pack(">I", len(data)) + name + data +
                struct.pack(">I", zlib.crc32(name + data)))
    head = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(
        b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows), 1)) + chunk(b"IEND", b""))
