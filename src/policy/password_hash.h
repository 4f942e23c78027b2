#pragma once
// Passwords at rest: Argon2id (RFC 9106) by libargon2.

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace vestibule::policy {

/// Bytes a password may have, so that preparing and hashing it stays cheap in all but the memory
/// Argon2 wants.
inline constexpr std::size_t kMaxPassword = 1024;

/// The PHC string (`$argon2id$v=19$m=19456,t=2,p=1$salt$hash`) of the password, prepared by RFC
/// 8265 OpaqueString, with a random salt. Takes 19 MiB and tens of milliseconds: not for a thread
/// that others wait for, nor inside a transaction. Error kInvalidValue for a password that cannot
/// be prepared or is longer than `kMaxPassword`; kUnavailable when there is no memory. Thread-safe.
[[nodiscard]] Result<std::string> hashPassword(const Secret& password);

/// True when the PHC string is one of this password. False for any other text, for another kind of
/// hash, and for one that asks for more than 256 MiB, 16 passes or 16 lanes. Costs what the hash
/// asks for. Thread-safe.
[[nodiscard]] bool verifyPassword(const Secret& password, std::string_view phc);

/// True for text that verifyPassword can compare a password with: an Argon2id hash within its
/// limits that fits where hashes are stored. Costs nothing. Thread-safe.
[[nodiscard]] bool isPasswordHash(std::string_view text);

}  // namespace vestibule::policy
