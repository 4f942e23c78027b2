#include <algorithm>
#include <array>

#include "base/log.h"
#include "directory/tokens.h"
#include "http/admin_api.h"
#include "http/admin_request.h"
#include "http/error_response.h"

namespace vestibule::http {
namespace {

/// The members of a token request and what each is.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kMembers = {{
    {"name", "a text"},
    {"scopes", "a list of scopes, or a text of scopes with spaces between them"},
    {"domains", "a list of names of domains"},
    {"expires", "a date and time, as 2027-01-31T12:00:00Z, or null"},
    {"tolerances", "a text such as entra,-string_booleans, or null"},
    {"user", "the id of a user, or null"},
    {"identityProvider", "the name of an identity provider, or null"},
    {"subject", "what the identity provider calls the user, or null"},
}};

/// The elements of a list of texts; nothing for anything else.
std::optional<std::vector<std::string>> textsOf(const json::Value& value) {
  if (!value.isArray()) return std::nullopt;
  std::vector<std::string> texts;
  for (const auto& element : *value.array()) {
    if (!element.isString()) return std::nullopt;
    texts.push_back(*element.string());
  }
  return texts;
}

/// Where a member goes that is a text or null; null for other members.
std::optional<std::string>* optionalText(std::string_view key, directory::TokenRequest& wanted) {
  if (key == "tolerances") return &wanted.tolerances;
  if (key == "user") return &wanted.user;
  if (key == "identityProvider") return &wanted.identity_provider;
  if (key == "subject") return &wanted.subject;
  return nullptr;
}

/// Takes one member in; false when the value is not what the member is.
bool take(std::string_view key, const json::Value& value, directory::TokenRequest& wanted) {
  if (key == "domains") {
    wanted.domains = textsOf(value);
    return wanted.domains.has_value();
  }
  if (const auto scopes = textsOf(value); key == "scopes" && scopes) {
    for (const auto& scope : *scopes) wanted.scopes += (wanted.scopes.empty() ? "" : " ") + scope;
    return true;
  }
  auto* optional = optionalText(key, wanted);
  if (value.isNull()) return key == "expires" || optional != nullptr;
  const std::string* text = value.string();
  if (text == nullptr) return false;
  if (optional != nullptr) *optional = *text;
  if (key == "name") wanted.name = *text;
  if (key == "scopes") wanted.scopes = *text;
  if (key != "expires") return true;
  wanted.expires = parseTimestamp(*text);
  return wanted.expires.has_value();
}

Result<directory::TokenRequest> readTokenRequest(const json::Value& body) {
  if (!body.isObject()) {
    return failure(ErrorKind::kInvalidSyntax, "a token request is a JSON object");
  }
  directory::TokenRequest wanted;
  for (const auto& [key, value] : *body.object()) {
    const auto member =
        std::find_if(kMembers.begin(), kMembers.end(),
                     [&key = key](const auto& known) { return known.first == key; });
    if (member == kMembers.end()) {
      return failure(ErrorKind::kInvalidValue,
                     "unknown key; a token has name, scopes, domains, expires, tolerances, user, "
                     "identityProvider and subject",
                     printable(key, 64));
    }
    if (!take(key, value, wanted)) {
      return failure(ErrorKind::kInvalidValue, key + " is " + std::string(member->second), key);
    }
  }
  return wanted;
}

}  // namespace

void addTokenRoutes(Router& router, const directory::Context& context) {
  router.add(Method::kGet, "/admin/v1/tokens",
             sharedOnly(context, [](const Request&, const Caller& caller) {
               json::Array tokens;
               for (const auto& token : caller.catalog->tokens()) {
                 tokens.emplace_back(directory::describeToken(token, *caller.catalog));
               }
               json::Object body;
               body.set("tokens", std::move(tokens));
               return adminAnswer(200, std::move(body));
             }));
  router.add(
      Method::kPost, "/admin/v1/tokens",
      sharedWithBody(context, [&context](const Request&, const Caller&, const json::Value& body) {
        auto wanted = readTokenRequest(body);
        if (!wanted) return problem(wanted.error());
        auto made = directory::createToken(context, *wanted);
        if (!made) return problem(made.error());
        auto shown = directory::describeToken(made->row, *context.catalog->current());
        shown.set("token", made->text);
        return adminAnswer(201, std::move(shown));
      }));
  router.add(Method::kDelete, "/admin/v1/tokens/{name}",
             sharedOnly(context, [&context](const Request& request, const Caller&) {
               auto revoked = directory::revokeToken(context, request.parameter("name"));
               if (!revoked) return problem(revoked.error());
               Response response;
               response.status = 204;
               return response;
             }));
}

}  // namespace vestibule::http
