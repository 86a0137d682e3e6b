"""Fills the servers of ./dev run with a school and writes build/run/endpoints.json, by which clients
of other people's make find the gateway: what to send where, with which password, to which accounts,
and how to ask what arrived.

run_endpoints.py LADONCTL DIRECTORY, contracts on standard input, one a line:
name protocol path charset repeat. A second run with the same directory keeps school and children.
"""

import json
import os
import pathlib
import shlex
import subprocess
import sys

CHILDREN_OF_A_CONTRACT = 2
FAMILIES = ("Гусев", "Лебедев", "Журавлёв", "Соколов", "Голубев", "Воробьёв", "Снегирёв", "Орлов",
            "Чайкин", "Синицын")


class Run:
    def __init__(self, ladonctl, directory):
        self.ladonctl = str(pathlib.Path(ladonctl).resolve())
        self.directory = pathlib.Path(directory).resolve()
        self.server = (self.directory / "ladond.address").read_text().strip()
        self.gateway = (self.directory / "ladon-gateway.address").read_text().strip()

    def ctl(self, identity, *arguments):
        environment = os.environ | {"LADON_SERVER": self.server, "LADON_LANG": "en",
                                    "LADON_IDENTITY": str(self.directory / identity)}
        done = subprocess.run([self.ladonctl, "--json", *arguments], env=environment, text=True,
                              capture_output=True)
        if done.returncode != 0:
            sys.exit(f"ladonctl {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    def identity(self, role, school):
        if not (self.directory / role).exists():
            self.ctl("admin", "pki", "issue", "--dir", str(self.directory / "pki"), "--role", role,
                     "--school", school, "--out", str(self.directory / role))

    def school(self, contracts):
        """{"school": id, "accounts": {contract: [payment accounts]}}, made when it is not there."""
        path = self.directory / "school.json"
        known = json.loads(path.read_text()) if path.exists() else {"accounts": {}}
        if "school" not in known:
            known["school"] = self.ctl("admin", "school", "create", "--name", "МБОУ СОШ № 34",
                                       "--time-zone", "Asia/Tomsk")["school_id"]
            replace(path, known)
        for role in ("enroller", "senior-cashier"):
            self.identity(role, known["school"])
        families = iter(FAMILIES)
        for contract in contracts:
            accounts = known["accounts"].setdefault(contract["name"], [])
            for _ in range(CHILDREN_OF_A_CONTRACT):
                family = next(families)
                if len(accounts) < CHILDREN_OF_A_CONTRACT:
                    child = self.ctl("enroller", "subjects", "add", "--family-name", family, "--given-name",
                                     "Иван", "--class", "5А")
                    accounts.append(child["payment_account"])
                    replace(path, known)
        return known

    def endpoint(self, contract, accounts):
        ask = shlex.join(["env", f"LADON_SERVER={self.server}",
                          f"LADON_IDENTITY={self.directory / 'senior-cashier'}", self.ladonctl,
                          "account", "balance", "--kopecks", "--payment-account"])
        url = f"http://{self.gateway}{contract['path']}"
        secret = (self.directory / "bank.password").read_text().strip()
        more, user = {}, "bank"
        if contract["protocol"] in ("acquiring", "sbp"):
            # A page for everybody: a form with account and sum. Whoever then opens the bank's page has
            # paid there, and the bank tells so to `news_url`, signed with the token.
            news = "callback" if contract["protocol"] == "acquiring" else "webhook"
            more = {"news_url": f"{url}/{news}",
                    "bank_url": (self.directory / "bank.address").read_text().strip(),
                    "token": (self.directory / "bank.token").read_text().strip()}
            user = secret = ""
        return {"protocol": contract["protocol"],
                "url": url, "user": user,
                "password": secret,
                "charset": contract["charset"], "repeat": contract["repeat"],
                "accounts": accounts, "balance_command": ask + " {account}"} | more


def replace(path, value):
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    fresh.chmod(0o600)
    os.replace(fresh, path)


def main():
    ladonctl, directory = sys.argv[1:]
    names = ("name", "protocol", "path", "charset", "repeat")
    contracts = [dict(zip(names, line.split(), strict=True)) for line in sys.stdin if line.strip()]
    run = Run(ladonctl, directory)
    known = run.school(contracts)
    replace(run.directory / "endpoints.json",
            {"adapters": [run.endpoint(one, known["accounts"][one["name"]]) for one in contracts]})


if __name__ == "__main__":
    main()
