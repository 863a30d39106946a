#pragma once
#include <pgreactor/vocabulary/bytes.hpp>

#include "protocol/frame.hpp"

namespace pgreactor::protocol {

/// Is the first message one that PostgreSQL opens with? The greeting of another protocol can begin
/// with the header of one: MySQL's does when it has 78 ('N') or 82 ('R') bytes.
bool is_plausible_greeting(BackendTag tag, Bytes body);

}  // namespace pgreactor::protocol
