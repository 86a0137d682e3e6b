"""Who listens for events: a webhook that checks every signature by the Standard Webhooks specification,
with code of its own, remembers what came, and misbehaves when it is told to."""

import base64
import collections
import hashlib
import hmac
import http.server
import json
import random
import secrets
import threading
import time

MINUTES_5 = 300


class EventListener:
    def __init__(self, seed):
        self.draw = random.Random(seed)
        self.key = secrets.token_bytes(32)
        self.secret = "whsec_" + base64.b64encode(self.key).decode()
        self.lock = threading.Lock()
        self.events = {}  # By id, as they were first taken.
        self.order = []
        self.seen = collections.Counter()  # Attempts, whatever came of them.
        self.forged = []
        self.status = 200  # Of every answer.
        self.loses = 0.0  # How many are taken and not answered.
        self.lost = 0
        self.hangs = threading.Event()
        self.hangs.set()  # Cleared: nobody is answered.
        listener = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.take(self, body)

            def log_message(self, *_):
                pass

        class HttpServer(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # Somebody hung up.

        self.server = HttpServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/events"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.hangs.set()
        self.server.shutdown()
        self.server.server_close()

    def is_signed(self, headers, body):
        event_id, at = headers["webhook-id"], headers["webhook-timestamp"]
        content = f"{event_id}.{at}.".encode() + body
        good = "v1," + base64.b64encode(
            hmac.new(self.key, content, hashlib.sha256).digest()).decode()
        return (hmac.compare_digest(headers["webhook-signature"], good) and
                abs(time.time() - int(at)) < MINUTES_5)

    def take(self, handler, body):
        self.hangs.wait()
        headers = handler.headers
        if len(body) < int(headers["Content-Length"]):
            return  # Whoever sent it was killed over it.
        with self.lock:
            self.seen[headers["webhook-id"]] += 1
            status, lost = self.status, self.draw.random() < self.loses
            if not self.is_signed(headers, body):
                self.forged.append(body)
                status = 401
            if status == 200:
                event = json.loads(body)
                before = self.events.setdefault(headers["webhook-id"], event)
                if before is event:
                    self.order.append(event)
                elif before != event:
                    self.forged.append(body)  # Another event under a known id.
        if lost:
            self.lost += 1
            handler.close_connection = True
            return
        handler.send_response(status)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def of(self, payment_account):
        """What came of one child, as its purse saw it."""
        with self.lock:
            mine = [event for event in self.order
                    if event["data"]["payment_account"] == payment_account]
        return sorted(mine, key=lambda event: (event["data"].get("sequence", 0), event["type"]))

    def types_of(self, payment_account):
        return [event["type"] for event in self.of(payment_account)]
