#!/usr/bin/env python3
"""Holds Containerfile and compose.yaml to the rest of the tree, as far as that goes without running a container: variables that
the program knows, files that exist, packages that the Debian package recommends, a user without rights, and the statements of
docs/database-users.md.

usage: container.py SOURCE_DIR PROGRAM
"""
import json
import pathlib
import re
import subprocess
import sys

PORTS = re.compile(r'- "(.*):(\d+):(\d+)"')


def containerfile(source, settings):
    text = (source / "Containerfile").read_text()
    run = text.split("\nFROM ")[-1]
    for variable in re.findall(r"\b(VESTIBULE_\w+)=", run):
        if variable not in settings:
            yield f"Containerfile: {variable} is no setting"
    if not re.search(r"^USER vestibule$", run, re.MULTILINE):
        yield "Containerfile: it runs as root"
    ports = {str(settings[f"VESTIBULE_SERVER_{side}_PORT"]) for side in ("PUBLIC", "INTERNAL")}
    if set(re.search(r"^EXPOSE (.*)$", run, re.MULTILINE).group(1).split()) != ports:
        yield f"Containerfile: the ports are {ports}"
    if f":{settings['VESTIBULE_SERVER_PUBLIC_PORT']}/healthz" not in re.search(r"^HEALTHCHECK.*$", run, re.MULTILINE).group():
        yield "Containerfile: its health is not that of the public address"
    package = (source / "cmake/Package.cmake").read_text()
    for name in re.findall(r"[a-z][a-z0-9-]+(?= \(|,|$)", re.search(r'RECOMMENDS "(.*)"', package).group(1)):
        if f" {name} " not in run:
            yield f"Containerfile: {name}, which the package recommends, is not installed"
    for script in re.findall(r"scripts/[a-z-]+", text):
        if not (source / script).is_file():
            yield f"Containerfile: there is no {script}"


def compose(source, settings):
    text = (source / "compose.yaml").read_text()
    for variable in re.findall(r"^      (VESTIBULE_\w+):", text.split("\n  vestibule:\n")[1], re.MULTILINE):
        if variable not in settings:
            yield f"compose.yaml: {variable} is no setting"
    for path in re.findall(r"- (\./[^:]+):", text):
        if not (source / path).is_file():
            yield f"compose.yaml: there is no {path}"
    published = PORTS.findall(text)
    if not published or any(host != "127.0.0.1" for host, _, _ in published):
        yield "compose.yaml: it publishes to more than this machine"
    granted = re.search(r"^GRANT (.*?) ON", (source / "packaging/container/database-user.sh").read_text(), re.MULTILINE).group(1)
    if f"GRANT {granted} ON" not in (source / "docs/database-users.md").read_text():
        yield "packaging/container/database-user.sh: docs/database-users.md grants something else"


def main():
    source = pathlib.Path(sys.argv[1])
    keys = subprocess.run([pathlib.Path(sys.argv[2]).resolve(), "--json", "config"], text=True, capture_output=True, check=True, cwd="/").stdout
    settings = {key["variable"]: key["default"] for key in json.loads(keys)}
    wrong = [*containerfile(source, settings), *compose(source, settings)]
    print("\n".join(wrong) or "the container files fit")
    return 1 if wrong else 0


sys.exit(main())
