#include "tests/support/answering_backend.hpp"

#include <array>
#include <optional>
#include <pgreactor/values/big_endian.hpp>
#include <utility>
#include <variant>

#include "tests/support/backend_messages.hpp"
#include "tests/support/frontend_messages.hpp"

namespace pgreactor::testing_support {
namespace {

protocol::RowDescription row_description(const CannedResult& result, FormatCode format) {
  protocol::RowDescription description;
  for (std::size_t i = 0; i < result.row.size(); ++i) {
    Column column;
    column.name = i == 0 ? "value" : "value" + std::to_string(i + 1);
    column.type = oid::int4;
    column.type_size = sizeof(std::int32_t);
    column.format = format;
    description.columns.push_back(std::move(column));
  }
  return description;
}

// The rows and their CommandComplete.
std::string rows_and_end(const CannedResult& result, FormatCode format) {
  std::vector<std::string> texts;
  texts.reserve(result.row.size());
  for (const std::int32_t value : result.row) {
    std::string text = std::to_string(value);
    if (format == FormatCode::binary) {
      std::array<std::byte, sizeof(value)> binary;
      store_big_endian(binary.data(), value);
      text = as_text(binary);
    }
    texts.push_back(std::move(text));
  }
  std::vector<NullableBytes> values;
  values.reserve(texts.size());
  for (const std::string& text : texts) values.push_back(as_bytes(text));
  const std::string row = result.row.empty() ? "" : wire_bytes(protocol::DataRow{values});
  std::string all;
  for (std::size_t i = 0; i < result.rows; ++i) all += row;
  return all + wire_bytes(protocol::CommandComplete{result.command_tag});
}

bool begins_with_word(std::string_view sql, std::string_view word) {
  if (sql.size() < word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i)
    if ((sql[i] | 0x20) != word[i]) return false;
  return sql.size() == word.size() || sql[word.size()] == ' ' || sql[word.size()] == ';';
}

std::optional<TransactionStatus> status_after(std::string_view sql) {
  if (begins_with_word(sql, "begin") || begins_with_word(sql, "start"))
    return TransactionStatus::in_transaction;
  if (begins_with_word(sql, "commit") || begins_with_word(sql, "end"))
    return TransactionStatus::idle;
  // "rollback to savepoint" stays inside
  if (begins_with_word(sql, "rollback") && sql.find(" to ") == sql.npos &&
      sql.find(" TO ") == sql.npos)
    return TransactionStatus::idle;
  return std::nullopt;
}

}  // namespace

// One frontend.
class AnsweringBackend::Session final : public net::StreamListener {
 public:
  Session(AnsweringBackend& backend, std::unique_ptr<net::Stream> stream, std::uint32_t number)
      : backend_(backend), stream_(std::move(stream)), number_(number) {
    stream_->watch(this, true, false);
  }
  bool closed() const noexcept { return stream_->descriptor() < 0; }
  void close() noexcept { stream_->close(); }
  std::uint32_t number() const noexcept { return number_; }

 private:
  struct Statement {
    const CannedResult* result;
    std::optional<TransactionStatus> status;
    std::array<std::string, 2> rows;  // by format code, made when first needed
  };
  struct Portal {
    Statement* statement = nullptr;
    FormatCode format = FormatCode::text;
  };

  void on_readable() noexcept override {
    const net::IoResult result = received_.receive_from(*stream_);
    if (result.status == net::IoStatus::would_block) return;
    if (result.status != net::IoStatus::done) return stream_->close();
    ++backend_.counts_.reads;
    answer_all();
    if (!received_.violation().empty()) {
      ++backend_.counts_.violations;
      return stream_->close();
    }
    flush();
  }
  void on_writable() noexcept override { flush(); }

  void flush() {
    while (!output_.empty()) {
      const net::IoResult result = stream_->send(output_.bytes());
      if (result.status == net::IoStatus::failed) return stream_->close();
      if (result.status == net::IoStatus::would_block) break;
      ++backend_.counts_.writes;
      output_.consume(result.bytes);
    }
    if (output_.empty() && ends_) return stream_->close();
    stream_->watch(this, true, !output_.empty());
  }

  void answer_all() {
    while (!started_ && !ends_) {
      const auto message = received_.next_first();
      if (!message) return;
      answer_first(*message);
    }
    while (!ends_) {
      const auto message = received_.next();
      if (!message) return;
      const bool ends_a_segment = std::holds_alternative<protocol::Sync>(*message);
      if (skips_ && !ends_a_segment && !std::holds_alternative<protocol::Terminate>(*message))
        continue;
      std::visit([this](const auto& one) { answer(one); }, *message);
    }
  }

  void answer_first(const protocol::FirstMessage& message) {
    if (std::holds_alternative<protocol::StartupMessage>(message)) {
      started_ = true;
      output_.append(trusting_startup({number_, std::vector<std::byte>(4, std::byte{7})}));
    } else if (std::holds_alternative<protocol::CancelRequest>(message)) {
      ++backend_.counts_.cancel_requests;
      ends_ = true;
    } else {
      output_.append(std::string_view("N"));  // neither TLS nor GSSAPI
    }
  }

