"""Holdfast as it is measured: the release build, one tenant with the flights, an access token of its owner."""

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Tests" / "EndToEnd"))

# The end-to-end tests' library is a package called `lib` like this one: load it under a name of its own.
import importlib.util  # noqa: E402


def load_end_to_end():
    folder = Path(__file__).resolve().parents[2] / "Tests" / "EndToEnd" / "lib"
    spec = importlib.util.spec_from_file_location("end_to_end", folder / "__init__.py", submodule_search_locations=[str(folder)])
    package = importlib.util.module_from_spec(spec)
    sys.modules["end_to_end"] = package
    spec.loader.exec_module(package)
    return package


load_end_to_end()
from end_to_end import balancer as balancers, database as databases, http, people, server as servers  # noqa: E402


class Holdfast:
    name = "Holdfast"
    label = "acme"

    def __init__(self, options=()):
        self.server = servers.Server("bench", plain=True, options=options)

    @property
    def pid(self):
        return self.server.process.pid

    def start(self):
        began = time.monotonic()
        self.server.start()
        return time.monotonic() - began

    def remove(self):
        self.server.__exit__()

    def prepare(self):
        self.person, self.visitor = people.owner_of(self.server, self.label, "Acme Ltd", "ann@acme.example", "Ann Archer")
        self.client = people.make_client(self.server, self.label)
        self.renew()

    def renew(self):
        self.token = people.access_token(self.server, self.visitor, self.client, self.label)["access_token"]
        self.api = people.API(self.server, self.label, self.token)

    def fill(self, path):
        """Imports a CSV file into a new collection `flights`; returns ids of the first records."""
        self.server.run("import", self.label, "flights", str(path), "--create", timeout=1200)
        answer = self.api.ask("GET", "/collections/flights/records?limit=100")
        if answer.status != 200:
            raise RuntimeError(str(answer))
        return [record["id"] for record in answer.json["records" if "records" in answer.json else "items"]]

    @property
    def headers(self):
        return {"Authorization": f"Bearer {self.token}", "Host": f"{servers.host(self.label)}:{self.server.port}", "X-Forwarded-Proto": "https",
                "X-Forwarded-For": "127.0.0.1"}

    @property
    def base(self):
        return f"http://127.0.0.1:{self.server.plain_port}/api/v1/collections/flights/records"

    def record_url(self, record):
        return f"{self.base}/{record}"

    def list_url(self, count):
        return f"{self.base}?limit={count}"

    @property
    def create_url(self):
        return self.base

    def create_body(self, row):
        return json.dumps({"values": row})
