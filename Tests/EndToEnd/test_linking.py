"""What the executable is made of."""

import subprocess

from lib.server import executable


def test(check):
    """The executable holds our encrypted SQLite and no other"""
    libraries = subprocess.run(["ldd", str(executable())], capture_output=True, text=True).stdout
    check.that("no libsqlite3.so is linked", "libsqlite3" not in libraries, libraries)
    check.that("every shared library was found", "not found" not in libraries, libraries)
    content = executable().read_bytes()
    check.that("SQLite3 Multiple Ciphers is inside", b"SQLite3 Multiple Ciphers" in content or b"sqlite3mc_version" in content)
    check.that("the cipher is inside", b"aegis" in content)
    version = subprocess.run([str(executable()), "--version"], capture_output=True, text=True)
    check.that("it says its version", version.returncode == 0 and version.stdout.strip(), version)
