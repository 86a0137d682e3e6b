"""The bank of ./dev run, on loopback: whoever opens its page for an order, or that of an SBP link, has
paid. run_bank.py DIRECTORY GATEWAY: reads bank.token there, writes bank.address once it serves."""

import os
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from bank_simulator import BankSimulator  # noqa: E402


def main():
    directory, gateway = pathlib.Path(sys.argv[1]), sys.argv[2]
    end = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, end)
    bank = BankSimulator(0, token=(directory / "bank.token").read_text().strip())
    bank.pays_at_page = True
    bank.news_to(gateway, callback="/acquiring/callback", webhook="/sbp/webhook")
    fresh = directory / "bank.address.new"
    fresh.write_text(bank.url + "\n")
    os.replace(fresh, directory / "bank.address")
    signal.sigwait(end)
    bank.close()


if __name__ == "__main__":
    main()
