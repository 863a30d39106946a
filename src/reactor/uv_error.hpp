#pragma once
#include <uv.h>

#include <stdexcept>
#include <string>

namespace pgreactor::net {

/// Throws what libuv refused, for calls that fail only when the system is out of something.
inline void check_uv(int status, const char* call) {
  if (status < 0) throw std::runtime_error(std::string(call) + ": " + uv_strerror(status));
}

}  // namespace pgreactor::net
