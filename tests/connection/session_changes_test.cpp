#include "src/connection/session_changes.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace pgreactor::connection {
namespace {

using Texts = std::vector<std::string_view>;

// What PostgreSQL's scanner passes over before a statement.
const Texts& passed_over() {
  static const Texts all = {"",
                            " \t\r\n",
                            "\f",
                            "\v",
                            ";",
                            " ; ;\n;",
                            "-- a\n",
                            "-- a\r",
                            "/**/",
                            "/* -- */",
                            "/* a /* b */ c */",
                            "/*/*/**/*/*/",
                            "/***/",
                            "/* ; */;-- COMMIT\n",
                            "/* * / */"};
  return all;
}

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(SessionChanges, ACommitIsSeenBehindWhatIsPassedOver) {
  for (const std::string_view before : passed_over()) {
    for (const std::string_view commit :
         {"COMMIT", "commit;", "End", "END WORK", "PREPARE TRANSACTION 'a'",
          "prepare/* a */transaction'a'"})
      EXPECT_TRUE(commits(std::string(before).append(commit))) << before << commit;
    for (const std::string_view other : {"", "SELECT 1", "ROLLBACK", "PREPARE a AS SELECT 1",
                                         "endless", "SELECT 'COMMIT'", "commit_all"})
      EXPECT_FALSE(commits(std::string(before).append(other))) << before << other;
  }
}

TEST(SessionChanges, OfACommentWithoutAnEndNothingIsCertain) {
  for (const std::string_view sql :
       {"/*", "/*/", "/* a", "/* a *", "/* a /* b */ COMMIT", "; /*", "-- a\n/* /* */ * /"}) {
    EXPECT_TRUE(commits(sql)) << sql;
    EXPECT_TRUE(rolls_back(sql)) << sql;
    EXPECT_TRUE(may_commit_in_part(sql)) << sql;
    EXPECT_FALSE(begins(sql)) << sql;
  }
  EXPECT_FALSE(commits("-- COMMIT")) << "it ends with the text";
  EXPECT_FALSE(commits("/* a */ /")) << "that was its end";
}

TEST(SessionChanges, ARollbackIsOneUnlessItIsToASavepoint) {
  for (const std::string_view before : passed_over()) {
    for (const std::string_view undo : {"ROLLBACK", "abort;", "ROLLBACK WORK", "Abort Transaction",
                                        "ROLLBACK AND CHAIN", "ROLLBACK/**/AND NO CHAIN"})
      EXPECT_TRUE(rolls_back(std::string(before).append(undo))) << before << undo;
    for (const std::string_view other :
         {"", "SELECT 1", "COMMIT", "ROLLBACK TO a", "rollback--\nto savepoint a",
          "ROLLBACK WORK TO SAVEPOINT a", "rollback transaction to a", "aborted"})
      EXPECT_FALSE(rolls_back(std::string(before).append(other))) << before << other;
  }
}

TEST(SessionChanges, ABeginIsSeen) {
  for (const std::string_view before : passed_over()) {
    EXPECT_TRUE(begins(std::string(before).append("BEGIN"))) << before;
    EXPECT_TRUE(begins(std::string(before).append("start TRANSACTION"))) << before;
    EXPECT_FALSE(begins(std::string(before).append("SELECT 'begin'"))) << before;
  }
}

TEST(SessionChanges, AnyStatementOfAScriptMayEndTheTransaction) {
  for (const std::string_view script :
       {"SELECT 1; COMMIT", "SELECT 1;ROLLBACK; SELECT 2", "SELECT 1; abort", "SELECT 1; End",
        "PREPARE TRANSACTION 'a'", "/* */; ROLLBACK"})
    EXPECT_TRUE(may_end_transaction(script)) << script;
  for (const std::string_view script :
       {"SELECT 1; INSERT INTO entry VALUES (1)", "INSERT INTO spending VALUES (1); SELECT 2",
        "SELECT commit_id; SELECT 1 AS end", "PREPARE a AS SELECT 1; SELECT 2",
        "ROLLBACK TO a; SELECT 1", "COPY calendar FROM STDIN (DELIMITER ';')", "", ";", " ; ;"})
    EXPECT_FALSE(may_end_transaction(script)) << script;
}

// What hides a ';', as PostgreSQL's scanner sees it.
TEST(SessionChanges, AStatementBeginsBehindNoQuotedSemicolon) {
  for (const std::string_view hiding :
       {"'%'",       "'a''%'",       "\"%\"",          "\"a\"\"%\"", "'\"%'",
        "\"'%\"",    "E'\\'%'",      "e'\\\\\\'%'",    "E'\\\\''%'", "'C:\\x%'",
        "U&'%'",     "$$%$$",        "$a$ $$ $b$%$a$", "$_1$'%$_1$", "$$'%$$",
        "/*%*/1",    "/* /* */%*/1", "1--%",           "1+--%\n2",   "'$$%$$'",
        "$1+$2/*%*/"}) {
    std::string script = "SELECT ";
    script += std::string(hiding).replace(hiding.find('%'), 1, "; COMMIT;");
    EXPECT_FALSE(may_end_transaction(script)) << script;
    EXPECT_FALSE(may_be_several(script)) << script;
    script += "\n; COMMIT";
    EXPECT_TRUE(may_end_transaction(script)) << script;
    EXPECT_TRUE(may_be_several(script)) << script;
  }
}

TEST(SessionChanges, WhereAStatementEndsIsNotAlwaysCertain) {
  for (const std::string_view script :
       {"SELECT 'a", "SELECT \"a", "SELECT E'a\\'", "SELECT $$a", "SELECT $a$ $$", "SELECT /* a",
        "SELECT 'a\\'; COMMIT; --'", "SELECT 'a\\''", "SELECT E'a'\n'\\''",
        "SELECT 1a$b$; COMMIT; SELECT 1a$b$", "SELECT 1; SELECT 'a"}) {
    EXPECT_TRUE(may_end_transaction(script)) << script;
    EXPECT_TRUE(may_be_several(script)) << script;
  }
  for (const std::string_view script :
       {"SELECT a$b$; COMMIT; SELECT a$b$", "SELECT $1; COMMIT; SELECT $1",
        "SELECT $1a; COMMIT; SELECT $1a", "SELECT 'a'; COMMIT; SELECT 'a'",
        "SELECT ae'\\'; COMMIT; SELECT '", "SELECT '\\\\'; COMMIT; SELECT '\\\\'"})
    EXPECT_TRUE(may_end_transaction(script)) << script;
}

TEST(SessionChanges, BehindTheLastSemicolonIsNoStatement) {
  for (const std::string_view before : passed_over())
    for (const std::string_view one :
         {"", "COPY calendar FROM STDIN (DELIMITER ';')", "COPY a FROM STDIN;",
          "COPY a TO STDOUT ; ;\n-- b;\n/* c; */", "COPY (SELECT ';' AS \";\") TO STDOUT"})
      EXPECT_FALSE(may_be_several(std::string(before).append(one))) << before << one;
  for (const std::string_view several :
       {"COPY a FROM STDIN; SELECT 1", "SELECT 1; COPY a FROM STDIN", ";;COPY a FROM STDIN;/**/;(",
        "COPY a FROM STDIN; '"})
    EXPECT_TRUE(may_be_several(several)) << several;
}

TEST(SessionChanges, WhatMayCommitInPartIsSeenBehindWhatIsPassedOver) {
  for (const std::string_view before : passed_over()) {
    for (const std::string_view part :
         {"CALL a()", "do $$ BEGIN END $$", "DO$$BEGIN END$$", "VACUUM", "vacuum(full) a",
          "ANALYZE", "CLUSTER", "REINDEX SCHEMA a", "CREATE INDEX CONCURRENTLY ON a (b)",
          "drop index concurrently a", "ALTER TABLE a DETACH PARTITION b CONCURRENTLY"})
      EXPECT_TRUE(may_commit_in_part(std::string(before).append(part))) << before << part;
    for (const std::string_view whole :
         {"", "SELECT 'CALL'", "CREATE INDEX ON a (b)", "INSERT INTO concurrently VALUES (1)"})
      EXPECT_FALSE(may_commit_in_part(std::string(before).append(whole))) << before << whole;
  }
}

TEST(SessionChanges, ASettingThatEndsWithItsTransactionLeavesNothing) {
  for (const std::string_view sql :
       {"SELECT set_config('work_mem', '7MB', true)", "SELECT set_config($1,$2,TRUE)",
        "SELECT pg_catalog.set_config ( 'a.b' , concat('(', $1, ',') ,\n true\t)",
        "SELECT set_config('a.b', 'it''s, true)', true)",
        "SELECT set_config('a.b', \"f,(\", true), SET_CONFIG('a.c', '', true) FROM a",
        "SELECT set_config('a.b', (SELECT c->>'d' FROM e), true), current_setting('f', true)",
        "SELECT set_config('a.b', ($1::text[])[1], true)",
        "SELECT set_config('a.b', array_to_string(ARRAY['c', $1], ','), true)",
        "SELECT set_config('a.b', 'C:\\x', true)", "SELECT set_config('a.b', 'C:\\x\\\\', true)"})
    EXPECT_FALSE(leaves_something(sql)) << sql;
}

TEST(SessionChanges, AnyOtherSettingIsLeft) {
  for (const std::string_view sql :
       {"SELECT set_config('work_mem','7MB',false), coalesce(null, true)",
        "SELECT set_config('work_mem','7MB',false) FROM (SELECT jsonb_set('{}','{a}','1',true)) s",
        "SELECT set_config('a', 'b', true), set_config('a', 'b', false)",
        "SELECT set_config('a', 'b', $1)",
        "SELECT set_config('a', 'b', is_local => true)",
        "SELECT set_config('a', 'b', not true)",
        "SELECT set_config('a', 'b', 'true')",
        "SELECT set_config('a', ', true)', false)",
        "SELECT set_config('a', f(1, true), false)",
        "SELECT set_config('a', set_config('b', 'c', false), true)",
        "SELECT set_config('a', $$, true)$$, false)",
        "SELECT set_config('a', E'\\', true)', false)",
        "SELECT set_config('a', 'C:\\', true)', false)",
        "SELECT set_config('a', 'C:\\', true)",
        "SELECT set_config('a', b], true)",
        "SELECT set_config('a', f[g(1, true)], false)",
        "SELECT set_config('a', (f[1, true)",
        "SELECT set_config('a', 'b' /*, true)*/, false)",
        "SELECT set_config('a', 'b', --, true)\nfalse)",
        "SELECT set_config/**/('a', 'b', false)",
        "DO 'BEGIN PERFORM set_config(''a'', '','', true)'', false); END'",
        "SELECT set_config",
        "SELECT set_config(",
        "SELECT set_config('a",
        "SELECT set_config('a'",
        "SELECT set_config('a', 'b', true",
        "SELECT set_config()",
        "SELECT set_config('a', $",
        "SELECT set_config('a', 'b',)"})
    EXPECT_TRUE(leaves_something(sql)) << sql;
}

TEST(SessionChanges, ATemporaryTableIsLeftUnlessItIsDroppedOnCommit) {
  for (const std::string_view sql :
       {"SELECT 1 AS a INTO TEMP b",
        "SELECT 1 AS a INTO TEMP\nb",
        "SELECT 1 INTO\tTEMPORARY\fb",
        "SELECT 1 INTO  temp\"b\"",
        "SELECT 1 INTO LOCAL TEMP b",
        "SELECT 1 INTO/**/TEMP b",
        "SELECT 1 INTO --\nTEMP b",
        "SELECT 1 INTO TEMP TABLE b",
        "SELECT 1 INTO GLOBAL temporary b",
        "INSERT INTO temp VALUES (1); SELECT 1 INTO TEMP b",
        "SELECT 1 INTO TEMP/**/b",
        "SELECT 1 INTO pg_temp.b",
        "SELECT 1 INTO TABLE \"pg_temp\".b",
        "CREATE TEMP TABLE a (b int)",
        "CREATE\nTEMP\nVIEW a AS SELECT 1",
        "CREATE/**/TEMP SEQUENCE a",
        "CREATE TABLE pg_temp.a (b int)",
        "CREATE VIEW \"pg_temp\".a AS SELECT 1",
        "CREATE OR REPLACE TEMP VIEW a AS SELECT 1",
        "create local temporary table a (b int)",
        "CREATE OR /* a */ REPLACE -- b\n GLOBAL\tTEMPORARY VIEW a AS SELECT 1",
        "CREATE /* TEMP",
        "DO $$BEGIN EXECUTE E'\\nCREATE TEMP TABLE a (b int)'; END$$",
        "DO $$BEGIN CREATE TEMP TABLE a (b int); END$$",
        "CREATE TEMP TABLE a (b int) ON COMMIT DROP; CREATE TEMP TABLE c (d int)",
        "SELECT pg_advisory_lock(1)",
        "SELECT pg_try_advisory_lock_shared(1)"})
    EXPECT_TRUE(leaves_something(sql)) << sql;
  for (const std::string_view sql :
       {"",
        "SELECT 1",
        "CREATE TEMP TABLE a (b int) ON COMMIT DROP",
        "SELECT temp FROM weather",
        "INSERT INTO temp(a) VALUES (1)",
        "INSERT INTO temperature VALUES (1)",
        "INSERT INTO attempt VALUES (1)",
        "CREATE TABLE a (attempt int)",
        "SELECT temp, 'into'",
        "SELECT pg_advisory_xact_lock(1)",
        "INSERT INTO",
        "SELECT 1 INTO temp",
        "SELECT city, temperature, created_at FROM t",
        "SELECT template_id, created_at, temp FROM t WHERE created_at > $1",
        "CREATE TEMP TABLE x (created_at timestamptz) ON COMMIT DROP",
        "CREATE TABLE pg_temp.x (created_at timestamptz) ON COMMIT DROP",
        "CREATE TABLE a (b int, temp int)",
        "CREATE TABLE temp (created_at timestamptz)",
        "CREATE TABLE template AS SELECT 1",
        "INSERT INTO temp (a) VALUES (1)",
        "INSERT INTO temp VALUES (1)",
        "insert\ninto temp SELECT 1",
        "INSERT INTO temp AS t VALUES (1)",
        "INSERT/**/INTO temp DEFAULT VALUES",
        "INSERT/**/INTO temp (a) VALUES (1)",
        "INSERT INTO pg_temp.scratch VALUES (1)",
        "INSERT INTO pg_temp.scratch (created_at) SELECT 1",
        "MERGE INTO temp t USING b ON a = c WHEN MATCHED THEN DELETE",
        "MERGE INTO pg_temp.a USING b ON a = c WHEN MATCHED THEN DELETE",
        "DO $$DECLARE temp int; BEGIN SELECT 1 INTO temp FROM a; END$$"})
    EXPECT_FALSE(leaves_something(sql)) << sql;
}

// The side of the doubt, where it would cost too much to look on.
TEST(SessionChanges, WhatIsFarBehindItsWordMayBeTemporary) {
  for (const std::string_view word : {"CREATE", "SELECT 1 INTO"}) {
    const std::string far = std::string(word) + repeated(" ", 300'000);
    EXPECT_TRUE(leaves_something(far + "TEMP TABLE a")) << word;
    EXPECT_FALSE(leaves_something(std::string(word) + " a, temp" + repeated(" ", 300'000))) << word;
  }
}

// Were the time to grow with the square of the length, this would take minutes.
TEST(SessionChanges, ALongTextIsLookedThroughOnce) {
  constexpr int times = 300'000;
  for (const std::string_view part : {"/*",
                                      "*/",
                                      "/**/",
                                      "/",
                                      "*",
                                      ";",
                                      "--\n",
                                      " ",
                                      "'",
                                      "(",
                                      "temp",
                                      "into",
                                      "into ",
                                      "into;/*",
                                      "set_config('a',$1,true)",
                                      "set_config(",
                                      "into temp(",
                                      "create temp",
                                      "a",
                                      "create ",
                                      "create--",
                                      "create/*",
                                      "create -- into -- ",
                                      "insert into ",
                                      "create/**/",
                                      "$",
                                      "$$",
                                      "$a$",
                                      "$a",
                                      "1$",
                                      "e'",
                                      "e'\\",
                                      "'\\\\",
                                      "'\\x",
                                      "\"",
                                      "''",
                                      "commit to;",
                                      "; ;",
                                      "[",
                                      "rollback/**/work--;\n",
                                      "set_config(a,[(",
                                      "into ",
                                      "\\into",
                                      "pg_temp",
                                      "insert  "}) {
    const std::string text = repeated(part, times);
    static_cast<void>(commits(text));
    static_cast<void>(rolls_back(text));
    static_cast<void>(may_commit_in_part(text));
    static_cast<void>(may_end_transaction(text));
    static_cast<void>(may_be_several(text));
    static_cast<void>(leaves_something(text + " temp"));
  }
  const std::string nested = repeated("/*", times) + repeated("*/", times);
  EXPECT_TRUE(commits(nested + "COMMIT"));
  EXPECT_FALSE(commits(nested + "SELECT"));
  EXPECT_FALSE(may_end_transaction("SELECT 1" + nested + ";" + nested + "SELECT 2"));
  const std::string on_one_line = "CREATE/* " + repeated("create -- ", times) + "*/\n";
  static_cast<void>(leaves_something(on_one_line + repeated("/**/", times) + "temp"));
}

// A view of a heap copy, so that the sanitizers see a look behind its end.
TEST(SessionChanges, EveryTruncationIsLookedThrough) {
  const std::string whole =
      "; /* a /* b */ */ -- c\nSELECT set_config('a''b', \"c\", $1, 'd', true) INTO TEMP x, $$e$$, "
      "$f$g$f$, E'\\'\\\\'; CREATE OR REPLACE TEMP VIEW \"h\"\"\"";
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    const std::vector<char> part(whole.begin(),
                                 whole.begin() + static_cast<std::ptrdiff_t>(length));
    const std::string_view text(part.data(), part.size());
    static_cast<void>(rolls_back(text));
    static_cast<void>(begins(text));
    static_cast<void>(may_commit_in_part(text));
    static_cast<void>(leaves_something(text));
    static_cast<void>(may_end_transaction(text));
    static_cast<void>(may_be_several(text));
    EXPECT_EQ(commits(text), length > 3 && length < 17) << "it is certain outside of the comment";
  }
}

}  // namespace
}  // namespace pgreactor::connection
