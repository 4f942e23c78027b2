"""Three Vestibule processes on a three-node Galera cluster, for real, on loopback. Called by scripts/cluster.

Clients write at all servers at once, nodes are killed and come back, and what was answered for has to be on every node. The
last line says `N passed, M failed`.
"""

import argparse
import pathlib
import sys
import tempfile
import time
import traceback

import killing
import races
from galera import Cluster, Programs, Unavailable
from router import Router
from vestibule import clients_of, start_servers

ROOT = pathlib.Path(__file__).resolve().parents[2]
CANNOT_BE_HAD = 75
FEW_ROUNDS = 2


class Report:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, task):
        began = time.monotonic()
        try:
            said = task()
            self.passed += 1
            print(f"ok    {name} ({time.monotonic() - began:.1f} s){': ' + said if said else ''}", flush=True)
        except Exception as error:  # pylint: disable=broad-exception-caught
            self.failed += 1
            print(f"FAIL  {name}: {error}", flush=True)
            if not isinstance(error, races.Failure):
                traceback.print_exc()


def killed_and_rejoined(cluster, clients, writes):
    """A node is killed in the middle of writes at all servers; its server finds it again when it is back."""
    node = cluster.nodes[2]
    writers = races.Writers(clients * 2, "killed")
    try:
        writers.wait_for(writes)
        node.kill()
        writers.wait_for(writes)
        cluster.rejoin(node)
        writers.wait_for(writes)
        until_ready(clients[2])
        writers.wait_for(writes)
    finally:
        writers.stop()
    return writers.require_everywhere(cluster.nodes)


def without_majority(cluster, clients):
    """Two of three nodes are killed: the one that is left takes nothing, says so, and goes on when they are back."""
    lonely = cluster.nodes[0]
    before = clients[0].create_user("before-the-split")
    races.require(before[0] == 201, f"answered {before}")
    for node in cluster.nodes[1:]:
        node.kill()
    until = time.monotonic() + 30
    while lonely.status("wsrep_cluster_status") == "Primary":
        races.require(time.monotonic() < until, "the last node does not notice that it is alone")
        time.sleep(0.1)
    for ask in (lambda: clients[0].create_user("of-a-minority"), lambda: clients[0].login("of-a-minority"),
                lambda: clients[0].scim("GET", "/Users/" + before[1]["id"])):
        status, document = ask()
        races.require(status == 503, f"answered {status} {document}")
    races.require(not clients[0].ready(), "it says that it is ready")
    # What an operator does who knows that the other two are dead.
    lonely.sql("SET GLOBAL wsrep_provider_options = 'pc.bootstrap=true'")
    lonely_until_primary(lonely)
    for node in cluster.nodes[1:]:
        cluster.rejoin(node)
    for client in clients:
        until_ready(client)
        races.until_done(lambda client=client: client.create_user(f"after-the-split-{client.server.name}"), (201,))
    rows = races.same_everywhere(cluster.nodes, f"SELECT user_name_fold FROM {races.DOMAIN}.users WHERE user_name_fold LIKE "
                                                "'%-the-split%' OR user_name_fold = 'of-a-minority' ORDER BY 1")
    races.require(len(rows) == 4 and rows[-1] == ["before-the-split"], f"there are {rows}")


def lonely_until_primary(node):
    until = time.monotonic() + 30
    while node.status("wsrep_ready") != "ON":
        races.require(time.monotonic() < until, "the node does not take over")
        time.sleep(0.1)


def until_ready(client):
    until = time.monotonic() + 30
    while not client.ready():
        races.require(time.monotonic() < until, f"{client.server.name} is not ready again")
        time.sleep(0.1)


def writer_fails(cluster, striker, clients, writes):
    """All servers write to one node. It is killed, the route moves to another, and nothing that was answered for is lost."""
    writers = races.Writers(clients * 2, "routed")
    try:
        writers.wait_for(writes)
        killed = striker.kill_writer()
        writers.wait_for(writes)
        cluster.rejoin(killed)
        writers.wait_for(writes)
    finally:
        writers.stop()
    return writers.require_everywhere(cluster.nodes)


def race_all(report, clients, nodes, scale):
    report.check("first logins of the same people", lambda: races.first_logins(clients, nodes, 10 * scale))
    report.check("the same user names", lambda: races.same_names(clients, nodes, 10 * scale))
    report.check("memberships of one group", lambda: races.memberships(clients, nodes, 6 * scale))
    report.check("members that are deleted", lambda: races.members_that_go(clients, nodes, 10 * scale))
    report.check("groups in a circle", lambda: races.circles(clients, nodes, 5 * scale))


def every_server_its_node(report, programs, vestibule, folder, options):
    """Each server has a node of its own: all three nodes take writes."""
    cluster, servers = None, []
    try:
        cluster = Cluster(programs, folder)
        servers += start_servers(vestibule, folder, [node.url for node in cluster.nodes])
        report.check("three servers make the schemas at once", lambda: [server.until_ready() for server in servers] and None)
        clients = clients_of(servers)
        race_all(report, clients, cluster.nodes, options.scale)
        report.check("a node is killed and rejoins", lambda: killed_and_rejoined(cluster, clients, 50 * options.scale))
        report.check("one node of three", lambda: without_majority(cluster, clients))
    finally:
        for server in servers:
            server.stop()
        if cluster:
            cluster.stop()


def all_to_one_node(report, programs, vestibule, folder, options):
    """All servers reach one node, through what routes writes; the others stand by."""
    cluster, router, striker, servers = None, None, None, []
    try:
        cluster = Cluster(programs, folder)
        router = Router(folder, cluster.nodes[0])
        striker = killing.Striker(cluster, router, folder, options.seed)
        servers += start_servers(vestibule, folder, [router.url] * 3)
        for server in servers:
            server.until_ready()
        if not options.kill_rounds:
            clients = clients_of(servers)
            race_all(report, clients, cluster.nodes, options.scale)
            report.check("the node that takes the writes is killed",
                         lambda: writer_fails(cluster, striker, clients, 50 * options.scale))
        rounds = options.kill_rounds or FEW_ROUNDS
        report.check(f"{rounds} rounds of the checker, in each of which a node is killed and rejoins",
                     lambda: killing.rounds(striker, servers, rounds, options.seed, options.keep))
        for server in servers:
            server.stop()
        report.check("every row is on every node", lambda: killing.same_on_all(cluster.nodes))
    finally:
        for server in servers:
            server.stop()
        for one in (striker, router, cluster):
            if one:
                one.stop()


SETUPS = {"many-writers": every_server_its_node, "one-writer": all_to_one_node}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--scale", type=int, default=1)
    parser.add_argument("--setup", choices=SETUPS, action="append")
    parser.add_argument("--kill-rounds", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=pathlib.Path, default=ROOT / "build/breaking")
    options = parser.parse_args()
    if options.kill_rounds and (options.setup or options.scale != 1):
        parser.error("--kill-rounds goes with neither --setup nor --scale")
    try:
        programs = Programs(ROOT / "build/galera")
    except Unavailable as error:
        print(f"skipped: no Galera: {error}")
        return CANNOT_BE_HAD
    report = Report()
    for setup in ["one-writer"] if options.kill_rounds else options.setup or SETUPS:
        print(f"== {setup}", flush=True)
        with tempfile.TemporaryDirectory(prefix="vestibule-") as folder:
            SETUPS[setup](report, programs, options.program.resolve(), pathlib.Path(folder), options)
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
