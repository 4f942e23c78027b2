#pragma once
// Randomness and digests, by OpenSSL.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace vestibule {

/// Fills `size` bytes with cryptographic randomness. Thread-safe. Aborts the process when OpenSSL
/// has none: nothing that needs randomness may go on without it.
void fillRandom(void* bytes, std::size_t size);

/// `size` random bytes.
[[nodiscard]] std::string randomBytes(std::size_t size);

/// The 32 bytes of SHA-256. Thread-safe.
[[nodiscard]] std::string sha256(std::string_view bytes);

/// The 32 bytes of HMAC-SHA256 (RFC 2104). Thread-safe.
[[nodiscard]] std::string hmacSha256(std::string_view key, std::string_view text);

/// Encrypts and authenticates (AES-256-GCM, a random nonce in front) under a key of 32 bytes;
/// `bound` is authenticated with it and has to be known again to open it. 28 bytes longer than
/// `text`. Thread-safe.
[[nodiscard]] std::string seal(std::string_view key, std::string_view text, std::string_view bound);
/// What was sealed; nothing when it was made under another key, for another `bound`, or changed.
[[nodiscard]] std::optional<std::string> unseal(std::string_view key, std::string_view sealed,
                                                std::string_view bound);

/// Compares in a time that depends on the lengths only.
[[nodiscard]] bool equalConstantTime(std::string_view left, std::string_view right);

}  // namespace vestibule
