#include "store/member_locks.h"

#include <algorithm>

#include "store/result_rows.h"
#include "store/statement_batch.h"
#include "store/statement_text.h"

namespace vestibule::store {
namespace {

constexpr std::size_t kIdsPerStatement = 500;
constexpr std::size_t kStatementsPerRun = 20;

/// Collects look-ups and sorts their answers.
class Opening {
 public:
  explicit Opening(Session& session) : session_(session) {
    batch_.begin();
    kinds_.push_back(Kind::kBegin);
  }

  Result<void> addUsers(std::string_view statement, const std::vector<ResourceId>& ids, bool add) {
    std::vector<Parameter> parameters;
    for (std::size_t from = 0; from < ids.size(); from += kIdsPerStatement) {
      const std::size_t end = std::min(ids.size(), from + kIdsPerStatement);
      parameters.clear();
      for (std::size_t i = from; i < end; ++i) parameters.emplace_back(Blob{ids[i].bytes()});
      batch_.add(withList(statement, placeholders(end - from)), parameters);
      kinds_.push_back(add ? Kind::kAdd : Kind::kRemove);
      if (kinds_.size() < kStatementsPerRun) continue;
      if (auto ran = run(); !ran) return ran;
    }
    return {};
  }

  void addGroup(const std::string& statement, const ResourceId& id) {
    batch_.add(statement, {Blob{id.bytes()}});
    kinds_.push_back(Kind::kGroup);
  }

  Result<void> run() {
    if (kinds_.empty()) return {};
    auto results = batch_.run(session_);
    if (!results) return propagate(results);
    for (std::size_t i = 0; i < kinds_.size(); ++i) take(kinds_[i], (*results)[i].rows);
    kinds_.clear();
    return {};
  }

  LockedMembers finish() {
    std::sort(found_.add.begin(), found_.add.end());
    return std::move(found_);
  }

 private:
  enum class Kind { kBegin, kAdd, kRemove, kGroup };

  void take(Kind kind, std::vector<ResultRow>& rows) {
    if (kind == Kind::kGroup) {
      if (rows.empty()) return;
      found_.group_seq = unsignedAt(rows.front(), 0);
      found_.group = takeResource(rows.front(), 1);
    } else if (kind != Kind::kBegin) {
      auto& into = kind == Kind::kAdd ? found_.add : found_.remove;
      for (const auto& row : rows) into.push_back(unsignedAt(row, 0));
    }
  }

  Session& session_;
  StatementBatch batch_;
  std::vector<Kind> kinds_;
  LockedMembers found_;
};

}  // namespace

Result<LockedMembers> lockMembers(Session& session, const DomainTables& domain,
                                  const std::vector<ResourceId>& add,
                                  const std::vector<ResourceId>& remove,
                                  const std::optional<ResourceId>& group) {
  Opening opening(session);
  auto added = opening.addUsers(forSchemas(sql::kShareUsers, domain.schema), add, true);
  if (!added) return propagate(added);
  auto removed = opening.addUsers(forSchemas(sql::kUserNumbers, domain.schema), remove, false);
  if (!removed) return propagate(removed);
  if (group) opening.addGroup(forSchemas(sql::kLockGroup, domain.schema), *group);
  if (auto ran = opening.run(); !ran) return propagate(ran);
  return opening.finish();
}

tl::unexpected<Error> notAMember() {
  return failure(ErrorKind::kInvalidValue, "a member is not a user of this domain", "members");
}

Result<void> checkMembers(const DomainTables& domain, const std::vector<ResourceId>& members) {
  for (const auto& member : members) {
    if (member.kind() == ResourceKind::kGroup) {
      return failure(ErrorKind::kInvalidValue, "groups as members of groups are not supported",
                     "members");
    }
    if (member.kind() != ResourceKind::kUser || member.domain() != domain.number) {
      return notAMember();
    }
  }
  return {};
}

}  // namespace vestibule::store
