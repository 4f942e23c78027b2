#pragma once
// An import of a file: batches of lines over several connections, each stored once whatever
// happens in between.

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "directory/context.h"
#include "directory/import_lines.h"
#include "scim/lines/record.h"
#include "store/import_store.h"

namespace vestibule::directory {

/// How far an import is.
struct ImportProgress {
  store::ImportCounts counts;     ///< with those of earlier runs of the same import
  std::uint64_t earlier = 0;      ///< lines that earlier runs have stored
  std::set<std::string> ignored;  ///< names that no schema has, in this run
  /// Batches with rejected lines, of earlier runs too.
  std::set<std::uint64_t> with_rejected;
  bool finished = false;  ///< every line has been dealt with
};

/// Takes the lines of a batch, and with them the mark, which may be null.
using TakeLines =
    std::function<Result<ImportedLines>(std::vector<ImportLine>, store::ImportBatchMark* mark)>;

struct ImportPlan {
  /// The next batch of the file; an empty one at its end. The same file gives the same batches.
  /// Called by the thread that runs the import.
  std::function<Result<std::vector<scim::Record>>()> read;
  /// A record as a resource. Called by several threads at once.
  std::function<Result<json::Value>(const scim::Record&)> decode;
  /// Called by each thread once, for what takes its batches. It outlives neither.
  std::function<Result<TakeLines>()> taker;
  unsigned jobs = 1;  ///< threads, each of which uses one connection at a time
  /// The number of the stored import (import_store.h): what it has stored is passed over, and what
  /// is stored from now on is marked. Nothing: none of this is remembered.
  std::optional<std::uint64_t> import_seq;
  std::uint8_t pass = 1;
  std::set<std::uint64_t> left_out;  ///< batches that are not taken
  /// Hears of the records that are passed over, because they are left out or an earlier run has
  /// stored them, in the order of the file and before any later batch is taken. Empty: nobody does.
  std::function<void(const scim::Record&, bool is_left_out)> on_passed_over;
  const std::atomic<bool>* stop = nullptr;  ///< true: end behind the batches that are under way
  /// Hears of each batch that has been stored, by one thread at a time; `report` is what it says of
  /// rejected lines, in the order of batches only within one.
  std::function<void(const ImportProgress&, std::uint64_t batch, const std::string& report)> stored;
};

/// Runs the pass. `finished` of the answer is false when it was stopped. Errors: those of `read`
/// and of the takers, after which what is marked stays; kConflict when another process runs the
/// same import.
[[nodiscard]] Result<ImportProgress> runImport(const Context& context, const ImportPlan& plan);

}  // namespace vestibule::directory
