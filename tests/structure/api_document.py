#!/usr/bin/env python3
"""Holds docs/api/openapi.json to its sources, and looks for what no generator sees: references that lead nowhere, operations that
share an id, links to none, tags that nobody explains, and codes of docs/jit-codes.md whose status no operation has."""
import json
import pathlib
import re
import subprocess
import sys

METHODS = {"get", "put", "post", "patch", "delete", "options"}


def references(node: object, inside_properties: bool = False):
    """Every $ref; `$ref` as the name of a SCIM attribute is none."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str) and not inside_properties:
            yield node["$ref"]
        for name, value in node.items():
            yield from references(value, name == "properties" and not inside_properties)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def leads_somewhere(document: dict, reference: str) -> bool:
    node: object = document
    for part in reference.removeprefix("#/").split("/"):
        node = node.get(part) if isinstance(node, dict) else None
    return node is not None


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    built = subprocess.run([sys.executable, "-B", root / "docs/api/build.py", "--check"], text=True, capture_output=True, check=False)
    wrong = [built.stderr.strip()] if built.returncode != 0 else []
    document = json.loads((root / "docs/api/openapi.json").read_text())
    wrong += [f"{reference} leads nowhere" for reference in sorted(set(references(document))) if not leads_somewhere(document, reference)]

    operations = [operation for item in document["paths"].values() for method, operation in item.items() if method in METHODS]
    ids = [operation["operationId"] for operation in operations]
    wrong += [f"{one}: twice" for one in sorted(set(ids)) if ids.count(one) > 1]
    tags = {tag["name"] for tag in document["tags"]}
    wrong += [f"{operation['operationId']}: unknown tag" for operation in operations if not set(operation["tags"]) <= tags]
    linked = set(re.findall(r'"operationId": "(\w+)", "parameters": {"path', json.dumps(document)))
    wrong += [f"a link to no operation: {one}" for one in sorted(linked - set(ids))]

    codes = re.findall(r"^\| (JIT-1\d{3}) \| (\d{3}) \|", (root / "docs/jit-codes.md").read_text(), re.MULTILINE)
    told = {status for operation in operations if {"Provisioning", "Prompts"} & set(operation["tags"]) for status in operation["responses"]}
    wrong += [f"{code}: no operation answers {status}" for code, status in codes if status not in told]
    if len(operations) < 100 or len(codes) < 60:
        wrong.append(f"only {len(operations)} operations and {len(codes)} codes were found")
    print("\n".join(wrong) if wrong else f"{len(operations)} operations are as their sources say")
    return 1 if wrong else 0


sys.exit(main())
