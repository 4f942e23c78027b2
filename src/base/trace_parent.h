#pragma once
// The identity of a trace, as W3C Trace Context level 1 carries it in the header `traceparent`.

#include <string>
#include <string_view>

namespace vestibule {

/// Which trace a request belongs to. Text is a view of the header's value.
struct TraceParent {
  std::string_view trace_id;   ///< 32 hexadecimal digits; empty: of none
  std::string_view parent_id;  ///< 16: the caller's own part of it
  bool sampled = false;        ///< the caller may have recorded it
};

/// Reads the value of the header (W3C Trace Context §3.2.2). What is not valid is of no trace, as
/// §4.3 asks: no digits in upper case, no ids of nothing but zeros, no version ff; version 00 is
/// exactly 55 characters long, later ones may go on after a `-`. O(1).
[[nodiscard]] TraceParent parseTraceParent(std::string_view value);

/// The value for a request that belongs to the same trace, with a new parent id (§3.4): version 00
/// with the flag `sampled` as it came.
[[nodiscard]] std::string childOf(const TraceParent& parent);

}  // namespace vestibule
