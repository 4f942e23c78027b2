#pragma once
// The request target (RFC 9112 §3.2): from the raw text to one canonical path and its query.
//
// There is exactly one spelling of each path that any route can match. Every other spelling is
// refused rather than repaired, so that a rule on paths can never be passed by writing the path
// differently.

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "http/refusal.h"

namespace vestibule::http {

/// A decoded request target.
struct Target {
  /// Percent-decoded once, valid UTF-8 without control characters; starts with `/`, has no empty,
  /// `.` or `..` segment and, but for the root, no slash at the end. `*` for the asterisk-form.
  std::string path;
  /// In order, duplicates kept, `+` and percent escapes decoded.
  std::vector<std::pair<std::string, std::string>> query;
  /// Of an absolute-form target: `host` or `host:port`, to be used instead of the Host field. Else
  /// empty.
  std::string authority;
};

/// The most query parameters a target may have.
inline constexpr std::size_t kMaxQueryParameters = 100;

/// Reads origin-form (`/path?query`), absolute-form (`http://host/path?query`) and asterisk-form
/// (`*`). One slash at the end of the path is dropped; `;` means nothing special; empty parameters
/// (`?`, `&&`) are ignored.
///
/// Refused by 400: anything else, a fragment, a bad percent escape, a control character or NUL (raw
/// or escaped), text that is not UTF-8, more than kMaxQueryParameters parameters, an authority with
/// user information.
///
/// Refused by 404: an empty segment (`//`), a `.` or `..` segment, and an encoded slash in the
/// path, however they are spelt.
[[nodiscard]] tl::expected<Target, Refusal> parseTarget(std::string_view raw);

}  // namespace vestibule::http
