"""A region's lunch on one machine: what tills wait for, hour after hour, while everything else goes on.

120 000 children in 40 minutes are 50 sales a second, and that is the rate here whatever the machine; what
is scaled to it is how many schools stand ready (--schools; 320 is a region of 375 children each). Sales by
card and by palm, open loop, from the tills of one school after another; top-ups by a bank through the
gateway; an auditor's extract of everything and a backup while they go on. Beside them, in every window, an
empty call, which is what the network and this machine cost at that moment.

At the end the server is stopped, every balance, number and root is derived again from the journal, and the
day's books must be even to the kopeck. Exit code 1: an error, something lost, or books that are not even.

system_bench.py [--schools N] [--minutes N] [--window SECONDS] [--cards N] [--palms N] [--svg FILE]
                [--json FILE]; LADON_BIN and LADON_STUBS as for the tests.
"""

import argparse
import concurrent.futures
import datetime
import json
import pathlib
import statistics
import subprocess
import sys
import threading
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/e2e"))

from ladon_gateway import Gateway  # noqa: E402
from ladon_world import BIN, School, World, clean_environment, run  # noqa: E402

CHILDREN = 375  # Of a school of a region: 120 000 in 320.
PALMS = 100
TILLS = 2
PAYERS = 50
TOP_UP_KOPECKS = 10_000
WARM_SECONDS = 10
FLAT_PERCENT = 20
UNDER_WAY_MAX = 2  # Top-ups, when the counting began.
COLOURS = {"card": "#1f77b4", "palm": "#d62728", "empty": "#7f7f7f"}


class Load:
    """One ladon-load, running; figures() waits for its end."""

    def __init__(self, place, school, what, rate, seconds):
        self.file = place / f"figures-{what}.json"
        self.process = subprocess.Popen(
            [BIN / "ladon-load", "--scenario", school["scenario"], "--identities",
             school["identities"], "--what", what, "--rate", str(rate), "--seconds", str(seconds),
             "--json", self.file], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=clean_environment())

    def figures(self):
        told = self.process.communicate()[0]
        if self.process.returncode not in (0, 1):
            raise AssertionError(f"ladon-load: {told}")
        return json.loads(self.file.read_text())


class TopUps:
    """A bank that pays at a fixed rate through the gateway, until stopped."""

    def __init__(self, bank, accounts, rate):
        self.bank, self.accounts, self.rate = bank, accounts, rate
        self.paid, self.errors = 0, []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self):
        number, begin = 0, time.monotonic()
        while not self._stop.wait(max(0.0, begin + number / self.rate - time.monotonic())):
            number += 1
            try:
                answer = self.bank.pay(str(10**9 + number), self.accounts[number % PAYERS],
                                       TOP_UP_KOPECKS)
                if answer.code != 0:
                    raise AssertionError(f"code {answer.code}")
                self.paid += 1
            except Exception as error:  # Told at the end, with all the others.
                self.errors.append(str(error))

    def stop(self):
        self._stop.set()
        self._thread.join()


def metrics(world):
    address = (world.directory / "metrics-port").read_text().strip()
    text = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
        f"http://{address}/metrics", timeout=60).read().decode()
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1])
            for line in text.splitlines() if line and not line.startswith("#")}


