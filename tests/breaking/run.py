"""Breaks the server and looks at what is left; called by scripts/break, which says what the options mean."""

import argparse
import os
import pathlib
import random
import shutil
import signal
import sys
import tempfile

from proxy import Proxy
from rounds import Run, say
from strikes import Command, Disturb, KillBoth, KillDatabase, KillServer
from tcp_database import TcpDatabase
from vestibule import Broken, Endpoint, Server, Tokens, knows, make_provider, wait_until

VICTIMS = {"server": [KillServer], "database": [KillDatabase], "both": [KillBoth],
           "all": [KillServer, KillDatabase, KillBoth]}


def read_options():
    parser = argparse.ArgumentParser(prog="scripts/break", add_help=False, allow_abbrev=False)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--keep", type=pathlib.Path, required=True)
    parser.add_argument("--victim", choices=list(VICTIMS))
    parser.add_argument("--proxy", action="store_true")
    parser.add_argument("--servers")
    parser.add_argument("--strike")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--workers", type=int, default=6)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--only-read-options", action="store_true")
    options = parser.parse_args()
    if options.rounds < 1 or not 1 <= options.workers <= 64:
        parser.error("--rounds is 1 or more, --workers 1 to 64")
    if sum(map(bool, (options.victim, options.proxy, options.servers))) > 1:
        parser.error("--victim, --proxy and --servers are three different runs")
    if bool(options.servers) != bool(options.strike):
        parser.error("--servers and --strike belong together")
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1_000_000)
    return options


def kill_rounds(options, folder):
    """A run on a server with a private database, and what it left behind."""
    server = Server(options.program, folder)
    try:
        server.start()
        tokens = server.make_tokens()
        make_provider(server, tokens)
        strikes = [victim(server) for victim in VICTIMS[options.victim or "all"]]
        run = Run([server], tokens, strikes, options.keep, options.seed)
        run.go(options.rounds, options.workers)
    finally:
        server.stop()
    return run, server.left_behind()


def proxy_rounds(options, folder):
    """The same with a database on TCP, and a proxy in front of it."""
    database = TcpDatabase(folder)
    proxy = Proxy(database.address, options.seed)
    # Who is silent is given up soon, and no sooner than who waits for a lock.
    server = Server(options.program, folder, VESTIBULE_DATABASE_URL=database.url(proxy.port),
                    VESTIBULE_DATABASE_READ_SECONDS="4", VESTIBULE_DATABASE_CONNECT_SECONDS="1")

    def settle():
        """What the proxy has let through may still be at work behind it."""
        before = database.connections()
        proxy.cut()
        wait_until(lambda: not before & database.connections(), 60, "the database does not end cut connections")
    try:
        database.start()
        proxy.start()
        server.start()
        tokens = server.make_tokens()
        make_provider(server, tokens)
        run = Run([server], tokens, [Disturb(proxy)], options.keep, options.seed, settle)
        run.go(options.rounds, options.workers)
        say("proxy: " + ", ".join(f"{count} {fault}" for fault, count in sorted(proxy.done.items())))
    finally:
        server.stop()
        proxy.stop()
        database.stop()
    return run, server.left_behind()


def given_servers(options):
    """The same on servers that are there, which somebody else breaks."""
    servers = [Endpoint(*pair.split("=", 1)) for pair in options.servers.split(",")]
    tokens = Tokens(*(os.environ[f"VESTIBULE_{kind}_TOKEN"] for kind in ("SCIM", "JIT", "ADMIN")))
    make_provider(servers[0], tokens)
    for server in servers:
        knows(server, tokens)
    run = Run(servers, tokens, [Command(options.strike)], options.keep, options.seed)
    run.go(options.rounds, options.workers)
    return run, []


def run_of(options, folder):
    if options.servers:
        return given_servers(options)
    return proxy_rounds(options, folder) if options.proxy else kill_rounds(options, folder)


def main():
    options = read_options()
    if options.only_read_options:
        return 0
    # SIGTERM ends as Ctrl-C does: through the clean-up below.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="vestibule-breaking-"))
    say(f"seed {options.seed}")
    run = None
    try:
        run, left = run_of(options, folder)
    except Broken as error:
        say(f"break: {error}")
        print("0 passed, 1 failed")
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        if run is None or run.bad_rounds():
            options.keep.mkdir(parents=True, exist_ok=True)
            for log in folder.glob("*.log"):
                shutil.copy(log, options.keep)
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{run.summary()}; {len(left)} left behind")
    for what in left:
        print(f"left behind: {what}")
    bad = run.bad_rounds()
    failed = bad + bool(left)
    print(f"{len(run.rounds) - bad} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
