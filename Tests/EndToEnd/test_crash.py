"""crash.kill9: the server dies under load, again and again, and loses nothing that it acknowledged."""

import os
import threading
import time

from lib import http, people
from lib.server import Server

CYCLES = int(os.environ.get("HOLDFAST_CRASH_CYCLES", 12))


def records_of(answer):
    return answer.get("records", answer.get("items", []))


class Writer(threading.Thread):
    """Creates records until the server is gone; remembers those that were acknowledged."""

    def __init__(self, api, cycle, number):
        super().__init__(daemon=True)
        self.api, self.cycle, self.number = api, cycle, number
        self.acknowledged, self.refused = [], []

    def run(self):
        for count in range(100_000):
            name = f"c{self.cycle}-w{self.number}-{count}"
            try:
                answer = self.api.ask("POST", "/collections/notes/records", {"values": {"name": name}}, timeout=10)
            except (OSError, http.NoAnswer):
                return
            if answer.status in (200, 201):
                self.acknowledged.append((answer.json["id"], name))
            elif answer.status < 500:
                self.refused.append(answer)
                return


def test(check):
    """kill -9 under load: no acknowledged write is lost, the logs verify"""
    with Server("crash") as server:
        _, visitor = people.owner_of(server, "acme", "Acme Ltd", "ann@acme.example", "Ann Archer")
        client = people.make_client(server, "acme")
        api = people.API(server, "acme", people.access_token(server, visitor, client, "acme")["access_token"])
        made = api.ask("POST", "/collections", {"slug": "notes", "name": "Notes", "fields": [
            {"key": "name", "label": "Name", "type": "text", "required": True, "unique": True, "indexed": True}], "title_field": "name"})
        check.must("a collection is made", made.status in (200, 201), made)
        acknowledged, refused = [], []
        for cycle in range(CYCLES):
            writers = [Writer(api, cycle, number) for number in range(6)]
            for writer in writers:
                writer.start()
            time.sleep(0.2 + 0.05 * (cycle % 7))
            server.kill()
            for writer in writers:
                writer.join(30)
                acknowledged += writer.acknowledged
                refused += writer.refused
            server.start()
        check.that(f"{CYCLES} times it came back", server.process.poll() is None)
        check.that("it was under load", len(acknowledged) > CYCLES * 3, len(acknowledged))
        check.that("nothing was refused that should not be", not refused, refused[:2])
        api.token = people.access_token(server, visitor, client, "acme")["access_token"]
        found, cursor = {}, None
        while True:
            page = api.ask("GET", "/collections/notes/records?limit=500" + (f"&cursor={cursor}" if cursor else ""))
            check.must("the records can be listed", page.status == 200, page) if page.status != 200 else None
            for record in records_of(page.json):
                found[record["id"]] = record["values"]["name"]
            cursor = page.json.get("next")
            if not cursor:
                break
        lost = [name for record, name in acknowledged if found.get(record) != name]
        check.that(f"of {len(acknowledged)} acknowledged records none is lost", not lost, lost[:5])
        check.note(f"{len(found)} records stand, {len(found) - len(acknowledged)} of them were on their way")
        verified = server.run("audit", "verify", check=False)
        check.equal("every audit log verifies", verified.returncode, 0)
        entries = [entry for entry in server.json("audit", "list", "acme", "--limit", "500") if entry["event"] == "record_created"]
        check.that("each record has its event", len(entries) >= min(len(found), 450), len(entries))
