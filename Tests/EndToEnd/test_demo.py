"""The demo, as somebody meets it who has just cloned the repository."""

import re
import subprocess
import time

from lib import people, totp
from lib.server import Server, executable


def test(check):
    """--demo fills three tenants, says how to get in, and its people get in"""
    began = time.monotonic()
    with Server("demo", demo=True, patience=240) as server:
        took = time.monotonic() - began
        check.that(f"it is there in under 240 s, in a debug build on a busy machine too ({took:.0f} s)", took < 240, took)
        said = server.printed()
        check.that("it says where to go and how", "ada@acme.example" in said and "password" in said and server.url("acme") in said, said[-1500:])
        tenants = {tenant["slug"]: tenant for tenant in server.json("tenant", "list")}
        check.equal("three tenants of different editions", len({t["edition"] for t in tenants.values()}), 3)
        listed = subprocess.run([str(executable()), "demo", "people"], capture_output=True, text=True).stdout
        password = re.search(r"ada@acme\.example\s+(\S+)", listed).group(1)
        person = people.Person("ada@acme.example", "Ada Lindqvist", password)
        code = subprocess.run([str(executable()), "demo", "code", "ada", "--otpauth"], capture_output=True, text=True).stdout
        person.authenticator = totp.Authenticator(totp.secret_of(code.splitlines()[1]))
        check.equal("the command's code is what an authenticator shows", code.splitlines()[0], totp.code(person.authenticator.secret))
        visitor = people.sign_in(server, person, server.url("acme"))
        check.that("its owner gets in", visitor.last.status == 200 and visitor.last.url.startswith(server.url("acme", "")), (visitor.last.url, visitor.last))
        check.that("the page is marked as demo", "demo" in visitor.last.text.lower())
        page = visitor.get(server.url("acme", "/collections/software"))
        check.that("with real records", page.status == 200 and "<table" in page.text, page)
        exported = server.run("export", "meridian", "countries", "--format", "csv").stdout
        check.that("countries of iso-codes", "Iceland" in exported and exported.count("\n") > 240, exported[:300])
        software = server.run("export", "acme", "maintainers", "--format", "csv").stdout
        check.that("no person's address among the maintainers", "@" not in software, software[:300])
        controls = server.json("controls", "--check")
        check.equal("88 controls", len(controls), 88)
        passing = [control["id"] for control in controls if control.get("state") in ("pass", "passing")]
        check.that(f"at least 14 automated and passing ({len(passing)})", len(passing) >= 14, {control.get("state") for control in controls})
        again = subprocess.run([str(executable()), "serve", "--demo", "--data", str(server.data), "--listen", "127.0.0.1:0"], capture_output=True, text=True, timeout=60)
        check.that("refused on data that exists", again.returncode != 0 and "empty" in (again.stderr + again.stdout), again)
