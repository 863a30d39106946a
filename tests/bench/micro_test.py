"""micro_test.py FOLDER [PROGRAM]: bench/micro/instructions.py, which lies in FOLDER, and the
benchmarks themselves, when there is google benchmark to build PROGRAM with."""
import json
import re
import subprocess
import sys

from tap import Report

sys.path.insert(0, sys.argv[1])
import instructions  # noqa: E402
from instructions import Figures  # noqa: E402

ENTRY = {"name": "decode/int4", "cpu_time": 1.5, "time_unit": "ns", "allocations": 0.0}


def output(*entries):
    return json.dumps({"context": {}, "benchmarks": entries})


def reading(report):
    slow = {**ENTRY, "name": "pool/lease/iterations:50", "time_unit": "us", "allocations": 1.0}
    found = instructions.figures_of(output(ENTRY, slow))
    expected = {
        "decode/int4": Figures("decode/int4", ns=1.5, allocations=0.0),
        "pool/lease": Figures("pool/lease", ns=1500.0, allocations=1.0),
    }
    report.check(
        "times are nanoseconds, and names have no number of iterations",
        [] if found == expected else [found],
    )
    broken = {"name": "a/b", "error_occurred": True, "error_message": "wrong"}
    report.check(
        "a benchmark that failed is named with its reason",
        [] if instructions.failures(output(ENTRY, broken)) == "a/b: wrong" else ["it is not"],
    )
    cases = [
        ("==1== Collected : 22073\n", 22.073),
        ("==1== Collected : 0\n", None),
        ("nothing of valgrind's", None),
    ]
    report.check(
        "instructions are those of one iteration, or none where nothing was collected",
        [said for said, value in cases if instructions.instructions_of(said, 1000) != value],
    )


def showing(report):
    lines = instructions.table(
        [Figures("decode/int4", 1.26, 22.073, 0.0), Figures("a/b", 1234.0, None, 1.5)]
    )
    expected = [
        "one iteration        ns     instr   allocs",
        "decode/int4         1.3      22.1        0",
        "a/b             1,234.0         –      1.5",
    ]
    report.check("a table has a line for each", [] if lines == expected else lines)


def run(program, *options):
    return subprocess.run(
        [program, *options], check=False, capture_output=True, text=True, timeout=100
    )


def benchmarks(report, program):
    names = run(program, "--benchmark_list_tests").stdout.split()
    report.check(
        "every name can stand in a regular expression as it is",
        [name for name in names if not re.fullmatch(r"[a-z0-9_/]+", name)] or
        ([] if names else ["there is none"]),
    )
    done = run(program, "--counted=3", "--benchmark_format=json")
    faults = [instructions.failures(done.stdout), done.stderr] if done.returncode else []
    report.check("every benchmark runs and finds its results right", faults)
    entries = [] if faults else json.loads(done.stdout)["benchmarks"]
    report.check(
        "every benchmark ran as often as was asked",
        [f"{each['name']}: {each['iterations']}" for each in entries if each["iterations"] != 3] or
        ([] if len(entries) == len(names) else [f"{len(entries)} of {len(names)}"]),
    )
    report.check(
        "another number than one from 1 on is refused",
        [text for text in ("0", "-1", "x", "3x", "")
         if run(program, f"--counted={text}").returncode != 2],
    )  # fmt: skip


def main(program=None):
    report = Report()
    reading(report)
    showing(report)
    if program:
        benchmarks(report, program)
    else:
        report.skip("every benchmark runs", "google benchmark is not there")
    return report.finish()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[2:]))
