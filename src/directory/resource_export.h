#pragma once
// Users or groups of a domain as lines of text that an import reads again.

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "directory/context.h"

namespace vestibule::directory {

/// What is to be written.
struct ExportRequest {
  ResourceKind kind = ResourceKind::kUser;  ///< users or groups
  std::optional<std::string> filter;
  bool csv = false;
  char separator = ',';                 ///< of CSV
  std::vector<std::string> attributes;  ///< JSON: those to be written; empty: all but `groups`
  std::vector<std::string> columns;     ///< CSV: paths; empty: usualColumns
  bool password_hashes = false;         ///< of users, as `password`
};

struct ExportProgress {
  std::uint64_t resources = 0;
  std::uint64_t lines = 0;             ///< a large group has several
  std::optional<std::uint64_t> total;  ///< where it can be had cheaply, as it was at the start
  bool finished = false;
};

/// Where the text goes, and who hears of each page.
struct ExportSink {
  std::function<Result<void>(std::string_view text)> write;
  std::function<void(const ExportProgress&)> progress;
  const std::atomic<bool>* stop = nullptr;
};

/// Writes each resource that the view's one domain has from the beginning to the end exactly once,
/// in the order of creation, whatever is changed meanwhile; one that comes or goes is there or not.
/// Of a group, each member that is one all the time is there once; what does not fit a line follows
/// in PatchOp messages with the group's displayName (GroupImportRules). Holds a page in memory.
/// Errors kInvalidFilter, kInvalidValue for an attribute or column that there is none of, those of
/// the sink and of the database.
[[nodiscard]] Result<ExportProgress> exportResources(const Context& context, const View& view,
                                                     const ExportRequest& request,
                                                     const ExportSink& sink);

}  // namespace vestibule::directory
