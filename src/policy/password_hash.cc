#include "policy/password_hash.h"

#include <argon2.h>

#include <charconv>
#include <cstdint>
#include <optional>

#include "base/crypto.h"
#include "base/unicode.h"

namespace vestibule::policy {
namespace {

// What OWASP asks for at least; the salt and hash lengths are those RFC 9106 §4 recommends.
constexpr std::uint32_t kMemoryKib = 19 * 1024;
constexpr std::uint32_t kPasses = 2;
constexpr std::uint32_t kLanes = 1;
constexpr std::size_t kSaltSize = 16;
constexpr std::size_t kHashSize = 32;

// A hash that somebody imports must not be able to take the machine down.
constexpr std::uint32_t kMaxMemoryKib = 256 * 1024;
constexpr std::uint32_t kMaxPasses = 16;
constexpr std::uint32_t kMaxLanes = 16;
// As wide as the column.
constexpr std::size_t kMaxPhc = 255;

/// Reads `name` and a number at the front of `text` and drops them.
std::optional<std::uint32_t> takeParameter(std::string_view& text, std::string_view name) {
  if (!text.starts_with(name)) return std::nullopt;
  text.remove_prefix(name.size());
  std::uint32_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

/// Takes the parameters in front of `$salt$hash`. False for anything but an Argon2id hash of the
/// current version whose costs are within the limits.
bool takeAffordable(std::string_view& phc) {
  if (phc.size() > kMaxPhc) return false;
  const auto memory = takeParameter(phc, "$argon2id$v=19$m=");
  if (!memory || *memory > kMaxMemoryKib) return false;
  const auto passes = takeParameter(phc, ",t=");
  if (!passes || *passes > kMaxPasses) return false;
  const auto lanes = takeParameter(phc, ",p=");
  return lanes && *lanes <= kMaxLanes && phc.starts_with('$');
}

bool isAffordable(std::string_view phc) { return takeAffordable(phc); }

/// True for Base64 without padding of as many bytes as Argon2 takes at least (RFC 9106 §3.1).
bool isEncoded(std::string_view text, std::size_t least_characters) {
  return text.size() >= least_characters && text.size() % 4 != 1 &&
         text.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") ==
             std::string_view::npos;
}

}  // namespace

Result<std::string> hashPassword(const Secret& password) {
  if (password.exposeSecret().size() > kMaxPassword) {
    return failure(ErrorKind::kInvalidValue,
                   "the password is longer than " + std::to_string(kMaxPassword) + " bytes",
                   "password");
  }
  auto prepared = preparePassword(password);
  if (!prepared) return propagate(prepared);
  const std::string_view text = prepared->exposeSecret();
  const std::string salt = randomBytes(kSaltSize);
  std::string phc(argon2_encodedlen(kPasses, kMemoryKib, kLanes, kSaltSize, kHashSize, Argon2_id),
                  '\0');
  const int outcome =
      argon2id_hash_encoded(kPasses, kMemoryKib, kLanes, text.data(), text.size(), salt.data(),
                            salt.size(), kHashSize, phc.data(), phc.size());
  if (outcome == ARGON2_MEMORY_ALLOCATION_ERROR) {
    return failure(ErrorKind::kUnavailable, "no memory to hash a password; try again later");
  }
  if (outcome != ARGON2_OK) {
    return internalFailure(std::string("Argon2: ") + argon2_error_message(outcome));
  }
  phc.resize(phc.find('\0'));
  return phc;
}

bool verifyPassword(const Secret& password, std::string_view phc) {
  if (password.exposeSecret().size() > kMaxPassword || !isAffordable(phc)) return false;
  const auto prepared = preparePassword(password);
  if (!prepared) return false;
  const std::string_view text = prepared->exposeSecret();
  return argon2id_verify(std::string(phc).c_str(), text.data(), text.size()) == ARGON2_OK;
}

bool isPasswordHash(std::string_view text) {
  constexpr std::size_t kSaltCharacters = 11;  // 8 bytes
  constexpr std::size_t kHashCharacters = 6;   // 4 bytes
  if (!takeAffordable(text)) return false;
  text.remove_prefix(1);
  const auto middle = text.find('$');
  return middle != std::string_view::npos && isEncoded(text.substr(0, middle), kSaltCharacters) &&
         isEncoded(text.substr(middle + 1), kHashCharacters);
}

}  // namespace vestibule::policy
