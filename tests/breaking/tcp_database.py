"""A MariaDB of our own that listens on TCP, on the loopback address."""

import os
import secrets
import shutil
import socket
import subprocess

from vestibule import Broken, wait_until

USER = "vestibule"


def program(name):
    path = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")
    if path is None:
        raise Broken(f"{name} is not installed (scripts/install-deps)")
    return path


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class TcpDatabase:
    """Made anew in `folder`. The service may do everything in it."""

    def __init__(self, folder):
        self.folder = folder / "database"
        self.port = free_port()
        self.password = secrets.token_urlsafe(12)
        self.process = None

    @property
    def address(self):
        return ("127.0.0.1", self.port)

    def start(self):
        data, log = self.folder / "data", self.folder / "log"
        self.folder.mkdir()
        identity = ["--user=root"] if os.geteuid() == 0 else []
        with open(log, "ab") as output:
            subprocess.run([program("mariadb-install-db"), "--no-defaults", f"--datadir={data}", "--skip-test-db",
                            "--auth-root-authentication-method=normal", *identity], check=True, stdout=output, stderr=output)
            # pylint: disable-next=consider-using-with
            self.process = subprocess.Popen(
                [program("mariadbd"), "--no-defaults", f"--datadir={data}", f"--socket={self.socket}", f"--port={self.port}",
                 "--bind-address=127.0.0.1", f"--pid-file={self.folder / 'pid'}", "--skip-name-resolve",
                 "--character-set-server=utf8mb4", "--innodb-buffer-pool-size=64M", "--max-connections=300", *identity],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
        wait_until(lambda: self._client("SELECT 1").returncode == 0 or self.process.poll() is not None, 120,
                   "the database does not answer")
        if self.process.poll() is not None:
            raise Broken(f"the database did not start:\n{log.read_text(errors='replace')[-2000:]}")
        self.ask(f"CREATE USER {USER}@'127.0.0.1' IDENTIFIED BY '{self.password}'; GRANT ALL ON *.* TO {USER}@'127.0.0.1'")

    @property
    def socket(self):
        return self.folder / "sock"

    def _client(self, sql):
        return subprocess.run([program("mariadb"), "--no-defaults", f"--socket={self.socket}", "--user=root",
                               "--skip-column-names", "--batch", "--execute", sql],
                              check=False, capture_output=True, text=True)

    def ask(self, sql):
        """The rows of the answer, each a text."""
        done = self._client(sql)
        if done.returncode != 0:
            raise Broken(f"the database: {done.stderr.strip()}")
        return done.stdout.split()

    def connections(self):
        """The numbers of the connections of the service."""
        return set(self.ask(f"SELECT id FROM information_schema.processlist WHERE user = '{USER}'"))

    def url(self, port):
        """For a service that reaches it at another port."""
        return f"mysql://{USER}:{self.password}@127.0.0.1:{port}/"

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
