#include "directory/token_issuer.h"

#include <chrono>
#include <utility>

#include "base/request_rate.h"
#include "directory/principal.h"
#include "directory/resource_name.h"
#include "directory/token_rules.h"
#include "scim/schema/whole_number.h"

namespace vestibule::directory {
namespace {

constexpr std::int64_t kDefaultSkew = 60;
constexpr std::int64_t kMaxSkew = 600;
/// As the column is.
constexpr std::size_t kMaxIssuer = 700;

/// Null is as good as nothing.
std::int64_t numberOr(scim::Fields& fields, const json::Object& object, std::string_view key,
                      std::int64_t fallback, std::int64_t least, std::int64_t most) {
  const json::Value* value = object.find(key);
  if (value != nullptr && value->isNull()) return fallback;
  return scim::wholeNumberOr(fields, object, key, fallback, least, most);
}

std::vector<std::string> namesOr(scim::Fields& fields, std::string_view key, std::string_view what,
                                 std::vector<std::string> fallback) {
  return fields.has(key) ? readNames(fields, key, what) : std::move(fallback);
}

void readScopes(scim::Fields& fields, TokenIssuer& issuer) {
  std::string text;
  for (const auto& scope : readNames(fields, "scopes", "scope")) text += scope + " ";
  if (fields.error()) return;
  const auto scopes = parseScopes(text);
  if (scopes) {
    issuer.scopes = *scopes;
  } else {
    fields.fail("scopes", scopes.error().detail);
  }
}

void readTolerances(scim::Fields& fields, TokenIssuer& issuer, const std::string& text) {
  if (text.empty()) return;
  auto tolerances = scim::parseTolerances(text);
  if (tolerances) {
    issuer.tolerances = *tolerances;
  } else {
    fields.fail("tolerances", tolerances.error().detail);
  }
}

json::Array listOf(const std::vector<std::string>& texts) { return {texts.begin(), texts.end()}; }

void readName(scim::Fields& fields, TokenIssuer& issuer) {
  issuer.name = fields.text("name");
  if (fields.error()) return;
  if (const auto fault = faultOfName(issuer.name); !fault.empty()) fields.fail("name", fault);
}

}  // namespace

Result<TokenIssuer> compileTokenIssuer(const json::Value& document) {
  if (!document.isObject()) {
    return failure(ErrorKind::kInvalidSyntax, "a token issuer is a JSON object");
  }
  const json::Object& object = *document.object();
  scim::Fields fields(object, scim::Place("token issuer"));
  fields.allowOnly({"name", "enabled", "description", "issuer", "audiences", "jwksUri",
                    "algorithms", "types", "clockSkewSeconds", "scopeClaim", "scopePrefix",
                    "clientClaim", "scopes", "clients", "domains", "tolerances",
                    "requestsPerMinute", "identityProvider"});
  TokenIssuer issuer;
  readName(fields, issuer);
  issuer.enabled = fields.booleanOr("enabled", true);
  issuer.description = fields.textOr("description", "");
  jose::ClaimRules& claims = issuer.rules.claims;
  claims.for_client = false;
  claims.issuer = readIssuer(fields);
  if (claims.issuer.size() > kMaxIssuer) fields.fail("issuer", "has more than 700 bytes");
  claims.audiences = readNames(fields, "audiences", "audience");
  auto keys = readKeyAddress(fields);
  issuer.keys = std::move(keys.location);
  issuer.rules.algorithms = readAlgorithms(fields);
  // RFC 9068 §4.
  issuer.rules.types = namesOr(fields, "types", "type", {"at+jwt"});
  const auto skew = numberOr(fields, object, "clockSkewSeconds", kDefaultSkew, 0, kMaxSkew);
  claims.clock_skew = std::chrono::seconds(skew);
  issuer.scope_claim = fields.textOr("scopeClaim", "scope");
  issuer.scope_prefix = fields.textOr("scopePrefix", "");
  issuer.client_claim = fields.textOr("clientClaim", "client_id");
  if (issuer.scope_claim.empty()) fields.fail("scopeClaim", "is empty");
  if (issuer.client_claim.empty()) fields.fail("clientClaim", "is empty");
  readScopes(fields, issuer);
  issuer.clients = namesOr(fields, "clients", "client", {});
  issuer.domain_names = namesOr(fields, "domains", "domain", {});
  issuer.all_domains = !fields.has("domains");
  const std::string tolerances = fields.textOr("tolerances", "");
  readTolerances(fields, issuer, tolerances);
  const auto rate = numberOr(fields, object, "requestsPerMinute", 0, 1, kMostRequestsPerMinute);
  if (rate > 0) issuer.requests_per_minute = static_cast<std::uint32_t>(rate);
  issuer.identity_provider = fields.textOr("identityProvider", "");
  if (fields.error()) return tl::make_unexpected(*fields.error());

  issuer.document = {{"name", issuer.name},
                     {"enabled", issuer.enabled},
                     {"description", issuer.description},
                     {"issuer", claims.issuer},
                     {"audiences", listOf(claims.audiences)},
                     {"jwksUri", keys.text},
                     {"algorithms", namesOf(issuer.rules.algorithms)},
                     {"types", listOf(issuer.rules.types)},
                     {"clockSkewSeconds", skew},
                     {"scopeClaim", issuer.scope_claim},
                     {"scopePrefix", issuer.scope_prefix},
                     {"clientClaim", issuer.client_claim},
                     {"scopes", *document.find("scopes")},
                     {"tolerances", tolerances},
                     {"identityProvider", issuer.identity_provider}};
  if (!issuer.clients.empty()) issuer.document.set("clients", listOf(issuer.clients));
  if (!issuer.all_domains) issuer.document.set("domains", listOf(issuer.domain_names));
  if (rate > 0) issuer.document.set("requestsPerMinute", rate);
  return issuer;
}

}  // namespace vestibule::directory
