"""What stands between the servers and the node that takes the writes: a forwarder of connections, as HAProxy is one."""

import pathlib
import socket
import threading


class Router:
    """Listens on a Unix socket and forwards to one node's; moving on drops what is connected."""

    def __init__(self, folder, node):
        self.path = pathlib.Path(folder) / "router"
        self._target = node.socket
        self._lock = threading.Lock()
        self._pairs = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen(128)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self):
        return f"mysql://root@/?socket={self.path}"

    def move_to(self, node):
        with self._lock:
            self._target = node.socket
            dropped, self._pairs = self._pairs, []
        for pair in dropped:
            for end in pair:
                shut(end)

    def stop(self):
        shut(self._listener)
        self._listener.close()
        self.path.unlink(missing_ok=True)

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            with self._lock:
                try:
                    server.connect(str(self._target))
                except OSError:
                    client.close()
                    server.close()
                    continue
                self._pairs.append((client, server))
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=forward, args=(source, target), daemon=True).start()


def forward(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    shut(source)
    shut(target)


def shut(end):
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
