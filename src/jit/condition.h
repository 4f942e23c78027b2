#pragma once
// One condition on what an identity provider says about a subject: of jit.conditions and
// jit.routing.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "jit/claims.h"
#include "json/value.h"
#include "policy/pattern.h"
#include "scim/schema/document_reader.h"

namespace vestibule::jit {

/// What a condition asks for.
enum class ConditionKind : std::uint8_t {
  kEquals,       ///< a value of the claim is this text
  kMatches,      ///< a value of the claim matches the pattern as a whole
  kEmailDomain,  ///< an e-mail address in the claim is of this domain
  kGroup,        ///< the role claim has this role
};

/// A condition. Immutable.
struct Condition {
  ConditionKind kind = ConditionKind::kEquals;
  std::optional<ClaimPath> claim;  ///< that is read; of kGroup the role claim
  std::string text;                ///< compared with; a domain in lower case
  std::optional<policy::Pattern> pattern;
  bool verified_email = false;  ///< kEmailDomain: holds only with `email_verified` true

  /// As traces and answers name it: `email is of acme.example`.
  [[nodiscard]] std::string name() const;
};

/// Where the role claim is.
struct RoleClaim {
  const std::optional<ClaimPath>& claim;
  const std::string& separator;
};

/// How conditions of a list are read.
struct ConditionForm {
  /// On an unverified address a condition that lets somebody in does not hold unless the row says
  /// so; one that keeps somebody out has no such choice.
  bool lets_in = true;
  std::string_view also;  ///< a key that rows have beside the condition's; may be empty
};

/// Reads one of `{"claim","equals"}`, `{"claim","matches"}`, `{"emailDomain","claim"?,
/// "requireVerifiedEmail"?}`, `{"group"}` and puts its canonical members into `row`; nothing after
/// a failure, which is noted in `fields`. Patterns are Java's.
[[nodiscard]] std::optional<Condition> readCondition(scim::Fields& fields, const RoleClaim& roles,
                                                     const ConditionForm& form, json::Object& row);

/// What came of a condition.
enum class Holds : std::uint8_t {
  kNo,
  kYes,
  kUnknown,  ///< the claim is to be fetched elsewhere, has too many roles, or is too much work for
             ///< the pattern
};

/// Tries conditions on the claims of one login. Not thread-safe.
class ConditionTest {
 public:
  /// All must outlive this.
  ConditionTest(const json::Object& claims, const RoleClaim& roles)
      : claims_(claims), roles_(roles) {}

  /// Bounded: after kMaxPatternTests patterns were tried, those that are left are kUnknown.
  [[nodiscard]] Holds holds(const Condition& condition);

  static constexpr int kMaxPatternTests = 200;

 private:
  Holds holdsForValue(const Condition& condition, const std::string& value);
  Holds hasGroup(const Condition& condition);

  const json::Object& claims_;
  RoleClaim roles_;
  std::optional<std::set<std::string, std::less<>>> role_names_;
  int patterns_left_ = kMaxPatternTests;
};

}  // namespace vestibule::jit
