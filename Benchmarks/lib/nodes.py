"""Nodes over one PostgreSQL: what one that dies under load costs behind HAProxy, and how soon a node knows what was revoked on another."""

import contextlib
import os
import secrets
import signal
import ssl
import threading
import time
import urllib.parse
from pathlib import Path

from .holdfast import balancers, databases, http, people, servers
from .postgres import SETTINGS

RECORD = {"slug": "notes", "name": "Notes", "fields": [{"key": "name", "label": "Name", "type": "text"}], "title_field": "name"}


def patiently(ask, limit=30):
    """Until `ask()` is true."""
    end = time.monotonic() + limit
    while not ask():
        if time.monotonic() > end:
            raise RuntimeError("it did not come about")
        time.sleep(0.05)


class Cluster(contextlib.ExitStack):
    """`with Cluster(2) as cluster:` nodes, their database and HAProxy, an owner with an access token and one record."""

    label = "acme"

    def __init__(self, count):
        super().__init__()
        self.count = count

    def __enter__(self):
        super().__enter__()
        try:
            self.begin()
        except BaseException:
            self.close()
            raise
        return self

    def begin(self):
        self.postgres = self.enter_context(databases.PostgreSQL(*SETTINGS))
        port, prefix = servers.free_port(), databases.some_prefix()
        first = servers.Server("bench-node1")
        self.callback(first.__exit__)
        key = first.folder / "master.key"
        key.touch(mode=0o600)
        key.write_text(secrets.token_hex(32) + "\n")
        options = ["--database", self.postgres.url(prefix), "--master-key", str(key), "--objects", str(first.folder / "published"),
                   "--public-port", str(port), *balancers.NODE_OPTIONS]
        self.nodes = [first] + [servers.Server(f"bench-node{number}") for number in range(2, self.count + 1)]
        for node in self.nodes:
            node.options = options
            self.callback(node.__exit__)
            node.start()
        first.mailboxes = [node.data / "mail" for node in self.nodes]
        self.door = self.enter_context(balancers.Balancer(self.nodes, port))
        # Commands go to a node, everything else through the balancer.
        self.door.run, self.door.json, self.door.link_in_mail = first.run, first.json, first.link_in_mail
        self.person, self.visitor = people.owner_of(self.door, self.label, "Acme Ltd", "ann@acme.example", "Ann Archer")
        self.client = people.make_client(self.door, self.label)
        self.token = self.new_token()
        api = people.API(self.door, self.label, self.token)
        for path, body in (("/collections", RECORD), ("/collections/notes/records", {"values": {"name": "first"}})):
            answer = api.ask("POST", path, body)
            if answer.status not in (200, 201):
                raise RuntimeError(str(answer))
        self.record = answer.json["id"]

    def new_token(self):
        return people.access_token(self.door, self.visitor, self.client, self.label)["access_token"]


class Line:
    """One client with one connection that it keeps; another one where that was closed."""

    def __init__(self, cluster, server=None):
        self.server, self.cluster, self.connection = server or cluster.door, cluster, None

    def ask(self, method, path, body=None, token=None, host=None, kind="application/json"):
        """The answer's status, None where there was none."""
        # Its names are those of the balancer, at whichever node it asks.
        host = host or f"{self.cluster.label}.{servers.apex}"
        if self.connection is None:
            self.connection = http.Connection(self.server, host, 20)
        try:
            self.connection.request(method, path, body=body, headers={
                "Host": f"{host}:{self.cluster.door.port}", "Content-Type": kind,
                **({"Authorization": f"Bearer {token}"} if token else {})})
            answer = self.connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, ssl.SSLError, http.http.client.HTTPException):
            self.connection.close()
            self.connection = None
            return None


