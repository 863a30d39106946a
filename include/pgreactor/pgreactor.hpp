#pragma once

// The library's public interface, all but the throw-away server (testing/) and what a store in
// memory is made of (memory_store.hpp).
#include <pgreactor/advisory_lock.hpp>
#include <pgreactor/attempt.hpp>
#include <pgreactor/batch.hpp>
#include <pgreactor/blocking_operator.hpp>
#include <pgreactor/callbacks.hpp>
#include <pgreactor/combinators.hpp>
#include <pgreactor/commit_token.hpp>
#include <pgreactor/connection_options.hpp>
#include <pgreactor/copy.hpp>
#include <pgreactor/db_connector.hpp>
#include <pgreactor/db_operator.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/executor.hpp>
#include <pgreactor/formatting.hpp>
#include <pgreactor/large_object.hpp>
#include <pgreactor/listener.hpp>
#include <pgreactor/memory_tables.hpp>
#include <pgreactor/query_errors.hpp>
#include <pgreactor/query_observer.hpp>
#include <pgreactor/reactor.hpp>
#include <pgreactor/record.hpp>
#include <pgreactor/result.hpp>
#include <pgreactor/retry.hpp>
#include <pgreactor/row_stream.hpp>
#include <pgreactor/sharded_connector.hpp>
#include <pgreactor/task.hpp>
#include <pgreactor/transaction.hpp>
#include <pgreactor/values/all.hpp>
#include <pgreactor/version.hpp>
#include <pgreactor/with_db_connection.hpp>
