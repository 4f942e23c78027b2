"""Runs the benchmark; called by scripts/bench, which says what the options mean."""

import argparse
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

import results
from export_walk import PAGE, export
from import_file import USERS as IMPORTED_USERS
from import_file import import_users
from large_group import read_large_group
from leave_groups import deletions
from member_batch import batch_of_single
from over_tls import OverTls
from queue_drain import Backlog
from scan_beside import Scanner
from service import (BenchError, Service, default_buffer_pool, describe_machine, memory_mb,
                     processor_seconds)
from verify import verify

# Operations that take turns, round by round. Reads come first: what they look at is then as it was loaded, and
# nothing is written back behind their backs. The two kinds of adding a member are to be compared.
TURNS = [["get_user"], ["filter_username"], ["filter_email"], ["filter_prefix"], ["export"], ["jit_known"],
         ["login_id_token"], ["forward_auth_warm"], ["patch_user"], ["create_user"],
         ["jit_new"], ["bulk_create"], ["add_member_small", "add_member_large"]]
OPERATIONS = [operation for turn in TURNS for operation in turn]
# What is measured without a bound, behind the operations.
OTHERS = ["queue", "few_users", "member_batch", "scan_beside", "large_group", "leave_groups", "tls", "import"]
OF_JIT = {"jit_known", "jit_new", "queue_new", "login_id_token", "forward_auth_warm", "healthz"}
# What the server does without its database is measured against another request that it answers.
BOUND_BY_REQUEST = {"forward_auth_warm": "healthz"}
# Requests that hold many operations, and how many. They run one after the other: on one connection, as do those of
# the bound, and for longer, as there are few of them.
BULKS = {"bulk_create": 1000}
BULKS_TIMES_LONGER = 3
# Found through an index: they should take as long among few users as among many.
BY_INDEX = ["filter_username", "filter_email", "filter_prefix"]
FEW_USERS = 10_000
# What a scan beside others does is measured on others that do not use all of the machine.
CLIENTS_BESIDE = 4
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
    parser.add_argument("--operations", default=",".join(OPERATIONS + OTHERS))
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
    unknown = [name for name in options.operations if name not in OPERATIONS + OTHERS]
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
        self.walk = None

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
                   "--database-pid", str(self.service.database_pid),
                   "--signing-key", str(self.service.signing_key), *self.layout, *arguments]
        done = subprocess.run(command, text=True, stdout=subprocess.PIPE, check=False,
                              env={**os.environ, **(environment or {})})
        if done.returncode != 0:
            raise BenchError(f"{program} {operation}: the run is void")
        return json.loads(done.stdout)

    def seconds(self, operation):
        return self.options.seconds * (BULKS_TIMES_LONGER if operation in BULKS else 1)

    @staticmethod
    def connections(operation, number):
        return "1" if operation in BULKS or operation == "export" else str(number)

    def bound(self, operation):
        if operation in BOUND_BY_REQUEST:
            run = self.loaded(BOUND_BY_REQUEST[operation])
            run["cpu_us_own"], run["cpu_us_server"] = run["cpu_us_server"], None
            return run
        run = self.measured("bench_bound", operation,
                            ["--database", self.service.database_url,
                             "--connections", self.connections(operation, self.options.connections)])
        if operation == "export":
            run["ops_per_s"] *= PAGE
            for key in ("cpu_us_own", "cpu_us_database"):
                run[key] /= PAGE
        return run

    def served(self, operation, clients=None):
        if operation == "export":
            return self.exported()
        run = self.loaded(operation, clients)
        if operation in BULKS:
            # Too few to be counted in a window; but on one connection the time of one says how many there are.
            run["ops_per_s"] = BULKS[operation] * 1e6 / run["p50_us"]
            for key in ("cpu_us_own", "cpu_us_server", "cpu_us_database"):
                run[key] /= BULKS[operation]
        return run

    def loaded(self, operation, clients=None):
        jit = operation in OF_JIT
        return self.measured(
            "bench_load", operation,
            ["--url", self.service.internal_url if jit else self.service.scim_url,
             "--domain-number", str(self.domain_number),
             "--connections", self.connections(operation, clients or self.options.clients),
             "--server-pid", str(self.service.pid)],
            {"BENCH_TOKEN": self.service.jit_token if jit else self.service.scim_token})

    def exported(self):
        """A walk over all users, in the form of the other measurements. Its pages are kept for the figures."""
        before = [processor_seconds(pid) for pid in (self.service.pid, self.service.database_pid)]
        self.walk = export(self.service, self.options.users)
        after = [processor_seconds(pid) for pid in (self.service.pid, self.service.database_pid)]
        users, pages = self.walk["users"], sorted(self.walk["page_seconds"])
        server, database = ((two - one) / users * 1e6 for one, two in zip(before, after))
        return {"operations": users, "errors": 0, "ops_per_s": users / self.walk["seconds"],
                "p50_us": pages[len(pages) // 2] * 1e6, "p99_us": pages[len(pages) * 99 // 100] * 1e6,
                "cpu_us_own": None, "cpu_us_server": server, "cpu_us_database": database}

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

    def figures(self, found):
        """What is measured without a bound."""
        wanted = self.options.operations
        figures = [results.large_of_small(found)]
        if self.walk is not None:
            figures += export_figures(self.walk)
        if "queue" in wanted:
            figures.append(self.queue())
        if "few_users" in wanted and self.options.users > FEW_USERS:
            figures += self.beside_few([name for name in BY_INDEX if name in wanted])
        if "member_batch" in wanted:
            figures.append(batch_figure(batch_of_single(self.service)))
        if "scan_beside" in wanted:
            figures.append(self.beside_scan())
        if "large_group" in wanted:
            figures.append(large_group_figure(read_large_group(self.service, LARGE_GROUP)))
        if "leave_groups" in wanted:
            figures.append(leaving_figure(deletions(self.service)))
        if "tls" in wanted:
            figures.append(self.over_tls())
        if "import" in wanted:
            figures.append(self.imported())
        return [figure for figure in figures if figure is not None]

    def over_tls(self):
        """GET from a server that speaks TLS against GET from this one, in turns, on one database."""
        shares, costs = [], []
        with OverTls(self.service) as service:
            sealed = Bench(self.options, service)
            sealed.domain_number = self.domain_number
            for number in range(1, self.options.rounds + 1):
                both = [sealed, self] if number % 2 else [self, sealed]
                runs = {bench: bench.served("get_user") for bench in both}
                if runs[sealed]["errors"] or runs[self]["errors"]:
                    raise BenchError("not all answers were as expected: the run is void")
                shares.append(runs[sealed]["ops_per_s"] / runs[self]["ops_per_s"])
                costs.append(runs[sealed]["cpu_us_server"] - runs[self]["cpu_us_server"])
                say(f"bench: tls round {number}: plain {runs[self]['ops_per_s']:,.0f}/s, TLS {runs[sealed]['ops_per_s']:,.0f}/s, "
                    f"ratio {shares[-1]:.2f}")
        share = statistics.median(shares)
        return results.Figure(f"get_user over TLS runs at {share:.2f} of plain; TLS costs the server "
                              f"{statistics.median(costs):.0f} us of processor time a request", share, least=0.8)

    def imported(self):
        """How fast a file is imported, of how fast the same rows are inserted."""
        shares = []
        users = min(IMPORTED_USERS, self.options.users)
        for number in range(1, self.options.rounds + 1):
            self.reset()
            bound, ours = import_users(self.service, self.layout, users)
            shares.append(ours / bound)
            say(f"bench: import round {number}: bound {bound:,.0f}/s, import {ours:,.0f}/s, ratio {shares[-1]:.2f}")
        share = statistics.median(shares)
        return results.Figure(f"{users:,} users are imported at {share:.2f} of the rate of inserting their rows", share,
                              least=0.5)

    def queue(self):
        """How fast queued first logins are run, of how fast as many workers answer blocking ones."""
        shares = []
        for number in range(1, self.options.rounds + 1):
            self.reset()
            blocking = self.served("jit_new")["ops_per_s"]
            self.reset()
            with Backlog(self.service) as backlog:
                self.served("queue_new")
                drained = backlog.drain(self.options.connections)
            shares.append(drained / blocking)
            say(f"bench: queue round {number}: blocking {blocking:,.0f}/s, queued {drained:,.0f}/s, "
                f"ratio {shares[-1]:.2f}")
        share = statistics.median(shares)
        return results.Figure(f"queued first logins are run at {share:.2f} of the rate of blocking ones", share, least=0.5)

    def beside_few(self, operations):
        """Filters among all users against the same among few, on two servers that take turns."""
        if not operations:
            return []
        options = argparse.Namespace(**{**vars(self.options), "users": FEW_USERS,
                                        "buffer_pool": default_buffer_pool(FEW_USERS)})
        service = Service(self.options.programs.absolute(),
                          self.service.data.with_name(self.service.data.name + "-few"), options)
        shares = {operation: [] for operation in operations}
        try:
            service.start()
            service.prepare()
            few = Bench(options, service)
            few.load()
            for number in range(1, self.options.rounds + 1):
                for operation in operations:
                    # In turns who is first: the machine may become slower meanwhile, or faster.
                    both = [few, self] if number % 2 else [self, few]
                    speed = {bench: bench.served(operation)["ops_per_s"] for bench in both}
                    shares[operation].append(speed[self] / speed[few])
                    say(f"bench: {operation} round {number}: {shares[operation][-1]:.2f} of what it does "
                        f"among {FEW_USERS:,} users")
        finally:
            service.stop()
        medians = {operation: statistics.median(found) for operation, found in shares.items()}
        return [results.Figure(f"{operation} runs at {share:.2f} of what it does among {FEW_USERS:,} users", share,
                               least=0.9) for operation, share in medians.items()]

    def beside_scan(self):
        """How much longer other requests take, at their p99, while a client makes the server scan."""
        times = []
        for number in range(1, self.options.rounds + 1):
            alone = self.served("get_user", CLIENTS_BESIDE)["p99_us"]
            with Scanner(self.service) as scanner:
                beside = self.served("get_user", CLIENTS_BESIDE)["p99_us"]
            if scanner.problem or scanner.scans == 0:
                raise BenchError(f"the scan went wrong: {scanner.problem}")
            times.append(beside / alone)
            say(f"bench: scan_beside round {number}: p99 of get_user {alone / 1e3:.1f} ms alone, "
                f"{beside / 1e3:.1f} ms beside {scanner.scans} scans")
        found = statistics.median(times)
        return results.Figure(f"p99 of get_user from {CLIENTS_BESIDE} clients is {found:.2f} times as long while another "
                              "client scans", found, limit=2)

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


def export_figures(walk):
    share = walk["last"] / walk["first"]
    return [results.Figure(f"the last pages of an export of {walk['users']:,} users took {share:.2f} times as long as the "
                           f"first ({walk['first'] * 1e3:.0f} ms)", share, limit=1.2),
            results.Figure(f"the server held {walk['more_mb']:.1f} MB more at the end of the export than after its "
                           "first pages", walk["more_mb"], limit=8)]


def batch_figure(batch):
    return results.Figure(f"1,000 members in one PATCH take {batch['times']:.1f} times as long as one member "
                          f"({batch['batch'] * 1e3:.0f} and {batch['single'] * 1e3:.1f} ms)", batch["times"], limit=50)


def leaving_figure(found):
    return results.Figure(f"a user of {found['groups']:,} groups is deleted in {found['with']:.2f} s with events of each group, "
                          f"{found['times']:.1f} times as long as without ({found['without']:.2f} s)", found["times"], limit=2)


def large_group_figure(large):
    return results.Figure(f"the group of {large['members']:,} members, {large['bytes'] / 1e6:.1f} MB, was read in "
                          f"{large['seconds']:.2f} s with {large['more_mb']:.1f} MB more memory", large["more_mb"],
                          limit=20)


def show(found, figures, options, service):
    print()
    print(describe_machine(options.buffer_pool))
    print(f"{options.users:,} users; bound: {options.connections} connections; server: "
          f"{options.connections} workers, {options.clients} HTTP connections; medians of "
          f"{options.rounds} rounds of {options.seconds:g} s; CPU in us per request")
    if found:
        print()
        print("\n".join(results.table(found)))
    print()
    for figure in figures:
        print(figure.line())
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
    figures = bench.figures(found)
    show(found, figures, options, service)
    if options.json:
        results.write_json(found, options.json)
    missed = results.missed(found, figures)
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
