#include "base/secret_keys.h"

#include <algorithm>

#include "base/blanks.h"
#include "base/crypto.h"
#include "base/encoding.h"

namespace vestibule {
namespace {

constexpr std::size_t kKeyBytes = 32;
/// What every sealed text begins with. No secret that a person chooses does, since it holds a NUL,
/// and of those that are random one in 2^64.
constexpr std::string_view kMark("\0sealed1", 8);

tl::unexpected<Error> badLine(std::size_t number, const char* what) {
  return failure(ErrorKind::kInvalidValue, "line " + std::to_string(number) + " " + what);
}

bool isSealed(std::string_view stored) { return stored.starts_with(kMark); }

}  // namespace

Result<SecretKeys> SecretKeys::parse(std::string_view text) {
  SecretKeys keys;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.starts_with('#')) continue;
    auto bytes = fromBase64(line);
    if (!bytes || bytes->size() != kKeyBytes) {
      return badLine(number, "is no key: 32 bytes in base64, as `vestibule secret new-key` prints");
    }
    Key key{{}, Secret(*std::move(bytes))};
    const std::string digest = sha256(key.key.exposeSecret());
    std::copy_n(digest.begin(), key.id.size(), key.id.begin());
    if (keys.findKey({key.id.data(), key.id.size()}) != nullptr) {
      return badLine(number, "has a key that is there already");
    }
    keys.keys_.push_back(std::move(key));
  }
  if (keys.keys_.empty()) return failure(ErrorKind::kInvalidValue, "there is no key in it");
  return keys;
}

std::string SecretKeys::newKey() { return toBase64(randomBytes(kKeyBytes)); }

const SecretKeys::Key* SecretKeys::findKey(std::string_view id) const {
  const auto found = std::find_if(keys_.begin(), keys_.end(), [&](const Key& key) {
    return std::string_view(key.id.data(), key.id.size()) == id;
  });
  return found != keys_.end() ? &*found : nullptr;
}

std::string SecretKeys::seal(std::string_view secret, std::string_view bound) const {
  if (keys_.empty() || secret.empty()) return std::string(secret);
  const Key& key = keys_.front();
  std::string stored(kMark);
  stored.append(key.id.data(), key.id.size());
  return stored + vestibule::seal(key.key.exposeSecret(), secret, bound);
}

Result<std::string> SecretKeys::open(std::string_view stored, std::string_view bound) const {
  if (!isSealed(stored)) return std::string(stored);
  stored.remove_prefix(kMark.size());
  const auto id = stored.substr(0, Id().size());
  const Key* key = findKey(id);
  if (key == nullptr) {
    return failure(ErrorKind::kUnavailable,
                   "a secret is sealed under a key that database.secret_key_file does not have (" +
                       toHex(id) + ")");
  }
  auto secret = unseal(key->key.exposeSecret(), stored.substr(id.size()), bound);
  if (!secret) {
    return failure(ErrorKind::kUnavailable,
                   "a sealed secret was changed in the database, or is another's");
  }
  return *std::move(secret);
}

SealState SecretKeys::stateOf(std::string_view stored) const {
  if (!isSealed(stored)) return SealState::kClear;
  const Key* key = findKey(stored.substr(kMark.size(), Id().size()));
  if (key == nullptr) return SealState::kUnknown;
  return key == &keys_.front() ? SealState::kCurrent : SealState::kFormer;
}

std::string SecretKeys::keyIdOf(std::string_view stored) {
  return isSealed(stored) ? toHex(stored.substr(kMark.size(), Id().size())) : std::string();
}

}  // namespace vestibule
