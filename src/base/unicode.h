#pragma once
// Text comparison: one folding for each purpose, made here by ICU and stored as bytes, so that
// every database agrees.

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace vestibule {

/// True for well-formed UTF-8 without surrogates or overlong forms.
[[nodiscard]] bool isValidUtf8(std::string_view text);

/// True when both are equal with ASCII letters of either case taken as one: for names of
/// attributes, schemas and headers.
[[nodiscard]] bool equalIgnoringAsciiCase(std::string_view left, std::string_view right);

/// Lower case for ASCII letters; every other byte as it is.
[[nodiscard]] std::string lowerAscii(std::string_view text);

/// Upper case for ASCII letters; every other byte as it is.
[[nodiscard]] std::string upperAscii(std::string_view text);

/// The key by which `caseExact: false` strings are compared: Unicode full case folding of the
/// decomposed text, then NFC. `text` must be valid UTF-8. ASCII text takes a fast path.
/// Thread-safe.
[[nodiscard]] std::string foldCase(std::string_view text);

/// No user name is longer, neither as it is written nor prepared: what 255 code points take at
/// most.
inline constexpr std::size_t kMaxUserNameBytes = 1'020;

/// Prepares a user name by UsernameCaseMapped (RFC 8265 §3.3): width mapping, lower case, NFC, the
/// IdentifierClass (RFC 8264 §4.2) with single spaces allowed between parts (RFC 8265 §3.5), and
/// the bidi rule for each part. The result is the key by which user names are unique; preparing it
/// again changes nothing. O(length). Error kInvalidValue naming what is not allowed for: an empty
/// name, more than kMaxUserNameBytes, a space at either end or two in a row, invalid UTF-8,
/// control, invisible, unassigned or compatibility characters, symbols outside ASCII, mixed
/// directions. Thread-safe.
[[nodiscard]] Result<std::string> prepareUserName(std::string_view text);

/// Prepares a user name by UsernameCasePreserved (RFC 8265 §3.4): as `prepareUserName`, without
/// lower case.
[[nodiscard]] Result<std::string> prepareUserNameKeepingCase(std::string_view text);

/// Prepares a password by OpaqueString (RFC 8265 §4.2), so that it hashes the same on every
/// keyboard: other spaces become the ASCII space, then NFC. Error kInvalidValue, without the text,
/// for: an empty password, invalid UTF-8, control, invisible or unassigned characters. Thread-safe.
[[nodiscard]] Result<Secret> preparePassword(const Secret& password);

/// Number of Unicode code points in valid UTF-8.
[[nodiscard]] std::size_t codePointCount(std::string_view text);

}  // namespace vestibule
