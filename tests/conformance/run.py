"""Runs scim2-tester and scim-sanity against a live server; called by scripts/conformance.

Every check counts. What a tool gets wrong against the RFC is listed with its reason in exceptions.json;
an exception that no check needs any more is a failure too, so that the list stays true.
"""

import argparse
import datetime
import json
import pathlib
import random
import subprocess
import sys

import httpx2
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server, filling

HERE = pathlib.Path(__file__).parent


class Verdicts:
    """Counts checks and tells failures that are excused from those that are not."""

    def __init__(self, tool, exceptions):
        self.tool = tool
        self.exceptions = exceptions
        self.used = set()
        self.passed = 0
        self.failed = []

    def good(self):
        self.passed += 1

    def bad(self, check, reason):
        for number, exception in enumerate(self.exceptions):
            if exception["check"] == check and exception["reason"] in reason:
                self.used.add(number)
                self.passed += 1
                return
        self.failed.append(f"{self.tool}: {check}: {reason}")

    def finish(self):
        for number, exception in enumerate(self.exceptions):
            if number not in self.used:
                self.failed.append(
                    f"{self.tool}: the exception '{exception['check']}: {exception['reason']}' "
                    "is not needed any more")
        return self.passed, self.failed


def teach_scim2_tester_dates_and_decimals():
    """It fills attributes of every type it does not know with a UUID as text; these two are among them."""
    find_example = filling.get_random_example_value

    def example(path):
        found = find_example(path)
        binding = path.resolve()
        if found is not None or binding is None:
            return found
        if binding.target_type is datetime.datetime:
            return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        if binding.target_type is float:
            return random.randint(1, 1000) / 8
        return None

    filling.get_random_example_value = example


def run_scim2_tester(url, token, verdicts):
    teach_scim2_tester_dates_and_decimals()
    client = SyncSCIMClient(
        httpx2.Client(base_url=url, headers={"Authorization": "Bearer " + token}, timeout=30))
    for result in check_server(client):
        reason = (result.reason or "").strip()
        if result.status == Status.SUCCESS:
            verdicts.good()
        else:
            verdicts.bad(result.title, f"{result.status.name}: {reason}")


def run_scim_sanity(url, token, verdicts):
    program = pathlib.Path(sys.executable).parent / "scim-sanity"
    done = subprocess.run(
        [program, "probe", url, "--token", token, "--json-output", "--i-accept-side-effects"],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    try:
        report = json.loads(done.stdout)
    except json.JSONDecodeError:
        verdicts.bad("report", done.stdout[-500:] + done.stderr[-500:])
        return
    for result in report["results"]:
        name = result["name"]
        status = result["status"].upper()
        if status == "PASS":
            verdicts.good()
        elif status == "SKIP" and "Agent" in name:
            pass  # a resource type of a draft that this server does not have
        else:
            verdicts.bad(name, f"{status}: {result.get('message', '')}")


def main():
    parser = argparse.ArgumentParser(prog="scripts/conformance", add_help=False)
    parser.add_argument("--url", required=True)
    parser.add_argument("--token", required=True)
    options = parser.parse_args()
    exceptions = json.loads((HERE / "exceptions.json").read_text(encoding="utf-8"))
    passed, failed = 0, []
    for tool, run in (("scim2-tester", run_scim2_tester), ("scim-sanity", run_scim_sanity)):
        verdicts = Verdicts(tool, exceptions[tool])
        run(options.url, options.token, verdicts)
        one_passed, one_failed = verdicts.finish()
        passed += one_passed
        failed += one_failed
    for line in failed:
        print(line)
    print(f"{passed} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
