"""Checks the tree it is started in against the rules; a test case per rule."""
import os
import sys

from rules import RULES, Tree
from tap import Report

report = Report()
tree = Tree(os.getcwd())
report.check("there are sources", [] if len(tree.sources) > 20 else [f"only {len(tree.sources)}"])
for name, rule in RULES:
    report.check(name, rule(tree))
sys.exit(report.finish())
