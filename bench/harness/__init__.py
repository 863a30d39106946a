"""The benchmark harness: runs measured programs against servers and reports what they cost.

Start at main.py, which joins the rest: cases.py says what is measured, servers.py against what,
rounds.py and counting.py measure, results.py keeps the numbers, the other modules show them.
"""
