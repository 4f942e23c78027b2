#pragma once
// Groups from lines of a file, each in a transaction of its own. A file is read twice: first the
// groups are made, then they get their members, so that it does not matter in which order groups
// that contain each other stand.

#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/resource_id.h"
#include "base/result.h"
#include "directory/context.h"
#include "directory/import_lines.h"
#include "directory/named_members.h"
#include "store/import_store.h"

namespace vestibule::directory {

/// How lines become groups. A line is a group, found by its displayName; or a PatchOp message with
/// the `displayName` of a group beside its Operations, which add members: so that a large group is
/// several lines.
struct GroupImportRules {
  ImportMode mode = ImportMode::kCreate;
  MembersBy members_by = MembersBy::kId;
  bool writes = true;  ///< false: nothing is stored
};

/// Takes lines. For one thread, but for `leaveAlone`; its arguments must outlive it. The view is
/// over one domain.
class GroupImport {
 public:
  GroupImport(const Context& context, const View& view, const GroupImportRules& rules);

  /// The first pass: each line's group without its members. `mark`, which may be null, is stored in
  /// the transaction of the group, for which the batch has to be of one line. A group that exists
  /// already is unchanged here, unless it is to be new; and so is a line that only adds members.
  /// Errors as UserImport::run.
  [[nodiscard]] Result<ImportedLines> makeGroups(std::vector<ImportLine> lines,
                                                 store::ImportBatchMark* mark);
  /// The second pass: members are added or, with kUpsert and kReplace and a line that is the group,
  /// the group is replaced. Members that do not exist reject the line; the others are added all the
  /// same. A line without members is unchanged. To do it again does nothing. Errors as above.
  [[nodiscard]] Result<ImportedLines> addMembers(std::vector<ImportLine> lines,
                                                 store::ImportBatchMark* mark);
  /// Says of a line that the second pass does not take: the first has rejected it, or an earlier
  /// run has added its members. Lines that add members to a group all of whose lines were rejected
  /// are rejected as well: it is another group of that name. Thread-safe.
  void passOver(const Result<json::Value>& body, bool was_rejected);

 private:
  enum class Outcome { kCreated, kReplaced, kUnchanged };
  using Step = Result<Outcome> (GroupImport::*)(const json::Value& body,
                                                store::ImportBatchMark* mark);

  Result<ImportedLines> take(std::vector<ImportLine> lines, store::ImportBatchMark* mark,
                             Step step);
  Result<Outcome> makeGroup(const json::Value& body, store::ImportBatchMark* mark);
  Result<Outcome> tryGroup(const json::Value& body) const;
  Result<Outcome> addMembersOf(const json::Value& body, store::ImportBatchMark* mark);
  Result<std::optional<ResourceId>> findGroup(const std::string& name) const;
  void accept(const std::string& name);
  [[nodiscard]] bool isForeign(const std::string& name);

  const Context& context_;
  const View& view_;
  const Domain& domain_;
  GroupImportRules rules_;
  std::mutex mutex_;
  // Folded display names of groups that lines are.
  std::set<std::string> accepted_;
  std::set<std::string> rejected_;
};

}  // namespace vestibule::directory
