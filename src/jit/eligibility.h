#pragma once
// Who may be provisioned at all (jit.conditions).

#include <vector>

#include "base/result.h"
#include "jit/condition.h"
#include "jit/trace.h"
#include "json/value.h"
#include "scim/schema/document_reader.h"

namespace vestibule::jit {

/// The lists of conditions.
struct Conditions {
  std::vector<Condition> allow;  ///< one must hold, when there are any
  std::vector<Condition> deny;   ///< none may hold
};

/// Conditions that each list may have.
inline constexpr std::size_t kMaxConditions = 50;

/// Reads jit.conditions and adds it to `canonical`.
[[nodiscard]] Conditions readConditions(scim::Fields& fields, const RoleClaim& roles,
                                        json::Object& canonical);

/// Whether the subject of these claims may be provisioned. A denial wins. Errors kNotEligible
/// (JIT-1408); kUndecided (JIT-1409) when it cannot be told whether a denial holds. In memory.
[[nodiscard]] Result<void> requireEligible(const Conditions& conditions, ConditionTest& test,
                                           Trace& trace);

}  // namespace vestibule::jit
