"""The two ways in which the harness stops early; main.py turns them into exit statuses."""


class BadArguments(Exception):
    """What was asked for makes no sense: one line, exit status 2."""


class CannotRun(Exception):
    """The surroundings fail: a server that does not start, a missing program. Exit status 1."""
