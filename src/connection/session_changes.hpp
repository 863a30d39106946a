#pragma once
#include <string_view>

namespace pgreactor::connection {

/// Does this text, by the look of it, leave something in the session whose command tag does not
/// say so: a temporary table, a setting by set_config(), an advisory lock of the session? True
/// where it is not certain.
bool leaves_something(std::string_view sql) noexcept;

/// Does this statement end its transaction, and not by undoing it? True where it is not certain, as
/// with all but begins().
bool commits(std::string_view sql) noexcept;

/// Does this statement undo its transaction: a ROLLBACK, and not one to a savepoint?
bool rolls_back(std::string_view sql) noexcept;

/// Does this statement begin a transaction, for certain?
bool begins(std::string_view sql) noexcept;

/// Does any of these statements end a transaction, by whatever way? True where it is not certain.
bool may_end_transaction(std::string_view script) noexcept;

/// Is this more than one statement? True where it is not certain.
bool may_be_several(std::string_view sql) noexcept;

/// Can a part of this statement, alone in its transaction, stay although it fails: a procedure that
/// commits, an index that is built without locking its table, one table of many?
bool may_commit_in_part(std::string_view sql) noexcept;

}  // namespace pgreactor::connection
