"""Runs the benchmark; called by scripts/bench, which says what the options mean."""

import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

import results
from large_group import read_large_group
from service import BenchError, Service, default_buffer_pool, describe_machine, memory_mb
from verify import verify

# Operations that take turns, round by round. Reads come first: what they look at is then as it was loaded, and
# nothing is written back behind their backs. The two kinds of adding a member are to be compared.
TURNS = [["get_user"], ["filter_username"], ["jit_known"], ["patch_user"], ["create_user"],
         ["jit_new"], ["bulk_create"], ["add_member_small", "add_member_large"]]
OPERATIONS = [operation for turn in TURNS for operation in turn]
OF_JIT = {"jit_known", "jit_new"}
# Requests that hold many operations, and how many. They run one after the other: on one connection, as do those of
# the bound, and for longer, as there are few of them.
BULKS = {"bulk_create": 1000}
BULKS_TIMES_LONGER = 3
SMALLEST = 1000
# The group that a tenth of all users are in, by the name the data generator gives it.
LARGE_GROUP = "All Employees"


def say(text):
    print(text, file=sys.stderr, flush=True)


def read_options():
    parser = argparse.ArgumentParser(prog="scripts/bench", add_help=False, allow_abbrev=False)
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--operations", default=",".join(OPERATIONS))
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--clients", type=int)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--data", type=pathlib.Path)
    parser.add_argument("--buffer-pool", type=int)
    parser.add_argument("--profile", choices=OPERATIONS)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--only-read-options", action="store_true")
    options = parser.parse_args()
    options.operations = options.operations.split(",")
    unknown = [name for name in options.operations if name not in OPERATIONS]
    if unknown:
        parser.error("unknown operation " + ", ".join(unknown))
    if options.users < SMALLEST or options.seconds < 0.1 or options.rounds < 1 \
            or options.connections < 1:
        parser.error(f"at least {SMALLEST} users, 0.1 seconds, 1 round and 1 connection are needed")
    options.clients = options.clients or 2 * options.connections
    options.buffer_pool = options.buffer_pool or default_buffer_pool(options.users)
    return options


