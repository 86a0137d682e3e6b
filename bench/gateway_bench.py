"""What a bank waits for: checks and payments through ladon-gateway into ladond, at a fixed rate.

Open loop: a request is due at its moment whether or not others have been answered, and its time
counts from that moment on, so a server that stalls is not spared. Beside it, in the same run, the
gateway's cheapest answer (a path that it does not have), which is what HTTP and this client cost.

gateway_bench.py [--rate N] [--seconds N] [--json FILE]; LADON_BIN and LADON_STUBS as for the tests.
"""

import argparse
import concurrent.futures
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/e2e"))

from ladon_gateway import Gateway  # noqa: E402
from ladon_world import School, World  # noqa: E402

CHILDREN = 200
LINES = 32


def percentile(times, share):
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def measure(rate, seconds, send):
    """Seconds from the moment each request was due to its answer."""
    begin = time.monotonic() + 0.2

    def one(number):
        due = begin + number / rate
        time.sleep(max(0.0, due - time.monotonic()))
        send(number)
        return time.monotonic() - due

    with concurrent.futures.ThreadPoolExecutor(LINES) as pool:
        times = list(pool.map(one, range(int(rate * seconds))))
    return {"requests": len(times), "p50_ms": 1e3 * percentile(times, 0.50),
            "p99_ms": 1e3 * percentile(times, 0.99), "max_ms": 1e3 * max(times)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--json")
    given = parser.parse_args()
    with World(8) as world:
        world.server.config["contract"] = [{"name": "bank"}]
        world.server.config["log"]["level"] = "info"
        world.start()
        school = School(world)
        accounts = [school.child().payment_account for _ in range(CHILDREN)]
        with Gateway(world, [{"name": "bank", "protocol": "osmp", "path": "/osmp"}]) as gateway:
            bank = gateway.bank("bank")
            nowhere = gateway.bank("bank")
            nowhere.path = "/nowhere"

            def check(number):
                assert bank.check(accounts[number % CHILDREN]).code == 0

            def pay(number):
                assert bank.pay(str(10**6 + number), accounts[number % CHILDREN], 10_000).code == 0

            def empty(number):
                assert nowhere.send({"n": number}).status == 404

            measure(given.rate, 2, check)
            figures = {name: measure(given.rate, given.seconds, send)
                       for name, send in (("empty", empty), ("check", check), ("pay", pay))}
    print(f"{'':8}{'requests':>10}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}{'p99 / empty':>13}")
    for name, one in figures.items():
        ratio = one["p99_ms"] / figures["empty"]["p99_ms"]
        print(f"{name:8}{one['requests']:10}{one['p50_ms']:9.2f}{one['p99_ms']:9.2f}"
              f"{one['max_ms']:9.2f}{ratio:13.2f}")
    if given.json:
        pathlib.Path(given.json).write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
