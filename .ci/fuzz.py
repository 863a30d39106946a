#!/usr/bin/env python3
"""fuzz.py BUILD SECONDS: runs each fuzzer of tests/fuzz for SECONDS; each is a test case.

Inputs found on the way are kept in BUILD/corpus/NAME and tried first the next time; seeds lie in
tests/fuzz/corpus/NAME. An input that breaks something is left in BUILD/findings.
"""
import concurrent.futures
import os
import subprocess
import sys

sys.dont_write_bytecode = True


def fuzzers(build):
    listing = subprocess.run(
        [os.path.join(os.path.dirname(__file__), "targets"), build, "tests/fuzz", "list"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    names = [line.split()[0] for line in listing.stdout.splitlines()]
    paths = [
        subprocess.run(
            [os.path.join(os.path.dirname(__file__), "targets"), build, "tests/fuzz", name],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout.strip()
        for name in names
    ]
    return dict(zip(names, paths))


def fuzz(build, name, path, seconds):
    """Empty when nothing was found, else the end of what the fuzzer said."""
    corpus, findings = os.path.join(build, "corpus", name), os.path.join(build, "findings")
    seeds = os.path.join("tests/fuzz/corpus", name)
    os.makedirs(corpus, exist_ok=True)
    os.makedirs(findings, exist_ok=True)
    command = [
        os.path.join(build, path),
        f"-max_total_time={seconds}",
        "-timeout=10",
        "-rss_limit_mb=1024",
        "-print_final_stats=1",
        f"-artifact_prefix={findings}/{name}-",
        corpus,
    ]
    try:
        run = subprocess.run(
            command + ([seeds] if os.path.isdir(seeds) else []),
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds + 120,
        )
    except subprocess.TimeoutExpired:
        return "it did not end in time"
    output = run.stdout.decode(errors="replace")
    executed = [line for line in output.splitlines() if "number_of_executed_units" in line]
    if run.returncode:
        return output[-6000:]
    return (
        ""
        if executed and int(executed[0].split()[-1]) > 0
        else "it ran no input at all\n" + output[-2000:]
    )


def main(build, seconds):
    found = fuzzers(build)
    if not found:
        print("tests/fuzz has no fuzzers")
        print("0 passed, 1 failed, 0 skipped")
        return 1
    if subprocess.run(["ninja", "-C", build, *found.values()], check=False).returncode:
        print("the build failed")
        print("0 passed, 1 failed, 0 skipped")
        return 1
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as workers:
        reports = workers.map(lambda item: fuzz(build, *item, int(seconds)), found.items())
        for name, said in zip(found, reports):
            failed += 1 if said else 0
            print(f"{'failed' if said else 'passed':8}{name}")
            if said:
                print(said)
    print(f"{len(found) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
