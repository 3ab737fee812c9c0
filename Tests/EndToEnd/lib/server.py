"""A holdfast of the test's own: free loopback ports, an empty data directory, and everything gone afterwards."""

import email
import email.policy
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

root = Path(__file__).resolve().parents[3]
output = root / "test-output"
apex = "holdfast.localhost"


def executable():
    configuration = os.environ.get("HOLDFAST_CONFIGURATION", "debug")
    return Path(os.environ.get("HOLDFAST_EXECUTABLE", root / ".build" / configuration / "holdfast"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """`with Server() as server:` starts one and waits until it is ready."""

    #: Where each installation gets databases on, instead of files of its own: a `PostgreSQL`. See `run --postgres`.
    database = None

    def __init__(self, name="server", data=None, options=(), plain=False, demo=False, patience=60, address="127.0.0.1"):
        self.name = name
        self.address = address
        self.folder = Path(data) if data else Path(tempfile.mkdtemp(prefix="holdfast-"))
        self.owns_folder = data is None
        self.data = self.folder / "data"
        self.mailboxes = [self.data / "mail"]
        self.port = free_port()
        self.plain_port = free_port() if plain else None
        self.options = list(options)
        if self.database and "--database" not in self.options:
            self.options += ["--database", self.database.url("t" + secrets.token_hex(5))]
        self.demo = demo
        self.patience = patience
        self.process = None
        output.mkdir(exist_ok=True)
        self.log = output / f"{name}.log"

    # Life

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        self.stop()
        if self.owns_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def command(self):
        command = [str(executable()), "serve", "--data", str(self.data), "--listen", f"{self.address}:{self.port}", "--apex", apex]
        if self.plain_port:
            command += ["--listen-plain", f"127.0.0.1:{self.plain_port}", "--trusted-proxy", "127.0.0.1/32"]
        if self.demo:
            command += ["--demo"]
        return command + self.options

    def start(self):
        wait = self.patience
        self.log_offset = self.log.stat().st_size if self.log.exists() else 0
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command(), stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder)
        deadline = time.monotonic() + wait
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}: {self.printed()[-2000:]}")
            if self.answers():
                return self
            time.sleep(0.05)
        raise RuntimeError(f"the server is not ready after {wait} s: {self.printed()[-2000:]}")

    def answers(self):
        from . import http
        if not self.certificate_authority.exists():
            return False
        try:
            return http.request(self, "GET", apex, "/health/ready", timeout=2).status == 200
        except (OSError, RuntimeError, http.NoAnswer):
            return False

    def stop(self, wait=20):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(wait)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise RuntimeError("the server did not end by SIGTERM in time")
        return self.process.returncode if self.process else None

    def kill(self):
        self.process.kill()
        self.process.wait()

    def printed(self):
        """What this start has printed so far."""
        with open(self.log, "rb") as log:
            log.seek(self.log_offset)
            return log.read().decode("utf-8", "replace")

    # Addresses

    def url(self, label=None, path="/"):
        return f"https://{host(label)}:{self.port}{path}"

    @property
    def certificate_authority(self):
        """The development authority's certificate."""
        return self.data / "tls" / "ca.pem"

    def claim_link(self):
        """The single-use link for the first operator, from what was printed."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            found = re.search(r"https://\S+/(?:first-operator|onboarding|invitations|claim)/\S+", self.printed())
            if found:
                return found.group(0).rstrip(".,)")
            time.sleep(0.1)
        raise RuntimeError("no link for the first operator was printed: " + self.printed()[-2000:])

    # Commands

    def run(self, *arguments, check=True, timeout=120):
        """Runs a command of the executable against this server."""
        done = subprocess.run([str(executable()), *arguments, "--data", str(self.data)], capture_output=True, text=True, timeout=timeout)
        if check and done.returncode != 0:
            raise RuntimeError(f"holdfast {' '.join(arguments)} ended with {done.returncode}: {done.stderr}{done.stdout}")
        return done

    def json(self, *arguments, **options):
        return json.loads(self.run(*arguments, "--json", **options).stdout or "null")

    # Mail

    def mail(self, to, wait=15, after=0, alarm=False):
        """The newest message to somebody, once it has come. Alarms are left out unless one is asked for."""
        deadline = time.monotonic() + wait
        while time.monotonic() < deadline:
            letters = [path for folder in self.mailboxes for path in folder.glob("**/*.eml")]
            for path in sorted(letters, key=lambda path: path.stat().st_mtime, reverse=True):
                message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                if to in str(message["to"]) and message["subject"].startswith("Alarm:") == alarm and path.stat().st_mtime >= after:
                    return message
            time.sleep(0.1)
        raise RuntimeError(f"no mail to {to} in {self.data / 'mail'}")

    def link_in_mail(self, to, **options):
        text = self.mail(to, **options).get_body(("plain",)).get_content()
        found = re.search(r"https://\S+", text)
        if not found:
            raise RuntimeError("no link in: " + text)
        return found.group(0).rstrip(".,)>")

    # Measures

    def cpu_seconds(self):
        """User and system time of the server so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        """Resident bytes."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


def host(label=None):
    return apex if label is None else f"{label}.{apex}"
