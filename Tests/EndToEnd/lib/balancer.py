"""HAProxy in front of nodes, by deploy/haproxy/haproxy.cfg itself with the addresses of a test put in."""

import re
import shutil
import subprocess
import time

from . import http
from . import server as servers

# Where the balancer's connections to the nodes come from: the proxy that they trust. Everything else on this machine is a stranger to them.
SOURCE = "127.0.0.3"
NODE_OPTIONS = ["--proxy-protocol", "--trusted-proxy", f"{SOURCE}/32"]


def is_installed():
    return shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")


def configuration(folder, port, nodes):
    """The deployed file with its four kinds of values that differ: certificates, name, listening address and servers."""
    text = (servers.root / "deploy/haproxy/haproxy.cfg").read_text()
    for expected in ("bind :443 ", "/etc/haproxy/", "app.example.com", "server node1 "):
        if expected not in text:
            raise RuntimeError(f"haproxy.cfg has no {expected!r}")
    text = text.replace("bind :443 ", f"bind 127.0.0.1:{port} ").replace("/etc/haproxy/", f"{folder}/").replace("app.example.com", servers.apex)
    text = re.sub(r"(?m)^    server node\d .*\n", "", text)
    return text + "".join(f"    server node{number} 127.0.0.1:{node} source {SOURCE}\n" for number, node in enumerate(nodes, 1))


class Balancer:
    """`with Balancer(nodes, port) as balancer:` stands in for a server wherever only its address, port and authority are asked for."""

    address = "127.0.0.1"

    def __init__(self, nodes, port):
        self.nodes = nodes
        self.port = port
        self.folder = nodes[0].folder / "haproxy"
        self.process = None
        self.source = None
        self.log = servers.output / "haproxy.log"

    @property
    def certificate_authority(self):
        return self.nodes[0].certificate_authority

    def url(self, label=None, path="/"):
        return f"https://{servers.host(label)}:{self.port}{path}"

    def __enter__(self):
        self.folder.mkdir(exist_ok=True)
        tls = self.nodes[0].data / "tls"
        (self.folder / "holdfast.pem").write_bytes((tls / "certificate.pem").read_bytes() + (tls / "certificate-key.pem").read_bytes())
        (self.folder / "nodes-ca.pem").write_bytes(b"".join(node.certificate_authority.read_bytes() for node in self.nodes))
        path = self.folder / "haproxy.cfg"
        path.write_text(configuration(self.folder, self.port, [node.port for node in self.nodes]))
        checked = subprocess.run([is_installed(), "-c", "-f", str(path)], capture_output=True, text=True)
        if checked.returncode != 0:
            raise RuntimeError("haproxy refuses its configuration: " + checked.stdout + checked.stderr)
        self.warnings = checked.stderr
        with open(self.log, "wb") as log:
            # In the foreground, without a master: it ends with the process that is stopped.
            self.process = subprocess.Popen([is_installed(), "-db", "-f", str(path)], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                if http.request(self, "GET", servers.apex, "/health/ready", timeout=2).status == 200:
                    return self
            except (OSError, http.NoAnswer):
                pass
            time.sleep(0.05)
        self.__exit__()
        raise RuntimeError("the balancer finds no node: " + self.log.read_text()[-2000:])

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)