def resident_bytes(world):
    status = pathlib.Path(f"/proc/{world.server.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


def disk_bytes(directory):
    return sum(path.stat().st_size for path in pathlib.Path(directory).rglob("*") if path.is_file())


def make_school(world, number):
    place = world.directory / f"load-{number}"
    place.mkdir()
    school = {"scenario": place / "scenario.json", "identities": place / "identities"}
    run("ladon-load", "setup", "--server", world.server.address, "--identity",
        world.sysadmin.identity, "--ca", world.pki, "--identities", school["identities"],
        "--children", CHILDREN, "--palms", PALMS, "--tills", TILLS, "--seed", number + 1,
        "--scenario", school["scenario"], seconds_max=600)
    return school


def measure_window(world, schools, number, given):
    at = world.directory
    one, other = (schools[(2 * number + i) % len(schools)] for i in (0, 1))
    loads = {"card": Load(at, one, "debit-card", given.cards, given.window),
             "palm": Load(at, other, "identify-and-debit-palm", given.palms, given.window),
             "empty": Load(at, other, "ping", 10, given.window)}
    figures = {name: load.figures() for name, load in loads.items()}
    return {"minute": number * given.window / 60,
            "memory_bytes": resident_bytes(world), "disk_bytes": disk_bytes(at / "store"),
            **{name: {"succeeded": f["succeeded"], "errors": f["errors"],
                      "reasons": f["errors_by_reason"], "p50_ms": f["latency_us"]["p50"] / 1e3,
                      "p99_ms": f["latency_us"]["p99"] / 1e3} for name, f in figures.items()}}


def side_work(world, results):
    """What auditors and operators do in the middle of lunch."""
    auditor = world.client(world.identity("auditor"))
    server = ("--server", world.server.address)
    begin = time.monotonic()
    out = world.directory / "all.ladon"
    run("ladonctl", *server, "--identity", auditor.identity, "audit", "extract", "--out", out,
        seconds_max=1_800)
    key = world.directory / "ladon.vkey"
    run("ladonctl", *server, "--identity", auditor.identity, "audit", "checkpoint", "--out",
        world.directory / "checkpoint", "--key-out", key)
    run("ladon-audit", "verify", out, "--key", key, seconds_max=1_800)
    results["extract_seconds"] = time.monotonic() - begin
    begin = time.monotonic()
    run("ladonctl", *server, "--identity", world.sysadmin.identity, "backup", "create",
        seconds_max=1_800)
    results["backup_seconds"] = time.monotonic() - begin


def svg(windows, title):
    """p50 (thin) and p99 (thick) over time, memory below."""
    width, height, left, top = 900, 420, 60, 40
    minutes = max(windows[-1]["minute"], 1)
    highest = max(w[name]["p99_ms"] for w in windows for name in COLOURS) * 1.1
    memory = max(w["memory_bytes"] for w in windows) * 1.1
    x = lambda minute: left + (width - left - 20) * minute / minutes  # noqa: E731
    y = lambda ms: top + 240 * (1 - ms / highest)  # noqa: E731
    low = lambda bytes_: 320 + 70 * (1 - bytes_ / memory)  # noqa: E731

    def line(points, colour, stroke):
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{stroke}"/>'

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
             'font-family="sans-serif" font-size="12">',
             f'<rect width="{width}" height="{height}" fill="white"/>',
             f'<text x="{left}" y="20" font-size="14">{title}</text>']
    for share in range(5):
        ms = highest * share / 4
        parts.append(f'<line x1="{left}" x2="{width - 20}" y1="{y(ms):.1f}" y2="{y(ms):.1f}" '
                     f'stroke="#ddd"/><text x="8" y="{y(ms) + 4:.1f}">{ms:.1f} ms</text>')
    for name, colour in COLOURS.items():
        parts.append(line([(x(w["minute"]), y(w[name]["p99_ms"])) for w in windows], colour, 2.5))
        parts.append(line([(x(w["minute"]), y(w[name]["p50_ms"])) for w in windows], colour, 1))
    for i, (name, colour) in enumerate(COLOURS.items()):
        parts.append(f'<text x="{left + 130 * i}" y="302" fill="{colour}">{name}: p99 thick, p50 '
                     'thin</text>')
    parts.append(line([(x(w["minute"]), low(w["memory_bytes"])) for w in windows], "#2ca02c", 2))
    parts.append(f'<text x="{left}" y="408" fill="#2ca02c">memory of the server, up to '
                 f'{memory / 1.1 / 1e6:.0f} MB; minutes 0 to {minutes:.0f}</text></svg>')
    return "\n".join(parts) + "\n"


def thirds(windows, read):
    """Medians of the first and of the last third."""
    third = max(1, len(windows) // 3)
    return (statistics.median(read(w) for w in windows[:third]),
            statistics.median(read(w) for w in windows[-third:]))


def books_of(world):
    accountant = world.client(world.identity("accountant"))
    day = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=3))).date().isoformat()
    told = json.loads(run("ladonctl", "--json", "--server", world.server.address, "--identity",
                          accountant.identity, "reconcile", "--contract", "bank", "--day", day,
                          seconds_max=600).stdout)["books"]
    owned = (told["purses_kopecks"] + told["owed_to_caterers_kopecks"] + told["suspense_kopecks"]
             + told["fees_kopecks"] + told["refunds_kopecks"] - told["subsidies_drawn_kopecks"])
    return owned, told["clearing_kopecks"]


def run_windows(world, schools, given, count, windows, results):
    """Fills `windows`; returns the thread of the side work, begun after a third of them."""
    side = threading.Thread(target=side_work, args=(world, results), daemon=True)
    for number in range(count):
        if number == count // 3:
            side.start()
        windows.append(measure_window(world, schools, number, given))
        w = windows[-1]
        print(f"{w['minute']:5.1f} min: card p99 {w['card']['p99_ms']:.2f} ms, palm p99 "
              f"{w['palm']['p99_ms']:.2f} ms, empty p99 {w['empty']['p99_ms']:.2f} ms, memory "
              f"{w['memory_bytes'] / 1e6:.0f} MB, store {w['disk_bytes'] / 1e6:.0f} MB",
              flush=True)
    return side


def lunch(world, given):
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        schools = list(pool.map(lambda n: make_school(world, n), range(given.schools)))
    print(f"{given.schools} schools of {CHILDREN} children, {PALMS} of them with palms: "
          f"{time.monotonic() - begin:.0f} s", flush=True)
    desk = School(world, name="Школа плательщиков")
    payers = [desk.child().payment_account for _ in range(PAYERS)]
    with Gateway(world, [{"name": "bank", "protocol": "osmp", "path": "/osmp"}]) as gateway:
        top_ups = TopUps(gateway.bank("bank"), payers, given.top_ups)
        for what in ("debit-card", "identify-and-debit-palm"):
            Load(world.directory, schools[0], what, 20, WARM_SECONDS).figures()
        before = metrics(world) | {"paid": top_ups.paid}
        windows, side, results = [], None, {}
        count = max(3, int(given.minutes * 60 / given.window))
        try:
            side = run_windows(world, schools, given, count, windows, results)
        finally:
            top_ups.stop()
        side.join()
    after = metrics(world)
    return windows, results, top_ups, before, after


