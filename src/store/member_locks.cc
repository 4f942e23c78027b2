#include "store/member_locks.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "store/result_rows.h"
#include "store/statement_batch.h"
#include "store/statement_text.h"

namespace vestibule::store {
namespace {

constexpr std::size_t kIdsPerStatement = 500;
constexpr std::size_t kNumbersPerStatement = 2'000;
constexpr std::size_t kStatementsPerRun = 20;

using Numbers = std::vector<std::uint64_t>;

std::vector<ResourceId> ofKind(ResourceKind kind, const std::vector<ResourceId>& ids) {
  std::vector<ResourceId> chosen;
  std::copy_if(ids.begin(), ids.end(), std::back_inserter(chosen),
               [&](const ResourceId& id) { return id.kind() == kind; });
  return chosen;
}

/// Collects look-ups and sorts their answers.
class Opening {
 public:
  Opening(Session& session, const DomainTables& domain, const LockRequest& request)
      : session_(session),
        schema_(domain.schema),
        request_(request),
        add_users_(ofKind(ResourceKind::kUser, request.add)),
        remove_users_(ofKind(ResourceKind::kUser, request.remove)),
        add_groups_(ofKind(ResourceKind::kGroup, request.add)),
        remove_groups_(ofKind(ResourceKind::kGroup, request.remove)) {}

  Result<LockedMembers> run() {
    if (add_groups_.empty() && remove_groups_.empty()) {
      auto done = lockWithoutTurn();
      if (!done) return propagate(done);
      if (!nested_) return finish();
      // The turn comes before the group: begin again with it.
      rollback(session_);
      found_ = {};
    }
    if (auto done = lockWithTurn(); !done) return propagate(done);
    return finish();
  }

 private:
  /// Which list of the result the answer of a statement goes to.
  enum class Into {
    kNothing,
    kAdd,
    kRemove,
    kAddGroups,
    kRemoveGroups,
    kContainers,
    kNested,
    kOwn,
    kGroup,
    kNames
  };

  Result<void> lockWithoutTurn() {
    if (auto users = lockUsers(); !users) return users;
    if (request_.group) {
      lockGroup();
      // Asked behind the lock: nobody puts a group into or out of this one from here on.
      if (request_.deletes_group) {
        add(sql::kIsNested, *request_.group, Into::kNested);
      } else if (request_.replaces_members) {
        add(sql::kContains, *request_.group, Into::kNested);
      }
    }
    return flush();
  }

  Result<void> lockWithTurn() {
    found_.has_turn = true;
    if (auto users = lockUsers(); !users) return users;
    batch_.add(forSchemas(sql::kTakeNestingTurn, schema_));
    into_.push_back(Into::kNothing);
    if (request_.group) {
      if (request_.deletes_group) add(sql::kContainersOfGroup, *request_.group, Into::kContainers);
      add(withList(sql::kGroupNumbers, "?"), *request_.group, Into::kOwn);
    }
    auto added = look(sql::kGroupNumbers, add_groups_, Into::kAddGroups);
    if (!added) return added;
    auto removed = look(sql::kGroupNumbers, remove_groups_, Into::kRemoveGroups);
    if (!removed) return removed;
    if (auto ran = flush(); !ran) return ran;
    return lockGroups();
  }

  /// Locks the groups by ascending number. The group itself is locked by its id, in its place, as
  /// others do who know it by its id only: its index entry before its row.
  Result<void> lockGroups() {
    const Into into = request_.deletes_group ? Into::kContainers : Into::kAddGroups;
    Numbers others =
        std::exchange(request_.deletes_group ? found_.containers : found_.add_groups, Numbers());
    std::sort(others.begin(), others.end());
    const bool adds_itself = std::erase(others, own_) > 0;
    const auto behind = std::lower_bound(others.begin(), others.end(), own_);
    lockNumbers({others.begin(), behind}, into);
    if (own_ != 0) lockGroup();
    lockNumbers({behind, others.end()}, into);
    if (auto ran = flush(); !ran) return ran;
    // That it cannot be in itself is said by those who know why.
    if (adds_itself && found_.group_seq) found_.add_groups.push_back(own_);
    return {};
  }

  /// The names behind the lock: the group's own cannot change from here on.
  void lockGroup() {
    add(sql::kLockGroup, *request_.group, Into::kGroup);
    if (!request_.asks_names) return;
    const Blob id{request_.group->bytes()};
    batch_.add(forSchemas(sql::kNamesUpwards, schema_), {id, id});
    into_.push_back(Into::kNames);
  }

