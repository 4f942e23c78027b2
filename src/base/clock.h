#pragma once
// Time as Vestibule keeps it: microseconds since 1970-01-01T00:00:00Z.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vestibule {

/// Microseconds since the Unix epoch, UTC.
using Timestamp = std::int64_t;

/// The wall clock. Thread-safe.
[[nodiscard]] Timestamp now();

/// RFC 3339 in UTC with milliseconds: `2026-11-23T08:20:00.123Z`, the form of every `meta` date.
[[nodiscard]] std::string formatTimestamp(Timestamp timestamp);

/// Reads an xsd:dateTime with date and time (RFC 7643 §2.3.5): any number of fraction digits (those
/// beyond microseconds are dropped), an offset or `Z`, or neither (taken as UTC). Nothing for any
/// other text or an impossible date.
[[nodiscard]] std::optional<Timestamp> parseTimestamp(std::string_view text);

}  // namespace vestibule
