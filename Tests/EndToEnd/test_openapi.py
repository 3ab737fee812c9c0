"""The API against its own description."""

import json
import subprocess
import sys
from pathlib import Path

from lib import people
from lib.server import Server, host, output

EXAMPLES = 12


def test(check):
    """schemathesis finds no 5xx in what the OpenAPI document describes"""
    with Server("openapi", plain=True) as server:
        _, visitor = people.owner_of(server, "acme", "Acme Ltd", "ann@acme.example", "Ann Archer")
        token = people.access_token(server, visitor, people.make_client(server, "acme"), "acme")["access_token"]
        api = people.API(server, "acme", token)
        answer = api.ask("GET", "/openapi.json")
        check.must("the description is served", answer.status == 200, answer)
        check.that("and is OpenAPI 3.1", answer.json["openapi"].startswith("3.1"), answer.json["openapi"])
        check.that("and is the one in the repository", answer.json["paths"].keys() == json.loads(
            (Path(__file__).resolve().parents[2] / "Sources" / "API" / "openapi.json").read_text())["paths"].keys())
        made = api.ask("POST", "/collections", {"slug": "flights", "name": "Flights", "fields": [
            {"key": "carrier", "label": "Carrier", "type": "text", "indexed": True}, {"key": "distance", "label": "Distance", "type": "number"}]})
        check.that("a collection can be made", made.status in (200, 201), made)
        description = output / "openapi.json"
        description.write_bytes(answer.body)
        done = subprocess.run(
            [str(Path(sys.executable).parent / "schemathesis"), "run", str(description), "--url", f"http://127.0.0.1:{server.plain_port}/api/v1",
             "-H", f"Authorization: Bearer {token}", "-H", f"Host: {host('acme')}:{server.port}", "-H", "X-Forwarded-Proto: https",
             "--checks", "not_a_server_error", "--phases", "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES), "--generation-deterministic",
             "--continue-on-failure", "--workers", "2", "--suppress-health-check", "all", "--request-timeout", "20", "--warnings", "off",
             "--exclude-path-regex", "events", "--no-color"],
            capture_output=True, text=True, timeout=420, cwd=server.folder)
        (output / "schemathesis.txt").write_text(done.stdout + done.stderr)
        summary = [line for line in done.stdout.splitlines() if "generated" in line or "passed" in line.lower() or "failed" in line.lower()]
        check.note("; ".join(line.strip() for line in summary[-4:]))
        check.equal("no answer was a 5xx (test-output/schemathesis.txt)", done.returncode, 0)
        check.that("it asked something", "test cases" in done.stdout.lower() or "generated" in done.stdout.lower(), done.stdout[-500:])
        check.equal("the server lives", server.process.poll(), None)
        log = server.printed()
        check.that("nothing crashed", "Fatal error" not in log and "Swift runtime failure" not in log)
