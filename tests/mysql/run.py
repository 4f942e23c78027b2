"""The suites that need a database, on the server that VESTIBULE_TEST_DATABASE_URL names.

Called by `scripts/mysql --run`. The last line says `N passed, M failed`.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Each in one process: its tests share the server, and some change settings of it for a while.
SUITES = ["contract_store", "contract_directory", "contract_jit", "contract_outbound", "http_admin", "http_scim", "http_server"]

# By nature about the private MariaDB: it is killed, or started with settings of its own.
PRIVATE = ["OutageTest.*", "TlsTest.*", "BulkTest.Q8_AnOutageEndsARequest*"]


def run_suite(program):
    """(passed, failed) of a test program."""
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.xml"
        ran = subprocess.run([program, "--gtest_brief=1", f"--gtest_output=xml:{report}",
                              "--gtest_filter=-" + ":".join(PRIVATE)],
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        text = ran.stdout.decode(errors="replace")
        if not report.exists():
            print(text[-4000:])
            return 0, 1
        suites = xml.parse(report).getroot()
        failed = int(suites.get("failures")) + int(suites.get("errors", 0))
        # A program that ends badly without a failed test has failed too.
        failed = max(failed, 1 if ran.returncode != 0 else 0)
        if failed:
            print("\n".join(line[:500] for line in text.splitlines()[-200:]))
        return int(suites.get("tests")) - failed, failed


def run_collection():
    """(passed, failed) assertions of the Postman collection."""
    ran = subprocess.run([ROOT / "scripts/postman", "--no-build"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    text = ran.stdout.decode(errors="replace")
    counts = re.search(r"assertions *\D *(\d+) *\D *(\d+)", text)
    if counts is None or (ran.returncode != 0 and counts.group(2) == "0"):
        print(text[-4000:])
        return 0, 1
    if counts.group(2) != "0":
        print(text[-8000:])
    return int(counts.group(1)) - int(counts.group(2)), int(counts.group(2))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", type=pathlib.Path, required=True, help="a build folder")
    parser.add_argument("--suite", action="append", choices=[*SUITES, "collection"], help="this alone")
    parser.add_argument("--leave-out", action="append", choices=[*SUITES, "collection"], default=[])
    options = parser.parse_args()
    if "VESTIBULE_TEST_DATABASE_URL" not in os.environ:
        sys.exit("VESTIBULE_TEST_DATABASE_URL is not set: run this by scripts/mysql --run")
    passed = failed = 0
    for name in options.suite or [*SUITES, "collection"]:
        if name in options.leave_out:
            continue
        began = time.monotonic()
        counts = run_collection() if name == "collection" else run_suite(options.programs / "tests" / name)
        print(f"{name}: {counts[0]} passed, {counts[1]} failed ({time.monotonic() - began:.0f} s)", flush=True)
        passed, failed = passed + counts[0], failed + counts[1]
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