class Load:
    """Clients that ask all the time. Remembers when answers came, how long each took, and what failed."""

    def __init__(self, cluster, readers=6, writers=2):
        records = "/api/v1/collections/notes/records"
        self.answered, self.slowest, self.failed = [], {"GET": 0, "POST": 0}, {"GET": 0, "POST": 0}
        self.asked = {"GET": 0, "POST": 0}
        self.over, self.lock = threading.Event(), threading.Lock()
        self.threads = [threading.Thread(target=self.run, args=(Line(cluster), cluster.token, "GET", f"{records}/{cluster.record}", None))
                        for _ in range(readers)]
        self.threads += [threading.Thread(target=self.run, args=(Line(cluster), cluster.token, "POST", records, b'{"values": {"name": "more"}}'))
                         for _ in range(writers)]

    def run(self, line, token, method, path, body):
        while not self.over.is_set():
            began = time.monotonic()
            status = line.ask(method, path, body, token)
            ended = time.monotonic()
            with self.lock:
                self.asked[method] += 1
                self.slowest[method] = max(self.slowest[method], ended - began)
                if status in (200, 201):
                    self.answered.append(ended)
                else:
                    self.failed[method] += 1

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join(30)

    @property
    def longest_gap(self):
        return max((later - earlier for earlier, later in zip(self.answered, self.answered[1:])), default=0)


def kill(cluster, number):
    """Kills a node under load, and starts it again afterwards."""
    with Load(cluster) as load:
        time.sleep(2)
        cluster.nodes[number].kill()
        time.sleep(4)
    cluster.nodes[number].start()
    time.sleep(2)
    return load


def until_refused(line, token):
    """Seconds until a node refuses a token that it takes now; from the moment when whoever revoked it had the answer."""
    path = "/api/v1/collections"

    def wait(began):
        while line.ask("GET", path, token=token) != 401:
            if time.monotonic() - began > 20:
                raise RuntimeError("a revoked token is still taken after 20 s")
        return time.monotonic() - began

    patiently(lambda: line.ask("GET", path, token=token) == 200)
    return wait


def revocations(cluster, rounds):
    """Delays between a revocation's answer on one node and the first refusal on another."""
    one, other = (Line(cluster, node) for node in cluster.nodes[:2])
    delays = []
    for token in [cluster.new_token() for _ in range(rounds)]:
        wait = until_refused(other, token)
        body = urllib.parse.urlencode({"token": token, "client_id": cluster.client}).encode()
        if one.ask("POST", "/oauth/revoke", body, host=servers.apex, kind="application/x-www-form-urlencoded") != 200:
            raise RuntimeError("the revocation was refused")
        delays.append(wait(time.monotonic()))
        # Not always at the same moment of a node's own rhythm.
        time.sleep(secrets.randbelow(700) / 1000)
    return delays


def leavers(cluster, rounds):
    """Delays between the answer to whoever disabled an account on one node and the first refusal on another."""
    door, other = http.LocalSocket(cluster.nodes[0]), Line(cluster, cluster.nodes[1])
    account = "/accounts/" + urllib.parse.quote(cluster.person.identifier, safe="")
    delays = []
    for _ in range(rounds):
        wait = until_refused(other, cluster.new_token())
        door.ask("POST", account + "/disable", {})
        delays.append(wait(time.monotonic()))
        door.ask("POST", account + "/enable", {})
        cluster.visitor = people.sign_in(cluster.door, cluster.person, cluster.door.url(cluster.label))
    return delays


@contextlib.contextmanager
def deaf(cluster):
    """No notification arrives anywhere: the server's processes for those who listen stand still."""
    pids = [int(pid) for pid in cluster.postgres.administer("SELECT pid FROM pg_stat_activity WHERE query = 'LISTEN holdfast'").split()]
    if len(pids) < len(cluster.nodes):
        raise RuntimeError("not every node listens")
    folder = Path(cluster.postgres.folder)
    for pid in pids:
        # Ours, and nobody else's who has a server on this machine.
        if os.readlink(f"/proc/{pid}/cwd") != str(folder / "data"):
            raise RuntimeError("not our server's process")
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
