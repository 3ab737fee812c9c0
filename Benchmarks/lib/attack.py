"""What signing in costs, what a flood of it does to others, how soon attackers and leavers are out."""

import contextlib
import ctypes
import ctypes.util
import http.client
import os
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

from . import load
from .holdfast import http as web, people, servers

POST_FORM = 'wrk.method = "POST"\nwrk.body = "%s"\nwrk.headers["Content-Type"] = "application/x-www-form-urlencoded"\n'


def argon2(seconds=5, threads=2):
    """Hashes of libsodium alone for each CPU-second: the same cost as the server's, on as many threads, which wait for the same memory."""
    sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))
    sodium.sodium_init()
    end, counts = time.monotonic() + seconds, [0] * threads

    def hash_until_end(number):
        password, salt, out = b"quartz-otter-linden-4271", bytes(16), ctypes.create_string_buffer(32)
        while time.monotonic() < end:
            if sodium.crypto_pwhash(out, ctypes.c_ulonglong(32), password, ctypes.c_ulonglong(len(password)), salt, ctypes.c_ulonglong(2),
                                    ctypes.c_size_t(19 * 1024 * 1024), 2) != 0:
                raise RuntimeError("libsodium can't hash")
            counts[number] += 1

    begun = time.process_time()
    hashing = [threading.Thread(target=hash_until_end, args=(number,)) for number in range(threads)]
    for thread in hashing:
        thread.start()
    for thread in hashing:
        thread.join()
    return sum(counts) / (time.process_time() - begun)


def headers(holdfast):
    origin = f"https://{servers.apex}:{holdfast.server.port}"
    return {"Host": f"{servers.apex}:{holdfast.server.port}", "X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1", "Origin": origin}


def form(identifier, password):
    return POST_FORM % urllib.parse.urlencode({"identifier": identifier, "password": password})


def sign_in_url(holdfast):
    return f"http://127.0.0.1:{holdfast.server.plain_port}/sign-in"


def sign_ins(holdfast, connections=4, seconds=10):
    script = form(holdfast.person.identifier, holdfast.person.password)
    load.wrk(holdfast.pid, sign_in_url(holdfast), connections, headers(holdfast), script, seconds=2)
    return load.wrk(holdfast.pid, sign_in_url(holdfast), connections, headers(holdfast), script, seconds=seconds)


class Peak:
    """`with Peak(pid) as peak:` the most memory that a process held meanwhile."""

    def __init__(self, pid):
        self.pid, self.bytes, self.done = pid, 0, threading.Event()

    def watch(self):
        while not self.done.wait(0.05):
            self.bytes = max(self.bytes, load.resident(self.pid))

    def __enter__(self):
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()


def flood(holdfast, url, connections=5000, seconds=10):
    """Ordinary reads by four clients, alone and beside `connections` that sign in with wrong names; returns both runs, the flood's and the peak."""
    quiet = load.wrk(holdfast.pid, url, 4, holdfast.headers, seconds=seconds)
    found = {}
    with Peak(holdfast.pid) as peak:
        attack = threading.Thread(target=lambda: found.update(run=load.wrk(
            holdfast.pid, sign_in_url(holdfast), connections, headers(holdfast), form("nobody@acme.example", "wrong guess 1234"), seconds=seconds + 4)))
        attack.start()
        time.sleep(2)
        beside = load.wrk(holdfast.pid, url, 4, holdfast.headers, seconds=seconds)
        attack.join()
    return quiet, beside, found["run"], peak.bytes


def leaver(holdfast, rounds=10):
    """Seconds from the answer to whoever disabled an account until its last request that was let in; none was where this is negative."""
    delays = []
    for _ in range(rounds):
        holdfast.renew()
        line = http.client.HTTPConnection("127.0.0.1", holdfast.server.plain_port, timeout=10)
        path = urllib.parse.urlsplit(holdfast.base).path + "?limit=1"
        let_in, stopped = [0.0], threading.Event()

        def ask():
            while not stopped.is_set():
                line.request("GET", path, headers=holdfast.headers)
                answer = line.getresponse()
                answer.read()
                if answer.status == 200:
                    let_in[0] = time.monotonic()

        asking = threading.Thread(target=ask)
        asking.start()
        time.sleep(0.3)
        door = web.LocalSocket(holdfast.server)
        account = "/accounts/" + urllib.parse.quote(holdfast.person.identifier, safe="")
        door.ask("POST", account + "/disable", {})
        told = time.monotonic()
        time.sleep(1.2)
        stopped.set()
        asking.join()
        line.close()
        delays.append(let_in[0] - told)
        door.ask("POST", account + "/enable", {})
        holdfast.visitor = people.sign_in(holdfast.server, holdfast.person, holdfast.server.url(holdfast.label))
    return delays


