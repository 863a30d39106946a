#pragma once
#include <cstdint>
#include <pgreactor/vocabulary/secret.hpp>
#include <string>

namespace pgreactor::conninfo {

/// Who may be able to open a file that is used.
enum class Readers : std::uint8_t { anybody, owner_alone };

/// The text of a file that people write by hand, or why there is none to use.
struct TextFile {
  Secret content;
  std::string problem;   // empty when it was read, or is missing
  bool missing = false;  // there is nothing by this name
};

/// Follows symbolic links. What is not regular, larger than 1 MiB, holds a NUL byte or can be
/// opened by others than it may (A16) is not used.
TextFile read_text_file(const std::string& path, Readers readers);

}  // namespace pgreactor::conninfo
