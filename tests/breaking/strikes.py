"""What is done to the system in a round, and what has to be true once it has got over it. `forgets`: the database may lose
what it has shown and not yet saved."""

import contextlib
import os
import signal
import subprocess
import time

from vestibule import Broken, alive, wait_until

RECOVERY_S = 90
# How soon after its restart a database is killed again, when it is: while it recovers, or just after.
AGAIN_S = (0.05, 0.6)
AGAIN_SHARE = 0.2
# How long a proxy is wild.
DISTURBED_S = (0.5, 2.0)


class KillServer:
    """SIGKILL of the server. Its database has to end by itself, and the server has to come up again on it."""

    name = "server"
    forgets = False

    def __init__(self, server):
        self.server = server

    def strike(self, _random):
        database = self.server.database_pid()
        self.server.kill()
        self.server.start()
        if alive(database):
            raise Broken(f"the database {database} of the killed server still runs")


class KillDatabase:
    """SIGKILL of the private database, sometimes once more while it recovers. The server has to start it again by itself."""

    name = "database"
    forgets = True

    def __init__(self, server):
        self.server = server

    def strike(self, random):
        kill_database(self.server)
        if random.random() < AGAIN_SHARE:
            wait_until(self.server.database_pid, RECOVERY_S, "the database is not started again")
            time.sleep(random.uniform(*AGAIN_S))
            if self.server.database_pid():
                kill_database(self.server)


class KillBoth:
    """SIGKILL of both, in either order, with hardly anything between them."""

    name = "both"
    forgets = True

    def __init__(self, server):
        self.server = server

    def strike(self, random):
        if random.random() < 0.5:
            kill_database(self.server)
            self.server.kill()
        else:
            database = self.server.database_pid()
            self.server.kill()
            # It was told to end when the server did, and may have.
            if database and alive(database):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(database, signal.SIGKILL)
        self.server.start()


class Disturb:
    """A proxy that is wild for a while, and then lets everything through again."""

    name = "disturbed"
    forgets = False

    def __init__(self, proxy):
        self.proxy = proxy

    def strike(self, random):
        self.proxy.wild.set()
        time.sleep(random.uniform(*DISTURBED_S))
        self.proxy.wild.clear()


class Command:
    """Whatever somebody else wants to be done."""

    name = "command"
    forgets = True

    def __init__(self, line):
        self.line = line

    def strike(self, _random):
        if subprocess.run(self.line, shell=True, check=False, stdout=subprocess.DEVNULL).returncode != 0:
            raise Broken(f"{self.line} failed")


def kill_database(server):
    pid = server.database_pid()
    if not pid:
        raise Broken("there is no database to kill")
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not alive(pid), 10, "a killed database does not end")
