"""Good clients: each asks for a user, waits for the answer, and asks for another. A process of their own.

Reads what it needs as one JSON object from the first line of standard input, and from each further line for how many seconds
to ask; then prints the latencies in microseconds as a JSON array.
"""

import json
import random
import selectors
import socket
import ssl
import sys
import time


class Reader:
    """One connection with one request under way."""

    def __init__(self, address, certificate):
        self.connection = socket.create_connection(address)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if certificate:
            context = ssl.create_default_context(cafile=certificate)
            self.connection = context.wrap_socket(self.connection, server_hostname="localhost")
        self.asked = 0.0
        self.text = b""

    def ask(self, request):
        self.text = b""
        self.asked = time.perf_counter()
        self.connection.sendall(request)

    def answered(self):
        """True when the whole answer is here."""
        piece = self.connection.recv(65536)
        if not piece:
            raise SystemExit("the server has hung up on a good client")
        self.text += piece
        head, end, body = self.text.partition(b"\r\n\r\n")
        if not end:
            return False
        length = int(head.lower().partition(b"content-length:")[2].split(None, 1)[0])
        if len(body) < length:
            return False
        if not head.startswith(b"HTTP/1.1 200 "):
            raise SystemExit(f"a good client was answered {head[:60]!r}")
        return True


def measure(readers, requests, seconds):
    selector = selectors.DefaultSelector()
    for reader in readers:
        selector.register(reader.connection, selectors.EVENT_READ, reader)
        reader.ask(random.choice(requests))
    taken, under_way, until = [], len(readers), time.perf_counter() + seconds
    while under_way:
        for key, _ in selector.select():
            reader = key.data
            if not reader.answered():
                continue
            now = time.perf_counter()
            taken.append(int((now - reader.asked) * 1e6))
            if now < until:
                reader.ask(random.choice(requests))
            else:
                under_way -= 1
    return taken


def main():
    known = json.loads(sys.stdin.readline())
    requests = [f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {known['token']}\r\n\r\n".encode()
                for path in known["users"]]
    readers = [Reader(tuple(known["address"]), known["certificate"]) for _ in range(known["readers"])]
    for line in sys.stdin:
        print(json.dumps(measure(readers, requests, float(line))), flush=True)


if __name__ == "__main__":
    main()
