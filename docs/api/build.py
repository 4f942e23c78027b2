#!/usr/bin/env python3
"""Writes openapi.json and reference.md from the modules in source/, the SCIM schemas of scim-schemas/ and docs/examples/device, and the codes of
docs/jit-codes.md. With --check it writes nothing, and fails when a file is not what it would write. README.md says how to add
an endpoint.
"""
import json
import pathlib
import re
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))

from source import (admin, admin_consent, admin_provider, admin_schemas, events, jit, jit_schemas, outbound, prompts,  # noqa: E402
                    reference, scim, scim_messages, scim_resources, shapes, watching)


def version() -> str:
    return re.search(r"project\(vestibule VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text()).group(1)


def document() -> dict:
    types = scim_resources.resource_types(ROOT)
    codes = jit_schemas.codes(ROOT / "docs/jit-codes.md")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Vestibule",
            "version": version(),
            "summary": "SCIM 2.0 and just-in-time provisioning",
            "description": "Two addresses. The public one serves SCIM, the pages of prompts and receivers of events; the internal one serves "
                           "gateways, administration and metrics. `Devices` stand for resource types of your own: they are those of "
                           "docs/examples/device, which `scripts/run` serves. Beside what is listed, a request that is no good HTTP "
                           "is answered 400, 405, 408, 413, 414, 417, 431, 501 or 505. Every GET answers HEAD as well. "
                           "Written by docs/api/build.py: change the sources, not this file.",
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": shapes.PUBLIC,
        "security": [{"token": []}],
        "tags": [{"name": name, "description": text} for name, text in shapes.TAGS],
        "paths": {
            **scim.paths(types),
            **prompts.paths(codes),
            **jit.paths(codes),
            **admin.paths(),
            **admin_consent.paths(),
            **outbound.paths(),
            **events.paths(),
            **watching.paths(),
        },
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API token of `vestibule token create` or POST /admin/v1/tokens, or an access token (JWT) of a "
                                   "configured issuer. Each operation names the scope that it needs.",
                },
            },
            "parameters": shapes.PARAMETERS,
            "headers": shapes.HEADERS,
            "responses": {**shapes.RESPONSES, **jit_schemas.responses(codes)},
            "schemas": {
                **scim_resources.schemas(types),
                **scim_messages.schemas(types),
                **jit_schemas.schemas(codes),
                **prompts.SCHEMAS,
                **admin_schemas.SCHEMAS,
                **admin_provider.SCHEMAS,
                **admin_consent.SCHEMAS,
                **outbound.SCHEMAS,
                **events.SCHEMAS,
            },
        },
    }


def files() -> dict[pathlib.Path, str]:
    made = document()
    return {HERE / "openapi.json": json.dumps(made, indent=1, ensure_ascii=False) + "\n", HERE / "reference.md": reference.page(made)}


def main() -> int:
    if sys.argv[1:] != ["--check"]:
        for file, text in files().items():
            file.write_text(text)
        return 0
    stale = [file for file, text in files().items() if not file.exists() or file.read_text() != text]
    for file in stale:
        print(f"{file.relative_to(ROOT)} is out of date: run `docs/api/build.py`", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
