#include <gmock/gmock.h>

#include <pgreactor/memory_store.hpp>
#include <pgreactor/query_errors.hpp>

namespace pgreactor {
namespace {

using ::testing::HasSubstr;

MemoryTables declared_tables() {
  MemoryTables tables;
  tables.table("public", "users")
      .column("id", "int")
      .primary_key()
      .column("name", "text")
      .unique()
      .column("note", "text");
  tables.table("public", "posts")
      .column("id", "int")
      .identity()
      .column("user_id", "int")
      .references(QualifiedName("public", "users"), "id");
  return tables;
}

/// Several users of one store, each with its own transaction or none.
class MemoryTransactions : public ::testing::Test {
 protected:
  /// The result of a task that needs no loop.
  template <class T>
  static T finished(Task<T> task) {
    task.frame().resume();
    return task.frame().promise().take();
  }
  std::shared_ptr<const Table> table(const char* name) {
    return store_->catalogue().known(QualifiedName("public", name));
  }
  std::uint64_t add_user(TableStore& store, int id, const char* name) {
    Insertion insertion;
    insertion.table = table("users");
    insertion.columns = {0, 1};
    insertion.rows = {{id, name}};
    return finished(store.insert(insertion)).affected();
  }
  Datum add_post(TableStore& store, int user) {
    Insertion insertion;
    insertion.table = table("posts");
    insertion.columns = {1};
    insertion.rows = {{user}};
    return finished(store.insert(insertion)).records().at(0)["id"];
  }
  std::uint64_t remove_user(TableStore& store, int id) {
    Removal removal;
    removal.table = table("users");
    removal.where = Condition("id", eq(id));
    removal.where.set_column(0);
    return finished(store.remove(removal)).affected();
  }
  std::uint64_t rename(TableStore& store, int id, const char* name) {
    Alteration alteration;
    alteration.table = table("users");
    alteration.columns = {1};
    alteration.values = {name};
    alteration.where = Condition("id", eq(id));
    alteration.where.set_column(0);
    return finished(store.update(alteration)).affected();
  }
  std::uint64_t users(TableStore& store) {
    Selection selection;
    selection.table = table("users");
    return finished(store.count(selection));
  }
  std::uint64_t set_note(TableStore& store, int id, const char* note) {
    Alteration alteration;
    alteration.table = table("users");
    alteration.columns = {2};
    alteration.values = {note};
    alteration.where = Condition("id", eq(id));
    alteration.where.set_column(0);
    return finished(store.update(alteration)).affected();
  }
  /// Of the user, or of all when it is 0.
  Selection locking(int id, RowLock lock, LockWait wait) {
    Selection selection;
    selection.table = table("users");
    if (id != 0) {
      selection.where = Condition("id", eq(id));
      selection.where.set_column(0);
    }
    selection.order.emplace_back();
    selection.lock = lock;
    selection.lock_wait = wait;
    return selection;
  }
  static std::string ids(TableStore& store, const Selection& selection) {
    std::string text;
    for (const Record& user : finished(store.select(selection))) text += user["id"].to_string();
    return text;
  }
  /// The users that are locked, or why none is.
  std::string locked(TableStore& store, int id, RowLock lock, LockWait wait) {
    try {
      return ids(store, locking(id, lock, wait));
    } catch (const MockModeError&) {
      return "MockModeError";
    } catch (const QueryError& error) {
      return std::string(error.sqlstate().view());
    }
  }
  std::unique_ptr<MemoryTransaction> begin(TransactionOptions options = {}) {
    return store_->begin(options);
  }

