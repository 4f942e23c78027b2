#pragma once
// Where a browser goes back to after a prompt: only to origins that the settings name.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vestibule::jit {

/// Bytes that a return URL may have.
inline constexpr std::size_t kMaxReturnUrl = 2'000;

/// The origin (RFC 6454 §6.2) of an absolute http or https URL, in lower case and without the
/// scheme's own port. Error kInvalidValue, saying why, for anything else, and for what browsers and
/// servers might read in different ways: user information, backslashes, characters that have to be
/// percent-encoded, a fragment.
[[nodiscard]] Result<std::string> originOfUrl(std::string_view url);

/// Error kBadReturnUrl (JIT-1019) unless the URL's origin is one of these.
[[nodiscard]] Result<void> checkReturnUrl(std::string_view url,
                                          const std::vector<std::string>& origins);

/// The URL with one query parameter more.
[[nodiscard]] std::string withParameter(std::string_view url, std::string_view name,
                                        std::string_view value);

}  // namespace vestibule::jit
