"""Another machine, as far as the network goes: a network namespace of its own at the end of a virtual cable. Needs root."""

import os
import secrets
import shutil
import subprocess


def is_possible():
    return os.geteuid() == 0 and all(shutil.which(tool) for tool in ("ip", "unshare", "nsenter"))


class Apart:
    """`with Apart() as apart:` lays the cable. The namespace ends with the test, whatever happens."""

    def __init__(self):
        # 10.213.x.0/30, for nobody else on this machine.
        third, word = secrets.randbelow(254) + 1, secrets.token_hex(3)
        self.here, self.there = f"10.213.{third}.1", f"10.213.{third}.2"
        self.cable, self.far = f"hf{word}a", f"hf{word}b"
        # Holds the namespace until our end of its standard input closes.
        self.holder = subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE)

    def __enter__(self):
        try:
            while os.readlink(f"/proc/{self.holder.pid}/ns/net") == os.readlink("/proc/self/ns/net"):
                if self.holder.poll() is not None:
                    raise RuntimeError("no network namespace can be made")
            run("ip", "link", "add", self.cable, "type", "veth", "peer", "name", self.far, "netns", str(self.holder.pid))
            run("ip", "address", "add", f"{self.here}/30", "dev", self.cable)
            run("ip", "link", "set", self.cable, "up")
            run(*self.inside, "ip", "address", "add", f"{self.there}/30", "dev", self.far)
            run(*self.inside, "ip", "link", "set", self.far, "up")
            run(*self.inside, "ip", "link", "set", "lo", "up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.holder.stdin.close()
        self.holder.wait(10)
        subprocess.run(["ip", "link", "delete", self.cable], capture_output=True)

    @property
    def inside(self):
        """Begins a command that runs over there."""
        return ["nsenter", "--target", str(self.holder.pid), "--net"]

    def cut(self):
        """From now on whatever either side sends is lost, and neither is told: it goes to a neighbour that is not there."""
        nobody = ["lladdr", "02:00:00:00:00:01", "nud", "permanent"]
        run("ip", "neighbour", "replace", self.there, *nobody, "dev", self.cable)
        run(*self.inside, "ip", "neighbour", "replace", self.here, *nobody, "dev", self.far)

    def mend(self):
        run("ip", "neighbour", "delete", self.there, "dev", self.cable)
        run(*self.inside, "ip", "neighbour", "delete", self.here, "dev", self.far)


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr}")
