"""canned_server_test.py PROGRAM: the canned server as a process, over real sockets."""
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile

from tap import Report

SSL_REQUEST = struct.pack(">II", 8, 80877103)
STARTUP = struct.pack(">II", 17, 196608) + b"user\0me\0\0"
READY = b"Z\0\0\0\x05I"


def query(sql):
    body = sql.encode() + b"\0"
    return b"Q" + struct.pack(">I", len(body) + 4) + body


class Server:
    """A canned server in a directory of its own."""

    def __init__(self, program):
        self.folder = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(
            [program, self.folder.name, "0", "--until-stdin-closes"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self.process.stdout.readline().split()[1])
        self.path = os.path.join(self.folder.name, f".s.PGSQL.{self.port}")

    def connect(self, tcp):
        if tcp:
            client = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        else:
            client = socket.socket(socket.AF_UNIX)
            client.settimeout(20)
            client.connect(self.path)
        client.sendall(SSL_REQUEST)
        assert client.recv(1) == b"N"
        client.sendall(STARTUP)
        read_until_ready(client)
        return client

    def ended(self):
        """What is wrong with how it ended."""
        status = self.process.wait(20)
        self.process.stdin.close()
        self.process.stdout.close()
        left = os.listdir(self.folder.name)
        self.folder.cleanup()
        return ([f"exit status {status}"] if status else []) + [f"left {name}" for name in left]


def read_until_ready(client):
    """The number of bytes up to ReadyForQuery."""
    size, tail = 0, b""
    while not tail.endswith(READY):
        got = client.recv(1 << 20)
        assert got, "the server closed the connection"
        size += len(got)
        tail = (tail + got)[-len(READY) :]
    return size


def main(program):
    report = Report()
    for name, tcp in (("a Unix socket", False), ("TCP", True)):
        server = Server(program)
        lazy, client = server.connect(tcp), server.connect(tcp)
        lazy.sendall(query("SELECT a, b, c, d FROM bulk"))
        client.sendall(query("SELECT 1"))
        report.check(
            f"over {name} nobody waits for one that does not read",
            [] if read_until_ready(client) < 100 else ["another answer"],
        )
        client.sendall(query("SELECT * FROM wide"))
        size = read_until_ready(client)
        report.check(f"over {name} large answers arrive", [] if size > 2_000_000 else [f"{size}"])
        size = read_until_ready(lazy)
        report.check(f"over {name} late readers get all", [] if size > 80_000_000 else [f"{size}"])
        client.close()
        if tcp:
            server.process.send_signal(signal.SIGTERM)
        else:
            server.process.stdin.close()
        report.check("it ends " + ("on SIGTERM" if tcp else "with its input"), server.ended())
        lazy.close()
    return report.finish()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
