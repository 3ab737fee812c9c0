"""Disaster: the machine is gone. What is left: the bundle, some of the shares, and the archive on another disk."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from lib import people
from lib.checks import Skipped
from lib.server import Server, executable


def command(*arguments, program=None):
    return subprocess.run([str(program or executable()), *map(str, arguments)], capture_output=True, text=True, timeout=300)


def values_of(api):
    return {record["values"]["name"] for record in api.ask("GET", "/collections/notes/records?limit=500").json["records"]}


def test(check):
    """A bundle for three holders; everything else is deleted; one command rebuilds; people sign in and find their records"""
    if Server.database:
        raise Skipped("PostgreSQL is recovered by its own means")
    safe = Path(tempfile.mkdtemp(prefix="holdfast-safe-"))
    try:
        archive, bundle, shares = safe / "archive", safe / "bundle.tar", safe / "shares"
        shares.mkdir()
        key = safe / "ben.key"
        subprocess.run(["age-keygen", "-o", str(key)], check=True, capture_output=True)
        ben = subprocess.run(["age-keygen", "-y", str(key)], check=True, capture_output=True, text=True).stdout.strip()
        with Server("recovery", options=["--backup", str(archive)]) as server:
            person, visitor = people.owner_of(server, "acme", "Acme Ltd", "ann@acme.example", "Ann Archer")
            server.run("tenant", "create", "birch", "--name", "Birch Inc")
            client = people.make_client(server, "acme")
            api = people.API(server, "acme", people.access_token(server, visitor, client, "acme")["access_token"])
            made = api.ask("POST", "/collections", {"slug": "notes", "name": "Notes", "fields": [
                {"key": "name", "label": "Name", "type": "text", "required": True, "indexed": True}], "title_field": "name"})
            check.must("a collection is made", made.status in (200, 201), made)
            names = {f"note {number}" for number in range(60)}
            for name in sorted(names)[:30]:
                api.ask("POST", "/collections/notes/records", {"values": {"name": name}})

            none = server.run("backup", "bundle", "--out", str(bundle), "--holder", "anna", "--needed", "2", check=False)
            check.equal("two of one holder can't be", (none.returncode, bundle.exists(), list(shares.iterdir())), (2, False, []))
            first = server.json("backup", "bundle", "--out", str(bundle), "--shares", str(shares), "--needed", "2",
                                "--holder", "anna", "--holder", f"ben={ben}", "--holder", "cleo")
            check.equal("a bundle with three shares", (first["needed"], first["of"], len(first["shares"])), (2, 3, 3))
            anna, ben_share, cleo = sorted(shares.iterdir())
            check.that("nobody else reads them", all(path.stat().st_mode & 0o077 == 0 for path in [bundle, anna, ben_share, cleo]))
            check.that("ben's share is sealed to him", ben_share.read_bytes().startswith(b"age-encryption.org/v1\n"))
            again = server.run("backup", "bundle", "--out", str(bundle), "--like", str(bundle), check=False)
            check.equal("a bundle is never replaced", again.returncode, 2)

            server.run("tenant", "create", "cedar", "--name", "Cedar GmbH")
            newer = safe / "newer.tar"
            second = server.json("backup", "bundle", "--out", str(newer), "--like", str(bundle))
            check.equal("the next is for the same holders", (second["holders"], second["shares"]), (first["holders"], []))
            # Of the platform, and two of each environment; probes at work may have some of their own for a moment.
            check.that("and has the new environment's keys", second["keys"] >= 7, (first["keys"], second["keys"]))
            for share, options in [(anna, []), (ben_share, ["--identity", str(key)]), (cleo, [])]:
                found = command("backup", "check-share", share, "--bundle", newer, *options)
                check.that(f"{share.name} belongs to it", found.returncode == 0 and "belongs" in found.stdout, found)

            # After the bundle: the archive has it all the same.
            for name in sorted(names)[30:]:
                api.ask("POST", "/collections/notes/records", {"values": {"name": name}})
            check.equal("all records are there", values_of(api), names)
            deadline = time.monotonic() + 30
            while " none" in command("backup", "list", "--archive", archive).stdout and time.monotonic() < deadline:
                time.sleep(0.1)
            check.that("each archive has a base", time.monotonic() < deadline)
            # More than the 50 ms that commits may be on their way.
            time.sleep(0.5)
            server.kill()
            canary = person.password.encode()
            secrets = [canary, (server.data / "master.key").read_bytes().strip()[2:], anna.read_text().split("value ")[1][:64].encode()]
            check.that("the bundle shows no key, share or password", all(secret not in newer.read_bytes() for secret in secrets))
            shutil.rmtree(server.folder)

        # The executable comes out of the bundle as well.
        subprocess.run(["tar", "-C", str(safe), "-xf", str(newer), "holdfast"], check=True)
        program = safe / "holdfast"
        again = Path(tempfile.mkdtemp(prefix="holdfast-again-"))
        data = again / "data"
        everything = ["--bundle", newer, "--archive", archive, "--data", data]
        few = command("recover", *everything, "--share", cleo, program=program)
        check.that("one share is too few, and others are named", few.returncode == 1 and "anna, ben" in few.stderr and not data.exists(), few)
        sealed = command("recover", *everything, "--share", cleo, "--share", ben_share, program=program)
        check.that("a sealed share says how it is opened", sealed.returncode == 1 and "age -d -i" in sealed.stderr, sealed)
        torn = safe / "torn.tar"
        torn.write_bytes(newer.read_bytes()[:-70_000])
        found = command("recover", "--bundle", torn, "--archive", archive, "--data", data, "--share", cleo, "--share", anna, program=program)
        check.that("a torn bundle is said to be", found.returncode == 1 and "ends early" in found.stderr, found)
        nowhere = command("recover", "--bundle", newer, "--archive", safe / "nothing", "--data", data, "--share", cleo, program=program)
        check.equal("an archive that isn't there is bad usage", nowhere.returncode, 2)

        # Opened by the tool that the message names.
        plain = safe / "ben.share"
        subprocess.run(["age", "-d", "-i", str(key), "-o", str(plain), str(ben_share)], check=True)
        killed = 0
        for delay in [0.02, 0.05, 0.1, 0.15, 0.2, 0.3]:
            running = subprocess.Popen([str(program), "recover", *map(str, everything), "--share", str(cleo), "--share", str(plain)],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(delay)
            if running.poll() is None:
                running.send_signal(signal.SIGKILL)
                killed += 1
            running.wait()
            if not (data / "recovering").exists():
                shutil.rmtree(data, ignore_errors=True)
        check.that("it was killed in the middle", killed > 0, killed)
        if (data / "recovering").exists():
            early = command("serve", "--data", data, "--listen", "127.0.0.1:0", program=program)
            check.that("the server doesn't start on half of it", early.returncode == 1 and "recover" in early.stderr, early)
        begun = time.monotonic()
        done = command("recover", *everything, "--share", cleo, "--share", plain, "--json", program=program)
        took = time.monotonic() - begun
        check.must("it is rebuilt", done.returncode == 0, done.stderr)
        report = json.loads(done.stdout)
        check.equal("control and three environments", (report["complete"], len(report["databases"]), report["missing"]), (True, 4, []))
        check.note(f"rebuilt in {took:.2f} s, {report['seconds']:.2f} s by its own count")
        twice = command("recover", *everything, "--share", cleo, "--share", plain, program=program)
        check.that("what is there is not touched", twice.returncode == 1 and "not empty" in twice.stderr, twice)
        check.that("the keyring and the key are for their owner alone",
                   all(os.stat(data / name).st_mode & 0o077 == 0 for name in ["keyring", "master.key", "keyring/control.key"]))

        with Server("recovery-again", data=again, options=["--backup", str(archive)]) as server:
            visitor = people.sign_in(server, person, server.url("acme"))
            check.equal("the owner signs in as before", visitor.last.status, 200)
            client = people.make_client(server, "acme")
            api = people.API(server, "acme", people.access_token(server, visitor, client, "acme")["access_token"])
            check.equal("and finds every record", values_of(api), names)
            events = [entry["event"] for entry in server.json("audit", "list", "--limit", "500")]
            check.equal("the log says so, once", events.count("recovered"), 1)
            check.equal("every log verifies", server.run("audit", "verify", check=False).returncode, 0)
            controls = {control["id"]: control for control in server.json("controls", "--check", timeout=300)}
            check.equal("the rehearsal of the running server succeeds (BK-9)", controls["BK-9"]["state"], "pass")
            check.that("and leaves nothing behind", not (server.data / "rehearsal").exists())
            check.equal("it ends by SIGTERM", server.stop(), 0)
        listed = command("backup", "list", "--archive", archive)
        check.that("the archive goes on in the same generations", all(line.split()[1] == "1" for line in listed.stdout.splitlines()[1:]), listed.stdout)
        shutil.rmtree(again, ignore_errors=True)
    finally:
        shutil.rmtree(safe, ignore_errors=True)
