#include "tests/support/scripted_backend.hpp"

#include <sys/socket.h>

#include <array>
#include <chrono>
#include <optional>
#include <pgreactor/attempt.hpp>
#include <pgreactor/error.hpp>
#include <stdexcept>
#include <utility>

#include "src/reactor/stream_wait.hpp"
#include "tests/support/frontend_messages.hpp"

namespace pgreactor::testing_support {
namespace {

// Turns of the loop after which whoever shares it has read what was sent.
constexpr int turns_between_pieces = 2;

class ScriptFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace

// One connection on its way through a script.
class ScriptedBackend::Served {
 public:
  Served(net::Stream& stream, Delivery delivery) : stream_(stream), delivery_(delivery) {}

  Task<void> follow(const Script& script) {
    for (const Script::Step& step : script.steps()) {
      co_await take(step);
      if (stream_.descriptor() < 0) co_return;
    }
    co_await drain(false);
  }

 private:
  Task<void> take(const Script::Step& step) {
    switch (step.action) {
      case Script::Action::expect_first:
        co_return co_await expect_first(step);
      case Script::Action::expect:
        co_return co_await expect(step);
      case Script::Action::send:
        co_return co_await send(step.bytes);
      case Script::Action::stay_silent:
        co_return co_await drain(true);
      case Script::Action::reset: {
        const linger abort{1, 0};
        ::setsockopt(stream_.descriptor(), SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
        co_return stream_.close();
      }
      case Script::Action::close:
        co_return stream_.close();
    }
  }

  Task<void> expect_first(const Script::Step& step) {
    for (;;) {
      if (const auto message = received_.next_first()) {
        if (step.first_matches && !step.first_matches(*message))
          throw ScriptFailure("the first message is not the one expected");
        co_return;
      }
      co_await receive("the first message");
    }
  }

  Task<void> expect(const Script::Step& step) {
    const std::string wanted(1, static_cast<char>(step.tag));
    for (;;) {
      if (const auto message = received_.next()) {
        if (received_.last_tag() != wanted[0])
          throw ScriptFailure("expected '" + wanted + "', got '" + received_.last_tag() + "'");
        if (step.matches && !step.matches(*message))
          throw ScriptFailure("the '" + wanted + "' does not match");
        co_return;
      }
      co_await receive("'" + wanted + "'");
    }
  }

  // More bytes, or a failure that says what they were wanted for.
  Task<void> receive(std::string wanted) {
    if (!received_.violation().empty())
      throw ScriptFailure("expected " + wanted + ", got " + received_.violation());
    for (;;) {
      const net::IoResult result = received_.receive_from(stream_);
      if (result.status == net::IoStatus::done) co_return;
      if (result.status != net::IoStatus::would_block)
        throw ScriptFailure("expected " + wanted + ", but the frontend closed");
      co_await net::wait_readable(stream_);
    }
  }

  Task<void> send(std::string_view bytes) {
    const std::size_t before = delivery_.before_break(sent_, bytes.size());
    co_await write(bytes.substr(0, before));
    if (before == bytes.size()) co_return;
    if (delivery_.cuts()) co_return stream_.close();  // which ends the script, and is no failure
    for (int turn = 0; turn < turns_between_pieces; ++turn)
      co_await sleep_for(std::chrono::nanoseconds::zero());
    co_await write(bytes.substr(before));
  }

  Task<void> write(std::string_view bytes) {
    while (!bytes.empty()) {
      const net::IoResult result = stream_.send(as_bytes(bytes));
      if (result.status == net::IoStatus::failed)
        throw ScriptFailure("the frontend closed before it had read all");
      if (result.status == net::IoStatus::would_block) co_await net::wait_writable(stream_);
      sent_ += result.bytes;
      bytes.remove_prefix(result.bytes);
    }
  }

  // Reads until the frontend closes.
  Task<void> drain(bool whatever_comes) {
    for (;;) {
      while (!whatever_comes && received_.next()) {
        if (received_.last_tag() != static_cast<char>(protocol::FrontendTag::terminate))
          throw ScriptFailure(std::string("after its end, got '") + received_.last_tag() + "'");
      }
      if (!whatever_comes && !received_.violation().empty())
        throw ScriptFailure("after its end, got " + received_.violation());
      std::array<std::byte, 4096> block;
      const net::IoResult result = stream_.receive(block);
      if (result.status == net::IoStatus::would_block) {
        co_await net::wait_readable(stream_);
      } else if (result.status != net::IoStatus::done) {
        co_return stream_.close();
      } else if (!whatever_comes) {
        received_.append(Bytes(block).first(result.bytes));
      }
    }
  }

  net::Stream& stream_;
  Delivery delivery_;
  FrontendMessages received_;
  std::size_t sent_ = 0;
};

ScriptedBackend::ScriptedBackend(Reactor& reactor, const Script& script, Delivery delivery,
                                 Where where)
    : ScriptedBackend(reactor, std::vector<Script>{script}, delivery, where) {
  shared_->repeats = true;
}

ScriptedBackend::ScriptedBackend(Reactor& reactor, std::vector<Script> scripts, Delivery delivery,
                                 Where where)
    : shared_(std::make_shared<Shared>()),
      acceptor_(reactor, where, {}, [this, &reactor](std::unique_ptr<net::Stream> stream) {
        on_accept(reactor, std::move(stream));
      }) {
  shared_->scripts = std::move(scripts);
  shared_->delivery = delivery;
}

void ScriptedBackend::on_accept(Reactor& reactor, std::unique_ptr<net::Stream> stream) {
  const std::size_t number = shared_->accepted++;
  reactor.spawn(serve(shared_, number, std::move(stream)), stop_.get_token());
}

Task<void> ScriptedBackend::serve(std::shared_ptr<Shared> shared, std::size_t number,
                                  std::unique_ptr<net::Stream> stream) {
  const std::size_t index = shared->repeats ? 0 : number;
  try {
    if (index >= shared->scripts.size()) throw ScriptFailure("there is no script for it");
    Served served(*stream, shared->delivery);
    co_await served.follow(shared->scripts[index]);
  } catch (const ScriptFailure& failure) {
    shared->failures.push_back("connection " + std::to_string(number) + ": " + failure.what());
  } catch (const CancelledError&) {
    stream->close();  // the backend itself ends, in the middle of a script
  }
  stream->close();
  ++shared->ended;
}

Task<void> ScriptedBackend::wait_for_end(std::size_t connections) {
  while (ended() < connections) co_await sleep_for(std::chrono::nanoseconds::zero());
}

}  // namespace pgreactor::testing_support
