"""PocketBase as a peer: the same records, a rule that asks for a signed-in user, plain HTTP on loopback."""

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from . import flights


class PocketBase:
    name = "PocketBase"

    def __init__(self, port):
        self.program = Path(sys.executable).parent / "pocketbase"
        self.folder = Path(tempfile.mkdtemp(prefix="pocketbase-"))
        self.port = port
        self.base = f"http://127.0.0.1:{port}"
        self.process = None
        self.token = None

    @property
    def version(self):
        return subprocess.run([self.program, "--version"], capture_output=True, text=True).stdout.strip().rpartition(" ")[2]

    def start(self):
        began = time.monotonic()
        self.process = subprocess.Popen(
            [self.program, "serve", "--http", f"127.0.0.1:{self.port}", "--dir", str(self.folder / "data")],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while True:
            try:
                urllib.request.urlopen(self.base + "/api/health", timeout=1).read()
                return time.monotonic() - began
            except OSError:
                if time.monotonic() - began > 30:
                    raise
                time.sleep(0.002)

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)
            self.process = None

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def pid(self):
        return self.process.pid

    def ask(self, method, path, body=None, token=None):
        request = urllib.request.Request(self.base + path, method=method, data=json.dumps(body).encode() if body is not None else None)
        request.add_header("Content-Type", "application/json")
        if token or self.token:
            request.add_header("Authorization", token or self.token)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                text = answer.read()
                return json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.code} {error.read()[:500]!r}") from error

    def prepare(self):
        """A collection of flights, a user, a token."""
        subprocess.run([self.program, "superuser", "upsert", "root@example.com", "quartz-otter-linden-42", "--dir", str(self.folder / "data")],
                       check=True, capture_output=True)
        self.start()
        answer = self.ask("POST", "/api/collections/_superusers/auth-with-password", {"identity": "root@example.com", "password": "quartz-otter-linden-42"})
        self.token = answer["token"]
        rule = "@request.auth.id != ''"
        fields = [{"name": name, "type": {"text": "text", "number": "number", "moment": "date"}[kind]} for name, kind in flights.FIELDS]
        self.ask("POST", "/api/collections", {"name": "flights", "type": "base", "fields": fields, "listRule": rule, "viewRule": rule, "createRule": rule,
                                              "indexes": ["CREATE INDEX idx_flights_carrier ON flights (carrier)"]})
        self.ask("PATCH", "/api/settings", {"batch": {"enabled": True, "maxRequests": 5000, "timeout": 120}, "rateLimits": {"enabled": False}, "logs": {"maxDays": 0}})
        self.ask("POST", "/api/collections/users/records", {"email": "ann@example.com", "password": "quartz-otter-linden-42", "passwordConfirm": "quartz-otter-linden-42", "verified": True})

    def fill(self, rows):
        """By its batch endpoint. Returns ids."""
        ids = []
        for start in range(0, len(rows), 1000):
            answers = self.ask("POST", "/api/batch", {"requests": [
                {"method": "POST", "url": "/api/collections/flights/records", "body": row} for row in rows[start:start + 1000]]})
            ids += [answer["body"]["id"] for answer in answers]
        self.token = self.ask("POST", "/api/collections/users/auth-with-password", {"identity": "ann@example.com", "password": "quartz-otter-linden-42"})["token"]
        return ids

    headers = property(lambda self: {"Authorization": self.token})

    def record_url(self, record):
        return f"{self.base}/api/collections/flights/records/{record}"

    def list_url(self, count):
        return f"{self.base}/api/collections/flights/records?perPage={count}&skipTotal=1"

    create_url = property(lambda self: f"{self.base}/api/collections/flights/records")

    def create_body(self, row):
        return json.dumps(row)