  template <class Message>
  void say(const Message& message) {
    protocol::Writer out(output_);
    protocol::encode(out, message);
  }
  void say_columns(const CannedResult& result, FormatCode format) {
    if (result.row.empty()) return say(protocol::NoData{});
    say(row_description(result, format));
  }
  // An error, after which all is skipped up to the next Sync.
  void refuse(std::string_view sqlstate, std::string_view why) {
    skips_ = true;
    say(error_response(sqlstate, why));
  }

  void answer(const protocol::Parse& message) {
    ++backend_.counts_.parses;
    statements_.insert_or_assign(
        std::string(message.statement),
        Statement{&backend_.result_of(message.sql), status_after(message.sql), {}});
    say(protocol::ParseComplete{});
  }
  void answer(const protocol::ReceivedBind& message) {
    const auto statement = statements_.find(message.statement);
    if (statement == statements_.end()) return refuse("26000", "no such statement");
    const auto& formats = message.result_formats;
    Portal& portal = portals_[std::string(message.portal)];
    portal.statement = &statement->second;
    portal.format = formats.empty() ? FormatCode::text : formats.front();
    say(protocol::BindComplete{});
  }
  void answer(const protocol::Describe& message) {
    if (message.target == protocol::Target::portal) {
      const auto portal = portals_.find(message.name);
      if (portal == portals_.end()) return refuse("34000", "no such portal");
      return say_columns(*portal->second.statement->result, portal->second.format);
    }
    const auto statement = statements_.find(message.name);
    if (statement == statements_.end()) return refuse("26000", "no such statement");
    const CannedResult& result = *statement->second.result;
    say(protocol::ParameterDescription{result.parameter_types});
    say_columns(result, FormatCode::text);
  }
  void answer(const protocol::Execute& message) {
    ++backend_.counts_.executes;
    const auto portal = portals_.find(message.portal);
    if (portal == portals_.end()) return refuse("34000", "no such portal");
    Statement& statement = *portal->second.statement;
    std::string& rows = statement.rows[static_cast<std::size_t>(portal->second.format)];
    if (rows.empty()) rows = rows_and_end(*statement.result, portal->second.format);
    output_.append(rows);
    status_ = statement.status.value_or(status_);
  }
  void answer(const protocol::Close& message) {
    if (message.target == protocol::Target::portal) {
      portals_.erase(std::string(message.name));
    } else {
      forget(message.name);
    }
    say(protocol::CloseComplete{});
  }
  void answer(const protocol::Sync&) {
    ++backend_.counts_.syncs;
    skips_ = false;
    say(protocol::ReadyForQuery{status_});
  }
  void answer(const protocol::Query& message) {
    const CannedResult& result = backend_.result_of(message.sql);
    if (!result.row.empty()) say_columns(result, FormatCode::text);
    output_.append(rows_and_end(result, FormatCode::text));
    status_ = status_after(message.sql).value_or(status_);
    say(protocol::ReadyForQuery{status_});
  }
  // Ends its own segment: what follows the refusal is answered.
  void answer(const protocol::FunctionCall&) {
    say(error_response("0A000", "function calls are not supported"));
    say(protocol::ReadyForQuery{status_});
  }
  // A frontend that copies was refused its statement: what it still sends means nothing.
  void answer(const protocol::CopyData&) {}
  void answer(const protocol::CopyDone&) {}
  void answer(const protocol::CopyFail&) {}
  void answer(const protocol::Flush&) {}
  void answer(const protocol::PasswordBody&) { ends_ = true; }  // nobody asked for one
  void answer(const protocol::Terminate&) { ends_ = true; }

  void forget(std::string_view name) {
    const auto statement = statements_.find(name);
    if (statement == statements_.end()) return;
    std::erase_if(portals_,
                  [&](const auto& entry) { return entry.second.statement == &statement->second; });
    statements_.erase(statement);
  }

  AnsweringBackend& backend_;
  std::unique_ptr<net::Stream> stream_;
  std::uint32_t number_;
  FrontendMessages received_;
  ByteBuffer output_;
  std::map<std::string, Statement, std::less<>> statements_;
  std::map<std::string, Portal, std::less<>> portals_;
  TransactionStatus status_ = TransactionStatus::idle;
  bool started_ = false;
  bool skips_ = false;
  bool ends_ = false;
};

AnsweringBackend::AnsweringBackend(Reactor& reactor, CannedResult result, Where where)
    : result_(std::move(result)),
      acceptor_(reactor, where, {}, [this](std::unique_ptr<net::Stream> stream) {
        ++counts_.connections;
        if (refuses_) return stream->close();
        std::erase_if(sessions_, [](const auto& session) { return session->closed(); });
        sessions_.push_back(std::make_unique<Session>(
            *this, std::move(stream), static_cast<std::uint32_t>(counts_.connections)));
      }) {}

AnsweringBackend::~AnsweringBackend() = default;

void AnsweringBackend::drop(std::size_t number) {
  for (const auto& session : sessions_)
    if (session->number() == number && !session->closed()) session->close();
}

const CannedResult& AnsweringBackend::result_of(std::string_view sql) const {
  const auto found = other_.find(sql);
  return found == other_.end() ? result_ : found->second;
}

}  // namespace pgreactor::testing_support
