#!/usr/bin/env python3
"""analyse.py BUILD SECONDS: clang-tidy over what the latest commits touched, for at most SECONDS.

A source is touched when it or a header it includes directly has changed since this branch left
origin/main or, where there is none, in the last COMMITS commits, or is not committed yet. Where git
knows neither, every source of the library is. A source counts as a test case; what the time did
not suffice for is counted as skipped.
"""
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import time

FOLDERS = ("protocol/", "src/", "include/")
COMMITS = 20  # about what is pushed at once


def git(*arguments):
    """The lines git prints; None when there is no git, no repository or no such commit."""
    try:
        run = subprocess.run(["git", *arguments], check=False, capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return run.stdout.splitlines() if run.returncode == 0 else None


def base():
    """The commit to compare with; None when git knows none."""
    here, left = git("rev-parse", "HEAD"), git("merge-base", "HEAD", "origin/main")
    if left and left != here:
        return left[0]
    latest = git("rev-list", f"--max-count={COMMITS + 1}", "--first-parent", "HEAD")
    return latest[-1] if latest and len(latest) > 1 else None


def changed_files():
    """What has changed since the base, as a set of paths; None when that is not known."""
    commit = base()
    if commit is None:
        return None
    before, untracked = git("diff", "--name-only", commit), git(
        "ls-files", "--others", "--exclude-standard"
    )
    return None if before is None or untracked is None else set(before) | set(untracked)


def includes(path):
    """The files of the tree that a source includes."""
    with open(path, encoding="utf-8") as file:
        names = re.findall(r'#include [<"]([^>"]+)[>"]', file.read())
    return {"include/" + name if name.startswith("pgreactor/") else name for name in names}


def sources(build):
    """The library's sources, smallest first so that a short budget covers many."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        commands = json.load(file)
    here = os.getcwd()
    paths = {
        os.path.relpath(os.path.join(entry["directory"], entry["file"]), here) for entry in commands
    }
    known = [path for path in paths if path.startswith(FOLDERS)]
    changed = changed_files()
    if changed is not None:
        known = [path for path in known if ({path} | includes(path)) & changed]
    return sorted(known, key=os.path.getsize)


def analyse(build, path, deadline):
    """None when there was no time left, else what clang-tidy objects to."""
    left = deadline - time.monotonic()
    if left <= 0:
        return None
    try:
        run = subprocess.run(
            ["clang-tidy-19", "--quiet", "-p", build, path],
            check=False,
            capture_output=True,
            text=True,
            timeout=left,
        )
    except subprocess.TimeoutExpired:
        return None
    return run.stdout + run.stderr if run.returncode else ""


def main(build, seconds):
    deadline = time.monotonic() + float(seconds)
    count = {"passed": 0, "failed": 0, "skipped": 0}
    paths = sources(build)
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as workers:
        for path, found in zip(
            paths, workers.map(lambda path: analyse(build, path, deadline), paths)
        ):
            outcome = "skipped" if found is None else "failed" if found else "passed"
            count[outcome] += 1
            print(f"{outcome:8}{path}")
            if found:
                print(found)
    print(", ".join(f"{number} {outcome}" for outcome, number in count.items()))
    return 1 if count["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
