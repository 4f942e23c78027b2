"""Clients of every kind that a server should not have to fear, one kind a process.

    bad_clients.py KIND    reads what it needs as one JSON object from standard input, says `ready` when all of them are at it,
                           and ends when standard input does
"""

import json
import os
import selectors
import socket
import sys
import threading
import time

# Who waits says something so often; who sends nothing at all is closed after a minute, which no measurement lasts.
DRIP_S = 0.5
MANY, VERY_MANY, SOME, FEW = 1000, 5000, 400, 4
SMALL_BUFFER = 4096


class Target:
    """Where the server is, and what of it is worth asking for."""

    def __init__(self, **known):
        self.address = tuple(known["address"])
        self.token = known["token"]
        self.user = known["user"]    # path of a user
        self.group = known["group"]  # path of a large group

    def connect(self, receive_buffer=0):
        client = socket.socket()
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.connect(self.address)
        return client

    def head(self, method, path, *fields, token=None):
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {token or self.token}", *fields]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


def say_ready():
    print("ready", flush=True)


def hold(clients):
    """Keeps them until the end."""
    say_ready()
    sys.stdin.read()
    del clients


def drip(clients, again):
    """Sends a byte of each now and then, and puts another in the place of one that is cut off."""
    say_ready()
    while True:
        time.sleep(DRIP_S)
        for i, client in enumerate(clients):
            try:
                client.send(b"a")
            except OSError:
                client.close()
                clients[i] = again()


def silent(target):
    """Connect, and say nothing: to a server with TLS there is not even a handshake."""
    hold([target.connect() for _ in range(MANY)])


def idle(target):
    """Connect, ask for one thing, and keep the connection."""
    clients = []
    for _ in range(VERY_MANY):
        clients.append(target.connect())
        clients[-1].sendall(target.head("GET", "/healthz"))
        clients[-1].recv(65536)
    hold(clients)


def slow_header(target):
    def again():
        client = target.connect()
        client.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        return client
    drip([again() for _ in range(SOME)], again)


def slow_body(target):
    def again():
        client = target.connect()
        client.send(target.head("POST", "/scim/v2/Users", "Content-Type: application/scim+json", "Content-Length: 1000000"))
        return client
    drip([again() for _ in range(SOME)], again)


def slow_reader(target):
    """Ask for a large group, and take a few bytes of it at a time."""
    clients = [target.connect(SMALL_BUFFER) for _ in range(50)]
    for client in clients:
        client.sendall(target.head("GET", target.group))
    say_ready()
    while True:
        time.sleep(DRIP_S)
        for client in clients:
            try:
                client.recv(64, socket.MSG_DONTWAIT)
            except OSError:
                pass


def repeated(work):
    """So many threads that do it again and again, on a new connection after each end."""
    def forever():
        while True:
            try:
                work()
            except OSError:
                pass  # cut off, which is what it deserves

    for _ in range(FEW):
        threading.Thread(target=forever, daemon=True).start()
    say_ready()
    sys.stdin.read()


def pipelined(target):
    """Send requests without an end on one connection, as fast as it takes them, and read what comes."""
    piece = target.head("GET", target.user) * 100
    client = target.connect()
    client.setblocking(False)
    selector = selectors.DefaultSelector()
    selector.register(client, selectors.EVENT_READ | selectors.EVENT_WRITE)
    say_ready()
    rest = piece
    while True:
        for _, events in selector.select():
            try:
                if events & selectors.EVENT_WRITE:
                    rest = rest[client.send(rest):] or piece
                if events & selectors.EVENT_READ and not client.recv(1 << 20):
                    raise ConnectionError
            except BlockingIOError:
                continue
            except OSError:
                selector.unregister(client)
                client.close()
                client = target.connect()
                client.setblocking(False)
                selector.register(client, selectors.EVENT_READ | selectors.EVENT_WRITE)
                rest = piece


def huge_header(target):
    text = target.head("GET", "/healthz", "X-Huge: " + "a" * 100_000)

    def work():
        with target.connect() as client:
            client.sendall(text)
            while client.recv(65536):
                pass
    repeated(work)


def endless_body(target):
    head = target.head("POST", "/scim/v2/Users", "Content-Type: application/scim+json", "Transfer-Encoding: chunked")
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"

    def work():
        with target.connect() as client:
            client.sendall(head)
            while True:
                client.sendall(chunk)
    repeated(work)


def costly_json(target):
    """A body of a megabyte that is one user with 40,000 addresses, for the parser and the schema to work on, and wrong at its
    end."""
    emails = ",".join(f'{{"value":"{i}@a.bb"}}' for i in range(40_000))
    body = ('{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"costly","emails":[' + emails +
            '],"active":[]}').encode()
    text = target.head("POST", "/scim/v2/Users", "Content-Type: application/scim+json", f"Content-Length: {len(body)}") + body
    client = target.connect()
    say_ready()
    while True:
        try:
            client.sendall(text)
            if not client.recv(65536):
                raise ConnectionError
        except OSError:
            client.close()
            client = target.connect()


def wrong_token(target):
    texts = [target.head("GET", target.user, token=f"{i:064x}") for i in range(1000)]

    def work():
        with target.connect() as client:
            for text in texts:
                client.sendall(text)
                if not client.recv(65536):
                    return
    repeated(work)


KINDS = {kind.__name__.replace("_", "-"): kind for kind in (
    silent, idle, slow_header, slow_body, slow_reader, pipelined, huge_header, endless_body, costly_json, wrong_token)}


def main():
    # On a machine of their own they would not take processor time from the server and from its good clients.
    os.nice(19)
    target = Target(**json.loads(sys.stdin.readline()))

    def end_with_input():
        sys.stdin.read()
        os._exit(0)
    if KINDS[sys.argv[1]] not in (silent, idle):
        threading.Thread(target=end_with_input, daemon=True).start()
    KINDS[sys.argv[1]](target)


if __name__ == "__main__":
    main()
