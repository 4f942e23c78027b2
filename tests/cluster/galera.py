"""Nodes of MariaDB with Galera as children of this process, each with a data folder and free ports of its own."""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import time

PATIENCE_S = 180

# What Debian's mariadb-server brings beside mariadb-server-core, and what its scripts call.
PACKAGES = ["galera-4", "mariadb-server", "rsync", "libpopt0"]
PROVIDER = "usr/lib/galera/libgalera_smm.so"
TRANSFER = "usr/bin/wsrep_sst_rsync"


class Unavailable(Exception):
    """Galera cannot be had here; the text says why."""


def program(name):
    path = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")
    if path is None:
        raise Unavailable(f"{name} is not installed")
    return path


def free_ports(count):
    """Ports that were free a moment ago, no two the same."""
    taken = [socket.socket() for _ in range(count)]
    try:
        for one in taken:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in taken]
    finally:
        for one in taken:
            one.close()


class Programs:
    """The programs of a node: those that are installed, or else Debian's packages, unpacked into `folder` and nowhere else."""

    def __init__(self, folder):
        self.server = program("mariadbd")
        self.client = program("mariadb")
        self.installer = program("mariadb-install-db")
        program("ss")
        root = pathlib.Path("/")
        self.environment = dict(os.environ)
        if not (root / PROVIDER).exists() or not (root / TRANSFER).exists() or shutil.which("rsync") is None:
            root = self._unpacked(folder)
            libraries = [str(path) for path in root.glob("usr/lib/*-linux-gnu")]
            self.environment["PATH"] = f"{root / 'usr/bin'}:{os.environ['PATH']}"
            self.environment["LD_LIBRARY_PATH"] = ":".join(libraries)
        self.provider = root / PROVIDER

    @staticmethod
    def _unpacked(folder):
        root = folder / "root"
        if (root / TRANSFER).exists():
            return root
        apt, fresh = program("apt-get"), folder / "new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        # By the lists and the keys of this machine; apt checks what it downloads.
        fetched = subprocess.run([apt, "download", "-qq", *PACKAGES], cwd=fresh, capture_output=True, text=True, check=False)
        if fetched.returncode != 0:
            raise Unavailable(f"apt-get cannot download {' '.join(PACKAGES)}: {fetched.stderr.strip()}")
        for package in fresh.glob("*.deb"):
            subprocess.run(["dpkg-deb", "--extract", package, fresh / "root"], check=True)
        shutil.rmtree(root, ignore_errors=True)
        (fresh / "root").rename(root)
        shutil.rmtree(fresh)
        return root