  std::unique_ptr<MemoryStore> store_ = make_memory_store(declared_tables());
};

TEST_F(MemoryTransactions, OthersSeeItsRowsOnceItHasCommitted) {
  const auto first = begin(), second = begin();
  const auto in_first = first->tables(), in_second = second->tables();
  add_user(*in_first, 1, "a");
  add_user(*in_second, 2, "b");
  EXPECT_EQ(users(*store_), 0u);
  EXPECT_EQ(users(*in_first), 1u);
  first->commit();
  EXPECT_EQ(users(*store_), 1u);
  EXPECT_EQ(users(*in_second), 2u);
  second->rollback();
  EXPECT_EQ(users(*store_), 1u);
}

TEST_F(MemoryTransactions, ARollbackTakesBackItsOwnRowsAndNobodyElses) {
  add_user(*store_, 1, "a");
  const auto transaction = begin();
  const auto within = transaction->tables();
  rename(*within, 1, "changed");
  add_user(*within, 2, "b");
  add_user(*store_, 3, "c");
  transaction->rollback();
  EXPECT_EQ(users(*store_), 2u);
  EXPECT_EQ(rename(*store_, 1, "again"), 1u);
}

TEST_F(MemoryTransactions, WhereAServerWouldWaitMockModeSaysSo) {
  add_user(*store_, 1, "a");
  const auto transaction = begin();
  const auto within = transaction->tables();
  rename(*within, 1, "b");
  EXPECT_THROW(rename(*store_, 1, "c"), MockModeError);
  EXPECT_THROW(remove_user(*store_, 1), MockModeError);
  EXPECT_THROW(add_user(*store_, 2, "b"), MockModeError);
  add_user(*within, 3, "d");
  EXPECT_THROW(add_post(*store_, 3), QueryError);
  EXPECT_EQ(users(*store_), 1u);
  transaction->commit();
  EXPECT_EQ(rename(*store_, 1, "c"), 1u);
  add_post(*store_, 3);
}

TEST_F(MemoryTransactions, ATargetThatAnotherTakesAwayCannotBeReferredTo) {
  add_user(*store_, 1, "a");
  const auto transaction = begin();
  const auto within = transaction->tables();
  remove_user(*within, 1);
  EXPECT_THROW(add_post(*store_, 1), MockModeError);
  transaction->rollback();
  add_post(*store_, 1);
}

TEST_F(MemoryTransactions, SequencesDoNotGoBack) {
  add_user(*store_, 1, "a");
  const auto transaction = begin();
  const auto within = transaction->tables();
  EXPECT_EQ(add_post(*within, 1), Datum(1));
  transaction->rollback();
  EXPECT_EQ(add_post(*store_, 1), Datum(2));
}

TEST_F(MemoryTransactions, ASavepointGoesBackToWhereItBegan) {
  const auto transaction = begin();
  const auto within = transaction->tables();
  add_user(*within, 1, "a");
  const auto savepoint = transaction->begin();
  const auto inner = savepoint->tables();
  rename(*inner, 1, "b");
  EXPECT_THROW(add_user(*inner, 1, "twice"), UniqueViolation);
  EXPECT_THROW(savepoint->commit(), QueryError);
  savepoint->rollback();
  EXPECT_EQ(users(*within), 1u);
  add_user(*within, 2, "b");
  transaction->commit();
  EXPECT_EQ(users(*store_), 2u);
}

TEST_F(MemoryTransactions, ASavepointThatOutlivesItsTransactionCanDoNothing) {
  auto transaction = begin();
  const auto savepoint = transaction->begin();
  const auto inner = savepoint->tables();
  add_user(*inner, 1, "a");
  transaction.reset();
  EXPECT_FALSE(savepoint->is_open());
  EXPECT_THROW(add_user(*inner, 2, "b"), QueryError);
  EXPECT_THROW(savepoint->commit(), QueryError);
  EXPECT_EQ(users(*store_), 0u);
}

TEST_F(MemoryTransactions, TheStoreMayEndBeforeThem) {
  const auto transaction = begin();
  const auto within = transaction->tables();
  add_user(*within, 1, "a");
  const auto users_table = table("users");
  store_.reset();
  Selection selection;
  selection.table = users_table;
  EXPECT_EQ(finished(within->count(selection)), 1u);
  transaction->commit();
}

TEST_F(MemoryTransactions, OneThatKeepsItsSnapshotIsAnsweredWhileNobodyElseWrites) {
  const auto alone = begin(isolation(Isolation::repeatable_read));
  add_user(*alone->tables(), 1, "a");
  alone->commit();
  const auto disturbed = begin(isolation(Isolation::serializable));
  EXPECT_EQ(users(*disturbed->tables()), 1u);
  add_user(*disturbed->tables(), 2, "b");
  add_user(*store_, 3, "c");
  EXPECT_THROW(users(*disturbed->tables()), MockModeError);
  EXPECT_THROW(disturbed->commit(), MockModeError);
  EXPECT_FALSE(disturbed->is_open());
  EXPECT_EQ(users(*store_), 2u);
}

TEST_F(MemoryTransactions, AStatementThatWasNeverSentLeavesItUsable) {
  const auto transaction = begin();
  const auto within = transaction->tables();
  Selection selection;
  selection.table = table("users");
  selection.where = Condition("name", regex("a"));
  selection.where.set_column(1);
  EXPECT_THROW(finished(within->count(selection)), MockModeError);
  EXPECT_EQ(add_user(*within, 1, "a"), 1u);
  transaction->commit();
  EXPECT_EQ(users(*store_), 1u);
}

TEST_F(MemoryTransactions, ALockedRowIsNobodyElsesToLockOrToChange) {
  add_user(*store_, 1, "a");
  add_user(*store_, 2, "b");
  const auto first = begin(), second = begin();
  const auto in_first = first->tables(), in_second = second->tables();
  EXPECT_EQ(locked(*in_first, 1, RowLock::update, LockWait::wait), "1");
  EXPECT_EQ(locked(*in_first, 1, RowLock::update, LockWait::no_wait), "1");

  EXPECT_EQ(locked(*in_second, 1, RowLock::update, LockWait::wait), "MockModeError");
  EXPECT_EQ(locked(*in_second, 0, RowLock::key_share, LockWait::skip_locked), "2");
  EXPECT_THROW(rename(*in_second, 1, "c"), MockModeError);
  EXPECT_THROW(remove_user(*store_, 1), MockModeError);
  EXPECT_THROW(add_post(*store_, 1), MockModeError);
  EXPECT_EQ(users(*in_second), 2u);
  EXPECT_EQ(locked(*in_second, 1, RowLock::key_share, LockWait::no_wait), "55P03");
  EXPECT_EQ(locked(*in_second, 2, RowLock::update, LockWait::no_wait), "25P02");
  second->rollback();

  rename(*in_first, 1, "d");
  first->commit();
  EXPECT_EQ(rename(*store_, 1, "e"), 1u);
}

TEST_F(MemoryTransactions, AStatementOfItsOwnMeetsLocksAndKeepsNone) {
  add_user(*store_, 1, "a");
  EXPECT_EQ(locked(*store_, 1, RowLock::update, LockWait::no_wait), "1");
  const auto transaction = begin();
  const auto within = transaction->tables();
  EXPECT_EQ(locked(*within, 1, RowLock::share, LockWait::no_wait), "1");
  EXPECT_EQ(locked(*store_, 1, RowLock::share, LockWait::no_wait), "1");
  EXPECT_EQ(locked(*store_, 1, RowLock::no_key_update, LockWait::no_wait), "55P03");
  transaction->rollback();
  EXPECT_EQ(locked(*store_, 1, RowLock::no_key_update, LockWait::no_wait), "1");
}

TEST_F(MemoryTransactions, ASavepointThatIsRolledBackGivesItsLocksBack) {
  add_user(*store_, 1, "a");
  add_user(*store_, 2, "b");
  const auto transaction = begin();
  EXPECT_EQ(locked(*transaction->tables(), 1, RowLock::update, LockWait::wait), "1");
  const auto savepoint = transaction->begin();
  EXPECT_EQ(locked(*savepoint->tables(), 2, RowLock::update, LockWait::wait), "2");
  EXPECT_EQ(locked(*store_, 0, RowLock::update, LockWait::skip_locked), "");
  savepoint->rollback();
  EXPECT_EQ(locked(*store_, 0, RowLock::update, LockWait::skip_locked), "2");
}

TEST_F(MemoryTransactions, ALockStaysOnARowThatAnotherWasLetChange) {
  add_user(*store_, 1, "a");
  const auto transaction = begin();
  const auto within = transaction->tables();
  EXPECT_EQ(locked(*within, 1, RowLock::key_share, LockWait::wait), "1");
  // The name is a key, which is what the lock is about; the note is none.
  EXPECT_THROW(rename(*store_, 1, "b"), MockModeError);
  EXPECT_EQ(set_note(*store_, 1, "n"), 1u);
  EXPECT_EQ(locked(*store_, 1, RowLock::update, LockWait::no_wait), "55P03");
  EXPECT_EQ(locked(*within, 1, RowLock::update, LockWait::no_wait), "1");
  EXPECT_THROW(set_note(*store_, 1, "m"), MockModeError);
}

TEST_F(MemoryTransactions, ALimitStopsTheLockingAndAnOffsetDoesNot) {
  for (const int id : {1, 2, 3, 4}) add_user(*store_, id, std::to_string(id).c_str());
  const auto transaction = begin();
  const auto within = transaction->tables();
  Selection selection = locking(0, RowLock::update, LockWait::no_wait);
  selection.offset = 1;
  selection.limit = 1;
  EXPECT_EQ(ids(*within, selection), "2");
  EXPECT_EQ(locked(*store_, 0, RowLock::update, LockWait::skip_locked), "34");
  selection.limit = 0;
  EXPECT_EQ(ids(*store_, selection), "");
  selection.lock_wait = LockWait::skip_locked;
  selection.limit = 1;
  EXPECT_EQ(ids(*store_, selection), "4");
}

TEST_F(MemoryTransactions, LocksAreWritesToAReadOnlyOne) {
  const auto transaction = begin(read_only());
  const auto within = transaction->tables();
  Selection selection;
  selection.table = table("users");
  selection.lock = RowLock::share;
  try {
    finished(within->select(selection));
    ADD_FAILURE() << "it was locked";
  } catch (const QueryError& error) {
    EXPECT_EQ(error.sqlstate(), Sqlstate("25006"));
    EXPECT_THAT(error.what(), HasSubstr("cannot execute SELECT FOR SHARE"));
  }
}

}  // namespace
}  // namespace pgreactor
