#include "store/row_stream.h"

#include <errmsg.h>

#include <memory>
#include <utility>

namespace vestibule::store {
namespace {

struct FreeResult {
  // Reads what is left of the rows first.
  void operator()(MYSQL_RES* result) const { mysql_free_result(result); }
};

}  // namespace

Result<void> streamRows(Session& session, std::string_view sql,
                        const std::function<Result<void>(ResultRow)>& take) {
  session.clearFailure();
  MYSQL* mysql = session.handle();
  if (mysql == nullptr || session.unusable()) {
    return tl::make_unexpected(session.fail(CR_SERVER_GONE_ERROR, "the session is closed"));
  }
  const auto failed = [&] {
    return tl::make_unexpected(session.fail(mysql_errno(mysql), mysql_error(mysql)));
  };
  if (mysql_real_query(mysql, sql.data(), static_cast<unsigned long>(sql.size())) != 0) {
    return failed();
  }
  const std::unique_ptr<MYSQL_RES, FreeResult> result(mysql_use_result(mysql));
  if (!result) return failed();
  const unsigned columns = mysql_num_fields(result.get());
  while (MYSQL_ROW row = mysql_fetch_row(result.get())) {
    const unsigned long* lengths = mysql_fetch_lengths(result.get());
    ResultRow values(columns);
    for (unsigned i = 0; i < columns; ++i) {
      if (row[i] != nullptr) values[i].emplace(row[i], lengths[i]);
    }
    if (auto taken = take(std::move(values)); !taken) return taken;
  }
  if (mysql_errno(mysql) != 0) return failed();
  return {};
}

}  // namespace vestibule::store
