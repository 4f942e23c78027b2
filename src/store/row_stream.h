#pragma once
// Rows of a result one by one, however many there are: for what reads whole tables. Private to
// store/.

#include <functional>
#include <string_view>

#include "base/result.h"
#include "store/result_rows.h"
#include "store/session.h"

namespace vestibule::store {

/// Runs one SELECT without parameters and hands each row to `take` as it comes. Holds one row at a
/// time. When `take` fails the rest is read and dropped, and its error returned. Nothing else may
/// be asked of the session meanwhile. Errors as Session::guard.
[[nodiscard]] Result<void> streamRows(Session& session, std::string_view sql,
                                      const std::function<Result<void>(ResultRow)>& take);

}  // namespace vestibule::store
