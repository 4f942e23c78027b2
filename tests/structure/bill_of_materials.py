#!/usr/bin/env python3
"""Holds what scripts/sbom writes to the shape of CycloneDX 1.5 as far as it uses it, and to the program: what must be in it is.

usage: bill_of_materials.py SOURCE_DIR PROGRAM
"""
import json
import re
import subprocess
import sys

TOP = {"bomFormat", "specVersion", "serialNumber", "version", "metadata", "components", "dependencies"}
COMPONENT = {"type", "bom-ref", "name", "version", "purl", "licenses", "properties"}
# Of each kind: shared libraries of the rooms, and headers.
LIBRARIES = {"libssl3", "libcurl4", "libmariadb3", "libpcre2-8-0", "libargon2-1", "rapidjson-dev", "libexpected-dev"}


def complaints(bill, version):
    if set(bill) != TOP:
        yield f"members of the bill: {sorted(bill)}"
    if (bill["bomFormat"], bill["specVersion"], bill["version"]) != ("CycloneDX", "1.5", 1):
        yield "it does not say that it is CycloneDX 1.5"
    if not re.fullmatch(r"urn:uuid:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", bill["serialNumber"]):
        yield f"serialNumber {bill['serialNumber']}"
    program = bill["metadata"]["component"]
    if (program["type"], program["name"], program["version"]) != ("application", "vestibule", version):
        yield f"the program is {program}"
    references = [one["bom-ref"] for one in [program, *bill["components"]]]
    if len(set(references)) != len(references):
        yield "two components have one bom-ref"
    for one in bill["components"]:
        if not set(one) <= COMPONENT or one["type"] != "library" or not one["name"]:
            yield f"the component {one}"
        if "purl" in one and not re.fullmatch(r"pkg:deb/debian/[a-z0-9.+-]+@[^?\s]+\?arch=\w+&distro=[\w.-]+", one["purl"]):
            yield f"purl {one['purl']}"
        if not all(set(entry) == {"license"} and entry["license"].get("name") for entry in one.get("licenses", [])):
            yield f"licenses of {one['name']}"
        if not all(set(entry) == {"name", "value"} for entry in one["properties"]):
            yield f"properties of {one['name']}"
    for edge in bill["dependencies"]:
        if not {edge["ref"], *edge["dependsOn"]} <= set(references):
            yield "a dependency on what is not there"
    names = {re.sub(r"t64$", "", one["name"]) for one in bill["components"]}
    if LIBRARIES - names:
        yield f"not in it: {sorted(LIBRARIES - names)}"
    if not any("licenses" in one for one in bill["components"]):
        yield "no licence was found"


def main():
    source, program = sys.argv[1:3]
    command = [f"{source}/scripts/sbom", "--program", program]
    text = subprocess.run(command, text=True, capture_output=True, check=True).stdout
    version = subprocess.run([program, "--version"], text=True, capture_output=True, check=True).stdout.split()[1]
    wrong = list(complaints(json.loads(text), version))
    if text != subprocess.run(command, text=True, capture_output=True, check=True).stdout:
        wrong.append("a second run writes something else")
    print("\n".join(wrong) or f"{len(json.loads(text)['components'])} components")
    return 1 if wrong else 0


sys.exit(main())
