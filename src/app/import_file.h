#pragma once
// An import of one file into one domain: from the options to the counts.

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "app/line_source.h"
#include "app/stack.h"
#include "base/result.h"
#include "directory/group_import.h"
#include "directory/import_run.h"
#include "directory/user_import.h"

namespace vestibule::app {

/// What is to be imported, and how.
struct ImportOptions {
  std::string file;  ///< `-`: standard input
  std::string domain;
  ResourceKind resource = ResourceKind::kUser;
  LineFormat format = LineFormat::kJsonLines;
  char separator = ',';  ///< of CSV
  std::string mapping;   ///< file; empty: none
  directory::UserImportRules users;
  directory::GroupImportRules groups;
  std::string report;  ///< file for rejected lines
  unsigned jobs = 4;
  bool resume = false;
  bool restart = false;
};

/// What came of it.
struct ImportOutcome {
  directory::ImportProgress lines;
  /// Of the second pass over groups: lines whose members were added, unchanged or rejected.
  std::optional<directory::ImportProgress> members;
  std::string correlation_id;  ///< by which the audit has it
  double seconds = 0;

  [[nodiscard]] bool finished() const { return lines.finished && (!members || members->finished); }
  [[nodiscard]] std::uint64_t rejected() const {
    return lines.counts.rejected + (members ? members->counts.rejected : 0);
  }
};

/// Runs the import, shows how far it is, and writes the report. With a file that is no standard
/// input, and unless nothing is to be stored, it can be resumed until it has finished. Errors are
/// for the operator: a file or mapping that cannot be read, a domain that does not exist or takes
/// no writes, kConflict where the import has begun before and neither `resume` nor `restart` is
/// asked for, kNotFound where there is nothing to resume, and those of the database.
[[nodiscard]] Result<ImportOutcome> importFile(Stack& stack, const ImportOptions& options,
                                               bool silent, const std::atomic<bool>& stop);

}  // namespace vestibule::app
