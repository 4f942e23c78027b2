#pragma once
// The log: one line an event on standard error, through spdlog. No secret and no personal data
// beyond ids goes in.

#include <spdlog/spdlog.h>

#include <string>
#include <string_view>

namespace vestibule {

/// Sets the level (`trace`, `debug`, `info`, `warn`, `error`, `off`) and form of the log. `json`
/// writes one JSON object a line. False for an unknown level. Call once at start.
bool startLog(std::string_view level, bool json);

/// Text of a client made safe for a log line or an error text: control characters, and every
/// non-ASCII byte of text that is not valid UTF-8, appear as
/// `\x1b`; what is longer than `limit` bytes is cut between characters (security case H-10).
[[nodiscard]] std::string printable(std::string_view text, std::size_t limit = 200);

}  // namespace vestibule
