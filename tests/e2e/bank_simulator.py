"""A bank for tests, on loopback, that takes cards by the REST interface of acquiring and payments
by SBP, and misbehaves as banks do: it loses its answers, is late, fails, tells news of an order
never, thrice, out of turn or badly signed, and says "at the card's own bank" before "paid".

Its books are right all the same: what an order is worth there in the end is what must be credited.
"""

import dataclasses
import hashlib
import hmac
import http.client
import http.server
import json
import queue
import random
import socket
import threading
import time
import urllib.parse
import uuid

USER, PASSWORD = "shop-api", "пароль&магазина"

CREATED, HELD, DEPOSITED, REVERSED, REFUNDED, AT_CARD_BANK, DECLINED = range(7)
SBP_NAMES = {CREATED: "NEW", HELD: "NEW", AT_CARD_BANK: "NEW", DEPOSITED: "PAID",
             DECLINED: "REJECTED", REVERSED: "EXPIRED"}


@dataclasses.dataclass
class Ways:
    """How it misbehaves: chances from 0 to 1, and how often at most."""
    loses_register: float = 0  # The order is written down; the answer is not sent.
    loses_status: float = 0
    fails: float = 0  # 500, nothing done.
    late: float = 0
    late_seconds: float = 0.3
    callbacks: tuple = (1, 1)  # At least and at most, of one order.
    wrong_checksum: float = 0  # Of a callback.
    out_of_order: bool = False  # Callbacks of all orders are shuffled.
    fives: int = 0  # Answers of status 5 before an order is told to be paid.


WELL_BEHAVED = Ways()
ROUGH = Ways(loses_register=0.15, loses_status=0.2, fails=0.1, late=0.2, callbacks=(0, 3),
             wrong_checksum=0.3, out_of_order=True, fives=2)


@dataclasses.dataclass
class Order:
    number: str
    kopecks: int
    bank_id: str
    sbp: bool
    status: int = CREATED
    refunded: int = 0
    fives: int = 0


def crc16(text):
    crc = 0xFFFF
    for byte in text.encode("ascii"):
        crc ^= byte << 8
        for _ in range(8):
            crc = ((crc << 1) ^ (0x1021 if crc & 0x8000 else 0)) & 0xFFFF
    return crc


def checksum(parameters, token):
    text = "".join(f"{name};{parameters[name]};" for name in sorted(parameters))
    return hmac.new(token.encode(), text.encode(), hashlib.sha256).hexdigest().upper()


