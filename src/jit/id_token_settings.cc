#include "jit/id_token_settings.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "jit/settings_reader.h"

namespace vestibule::jit {
namespace {

using std::chrono::seconds;

constexpr std::size_t kMaxText = 1'000;
constexpr std::size_t kMaxClients = 100;
constexpr std::int64_t kDefaultSkew = 60;
constexpr std::int64_t kMaxSkew = 600;
/// A month: what is older is no news of a login.
constexpr std::int64_t kMaxAge = std::int64_t{31} * 24 * 3'600;

bool isPlain(std::string_view text) {
  const bool has_control = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
  });
  return !has_control && text.size() <= kMaxText;
}

std::vector<std::string> readClientIds(scim::Fields& fields) {
  auto clients = fields.texts("clientIds");
  if (fields.error()) return clients;
  if (clients.empty() || clients.size() > kMaxClients) {
    fields.fail("clientIds", "must name 1 to 100 clients");
  }
  std::set<std::string_view> seen;
  for (const std::string& client : clients) {
    if (!isPlain(client)) {
      fields.fail("clientIds",
                  "has a client id with control characters or of more than 1000 bytes");
    }
    if (!seen.insert(client).second) fields.fail("clientIds", "names '" + client + "' twice");
  }
  return clients;
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

jose::KeyLocation readLocation(scim::Fields& fields, const std::string& text) {
  if (fields.error()) return {};
  auto location = jose::readKeyLocation(text);
  if (location) return *std::move(location);
  fields.fail("jwksUri", location.error().detail);
  return {};
}

}  // namespace

IdTokenSettings readIdTokenSettings(scim::Fields& fields, const json::Object& section) {
  fields.allowOnly({"issuer", "clientIds", "jwksUri", "algorithms", "clockSkewSeconds",
                    "maxAgeSeconds", "required"});
  IdTokenSettings settings;
  jose::ClaimRules& claims = settings.rules.claims;
  claims.issuer = fields.text("issuer");
  if (!isPlain(claims.issuer)) {
    fields.fail("issuer", "has control characters or more than 1000 bytes");
  }
  claims.audiences = readClientIds(fields);
  const std::string uri = fields.text("jwksUri");
  settings.keys = readLocation(fields, uri);
  settings.rules.algorithms = readAlgorithms(fields);
  const auto skew = integerOr(fields, section, "clockSkewSeconds", kDefaultSkew, kMaxSkew);
  const auto max_age = integerOr(fields, section, "maxAgeSeconds", 0, kMaxAge);
  claims.clock_skew = seconds(skew);
  if (max_age > 0) claims.max_age = seconds(max_age);
  settings.required = fields.booleanOr("required", true);

  json::Array algorithms;
  for (const auto algorithm : settings.rules.algorithms) {
    algorithms.emplace_back(jose::nameOf(algorithm));
  }
  settings.document = {{"issuer", claims.issuer},
                       {"clientIds", json::Array(claims.audiences.begin(), claims.audiences.end())},
                       {"jwksUri", uri},
                       {"algorithms", std::move(algorithms)},
                       {"clockSkewSeconds", skew},
                       {"maxAgeSeconds", max_age},
                       {"required", settings.required}};
  return settings;
}

}  // namespace vestibule::jit
