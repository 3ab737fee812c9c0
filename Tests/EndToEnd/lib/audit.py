"""A second verifier of exported audit logs, written from docs/formats/audit-export.md alone."""

import base64
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path


class Unsound(Exception):
    pass


def require(holds, what):
    if not holds:
        raise Unsound(what)


def leaf(line):
    return hashlib.sha256(b"\0" + line).digest()


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def root(frontier):
    """Of the perfect subtrees `(size, hash)`, the largest first."""
    if not frontier:
        return hashlib.sha256(b"").digest()
    hashes = [value for _, value in frontier]
    result = hashes.pop()
    while hashes:
        result = node(hashes.pop(), result)
    return result


def tree(leaves):
    """RFC 6962, 2.1, by its definition."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    middle = 1 << (len(leaves) - 1).bit_length() - 1
    return node(tree(leaves[:middle]), tree(leaves[middle:]))


def signed(public_key, text, signature):
    """Ed25519, by OpenSSL: Python's own library has none."""
    spki = bytes.fromhex("302a300506032b6570032100") + public_key
    pem = b"-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(spki) + b"\n-----END PUBLIC KEY-----\n"
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (("key", pem), ("text", text), ("signature", signature)):
            (Path(folder) / name).write_bytes(content)
        done = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key", "-rawin", "-in", "text", "-sigfile", "signature"],
                              cwd=folder, capture_output=True)
    return done.returncode == 0


def entries(path):
    return json.loads(Path(path).read_bytes().split(b"\n", 1)[0])["size"]


def signed_anew(origin, leaves):
    """What a forger makes: these entries as an export under `origin`, signed with a key of their own."""
    with tempfile.TemporaryDirectory() as folder:
        def openssl(*arguments):
            return subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, check=True).stdout
        openssl("genpkey", "-algorithm", "ed25519", "-out", "key")
        raw = b"\1" + openssl("pkey", "-in", "key", "-pubout", "-outform", "DER")[-32:]
        digest = hashlib.sha256(origin.encode() + b"\n" + raw).digest()[:4]
        text = f"{origin}\n{len(leaves)}\n{base64.b64encode(tree([leaf(line) for line in leaves])).decode()}\n"
        (Path(folder) / "text").write_text(text)
        signature = openssl("pkeyutl", "-sign", "-inkey", "key", "-rawin", "-in", "text")
    note = f"{text}\n— {origin} {base64.b64encode(digest + signature).decode()}\n"
    head = {"checkpoints": 1, "holdfast-audit": 1, "key": f"{origin}+{digest.hex()}+{base64.b64encode(raw).decode()}", "origin": origin, "size": len(leaves)}
    lines = [json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() for value in (head, {"checkpoint": note})]
    return b"".join(line + b"\n" for line in lines + leaves)


def read_key(text):
    name, digest, encoded = text.split("+", 2)
    raw = base64.b64decode(encoded, validate=True)
    require(len(raw) == 33 and raw[0] == 1, "the key is not one of Ed25519")
    require(hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4].hex() == digest, "the key's hash is not its own")
    return name, bytes.fromhex(digest), raw[1:]


def read_checkpoint(note, key, origin):
    name, digest, public_key = key
    text, blank, signatures = note.rpartition("\n\n")
    require(blank, "a note without signatures")
    text += "\n"
    lines = text.split("\n")
    require(lines[0] == origin, "a checkpoint of another log")
    for line in signatures.strip().split("\n"):
        dash, signer, encoded = line.split(" ")
        raw = base64.b64decode(encoded, validate=True)
        if dash == "—" and signer == name and raw[:4] == digest:
            require(signed(public_key, text.encode(), raw[4:]), "a signature is false")
            return int(lines[1]), base64.b64decode(lines[2], validate=True)
    raise Unsound("a checkpoint that the log's key did not sign")


def verify(path):
    """Returns the number of entries, or raises `Unsound`."""
    content = Path(path).read_bytes()
    require(content.endswith(b"\n"), "the file is cut off")
    lines = content[:-1].split(b"\n")
    head = json.loads(lines[0])
    require(head.get("holdfast-audit") == 1, "not an audit log of version 1")
    key = read_key(head["key"])
    require(key[0] == head["origin"], "the key is another log's")
    notes = lines[1:1 + head["checkpoints"]]
    expected = [read_checkpoint(json.loads(note)["checkpoint"], key, head["origin"]) for note in notes]
    require([size for size, _ in expected] == sorted({size for size, _ in expected}), "checkpoints out of order")
    entries = lines[1 + head["checkpoints"]:]
    require(len(entries) == head["size"], "entries are missing or too many")
    require(not entries or expected and expected[-1][0] == len(entries), "the last checkpoint does not cover the log")
    frontier, roots = [], dict(expected)
    for position, line in enumerate(entries):
        require(json.loads(line)["seq"] == position, f"entry {position} is out of place")
        frontier.append((1, leaf(line)))
        while len(frontier) > 1 and frontier[-1][0] == frontier[-2][0]:
            (size, right), (_, left) = frontier.pop(), frontier.pop()
            frontier.append((2 * size, node(left, right)))
        if position + 1 in roots:
            require(root(frontier) == roots[position + 1], f"the first {position + 1} entries are not those that were signed")
    return len(entries)


def tile_name(number):
    """docs/formats/audit-tiles.md: groups of three digits, all but the last with an x before."""
    groups = [f"{number % 1000:03}"]
    while number >= 1000:
        number //= 1000
        groups.insert(0, f"x{number % 1000:03}")
    return "/".join(groups)


def published(folder, export):
    """Verifies a published log, by its tiles alone, with the key of an export that is believed. Returns its size."""
    key = read_key(json.loads(Path(export).read_bytes().split(b"\n", 1)[0])["key"])
    size, root_hash = read_checkpoint((Path(folder) / "checkpoint").read_text(), key, key[0])
    below, level = None, 0
    while size >> 8 * level:
        count = size >> 8 * level
        hashes = []
        for number in range((count + 255) // 256):
            width = min(256, count - 256 * number)
            path = Path(folder) / "tile" / str(level) / (tile_name(number) + ("" if width == 256 else f".p/{width}"))
            require(path.exists() and path.stat().st_size == 32 * width, f"the tile {path.name} is not there, or has another size")
            raw = path.read_bytes()
            hashes += [raw[start:start + 32] for start in range(0, len(raw), 32)]
        if below is None:
            require(tree(hashes) == root_hash, "the tiles give another root")
        else:
            require(hashes == [tree(below[start:start + 256]) for start in range(0, 256 * count, 256)], "a tile has other hashes than those below it")
        below, level = hashes, level + 1
    return size


if __name__ == "__main__":
    try:
        print(f"{verify(sys.argv[1])} entries, unchanged")
    except (Unsound, ValueError, KeyError) as fault:
        sys.exit(f"changed: {fault}")