class BankSimulator:
    """pay() and decline() end an order; where its news go is set by news_to()."""

    def __init__(self, seed, token="token of callbacks", ways=WELL_BEHAVED):
        self.token, self.ways = token, ways
        self.draw = random.Random(seed)
        self.lock = threading.RLock()
        self.orders = {}  # By number.
        self.pays_at_page = False  # Whoever opens an order's page has paid it.
        self.hangs = threading.Event()  # While it is set, nothing is answered.
        self.hung = threading.Event()  # Somebody has asked meanwhile.
        self.over = threading.Event()
        self.news_address, self.news_paths = None, {}
        self.news_answers = []  # Statuses of what was answered to news, with whether it was right.
        self.waiting = queue.Queue()
        self.messengers = [threading.Thread(target=self._tell, daemon=True) for _ in range(4)]
        simulator = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                simulator._serve(self, "GET")

            def do_POST(self):
                simulator._serve(self, "POST")

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_):
                pass  # The other side hung up, which it may.

        self.server = Server(("127.0.0.1", 0), Handler)
        self.address = "127.0.0.1:%d" % self.server.server_address[1]
        self.url = f"http://{self.address}/api"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        for messenger in self.messengers:
            messenger.start()

    def close(self):
        self.over.set()
        for _ in self.messengers:
            self.waiting.put(None)
        for messenger in self.messengers:
            messenger.join(timeout=60)
        self.server.shutdown()
        self.server.server_close()

    def news_to(self, address, callback=None, webhook=None):
        """Where a gateway listens now: "host:port", and the paths."""
        self.news_address = address
        self.news_paths = {False: callback, True: webhook}

    def quiet(self):
        """Whether all of its news are told."""
        return self.waiting.unfinished_tasks == 0

    # --- what a payer does ----------------------------------------------------------------------

    def by_bank_id(self, bank_id):
        with self.lock:
            return next(one for one in self.orders.values() if one.bank_id == bank_id)

    def pay(self, number, kopecks=None):
        self._end(number, DEPOSITED, kopecks)

    def decline(self, number):
        self._end(number, DECLINED)

    def _end(self, number, status, kopecks=None):
        with self.lock:
            order = self.orders[number]
            order.status, order.fives = status, self.ways.fives
            if kopecks is not None:
                order.kopecks = kopecks
            count = self.draw.randint(*self.ways.callbacks)
            operations = [(self.draw.choice(("approved", "deposited")), status == DEPOSITED)
                          for _ in range(count)]
            for operation in operations:
                wrong = self.draw.random() < self.ways.wrong_checksum
                self.waiting.put((order, operation, wrong))
            if self.ways.out_of_order:
                held = []
                while not self.waiting.empty():
                    try:
                        held.append(self.waiting.get_nowait())
                    except queue.Empty:
                        break
                    self.waiting.task_done()
                self.draw.shuffle(held)
                for one in held:
                    self.waiting.put(one)

    # --- its news -------------------------------------------------------------------------------

    def _tell(self):
        while (one := self.waiting.get()) is not None:
            order, (operation, good), wrong = one
            try:
                status = self.tell(order, operation, good, wrong)
            except OSError:
                status = None  # Nobody listens: it is lost, as is the bank's way.
            with self.lock:
                self.news_answers.append((wrong, status))
            self.waiting.task_done()

    def tell(self, order, operation="deposited", good=True, wrong=False, **more):
        """One callback or webhook; the status of its answer. more: parameters of another value."""
        path = self.news_paths.get(order.sbp)
        if path is None:
            return None
        if order.sbp:
            body = json.dumps({"order": order.number, "status": SBP_NAMES[order.status]} | more)
            signature = hmac.new(self.token.encode(), body.encode(), hashlib.sha256).hexdigest()
            headers = {"Content-Type": "application/json",
                       "Signature": signature[::-1] if wrong else signature}
            return self._send("POST", path, body, headers)
        parameters = {"mdOrder": order.bank_id, "orderNumber": order.number,
                      "operation": operation, "status": "1" if good else "0",
                      "amount": str(order.kopecks)} | more
        right = checksum(parameters, self.token)
        parameters["checksum"] = right[:-2] if wrong else right
        parameters["sign_alias"] = "alias"
        return self._send("GET", path + "?" + urllib.parse.urlencode(parameters), None, {})

    def _send(self, method, target, body, headers):
        connection = http.client.HTTPConnection(self.news_address, timeout=30)
        try:
            connection.request(method, target, body=body, headers=headers)
            response = connection.getresponse()
            response.read()
            return response.status
        finally:
            connection.close()

    # --- its interfaces -------------------------------------------------------------------------

    def _chance(self, of):
        with self.lock:
            return self.draw.random() < of

    def _serve(self, request, method):
        length = int(request.headers.get("Content-Length") or 0)
        body = request.rfile.read(length).decode()
        if self.hangs.is_set():
            self.hung.set()
        while self.hangs.is_set() and not self.over.is_set():
            time.sleep(0.01)
        if self._chance(self.ways.late):
            time.sleep(self.ways.late_seconds)
        if self._chance(self.ways.fails):
            return self._answer(request, 500, {"error": "internal"})
        path = request.path
        loses = self.ways.loses_status
        if method == "POST" and path.startswith("/api/") and path.endswith(".do"):
            form = dict(urllib.parse.parse_qsl(body, keep_blank_values=True))
            status, answer = 200, self._acquiring(path.removeprefix("/api/"), form)
            if path.endswith("/register.do"):
                loses = self.ways.loses_register
        elif method == "POST" and path == "/api/qr":
            loses = self.ways.loses_register
            status, answer = self._new_link(json.loads(body))
        elif method == "GET" and path.startswith("/api/qr/"):
            status, answer = self._link_status(path.removeprefix("/api/qr/"))
        elif method == "GET" and path.startswith("/pay?mdOrder=") and self.pays_at_page:
            order = self.by_bank_id(path.removeprefix("/pay?mdOrder="))
            self.pay(order.number)
            status, answer = 200, {"orderNumber": order.number, "paid": order.kopecks}
        else:
            status, answer = 404, {}
        if self._chance(loses):
            request.close_connection = True
            request.connection.shutdown(socket.SHUT_RDWR)
            return None
        return self._answer(request, status, answer)

    @staticmethod
    def _answer(request, status, answer):
        body = json.dumps(answer, ensure_ascii=False).encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json; charset=utf-8")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def _write_down(self, number, kopecks, sbp):
        order = Order(number, kopecks, str(uuid.UUID(int=self.draw.getrandbits(128))), sbp)
        self.orders[number] = order
        return order

    def _acquiring(self, verb, form):
        if (form.get("userName"), form.get("password")) != (USER, PASSWORD):
            return {"errorCode": "5", "errorMessage": "Доступ запрещён"}
        with self.lock:
            if verb == "register.do":
                return self._register(form)
            order = self.orders.get(form.get("orderNumber"))
            if "orderId" in form:
                order = next((one for one in self.orders.values()
                              if one.bank_id == form["orderId"]), None)
            if order is None or order.sbp:
                return {"errorCode": "6", "errorMessage": "Заказ не найден"}
            if verb == "getOrderStatusExtended.do":
                return self._status(order)
            if verb == "refund.do":
                return self._refund(order, int(form["amount"]))
            return {"errorCode": "7", "errorMessage": "Системная ошибка"}

    def _register(self, form):
        assert form["currency"] == "643", form
        number, kopecks = form["orderNumber"], int(form["amount"])
        if number in self.orders:
            return {"errorCode": "1", "errorMessage": "Заказ с таким номером уже есть"}
        order = self._write_down(number, kopecks, sbp=False)
        return {"orderId": order.bank_id,
                "formUrl": f"http://{self.address}/pay?mdOrder={order.bank_id}"}

    @staticmethod
    def _told(order):
        """5 as often as it was meant to be, then how it is."""
        if order.status == DEPOSITED and order.fives > 0:
            order.fives -= 1
            return AT_CARD_BANK
        return order.status

    def _status(self, order):
        status = self._told(order)
        deposited = order.kopecks if status in (DEPOSITED, REFUNDED) else 0
        return {"errorCode": "0", "errorMessage": "Успешно", "orderNumber": order.number,
                "orderStatus": status, "actionCode": 0, "amount": order.kopecks,
                "currency": "643", "attributes": [{"name": "mdOrder", "value": order.bank_id}],
                "paymentAmountInfo": {"approvedAmount": deposited, "depositedAmount": deposited,
                                      "refundedAmount": order.refunded}}

    @staticmethod
    def _refund(order, kopecks):
        if order.status not in (DEPOSITED, REFUNDED) or order.refunded + kopecks > order.kopecks:
            return {"errorCode": "7", "errorMessage": "Возврат невозможен"}
        order.refunded += kopecks
        order.status = REFUNDED
        return {"errorCode": "0"}

    def _new_link(self, question):
        with self.lock:
            assert question["currency"] == "RUB" and isinstance(question["amount"], int), question
            if question["order"] in self.orders:
                return 409, {"error": "order"}
            order = self._write_down(question["order"], question["amount"], sbp=True)
        link = (f"https://qr.nspk.ru/{order.bank_id}?type=02&bank=100000000284"
                f"&sum={order.kopecks}&cur=RUB")
        return 200, {"id": order.bank_id, "payload": f"{link}&crc={crc16(link):04X}"}

    def _link_status(self, number):
        with self.lock:
            order = self.orders.get(number)
            if order is None or not order.sbp:
                return 404, {}
            return 200, {"status": SBP_NAMES[self._told(order)], "amount": order.kopecks,
                         "id": order.bank_id}
