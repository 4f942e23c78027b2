#include "base/trace_parent.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/encoding.h"

namespace vestibule {
namespace {

constexpr std::size_t kParentIdBytes = 8;
/// Of a value of version 00: `vv-`, 32 digits, `-`, 16 digits, `-`, two digits.
constexpr std::size_t kTraceAt = 3;
constexpr std::size_t kTraceDigits = 32;
constexpr std::size_t kParentAt = 36;
constexpr std::size_t kParentDigits = 16;
constexpr std::size_t kFlagsAt = 53;
constexpr std::size_t kLength = 55;

/// No upper case: §3.2.2 has lower-case digits only.
bool isHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool isId(std::string_view text) {
  return isHex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

}  // namespace

TraceParent parseTraceParent(std::string_view value) {
  if (value.size() < kLength) return {};
  const auto version = value.substr(0, 2);
  if (!isHex(version) || version == "ff") return {};
  if (value.size() > kLength && (version == "00" || value[kLength] != '-')) return {};
  if (value[kTraceAt - 1] != '-' || value[kParentAt - 1] != '-' || value[kFlagsAt - 1] != '-') {
    return {};
  }
  const auto flags = value.substr(kFlagsAt, 2);
  const TraceParent parent{value.substr(kTraceAt, kTraceDigits),
                           value.substr(kParentAt, kParentDigits), (hexDigit(flags[1]) & 1) != 0};
  return isId(parent.trace_id) && isId(parent.parent_id) && isHex(flags) ? parent : TraceParent{};
}

std::string childOf(const TraceParent& parent) {
  return "00-" + std::string(parent.trace_id) + '-' + toHex(randomBytes(kParentIdBytes)) +
         (parent.sampled ? "-01" : "-00");
}

}  // namespace vestibule
