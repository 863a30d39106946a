#pragma once
#include <pgreactor/vocabulary/bytes.hpp>
#include <pgreactor/vocabulary/decoded.hpp>
#include <string_view>

#include "protocol/writer.hpp"

namespace pgreactor::protocol {

/// Query (frontend, 'Q'): runs SQL text, perhaps of several commands, without parameters. Ends its
/// own segment: no Sync follows.
/// Body: sql\0
struct Query {
  std::string_view sql{};

  friend bool operator==(const Query&, const Query&) = default;
};
void encode(Writer& out, const Query& message);
Decoded<Query> decode_query(Bytes body);

}  // namespace pgreactor::protocol
