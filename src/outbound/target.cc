#include "outbound/target.h"

#include <algorithm>
#include <utility>

#include "base/unicode.h"
#include "directory/resource_name.h"
#include "outbound/base_url.h"
#include "scim/schema/document_reader.h"
#include "scim/schema/whole_number.h"

namespace vestibule::outbound {
namespace {

constexpr std::int64_t kMaxSeconds = 60;
/// As the column is.
constexpr std::size_t kMaxSecret = 4'096;

/// Null is as good as nothing.
std::int64_t seconds(scim::Fields& fields, const json::Object& object, std::string_view key,
                     std::int64_t fallback) {
  const json::Value* value = object.find(key);
  if (value != nullptr && value->isNull()) return fallback;
  return scim::wholeNumberOr(fields, object, key, fallback, 1, kMaxSeconds);
}

json::Array listOf(const std::vector<std::string>& texts) { return {texts.begin(), texts.end()}; }

std::vector<std::string> folded(const std::vector<std::string>& names) {
  std::vector<std::string> keys;
  keys.reserve(names.size());
  for (const auto& name : names) keys.push_back(foldCase(name));
  return keys;
}

/// A secret as a header can carry it: it ends no line and begins no other.
std::optional<std::string> readSecret(scim::Fields& fields, std::string_view key) {
  if (!fields.has(key)) return std::nullopt;
  std::string secret = fields.text(key);
  const bool plain =
      std::all_of(secret.begin(), secret.end(), [](char c) { return c >= ' ' && c != '\x7f'; });
  if (!plain) fields.fail(key, "has control characters");
  if (secret.size() > kMaxSecret) fields.fail(key, "has more than 4096 bytes");
  return secret;
}

bool isPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < '\x7f'; });
}

/// OAuth 2.0 client credentials (RFC 6749 §4.4), as they are shown.
json::Object readClientCredentials(scim::Fields& fields, bool allow_http,
                                   CompiledTarget& compiled) {
  fields.allowOnly({"type", "tokenUrl", "clientId", "clientSecret", "scope"});
  TokenEndpoint& endpoint = compiled.target.token_endpoint;
  const std::string url = fields.text("tokenUrl");
  if (!fields.error()) {
    auto read = readEndpointUrl(url, allow_http);
    if (read) {
      endpoint.url = *std::move(read);
    } else {
      fields.fail("tokenUrl", read.error().detail);
    }
  }
  endpoint.client_id = fields.text("clientId");
  // RFC 6749 appendix A.1 and A.4.
  if (!isPrintable(endpoint.client_id)) fields.fail("clientId", "is not of printable ASCII");
  endpoint.scope = fields.textOr("scope", "");
  if (!isPrintable(endpoint.scope)) fields.fail("scope", "is not of printable ASCII");
  compiled.secret = readSecret(fields, "clientSecret");
  return {{"type", "clientCredentials"},
          {"tokenUrl", endpoint.url},
          {"clientId", endpoint.client_id},
          {"scope", endpoint.scope}};
}

void readAuthentication(scim::Fields& parent, bool allow_http, CompiledTarget& compiled) {
  Target& target = compiled.target;
  const json::Object* object = parent.object("authentication");
  if (parent.error()) return;
  if (object == nullptr) {
    parent.fail("authentication", "is missing: {\"type\": \"bearer\", \"token\": …}");
    return;
  }
  scim::Fields fields(*object, parent.place().member("authentication"));
  target.authentication =
      fields.wordOr<Authentication>("type",
                                    {{"none", Authentication::kNone},
                                     {"bearer", Authentication::kBearer},
                                     {"basic", Authentication::kBasic},
                                     {"clientCredentials", Authentication::kClientCredentials}},
                                    Authentication::kBearer);
  json::Object shown;
  switch (target.authentication) {
    case Authentication::kNone:
      fields.allowOnly({"type"});
      compiled.secret = "";
      shown = {{"type", "none"}};
      break;
    case Authentication::kBearer:
      fields.allowOnly({"type", "token"});
      compiled.secret = readSecret(fields, "token");
      shown = {{"type", "bearer"}};
      break;
    case Authentication::kBasic:
      fields.allowOnly({"type", "userName", "password"});
      target.user_name = fields.text("userName");
      if (target.user_name.find(':') != std::string::npos) {
        fields.fail("userName", "has a colon, which divides it from the password (RFC 7617)");
      }
      compiled.secret = readSecret(fields, "password");
      shown = {{"type", "basic"}, {"userName", target.user_name}};
      break;
    case Authentication::kClientCredentials:
      shown = readClientCredentials(fields, allow_http, compiled);
      break;
  }
  if (fields.error()) parent.adopt(*fields.error());
  target.document.set("authentication", std::move(shown));
}

