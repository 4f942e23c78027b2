#include "http/correlation.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/encoding.h"

namespace vestibule::http {

std::string correlationIdOf(const Request& request) {
  if (!request.correlation_id.empty()) return request.correlation_id;
  const auto sent = request.headers.first(kCorrelationHeader).value_or("");
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  if (!sent.empty() && sent.size() <= 64 && std::all_of(sent.begin(), sent.end(), is_plain)) {
    return std::string(sent);
  }
  return toHex(randomBytes(8));
}

TraceParent traceOf(const Request& request) {
  constexpr std::string_view kHeader = "traceparent";
  if (request.headers.count(kHeader) != 1) return {};
  return parseTraceParent(*request.headers.first(kHeader));
}

}  // namespace vestibule::http
