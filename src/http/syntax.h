#pragma once
// Small pieces of HTTP's grammar that more than one part of the transport must agree on.

#include <string_view>

namespace vestibule::http {

/// True for a character that a token may hold (RFC 9110 §5.6.2).
[[nodiscard]] bool isTokenChar(char c);

/// True for a token, the form of a method and of a field name.
[[nodiscard]] bool isToken(std::string_view text);

/// True for what may stand in a Host field and in the authority of an absolute target (RFC 9110
/// §7.2): a name, an IPv4 or bracketed IPv6 address, and optionally a port; empty is allowed. No
/// user information, and no percent escapes.
[[nodiscard]] bool isHost(std::string_view text);

}  // namespace vestibule::http
