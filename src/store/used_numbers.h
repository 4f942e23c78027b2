#pragma once
// Numbers that rows still name after whom they were given to is gone: what an identity provider
// granted, what a consent purpose said. A counter begins anew behind the highest number that is
// loaded, and would give these to somebody else. Private to store/.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/session.h"

namespace vestibule::store {

/// Has the number given to no row of the table, which is `identity_providers` or `consent_purposes`
/// of the control schema, from now on. False when a row has it. Errors of the database.
[[nodiscard]] Result<bool> reserveNumber(Session& session, const std::string& control_schema,
                                         std::string_view table, std::uint64_t number);

/// Has no number given again that rows of the control schema or of these quoted schemas of domains
/// name. Counters never go back by it. Tables that are not there yet are passed over. O(grants):
/// no index has them by identity provider. Errors of the database.
[[nodiscard]] Result<void> passUsedNumbers(Session& session, const std::string& control_schema,
                                           const std::vector<std::string>& domain_schemas);

}  // namespace vestibule::store