class Node:
    """One server of the cluster. Its data folder outlives its process, so that it can be killed and come back."""

    def __init__(self, programs, folder, name):
        self.programs = programs
        self.name = name
        self.folder = folder / name
        self.folder.mkdir()
        if os.geteuid() == 0:
            shutil.chown(self.folder, "nobody", "nogroup")
        self.data = self.folder / "data"
        self.socket = self.folder / "socket"
        self.log = self.folder / "log"
        self.port, self.group_port, self.increments_port, self.snapshot_port = free_ports(4)
        self.process = None

    @property
    def url(self):
        return f"mysql://root@/?socket={self.socket}"

    def initialise(self):
        subprocess.run([self.programs.installer, "--no-defaults", f"--datadir={self.data}", "--skip-test-db",
                        "--auth-root-authentication-method=normal"], cwd=self.folder, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, **nobody())

    def start(self, members, found=False, options=()):
        """Joins the group of `members`; `found` makes the group instead. Returns before it serves; see until_synced."""
        if not self.data.exists():
            self.data.mkdir()
            if os.geteuid() == 0:
                shutil.chown(self.data, "nobody", "nogroup")
        group = "" if found else ",".join(f"127.0.0.1:{node.group_port}" for node in members)
        provider = (f"base_host=127.0.0.1;base_port={self.group_port};gmcast.listen_addr=tcp://127.0.0.1:{self.group_port};"
                    f"ist.recv_addr=127.0.0.1:{self.increments_port};gcache.size=32M;gcache.recover=yes;pc.recovery=false")
        command = [self.programs.server, "--no-defaults", f"--datadir={self.data}", f"--socket={self.socket}",
                   f"--port={self.port}", "--bind-address=127.0.0.1", f"--pid-file={self.folder / 'pid'}",
                   # As durable as in production; the rest bounds memory and time to start.
                   "--innodb-flush-log-at-trx-commit=1", "--innodb-buffer-pool-size=64M", "--innodb-log-file-size=32M",
                   "--max-connections=200", "--skip-name-resolve",
                   # What Galera asks for.
                   "--wsrep-on=ON", f"--wsrep-provider={self.programs.provider}", f"--wsrep-provider-options={provider}",
                   f"--wsrep-cluster-address=gcomm://{group}", "--wsrep-cluster-name=vestibule",
                   f"--wsrep-node-name={self.name}", f"--wsrep-node-address=127.0.0.1:{self.group_port}",
                   "--wsrep-sst-method=rsync", f"--wsrep-sst-receive-address=127.0.0.1:{self.snapshot_port}",
                   "--binlog-format=ROW", "--innodb-autoinc-lock-mode=2", "--wsrep-slave-threads=4", *options]
        if not found:
            command += self._start_position()
        with open(self.log, "ab") as log:
            # pylint: disable-next=consider-using-with
            self.process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=self.programs.environment, **nobody())

    def _start_position(self):
        """Where a node that was killed has come to: so it gets what it lacks, and not everything anew."""
        if not (self.data / "ibdata1").exists():
            return []
        said = subprocess.run([self.programs.server, "--no-defaults", f"--datadir={self.data}", "--wsrep-recover",
                               "--wsrep-on=ON", f"--wsrep-provider={self.programs.provider}", "--binlog-format=ROW",
                               "--innodb-log-file-size=32M", f"--socket={self.folder / 'recover.socket'}",
                               "--skip-networking"],
                              cwd=self.folder, capture_output=True, text=True, check=False, env=self.programs.environment,
                              **nobody())
        found = re.findall(r"Recovered position: (\S+)", said.stderr)
        return [f"--wsrep-start-position={found[-1]}"] if found else []

    def sql(self, text):
        """The rows of a statement, or of several, as lists of texts."""
        ran = subprocess.run([self.programs.client, "--no-defaults", "-uroot", f"--socket={self.socket}", "-N", "-B", "-e", text],
                             capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            raise RuntimeError(f"{self.name}: {text}: {ran.stderr.strip()}")
        return [line.split("\t") for line in ran.stdout.splitlines()]

    def status(self, name):
        rows = self.sql(f"SHOW GLOBAL STATUS LIKE '{name}'")
        return rows[0][1] if rows else ""

    def until_synced(self):
        until = time.monotonic() + PATIENCE_S
        while True:
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{self.name} does not join:\n{self.log.read_text(errors='replace')[-4000:]}")
            try:
                if self.status("wsrep_local_state_comment") == "Synced" and self.status("wsrep_ready") == "ON":
                    return
            except RuntimeError:
                pass
            time.sleep(0.1)

    def kill(self):
        """As a power cut would: no shutdown, nothing written any more."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.kill()


def nobody():
    """Where this process is root, the nodes are not: what copies their data between them drops root's rights anyway."""
    return {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}


class Cluster:
    """Three nodes, all of which take writes."""

    def __init__(self, programs, folder, options=()):
        folder.chmod(0o755)
        self.nodes = [Node(programs, folder, f"node{number}") for number in (1, 2, 3)]
        self.options = options
        self.nodes[0].initialise()
        self.nodes[0].start(self.nodes, found=True, options=options)
        self.nodes[0].until_synced()
        for node in self.nodes[1:]:
            node.start(self.nodes, options=options)
            node.until_synced()

    def rejoin(self, node):
        node.start(self.nodes, options=self.options)
        node.until_synced()

    def stop(self):
        for node in reversed(self.nodes):
            node.stop()