void readBlocking(scim::Fields& parent, Target& target) {
  static const json::Object kNone;
  const json::Object* object = parent.object("blocking");
  if (object == nullptr) object = &kNone;
  scim::Fields fields(*object, parent.place().member("blocking"));
  fields.allowOnly({"enabled", "seconds", "onFailure"});
  target.blocking.enabled = fields.booleanOr("enabled", false);
  target.blocking.limit = std::chrono::seconds(seconds(fields, *object, "seconds", 5));
  target.blocking.failure_is_error =
      fields.wordOr<bool>("onFailure", {{"report", false}, {"error", true}}, false);
  if (fields.error()) parent.adopt(*fields.error());
  target.document.set(
      "blocking",
      json::Object{{"enabled", target.blocking.enabled},
                   {"seconds", target.blocking.limit.count()},
                   {"onFailure", target.blocking.failure_is_error ? "error" : "report"}});
}

void readScope(scim::Fields& fields, const directory::Context& context, Target& target) {
  const std::string filter = fields.textOr("filter", "");
  if (!filter.empty() && !fields.error()) {
    auto bound = scim::parseFilter(*context.registry, *context.user_type, filter);
    if (bound) {
      target.filter = *std::move(bound);
    } else {
      fields.fail("filter", bound.error().detail);
    }
  }
  target.domain_names = fields.texts("domains");
  target.member_of = fields.texts("memberOf");
  target.member_of_keys = folded(target.member_of);
  const auto groups = fields.texts("groups");
  target.all_groups = std::find(groups.begin(), groups.end(), "*") != groups.end();
  target.group_keys = folded(groups);
  auto& document = target.document;
  if (!target.domain_names.empty()) document.set("domains", listOf(target.domain_names));
  document.set("filter", filter);
  document.set("memberOf", listOf(target.member_of));
  document.set("groups", listOf(groups));
}

void readManner(scim::Fields& fields, const json::Object& object, Target& target) {
  target.match = fields.wordOr<Match>(
      "match", {{"userName", Match::kUserName}, {"externalId", Match::kExternalId}},
      Match::kUserName);
  target.update = fields.wordOr<UpdateBy>(
      "update", {{"put", UpdateBy::kPut}, {"patch", UpdateBy::kPatch}}, UpdateBy::kPut);
  target.on_removal = fields.wordOr<OnRemoval>("onRemoval",
                                               {{"delete", OnRemoval::kDelete},
                                                {"deactivate", OnRemoval::kDeactivate},
                                                {"leave", OnRemoval::kLeave}},
                                               OnRemoval::kDeactivate);
  target.timeout = std::chrono::seconds(seconds(fields, object, "timeoutSeconds", 10));
  auto& document = target.document;
  document.set("match", target.match == Match::kUserName ? "userName" : "externalId");
  document.set("update", target.update == UpdateBy::kPut ? "put" : "patch");
  const std::string_view removal = target.on_removal == OnRemoval::kDelete       ? "delete"
                                   : target.on_removal == OnRemoval::kDeactivate ? "deactivate"
                                                                                 : "leave";
  document.set("onRemoval", removal);
  document.set("timeoutSeconds", target.timeout.count());
}

}  // namespace

bool Target::takesGroup(std::string_view display_name) const {
  if (all_groups) return true;
  return std::find(group_keys.begin(), group_keys.end(), foldCase(display_name)) !=
         group_keys.end();
}

Result<CompiledTarget> compileTarget(const directory::Context& context,
                                     const json::Value& document) {
  if (!document.isObject()) {
    return failure(ErrorKind::kInvalidSyntax, "an outbound target is a JSON object");
  }
  const json::Object& object = *document.object();
  scim::Fields fields(object, scim::Place("outbound target"));
  fields.allowOnly({"name", "enabled", "description", "baseUrl", "allowHttp", "authentication",
                    "caFile", "domains", "filter", "memberOf", "groups", "mappings", "match",
                    "update", "onRemoval", "timeoutSeconds", "blocking"});
  CompiledTarget compiled;
  Target& target = compiled.target;
  target.name = fields.text("name");
  if (const auto fault = directory::faultOfName(target.name); !fields.error() && !fault.empty()) {
    fields.fail("name", fault);
  }
  target.enabled = fields.booleanOr("enabled", true);
  const std::string description = fields.textOr("description", "");
  const bool allow_http = fields.booleanOr("allowHttp", false);
  const std::string url = fields.text("baseUrl");
  if (!fields.error()) {
    auto read = readBaseUrl(url, allow_http);
    if (read) {
      target.base_url = *std::move(read);
    } else {
      fields.fail("baseUrl", read.error().detail);
    }
  }
  target.ca_file = fields.textOr("caFile", "");
  if (!target.ca_file.empty() && target.ca_file.front() != '/') {
    fields.fail("caFile", "must be an absolute path");
  }
  target.document = {{"name", target.name},        {"enabled", target.enabled},
                     {"description", description}, {"baseUrl", target.base_url},
                     {"allowHttp", allow_http},    {"caFile", target.ca_file}};
  readAuthentication(fields, allow_http, compiled);
  readScope(fields, context, target);
  target.mapping = readMapping(fields, context, target.document);
  readManner(fields, object, target);
  readBlocking(fields, target);
  if (fields.error()) return tl::make_unexpected(*fields.error());
  return compiled;
}

}  // namespace vestibule::outbound
