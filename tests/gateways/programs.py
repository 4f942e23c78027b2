"""The proxies as children of this process: the configurations of docs/gateways, and around them what the system's packages
otherwise bring."""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import time

CONFIGURATIONS = pathlib.Path(__file__).resolve().parents[2] / "docs/gateways"

# Where Debian keeps it, and nobody's PATH.
APACHE_MODULES = "/usr/lib/apache2/modules"
# Debian's apache2 has these without being asked; those that are not built in.
APACHE_BASE = ["mpm_event", "authn_core", "authz_core", "authz_user"]

PATIENCE_S = 20

NGINX = """
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr;
events {}
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include FOLDER/site/*.conf;
}
"""

APACHE = """
ServerRoot FOLDER
ServerName 127.0.0.1
DefaultRuntimeDir FOLDER
Listen 127.0.0.1:${GATEWAY_PORT}
PidFile FOLDER/apache2.pid
ErrorLog FOLDER/log
LogLevel warn
StartServers 1
OIDCCABundlePath ${CA_BUNDLE}
Include FOLDER/site/*.conf
"""


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def fill_in(text, values):
    """As `envsubst '${NAME} …'` does it for all that the text has; a name without a value is an error."""
    return re.sub(r"\$\{([A-Z_]+)\}", lambda name: str(values[name.group(1)]), text)


def program(name):
    path = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")
    if path is None:
        raise SystemExit(f"{name} is not installed (scripts/install-deps)")
    return path


class Child:
    """A program with a folder of its own. Where this process is root the program is not: it runs as nobody."""

    def __init__(self, folder, name):
        self.name = name
        self.folder = folder / name
        (self.folder / "site").mkdir(parents=True)
        self.log = self.folder / "log"
        self.log.touch()
        self.process = None

    def site(self, path, values=None):
        """One of docs/gateways' files, filled in if it is one that has to be."""
        text = (CONFIGURATIONS / path).read_text()
        (self.folder / "site" / pathlib.Path(path).name).write_text(
            text if values is None else fill_in(text, values))

    def start(self, command, listens, environment=None):
        identity = {}
        if os.geteuid() == 0:
            identity = {"user": "nobody", "group": "nogroup", "extra_groups": []}
            for path in [self.folder, *self.folder.rglob("*")]:
                shutil.chown(path, "nobody", "nogroup")
        with open(self.log, "ab") as log:
            # pylint: disable-next=consider-using-with
            self.process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env={"PATH": os.environ["PATH"], "HOME": str(self.folder),
                                                 **(environment or {})}, **identity)
        until = time.monotonic() + PATIENCE_S
        while not listens():
            if self.process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"{self.name} does not listen:\n{self.log.read_text()}")
            time.sleep(0.02)

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def accepts(family, address):
    with socket.socket(family) as client:
        return client.connect_ex(address) == 0


def on_port(port):
    return lambda: accepts(socket.AF_INET, ("127.0.0.1", port))


def start_nginx(child, files, values, listens):
    for path in files:
        child.site(path, values)
    (child.folder / "nginx.conf").write_text(NGINX.replace("FOLDER", str(child.folder)))
    child.start([program("nginx"), "-p", str(child.folder), "-c", "nginx.conf", "-e", "stderr"], listens)


def start_caddy(child, variables, port):
    child.site("caddy/Caddyfile")
    child.start([program("caddy"), "run", "--config", "site/Caddyfile", "--adapter", "caddyfile"], on_port(port),
                {**variables, "XDG_DATA_HOME": str(child.folder), "XDG_CONFIG_HOME": str(child.folder)})


def start_apache(child, variables, port):
    child.site("apache/vestibule.conf")
    # What the file says that it needs.
    asked = re.search(r"^# Modules: (.*) \(a2enmod\)", (CONFIGURATIONS / "apache/vestibule.conf").read_text(), re.M)
    modules = APACHE_BASE + asked.group(1).split()
    load = "".join(f"LoadModule {name}_module {APACHE_MODULES}/mod_{name}.so\n" for name in modules)
    (child.folder / "apache2.conf").write_text(load + APACHE.replace("FOLDER", str(child.folder)))
    child.start([program("apache2"), "-f", str(child.folder / "apache2.conf"), "-D", "FOREGROUND"], on_port(port),
                {key: str(value) for key, value in variables.items()})
