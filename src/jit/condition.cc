#include "jit/condition.h"

#include <utility>

#include "base/blanks.h"
#include "base/unicode.h"
#include "jit/roles.h"
#include "jit/settings_reader.h"
#include "jit/trace.h"
#include "jit/verified_email.h"

namespace vestibule::jit {
namespace {

constexpr std::size_t kMaxText = 1'024;

std::optional<std::string> emailDomainOf(const std::string& address) {
  const std::size_t at = address.rfind('@');
  if (at == std::string::npos || at == 0) return std::nullopt;
  return foldCase(trimmed(std::string_view(address).substr(at + 1)));
}

void readEmailDomain(scim::Fields& fields, bool lets_in, Condition& condition, json::Object& row) {
  condition.kind = ConditionKind::kEmailDomain;
  condition.text = foldCase(fields.text("emailDomain"));
  if (condition.text.find_first_of("@ \t") != std::string::npos) {
    fields.fail("emailDomain", "is what stands behind the @, such as acme.example");
  }
  condition.claim =
      fields.has("claim") ? requiredClaim(fields, "claim") : *ClaimPath::compile("email");
  row.set("emailDomain", condition.text);
  row.set("claim", textOf(condition.claim));
  if (!lets_in) {
    if (fields.has("requireVerifiedEmail")) {
      fields.fail("requireVerifiedEmail",
                  "is not for what keeps out: an address keeps out whether it is verified or not");
    }
    return;
  }
  condition.verified_email = fields.booleanOr("requireVerifiedEmail", true);
  row.set("requireVerifiedEmail", condition.verified_email);
}

void readGroup(scim::Fields& fields, const RoleClaim& roles, Condition& condition,
               json::Object& row) {
  condition.kind = ConditionKind::kGroup;
  condition.text = fields.text("group");
  if (trimmed(condition.text) != condition.text) {
    fields.fail("group", "begins or ends with white space, which no role of a claim does");
  }
  if (!roles.claim) fields.fail("group", "needs claims.roleClaim, in which the groups are");
  condition.claim = roles.claim;
  row.set("group", condition.text);
}

void readClaim(scim::Fields& fields, std::string_view operation, Condition& condition,
               json::Object& row) {
  condition.claim = requiredClaim(fields, "claim");
  condition.text = fields.text(operation);
  row.set("claim", textOf(condition.claim));
  row.set(operation, condition.text);
  if (operation == "equals") {
    condition.kind = ConditionKind::kEquals;
    if (trimmed(condition.text) != condition.text) {
      fields.fail(operation, "begins or ends with white space, which values are compared without");
    }
    return;
  }
  condition.kind = ConditionKind::kMatches;
  if (fields.error()) return;
  auto pattern = policy::Pattern::compile(condition.text, policy::Dialect::kJava);
  if (!pattern) {
    fields.fail(operation, pattern.error().detail);
    return;
  }
  condition.pattern = *std::move(pattern);
}

}  // namespace

std::string Condition::name() const {
  switch (kind) {
    case ConditionKind::kEquals:
      return textOf(claim) + " equals " + text;
    case ConditionKind::kMatches:
      return textOf(claim) + " matches " + text;
    case ConditionKind::kEmailDomain:
      return textOf(claim) + " is of " + text;
    case ConditionKind::kGroup:
      break;
  }
  return textOf(claim) + " has " + text;
}

std::optional<Condition> readCondition(scim::Fields& fields, const RoleClaim& roles,
                                       const ConditionForm& form, json::Object& row) {
  fields.allowOnly({"claim", "equals", "matches", "emailDomain", "requireVerifiedEmail", "group",
                    form.also.empty() ? "claim" : form.also});
  std::string_view stated;
  for (const std::string_view key : {"equals", "matches", "emailDomain", "group"}) {
    if (!fields.has(key)) continue;
    if (!stated.empty()) {
      fields.fail(key, "stands beside '" + std::string(stated) + "': a condition has one of them");
    }
    stated = key;
  }
  if (stated.empty()) {
    fields.adopt(fields.place().error("needs one of equals, matches, emailDomain, group"));
  }
  if (stated == "group" && fields.has("claim")) {
    fields.fail("claim", "is not for a group, which is looked for in claims.roleClaim");
  }
  if (stated != "emailDomain" && fields.has("requireVerifiedEmail")) {
    fields.fail("requireVerifiedEmail", "is for emailDomain alone");
  }
  if (fields.error()) return std::nullopt;
  Condition condition;
  if (stated == "emailDomain") {
    readEmailDomain(fields, form.lets_in, condition, row);
  } else if (stated == "group") {
    readGroup(fields, roles, condition, row);
  } else {
    readClaim(fields, stated, condition, row);
  }
  if (condition.text.size() > kMaxText) fields.fail(stated, "is longer than 1024 bytes");
  if (fields.error()) return std::nullopt;
  return condition;
}

Holds ConditionTest::holds(const Condition& condition) {
  const ClaimValues found = condition.claim->find(claims_);
  if (found.elsewhere) return Holds::kUnknown;
  if (condition.kind == ConditionKind::kGroup) return hasGroup(condition);
  if (condition.verified_email && (found.values.size() != 1 || !hasVerifiedEmail(claims_))) {
    return Holds::kNo;
  }
  bool is_known = true;
  for (const json::Value* value : found.values) {
    const auto text = claimText(*value);
    if (!text) continue;
    const Holds holds = holdsForValue(condition, std::string(trimmed(*text)));
    if (holds == Holds::kYes) return holds;
    if (holds == Holds::kUnknown) is_known = false;
  }
  return is_known ? Holds::kNo : Holds::kUnknown;
}

Holds ConditionTest::holdsForValue(const Condition& condition, const std::string& value) {
  const auto of = [](bool yes) { return yes ? Holds::kYes : Holds::kNo; };
  if (condition.kind == ConditionKind::kEquals) return of(value == condition.text);
  if (condition.kind == ConditionKind::kEmailDomain) {
    return of(emailDomainOf(value) == condition.text);
  }
  if (patterns_left_-- <= 0) return Holds::kUnknown;
  const policy::Match match = condition.pattern->test(value);
  return match == policy::Match::kLimit ? Holds::kUnknown : of(match == policy::Match::kYes);
}

Holds ConditionTest::hasGroup(const Condition& condition) {
  if (!role_names_) role_names_ = rolesIn(roles_.claim->find(claims_), roles_.separator);
  if (role_names_->contains(condition.text)) return Holds::kYes;
  return role_names_->size() > kMaxRoles ? Holds::kUnknown : Holds::kNo;
}

}  // namespace vestibule::jit
