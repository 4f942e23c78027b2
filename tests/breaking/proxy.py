"""A TCP proxy that is well behaved until it is told to be wild: then it delays, silences, half-closes, cuts off in the middle
and resets what passes through it, at random."""

import collections
import contextlib
import random
import socket
import struct
import threading

CHUNK = 65536
# Longer than anybody waits at either end.
PATIENCE_S = 60
DELAY_S = (0.005, 0.25)
# While it is wild: what becomes of a piece that comes by, in parts of a thousand; the rest passes.
PIECES = {"delay": 60, "silence": 6, "half-close": 8, "truncate": 16, "reset": 16}
# And of a new connection.
ARRIVALS = {"refuse": 200, "say nothing": 30}


class Link:
    """One connection with its other half. Whichever ends, both do."""

    def __init__(self, proxy, client, server):
        self.proxy, self.ends = proxy, (client, server)
        self.lock = threading.Lock()
        self.pumping = 2
        for end in self.ends:
            end.settimeout(PATIENCE_S)
        self.threads = [threading.Thread(target=self.pump, args=pair, daemon=True)
                        for pair in ((client, server), (server, client))]

    def start(self):
        for thread in self.threads:
            thread.start()

    def pump(self, source, target):
        """Carries one direction until its end. Who is last closes."""
        try:
            self.carry(source, target)
        except OSError:
            pass  # what the end of a connection means is for those at its ends to know
        self.end()
        with self.lock:
            self.pumping -= 1
            if self.pumping == 0:
                for end in self.ends:
                    end.close()

    def carry(self, source, target):
        silent = False
        while piece := source.recv(CHUNK):
            if silent:
                continue
            fault = self.proxy.fault_of(PIECES)
            if fault == "delay":
                self.proxy.pause(self.proxy.chance.uniform(*DELAY_S))
            elif fault == "silence":
                silent = True
                continue
            elif fault == "half-close":
                target.shutdown(socket.SHUT_WR)
                silent = True
                continue
            elif fault == "truncate":
                target.sendall(piece[:self.proxy.chance.randrange(len(piece))])
                return
            elif fault == "reset":
                self.end(reset=True)
                return
            target.sendall(piece)

    def end(self, reset=False):
        """Wakes both directions. Closing would not: it leaves who waits for bytes waiting."""
        for end in self.ends:
            with contextlib.suppress(OSError):
                if reset:
                    # The close will be a reset, and nothing is said before it.
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    end.shutdown(socket.SHUT_RD)
                else:
                    end.shutdown(socket.SHUT_RDWR)

    def join(self):
        for thread in self.threads:
            thread.join()


class Proxy:
    """Listens on a free port of the loopback address, and leads to `target`."""

    def __init__(self, target, seed):
        self.target = target
        self.chance = random.Random(seed)
        self.wild = threading.Event()
        self.stopped = threading.Event()
        self.links = []
        self.silent = []
        self.done = collections.Counter()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.acceptor = threading.Thread(target=self.accept, daemon=True)

    def start(self):
        self.acceptor.start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            fault = self.fault_of(ARRIVALS)
            if fault == "refuse":
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.close()
                continue
            try:
                server = socket.create_connection(self.target) if fault is None else self.nobody()
            except OSError:
                client.close()
                continue
            for end in (client, server) if fault is None else (client,):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.links = [link for link in self.links if any(thread.is_alive() for thread in link.threads)]
            link = Link(self, client, server)
            link.start()
            self.links.append(link)

    def nobody(self):
        """A connection to somebody who neither listens nor speaks."""
        end, other = socket.socketpair()
        self.silent.append(other)
        return end

    def fault_of(self, table):
        """One of the table's faults, counted; None while the proxy behaves, and mostly."""
        if not self.wild.is_set():
            return None
        drawn = self.chance.randrange(1000)
        for fault, share in table.items():
            if drawn < share:
                self.done[fault] += 1
                return fault
            drawn -= share
        return None

    def pause(self, seconds):
        self.stopped.wait(seconds)

    def cut(self):
        """Ends every connection, and returns when nothing more can pass through any of them."""
        links = list(self.links)
        for link in links:
            link.end()
        for link in links:
            link.join()

    def stop(self):
        self.stopped.set()
        # shutdown wakes the thread that waits in accept; close alone does not.
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.acceptor.join()
        self.cut()
        for end in self.silent:
            end.close()
