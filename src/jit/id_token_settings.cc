#include "jit/id_token_settings.h"

#include <chrono>
#include <utility>

#include "directory/token_rules.h"
#include "jit/settings_reader.h"
#include "scim/schema/whole_number.h"

namespace vestibule::jit {
namespace {

using std::chrono::seconds;

constexpr std::int64_t kDefaultSkew = 60;
constexpr std::int64_t kMaxSkew = 600;
/// A month: what is older is no news of a login.
constexpr std::int64_t kMaxAge = std::int64_t{31} * 24 * 3'600;

}  // namespace

IdTokenSettings readIdTokenSettings(scim::Fields& fields, const json::Object& section) {
  fields.allowOnly({"issuer", "clientIds", "jwksUri", "algorithms", "clockSkewSeconds",
                    "maxAgeSeconds", "required"});
  IdTokenSettings settings;
  jose::ClaimRules& claims = settings.rules.claims;
  claims.issuer = directory::readIssuer(fields);
  claims.audiences = directory::readNames(fields, "clientIds", "client id");
  auto keys = directory::readKeyAddress(fields);
  settings.keys = std::move(keys.location);
  settings.rules.algorithms = directory::readAlgorithms(fields);
  const auto skew =
      scim::wholeNumberOr(fields, section, "clockSkewSeconds", kDefaultSkew, 0, kMaxSkew);
  const auto max_age = scim::wholeNumberOr(fields, section, "maxAgeSeconds", 0, 0, kMaxAge);
  claims.clock_skew = seconds(skew);
  if (max_age > 0) claims.max_age = seconds(max_age);
  settings.required = fields.booleanOr("required", true);

  settings.document = {{"issuer", claims.issuer},
                       {"clientIds", json::Array(claims.audiences.begin(), claims.audiences.end())},
                       {"jwksUri", keys.text},
                       {"algorithms", directory::namesOf(settings.rules.algorithms)},
                       {"clockSkewSeconds", skew},
                       {"maxAgeSeconds", max_age},
                       {"required", settings.required}};
  return settings;
}

}  // namespace vestibule::jit
