"""What telling others costs a till: debits by card with and without the outbox, one after the other.

Closed loop: as many calls wait at once as are told, so the figure is what the core can do. Two servers of
the same build, taken in turns, so that what the machine does meanwhile meets both; the ratio counts.

outbox_bench.py [--rounds N] [--seconds N] [--in-flight N] [--json FILE]; LADON_BIN and LADON_STUBS as for
the tests.
"""

import argparse
import json
import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/e2e"))

from ladon_world import World, run  # noqa: E402

CHILDREN = 500
OUTBOX = {"notices": True, "receipts": True, "low_balance": "100.00"}


class Side:
    """A server with its load ready."""

    def __init__(self, seed, outbox):
        self.world = World(seed)
        self.world.server.config["log"]["level"] = "info"
        if outbox:
            self.world.server.config["outbox"] = outbox
        self.world.start()
        directory = self.world.directory
        self.scenario, self.identities = directory / "load.json", directory / "load-identities"
        run("ladon-load", "setup", "--server", self.world.server.address, "--identity",
            self.world.sysadmin.identity, "--ca", self.world.pki, "--identities", self.identities,
            "--children", CHILDREN, "--palms", 0, "--scenario", self.scenario)
        self.rates = []

    def measure(self, seconds, in_flight):
        figures = self.world.directory / "figures.json"
        run("ladon-load", "--scenario", self.scenario, "--identities", self.identities, "--what",
            "debit-card", "--in-flight", in_flight, "--seconds", seconds, "--json", figures)
        self.rates.append(json.loads(figures.read_text())["throughput_per_second"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--json")
    given = parser.parse_args()
    plain, telling = Side(8, None), Side(9, OUTBOX)
    with plain.world, telling.world:
        for number in range(given.rounds):
            for side in (plain, telling) if number % 2 else (telling, plain):
                side.measure(given.seconds, given.in_flight)
    ratios = [b / a for a, b in zip(plain.rates, telling.rates)]
    figures = {"plain_per_second": statistics.median(plain.rates),
               "telling_per_second": statistics.median(telling.rates),
               "ratio": statistics.median(ratios), "ratio_min": min(ratios),
               "ratio_max": max(ratios)}
    print(f"debits a second: without outbox {figures['plain_per_second']:.0f}, with it "
          f"{figures['telling_per_second']:.0f}; ratio {figures['ratio']:.2f} "
          f"({figures['ratio_min']:.2f} to {figures['ratio_max']:.2f})")
    if given.json:
        pathlib.Path(given.json).write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