  void lockNumbers(const Numbers& numbers, Into into) {
    const std::string text = forSchemas(sql::kLockGroups, schema_);
    for (std::size_t from = 0; from < numbers.size(); from += kNumbersPerStatement) {
      batch_.add(withList(text, numberList(numbers, from, kNumbersPerStatement)));
      into_.push_back(into);
    }
  }

  Result<void> lockUsers() {
    batch_.begin();
    into_.push_back(Into::kNothing);
    auto added = look(sql::kShareUsers, add_users_, Into::kAdd);
    if (!added) return added;
    return look(sql::kUserNumbers, remove_users_, Into::kRemove);
  }

  Result<void> look(std::string_view statement, const std::vector<ResourceId>& ids, Into into) {
    const std::string text = forSchemas(statement, schema_);
    std::vector<Parameter> parameters;
    for (std::size_t from = 0; from < ids.size(); from += kIdsPerStatement) {
      const std::size_t end = std::min(ids.size(), from + kIdsPerStatement);
      parameters.clear();
      for (std::size_t i = from; i < end; ++i) parameters.emplace_back(Blob{ids[i].bytes()});
      batch_.add(withList(text, placeholders(end - from)), parameters);
      into_.push_back(into);
      if (into_.size() < kStatementsPerRun) continue;
      if (auto ran = flush(); !ran) return ran;
    }
    return {};
  }

  void add(std::string_view statement, const ResourceId& id, Into into) {
    batch_.add(forSchemas(statement, schema_), {Blob{id.bytes()}});
    into_.push_back(into);
  }

  Result<void> flush() {
    if (into_.empty()) return {};
    auto results = batch_.run(session_);
    if (!results) return propagate(results);
    for (std::size_t i = 0; i < into_.size(); ++i) take(into_[i], (*results)[i].rows);
    into_.clear();
    return {};
  }

  void take(Into into, std::vector<ResultRow>& rows) {
    switch (into) {
      case Into::kNothing:
        break;
      case Into::kAdd:
        append(found_.add, rows);
        break;
      case Into::kRemove:
        append(found_.remove, rows);
        break;
      case Into::kAddGroups:
        append(found_.add_groups, rows);
        break;
      case Into::kRemoveGroups:
        append(found_.remove_groups, rows);
        break;
      case Into::kContainers:
        append(found_.containers, rows);
        break;
      case Into::kNested:
        nested_ = !rows.empty();
        break;
      case Into::kOwn:
        if (!rows.empty()) own_ = unsignedAt(rows.front(), 0);
        break;
      case Into::kGroup:
        if (rows.empty()) break;
        found_.group_seq = unsignedAt(rows.front(), 0);
        found_.group = takeResource(rows.front(), 1);
        break;
      case Into::kNames:
        for (auto& row : rows) found_.names.push_back(takeText(row, 0));
        break;
    }
  }

  static void append(Numbers& numbers, const std::vector<ResultRow>& rows) {
    for (const auto& row : rows) numbers.push_back(unsignedAt(row, 0));
  }

  LockedMembers finish() {
    std::sort(found_.add.begin(), found_.add.end());
    std::sort(found_.add_groups.begin(), found_.add_groups.end());
    return std::move(found_);
  }

  Session& session_;
  const std::string& schema_;
  const LockRequest& request_;
  // A batch points at their bytes until it runs.
  const std::vector<ResourceId> add_users_;
  const std::vector<ResourceId> remove_users_;
  const std::vector<ResourceId> add_groups_;
  const std::vector<ResourceId> remove_groups_;
  StatementBatch batch_;
  std::vector<Into> into_;
  LockedMembers found_;
  std::uint64_t own_ = 0;  ///< the group's number, when the turn is held
  bool nested_ = false;    ///< groups in groups turned out to be concerned
};

}  // namespace

Result<LockedMembers> lockMembers(Session& session, const DomainTables& domain,
                                  const LockRequest& request) {
  return Opening(session, domain, request).run();
}

tl::unexpected<Error> notAMember() {
  return failure(ErrorKind::kInvalidValue, "a member is neither a user nor a group of this domain",
                 "members");
}

Result<void> checkMembers(const DomainTables& domain, const std::vector<ResourceId>& members) {
  for (const auto& member : members) {
    const bool can_be =
        member.kind() == ResourceKind::kUser || member.kind() == ResourceKind::kGroup;
    if (!can_be || member.domain() != domain.number) return notAMember();
  }
  return {};
}

}  // namespace vestibule::store
