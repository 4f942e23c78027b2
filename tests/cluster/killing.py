"""Rounds of scripts/break on servers that share a cluster: in each a node dies under load, the writer or one that stands by,
and comes back."""

import os
import pathlib
import random
import shlex
import socket
import subprocess
import sys
import threading

import races

ROOT = pathlib.Path(__file__).resolve().parents[2]
# How often it is the node that takes the writes.
WRITER_SHARE = 0.6
# Schemas whose tables are of one node.
OF_A_NODE = ("mysql", "sys", "information_schema", "performance_schema")


class Striker:
    """Kills a node whenever somebody connects to its socket, brings it back, and says so."""

    def __init__(self, cluster, router, folder, seed):
        self.cluster, self.router = cluster, router
        self.writer = cluster.nodes[0]
        self.chance = random.Random(seed)
        self.killed = {"writer": 0, "standby": 0}
        self.path = pathlib.Path(folder) / "strikes"
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen(1)
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def command(self):
        return shlex.join([sys.executable, "-B", str(ROOT / "tests/cluster/strike.py"), str(self.path)])

    def kill_writer(self):
        """Kills it and moves the route to another node; the one that is dead."""
        victim, self.writer = self.writer, self._standby()
        victim.kill()
        self.router.move_to(self.writer)
        return victim

    def strike(self):
        if self.chance.random() < WRITER_SHARE:
            self.killed["writer"] += 1
            victim = self.kill_writer()
        else:
            self.killed["standby"] += 1
            victim = self._standby()
            victim.kill()
        self.cluster.rejoin(victim)

    def _standby(self):
        return self.chance.choice([node for node in self.cluster.nodes if node is not self.writer])

    def _serve(self):
        while True:
            try:
                asked, _ = self._listener.accept()
            except OSError:
                return
            try:
                self.strike()
                said = "whole\n"
            except Exception as error:  # pylint: disable=broad-exception-caught
                said = f"{type(error).__name__}: {error}".replace("\n", " ")[:2000] + "\n"
                print(said, file=sys.stderr, end="", flush=True)
            with asked:
                asked.sendall(said.encode())

    def stop(self):
        self._listener.close()
        self.path.unlink(missing_ok=True)


def rounds(striker, servers, number, seed, keep):
    """Runs them; what the checker says in its last line but one. Raises races.Failure when it found anything."""
    tokens = {}
    for kind, scopes in (("SCIM", ["scim:read", "scim:write"]), ("JIT", ["jit"]), ("ADMIN", ["admin"])):
        tokens[f"VESTIBULE_{kind}_TOKEN"] = servers[0].make_token("break-" + kind.lower(), scopes)
    pairs = ",".join(f"http://127.0.0.1:{one.scim_port}=http://127.0.0.1:{one.internal_port}" for one in servers)
    # pylint: disable-next=consider-using-with
    checker = subprocess.Popen([str(ROOT / "scripts/break"), "--servers", pairs, "--strike", striker.command, "--rounds",
                                str(number), "--seed", str(seed), "--keep", str(keep)],
                               env={**os.environ, **tokens}, stdout=subprocess.PIPE, text=True)
    try:
        said = checker.communicate()[0].splitlines()
    finally:
        checker.terminate()
        checker.wait()
    races.require(checker.returncode == 0, "the checker found something:\n" + "\n".join(said))
    return f"{said[-2]}; killed: {striker.killed['writer']} times the writer, {striker.killed['standby']} times another"


def same_on_all(nodes):
    """Every table has the same rows on every node."""
    tables = nodes[0].sql("SELECT CONCAT('`', table_schema, '`.`', table_name, '`') FROM information_schema.tables WHERE "
                          f"table_type = 'BASE TABLE' AND table_schema NOT IN {OF_A_NODE} ORDER BY 1")
    races.require(len(tables) > 20, f"there are {len(tables)} tables")
    sums = races.same_everywhere(nodes, "CHECKSUM TABLE " + ", ".join(name for name, in tables))
    return f"{len(sums)} tables"
