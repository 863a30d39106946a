"""counting_test.py LIBRARY PROGRAM: the preloaded library counts exactly what a program does."""
import json
import os
import subprocess
import sys
import tempfile

from tap import Report

PER_ROUND = {"sends": 10, "receives": 10, "waits": 5, "other": 2, "allocations": 8}


def counts_of(library, *command):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "counts")
        environment = dict(os.environ, LD_PRELOAD=library, PGREACTOR_COUNTS=path)
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
        with open(path, encoding="utf-8") as file:
            return json.load(file)


def differences(library, program, rounds):
    first, second = (counts_of(library, program, str(n)) for n in (1, 1 + rounds))
    return {figure: second[figure] - first[figure] for figure in first}


def main(library, program):
    report = Report()
    for rounds in (1, 1000):
        found = differences(library, program, rounds)
        expected = {figure: rounds * number for figure, number in PER_ROUND.items()}
        report.check(
            f"{rounds} rounds more are counted exactly",
            [] if found == expected else [f"{found} instead of {expected}"],
        )
    code = "import socket; a, b = socket.socketpair(); [(a.send(b'x'), b.recv(1)) for i in range(%d)]"
    few, many = (counts_of(library, sys.executable, "-c", code % n) for n in (100, 600))
    calls = {figure: many[figure] - few[figure] for figure in ("sends", "receives", "waits")}
    expected = {"sends": 500, "receives": 500, "waits": 0}
    report.check(
        "Python's calls are seen", [] if calls == expected else [f"{calls} instead of {expected}"]
    )
    return report.finish()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
