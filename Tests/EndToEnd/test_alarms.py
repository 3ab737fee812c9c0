"""What has to be known at once is told by mail and webhook, within seconds, and settled on a page."""

import base64
import hashlib
import hmac
import http.server
import json
import queue
import subprocess
import threading
import time

from lib import http as web, people
from lib.server import Server, executable


class Receiver:
    """A server that takes webhooks, and answers what it is told to."""

    def __init__(self):
        self.got = queue.Queue()
        self.answers = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = outer.answers.pop(0) if outer.answers else 204
                outer.got.put((time.monotonic(), dict(self.headers.items()), body, status))
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", f"http://127.0.0.1:{outer.port}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self, seconds=20):
        return self.got.get(timeout=seconds)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def is_signed(headers, body, secret):
    headers = {name.lower(): value for name, value in headers.items()}
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return headers["webhook-signature"] == wanted and abs(int(headers["webhook-timestamp"]) - time.time()) < 60


def command(server, *words):
    done = subprocess.run([str(executable()), *words, "--data", str(server.data)], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def webhooks(check, server, receiver):
    code, text, _ = command(server, "alarm", "route", "add", "webhook", f"http://127.0.0.1:{receiver.port}/hook", "--json")
    check.must("a webhook inside a named network is taken", code == 0, text)
    route = json.loads(text)
    secret = route["secret"]
    check.equal("another network is not", command(server, "alarm", "route", "add", "webhook", "nonsense")[0], 2)
    check.equal("the same twice is refused", command(server, "alarm", "route", "add", "webhook", f"http://127.0.0.1:{receiver.port}/hook")[0], 2)

    check.equal("a test is sent", command(server, "alarm", "route", "test", route["id"])[0], 0)
    _, headers, body, _ = receiver.next()
    check.that("and is signed as Standard Webhooks says", is_signed(headers, body, secret), headers)
    check.equal("it says that it is a test", json.loads(body)["data"]["rule"], "trial")
    check.that("a changed one would not be taken for ours", not is_signed(headers, body + b" ", secret))

    receiver.answers = [500, 302, 204]
    command(server, "alarm", "route", "test", route["id"])
    first = receiver.next()
    listed = json.loads(command(server, "alarm", "route", "list", "--json")[1])[0]
    check.that("the list says how the last one went", listed["outcome"] == "answered 500" and "secret" not in listed, listed)
    second = receiver.next(40)
    check.equal("what was refused comes again, with the same identifier", second[1]["webhook-id"], first[1]["webhook-id"])
    check.that("signed anew", is_signed(second[1], second[2], secret))
    return secret


def bans(check, server, receiver, operator, secret):
    server.source = "127.0.0.5"
    start = time.monotonic()
    for path in ["/.env", "/wp-login.php", "/.git/config"]:
        web.request(server, "GET", "holdfast.localhost", path)
    server.source = None
    while True:
        at, headers, body, _ = receiver.next()
        message = json.loads(body)
        if message["data"]["rule"] == "intrusion":
            break
    check.that("an intrusion attempt reaches the webhook within seconds", at - start < 5, at - start)
    check.note(f"{(at - start) * 1000:.0f} ms from the first request of a scanner to the webhook")
    check.that("with all that one wants to know",
               message["data"]["severity"] == "critical" and "127.0.0.5" in message["data"]["summary"] and message["data"]["actor"], message)
    check.that("signed", is_signed(headers, body, secret))
    letter = server.mail("op@vendor.example", alarm=True)
    check.that("and the operator by mail", "127.0.0.5" in letter["subject"] and "/alarms/" in letter.get_content(), letter["subject"])
    page = operator.get(server.url(None, "/alarms"))
    check.that("it waits on the page", page.status == 200 and "An intrusion attempt" in page.text and "I’m on it" in page.text, page)
    alarm = next(alarm for alarm in json.loads(command(server, "alarm", "list", "--json")[1]) if alarm["rule"] == "intrusion")
    after = operator.post(server.url(None, f"/alarms/{alarm['id']}/acknowledge"), {})
    check.that("somebody takes it", "is yours" in after.text, after)
    page = operator.get(server.url(None, f"/alarms/{alarm['id']}"))
    check.that("its page says who has it and what to do", "Olga Op" in page.text and "In hand" in page.text and "Seen" in page.text, page)
    after = operator.post(server.url(None, f"/alarms/{alarm['id']}/close"), {"note": "Our own scanner."})
    check.that("it is closed, and could be opened again", f"/alarms/{alarm['id']}/reopen" in after.text, after)
    page = operator.get(server.url(None, f"/alarms/{alarm['id']}"))
    check.that("the note stays with it", "Our own scanner." in page.text and "Open it again" in page.text, page)
    check.that("the closed one is not in the short list", alarm["id"] not in command(server, "alarm", "list", "--json")[1])
    check.equal("an alarm that is none can't be closed", command(server, "alarm", "close", alarm["id"].replace("-7", "-6"))[0], 2)


def administrators(check, server):
    _, owner = people.owner_of(server, "acme", "Acme Ltd", "olga@acme.example", "Olga Acme")
    check.equal("the first owner alarms nobody", json.loads(command(server, "alarm", "list", "--tenant", "acme", "--json")[1]), [])
    began = time.time()
    page = owner.get(server.url("acme", "/people/invite"))
    owner.submit(page, {"address": "anna@acme.example", "role": "administrator"})
    anna = people.onboard(server, people.Person("anna@acme.example", "Anna Acme"), server.link_in_mail("anna@acme.example", after=began - 1))
    letter = server.mail("olga@acme.example", after=began, alarm=True)
    check.that("a new administrator is told to the owner", "anna@acme.example is now administrator of Acme Ltd" in letter["subject"], letter["subject"])
    check.that("with the address of the page", server.url("acme", "/alarms/") in letter.get_content(), letter.get_content())
    page = owner.get(server.url("acme", "/alarms"))
    check.that("it waits on the customer's page", "A new administrator" in page.text and "anna@acme.example" in page.text, page)
    alarm = json.loads(command(server, "alarm", "list", "--tenant", "acme", "--json")[1])[0]
    check.equal("and on no other customer's", command(server, "alarm", "list", "--tenant", "nobody")[0], 2)
    check.equal("nor among the vendor's", [a["id"] for a in json.loads(command(server, "alarm", "list", "--json")[1]) if a["id"] == alarm["id"]], [])
    after = owner.post(server.url("acme", f"/alarms/{alarm['id']}/assignee"), {"assignee": "nobody"})
    check.equal("it can't be given to nobody", after.status, 422)
    after = owner.post(server.url("acme", f"/alarms/{alarm['id']}/assignee"), {"assignee": alarm["subject"]})
    check.that("it is given to a colleague", "Looked after by" in after.text and "Anna Acme" in after.text, after)
    page = owner.submit(owner.get(server.url("acme", "/alarms")), {"kind": "mail", "target": "nonsense"}, action="/alarms/routes")
    check.that("a mailbox that is none is said beside the field", page.status == 422 and "nonsense" in page.text, page)
    page = owner.submit(owner.get(server.url("acme", "/alarms")), {"kind": "mail", "target": "security@acme.example"}, action="/alarms/routes")
    check.that("a security contact is added", "security@acme.example" in page.text, page)
    anna.get(server.url("acme"))
    route = json.loads(command(server, "alarm", "route", "list", "--tenant", "acme", "--json")[1])[0]
    anna.post(server.url("acme", f"/alarms/routes/{route['id']}/remove"), {})
    letter = server.mail("security@acme.example", alarm=True)
    check.that("who takes it away tells it", "no longer go to security@acme.example" in letter["subject"], letter["subject"])
    check.equal("the vendor's page is for operators", owner.get(server.url(None, "/alarms")).status, 404)


def test(check):
    """What has to be known at once is told by mail and webhook, and settled on a page."""
    receiver = Receiver()
    try:
        with Server("alarms", options=["--guard-loopback", "--webhook-network", "127.0.0.0/8"]) as server:
            operator = people.onboard(server, people.Person("op@vendor.example", "Olga Op"), server.claim_link())
            secret = webhooks(check, server, receiver)
            bans(check, server, receiver, operator, secret)
            administrators(check, server)
        with Server("alarms-outside") as server:
            check.equal("without a named network plain HTTP is refused",
                        command(server, "alarm", "route", "add", "webhook", f"http://127.0.0.1:{receiver.port}/")[0], 2)
            code, text, _ = command(server, "alarm", "route", "add", "webhook", f"https://127.0.0.1:{receiver.port}/", "--json")
            check.equal("an address inside can be typed", code, 0)
            command(server, "alarm", "route", "test", json.loads(text)["id"])
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline:
                outcome = json.loads(command(server, "alarm", "route", "list", "--json")[1])[0]["outcome"]
                if outcome:
                    break
                time.sleep(0.2)
            check.equal("and is never asked", outcome, "its address is not on the internet")
    finally:
        receiver.close()
