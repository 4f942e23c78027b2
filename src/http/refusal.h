#pragma once
// Why a request is refused before any handler sees it.

#include <string_view>

namespace vestibule::http {

/// A status of the 4xx or 5xx class and a text for the client. The text is always a literal of
/// ours: nothing that a client sent is ever echoed by the transport.
struct Refusal {
  int status = 400;
  std::string_view detail;
};

}  // namespace vestibule::http
