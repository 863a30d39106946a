#pragma once
#include <sys/types.h>

#include <string>

#include "src/reactor/child_process.hpp"

namespace pgreactor::testing {

/// Who the server runs as and who owns its files. PostgreSQL refuses to run as root.
struct ServerAccount {
  uid_t uid = 0;
  gid_t gid = 0;
};

/// Ourselves or, when that is root, the user `postgres`, or else `nobody`.
ServerAccount server_account();

/// A child with the account's rights and an environment of nothing but PATH and the C locale.
net::ChildOptions run_as(const ServerAccount& account, std::string program);

/// May the account create files in this directory?
bool may_create_in(const std::string& directory, const ServerAccount& account);

}  // namespace pgreactor::testing
