#include "jit/operation_keys.h"

#include "base/crypto.h"

namespace vestibule::jit {
namespace {

/// Two texts that no other two are told by: the first cannot run into the second.
std::string digestOf(std::string_view purpose, std::string_view first, std::string_view second) {
  std::string text(purpose);
  text += ' ' + std::to_string(first.size()) + ' ';
  text.append(first).append(second);
  return sha256(text);
}

}  // namespace

std::string laneOf(std::string_view identity_provider, const Subject& subject) {
  return digestOf("lane", identity_provider, subject.value());
}

std::string keyDigestOf(std::string_view token_id, std::string_view key) {
  return digestOf("key", token_id, key);
}

}  // namespace vestibule::jit
