#pragma once
// Which language somebody reads best (RFC 9110 §12.5.4, RFC 4647).

#include <string>
#include <string_view>
#include <vector>

namespace vestibule::http {

/// The one of `available` (never empty) that an Accept-Language field asks for: ranges by weight,
/// equal ones in their order, each by look-up (RFC 4647 §3.4: `de-AT` finds `de`; and `pt` finds
/// `pt-BR`), those of weight 0 never. The first of `available` for `*`, for an empty field, and
/// when nothing fits. Ranges that are malformed are passed over, and all behind the 32nd.
/// Thread-safe.
[[nodiscard]] std::string chooseLanguage(std::string_view accept_language,
                                         const std::vector<std::string>& available);

}  // namespace vestibule::http
