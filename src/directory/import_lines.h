#pragma once
// Lines of an import: what is known of each, and what became of it.

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "store/import_store.h"

namespace vestibule::directory {

/// Which lines an import takes.
enum class ImportMode {
  kCreate,   ///< those of resources that do not exist yet
  kUpsert,   ///< all: what exists is replaced, what does not is created
  kReplace,  ///< those of resources that exist
};

/// A line of a file as a resource, or why it is none.
struct ImportLine {
  std::uint64_t number = 0;  ///< from 1
  Result<json::Value> body;
};

/// What became of the lines of a batch.
struct ImportedLines {
  store::ImportCounts counts;
  std::string report;             ///< a line of JSON for each rejected one (reportLine)
  std::set<std::string> ignored;  ///< names that no schema has, as far as tolerances ignore them
};

/// One rejected line as JSON with a line end: `{"line": number, "scimType"?, "path"?, "detail",
/// "code"?}`. Holds no value of the line. What is internal goes to the log.
[[nodiscard]] std::string reportLine(std::uint64_t number, const Error& error);

/// True for errors that lie in the line; false for those of the database, which stop an import: the
/// line may be taken later.
[[nodiscard]] bool isOfLine(const Error& error);

}  // namespace vestibule::directory
