#pragma once
#include <cstdint>

namespace pgreactor {

/// The status byte of ReadyForQuery.
enum class TransactionStatus : std::uint8_t { idle = 'I', in_transaction = 'T', failed = 'E' };

}  // namespace pgreactor