def ban(rounds=10):
    """Requests that a scanner got answered after the one that was one too many, and the seconds until its first refusal."""
    delays, late = [], []
    with servers.Server("bench-guard", options=["--guard-loopback"]) as server:
        for number in range(rounds):
            server.source = f"127.0.7.{number + 1}"
            try:
                for path in ("/.env", "/wp-login.php", "/.git/config"):
                    web.request(server, "GET", servers.apex, path)
                last, answered = time.monotonic(), 0
                while web.request(server, "GET", servers.apex, "/trust").status != 429:
                    answered += 1
                delays.append(time.monotonic() - last)
                late.append(answered)
            finally:
                server.source = None
    return delays, late


FAIL2BAN = {
    "fail2ban.conf": "[Definition]\nloglevel = WARNING\nlogtarget = {folder}/fail2ban.log\nsyslogsocket = auto\nsocket = {folder}/socket\n"
                     "pidfile = {folder}/pid\ndbfile = None\ndbpurgeage = 1d\n",
    "jail.conf": "[scan]\nenabled = true\nfilter = scan\naction = note\nlogpath = {folder}/access.log\nbackend = auto\nmaxretry = 3\nfindtime = 600\n"
                 "bantime = 60\nignoreself = false\nusedns = no\n",
    "filter.d/scan.conf": "[Definition]\nfailregex = ^<HOST> \\S+ \\S+ \\[[^]]*\\] \"GET /\\.env\n",
    "action.d/note.conf": "[Definition]\nactionstart =\nactionstop =\nactioncheck =\nactionban = touch {folder}/banned-<ip>\nactionunban =\n",
}


@contextlib.contextmanager
def fail2ban():
    """A fail2ban of our own: its own socket, a log that we write, and a file instead of a firewall's rule."""
    folder = Path(tempfile.mkdtemp(prefix="holdfast-fail2ban-"))
    for name, text in FAIL2BAN.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.format(folder=folder))
    (folder / "access.log").touch()
    command = ["fail2ban-server", "-c", str(folder), "-s", str(folder / "socket"), "-p", str(folder / "pid"), "-f", "start"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 20
        while subprocess.run(["fail2ban-client", "-s", str(folder / "socket"), "status", "scan"], capture_output=True).returncode != 0:
            if time.monotonic() > end or process.poll() is not None:
                raise RuntimeError("fail2ban did not start: " + (folder / "fail2ban.log").read_text()[-500:])
            time.sleep(0.2)
        yield folder
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def peer_ban(rounds=10):
    """Seconds from the third line in the log until fail2ban's action has run."""
    delays = []
    with fail2ban() as folder:
        for number in range(rounds):
            address = f"192.0.2.{number + 1}"
            with open(folder / "access.log", "a") as log:
                for _ in range(3):
                    log.write(f'{address} - - [{time.strftime("%d/%b/%Y:%H:%M:%S %z")}] "GET /.env HTTP/1.1" 404 0\n')
            last = time.monotonic()
            while not (folder / f"banned-{address}").exists():
                if time.monotonic() - last > 30:
                    raise RuntimeError("fail2ban did not ban: " + (folder / "fail2ban.log").read_text()[-500:])
                time.sleep(0.002)
            delays.append(time.monotonic() - last)
            time.sleep(0.5)
    return delays


def version():
    return subprocess.run(["fail2ban-client", "--version"], capture_output=True, text=True).stdout.split("\n")[0].strip()


def may_open(count):
    import resource
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        return False
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count), hard))
    return True


def median(values):
    return statistics.median(values)
