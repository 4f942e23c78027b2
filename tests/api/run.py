"""Holds the server to docs/api/openapi.json, and that to the OpenAPI Specification: sends what the document shows as examples, then has schemathesis make up requests,
good and bad ones, and check every answer against the document.

Called by scripts/openapi, with the values that `scripts/run --ephemeral` prints in the environment. The last line says
`N passed, M failed`: an example or an operation counts as one.
"""

import argparse
import json
import os
import pathlib
import re
import string
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import xml.etree.ElementTree as tree

import openapi_spec_validator

HERE = pathlib.Path(__file__).resolve().parent
DOCUMENT = HERE.parents[1] / "docs/api/openapi.json"
# All sections together take some two minutes; one that takes as long as this hangs.
SECONDS = 360


class Server:
    """The server under test."""

    def __init__(self, environment):
        self.public = environment["VESTIBULE_SCIM_URL"]
        self.internal = environment["VESTIBULE_INTERNAL_URL"]
        self.admin_token = environment["VESTIBULE_ADMIN_TOKEN"]
        self.scim_token = environment["VESTIBULE_SCIM_TOKEN"]

    def send(self, method, url, token, body=None, media_type="application/json"):
        """Status and JSON of the answer."""
        headers = {"Authorization": "Bearer " + token}
        if body is not None:
            headers["Content-Type"] = media_type
        request = urllib.request.Request(url, None if body is None else json.dumps(body).encode(), headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        try:
            return status, json.loads(text) if text else None
        except ValueError:
            return status, text.decode()

    def made(self, url, token, body):
        status, answer = self.send("POST", url, token, body)
        if status != 201 and status != 200:
            raise SystemExit(f"{url}: {status} {answer}")
        return answer


class Seed:
    """What there is before the first request: users, groups, a device, prompts, a token of everything bound to a user,
    and an event stream."""

    def __init__(self, server):
        scim = server.public + "/scim/v2"
        user = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"]}
        group = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"]}
        self.users = [server.made(scim + "/Users", server.scim_token, {**user, "userName": name})["id"]
                      for name in ("CORP/ada", "CORP/grace", "mary", "myself")]
        self.groups = [server.made(scim + "/Groups", server.scim_token, {
            **group, "displayName": "CORP/readers", "members": [{"value": self.users[0]}, {"value": self.users[1]}]})["id"]]
        self.devices = [server.made(scim + "/Devices", server.scim_token, {
            "schemas": ["urn:example:params:scim:schemas:core:1.0:Device"], "displayName": "Toaster"})["id"]]
        providers = server.internal + "/admin/v1/identity-providers"
        for name, jit, more in (
                ("asking", {"scheme": "PROMPT_USERNAME_PASSWORD_CONSENT"}, {}), ("queued", {"mode": "non-blocking"}, {}),
                ("proxied", {}, {"forwardAuth": {"subjectHeader": "X-Forwarded-User"}})):
            server.made(providers, server.admin_token, {
                "name": name, "claims": {"userIdClaim": "name"}, "jit": {"isEnabled": True, "userstore": "CORP", **jit}, **more})
        self.token = server.made(server.internal + "/admin/v1/tokens", server.admin_token, {
            "name": "api-test", "scopes": ["scim:read", "scim:write", "scim:privileged", "jit", "admin", "events:read"],
            "user": self.users[3]})["token"]
        self._wait_until_known(server)
        # As soon as it is there, every change below and behind it is an event that it can fetch.
        status, answer = server.send("PUT", server.internal + "/admin/v1/event-streams/polled", server.admin_token, {
            "name": "polled", "kind": "poll", "mode": "full", "audience": ["https://receiver.example.com"], "pollers": ["api-test"]})
        if status != 201:
            raise SystemExit(f"the event stream: {status} {answer}")
        logins = [server.made(server.internal + "/jit/v1/provision", self.token,
                              {"identityProvider": "asking", "subject": subject, "claims": {"name": "edith-" + subject}})
                  for subject in "12345678"]
        self.tickets = [login["prompt"]["url"].rsplit("/", 1)[1] for login in logins]
        self.prompts = [login["prompt"]["state"].rsplit("/", 1)[1] for login in logins]

    def _wait_until_known(self, server):
        deadline = time.monotonic() + 10
        while server.send("GET", server.internal + "/metrics", self.token)[0] != 200:
            if time.monotonic() > deadline:
                raise SystemExit("the server does not know the token that it made")
            time.sleep(0.05)


class Section:
    """Operations that are tested in one run, at one address, before those of the next section change what they need."""

    def __init__(self, name, paths, address, phases="examples,coverage,fuzzing"):
        self.name = name
        self.paths = paths
        self.address = address
        self.phases = phases


SECTIONS = [
    Section("scim", "^/(scim|domains)/", "public", "examples,coverage,fuzzing,stateful"),
    Section("prompts", "^/provision/", "public"),
    Section("events", "^/events/", "public"),
    Section("jit", "^/(jit/|metrics$|healthz$|readyz$)", "internal"),
    Section("admin", "^/admin/", "internal", "examples,coverage,fuzzing,stateful"),
]
# Requests that are made up for each operation, beside those of examples and of the edges of the schemas.
EXAMPLES = 20


def examples_of(document):
    """(method, path, media type, body) of each request body that the document shows: what makes things before what needs them."""
    order = {"post": 0, "put": 1, "patch": 2}
    found = []
    for path, item in document["paths"].items():
        for method, operation in item.items():
            content = operation.get("requestBody", {}).get("content", {}) if method in order else {}
            found += [(method, path, media_type, shown["example"]) for media_type, shown in list(content.items())[:1]
                      if "example" in shown]
    # A path with a variable at its end needs what the one above it makes.
    return sorted(found, key=lambda one: (one[1].endswith("/rollback"), order[one[0]], one[1].count("/")))


def shown_in_path(document, path):
    """The examples of the variables of a path."""
    return {each["name"]: each["example"] for each in document["paths"][path].get("parameters", []) if "example" in each}


def try_examples(server, seed, document):
    """Failures of the examples, and how many there are. What an example needs, another one has made."""
    failures = []
    made = {}
    examples = examples_of(document)
    for method, path, media_type, body in examples:
        above = made.get(re.split("/{(?:id|name|target)}", path)[0], {})
        values = {**shown_in_path(document, path), "domain": "PRIMARY" if path.endswith("/Me") else "CORP", "id": above.get("id", ""),
                  "ticket": seed.tickets[0]}
        values["name"] = above.get("name") or body.get("name") or values.get("name", "")
        address = server.internal if path.startswith(("/jit/", "/admin/")) else server.public
        status, answer = server.send(method.upper(), address + path.format_map(values), seed.token, body, media_type)
        if not 200 <= status < 300:
            failures.append(f"the example of {method.upper()} {path}: {status} {answer}")
        elif method == "post" or method == "put":
            made.setdefault(re.split("/{(?:name|target)}", path)[0], answer)
    return failures, len(examples)


def settings(folder, seed):
    """schemathesis.toml with the values of this run."""
    template = string.Template((HERE / "schemathesis.toml").read_text())
    file = folder / "schemathesis.toml"
    file.write_text(template.substitute(
        hooks=HERE / "hooks.py", users=json.dumps(seed.users),
        resources=json.dumps([*seed.users, *seed.groups, *seed.devices, *seed.prompts]), tickets=json.dumps(seed.tickets)))
    return file


def fuzz(server, seed, section, folder, reports):
    """Failures of a section, and how many of its operations have none."""
    report = reports / f"openapi-{section.name}.xml"
    report.unlink(missing_ok=True)
    address = server.public if section.address == "public" else server.internal
    output = reports / f"openapi-{section.name}.txt"
    with output.open("w") as told:
        try:
            status = subprocess.run(
                [pathlib.Path(sys.executable).parent / "schemathesis", "--config-file", settings(folder, seed), "--no-color", "run",
                 DOCUMENT, "--url", address, "--header", "Authorization: Bearer " + seed.token, "--include-path-regex", section.paths,
                 "--max-examples", str(EXAMPLES), "--phases", section.phases, "--report", "junit", "--report-junit-path", report],
                cwd=folder, stdout=told, stderr=subprocess.STDOUT, timeout=SECONDS, check=False,
                env={**os.environ, "NO_PROXY": "*", "PYTHONDONTWRITEBYTECODE": "1"}).returncode
        except subprocess.TimeoutExpired:
            return [f"{section.name}: did not end within {SECONDS} seconds", output.read_text()[-3000:]], 0
    if not report.exists():
        return [f"{section.name}: {output.read_text()[-3000:]}"], 0
    cases = list(tree.parse(report).getroot().iter("testcase"))
    bad = [case.get("name") for case in cases if case.find("failure") is not None or case.find("error") is not None]
    failures = [f"{section.name}: {name}" for name in bad]
    # What is no failure of an operation, such as settings that cannot be read.
    if status != 0 or not cases:
        failures = [*(failures or [f"{section.name}: ended with {status}"]), output.read_text()[-20000:]]
        return failures, len(cases) - len(bad)
    return failures, len(cases)


def main():
    parser = argparse.ArgumentParser(prog="scripts/openapi", add_help=False)
    parser.add_argument("--reports", type=pathlib.Path, required=True)
    parser.add_argument("--only", choices=[section.name for section in SECTIONS])
    options = parser.parse_args()
    options.reports.mkdir(parents=True, exist_ok=True)
    document = json.loads(DOCUMENT.read_text())
    openapi_spec_validator.validate(document)
    server = Server(os.environ)
    seed = Seed(server)
    failures, number = try_examples(server, seed, document)
    passed = number - len(failures)
    bad = len(failures)
    with tempfile.TemporaryDirectory() as folder:
        for section in SECTIONS:
            if options.only in (None, section.name):
                found, good = fuzz(server, seed, section, pathlib.Path(folder), options.reports)
                passed += good
                bad += sum(1 for line in found if line.startswith(section.name + ":"))
                failures += found
    for line in failures:
        print(line)
    print(f"{passed} passed, {bad} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
