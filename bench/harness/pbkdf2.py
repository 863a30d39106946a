"""pbkdf2.py W6 pbkdf2 N DEPTH: what OpenSSL itself takes for the key of one SCRAM login.

A measured program as the others: N derivations of 4,096 rounds of SHA-256, one JSON line.
"""
import hashlib
import json
import resource
import sys
import time

ROUNDS = 4096  # PostgreSQL's scram_iterations


def main(n):
    before, started = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    for number in range(n):
        hashlib.pbkdf2_hmac("sha256", b"bench", number.to_bytes(16, "big"), ROUNDS)
    wall = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_SELF)
    line = {
        "ops": n,
        "wall_s": wall,
        "user_s": after.ru_utime - before.ru_utime,
        "sys_s": after.ru_stime - before.ru_stime,
        "rss_kb": after.ru_maxrss,
        "check": 0,
        "sleeps": after.ru_nvcsw - before.ru_nvcsw,
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main(int(sys.argv[3]))
