#pragma once
// The id by which a request is found in answers, log and audit.

#include <string>
#include <string_view>

#include "http/exchange.h"

namespace vestibule::http {

inline constexpr std::string_view kCorrelationHeader = "X-Correlation-Id";

/// The client's own id of the request where it is harmless in a log (letters, digits, `-_.`, at
/// most 64), else a new one.
[[nodiscard]] std::string correlationIdOf(const Request& request);

}  // namespace vestibule::http
