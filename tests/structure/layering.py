#!/usr/bin/env python3
"""Reads every include of src/ and says which of them cross the house the wrong way."""
import pathlib
import re
import sys

ROOMS = ["base", "json", "jose", "scim", "policy", "store", "directory", "jit", "outbound", "feed", "http", "app"]
# Libraries that only some rooms may know, by the beginning of the header's name.
GUARDED = {
    "pistache/": {"http"},
    "boost/": {"http"},
    "kainjow/": {"http"},
    "soci/": {"store"},
    "mysql": {"store"},
    "rapidjson/": {"json"},
    "curl/": {"jose"},
    "pcre2": {"policy"},
    "argon2": {"policy"},
    "unicode/": {"base"},
    "toml++/": {"app"},
}
# scim/ is pure: time, randomness, files and sockets come in as arguments.
IMPURE = {"fstream", "filesystem", "random", "chrono", "thread", "mutex", "unistd.h", "sys/socket.h", "openssl/rand.h"}
# Includes SOCI: for the stores alone.
PRIVATE_TO_STORE = {"store/session.h", "store/statement_batch.h"}
# Takes longer to compile than any of the commands that are read with it.
ALONE_WITH_CLI = pathlib.PurePath("app/command.cc")
SQL = re.compile(r'"(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE TABLE) ')
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')


def main() -> int:
    source = pathlib.Path(sys.argv[1]) / "src"
    wrong = []
    for path in sorted(source.rglob("*")):
        if path.suffix not in {".h", ".cc"}:
            continue
        room = path.relative_to(source).parts[0]
        if room not in ROOMS:
            wrong.append(f"{path}: {room} is no room")
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            at = f"{path}:{number}"
            if room != "store" and SQL.search(line):
                wrong.append(f"{at}: SQL outside store/")
            match = INCLUDE.match(line)
            if not match:
                continue
            header = match[1]
            other = header.split("/")[0]
            if other in ROOMS and "/" in header and ROOMS.index(other) > ROOMS.index(room):
                wrong.append(f"{at}: {room} may not use {other}")
            if header in PRIVATE_TO_STORE and room != "store":
                wrong.append(f"{at}: {header} is private to store/")
            if header.startswith("CLI/") and path.relative_to(source) != ALONE_WITH_CLI:
                wrong.append(f"{at}: only {ALONE_WITH_CLI} may include <{header}>")
            for prefix, allowed in GUARDED.items():
                if header.startswith(prefix) and room not in allowed:
                    wrong.append(f"{at}: only {', '.join(sorted(allowed))} may include <{header}>")
            if room == "scim" and header in IMPURE:
                wrong.append(f"{at}: scim/ is pure and may not include <{header}>")
    print("\n".join(wrong) or "every include is in order")
    return 1 if wrong else 0


sys.exit(main())
