#pragma once
// A SELECT that the server has parsed once for the session: for the point reads that most requests
// consist of. SOCI sends statements as text, whose parsing is a quarter of what such a read with
// its joins costs (docs/decisions). Private to store/.

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/session.h"
#include "store/statement_batch.h"

namespace vestibule::store {

/// One prepared SELECT with the variables it reads and writes, in the way of a soci::statement.
/// Belongs to one session. Where the server has no room for more prepared statements
/// (max_prepared_stmt_count), it is sent as text instead.
class PreparedQuery {
 public:
  /// `sql` has `?` for parameters and for nothing else. Nothing is sent yet.
  explicit PreparedQuery(std::string sql) : sql_(std::move(sql)) {}
  PreparedQuery(const PreparedQuery&) = delete;
  PreparedQuery& operator=(const PreparedQuery&) = delete;
  ~PreparedQuery();

  /// The next parameter: bytes, or a number. The variables are read at each execute.
  void use(const std::string& bytes);
  void use(const std::uint64_t& number);
  /// The next column. Where it is NULL the variable stays as it is and `is_null`, if given, is set.
  void into(std::uint64_t& number, bool* is_null = nullptr);
  void into(std::int64_t& number, bool* is_null = nullptr);
  /// Values of more than `expected` bytes cost one more copy.
  void into(std::string& bytes, std::size_t expected, bool* is_null = nullptr);

  /// Sends the parameters. All rows have to be fetched before the session is used for anything
  /// else. Errors as Session::guard.
  [[nodiscard]] Result<void> execute(Session& session);
  /// Puts the next row into the variables; false behind the last one.
  [[nodiscard]] Result<bool> fetch(Session& session);

 private:
  struct Column {
    std::uint64_t* count = nullptr;
    std::int64_t* number = nullptr;
    std::string* bytes = nullptr;
    bool* null_flag = nullptr;
    std::string buffer;
    unsigned long length = 0;
    my_bool is_null = 0;
  };
  struct Use {
    const std::string* bytes = nullptr;
    const std::uint64_t* number = nullptr;
    unsigned long length = 0;
  };
  struct CloseStatement {
    void operator()(MYSQL_STMT* statement) const { mysql_stmt_close(statement); }
  };

  Result<void> prepare(Session& session);
  Result<void> executeAsText(Session& session);
  Result<bool> fetchText();
  /// The error of the client library; the statement is made anew the next time.
  tl::unexpected<Error> fail(Session& session);
  [[nodiscard]] std::vector<MYSQL_BIND> parameterBinds();
  [[nodiscard]] std::vector<MYSQL_BIND> columnBinds();
  [[nodiscard]] bool takeRow();

  std::string sql_;
  std::deque<Use> uses_;  // deque: the library keeps pointers into the elements
  std::deque<Column> columns_;
  std::unique_ptr<MYSQL_STMT, CloseStatement> statement_;
  bool as_text_ = false;  ///< this execution's rows are in text_rows_
  std::vector<std::vector<std::optional<std::string>>> text_rows_;
  std::size_t next_text_row_ = 0;
};

}  // namespace vestibule::store
