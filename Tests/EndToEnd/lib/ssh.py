"""OpenSSH's server on a free port of loopback, with keys of its own, for the user who runs the tests."""

import getpass
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from .server import free_port

PROGRAM = "/usr/sbin/sshd"


class SSHServer:
    """With `append_only` nothing that was written can be deleted."""

    installed = os.access(PROGRAM, os.X_OK)

    def __init__(self, append_only=False):
        self.folder = Path(tempfile.mkdtemp(prefix="holdfast-ssh-"))
        self.port = free_port()
        self.files = self.folder / "files"
        self.files.mkdir()
        self.key, self.known_hosts = self.folder / "key", self.folder / "known"
        for name in ("host", "key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / name)], check=True)
        (self.folder / "authorized").write_text((self.folder / "key.pub").read_text())
        host_key = " ".join((self.folder / "host.pub").read_text().split()[:2])
        self.known_hosts.write_text(f"[127.0.0.1]:{self.port} {host_key}\n")
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        command = "internal-sftp -P remove,rmdir" if append_only else "internal-sftp"
        (self.folder / "config").write_text(
            f"ListenAddress 127.0.0.1\nPort {self.port}\nHostKey {self.folder}/host\nAuthorizedKeysFile {self.folder}/authorized\nStrictModes no\n"
            f"PidFile none\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\nSubsystem sftp internal-sftp\nForceCommand {command}\n")

    def __enter__(self):
        log = self.folder / "log"
        self.process = subprocess.Popen([PROGRAM, "-D", "-e", "-f", str(self.folder / "config"), "-E", str(log)])
        until = time.monotonic() + 20
        while not (log.exists() and "Server listening" in log.read_text()):
            if time.monotonic() > until:
                raise RuntimeError("sshd does not start: " + (log.read_text() if log.exists() else ""))
            time.sleep(0.05)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def address(self):
        return f"sftp://{getpass.getuser()}@127.0.0.1:{self.port}{self.files}"
