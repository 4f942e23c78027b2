#include "jit/eligibility.h"

#include <optional>
#include <string_view>
#include <utility>

#include "jit/codes.h"
#include "jit/settings_reader.h"

namespace vestibule::jit {
namespace {

constexpr std::string_view kStep = "conditions";

json::Array readList(scim::Fields& fields, std::string_view key, const RoleClaim& roles,
                     bool lets_in, std::vector<Condition>& list) {
  json::Array rows;
  readElements(fields, key, kMaxConditions, [&](scim::Fields& row, const json::Object&) {
    json::Object canonical;
    auto condition = readCondition(row, roles, {lets_in, {}}, canonical);
    if (!condition) return;
    list.push_back(*std::move(condition));
    rows.emplace_back(std::move(canonical));
  });
  return rows;
}

}  // namespace

Conditions readConditions(scim::Fields& fields, const RoleClaim& roles, json::Object& canonical) {
  Conditions conditions;
  scim::Fields section(objectOrNone(fields, "conditions"), fields.place().member("conditions"));
  section.allowOnly({"allow", "deny"});
  json::Array allow = readList(section, "allow", roles, true, conditions.allow);
  json::Array deny = readList(section, "deny", roles, false, conditions.deny);
  if (section.error()) fields.adopt(*section.error());
  canonical.set("conditions", json::Object{{"allow", std::move(allow)}, {"deny", std::move(deny)}});
  return conditions;
}

Result<void> requireEligible(const Conditions& conditions, ConditionTest& test, Trace& trace) {
  for (const Condition& condition : conditions.deny) {
    const Holds holds = test.holds(condition);
    if (holds == Holds::kNo) continue;
    if (holds == Holds::kUnknown) {
      trace.add(kStep, "deny", condition.name(), "cannot be told: refused");
      return refusal(kUndecided, "it cannot be told whether " + condition.name());
    }
    trace.add(kStep, "deny", condition.name(), "holds: refused");
    return refusal(kNotEligible, "the identity provider's conditions deny it: " + condition.name());
  }
  if (conditions.allow.empty()) {
    if (!conditions.deny.empty()) trace.add(kStep, "deny", "", "none holds");
    return {};
  }
  for (const Condition& condition : conditions.allow) {
    if (test.holds(condition) != Holds::kYes) continue;
    trace.add(kStep, "allow", condition.name(), "holds");
    return {};
  }
  trace.add(kStep, "allow", "", "none holds: refused");
  return refusal(kNotEligible, "none of the identity provider's conditions allows it");
}

}  // namespace vestibule::jit
