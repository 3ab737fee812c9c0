"""script/cluster, as somebody who wants to see several nodes would use it."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from lib import balancer, http
from lib.checks import Skipped
from lib.server import apex, free_port, root


class Front:
    """What a visitor needs to know of the cluster."""

    address = "127.0.0.1"

    def __init__(self, port, certificate_authority):
        self.port, self.certificate_authority = port, certificate_authority


def test(check):
    """script/cluster starts, outlives a killed node, and leaves nothing behind"""
    if not balancer.is_installed():
        raise Skipped("haproxy is not installed")
    port = free_port()
    process = subprocess.Popen([sys.executable, str(root / "script/lib/cluster.py"), "2", str(port)], stderr=subprocess.PIPE, text=True)
    said = []
    reader = threading.Thread(target=lambda: said.extend(iter(process.stderr.readline, "")), daemon=True)
    reader.start()
    try:
        deadline = time.monotonic() + 180
        while "Ctrl-C ends" not in "".join(said) and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        text = "".join(said)
        check.must("it says where to go", f"https://{apex}:{port}/" in text and "Ctrl-C ends" in text, text)
        nodes = [int(number) for number in re.findall(r"\(process (\d+)\)", text)]
        authority = Path(re.search(r"once they trust (\S+)", text).group(1))
        folder = authority.parents[3]
        front = Front(port, authority)
        check.equal("two nodes run", len(nodes), 2)
        link = re.search(r"https://\S+/first-operator/\S+", text).group(0)
        check.equal("the first operator's link opens", http.Visitor(front).get(link).status, 200)
        os.kill(nodes[0], signal.SIGKILL)
        answers = [http.request(front, "GET", apex, "/health/ready").status for _ in range(20)]
        check.equal("one node killed, every request is answered", set(answers), {200})
        check.equal("the link opens on the other node", http.Visitor(front).get(link).status, 200)
        time.sleep(1)
        check.that("the loss is told", "Node 1 has ended" in "".join(said), "".join(said)[-300:])
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    check.equal("it ends well", process.returncode, 0)
    check.that("the folder is gone", not folder.exists())
    left = [pid for pid in os.listdir("/proc") if pid.isdigit() and str(folder) in arguments(pid)]
    check.that("so are all processes", not left and not Path(f"/proc/{nodes[1]}").exists(), left)


def arguments(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""
