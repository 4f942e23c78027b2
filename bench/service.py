"""The server under measurement: one `vestibule serve` on a private database of its own."""

import json
import os
import pathlib
import subprocess
import time
import urllib.parse

DOMAIN = "BENCH"
PROVIDER = "bench-idp"
USER_NAMES = r"^[^\s*?%/]{3,100}$"
GROUP_NAMES = r"^[^*?%/]{3,100}$"


class BenchError(Exception):
    """What went wrong, for the person at the terminal."""


def memory_mb(pid, field="VmRSS"):
    """Resident memory of a process in MB; with VmHWM its peak."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1024
    raise BenchError(f"process {pid} has no resident memory")


def processor_seconds(pid):
    """What a process has spent so far."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Service:
    """Starts the server, makes what the benchmark needs in it, and stops it."""

    def __init__(self, programs, data, options):
        self.program = str(programs / "src" / "vestibule")
        self.data_tool = str(programs / "bench" / "bench_data")
        self.data = data
        self.ready_file = data.parent / (data.name + ".ready")
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("VESTIBULE_")}
        self.environment.update(
            VESTIBULE_DATA_DIR=str(data),
            VESTIBULE_SERVER_PUBLIC_PORT="0",
            VESTIBULE_SERVER_INTERNAL_PORT="0",
            VESTIBULE_SERVER_WORKERS=str(options.connections),
            VESTIBULE_DATABASE_BUFFER_POOL_MB=str(options.buffer_pool),
            VESTIBULE_DATABASE_REDO_LOG_MB="1024",
            VESTIBULE_DATABASE_MAX_CONNECTIONS=str(4 * options.connections + 32),
            VESTIBULE_LOG_LEVEL="warn",
            # A thousand users of the population are a little larger than the default.
            VESTIBULE_SCIM_BULK_PAYLOAD_BYTES=str(4 << 20),
        )
        self.process = None
        self.scim_url = self.internal_url = ""
        self.scim_token = self.jit_token = ""

    def start(self):
        self.data.mkdir(parents=True, exist_ok=True)
        self.ready_file.unlink(missing_ok=True)
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen(
            [self.program, "serve", "--ready-file", str(self.ready_file)],
            env=self.environment, start_new_session=True)
        # A database that was killed may have much to recover.
        until = time.monotonic() + 300
        while not self.ready_file.exists():
            if self.process.poll() is not None:
                raise BenchError("the server did not start")
            if time.monotonic() > until:
                raise BenchError("the server is not ready after five minutes")
            time.sleep(0.05)
        ready = dict(line.split("=", 1) for line in self.ready_file.read_text().splitlines())
        self.scim_url = ready["VESTIBULE_SCIM_URL"]
        self.internal_url = ready["VESTIBULE_INTERNAL_URL"]
        self.ready_file.unlink()

    def stop(self):
        self.ready_file.unlink(missing_ok=True)
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=120)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    @property
    def signing_key(self):
        """Of the identity provider's ID tokens."""
        return self.data / "bench-signing-key.pem"

    @property
    def pid(self):
        return self.process.pid

    @property
    def database_pid(self):
        return int((self.data / "mariadb" / "mariadb.pid").read_text())

    @property
    def database_url(self):
        socket = self.data / "mariadb" / "mariadb.sock"
        if not socket.exists():
            raise BenchError(f"there is no {socket}; is the path too long for a socket?")
        return "mysql://root@/?socket=" + urllib.parse.quote(str(socket))

    def command(self, *arguments, check=True):
        """Runs a `vestibule` command; its output, or None when it fails and `check` is off."""
        done = subprocess.run([self.program, *arguments], env=self.environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode == 0:
            return done.stdout
        if check:
            raise BenchError(f"vestibule {' '.join(arguments)}: {done.stderr.strip()}")
        return None

    def data_command(self, action, layout_arguments):
        """Runs `bench_data`; progress goes to the terminal."""
        done = subprocess.run(
            [self.data_tool, action, "--database", self.database_url, *layout_arguments],
            text=True, stdout=subprocess.PIPE, check=False)
        if done.returncode != 0:
            raise BenchError(f"bench_data {action} failed")
        return done.stdout

    def prepare(self):
        """Makes domain, identity provider and tokens where they are missing."""
        if self.command("domain", "show", DOMAIN, check=False) is None:
            self.command("domain", "create", DOMAIN, "--description", "Benchmark",
                         "--set", "UsernameJavaRegEx=" + USER_NAMES,
                         "--set", "UsernameJavaScriptRegEx=" + USER_NAMES,
                         "--set", "RolenameJavaRegEx=" + GROUP_NAMES,
                         "--set", "RolenameJavaScriptRegEx=" + GROUP_NAMES)
        settings = self.data / "bench-idp.json"
        settings.write_text(subprocess.run([self.data_tool, "settings", "--signing-key", str(self.signing_key),
                                            "--key-set", str(self.data / "bench-keys.json")],
                                           text=True, check=True, stdout=subprocess.PIPE).stdout)
        self.command("idp", "apply", str(settings))
        self.scim_token = self.make_token("bench-scim", "scim:read", "scim:write")
        self.jit_token = self.make_token("bench-jit", "jit")
        # Another process made them; the server looks for such changes twice a second.
        time.sleep(1.5)

    def make_token(self, name, *scopes):
        self.command("token", "revoke", name, check=False)
        made = self.command("--json", "token", "create", "--name", name, "--scope", *scopes)
        return json.loads(made)["token"]


def default_buffer_pool(users):
    """MB that hold `users` users with all their indexes, as far as the machine's memory allows."""
    with open("/proc/meminfo", encoding="ascii") as meminfo:
        total_mb = int(meminfo.readline().split()[1]) // 1024
    return max(256, min(512 + users * 5 // 1000, total_mb * 6 // 10))


def describe_machine(buffer_pool):
    cpus = len(os.sched_getaffinity(0))
    version = subprocess.run(["mariadbd", "--version"], text=True, stdout=subprocess.PIPE,
                             check=False, env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin"})
    name = version.stdout.split("Ver ")[-1].split()[0] if version.returncode == 0 else "MariaDB"
    model = ""
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    return (f"{cpus} CPUs ({model}); {name}, buffer pool {buffer_pool} MB, redo log 1024 MB, "
            "innodb_flush_log_at_trx_commit=1, no binary log; everything on this machine")
