#!/usr/bin/env python3
"""check.py BUILD [--update] [--json FILE]: does a query cost more than the committed baseline says?

BUILD is set up for release and has bench/short/short_form in it. A figure is a test case: it fails
when instructions or allocations have grown by more than 3 % (allocations: at all, from none), or
system calls by more than 0.001 per query. The baseline is kept per compiler, as baseline/NAME.json
beside this script; --update writes it anew. Without valgrind the instructions are skipped.
The last line is "N passed, N failed, N skipped".
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
GROWTH = 1.03
SYSTEM_CALLS = 0.001
VALGRIND = [
    "valgrind",
    "--tool=callgrind",
    "--collect-atstart=no",
    "--callgrind-out-file=/dev/null",
]
FIGURES = ("instructions", "syscalls", "allocations")


def unsuitable(build):
    """Why the figures of a build directory say nothing, or None."""
    run = subprocess.run(
        ["meson", "introspect", "--buildoptions", build], check=True, stdout=subprocess.PIPE
    )
    options = {option["name"]: option["value"] for option in json.loads(run.stdout)}
    wanted = {"optimization": "3", "b_ndebug": "true", "b_sanitize": "none"}
    return next(
        (
            f"{build} has {name}={options[name]}: it is not set up for release"
            for name, value in wanted.items()
            if options[name] != value
        ),
        None,
    )


def output_of(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def measure(program, workload, mode):
    """The figures of one workload; that of instructions is missing when they can't be counted."""
    valgrind = VALGRIND if shutil.which("valgrind") else []
    run = subprocess.run(
        [*valgrind, program, workload, mode],
        check=False,
        capture_output=True,
        text=True,
    )
    if run.returncode != 0:
        raise RuntimeError(f"{workload} {mode} ended with {run.returncode}:\n{run.stderr}")
    figures = [json.loads(line) for line in run.stdout.splitlines()]
    operations = next(each["value"] for each in figures if each["figure"] == "operations")
    collected = re.search(r"Collected : (\d+)", run.stderr)
    if collected and int(collected[1]):  # 0 where it was built without valgrind's header
        figures.append(
            {
                "workload": workload,
                "mode": mode,
                "figure": "instructions",
                "value": round(int(collected[1]) / operations, 2),
                "unit": "per query",
            }
        )
    return [each for each in figures if each["figure"] in FIGURES]


def measure_all(program):
    listing = output_of(program, "list").splitlines()
    return [each for line in listing for each in measure(program, *line.split())]


def limit(figure, base):
    """The most that a figure may be."""
    return base + SYSTEM_CALLS if figure == "syscalls" else base * GROWTH


def by_name(figures):
    return {(each["workload"], each["mode"], each["figure"]): each["value"] for each in figures}


def judge(baseline, now):
    """[(name, base, value, verdict)] of all figures, in the order of the baseline."""
    before, after = by_name(baseline), by_name(now)
    rows = []
    for name in [*before, *(name for name in after if name not in before)]:
        base, value = before.get(name), after.get(name)
        if base is None:
            verdict = "FAILED: not in the baseline"
        elif value is None:
            verdict = "skipped" if name[2] == "instructions" else "FAILED: no longer measured"
        elif value > limit(name[2], base):
            verdict = f"FAILED: at most {limit(name[2], base):.4g}"
        else:
            verdict = "passed"
            if value < base / GROWTH:
                verdict += ", better: --update keeps it so"
        rows.append((name, base, value, verdict))
    return rows


def show(rows):
    def number(value):
        return "-" if value is None else f"{value:.4f}".rstrip("0").rstrip(".")

    print(
        f"{'':4} {'':8} {'per query':14} {'baseline':>10} {'now':>10} {'change':>8}",
    )
    for (workload, mode, figure), base, value, verdict in rows:
        change = f"{100 * (value / base - 1):+.2f} %" if base and value is not None else ""
        print(
            f"{workload:4} {mode:8} {figure:14} {number(base):>10} {number(value):>10} "
            f"{change:>8}  {verdict}"
        )


def finish(rows):
    count = {
        outcome: sum(verdict.startswith(outcome) for *_, verdict in rows)
        for outcome in ("passed", "FAILED", "skipped")
    }
    print(f"{count['passed']} passed, {count['FAILED']} failed, {count['skipped']} skipped")
    return 1 if count["FAILED"] or not count["passed"] else 0


def write(path, figures):
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        lines = ",\n".join("  " + json.dumps(each) for each in figures)
        file.write(f"[\n{lines}\n]\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("build")
    parser.add_argument("--update", action="store_true", help="write the baseline anew")
    parser.add_argument("--json", metavar="FILE", help="write the figures to FILE as well")
    options = parser.parse_args()
    reason = unsuitable(options.build)
    if reason:
        print(reason)
        print("0 passed, 1 failed, 0 skipped")
        return 1
    program = os.path.join(options.build, "bench", "short", "short_form")
    path = os.path.join(HERE, "baseline", output_of(program, "compiler").strip() + ".json")
    figures = measure_all(program)
    if options.json:
        write(options.json, figures)
    if options.update:
        if not any(each["figure"] == "instructions" for each in figures):
            print("a baseline needs the instructions: is valgrind there, with its header?")
            return 1
        write(path, figures)
        print(f"wrote {os.path.relpath(path)}")
    baseline = []
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            baseline = json.load(file)
    else:
        print(f"there is no {os.path.relpath(path)}; --update writes it")
    rows = judge(baseline, figures)
    show(rows)
    return finish(rows)


if __name__ == "__main__":
    sys.exit(main())
