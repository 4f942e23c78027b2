#pragma once
// The part of a filter that SQL does not answer, evaluated on rows that it has narrowed down.
// Private to store/.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "scim/filter/filter.h"
#include "store/search.h"
#include "store/session.h"
#include "store/user_lookup.h"

namespace vestibule::store {

/// Evaluates one filter on many resources of one domain.
class CandidateFilter {
 public:
  /// `rest` is what FilterPlan leaves. Everything must outlive this object.
  CandidateFilter(Session& session, const DomainTables& domain, const SearchRequest& request,
                  scim::BoundFilter rest);

  /// True when users must come with their groups, because the filter asks for them.
  [[nodiscard]] bool needsGroups() const {
    return needs_relation_ && request_.kind == ResourceKind::kUser;
  }

  /// Which of the candidates match, as flags in their order. For groups whose members the filter
  /// asks for, reads the members: error kTooMany when more than `scan_limit` of them would have to
  /// be read in all calls together.
  [[nodiscard]] Result<std::vector<bool>> match(const std::vector<NumberedUser>& candidates);

 private:
  /// A comparison of the naming attribute where names have a prefix. It is decided on the stored
  /// name's key, as the index decides it: preparing the name with the prefix in front might give
  /// another.
  struct NameComparison {
    scim::NodeIndex node = 0;
    scim::CompareOp op = scim::CompareOp::kEq;
    std::string literal;  ///< that of `eq` and `ne` has no prefix
  };

  void lookAt(scim::NodeIndex index);
  void lookAt(const scim::AttributeRef& attribute);
  Result<std::vector<json::Array>> readMembers(const std::vector<NumberedUser>& groups);
  void settleNames(const json::Object& attributes);

  Session& session_;
  const DomainTables& domain_;
  const SearchRequest& request_;
  scim::BoundFilter rest_;
  const scim::ResourceType* related_type_;
  std::vector<NameComparison> names_;
  std::string prefix_;  ///< of names, as a key
  bool needs_relation_ = false;
  bool needs_completion_ = false;
  std::uint64_t members_read_ = 0;
};

/// The error of a search that would read more than it may.
[[nodiscard]] tl::unexpected<Error> scanLimitPassed(std::uint64_t limit);

}  // namespace vestibule::store
