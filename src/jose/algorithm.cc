#include "jose/algorithm.h"

#include <algorithm>

namespace vestibule::jose {
namespace {

constexpr std::array<std::string_view, kAlgorithms.size()> kNames = {
    "RS256", "RS384", "RS512", "PS256", "PS384",  "PS512",
    "ES256", "ES384", "ES512", "EdDSA", "Ed25519"};

}  // namespace

std::string_view nameOf(Algorithm algorithm) {
  return kNames.at(static_cast<std::size_t>(algorithm));
}

std::optional<Algorithm> algorithmOf(std::string_view name) {
  const auto* const found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return kAlgorithms.at(static_cast<std::size_t>(found - kNames.begin()));
}

KeyType keyTypeOf(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kEs256:
      return KeyType::kP256;
    case Algorithm::kEs384:
      return KeyType::kP384;
    case Algorithm::kEs512:
      return KeyType::kP521;
    case Algorithm::kEdDsa:
    case Algorithm::kEd25519:
      return KeyType::kEd25519;
    default:
      return KeyType::kRsa;
  }
}

}  // namespace vestibule::jose
