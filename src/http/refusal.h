#pragma once
// Why a request is refused before any handler sees it.

#include <cstdint>
#include <string_view>

namespace vestibule::http {

/// A status of the 4xx or 5xx class and a text for the client. The text is always a literal of
/// ours: nothing that a client sent is ever echoed by the transport.
struct Refusal {
  int status = 400;
  std::string_view detail;
  /// Of a 413: the most bytes that the body may have, which the client is told. 0: no word of it.
  std::uint64_t body_limit = 0;
};

}  // namespace vestibule::http
