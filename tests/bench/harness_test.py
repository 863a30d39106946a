"""The benchmark harness: its arithmetic, its files, and whole runs with programs that are fakes."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
BENCH = os.path.join(HERE, "..", "..", "bench")
sys.path.insert(0, BENCH)

from harness import arguments, checks, comparison, counting, execution, page, readme  # noqa: E402
from harness import report, results, rounds, targets  # noqa: E402
from harness.cases import OPERATIONS, OWN, RIVALS, SERVERS, WORKLOADS, operator_cases, select  # noqa: E402
from harness.failures import BadArguments, CannotRun  # noqa: E402
from harness.foreign_postgres import parse_url  # noqa: E402
from harness.programs import parse as parse_programs  # noqa: E402
from tap import Report  # noqa: E402

EVERYBODY = ("floor", OWN, "openssl", *RIVALS)
FAKE = [sys.executable, os.path.join(HERE, "fake_program.py")]


def cases(workload="W2", server="canned", peers=EVERYBODY):
    return select((workload,), peers, (server,), False)


def case(peer, workload="W2", mode="each", server="canned"):
    return next(c for c in cases(workload, server) if (c.peer, c.mode) == (peer, mode))


def measured(values):
    """Results of {(peer, workload, mode, server): {figure: [value of round 0, ...]}}."""
    made = results.Results()
    for where, figures in values.items():
        for figure, by_round in figures.items():
            for number, value in enumerate(by_round):
                made.add(case(*where), number, {figure: value})
    return made


def record(value, figure="cpu_us", peer=OWN, mode="each", **more):
    return {"workload": "W2", "server": "canned", "peer": peer, "mode": mode, "figure": figure,
            "value": value, "unit": "us/op", **more}


class Cases(unittest.TestCase):
    def test_no_two_have_the_same_key(self):
        for full in (False, True):
            every = select(tuple(WORKLOADS), EVERYBODY, SERVERS, full)
            self.assertEqual(len({c.key for c in every}), len(every))

    def test_full_measures_all_that_the_default_does(self):
        keys = [{c.key for c in select(tuple(WORKLOADS), EVERYBODY, SERVERS, full)}
                for full in (False, True)]
        self.assertLess(keys[0], keys[1])

    def test_the_targets_ask_for_cases_that_exist(self):
        asked = set()

        class Recorder(results.Results):
            def rounds(self, key, figure):
                asked.add(key)
                return super().rounds(key, figure)

        targets.rows(Recorder())
        there = [*select(tuple(WORKLOADS), EVERYBODY, SERVERS, False),
                 *operator_cases(tuple(OPERATIONS))]
        self.assertLessEqual(asked, {c.key for c in there})


class Rounds(unittest.TestCase):
    def test_every_round_has_every_case_once(self):
        for number in range(5):
            order = rounds.order_of_round(cases(), number, 5)
            self.assertCountEqual(order, cases())

    def test_another_case_begins_each_round(self):
        first = {rounds.order_of_round(cases(), number, 3)[0] for number in range(3)}
        self.assertEqual(len(first), 3)

    def test_who_goes_first_of_those_compared_changes(self):
        leaders = []
        for number in range(3):
            order = rounds.order_of_round(cases(), number, 3)
            leaders.append(next(c.peer for c in order if c.group == "each"))
        self.assertEqual(len(set(leaders)), 3)

    def test_what_is_compared_stays_together(self):
        order = [c.group for c in rounds.order_of_round(cases(), 2, 3)]
        runs = [group for index, group in enumerate(order) if order[index - 1:index] != [group]]
        self.assertEqual(len(runs), len(set(runs)))

    def test_one_core_and_two(self):
        same, split = (case("libpq", "W1", mode, "postgres") for mode in
                       ("query-same", "query-split"))
        self.assertEqual(rounds.placement(same, {4, 7}), ({4}, {4}))
        self.assertEqual(rounds.placement(split, {4, 7}), ({4}, {7}))


class Numbers(unittest.TestCase):
    def test_the_median_and_the_span_are_over_rounds(self):
        made = measured({(OWN,): {"cpu_us": [3.0, 1.0, 8.0]}})
        self.assertEqual(made.median(case(OWN).key, "cpu_us"), 3.0)
        self.assertEqual(made.span(case(OWN).key, "cpu_us"), (1.0, 8.0))

    def test_a_ratio_is_the_median_of_the_rounds_ratios(self):
        made = measured({(OWN,): {"cpu_us": [1.0, 8.0, 3.0]},
                         ("libpq",): {"cpu_us": [2.0, 4.0, 4.0]}})
        self.assertEqual(made.ratio(case(OWN).key, case("libpq").key, "cpu_us"), 0.75)

    def test_a_ratio_needs_a_common_round(self):
        made = measured({(OWN,): {"cpu_us": [1.0]}})
        made.add(case("libpq"), 1, {"cpu_us": 2.0})
        self.assertIsNone(made.ratio(case(OWN).key, case("libpq").key, "cpu_us"))

    def test_cpu_time_is_of_user_and_system_per_operation(self):
        line = {"ops": 10, "wall_s": 0.5, "user_s": 0.5, "sys_s": 0.25, "rss_kb": 7}
        self.assertEqual(results.figures_of(line), {"cpu_us": 75000.0, "rate": 20.0, "rss_kb": 7})

    def test_a_count_is_the_difference_of_two_lengths(self):
        found = counting.per_operation((10, {"allocations": 120}), (30, {"allocations": 160}))
        self.assertEqual(found, {"allocations": 2.0})
        with self.assertRaises(ValueError):
            counting.per_operation((10, {}), (10, {}))

    def test_the_best_rival_is_the_cheapest_or_the_fastest(self):
        made = measured({("libpq",): {"cpu_us": [2.0], "rate": [5.0]}, (OWN,): {"cpu_us": [1.0]},
                         ("tokio-postgres",): {"cpu_us": [3.0], "rate": [6.0]}})
        self.assertEqual(made.best("W2", "canned", "each", "cpu_us")[2], "libpq")
        self.assertEqual(made.best("W2", "canned", "each", "rate")[2], "tokio-postgres")


class Targets(unittest.TestCase):
    def verdict(self, name, made):
        return next(line[-1] for line in targets.rows(made) if line[0] == name)

    def test_verdicts(self):
        name = "W2 each, 64 deep: instructions per query"
        for value, verdict in ((800, "reached aim"), (801, "reached must"), (1501, "missed")):
            made = measured({(OWN,): {"instructions": [value]}})
            self.assertEqual(self.verdict(name, made), verdict)
        self.assertEqual(self.verdict(name, results.Results()), "not measured")

    def test_the_best_rival_is_the_one_we_compare_worst_with(self):
        made = measured({(OWN,): {"cpu_us": [1.0]}, ("libpq",): {"cpu_us": [4.0]},
                         ("tokio-postgres",): {"cpu_us": [1.9]}, ("floor",): {"cpu_us": [0.9]}})
        name = "W2 each, 64 deep, canned: cpu / best rival's; / floor's"
        self.assertEqual(self.verdict(name, made), "missed")

    def test_the_operator_layer_is_measured_by_the_difference_that_is_larger(self):
        made = results.Results()
        for each in operator_cases(("O1", "O2")):
            added = 0 if each.mode == "held" else {"O1": 2600, "O2": 5000}[each.workload]
            made.add(each, 0, {"instructions": 3000 + added, "allocations": 0})
        name = "operator layer: instructions over a held statement's"
        line = next(line for line in targets.rows(made) if line[0] == name)
        self.assertEqual((line[1], line[-1]), ("5,000", "reached must"))

    def test_what_nobody_measures_is_not_reached(self):
        self.assertEqual({line[-1] for line in targets.rows(results.Results())}, {"not measured"})


class Checksums(unittest.TestCase):
    def test_postgres_has_one_right_answer(self):
        found = checks.Checks()
        found.add(case("libpq", server="postgres"), 100, checks.sum_of_world(100))
        found.add(case(OWN, server="postgres"), 100, checks.sum_of_world(100) + 1)
        self.assertEqual([c.peer for c, _ in found.wrong()], [OWN])

    def test_sums_are_of_64_bits(self):
        found = checks.Checks()
        wrapped = (checks.expected("W4", 30) + 2**63) % 2**64 - 2**63
        found.add(case(OWN, "W4", "stream", "postgres"), 30, wrapped)
        self.assertEqual(found.wrong(), [])

    def test_canned_answers_are_what_most_programs_read(self):
        found = checks.Checks()
        for peer, check in (("libpq", 5), ("tokio-postgres", 6), (OWN, 5)):
            found.add(case(peer), 100, check)
        self.assertEqual([c.peer for c, _ in found.wrong()], ["tokio-postgres"])

    def test_two_that_disagree_are_both_named(self):
        found = checks.Checks()
        found.add(case("libpq"), 100, 5)
        found.add(case(OWN), 100, 6)
        self.assertEqual({c.peer for c, _ in found.wrong()}, {"libpq", OWN})

    def test_another_n_is_another_question_and_the_floor_is_not_asked(self):
        found = checks.Checks()
        found.add(case("libpq"), 100, 5)
        found.add(case(OWN), 200, 6)
        found.add(case("floor"), 100, 0)
        self.assertEqual(found.wrong(), [])


class Files(unittest.TestCase):
    def test_a_record_has_the_shape_that_was_promised(self):
        made = measured({(OWN,): {"cpu_us": [1.0, 3.0, 2.0], "instructions": [700]}})
        self.assertEqual(made.records(), [
            record(2.0, min=1.0, max=3.0), {**record(700, "instructions"), "unit": "1/op"}])
        self.assertEqual(json.loads(results.to_json(made.records())), made.records())
        self.assertEqual(json.loads(results.to_json([])), [])

    def test_a_file_is_replaced_as_a_whole(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.json")
            results.write_atomically(path, "old")
            with self.assertRaises(TypeError):
                results.write_atomically(path, None)
            with open(path, encoding="utf-8") as file:
                self.assertEqual(file.read(), "old")
            self.assertEqual(os.listdir(folder), ["a.json"])

    def test_a_malformed_file_is_named_with_what_is_wrong(self):
        for text, what in (("{", "not JSON"), ("{}", "not an array"), ("[1]", "result 1 is not"),
                           (json.dumps([record(1), {}]), "result 2 has no text 'workload'"),
                           (json.dumps([record("1")]), "result 1 has no number 'value'"),
                           (json.dumps([record(1, min=None)]), "no number 'min'"),
                           ("\xff", "JSON")):
            with tempfile.NamedTemporaryFile("w", encoding="latin-1") as file:
                file.write(text)
                file.flush()
                with self.assertRaises(BadArguments) as caught:
                    results.read_records(file.name)
                self.assertIn(file.name, str(caught.exception))
                self.assertIn(what, str(caught.exception))
        with self.assertRaisesRegex(BadArguments, "/nowhere/a.json: No such file"):
            results.read_records("/nowhere/a.json")

    def test_the_list_of_programs_says_who_is_absent_and_why(self):
        found = parse_programs(["a ready x 'y z'\n", "b absent no compiler\n", "\n"], "list")
        self.assertEqual(found.commands, {"a": ["x", "y z"]})
        self.assertEqual(found.reason("b"), "no compiler")
        with self.assertRaisesRegex(CannotRun, "list:1"):
            parse_programs(["a maybe\n"], "list")


class Comparison(unittest.TestCase):
    def test_a_count_that_grew_by_more_than_one_percent_moved(self):
        for after, moved in ((1010, False), (1011, True), (980, True)):
            change = comparison.moved(record(1000, "instructions"), record(after, "instructions"))
            self.assertEqual(change is not None, moved, after)

    def test_a_count_that_was_nothing_moves_when_it_is_something(self):
        self.assertIsNotNone(comparison.moved(record(0, "allocations"), record(1, "allocations")))
        self.assertIsNone(comparison.moved(record(0, "allocations"), record(0, "allocations")))
        self.assertIsNone(
            comparison.moved(record(0, "allocations"), record(0.001, "allocations")))

    def test_a_time_moves_when_it_left_both_spans_by_ten_percent(self):
        before = record(1.0, min=0.8, max=1.3)
        self.assertIsNone(comparison.moved(before, record(1.2, min=1.1, max=1.4)))
        self.assertIsNone(comparison.moved(before, record(1.4, min=0.9, max=1.5)))
        self.assertIsNone(comparison.moved(record(1.0), record(1.05)))
        self.assertAlmostEqual(comparison.moved(before, record(1.5, min=1.4, max=1.6)), 0.5)

    def test_says_what_is_better_what_is_worse_and_what_is_in_one_only(self):
        lines = comparison.compare([record(1.0), record(5.0, "rate"), record(1.0, peer="libpq")],
                                   [record(2.0), record(9.0, "rate"), record(1.0, mode="batch")])
        self.assertIn("2 figures are in both", lines[0])
        self.assertTrue(lines[1].startswith("worse") and "cpu_us" in lines[1])
        self.assertTrue(lines[2].startswith("better") and "rate" in lines[2])
        self.assertTrue(lines[3].startswith("only before") and "libpq" in lines[3])
        self.assertTrue(lines[4].startswith("only now") and "batch" in lines[4])


class Shown(unittest.TestCase):
    def hostile(self):
        made = measured({(OWN,): {"cpu_us": [1.0, 2.0]}, ("floor",): {"cpu_us": [0.5, 0.5]}})
        made.skipped[case("libpq").key] = "<script>alert(1)</script> & more"
        made.fault(case("tokio-postgres"), 'said "<b>"')
        return made

    def test_text_is_escaped_in_the_page(self):
        text = page.html(self.hostile(), "<i>")
        for raw in ("<script>", "<b>", "<i>"):
            self.assertNotIn(raw, text)
        self.assertIn("&lt;script&gt;alert(1)&lt;/script&gt; &amp; more", text)

    def test_the_page_needs_nothing_else(self):
        text = page.html(self.hostile(), "")
        for word in ("http:", "https:", "src=", "@import", "url("):
            self.assertNotIn(word, text)
        self.assertIn("prefers-color-scheme: dark", text)

    def test_what_is_absent_is_a_dash_with_a_reason(self):
        text = report.text(self.hostile())
        line = next(line for line in text.splitlines() if line.startswith(OWN))
        self.assertIn("1.50 (1–2)", line)
        self.assertIn("–", line.split()[4:])
        self.assertIn("not run: libpq each: <script>", text)
        self.assertIn('said "<b>"', text)

    def test_ratios_stand_beside_the_figures(self):
        line = report.line_of(self.hostile(), case(OWN).key)
        self.assertEqual(line[-2:], ("3.00", "–"))


class ReadmeTable(unittest.TestCase):
    text = f"before\n{readme.BEGIN}\nold\n{readme.END}\nafter\n"

    def update(self, check, text=None):
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, name) for name in ("r.json", "README.md")]
            records = [record(0.5), record(750, "instructions"), record(2.0, peer="libpq"),
                       record(1.5, peer="pgx4", mode="batch"), record(9, peer="asyncpg",
                                                                      mode="batch")]
            results.write_atomically(paths[0], results.to_json(records))
            results.write_atomically(paths[1], text or self.text)
            same = readme.update(*paths, check)
            with open(paths[1], encoding="utf-8") as file:
                return same, file.read()

    def test_only_the_block_changes(self):
        same, text = self.update(check=False)
        self.assertFalse(same)
        self.assertTrue(text.startswith("before\n" + readme.BEGIN))
        self.assertTrue(text.endswith(readme.END + "\nafter\n"))
        self.assertIn("a Sync each | – | 0.500 µs; 750 | 2 µs | – | – |", text)
        self.assertIn("one Sync | – | – | – | – | pgx4 1.50 µs |", text)
        self.assertEqual(self.update(check=True, text=text), (True, text))

    def test_check_changes_nothing(self):
        self.assertEqual(self.update(check=True), (False, self.text))

    def test_the_marks_must_be_there_once(self):
        for text in ("none", self.text * 2, readme.END + readme.BEGIN):
            with self.assertRaisesRegex(BadArguments, "README.md: needs one"):
                self.update(check=False, text=text)


class Arguments(unittest.TestCase):
    def test_defaults(self):
        settings = arguments.parse([])
        self.assertEqual(settings.workloads, (*WORKLOADS, *OPERATIONS))
        self.assertEqual((settings.rivals, settings.servers, settings.rounds),
                         (RIVALS, SERVERS, 3))
        self.assertEqual(arguments.parse(["--full"]).rounds, 5)

    def test_a_choice(self):
        settings = arguments.parse(["W3", "--rivals", "libpqxx,libpq", "W2", "--server", "canned"])
        self.assertEqual(settings.workloads, ("W2", "W3"))
        self.assertEqual(settings.rivals, ("libpq", "libpqxx"))
        self.assertEqual(settings.servers, ("canned",))
        self.assertEqual(arguments.parse(["--rivals", "none"]).rivals, ())

    def test_what_makes_no_sense_is_named(self):
        for words, what in ((["W8"], "no workload 'W8'"), (["--rivals", "odbc"], "no rival 'odbc'"),
                            (["--server", "mysql"], "no server 'mysql'"), (["--fast"], "--fast"),
                            (["--rounds", "0"], "--rounds 0"), (["--rounds", "x"], "--rounds x"),
                            (["--json"], "--json"), (["--html", "/nowhere/a"], "--html /nowhere")):
            with self.assertRaises(BadArguments) as caught:
                arguments.parse(words)
            self.assertIn(what, str(caught.exception))

    def test_urls(self):
        where = parse_url("postgresql://a%40b:p%2Fw@[::1]:77/d?sslmode=verify-full")
        self.assertEqual(where, {"PGHOST": "::1", "PGPORT": "77", "PGUSER": "a@b",
                                 "PGDATABASE": "d", "PGPASSWORD": "p/w", "PGSSLMODE": "require"})
        self.assertEqual(parse_url("postgres://%2Ftmp%2FA/d")["PGHOST"], "/tmp/A")
        self.assertEqual(parse_url("postgresql:///d?host=/tmp/B&port=1")["PGHOST"], "/tmp/B")
        self.assertEqual(parse_url("host=h user=u")["PGDATABASE"], "u")
        for text in ("postgresql://h:x/d", "postgresql://h1,h2/d", "nothing"):
            with self.assertRaisesRegex(BadArguments, "DATABASE_URL"):
                parse_url(text)


class Execution(unittest.TestCase):
    def fault(self, code, limit_s=30):
        return execution.measure([sys.executable, "-c", code], dict(os.environ), limit_s)

    def test_every_way_to_fail_is_told(self):
        self.assertIn("longer than 0.2 s", self.fault("import signal; signal.pause()", 0.2).fault)
        self.assertIn("SIGKILL", self.fault("import os; os.kill(os.getpid(), 9)").fault)
        self.assertIn("status 3", self.fault("import sys; sys.exit(3)").fault)
        self.assertIn("no JSON line: 'hello'", self.fault("print('hello')").fault)
        self.assertIn("no number 'wall_s'", self.fault("print('{\"ops\": 1}')").fault)
        said = "sys.stderr.write('panic: a\\0b\\n\\nmain.go')"
        panic = self.fault(f"import sys; {said}; sys.exit(2)")
        self.assertEqual((panic.fault, panic.not_offered), ("status 2: panic: a?b", False))
        listing = self.fault("import sys; sys.stderr.write('no W9; there is: W1'); sys.exit(2)")
        self.assertTrue(listing.not_offered)
        self.assertIn("cannot be started", execution.measure(["/nowhere/x"], {}).fault)


class WholeRuns(unittest.TestCase):
    """bench/harness.py as a process, with fakes for all programs and the canned server alone."""

    def command(self, folder, words, behaviours):
        path = os.path.join(folder, "programs")
        fake = " ".join(FAKE)
        lines = [f"{name} ready {fake} {behaviour}" for name, behaviour in behaviours.items()]
        lines += [f"canned_server ready {fake} canned_server", f"valgrind ready {fake} valgrind",
                  "counting ready /nowhere/libcounting.so", "pgx4 absent no go <here>"]
        results.write_atomically(path, "\n".join(lines) + "\n")
        return [sys.executable, os.path.join(BENCH, "harness.py"), *words, "--server", "canned",
                "--rounds", "1", "--programs", path]

    def run_with(self, words, **behaviours):
        """(status, stdout, stderr, {file: text}); behaviours: program = what it does."""
        everybody = {"floor": "right", "libpq": "right", OWN: "right", **behaviours}
        with tempfile.TemporaryDirectory() as folder:
            command = self.command(folder, words, everybody)
            run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            files = {}
            for name in os.listdir(folder):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    files[name] = file.read()
        return run.returncode, run.stdout, run.stderr, files

    def test_measures_and_writes_what_was_asked_for(self):
        status, out, _, files = self.run_with(["W1", "--json", "a.json", "--html", "a.html"])
        self.assertEqual(status, 0, out)
        found = {(r["peer"], r["figure"]): r["value"] for r in json.loads(files["a.json"])}
        self.assertEqual(found[OWN, "instructions"], 7)
        self.assertEqual(found[OWN, "syscalls"], 2)
        self.assertEqual(found[OWN, "allocations"], 2)
        self.assertEqual(found[OWN, "cpu_us"], 4)
        self.assertEqual(found["libpq", "rate"], 50000)
        self.assertEqual({"p50_us", "p99_us", "p999_us", "rss_kb"} - {f for _, f in found}, set())
        self.assertIn("not run: pgx4 query: no go <here>", out)
        self.assertIn("no go &lt;here&gt;", files["a.html"])
        self.assertIn("<svg", files["a.html"])

    def test_a_wrong_answer_fails_the_run_and_names_the_program(self):
        status, out, _, files = self.run_with(
            ["W1", "--json", "a.json"], libpq="wrong", libpqxx="right")
        self.assertEqual(status, 1)
        self.assertIn("W1 libpq query on canned: wrong answers", out)
        self.assertNotIn('"libpq"', files["a.json"])

    def test_a_rival_that_fails_is_named_and_the_run_goes_on(self):
        status, out, _, _ = self.run_with(["W1"], libpq="crash", libpqxx="silent",
                                          asyncpg="unoffered")
        self.assertEqual(status, 0)
        self.assertIn("W1 libpq query on canned: ended by SIGABRT", out)
        self.assertIn("W1 libpqxx query on canned: printed no JSON line", out)
        self.assertIn("not run: asyncpg query: not offered by asyncpg", out)

    def test_our_own_failure_fails_the_run(self):
        for behaviour in ("crash", "unoffered"):
            status, out, _, _ = self.run_with(["W1"], **{OWN: behaviour})
            self.assertEqual(status, 1)
            self.assertIn(f"W1 {OWN} query on canned: ", out)

    def test_compares_with_results_of_before(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as old:
            old.write(results.to_json([{**record(14, "instructions", mode="query"),
                                        "workload": "W1"}]))
            old.flush()
            status, out, _, _ = self.run_with(["W1", "--compare", old.name])
        self.assertEqual(status, 0)
        self.assertIn(f"better  W1 canned {OWN} query  instructions  14 -> 7  -50.0%", out)

    def test_bad_arguments_are_one_line_and_status_2(self):
        for words in (["W9"], ["--compare", "/nowhere/old.json"]):
            status, _, err, _ = self.run_with(words)
            self.assertEqual((status, err.count("\n")), (2, 1), err)

    def test_a_signal_ends_the_servers_too(self):
        with tempfile.TemporaryDirectory() as folder:
            command = self.command(folder, ["W1"], {OWN: "right"})
            environment = {**os.environ, "TMPDIR": folder}
            with subprocess.Popen(command, cwd=folder, env=environment, text=True,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as run:
                for line in run.stderr:
                    if "round 1" in line:
                        run.send_signal(signal.SIGTERM)
                        break
                run.stderr.read()
                self.assertEqual(run.wait(), 128 + signal.SIGTERM)
            self.assertEqual(os.listdir(folder), ["programs"])


class CasesToTap(unittest.TestResult):
    """Reports every case through .ci/tap.py."""

    def __init__(self):
        super().__init__()
        self.tap = Report()

    def stopTest(self, test):
        told = [text for failed, text in self.failures + self.errors if failed is test]
        self.tap.check(test.id().removeprefix("__main__."), told)
        super().stopTest(test)


if __name__ == "__main__":
    result = CasesToTap()
    unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"]).run(result)
    sys.exit(result.tap.finish())
