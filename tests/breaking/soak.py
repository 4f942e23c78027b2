"""Hours of half the load that two processes of clients reach: whether memory, descriptors, threads and latency stay what they are; called
by scripts/break --soak. The last line says `N passed, M failed`, counted in what is looked at."""

import argparse
import json
import os
import pathlib
import shutil
import signal
import statistics
import sys
import tempfile
import time

from beside import Child, percentile, populate
from rounds import say
from vestibule import Broken, Server, make_provider

PROCESSES = 2
WARM_UP_S = 8
# Below this many windows the first and the last are too near to each other to be compared.
FEWEST_WINDOWS = 8
# What the last quarter of the windows may have beyond the second one.
MORE_MEMORY, MORE_MEMORY_KB = 1.05, 8 * 1024
MORE_DESCRIPTORS = 8
LONGER = 1.5


def read_options():
    parser = argparse.ArgumentParser(prog="scripts/break --soak", add_help=False, allow_abbrev=False)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--window", type=float, default=30)
    parser.add_argument("--only-read-options", action="store_true")
    options = parser.parse_args()
    if options.minutes <= 0 or options.window <= 0:
        parser.error("--minutes and --window are more than 0")
    return options


def memory_kb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0])


class Window:
    """What was seen in one: latencies in microseconds, and what the server had at its end."""

    def __init__(self, taken, server):
        self.requests = len(taken)
        self.median, self.p99 = statistics.median(taken) / 1000, percentile(taken) / 1000
        self.memory = memory_kb(server.pid)
        self.database = memory_kb(server.database_pid())
        self.descriptors = len(os.listdir(f"/proc/{server.pid}/fd"))
        self.threads = len(os.listdir(f"/proc/{server.pid}/task"))


class Clients:
    """Processes of clients, and all that was wrong so far."""

    def __init__(self, server, tokens, users, group):
        known = {"scim": server.scim_address, "internal": server.internal_address,
                 "tokens": {"scim": tokens.scim, "jit": tokens.jit}, "users": users, "group": group}
        self.children = [Child("steady_client.py", known={**known, "label": f"soak-{number}"}) for number in range(PROCESSES)]
        self.wrong, self.given_up = [], 0

    def ask(self, seconds, rate):
        """Latencies of the requests of so many seconds; at `rate` a second, 0 for as many as are answered."""
        for child in self.children:
            child.say(f"{seconds} {rate / PROCESSES}")
        taken = []
        for child in self.children:
            heard = json.loads(child.hear())
            taken += heard["taken"]
            self.wrong += heard["wrong"]
            self.given_up += heard["given_up"]
        if not taken:
            raise Broken("no request was answered")
        return taken

    def stop(self):
        for child in self.children:
            child.stop()


def watch(options, server, clients):
    clients.ask(2, 0)
    capacity = len(clients.ask(WARM_UP_S, 0)) / WARM_UP_S
    # A thing that a client does is 1.15 requests, on average: near enough to half.
    say(f"break: {capacity:.0f} requests a second are what these clients reach; half of that for {options.minutes:g} minutes")
    print("| minute | requests/s | p50, ms | p99, ms | server, MB | database, MB | descriptors | threads | wrong |\n"
          "|---|---|---|---|---|---|---|---|---|", flush=True)
    windows, begin = [], time.monotonic()
    while time.monotonic() - begin < options.minutes * 60:
        window = Window(clients.ask(options.window, capacity / 2 / 1.15), server)
        windows.append(window)
        print(f"| {(time.monotonic() - begin) / 60:.1f} | {window.requests / options.window:.0f} | {window.median:.1f} | "
              f"{window.p99:.1f} | {window.memory / 1024:.1f} | {window.database / 1024:.1f} | {window.descriptors} | "
              f"{window.threads} | {len(clients.wrong)} |", flush=True)
    return windows


def judge(windows, clients):
    """What is looked at: a name, whether it is as it should be, and the figures."""
    requests = sum(window.requests for window in windows)
    yield ("every answer is the right one", not clients.wrong,
           f"{requests} requests, {clients.given_up} given up, {len(clients.wrong)} wrong")
    if len(windows) < FEWEST_WINDOWS:
        say(f"break: {len(windows)} windows are too few to compare the first with the last; {FEWEST_WINDOWS} would do")
        return
    quarter = len(windows) // 4
    early, late = windows[quarter:2 * quarter], windows[-quarter:]

    def median(part, what):
        return statistics.median(getattr(window, what) for window in part)
    was, ends = median(early, "memory"), median(late, "memory")
    yield ("memory is flat", ends <= max(was * MORE_MEMORY, was + MORE_MEMORY_KB), f"{was / 1024:.1f} and {ends / 1024:.1f} MB")
    was, ends = (max(window.descriptors for window in part) for part in (early, late))
    yield "descriptors are flat", ends <= was + MORE_DESCRIPTORS, f"{was} and {ends}"
    was, ends = (max(window.threads for window in part) for part in (early, late))
    yield "threads are flat", ends <= was, f"{was} and {ends}"
    was, ends = median(early, "p99"), median(late, "p99")
    yield "latency is flat", ends <= was * LONGER, f"p99 {was:.1f} and {ends:.1f} ms"


def run(options, folder):
    server, clients = Server(options.program, folder), None
    try:
        server.start()
        tokens = server.make_tokens()
        make_provider(server, tokens)
        paths, group = populate(server, tokens)
        clients = Clients(server, tokens, [path.rpartition("/")[2] for path in paths], group.rpartition("/")[2])
        windows = watch(options, server, clients)
        results = list(judge(windows, clients))
    finally:
        if clients is not None:
            clients.stop()
        server.stop()
    left = server.left_behind()
    results.append(("nothing is left behind", not left, ", ".join(left) or "nothing"))
    for what, good, figures in results:
        print(f"{'ok' if good else 'FAILED'}: {what}: {figures}")
    for line in clients.wrong[:10]:
        print(f"  {line}")
    return sum(good for _, good, _ in results), sum(not good for _, good, _ in results)


def main():
    options = read_options()
    if options.only_read_options:
        return 0
    # SIGTERM ends as Ctrl-C does: through the clean-up below.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="vestibule-soak-"))
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
