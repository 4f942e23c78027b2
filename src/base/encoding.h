#pragma once
// Hexadecimal, base64 and base64url text (RFC 4648).

#include <optional>
#include <string>
#include <string_view>

namespace vestibule {

/// The value of one hexadecimal digit of either case, or -1.
[[nodiscard]] constexpr int hexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Lower-case hexadecimal of the bytes.
[[nodiscard]] std::string toHex(std::string_view bytes);

/// Base64 with padding (RFC 4648 §4).
[[nodiscard]] std::string toBase64(std::string_view bytes);

/// Base64url without padding (RFC 4648 §5).
[[nodiscard]] std::string toBase64Url(std::string_view bytes);

/// Reads base64 of either alphabet, padded or not (RFC 7643 §2.3.6 lets padding be left out).
/// Nothing for any other character or an impossible length.
[[nodiscard]] std::optional<std::string> fromBase64(std::string_view text);

/// Reads base64url as signed tokens have it (RFC 7515 §2): no padding, no other alphabet, no line
/// end, and no bits behind the last byte, so that no two texts mean the same. Nothing for any other
/// text.
[[nodiscard]] std::optional<std::string> fromBase64Url(std::string_view text);

}  // namespace vestibule