class Bench:
    """One run."""

    def __init__(self, options, service):
        self.options = options
        self.service = service
        self.layout = ["--users", str(options.users)]
        self.domain_number = 0

    def load(self):
        say(f"bench: {self.options.users:,} users in {self.service.data}")
        loaded = json.loads(self.service.data_command("load", self.layout))
        self.domain_number = loaded["domain_number"]
        if loaded["loaded"]:
            say(f"bench: loaded in {loaded['seconds']:.0f} s, "
                f"{loaded['large_members']:,} of them in one group")
        else:
            say("bench: they are there already")
        verify(self.service, loaded["sample"])
        say("bench: a sample of them reads back as the server would have stored it")

    def measured(self, program, operation, arguments, environment=None):
        command = [str(self.options.programs / "bench" / program), "--operation", operation,
                   "--seconds", str(self.seconds(operation)),
                   "--database-pid", str(self.service.database_pid), *self.layout, *arguments]
        done = subprocess.run(command, text=True, stdout=subprocess.PIPE, check=False,
                              env={**os.environ, **(environment or {})})
        if done.returncode != 0:
            raise BenchError(f"{program} {operation}: the run is void")
        return json.loads(done.stdout)

    def seconds(self, operation):
        return self.options.seconds * (BULKS_TIMES_LONGER if operation in BULKS else 1)

    @staticmethod
    def connections(operation, number):
        return "1" if operation in BULKS else str(number)

    def bound(self, operation):
        return self.measured("bench_bound", operation,
                             ["--database", self.service.database_url,
                              "--connections", self.connections(operation, self.options.connections)])

    def served(self, operation):
        jit = operation in OF_JIT
        run = self.measured(
            "bench_load", operation,
            ["--url", self.service.internal_url if jit else self.service.scim_url,
             "--domain-number", str(self.domain_number),
             "--connections", self.connections(operation, self.options.clients),
             "--server-pid", str(self.service.pid)],
            {"BENCH_TOKEN": self.service.jit_token if jit else self.service.scim_token})
        if operation in BULKS:
            # Too few to be counted in a window; but on one connection the time of one says how many there are.
            run["ops_per_s"] = BULKS[operation] * 1e6 / run["p50_us"]
            for key in ("cpu_us_own", "cpu_us_server", "cpu_us_database"):
                run[key] /= BULKS[operation]
        return run

    def reset(self):
        self.service.data_command("reset", self.layout)

    def turn(self, operations):
        """Bound and server in turns, for each of the operations in turns."""
        bounds = {operation: [] for operation in operations}
        served = {operation: [] for operation in operations}
        memory = {}
        for number in range(1, self.options.rounds + 1):
            for operation in operations:
                self.reset()
                bounds[operation].append(self.bound(operation))
                self.reset()
                served[operation].append(self.served(operation))
                memory[operation] = memory_mb(self.service.pid)
                one, two = bounds[operation][-1], served[operation][-1]
                say(f"bench: {operation} round {number}: bound {one['ops_per_s']:,.0f}/s, "
                    f"server {two['ops_per_s']:,.0f}/s, "
                    f"ratio {two['ops_per_s'] / one['ops_per_s']:.2f}")
        return [results.summarise(operation, bounds[operation], served[operation],
                                  memory[operation]) for operation in operations]

    def run(self):
        found = []
        for operations in TURNS:
            wanted = [name for name in operations if name in self.options.operations]
            if wanted:
                found += self.turn(wanted)
        found.sort(key=lambda result: OPERATIONS.index(result["operation"]))
        return found

    def profile(self, operation):
        """Where server and database spend their time in one operation, by perf."""
        perf = shutil.which("perf")
        if perf is None:
            raise BenchError("perf is not installed (package linux-perf)")
        self.reset()
        with tempfile.TemporaryDirectory() as folder:
            record = os.path.join(folder, "perf.data")
            pids = f"{self.service.pid},{self.service.database_pid}"
            # pylint: disable-next=consider-using-with
            recording = subprocess.Popen(
                [perf, "record", "--quiet", "-F", "997", "-g", "-p", pids, "-o", record],
                stderr=subprocess.PIPE, text=True)
            try:
                run = self.served(operation)
            finally:
                recording.send_signal(signal.SIGINT)
                problem = recording.communicate()[1]
            if not os.path.exists(record) or os.path.getsize(record) == 0:
                raise BenchError("perf could not record: " + problem.strip())
            print(json.dumps(run))
            for keys in ("comm", "comm,dso", "comm,dso,symbol"):
                done = subprocess.run(
                    [perf, "report", "--stdio", "--no-children", "-g", "none", "--sort", keys,
                     "--percent-limit", "0.4", "-i", record],
                    text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
                print(f"\nBy {keys}:")
                lines = [line for line in done.stdout.splitlines() if line and line[0] != "#"]
                print("\n".join(lines[:80]))


def show(found, large, options, service):
    print()
    print(describe_machine(options.buffer_pool))
    print(f"{options.users:,} users; bound: {options.connections} connections; server: "
          f"{options.connections} workers, {options.clients} HTTP connections; medians of "
          f"{options.rounds} rounds of {options.seconds:g} s; CPU in us per request")
    print()
    print("\n".join(results.table(found)))
    print()
    ratio = results.large_of_small(found)
    if ratio is not None:
        print(f"add_member_large is {ratio:.2f} of add_member_small "
              f"(floor {results.LARGE_OF_SMALL_FLOOR:.2f})")
    print(f"the group of {large['members']:,} members, {large['bytes'] / 1e6:.1f} MB, was read in {large['seconds']:.2f} s "
          f"with {large['more_mb']:.1f} MB more memory (limit {results.LARGE_GROUP_LIMIT_MB})")
    print(f"resident memory of the server at the end: {memory_mb(service.pid):.0f} MB")


def measure(options, service):
    """The exit status."""
    service.start()
    service.prepare()
    bench = Bench(options, service)
    bench.load()
    if options.profile:
        bench.profile(options.profile)
        return 0
    found = bench.run()
    large = read_large_group(service, LARGE_GROUP)
    show(found, large, options, service)
    if options.json:
        results.write_json(found, options.json)
    missed = results.missed(found, large)
    for line in missed:
        print("missed: " + line)
    return 1 if options.check and missed else 0


def main():
    options = read_options()
    if options.only_read_options:
        return 0
    # SIGTERM ends as Ctrl-C does: through the clean-up below.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    temporary = None if options.data else pathlib.Path(tempfile.mkdtemp(prefix="vestibule-bench-"))
    data = (options.data or temporary / "data").absolute()
    service = Service(options.programs.absolute(), data, options)
    try:
        return measure(options, service)
    except BenchError as error:
        say(f"bench: {error}")
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        service.stop()
        if temporary is not None and options.keep:
            say(f"bench: the data is in {data}")
        elif temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
