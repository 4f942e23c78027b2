#pragma once
// Settings: which headers of an identity-aware proxy say who is signed in (section `forwardAuth`).

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "json/value.h"
#include "scim/schema/document_reader.h"

namespace vestibule::jit {

/// A header whose value becomes a claim.
struct ClaimHeader {
  std::string header;
  std::string claim;
  std::string separator;  ///< divides the value into a list; empty: one text
};

/// The section. Either an ID token says everything, or subject and claims come from headers that
/// the proxy vouches for.
struct ForwardAuthSettings {
  std::string subject_header;
  std::vector<ClaimHeader> claim_headers;
  std::string id_token_header;  ///< empty: there is none
  std::chrono::seconds cache{10};
};

/// Rows of `claimHeaders` at most, and the longest time that an answer may be kept.
inline constexpr std::size_t kMaxClaimHeaders = 50;
inline constexpr std::int64_t kMaxCacheSeconds = 300;

/// Reads `subjectHeader`, `claimHeaders`, `idTokenHeader` and `cacheSeconds`, and adds them to
/// `canonical`. Refused in `fields`: names that no header can have, a header twice, `idTokenHeader`
/// beside any of the others, neither of both.
[[nodiscard]] ForwardAuthSettings readForwardAuth(scim::Fields& fields, const json::Object& section,
                                                  json::Object& canonical);

}  // namespace vestibule::jit