def judge(windows, results, top_ups, before, after, books):
    """Figures, and what is wrong with them."""
    sold = sum(w[name]["succeeded"] for w in windows for name in ("card", "palm"))
    errors = sum(w[name]["errors"] for w in windows for name in COLOURS)
    answered = 'ladon_calls_total{rpc="TerminalService/IdentifyAndDebit",reason="OK"}'
    key = next((k for k in after if k.startswith("ladon_calls_total") and "IdentifyAndDebit" in k
                and 'reason="OK"' in k), answered)
    served = after.get(key, 0) - before.get(key, 0)
    entries = after["ladon_journal_entries"] - before["ladon_journal_entries"]
    paid = top_ups.paid - before["paid"]
    figures = {"sold": sold, "errors": errors, "served": served, "entries": entries,
               "top_ups": paid, "top_up_errors": len(top_ups.errors),
               "disk_bytes_per_sale": (windows[-1]["disk_bytes"] - windows[0]["disk_bytes"])
               / max(1, sold * (len(windows) - 1) / len(windows)), **results}
    wrong = []
    for name in ("card", "palm"):
        first, last = thirds(windows, lambda w, n=name: w[n]["p99_ms"])
        base_first, base_last = thirds(windows, lambda w: w["empty"]["p99_ms"])
        figures[f"{name}_p99_ms"] = statistics.median(w[name]["p99_ms"] for w in windows)
        figures[f"{name}_p99_growth_percent"] = 100 * (last / first - 1)
        figures["empty_p99_growth_percent"] = 100 * (base_last / base_first - 1)
    first, last = thirds(windows, lambda w: w["memory_bytes"])
    figures["memory_growth_percent"] = 100 * (last / first - 1)
    if errors or top_ups.errors:
        wrong.append(f"{errors} calls and {len(top_ups.errors)} top-ups failed: "
                     f"{[w[n]['reasons'] for w in windows for n in COLOURS if w[n]['errors']]} "
                     f"{top_ups.errors[:3]}")
    if served != sold:
        wrong.append(f"tills heard of {sold} sales, the server answered {served}")
    if entries < sold + paid - UNDER_WAY_MAX:
        wrong.append(f"{entries} entries for {sold} sales and {paid} top-ups")
    if books[0] != books[1]:
        wrong.append(f"the books are not even: {books[0]} and {books[1]} kopecks")
    if set(results) != {"extract_seconds", "backup_seconds"}:
        wrong.append("the extract or the backup did not finish")
    return figures, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--schools", type=int, default=8)
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--window", type=int, default=20, help="seconds of a window")
    parser.add_argument("--cards", type=int, default=35, help="sales by card a second")
    parser.add_argument("--palms", type=int, default=15, help="sales by palm a second")
    parser.add_argument("--top-ups", type=float, default=5, help="a second, through the gateway")
    parser.add_argument("--svg", default="build/dev/bench/system.svg")
    parser.add_argument("--json")
    given = parser.parse_args()
    world = World(8, metrics=True)
    try:
        world.server.config["contract"] = [{"name": "bank"}]
        world.server.config["log"]["level"] = "info"
        world.start()
        windows, results, top_ups, before, after = lunch(world, given)
        books = books_of(world)
        world.server.stop()
        begin = time.monotonic()
        told = run("ladonctl", "ledger", "verify", "--config", world.server.config_path,
                   seconds_max=3_600)
        results_verify = time.monotonic() - begin
    finally:
        world.close()
    figures, wrong = judge(windows, results, top_ups, before, after, books)
    figures["verify_seconds"] = results_verify
    print(told.stdout.strip() or told.stderr.strip())
    for name, value in figures.items():
        print(f"{name:28}{value:14.2f}")
    flat = all(abs(figures[f"{name}_p99_growth_percent"]) <= FLAT_PERCENT
               for name in ("card", "palm"))
    print(f"p99 of the last third against the first: {'within' if flat else 'beyond'} "
          f"{FLAT_PERCENT} %; the books: {books[0]} = {books[1]} kopecks")
    svg_path = pathlib.Path(given.svg)
    svg_path.parent.mkdir(parents=True, exist_ok=True)
    svg_path.write_text(svg(windows, f"A region's lunch: {given.cards} sales by card and "
                            f"{given.palms} by palm a second, {given.schools} schools"),
                        encoding="utf-8")
    print(f"plot: {svg_path}")
    if given.json:
        pathlib.Path(given.json).write_text(
            json.dumps({"figures": figures, "windows": windows, "wrong": wrong}, indent=1) + "\n")
    for sentence in wrong:
        print(f"WRONG: {sentence}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
