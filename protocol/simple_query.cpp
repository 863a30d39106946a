#include "protocol/simple_query.hpp"

#include "protocol/frame.hpp"
#include "protocol/reader.hpp"

namespace pgreactor::protocol {

void encode(Writer& out, const Query& message) {
  const auto frame = out.begin(FrontendTag::query);
  out.cstring(message.sql);
}

Decoded<Query> decode_query(Bytes body) {
  Reader in{body};
  const Query message{in.cstring()};
  return in.finish(message);
}

}  // namespace pgreactor::protocol
