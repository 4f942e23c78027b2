#pragma once
// The id by which a request is found in answers, log and audit.

#include <string>
#include <string_view>

#include "base/trace_parent.h"
#include "http/exchange.h"

namespace vestibule::http {

inline constexpr std::string_view kCorrelationHeader = "X-Correlation-Id";

/// The id that the request has been given; without one the client's own where it is harmless in a
/// log (letters, digits, `-_.`, at most 64), else a new one.
[[nodiscard]] std::string correlationIdOf(const Request& request);

/// The trace that the request belongs to (W3C Trace Context): of none when the header is not valid
/// or not the only one. A view of the request's header.
[[nodiscard]] TraceParent traceOf(const Request& request);

}  // namespace vestibule::http
