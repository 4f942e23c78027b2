#pragma once
// Users from lines of a file, many in one transaction. Each line obeys what a single request obeys:
// validation, policies, uniqueness, version and audit. A line that does not is rejected, and its
// neighbours are stored.

#include <cstddef>
#include <functional>
#include <vector>

#include "base/result.h"
#include "directory/context.h"
#include "directory/import_lines.h"
#include "directory/user_line.h"
#include "store/import_store.h"

namespace vestibule::directory {

/// Takes batches of lines. For one thread; its arguments must outlive it.
class UserImport {
 public:
  /// The view is over one domain.
  UserImport(const Context& context, const View& view, const UserImportRules& rules);

  /// Stores the lines in one transaction, and with them `mark`, which may be null, with its counts
  /// and report filled in. Where two lines are of one user the first is taken first; with kCreate
  /// the second is rejected. Errors: kReadOnly, kUnavailable, kInternal, and kConflict when the
  /// mark is there already: nothing is stored, and the lines may be given again.
  [[nodiscard]] Result<ImportedLines> run(std::vector<ImportLine> lines,
                                          store::ImportBatchMark* mark);

 private:
  struct Slot;
  class Attempt;

  std::size_t divide(std::vector<Slot>& slots) const;
  Result<void> store(std::vector<Slot>& slots, std::size_t round, store::ImportBatchMark* mark,
                     const std::function<void()>& summarise) const;
  bool rejectCulprits(std::vector<Slot>& slots, std::size_t round) const;

  const Context& context_;
  const View& view_;
  const Domain& domain_;
  UserImportRules rules_;
};

}  // namespace vestibule::directory
