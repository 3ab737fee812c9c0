"""The flights that left New York in 2013, as records."""

import csv
from pathlib import Path

FILE = Path(__file__).resolve().parents[2] / ".deps" / "flights.csv"
ROWS = 336_776
TEXTS = {"carrier", "tailnum", "origin", "dest"}
MOMENTS = {"time_hour"}


def kind(name):
    return "text" if name in TEXTS else "moment" if name in MOMENTS else "number"


with open(FILE, newline="") as file:
    FIELDS = [(name, kind(name)) for name in next(csv.reader(file))]


def value(name, text):
    if text in ("", "NA"):
        return None
    if kind(name) == "number":
        return float(text) if "." in text else int(text)
    return text


def rows(count, skip_empty=True):
    """The first `count` flights as JSON objects."""
    found = []
    with open(FILE, newline="") as file:
        for row in csv.DictReader(file):
            found.append({name: value(name, text) for name, text in row.items() if not skip_empty or value(name, text) is not None})
            if len(found) == count:
                break
    return found
