#include "store/prepared_query.h"

#include <errmsg.h>
#include <mysqld_error.h>

#include <cassert>
#include <charconv>

namespace vestibule::store {
namespace {

template <typename Number>
void readNumber(const std::string& text, Number& number) {
  [[maybe_unused]] const auto read =
      std::from_chars(text.data(), text.data() + text.size(), number);
  assert(read.ec == std::errc() && read.ptr == text.data() + text.size());
}

}  // namespace

PreparedQuery::~PreparedQuery() = default;

void PreparedQuery::use(const std::string& bytes) { uses_.push_back({&bytes, nullptr, 0}); }

void PreparedQuery::use(const std::uint64_t& number) { uses_.push_back({nullptr, &number, 0}); }

void PreparedQuery::into(std::uint64_t& number, bool* is_null) {
  auto& column = columns_.emplace_back();
  column.count = &number;
  column.null_flag = is_null;
}

void PreparedQuery::into(std::int64_t& number, bool* is_null) {
  auto& column = columns_.emplace_back();
  column.number = &number;
  column.null_flag = is_null;
}

void PreparedQuery::into(std::string& bytes, std::size_t expected, bool* is_null) {
  auto& column = columns_.emplace_back();
  column.bytes = &bytes;
  column.buffer.resize(expected);
  column.null_flag = is_null;
}

std::vector<MYSQL_BIND> PreparedQuery::parameterBinds() {
  std::vector<MYSQL_BIND> binds(uses_.size());
  for (std::size_t i = 0; i < uses_.size(); ++i) {
    auto& use = uses_[i];
    auto& bind = binds[i];
    if (use.number != nullptr) {
      bind.buffer_type = MYSQL_TYPE_LONGLONG;
      bind.is_unsigned = 1;
      bind.buffer = const_cast<std::uint64_t*>(use.number);  // the library does not write to it
    } else {
      use.length = static_cast<unsigned long>(use.bytes->size());
      bind.buffer_type = MYSQL_TYPE_BLOB;
      bind.buffer = const_cast<char*>(use.bytes->data());
      bind.buffer_length = use.length;
      bind.length = &use.length;
    }
  }
  return binds;
}

std::vector<MYSQL_BIND> PreparedQuery::columnBinds() {
  std::vector<MYSQL_BIND> binds(columns_.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    auto& column = columns_[i];
    auto& bind = binds[i];
    bind.is_null = &column.is_null;
    bind.length = &column.length;
    if (column.bytes != nullptr) {
      bind.buffer_type = MYSQL_TYPE_BLOB;
      bind.buffer = column.buffer.data();
      bind.buffer_length = static_cast<unsigned long>(column.buffer.size());
    } else {
      bind.buffer_type = MYSQL_TYPE_LONGLONG;
      bind.is_unsigned = column.count != nullptr ? 1 : 0;
      if (column.count != nullptr) {
        bind.buffer = column.count;
      } else {
        bind.buffer = column.number;
      }
    }
  }
  return binds;
}

tl::unexpected<Error> PreparedQuery::fail(Session& session) {
  unsigned number = mysql_stmt_errno(statement_.get());
  std::string message = mysql_stmt_error(statement_.get());
  // When the connection breaks among the names of columns, the statement does not know why.
  if (number == 0 && session.handle() != nullptr) {
    number = mysql_errno(session.handle());
    message = mysql_error(session.handle());
  }
  auto error = session.fail(number != 0 ? number : CR_SERVER_LOST, message);
  statement_.reset();
  return tl::make_unexpected(std::move(error));
}

Result<void> PreparedQuery::prepare(Session& session) {
  statement_.reset(mysql_stmt_init(session.handle()));
  if (!statement_) return internalFailure("no memory for a prepared statement");
  if (mysql_stmt_prepare(statement_.get(), sql_.data(), static_cast<unsigned long>(sql_.size())) !=
      0) {
    return fail(session);
  }
  assert(mysql_stmt_param_count(statement_.get()) == uses_.size());
  assert(mysql_stmt_field_count(statement_.get()) == columns_.size());
  auto binds = columnBinds();
  if (mysql_stmt_bind_result(statement_.get(), binds.data()) != 0) return fail(session);
  return {};
}

Result<void> PreparedQuery::execute(Session& session) {
  session.clearFailure();
  as_text_ = false;
  if (session.handle() == nullptr || session.unusable()) {
    statement_.reset();
    return tl::make_unexpected(session.fail(CR_SERVER_GONE_ERROR, "the session is closed"));
  }
  if (!statement_) {
    if (auto prepared = prepare(session); !prepared) {
      if (session.errorNumber() != ER_MAX_PREPARED_STMT_COUNT_REACHED) return prepared;
      return executeAsText(session);
    }
  }
  auto binds = parameterBinds();
  if (mysql_stmt_bind_param(statement_.get(), binds.data()) != 0 ||
      mysql_stmt_execute(statement_.get()) != 0) {
    return fail(session);
  }
  return {};
}

Result<bool> PreparedQuery::fetch(Session& session) {
  if (as_text_) return fetchText();
  const int got = mysql_stmt_fetch(statement_.get());
  if (got == MYSQL_NO_DATA) {
    mysql_stmt_free_result(statement_.get());
    return false;
  }
  // A value that is longer than its buffer is no error to us: takeRow asks for it again.
  if ((got != 0 && got != MYSQL_DATA_TRUNCATED) || !takeRow()) return fail(session);
  return true;
}

bool PreparedQuery::takeRow() {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    auto& column = columns_[i];
    if (column.null_flag != nullptr) *column.null_flag = column.is_null != 0;
    if (column.is_null != 0 || column.bytes == nullptr) continue;
    if (column.length <= column.buffer.size()) {
      column.bytes->assign(column.buffer.data(), column.length);
      continue;
    }
    column.bytes->resize(column.length);
    unsigned long length = 0;
    my_bool is_null = 0;
    MYSQL_BIND whole{};
    whole.buffer_type = MYSQL_TYPE_BLOB;
    whole.buffer = column.bytes->data();
    whole.buffer_length = column.length;
    whole.length = &length;
    whole.is_null = &is_null;
    if (mysql_stmt_fetch_column(statement_.get(), &whole, static_cast<unsigned>(i), 0) != 0) {
      return false;
    }
  }
  return true;
}

Result<void> PreparedQuery::executeAsText(Session& session) {
  std::vector<Parameter> parameters;
  for (const auto& use : uses_) {
    if (use.number != nullptr) {
      parameters.emplace_back(*use.number);
    } else {
      parameters.emplace_back(Blob{*use.bytes});
    }
  }
  StatementBatch batch;
  batch.add(sql_, parameters);
  auto results = batch.run(session);
  if (!results) return propagate(results);
  text_rows_ = std::move(results->front().rows);
  next_text_row_ = 0;
  as_text_ = true;
  return {};
}

Result<bool> PreparedQuery::fetchText() {
  if (next_text_row_ == text_rows_.size()) {
    text_rows_.clear();
    next_text_row_ = 0;
    return false;
  }
  auto& row = text_rows_[next_text_row_++];
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    auto& column = columns_[i];
    if (column.null_flag != nullptr) *column.null_flag = !row[i].has_value();
    if (!row[i]) continue;
    if (column.bytes != nullptr) {
      *column.bytes = *std::move(row[i]);
    } else if (column.count != nullptr) {
      readNumber(*row[i], *column.count);
    } else {
      readNumber(*row[i], *column.number);
    }
  }
  return true;
}

}  // namespace vestibule::store
