"""usage: cluster.py NODES PORT. Started by script/cluster; stands on what the end-to-end tests use, so the tests try it all the time."""

import os
import secrets
import shutil
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

root = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(root / "Tests" / "EndToEnd"))
sys.dont_write_bytecode = True

from lib.balancer import NODE_OPTIONS, Balancer, is_installed  # noqa: E402
from lib.database import PostgreSQL  # noqa: E402
from lib.objects import ObjectServer  # noqa: E402
from lib.server import Server, executable  # noqa: E402


class Stopped(Exception):
    """The person at the terminal has seen enough."""


def say(text=""):
    print(text, file=sys.stderr, flush=True)


def stop(*_):
    # Once: a second Ctrl-C must not stop the stopping.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Stopped


def run(count, port, stack):
    folder = Path(tempfile.mkdtemp(prefix="holdfast-cluster-"))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    say("Starting PostgreSQL and the S3 server")
    postgres = stack.enter_context(PostgreSQL())
    postgres.show_rules()
    objects = stack.enter_context(ObjectServer())
    key = folder / "master.key"
    key.touch(mode=0o600)
    key.write_text(secrets.token_hex(32) + "\n")
    shared = ["--database", postgres.url("holdfast"), "--master-key", str(key), "--public-port", str(port), "--drain", "2",
              *NODE_OPTIONS, *objects.options(folder)]
    nodes = []
    for number in range(1, count + 1):
        home = folder / f"node{number}"
        home.mkdir()
        node = Server(f"node{number}", data=home, options=shared, patience=120)
        node.log = folder / f"node{number}.log"
        say(f"Starting node {number}")
        nodes.append(stack.enter_context(node))
    balancer = Balancer(nodes, port)
    balancer.log = folder / "haproxy.log"
    stack.enter_context(balancer)
    say(f"""
    {balancer.url()}
        by HAProxy to {count} nodes: {', '.join(f'{node.port} (process {node.process.pid})' for node in nodes)}
        become the first operator with this link, good for one use:
        {nodes[0].claim_link()}

    {folder}
        node1.log … what the nodes say; node1/data/mail … what they would send
        browsers trust it once they trust {balancer.certificate_authority}

    Try: kill -9 one of the nodes and go on working.
         {executable()} node list --data {folder}/node1/data
         {executable()} controls --check --data {folder}/node1/data
         {executable()} audit verify --data {folder}/node1/data

    Ctrl-C ends and removes everything.
""")
    parent = os.getppid()
    gone = set()
    while os.getppid() == parent:
        time.sleep(0.5)
        for number, node in enumerate(nodes, 1):
            if node.process.poll() is not None and number not in gone:
                gone.add(number)
                say(f"Node {number} has ended with {node.process.returncode}; {count - len(gone)} left.")
        if len(gone) == count:
            raise RuntimeError("no node is left")


def main(count, port):
    if not is_installed():
        say("HAProxy is not installed: run script/bootstrap --tests.")
        return 1
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        with ExitStack() as stack:
            try:
                run(count, port, stack)
            finally:
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                say("Stopping")
    except Stopped:
        return 0
    except RuntimeError as error:
        say(f"The cluster ended: {error}")
        return 1
    return 0


sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
