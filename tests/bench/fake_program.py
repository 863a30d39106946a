"""fake_program.py BEHAVIOUR WORKLOAD MODE N DEPTH: a measured program that measures nothing.

Behaviours: right, wrong (its checksum), crash, unoffered, silent (prints no JSON). It also stands
for the library that counts calls, and as `valgrind` for valgrind: the counts grow with N.
"""
import json
import os
import subprocess
import sys


def valgrind(words):
    log = next(word.partition("=")[2] for word in words if word.startswith("--log-file="))
    command = [word for word in words if not word.startswith("--")]
    with open(log.replace("%p", "1"), "w", encoding="utf-8") as file:
        file.write(f"==1== I   refs:      {5000 + 7 * int(command[-2]):,}\n")
    return subprocess.run(command, check=False).returncode


def measured(behaviour, workload, n):
    if behaviour == "crash":
        os.abort()
    if behaviour == "unoffered":
        print("fake: no such mode; there is: none", file=sys.stderr)
        return 2
    if behaviour == "silent":
        return 0
    if "PGREACTOR_COUNTS" in os.environ:
        counts = {"sends": n, "receives": n, "waits": 3, "other": 2, "allocations": 40 + 2 * n}
        with open(os.environ["PGREACTOR_COUNTS"], "w", encoding="utf-8") as file:
            json.dump(counts, file)
    check = n * (n - 1) // 2 if workload == "W1" else n
    line = {"ops": n, "wall_s": n * 2e-5, "user_s": n * 3e-6, "sys_s": n * 1e-6, "rss_kb": 4000}
    line.update(check=check + (behaviour == "wrong"), sleeps=1, p50_us=20, p99_us=40, p999_us=80)
    print(json.dumps(line))
    return 0


def main(words):
    if words[0] == "canned_server":
        print("listening", words[2], flush=True)
        sys.stdin.read()
        return 0
    if words[0] == "valgrind":
        return valgrind(words[1:])
    return measured(words[0], words[1], int(words[3]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
