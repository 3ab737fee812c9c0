"""An environment moves to PostgreSQL and back while people write."""

import subprocess
import time

from lib import http, people
from lib.database import PostgreSQL, some_prefix
from lib.server import Server, executable
from test_crash import Writer, records_of


def records(api):
    found, cursor = {}, None
    while True:
        page = api.ask("GET", "/collections/notes/records?limit=500" + (f"&cursor={cursor}" if cursor else ""))
        for record in records_of(page.json):
            found[record["id"]] = record["values"]["name"]
        cursor = page.json.get("next")
        if not cursor:
            return found


class Pausing(Writer):
    """Like Writer, until it is told to stop."""

    stopped = False

    def run(self):
        for count in range(100_000):
            if self.stopped:
                return
            name = f"m{self.cycle}-w{self.number}-{count}"
            try:
                answer = self.api.ask("POST", "/collections/notes/records", {"values": {"name": name}}, timeout=10)
            except (OSError, http.NoAnswer):
                return
            if answer.status in (200, 201):
                self.acknowledged.append((answer.json["id"], name))
            else:
                self.refused.append(answer)


def test(check):
    """environment move: to PostgreSQL and back under load, killed in the middle, refused where it can't be"""
    with PostgreSQL() as postgres, Server("move", options=["--further-database", postgres.url(some_prefix())]) as server:
        _, visitor = people.owner_of(server, "acme", "Acme Ltd", "ann@acme.example", "Ann Archer")
        client = people.make_client(server, "acme")
        api = people.API(server, "acme", people.access_token(server, visitor, client, "acme")["access_token"])
        made = api.ask("POST", "/collections", {"slug": "notes", "name": "Notes", "fields": [
            {"key": "name", "label": "Name", "type": "text", "required": True, "unique": True, "indexed": True}], "title_field": "name"})
        check.must("a collection is made", made.status in (200, 201), made)
        refused = server.run("environment", "move", "acme", "--to", "moon", check=False)
        check.that("a place that is not there: exit 2, with those that are", refused.returncode == 2 and "embedded, postgres" in refused.stderr, refused)
        refused = server.run("environment", "move", "acme", "--to", "embedded", check=False)
        check.that("where it is already: refused", refused.returncode != 0 and "already" in refused.stderr, refused)
        acknowledged = []
        for cycle, place in enumerate(["postgres", "embedded", "postgres"]):
            writers = [Pausing(api, cycle, number) for number in range(3)]
            for writer in writers:
                writer.start()
            time.sleep(0.5)
            report = server.json("environment", "move", "acme", "--to", place)
            time.sleep(0.2)
            for writer in writers:
                writer.stopped = True
            for writer in writers:
                writer.join(30)
                acknowledged += writer.acknowledged
            check.that(f"to {place}: nobody was refused", not any(w.refused for w in writers), [w.refused[:2] for w in writers])
            check.that(f"to {place}: writers waited less than a second", report["pause_milliseconds"] < 1000, report)
            check.note(f"to {place}: {report['rows']} rows, writers waited {report['pause_milliseconds']:.0f} ms")
            check.equal(f"it is at {place}", server.json("environment", "list", "acme")[0]["place"], place)
        found = records(api)
        check.that(f"of {len(acknowledged)} acknowledged records none is lost", all(found.get(i) == n for i, n in acknowledged))
        check.equal("and none is doubled", len(set(found.values())), len(found))
        check.equal("every audit log verifies", server.run("audit", "verify", check=False).returncode, 0)
        events = [entry["event"] for entry in server.json("audit", "list", "--limit", "100")]
        check.equal("each move is in the log", (events.count("environment_moved"), events.count("environment_copy_destroyed")), (3, 3))
        # Killed at some moment of a move, again and again.
        for delay in (0.05, 0.15, 0.3, 0.6):
            place = server.json("environment", "list", "acme")[0]["place"]
            command = [str(executable()), "environment", "move", "acme", "--to", "embedded" if place == "postgres" else "postgres", "--data", str(server.data)]
            move = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(delay)
            server.kill()
            move.kill()
            move.wait(30)
            server.start()
            again = records(api)
            check.that(f"killed after {delay} s: whole", again == found, (len(again), len(found)))
            one = api.ask("POST", "/collections/notes/records", {"values": {"name": f"after {delay}"}})
            check.equal("and takes writes", one.status, 201)
            found[one.json["id"]] = f"after {delay}"
        check.equal("every audit log verifies still", server.run("audit", "verify", check=False).returncode, 0)
        if server.json("environment", "list", "acme")[0]["place"] != "postgres":
            server.run("environment", "move", "acme", "--to", "postgres")
        states = {control["id"]: control for control in server.json("controls", "--check")}
        for name in ("TN-1", "TN-9", "DA-8", "AZ-6"):
            check.that(f"{name} holds", states[name]["state"] in ("pass", "passing"), states[name])
        check.equal("DA-6 doesn't claim what it can't see", states["DA-6"]["state"], "unknown")
