#!/usr/bin/env python3
"""instructions.py PROGRAM [FILTER] [--iterations N] [--json FILE]: the micro-benchmarks as a table.

PROGRAM is bench/micro/micro, FILTER a regular expression for names of benchmarks. Each is timed by
google benchmark; then it runs by itself for N iterations under callgrind, which counts their
instructions and nothing else. Without valgrind the instructions are left out. Ends with status 1
when a benchmark fails.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Optional

VALGRIND = [
    "valgrind",
    "--tool=callgrind",
    "--collect-atstart=no",
    "--callgrind-out-file=/dev/null",
]
# Where a function of a shared library stands is otherwise looked up at its first call, which may be
# in the loop.
ENVIRONMENT = {**os.environ, "LD_BIND_NOW": "1"}
NANOSECONDS = {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}
SHORTEST_TIME = 0.05  # seconds that a benchmark is timed for


class Failure(Exception):
    """One line for the user."""


@dataclass
class Figures:
    """What one iteration of a benchmark costs; None is not measured."""

    name: str
    ns: Optional[float] = None
    instructions: Optional[float] = None
    allocations: Optional[float] = None


def output_of(command):
    """What a command prints: (standard output, standard error)."""
    run = subprocess.run(
        command, check=False, capture_output=True, text=True, env=ENVIRONMENT, timeout=600
    )
    if run.returncode != 0:
        said = "\n".join(part for part in (failures(run.stdout), run.stderr.strip()) if part)
        raise Failure(f"{' '.join(command)} ended with {run.returncode}:\n{said}")
    return run.stdout, run.stderr


def failures(text):
    """Which benchmarks of google benchmark's JSON failed, and why; a line each."""
    try:
        entries = json.loads(text)["benchmarks"]
    except (ValueError, KeyError):
        return ""
    return "\n".join(
        f"{each['name']}: {each.get('error_message', '')}"
        for each in entries
        if each.get("error_occurred")
    )


def figures_of(text):
    """{name: Figures} of google benchmark's JSON; names without the number of iterations."""
    found = {}
    for each in json.loads(text)["benchmarks"]:
        name = re.sub(r"/iterations:\d+$", "", each["name"])
        found[name] = Figures(
            name,
            ns=each["cpu_time"] * NANOSECONDS[each["time_unit"]],
            allocations=each["allocations"],
        )
    return found


def instructions_of(said, iterations):
    """Instructions of one iteration from what callgrind said; None where it collected nothing, as
    in a program that was built without valgrind's header."""
    collected = re.search(r"Collected : (\d+)", said)
    if not collected or int(collected[1]) == 0:
        return None
    return int(collected[1]) / iterations


def counted_command(program, name, iterations):
    """Runs that benchmark alone, for so many iterations."""
    return [
        program,
        f"--counted={iterations}",
        f"--benchmark_filter=^{name}/iterations:{iterations}$",
        "--benchmark_format=json",
    ]


def count(program, name, iterations):
    """Figures of a benchmark without its time: allocations, and instructions if there is valgrind."""
    valgrind = VALGRIND if shutil.which("valgrind") else []
    out, said = output_of([*valgrind, *counted_command(program, name, iterations)])
    counted = figures_of(out)[name]
    return Figures(
        name,
        instructions=instructions_of(said, iterations),
        allocations=counted.allocations,
    )


def measure(program, pattern, iterations):
    """[Figures] in the program's order."""
    wanted = f"--benchmark_filter={pattern or '.'}"
    names = output_of([program, "--benchmark_list_tests", wanted])[0].split()
    if not names:
        raise Failure(f"no benchmark matches {pattern!r}; see: {program} --benchmark_list_tests")
    # Times first: while instructions are counted, all processors are busy.
    shortest = f"--benchmark_min_time={SHORTEST_TIME}"
    timed = figures_of(output_of([program, wanted, shortest, "--benchmark_format=json"])[0])
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as workers:
        counted = list(workers.map(lambda name: count(program, name, iterations), names))
    for each in counted:
        each.ns = timed[each.name].ns
    return counted


def number(value, decimals):
    return "–" if value is None else f"{value:,.{decimals}f}"


def table(rows):
    """The lines of a table of Figures."""
    width = max(len("one iteration"), *(len(row.name) for row in rows))
    lines = [f"{'one iteration':{width}} {'ns':>9} {'instr':>9} {'allocs':>8}"]
    for row in rows:
        allocations = number(row.allocations, 3).rstrip("0").rstrip(".")
        lines.append(
            f"{row.name:{width}} {number(row.ns, 1):>9} {number(row.instructions, 1):>9} "
            f"{allocations:>8}"
        )
    return lines


def whole_number(text):
    """Of the command line, from 1 to a million; argparse makes a sentence of ValueError."""
    value = int(text)
    if not 1 <= value <= 1_000_000:
        raise ValueError
    return value


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("program")
    parser.add_argument("filter", nargs="?", default="")
    parser.add_argument("--iterations", type=whole_number, default=1000, help="that are counted")
    parser.add_argument("--json", metavar="FILE", help="write the figures to FILE as well")
    options = parser.parse_args()
    try:
        rows = measure(options.program, options.filter, options.iterations)
    except Failure as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1
    print("\n".join(table(rows)))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump([asdict(row) for row in rows], file, indent=1)
            file.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
