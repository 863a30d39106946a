"""consumers.py SOURCE BUILD: installs the library in a temporary folder, builds users' projects.

DATABASE_URL names the server their programs ask.
"""
import os
import shutil
import subprocess
import sys
import tempfile

from tap import Report


class Stage:
    """The library installed in a folder, as `meson install --destdir` leaves it."""

    def __init__(self, build, folder):
        self.fault = run(
            "meson", "install", "--quiet", "-C", build, "--no-rebuild", "--destdir", folder
        )
        found = [path for path, _, names in os.walk(folder) if "pgreactor.pc" in names]
        self.pkg_config = found[0] if found else ""
        self.libraries = os.path.dirname(self.pkg_config)
        self.prefix = self.libraries
        while self.prefix and not os.path.isdir(os.path.join(self.prefix, "include")):
            self.prefix = os.path.dirname(self.prefix)

    def faults(self):
        """What is missing from the installation."""
        if self.fault or not self.pkg_config:
            return self.fault or ["pgreactor.pc was not installed"]
        expected = [
            os.path.join(self.prefix, "include/pgreactor/pgreactor.hpp"),
            os.path.join(self.libraries, "libpgreactor.a"),
            os.path.join(self.libraries, "libpgreactor.so"),
            os.path.join(self.libraries, "cmake/pgreactor/pgreactorConfig.cmake"),
        ]
        missing = [path for path in expected if not os.path.exists(path)]
        return [f"missing: {path}" for path in missing] or self.wrong_soname()

    def wrong_soname(self):
        """The soname is libpgreactor.so.X, and the loader finds a file of that name."""
        library = os.path.join(self.libraries, "libpgreactor.so")
        shown = subprocess.run(
            ["objdump", "-p", library], check=True, capture_output=True, text=True
        )
        names = [line.split()[1] for line in shown.stdout.splitlines() if "SONAME" in line]
        if len(names) == 1 and os.path.exists(os.path.join(self.libraries, names[0])):
            return []
        return [f"soname {names}, files {sorted(os.listdir(self.libraries))}"]

    def leaked_symbols(self):
        """Dynamic symbols outside of our namespace; foreign templates are weak and may stay."""
        library = os.path.join(self.libraries, "libpgreactor.so")
        shown = subprocess.run(
            ["nm", "-D", "--defined-only", "-C", library],
            check=True,
            capture_output=True,
            text=True,
        )
        strong = [line for line in shown.stdout.splitlines() if line.split()[1] in "TDBR"]
        exported = [line for line in strong if "pgreactor::" in line]
        leaked = [line for line in strong if "pgreactor::" not in line]
        internal = [line for line in exported if "pgreactor::protocol::" in line]
        return leaked + internal or ([] if exported else ["nothing is exported"])

    def environment(self):
        # The prefix in the .pc file is where the library will be; for now it lies elsewhere.
        return {
            **os.environ,
            "PKG_CONFIG_PATH": self.pkg_config,
            "LD_LIBRARY_PATH": self.libraries,
            "CMAKE_PREFIX_PATH": self.prefix,
        }


def run(*command, env=None, cwd=None):
    """Nothing when the command succeeds, else what it printed."""
    done = subprocess.run(
        command,
        check=False,
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode == 0:
        return []
    return [f"{' '.join(command)} ended with {done.returncode}:", done.stdout[-8000:]]


def first_fault(*steps):
    """Runs steps until one has something to say."""
    return next((said for said in (step() for step in steps) if said), [])


def copy_of(project, folder):
    """A project as a user has it: its build file and its main.cpp."""
    here = os.path.dirname(os.path.abspath(__file__))
    target = os.path.join(folder, project)
    shutil.copytree(os.path.join(here, project), target)
    shutil.copy(os.path.join(here, "main.cpp"), target)
    return target


def with_pkg_config(stage, project, kind):
    moved = os.path.join(project, "bin")
    os.makedirs(moved, exist_ok=True)
    wrapper = os.path.join(moved, "pkg-config")
    with open(wrapper, "w", encoding="utf-8") as file:
        real = shutil.which("pkg-config")
        file.write(f'#!/bin/sh\nexec {real} --define-variable=prefix={stage.prefix} "$@"\n')
    os.chmod(wrapper, 0o755)
    env = stage.environment()
    env["PATH"] = moved + os.pathsep + env["PATH"]
    program = os.path.join(project, "consumer_" + kind)
    return first_fault(
        lambda: run("sh", "build", "main.cpp", program, kind, env=env, cwd=project),
        lambda: run(program, env=env),
    )


def with_cmake(stage, project):
    env, build = stage.environment(), os.path.join(project, "build")
    return first_fault(
        lambda: run("cmake", "-G", "Ninja", "-S", project, "-B", build, env=env),
        lambda: run("cmake", "--build", build, env=env),
        lambda: run(os.path.join(build, "consumer"), env=env),
        lambda: run(os.path.join(build, "consumer_static"), env=env),
    )


def with_meson(source, project):
    os.makedirs(os.path.join(project, "subprojects"))
    os.symlink(source, os.path.join(project, "subprojects", "pgreactor"))
    build = os.path.join(project, "build")
    return first_fault(
        lambda: run(
            "meson",
            "setup",
            "--buildtype=plain",
            "--wrap-mode=nodownload",
            "--force-fallback-for=pgreactor",
            "-Dpgreactor:default_library=static",
            build,
            cwd=project,
        ),
        lambda: run("ninja", "-C", build, "consumer"),
        lambda: run(os.path.join(build, "consumer")),
    )


def main(source, build):
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(build, os.path.join(folder, "stage"))
        faults = stage.faults()
        report.check("headers, libraries, soname, pkg-config and CMake files are installed", faults)
        if not faults:
            report.check(
                "the shared library exports the public interface alone", stage.leaked_symbols()
            )
            by_hand = copy_of("pkg_config", folder)
            report.check("pkg-config, shared", with_pkg_config(stage, by_hand, "shared"))
            report.check("pkg-config, static", with_pkg_config(stage, by_hand, "static"))
            report.check("CMake find_package", with_cmake(stage, copy_of("cmake", folder)))
        report.check("meson subproject", with_meson(source, copy_of("meson_subproject", folder)))
    return report.finish()


if __name__ == "__main__":
    sys.exit(main(*(os.path.abspath(path) for path in sys.argv[1:])))
