#!/usr/bin/env python3
"""requirements.py [ROOT] [KIND]: which tests prove which requirement of tests/requirements.md, or
which item of the specification in tests/checklist.md when KIND is Checklist.

A test says so in the comment right above it: "// Requirement: W4, W5", "// Checklist: C22". Prints
each with its tests; the exit status is 0 when each has one and nothing else is named.
"""
import os
import re
import sys

TABLES = {"Requirement": "tests/requirements.md", "Checklist": "tests/checklist.md"}
ROW = re.compile(r"^\| ([A-Z]\d+) \| (.+) \|$", re.M)
TEST = re.compile(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", re.S)
CLAIM = re.compile(r"^// (Requirement|Checklist): (.*)$")
IDENTITY = re.compile(r"[A-Z]\d+")


def claims_of(path, text, kind):
    """([(id, test)], faults) of one source: a claim counts for the test below its comment."""
    claims, faults, claimed = [], [], []
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        claim = CLAIM.match(line)
        if claim:
            claimed += claim[2].split(", ") if claim[1] == kind else []
            continue
        if line.startswith("//") or not claimed:
            continue
        test = TEST.match("\n".join(lines[number - 1 : number + 1]))
        if test:
            claims += [(identity, f"{path}: {test[1]}.{test[2]}") for identity in claimed]
        else:
            faults.append(f"{path}:{number}: a requirement is named where no test follows")
        claimed = []
    if claimed:
        faults.append(f"{path}:{len(lines)}: a requirement is named where no test follows")
    return claims, faults


def check(table, sources, kind="Requirement"):
    """({id: (demand, tests)}, faults) of the table's text and of sources by path."""
    proofs = {identity: (demand, []) for identity, demand in ROW.findall(table)}
    faults = [] if proofs else [f"{TABLES[kind]}:1: holds nothing"]
    for path in sorted(sources):
        claims, wrong = claims_of(path, sources[path], kind)
        faults += wrong
        for identity, test in claims:
            if identity in proofs:
                proofs[identity][1].append(test)
            else:
                faults.append(f"{test} names {identity}, which {TABLES[kind]} does not have")
    return proofs, faults


def read_tests(root):
    sources = {}
    for folder, _, names in os.walk(os.path.join(root, "tests")):
        for name in names:
            if name.endswith(".cpp"):
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8") as file:
                    sources[os.path.relpath(path, root)] = file.read()
    return sources


def main(root=".", kind="Requirement"):
    with open(os.path.join(root, TABLES[kind]), encoding="utf-8") as file:
        proofs, faults = check(file.read(), read_tests(root), kind)
    for identity, (demand, tests) in proofs.items():
        print(f"{identity:4}{demand}")
        for test in tests:
            print(f"      {test}")
    missing = [identity for identity, (_, tests) in proofs.items() if not tests]
    for fault in faults:
        print(fault)
    if missing:
        print(f"no test names {', '.join(missing)}")
    print(f"{len(proofs) - len(missing)} of {len(proofs)} are named by a test")
    return 1 if missing or faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
