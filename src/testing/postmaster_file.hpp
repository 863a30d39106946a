#pragma once
#include <sys/ipc.h>
#include <sys/types.h>

#include <optional>
#include <string>

namespace pgreactor::testing {

/// What we need of the lock file that a running server keeps in its data directory:
///   line 1  process id
///   line 7  key and id of its System V shared memory
///   line 8  "starting", "stopping", "ready" or "standby", padded with spaces
/// Source  src/include/utils/pidfile.h and src/backend/utils/init/miscinit.c of PostgreSQL
struct PostmasterFile {
  pid_t pid = 0;
  key_t shared_memory_key = 0;  // 0 while unknown
  int shared_memory_id = 0;
  bool ready = false;
};

/// nullopt when there is none, or none that can be read.
std::optional<PostmasterFile> read_postmaster_file(const std::string& data_directory);

}  // namespace pgreactor::testing
