#pragma once
// A signed token in compact form (RFC 7515 §7.1), taken apart. Nothing of it is believed yet.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "jose/algorithm.h"

namespace vestibule::jose {

/// The most bytes of a token. Those of real identity providers have a few thousand, with hundreds
/// of groups some ten thousand.
inline constexpr std::size_t kMaxTokenBytes = std::size_t{128} * 1024;
/// The most bytes of its header as it is sent; a header may hold a chain of certificates, which
/// nobody looks at.
inline constexpr std::size_t kMaxHeaderBytes = std::size_t{16} * 1024;
/// The most bytes of the name of a key.
inline constexpr std::size_t kMaxKeyIdBytes = 1'024;

/// The parts of a token.
struct Jws {
  std::string algorithm;              ///< `alg` as it is sent
  std::optional<std::string> key_id;  ///< `kid`
  std::string type;                   ///< `typ` as it is sent; empty: there is none
  std::string_view signing_input;     ///< points into the token
  std::string payload;
  std::string signature;
};

/// Takes a token apart. Of the header only `alg`, `kid` and `typ` count: a key or its address that
/// the token brings along (`jwk`, `x5c`, `jku`, `x5u`) is nobody's word but the token's. `token`
/// must outlive the result. Error kMalformed for: more than kMaxTokenBytes; anything but three
/// parts of strict base64url, as an encrypted token is; a header that is no JSON object with a text
/// `alg`, or is too long; `crit`, `b64` or `zip` in it (RFC 7515 §4.1.11, nothing critical is
/// understood here); a token inside the token (`cty`, RFC 7519 §5.2). O(size).
[[nodiscard]] Result<Jws> parseJws(std::string_view token);

}  // namespace vestibule::jose
