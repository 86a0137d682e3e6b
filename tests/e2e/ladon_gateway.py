"""A real ladon-gateway in front of the world's ladond, and a bank that speaks to it."""

import base64
import http.client
import pathlib
import signal
import subprocess
import urllib.parse
import xml.etree.ElementTree as ElementTree

from ladon_world import BIN, clean_environment, toml_of, wait_until

USER, PASSWORD = "bank", "пароль банка"

# Per protocol: the parameters of a check and of a payment, and where answers tell what.
OSMP = {"code": "result", "id": "prv_txn", "sum": "sum"}
SBER_ONE = {"code": "CODE", "id": "EXT_ID", "sum": "AMOUNT", "date": "REG_DATE"}
SBER_TWO = {"code": "result", "id": "ext_id", "sum": "sum", "date": "reg_date"}
TAGS = {"osmp": OSMP, "sber1": SBER_ONE, "sber2": SBER_TWO}


def roubles(kopecks):
    return f"{kopecks // 100}.{kopecks % 100:02d}"


class Answer:
    """status, the raw bytes, and the elements of the XML by their names."""

    def __init__(self, status, headers, body, protocol):
        self.status, self.headers, self.body = status, headers, body
        self.tags = TAGS[protocol]
        self.elements = {}
        if body.startswith(b"<?xml"):
            root = ElementTree.fromstring(body)
            assert root.tag == "response", root.tag
            self.elements = {child.tag: child.text or "" for child in root}

    @property
    def code(self):
        return int(self.elements[self.tags["code"]])

    @property
    def id(self):
        return self.elements.get(self.tags["id"])

    @property
    def sum(self):
        return self.elements.get(self.tags["sum"])

    def __repr__(self):
        return f"{self.status} {self.body.decode('utf-8', 'replace')}"


class Bank:
    """Speaks one contract's protocol; a connection a request, as banks do."""

    def __init__(self, gateway, contract, user=USER, password=PASSWORD):
        self.gateway, self.contract = gateway, contract
        self.protocol, self.path = contract["protocol"], contract["path"]
        self.charset = contract.get("charset", "utf-8")
        self.headers = {"Authorization": "Basic " + base64.b64encode(
            f"{user}:{password}".encode()).decode()}

    def send(self, query, post=None, headers=None, timeout=30):
        """query: a mapping, or the text behind the question mark; post: the body of a form."""
        if not isinstance(query, str):
            query = urllib.parse.urlencode(query, encoding=self.charset)
        connection = http.client.HTTPConnection(self.gateway.address, timeout=timeout)
        try:
            target = self.path + ("?" + query if query else "")
            sent = dict(self.headers if headers is None else headers)
            if post is None:
                connection.request("GET", target, headers=sent)
            else:
                sent["Content-Type"] = "application/x-www-form-urlencoded"
                connection.request("POST", target, body=post, headers=sent)
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read(),
                          self.protocol)
        finally:
            connection.close()

    def check_query(self, account, kopecks=None, payment_id="1"):
        if self.protocol == "sber1":
            return {"ACTION": "check", "ACCOUNT": account}
        query = {"command": "check", "txn_id": payment_id, "account": account}
        return query | ({} if kopecks is None else {"sum": roubles(kopecks)})

    def pay_query(self, payment_id, account, kopecks, paid="20261116140210"):
        amount = kopecks if isinstance(kopecks, str) else roubles(kopecks)
        if self.protocol == "sber1":
            date = f"{paid[6:8]}.{paid[4:6]}.{paid[:4]}_{paid[8:10]}:{paid[10:12]}:{paid[12:14]}"
            return {"ACTION": "payment", "ACCOUNT": account, "AMOUNT": amount,
                    "PAY_ID": payment_id, "PAY_DATE": date}
        return {"command": "pay", "txn_id": payment_id, "txn_date": paid, "account": account,
                "sum": amount}

    def check(self, account, **more):
        return self.send(self.check_query(account, **more))

    def pay(self, payment_id, account, kopecks, **more):
        return self.send(self.pay_query(payment_id, account, kopecks, **more))

    def status(self, payment_id):
        return self.send({"command": "status", "txn_id": payment_id})

    def cancel(self, payment_id):
        return self.send({"command": "cancel", "txn_id": payment_id})


class Gateway:
    """One ladon-gateway process after another. contracts: tables of its configuration."""

    def __init__(self, world, contracts, identity=None, couriers=()):
        self.world, self.couriers = world, list(couriers)
        self.directory = pathlib.Path(world.directory) / f"gateway-{world.draw.randbytes(4).hex()}"
        self.directory.mkdir()
        self.identity = identity or world.identity("channel")
        self.courier_identity = world.identity("courier") if self.couriers else None
        self.password_file = self.directory / "password"
        self.password_file.write_text(PASSWORD + "\n", encoding="utf-8")
        self.contracts = [{"user": USER, "password_file": str(self.password_file)} | one
                          for one in contracts]
        self.process = None
        self.address = None

    def start(self, listen="127.0.0.1:0"):
        port_file = self.directory / "port"
        port_file.unlink(missing_ok=True)
        config = self.directory / "gateway.toml"
        core = {"server": self.world.server.address, "identity": str(self.identity)}
        if self.couriers:
            core["courier_identity"] = str(self.courier_identity)
        config.write_text(toml_of({
            "gateway": {"listen": listen, "port_file": str(port_file)}, "core": core,
            "contract": self.contracts, "courier": self.couriers}), encoding="utf-8")
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen([BIN / "ladon-gateway", "--config", config], stdout=log,
                                            stderr=log, env=clean_environment())

        def serves():
            assert self.process.poll() is None, (self.directory / "log").read_text()
            return port_file.exists() and port_file.read_text().strip()

        self.address = wait_until(serves, "ladon-gateway to write its port file")
        return self

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        code = self.process.wait(timeout=60)
        self.process = None
        return code

    def kill(self):
        return self.stop(signal.SIGKILL)

    def bank(self, name, **more):
        return Bank(self, next(one for one in self.contracts if one["name"] == name), **more)

    def log(self):
        return (self.directory / "log").read_text(encoding="utf-8")

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process is not None:
            self.kill()
