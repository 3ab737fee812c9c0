"""Load by wrk, and what it costs the server: user and system time of its process, from /proc."""

import os
import re
import subprocess
import tempfile
import time
from pathlib import Path


def cpu_seconds(pid):
    """Of the process with all its threads; not of its children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid):
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Run:
    def __init__(self, requests, errors, seconds, cpu, p50, p99):
        self.requests, self.errors, self.seconds, self.cpu, self.p50, self.p99 = requests, errors, seconds, cpu, p50, p99

    @property
    def per_cpu_second(self):
        return self.requests / self.cpu if self.cpu else 0

    def __repr__(self):
        return (f"{self.requests} requests in {self.seconds:.1f} s, {self.cpu:.2f} CPU-s, {self.per_cpu_second:.0f}/CPU-s, "
                f"p50 {self.p50:.2f} ms, p99 {self.p99:.2f} ms, {self.errors} errors")


def milliseconds(text):
    found = re.match(r"([\d.]+)(us|ms|s|m)", text)
    if not found:
        # wrk writes `-nan` where not one answer came.
        return 0.0
    value, unit = found.groups()
    return float(value) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}[unit]


def wrk(pid, url, connections, headers, script=None, seconds=5, threads=1):
    """`script` is the Lua of wrk; it gets `headers` by itself."""
    command = ["wrk", "-t", str(threads), "-c", str(connections), "-d", f"{seconds}s", "--latency", "--timeout", "20s"]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        if script:
            file.write(script)
            file.flush()
            command += ["-s", file.name]
        before, began = cpu_seconds(pid), time.monotonic()
        done = subprocess.run([*command, url], capture_output=True, text=True)
        took, cost = time.monotonic() - began, cpu_seconds(pid) - before
    if done.returncode != 0:
        raise RuntimeError(f"wrk: {done.stderr}{done.stdout}")
    text = done.stdout
    requests = int(re.search(r"(\d+) requests in", text).group(1))
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    errors = (int(wrong.group(1)) if wrong else 0) + (sum(map(int, broken.groups())) if broken else 0)
    return Run(requests, errors, took, cost, milliseconds(re.search(r"50%\s+(\S+)", text).group(1)), milliseconds(re.search(r"99%\s+(\S+)", text).group(1)))


POST = """
wrk.method = "POST"
wrk.body = [[%s]]
wrk.headers["Content-Type"] = "application/json"
"""
