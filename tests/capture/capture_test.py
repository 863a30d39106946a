"""capture_test.py INTEGRATION_TESTS: what we say on the wire, read by another: tshark's dissector.

Records the loopback traffic of a part of the integration suite, without TLS, and wants no message of
it to be malformed. Needs tcpdump, tshark and the right to capture.
"""
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

from tap import Report

# Not Streams: dissecting their hundred megabytes takes minutes, and finds the same few messages.
PART = "Statements.*:Batches.*:Transactions.*:Pipelining.*:PreparedLife.*:Values.*"
PATIENCE_S = 60


class CannotCapture(Exception):
    """Why the test is skipped."""


class Recorder:
    """tcpdump, from the time that it listens until all that has been said is in the file."""

    def __init__(self, path):
        self.path = path
        self.file = open(path, "wb")
        command = ["tcpdump", "-i", "lo", "-s", "0", "-B", "131072", "-U", "-n"]
        self.process = subprocess.Popen(
            [*command, "-w", "-", "tcp"], stdout=self.file, stderr=subprocess.PIPE, text=True
        )
        words = ""
        while "listening on" not in words:
            line = self.process.stderr.readline()
            if not line:
                raise CannotCapture(f"tcpdump, which needs root or CAP_NET_RAW: {words.strip()}")
            words += line

    def stop(self):
        """Gives a list of faults: of packets that the kernel could not keep."""
        found = self._all_is_written()
        self.process.terminate()
        words = self.process.communicate(timeout=PATIENCE_S)[1]
        self.file.close()
        lost = re.search(r"(\d+) packets? dropped by kernel", words)
        faults = [] if found else ["the capture does not reach its end"]
        if not lost or lost[1] != "0":
            faults.append(f"not all packets were captured: {words.strip()}")
        return faults

    def _all_is_written(self):
        """Says something that can be told apart, and looks for it in the file."""
        mark = os.urandom(32)
        with listening_socket() as listener:
            with socket.create_connection(listener.getsockname()) as client:
                client.sendall(mark)
                deadline, end = time.monotonic() + PATIENCE_S, b""
                with open(self.path, "rb") as file:
                    while mark not in end and time.monotonic() < deadline:
                        more = file.read(1 << 20)
                        end = end[-len(mark) :] + more
                        if not more:
                            time.sleep(0.01)  # until tcpdump has written more
        return mark in end


def listening_socket():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1)
    return listener


def dissect(path, port):
    """The number of messages from and to the port, and a list of faults."""
    command = ["tshark", "-n", "-r", path, "-d", f"tcp.port=={port},pgsql", "-T", "fields"]
    # two processors may note the packets of the two directions in another order than they were sent
    command += ["-o", "tcp.reassemble_out_of_order:TRUE", "-Y", f"tcp.port == {port}"]
    for field in ("frame.number", "pgsql.type", "_ws.malformed", "_ws.col.Info"):
        command += ["-e", field]
    run = subprocess.run(command, check=False, capture_output=True, text=True)
    if run.returncode != 0:
        return 0, [f"tshark: {run.stderr.strip()}"]
    messages, faults = 0, []
    for line in run.stdout.splitlines():
        number, types, malformed, info = line.split("\t")
        messages += len(types.split(",")) if types else 0
        if malformed:
            faults.append(f"frame {number} is malformed: {info}")
        if "Unknown" in types:
            faults.append(f"frame {number} has a message of no known type: {types}")
    return messages, faults


def message(kind, body):
    return kind + struct.pack("!I", 4 + len(body)) + body


def said_by_a_server(answer, folder):
    """Faults found in a conversation that ends with this answer to a query."""
    recorder = Recorder(os.path.join(folder, "scripted.pcap"))
    with listening_socket() as listener:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            server = listener.accept()[0]
            startup = struct.pack("!I", 3 << 16) + b"user\0postgres\0\0"
            welcome = message(b"R", struct.pack("!I", 0)) + message(b"Z", b"I")
            for speaker, listener_to_it, words in (
                (client, server, struct.pack("!I", 4 + len(startup)) + startup),
                (server, client, welcome),
                (client, server, message(b"Q", b"SELECT 1\0")),
                (server, client, answer + message(b"Z", b"I")),
            ):
                speaker.sendall(words)
                listener_to_it.recv(len(words), socket.MSG_WAITALL)
            server.close()
    faults = recorder.stop()
    return faults + dissect(recorder.path, port)[1]


def the_dissector_finds(answer, words, folder):
    """Whether the check can fail: a fault with these words, and no other, is wanted."""
    faults = said_by_a_server(answer, folder)
    if words is None:
        return faults
    return [] if len(faults) == 1 and words in faults[0] else [f"found: {faults}"]


def the_suite_is_well_formed(program, folder):
    """On a busy machine packets may get lost on their way into the file: it is recorded again."""
    for _ in range(3):
        lost, faults = record_the_suite(program, folder)
        if not lost:
            break
    return lost + faults


def record_the_suite(program, folder):
    """Faults of the capture and, when it has none, those of the messages in it."""
    recorder = Recorder(os.path.join(folder, "suite.pcap"))
    run = subprocess.run(
        [program, "--gtest_filter=" + PART, "--gtest_brief=1"],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PGREACTOR_TEST_TCP": "1"},
    )
    lost = recorder.stop()
    port = re.search(r"the shared server listens on 127\.0\.0\.1:(\d+)", run.stdout)
    if not port and "PASSED  ] 0 tests" in run.stdout:
        raise CannotCapture("the integration suite, which has no server, skips too")
    if not port or run.returncode != 0:
        return [], [f"the suite failed by TCP:\n{run.stdout}{run.stderr}"]
    if lost:
        return lost, []
    messages, faults = dissect(recorder.path, int(port[1]))
    print(f"# {messages} messages", flush=True)
    if messages < 1000:
        faults.append(f"only {messages} messages were captured")
    return [], faults[:20]


ROW = message(b"D", struct.pack("!HI", 1, 1) + b"1")
LONG_VALUE = message(b"D", struct.pack("!HI", 1, 100) + b"1")
SCRIPTED = {
    "a row that is right is found so": (ROW, None),
    "a value that is longer than its message is found": (LONG_VALUE, "is malformed"),
    "columns that are not there are found": (message(b"T", struct.pack("!H", 9)), "is malformed"),
    "a message of no known type is found": (message(b"~", b"?"), "no known type"),
}


def main(program):
    cases = {
        name: lambda folder, case=case: the_dissector_finds(*case, folder)
        for name, case in SCRIPTED.items()
    }
    cases["the integration suite has no malformed message"] = (
        lambda folder: the_suite_is_well_formed(program, folder)
    )
    missing = [name for name in ("tcpdump", "tshark") if not shutil.which(name)]
    report = Report()
    for name, case in cases.items():
        if missing:
            report.skip(name, f"not installed: {' and '.join(missing)}")
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                report.check(name, case(folder))
            except CannotCapture as reason:
                report.skip(name, " ".join(str(reason).split()))
    return report.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
