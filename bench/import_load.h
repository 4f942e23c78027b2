#pragma once
// What an import is measured by: the file that is imported, and the bound, which stores users of
// the same kind by nothing but statements of many rows.

#include <cstdint>

#include "base/result.h"
#include "workbench.h"

namespace vestibule::bench {

/// Writes so many new users to standard output, a line of JSON each.
void writeImportFile(const Workbench& bench, std::uint64_t users);

/// Stores so many new users with their index entries and audit events, 500 in a transaction as an
/// import does, over these connections. The text of the statements is made beforehand. Returns the
/// seconds.
[[nodiscard]] Result<double> runImportBound(const Workbench& bench, std::uint64_t users,
                                            unsigned connections);

}  // namespace vestibule::bench
