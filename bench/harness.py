#!/usr/bin/env python3
"""harness.py [ARGUMENT...]: measures, see bench/run --help; bench/run builds and calls it."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness.main import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
