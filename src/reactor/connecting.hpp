#pragma once
#include <pgreactor/error.hpp>

#include "src/reactor/endpoint.hpp"
#include "src/reactor/file_descriptor.hpp"
#include "src/reactor/socket_options.hpp"

// The steps of connecting a socket, for those that wait between them.
namespace pgreactor::net {

/// Non-blocking, with the options. Errors  ConnectionError naming the address.
FileDescriptor open_socket(const Endpoint& endpoint, const SocketOptions& options);

/// 0, or an errno; EINPROGRESS: it becomes writable when it is over.
int start_connecting(int descriptor, const Endpoint& endpoint) noexcept;

/// How that ended: 0, or an errno.
int end_connecting(int descriptor, const Endpoint& endpoint);

ConnectionError connect_error(const Endpoint& endpoint, int error);

}  // namespace pgreactor::net
