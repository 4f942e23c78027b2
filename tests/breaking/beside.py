"""What clients of each bad kind do to the 99th percentile of good ones: with and without them in turns, so that whatever else
goes on on the machine is in both; called by scripts/break --clients."""

import argparse
import json
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

from bad_clients import KINDS
from connection import Connections
from rounds import say
from vestibule import Broken, Server, make_provider
from workload import GROUP, GROUPS, USER

HERE = pathlib.Path(__file__).resolve().parent
READERS = 4
USERS = 3000
BULK = 1000
LIMIT = 2.0
BULK_REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
# What is said of a kind in the table.
NAMES = {"silent": "1,000 silent connections", "idle": "5,000 idle connections", "slow-header": "400 slow headers",
         "slow-body": "400 slow bodies", "slow-reader": "50 slow readers of a group of 3,000",
         "pipelined": "a flood of pipelined requests", "huge-header": "4 floods of headers of 100 kB",
         "endless-body": "4 endless chunked bodies", "costly-json": "a flood of JSON bodies of 1 MB",
         "wrong-token": "4 floods of wrong tokens"}
# Those that TLS gives something of its own to be silent in.
TLS_KINDS = ["silent"]


def read_options():
    parser = argparse.ArgumentParser(prog="scripts/break --clients", add_help=False, allow_abbrev=False)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=0.8)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--only-read-options", action="store_true")
    options = parser.parse_args()
    options.kinds = options.kinds.split(",")
    unknown = set(options.kinds) - set(KINDS)
    if unknown:
        parser.error(f"there are no {', '.join(sorted(unknown))}; there are {', '.join(KINDS)}")
    if options.rounds < 1 or options.seconds <= 0:
        parser.error("--rounds and --seconds are more than 0")
    return options


class Child:
    """A process that is told what it needs in its first line of input."""

    def __init__(self, script, *arguments, known):
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen([sys.executable, "-B", HERE / script, *arguments], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.say(json.dumps(known))

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self):
        line = self.process.stdout.readline()
        if not line:
            raise Broken(f"{self.process.args[2].name} ended")
        return line

    def stop(self):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def make_certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "key.pem",
                    "-out", folder / "certificate.pem"], check=True, capture_output=True)
    return folder / "certificate.pem", folder / "key.pem"


def populate(server, tokens):
    """Users, and a group of all of them. Returns their paths."""
    connections = Connections()

    def ask(method, path, body):
        answer = connections.ask(server.scim_address, method, path, tokens.scim, body)
        if answer.status not in (200, 201):
            raise Broken(f"{method} {path} answered {answer.status}: {answer.body[:200]!r}")
        return answer.json()
    locations = []
    for start in range(0, USERS, BULK):
        done = ask("POST", "/scim/v2/Bulk", {"schemas": [BULK_REQUEST], "Operations": [
            {"method": "POST", "path": "/Users", "bulkId": str(i), "data": {"schemas": [USER], "userName": f"user-{i}",
                                                                             "displayName": f"User {i}"}}
            for i in range(start, start + BULK)]})
        locations += [operation["location"].rpartition("/")[2] for operation in done["Operations"]]
    group = ask("POST", GROUPS, {"schemas": [GROUP], "displayName": "everybody",
                                 "members": [{"value": user} for user in locations]})
    connections.close()
    return [f"/scim/v2/Users/{user}" for user in locations], f"{GROUPS}/{group['id']}"


class Stage:
    """A server with its good clients, who are there all the time."""

    def __init__(self, server, tokens, users, group, certificate=None):
        self.server = server
        self.known = {"address": server.scim_address, "token": tokens.scim}
        self.bad = {**self.known, "user": users[0], "group": group}
        self.readers = Child("reader.py", known={**self.known, "users": users[:500], "readers": READERS,
                                                 "certificate": certificate and str(certificate)})
        self.window(1.0)

    def window(self, seconds):
        self.readers.say(str(seconds))
        return json.loads(self.readers.hear())

    def pair(self, kind, seconds, bad_first):
        """Latencies without and with them, in either order."""
        without = [] if bad_first else self.window(seconds)
        bad = Child("bad_clients.py", kind, known=self.bad)
        try:
            bad.hear()
            self.window(0.2)  # what comes of their arrival alone is over
            beside = self.window(seconds)
        finally:
            bad.stop()
        if bad_first:
            self.window(0.5)
            without = self.window(seconds)
        return without, beside

    def stop(self):
        self.readers.stop()


def percentile(taken):
    return sorted(taken)[int(len(taken) * 0.99)]


def measure(stage, kind, options, label):
    """One line of the table; true when the ratio, the median over rounds, is below the limit."""
    without, beside, ratios = [], [], []
    for number in range(options.rounds):
        pair = stage.pair(kind, options.seconds, number % 2 == 1)
        without += pair[0]
        beside += pair[1]
        ratios.append(percentile(pair[1]) / percentile(pair[0]))
    ratio = statistics.median(ratios)
    print(f"| {label} | {percentile(without) / 1000:.1f} | {percentile(beside) / 1000:.1f} | {ratio:.2f} "
          f"({min(ratios):.2f}–{max(ratios):.2f}) | {len(beside) / len(without):.2f} |", flush=True)
    return ratio < LIMIT


def run(options, folder):
    """How many kinds were below the limit, and how many not."""
    print("| beside | p99 without, ms | p99 with, ms | ratio (least to most) | requests with, of those without |")
    print("|---|---|---|---|---|")
    results = []
    certificate, key = make_certificate(folder)
    plain = {"VESTIBULE_SERVER_MAX_CONNECTIONS": "8000"}
    with_tls = {**plain, "VESTIBULE_SERVER_PUBLIC_TLS_CERTIFICATE": str(certificate),
                "VESTIBULE_SERVER_PUBLIC_TLS_KEY": str(key)}
    server = Server(options.program, folder, **plain)
    stage = None
    try:
        server.start()
        tokens = server.make_tokens()
        make_provider(server, tokens)
        users, group = populate(server, tokens)
        stage = Stage(server, tokens, users, group)
        for kind in options.kinds:
            results.append(measure(stage, kind, options, NAMES[kind]))
        stage.stop()
        server.stop()
        # The same data, by HTTPS.
        server = Server(options.program, folder, **with_tls)
        server.start()
        stage = Stage(server, tokens, users, group, certificate)
        for kind in TLS_KINDS:
            if kind in options.kinds:
                results.append(measure(stage, kind, options, NAMES[kind] + " before a TLS handshake"))
    finally:
        if stage is not None:
            stage.stop()
        server.stop()
    return results.count(True), results.count(False)


def main():
    options = read_options()
    if options.only_read_options:
        return 0
    # SIGTERM ends as Ctrl-C does: through the clean-up below.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="vestibule-breaking-"))
    try:
        passed, failed = run(options, folder)
    except Broken as error:
        say(f"break: {error}")
        passed, failed = 0, 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
