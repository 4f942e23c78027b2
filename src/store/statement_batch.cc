#include "store/statement_batch.h"

#include <errmsg.h>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <utility>

#include "base/encoding.h"

namespace vestibule::store {
namespace {

bool onlyReads(std::string_view sql) {
  return sql.starts_with("SELECT") || sql.starts_with("SHOW") || sql.starts_with("SET ");
}

/// Error kInvalidValue for text with NUL in it.
Result<void> appendParameter(std::string& out, const Parameter& parameter, MYSQL* mysql) {
  if (std::holds_alternative<std::nullptr_t>(parameter)) {
    out += "NULL";
  } else if (const auto* number = std::get_if<std::int64_t>(&parameter)) {
    out += std::to_string(*number);
  } else if (const auto* count = std::get_if<std::uint64_t>(&parameter)) {
    out += std::to_string(*count);
  } else if (const auto* blob = std::get_if<Blob>(&parameter)) {
    out += "x'";
    out += toHex(blob->bytes);
    out += '\'';
  } else {
    const auto text = std::get<std::string_view>(parameter);
    if (text.find('\0') != std::string_view::npos) {
      return failure(ErrorKind::kInvalidValue, "text must not hold the character U+0000");
    }
    if ((mysql->server_status & SERVER_STATUS_NO_BACKSLASH_ESCAPES) != 0) {
      return internalFailure("sql_mode has NO_BACKSLASH_ESCAPES");
    }
    out += '\'';
    const auto begin = out.size();
    out.resize(begin + 2 * text.size() + 1);
    const auto length = mysql_real_escape_string(mysql, out.data() + begin, text.data(),
                                                 static_cast<unsigned long>(text.size()));
    out.resize(begin + length);
    out += '\'';
  }
  return {};
}

/// What raises the planned failure if this statement is the one that meets it; else nothing.
std::string plannedFailure(Session& session) {
  auto& planned = *session.planned_failure;
  if (--planned.statement != 0) return {};
  const auto error = std::to_string(planned.error);
  session.planned_failure.reset();
  return "SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = " + error + ", MESSAGE_TEXT = 'planned';";
}

struct FreeResult {
  void operator()(MYSQL_RES* result) const { mysql_free_result(result); }
};

/// Takes the result that is at hand: rows of at most `most_bytes` together, but one at least. False
/// after an error.
bool takeResult(MYSQL* mysql, std::size_t most_bytes, StatementResult& into) {
  // Not stored by the library first: that would hold every row twice.
  const std::unique_ptr<MYSQL_RES, FreeResult> result(mysql_use_result(mysql));
  if (!result) {
    if (mysql_field_count(mysql) != 0) return false;
    into.affected = mysql_affected_rows(mysql);
    return true;
  }
  const unsigned columns = mysql_num_fields(result.get());
  std::size_t bytes = 0;
  while (MYSQL_ROW row = mysql_fetch_row(result.get())) {
    const unsigned long* lengths = mysql_fetch_lengths(result.get());
    bytes = std::accumulate(lengths, lengths + columns, bytes);
    into.cut = into.cut || (bytes > most_bytes && !into.rows.empty());
    if (into.cut) continue;
    auto& values = into.rows.emplace_back(columns);
    for (unsigned i = 0; i < columns; ++i) {
      if (row[i] != nullptr) values[i].emplace(row[i], lengths[i]);
    }
  }
  return mysql_errno(mysql) == 0;
}

/// Sends the text and takes every result, one a statement. False after an error.
bool exchange(MYSQL* mysql, const std::string& text, std::size_t most_bytes,
              std::vector<StatementResult>& results) {
  if (mysql_real_query(mysql, text.data(), static_cast<unsigned long>(text.size())) != 0) {
    return false;
  }
  for (;;) {
    if (!takeResult(mysql, most_bytes, results.emplace_back())) return false;
    const int next = mysql_next_result(mysql);
    // -1 is the end, and also, with an error, a connection lost among the names of columns.
    if (next != 0) return next < 0 && mysql_errno(mysql) == 0;
  }
}

}  // namespace

StatementBatch& StatementBatch::add(std::string_view sql,
                                    std::initializer_list<Parameter> parameters) {
  return add(sql, std::vector<Parameter>(parameters));
}

StatementBatch& StatementBatch::add(std::string_view sql,
                                    const std::vector<Parameter>& parameters) {
  assert(static_cast<std::size_t>(std::count(sql.begin(), sql.end(), '?')) == parameters.size());
  assert(sql.find(';') == std::string_view::npos);
  if (!onlyReads(sql)) writes_ = true;
  parts_.push_back({std::string(sql), parameters});
  return *this;
}

StatementBatch& StatementBatch::begin() {
  parts_.push_back({"BEGIN", {}});
  begins_ = true;
  return *this;
}

StatementBatch& StatementBatch::commit() {
  parts_.push_back({"COMMIT", {}});
  commits_ = true;
  return *this;
}

StatementBatch& StatementBatch::repeatable() {
  repeatable_ = true;
  return *this;
}

StatementBatch& StatementBatch::atMost(std::size_t bytes) {
  most_bytes_ = bytes;
  return *this;
}

Result<std::vector<StatementResult>> StatementBatch::run(Session& session) {
  const auto parts = std::exchange(parts_, {});
  const bool begins = std::exchange(begins_, false);
  const bool commits = std::exchange(commits_, false);
  const bool writes = std::exchange(writes_, false);
  const bool repeatable = std::exchange(repeatable_, false);
  const auto most_bytes = std::exchange(most_bytes_, kAllBytes);
  session.clearFailure();
  if (parts.empty()) return std::vector<StatementResult>{};
  const bool in_transaction = begins || session.inTransaction();
  const auto refuse = [&](tl::unexpected<Error> error) {
    session.setFailure(Failure::kOther, 0, error.value().internal);
    if (in_transaction) rollback(session);
    return error;
  };

  MYSQL* mysql = session.handle();
  if (mysql == nullptr || session.unusable()) {
    session.transaction_open = false;
    return tl::make_unexpected(session.fail(CR_SERVER_GONE_ERROR, "the session is closed"));
  }

  std::vector<std::string> texts;
  for (const auto& part : parts) {
    if (texts.empty() || session.sendsOneByOne()) {
      texts.emplace_back();
    } else {
      texts.back() += ';';
    }
    std::string& text = texts.back();
    if (session.planned_failure) text += plannedFailure(session);
    auto parameter = part.parameters.begin();
    for (const char c : part.sql) {
      if (c != '?') {
        text += c;
      } else if (auto appended = appendParameter(text, *parameter++, mysql); !appended) {
        return refuse(propagate(appended));
      }
    }
  }
  // A longer text would cost us the session, and its loss would look like one that is worth another
  // try.
  const auto most = session.maxPacketBytes();
  if (most != 0 && std::any_of(texts.begin(), texts.end(),
                               [&](const auto& text) { return text.size() + 1 > most; })) {
    return refuse(failure(ErrorKind::kPayloadTooLarge,
                          "the change is larger than the database takes at once"));
  }

  if (begins) session.transaction_open = true;
  std::vector<StatementResult> results;
  results.reserve(parts.size());
  bool done = true;
  for (std::size_t i = 0; done && i < texts.size(); ++i) {
    // A statement outside a transaction commits by itself; COMMIT comes last.
    const bool last = i + 1 == texts.size();
    session.committing = !repeatable && ((commits && last) || (!in_transaction && writes));
    done = exchange(mysql, texts[i], most_bytes, results);
  }
  if (!done) {
    auto error = session.fail(mysql_errno(mysql), mysql_error(mysql));
    session.committing = false;
    if (in_transaction) rollback(session);
    return tl::make_unexpected(std::move(error));
  }
  session.committing = false;
  if (commits) session.transaction_open = false;
  assert(results.size() == parts.size());
  return results;
}

Result<void> runVerbatim(Session& session, std::string_view sql) {
  session.clearFailure();
  MYSQL* mysql = session.handle();
  if (mysql == nullptr || session.unusable()) {
    return tl::make_unexpected(session.fail(CR_SERVER_GONE_ERROR, "the session is closed"));
  }
  std::vector<StatementResult> results;
  if (exchange(mysql, std::string(sql), SIZE_MAX, results)) return {};
  return tl::make_unexpected(session.fail(mysql_errno(mysql), mysql_error(mysql)));
}

void rollback(Session& session) {
  session.transaction_open = false;
  MYSQL* mysql = session.handle();
  if (session.unusable() || mysql == nullptr) return;
  // The failure that led here stays the session's; if even this fails, closing the session rolls
  // back.
  if (mysql_real_query(mysql, "ROLLBACK", 8) != 0) session.markUnusable();
}

}  // namespace vestibule::store
