#pragma once
// What operations are found by.

#include <string>
#include <string_view>

#include "base/strong.h"

namespace vestibule::jit {

/// The lane of a federated identity: its operations are run one after the other. 32 bytes.
[[nodiscard]] std::string laneOf(std::string_view identity_provider, const Subject& subject);

/// An Idempotency-Key as it is remembered: the keys of two tokens never meet. 32 bytes.
[[nodiscard]] std::string keyDigestOf(std::string_view token_id, std::string_view key);

}  // namespace vestibule::jit
