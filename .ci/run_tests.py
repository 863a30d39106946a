#!/usr/bin/env python3
"""run_tests.py BUILD [--list] -- FILTER: builds what is needed, runs `meson test`, counts cases.

The last line is "N passed, N failed, N skipped"; the exit status is 0 when some passed and none
failed.
"""
import fnmatch
import json
import os
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from count_cases import FAILED, PASSED, SKIPPED, cases_of_test  # noqa: E402

PROJECT = "pgreactor"


class Build:
    """A configured build directory and the tests it knows."""

    def __init__(self, path):
        self.path = os.path.abspath(path)
        ours = PROJECT + ":"
        self.tests = [
            test
            for test in self.introspect("tests")
            if any((suite + ":").startswith(ours) for suite in test["suite"])
        ]
        for test in self.tests:
            test["suites"] = {suite.partition(":")[2] for suite in test["suite"]}
        names = [test["name"] for test in self.tests]
        assert len(names) == len(set(names)), f"two tests of one name: {sorted(names)}"

    def introspect(self, what):
        run = subprocess.run(
            ["meson", "introspect", "--" + what, self.path], check=True, stdout=subprocess.PIPE
        )
        return json.loads(run.stdout)

    def compile(self, tests):
        """Builds what these tests need, or everything when they are all."""
        wanted = []
        if len(tests) != len(self.tests):
            needed = {identity for test in tests for identity in test["depends"]}
            wanted = [
                os.path.relpath(file, self.path)
                for target in self.introspect("targets")
                if target["id"] in needed
                for file in target["filename"]
            ]
            if not wanted:
                return
        status = subprocess.run(["ninja", "-C", self.path, *wanted], check=False).returncode
        if status != 0:
            print("the build failed: nothing was run")
            print_counts(0, 1, 0)
            sys.exit(1)

    def report_path(self, test):
        """Where meson lets a GoogleTest program write its report."""
        return os.path.join(test["workdir"] or self.path, test["name"] + ".xml")


def program_of(test):
    """The test's own executable; what stands before it starts a server for it."""
    return [word for word in test["cmd"] if os.path.isfile(word) and os.access(word, os.X_OK)][-1]


def case_names(test):
    """What a GoogleTest program says it contains."""
    listing = subprocess.run(
        [program_of(test), "--gtest_list_tests"], check=True, stdout=subprocess.PIPE, text=True
    )
    names, group = [], ""
    for line in listing.stdout.splitlines():
        word = line.split("#")[0].rstrip()
        if word.startswith("  "):
            names.append(group + word.strip())
        elif word.endswith("."):
            group = word
    return names


def select(build, wanted):
    """The tests that a filter names, built, and the filter for their cases ("" is all of them)."""
    named = [
        test
        for test in build.tests
        if not wanted or wanted == test["name"] or wanted in test["suites"]
    ]
    if named:
        build.compile(named)
        return named, ""
    build.compile([test for test in build.tests if test["protocol"] == "gtest"])
    pattern = f"*{wanted}*"

    def has_a_match(test):
        names = case_names(test) if test["protocol"] == "gtest" else [test["name"]]
        return any(fnmatch.fnmatchcase(name, pattern) for name in names)

    named = [test for test in build.tests if has_a_match(test)]
    build.compile([test for test in named if test["protocol"] != "gtest"])
    return named, pattern


def run(build, tests, pattern):
    """Runs the tests; gives meson's entry for each by name, and its exit status."""
    for test in tests:
        if os.path.exists(build.report_path(test)):
            os.remove(build.report_path(test))
    log = os.path.join(build.path, "meson-logs", "cases.json")
    if os.path.exists(log):
        os.remove(log)
    environment = dict(os.environ)
    environment.pop("GTEST_FILTER", None)
    if pattern:
        environment["GTEST_FILTER"] = pattern
    status = subprocess.run(
        [
            "meson",
            "test",
            "-C",
            build.path,
            "--no-rebuild",
            "--logbase",
            "cases",
            *(f"{PROJECT}:{test['name']}" for test in tests),
        ],
        check=False,
        env=environment,
        stdin=subprocess.DEVNULL,
    ).returncode
    entries = {}
    if os.path.exists(log):
        with open(log, encoding="utf-8") as lines:
            for line in lines:
                entry = json.loads(line)
                entries[entry["name"].split(" / ")[-1]] = entry
    return entries, status


def read(path):
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def print_counts(passed, failed, skipped):
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)


def main(arguments):
    path, *flags = arguments[: arguments.index("--")]
    wanted = arguments[arguments.index("--") + 1]
    build = Build(path)
    tests, pattern = select(build, wanted)
    if not tests:
        print(f"no suite, test or test case is called {wanted!r}")
        print_counts(0, 0, 0)
        return 1
    if "--list" in flags:
        for test in tests:
            names = case_names(test) if test["protocol"] == "gtest" else ["(a script)"]
            for name in names:
                if not pattern or test["protocol"] != "gtest" or fnmatch.fnmatchcase(name, pattern):
                    print(f"{test['name']}: {name}")
        return 0

    entries, status = run(build, tests, pattern)
    count = {PASSED: 0, FAILED: 0, SKIPPED: 0}
    for test in tests:
        xml = read(build.report_path(test)) if test["protocol"] == "gtest" else None
        for case in cases_of_test(test["protocol"], entries.get(test["name"]), xml):
            count[case.outcome] += 1
            if case.outcome == FAILED:
                print(f"\nFAILED  {test['name']}: {case.name}")
                print(
                    "\n".join(f"    {line}" for part in case.details for line in part.splitlines())
                )
            elif case.outcome == SKIPPED:
                print(f"skipped {test['name']}: {case.name}  {' '.join(case.details)}")
    if status != 0 and not count[FAILED]:
        print(f"FAILED  meson test ended with status {status}, though no test case failed")
        count[FAILED] += 1
    print_counts(count[PASSED], count[FAILED], count[SKIPPED])
    return 0 if count[PASSED] and not count[FAILED] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
