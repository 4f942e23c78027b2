#pragma once
// The keys under which secrets are sealed before they are stored where others may read: a database,
// its backups and its replicas.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace vestibule {

/// How a stored secret stands to the keys that there are.
enum class SealState {
  kClear,    ///< it is stored as it is
  kCurrent,  ///< sealed under the key that seals
  kFormer,   ///< sealed under another key that is known
  kUnknown,  ///< sealed under a key that is not known
};

/// Keys that seal and open by AES-256-GCM: the first seals, all open. Without any, secrets are
/// stored as they are. Immutable, thread-safe.
class SecretKeys {
 public:
  /// No key.
  SecretKeys() = default;
  /// Reads a key file: a key a line, 32 bytes in base64 of either alphabet; empty lines and those
  /// that begin with # are nothing. Error kInvalidValue names the line, and nothing of what is in
  /// it: no key at all, none of 32 bytes, one that is there twice.
  [[nodiscard]] static Result<SecretKeys> parse(std::string_view text);
  /// A new key as a line of that file, without its end.
  [[nodiscard]] static std::string newKey();

  [[nodiscard]] bool empty() const { return keys_.empty(); }

  /// What to store for the secret: kOverhead bytes longer when there is a key, else the secret.
  /// `bound` says what it is for and has to be the same to open it. An empty secret is none and
  /// stays empty.
  [[nodiscard]] std::string seal(std::string_view secret, std::string_view bound) const;
  static constexpr std::size_t kOverhead = 44;

  /// The secret of which this is stored. Error kUnavailable when the key is not among these, or it
  /// was changed or sealed for something else; the text may be shown to anybody.
  [[nodiscard]] Result<std::string> open(std::string_view stored, std::string_view bound) const;

  [[nodiscard]] SealState stateOf(std::string_view stored) const;

  /// What a sealed text names its key by, in hexadecimal, as errors of open() have it. Empty for
  /// one that is not sealed.
  [[nodiscard]] static std::string keyIdOf(std::string_view stored);

 private:
  /// What a sealed text names its key by: of the key's digest.
  using Id = std::array<char, 8>;
  struct Key {
    Id id;
    Secret key;
  };
  [[nodiscard]] const Key* findKey(std::string_view id) const;

  std::vector<Key> keys_;
};

}  // namespace vestibule
