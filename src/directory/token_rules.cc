#include "directory/token_rules.h"

#include <algorithm>
#include <set>
#include <utility>

namespace vestibule::directory {
namespace {

constexpr std::size_t kMaxText = 1'000;
constexpr std::size_t kMaxNames = 100;

bool isPlain(std::string_view text) {
  const bool has_control = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
  });
  return !has_control && text.size() <= kMaxText;
}

}  // namespace

std::string readIssuer(scim::Fields& fields) {
  std::string issuer = fields.text("issuer");
  if (!isPlain(issuer)) fields.fail("issuer", "has control characters or more than 1000 bytes");
  return issuer;
}

std::vector<std::string> readNames(scim::Fields& fields, std::string_view key,
                                   std::string_view what) {
  auto names = fields.texts(key);
  if (fields.error()) return names;
  if (names.empty() || names.size() > kMaxNames) {
    fields.fail(key, "must name 1 to 100 " + std::string(what) + "s");
  }
  std::set<std::string_view> seen;
  for (const std::string& name : names) {
    if (!isPlain(name)) {
      std::string reason = what.find_first_of("aeiou") == 0 ? "has an " : "has a ";
      reason.append(what).append(" with control characters or of more than 1000 bytes");
      fields.fail(key, reason);
    }
    if (!seen.insert(name).second) fields.fail(key, "names '" + name + "' twice");
  }
  return names;
}

std::vector<jose::Algorithm> readAlgorithms(scim::Fields& fields) {
  if (!fields.has("algorithms")) return {jose::kAlgorithms.begin(), jose::kAlgorithms.end()};
  const auto names = fields.texts("algorithms");
  if (!fields.error() && names.empty()) fields.fail("algorithms", "is empty");
  std::vector<jose::Algorithm> algorithms;
  for (const std::string& name : names) {
    const auto algorithm = jose::algorithmOf(name);
    if (!algorithm) {
      fields.fail("algorithms", "'" + name +
                                    "' is none of RS256, RS384, RS512, PS256, PS384, PS512, ES256, "
                                    "ES384, ES512, EdDSA, Ed25519: tokens are taken with the "
                                    "signature of a public key only");
      break;
    }
    if (std::find(algorithms.begin(), algorithms.end(), *algorithm) != algorithms.end()) {
      fields.fail("algorithms", "names '" + name + "' twice");
    }
    algorithms.push_back(*algorithm);
  }
  return algorithms;
}

json::Array namesOf(const std::vector<jose::Algorithm>& algorithms) {
  json::Array names;
  for (const auto algorithm : algorithms) names.emplace_back(jose::nameOf(algorithm));
  return names;
}

KeyAddress readKeyAddress(scim::Fields& fields) {
  KeyAddress address{fields.text("jwksUri"), {}};
  if (fields.error()) return address;
  auto location = jose::readKeyLocation(address.text);
  if (location) {
    address.location = *std::move(location);
  } else {
    fields.fail("jwksUri", location.error().detail);
  }
  return address;
}

}  // namespace vestibule::directory
