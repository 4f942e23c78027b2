#pragma once
// The answer to a change that goes on to other systems.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/resource_id.h"
#include "http/exchange.h"
#include "outbound/waits.h"

namespace vestibule::http {

/// Names the targets that block and how the change stands with each: `okta=done, hr=waiting`, names
/// percent-encoded.
inline constexpr const char* kOutboundHeader = "Vestibule-Outbound";

/// The value of the header.
[[nodiscard]] std::string outboundText(const std::vector<outbound::Settled>& settled);

/// What a caller is told of the first target that makes it an error; nothing: none does.
[[nodiscard]] std::optional<std::string> outboundFault(
    const std::vector<outbound::Settled>& settled);

/// The answer to a change of `id` over SCIM, once the targets that block are done with it
/// (outbound::Waits); an answer that is no success comes back as it is. Has the header, where any
/// target blocks. Where a target that is not done makes it an error, the answer is 502: the change
/// is stored all the same. `waits` may be null.
[[nodiscard]] Response settled(Response response, outbound::Waits* waits, std::string_view id,
                               const std::string& correlation_id);

}  // namespace vestibule::http
