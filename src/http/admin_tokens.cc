#include <algorithm>
#include <array>

#include "base/log.h"
#include "directory/tokens.h"
#include "http/admin_api.h"
#include "http/admin_request.h"
#include "http/error_response.h"

namespace vestibule::http {
namespace {

constexpr const char* kTokens = "/admin/v1/tokens";
constexpr const char* kToken = "/admin/v1/tokens/{name}";

/// A member of a body and what it is.
using Member = std::pair<std::string_view, std::string_view>;

constexpr Member kExpires{"expires", "a date and time, as 2027-01-31T12:00:00Z, or null"};
constexpr Member kRate{"requestsPerMinute", "a whole number, or null"};

constexpr std::array<Member, 9> kOfRequest = {{
    {"name", "a text"},
    {"scopes", "a list of scopes, or a text of scopes with spaces between them"},
    {"domains", "a list of names of domains"},
    kExpires,
    {"tolerances", "a text such as entra,-string_booleans, or null"},
    {"user", "the id of a user, or null"},
    {"identityProvider", "the name of an identity provider, or null"},
    {"subject", "what the identity provider calls the user, or null"},
    kRate,
}};
constexpr std::array<Member, 2> kOfChange = {{kExpires, kRate}};
constexpr std::array<Member, 3> kOfRotation = {
    {{"overlapSeconds", "a whole number of seconds"}, kExpires, kRate}};

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

/// A time, or nothing for null; false for anything else.
bool takeTime(const json::Value& value, std::optional<Timestamp>& time) {
  time = value.isString() ? parseTimestamp(*value.string()) : std::nullopt;
  return value.isNull() || time.has_value();
}

/// A number that directory:: looks at closer, or nothing for null; false for anything else.
bool takeRate(const json::Value& value, std::optional<std::uint32_t>& rate) {
  rate.reset();
  if (value.isNull()) return true;
  const auto number = value.number() == nullptr ? std::nullopt : value.number()->asInt64();
  if (!number || *number < 0 || *number > UINT32_MAX) return false;
  rate = static_cast<std::uint32_t>(*number);
  return true;
}

/// Takes one member in; false when the value is not what the member is.
bool take(std::string_view key, const json::Value& value, directory::TokenRequest& wanted) {
  if (key == kExpires.first) return takeTime(value, wanted.expires);
  if (key == kRate.first) return takeRate(value, wanted.requests_per_minute);
  if (key == "domains") {
    wanted.domains = textsOf(value);
    return wanted.domains.has_value();
  }
  if (const auto scopes = textsOf(value); key == "scopes" && scopes) {
    for (const auto& scope : *scopes) wanted.scopes += (wanted.scopes.empty() ? "" : " ") + scope;
    return true;
  }
  auto* optional = optionalText(key, wanted);
  if (value.isNull()) return optional != nullptr;
  const std::string* text = value.string();
  if (text == nullptr) return false;
  if (optional != nullptr) *optional = *text;
  if (key == "name") wanted.name = *text;
  if (key == "scopes") wanted.scopes = *text;
  return true;
}

bool take(std::string_view key, const json::Value& value, directory::TokenChange& change) {
  if (key == kExpires.first) return takeTime(value, change.expires.emplace());
  return takeRate(value, change.requests_per_minute.emplace());
}

/// What a rotation says.
struct Rotation {
  std::chrono::seconds overlap{0};
  directory::TokenChange change;
};

bool take(std::string_view key, const json::Value& value, Rotation& rotation) {
  if (key != kOfRotation.front().first) return take(key, value, rotation.change);
  const auto number = value.number() == nullptr ? std::nullopt : value.number()->asInt64();
  if (number) rotation.overlap = std::chrono::seconds(*number);
  return number.has_value();
}

/// Reads a body of these members into `wanted`.
template <typename Wanted, std::size_t N>
Result<Wanted> read(const json::Value& body, const std::array<Member, N>& members, Wanted wanted) {
  if (!body.isObject()) {
    return failure(ErrorKind::kInvalidSyntax, "the body is to be a JSON object");
  }
  for (const auto& [key, value] : *body.object()) {
    const auto member =
        std::find_if(members.begin(), members.end(),
                     [&key = key](const auto& known) { return known.first == key; });
    if (member == members.end()) {
      std::string known;
      for (const auto& [name, meaning] : members)
        known.append(known.empty() ? "" : ", ").append(name);
      return failure(ErrorKind::kInvalidValue, "unknown key: there are " + known,
                     printable(key, 64));
    }
    if (!take(key, value, wanted)) {
      return failure(ErrorKind::kInvalidValue, key + " is " + std::string(member->second), key);
    }
  }
  return wanted;
}

/// A token as it is shown the once that its text is known.
Response toldOnce(int status, const directory::Context& context, const directory::NewToken& made) {
  auto shown = directory::describeToken(made.row, *context.catalog->current());
  shown.set("token", made.text);
  return adminAnswer(status, std::move(shown));
}

Response list(const directory::Context& context) {
  auto found = directory::listTokens(context);
  if (!found) return problem(found.error());
  const auto catalog = context.catalog->current();
  json::Array tokens;
  for (const auto& token : *found) tokens.emplace_back(directory::describeToken(token, *catalog));
  return adminAnswer(200, json::Object{{"tokens", std::move(tokens)}});
}

}  // namespace

void addTokenRoutes(Router& router, const directory::Context& context) {
  router.add(Method::kGet, kTokens, sharedOnly(context, [&context](const Request&, const Caller&) {
               return list(context);
             }));
  router.add(Method::kPost, kTokens,
             sharedWithBody(context, [&context](const Request& request, const Caller& caller,
                                                const json::Value& body) {
               auto wanted = read(body, kOfRequest, directory::TokenRequest());
               if (!wanted) return problem(wanted.error());
               auto made = directory::createToken(context, *wanted, authorOf(request, caller));
               return made ? toldOnce(201, context, *made) : problem(made.error());
             }));
  router.add(Method::kPatch, kToken,
             sharedWithBody(context, [&context](const Request& request, const Caller& caller,
                                                const json::Value& body) {
               auto change = read(body, kOfChange, directory::TokenChange());
               if (!change) return problem(change.error());
               auto row = directory::changeToken(context, request.parameter("name"), *change,
                                                 authorOf(request, caller));
               if (!row) return problem(row.error());
               return adminAnswer(200, directory::describeToken(*row, *context.catalog->current()));
             }));
  router.add(Method::kPost, std::string(kToken) + "/rotate",
             sharedWithBody(context, [&context](const Request& request, const Caller& caller,
                                                const json::Value& body) {
               auto rotation = read(body, kOfRotation, Rotation());
               if (!rotation) return problem(rotation.error());
               auto made =
                   directory::rotateToken(context, request.parameter("name"), rotation->overlap,
                                          rotation->change, authorOf(request, caller));
               return made ? toldOnce(200, context, *made) : problem(made.error());
             }));
  router.add(Method::kDelete, kToken,
             sharedOnly(context, [&context](const Request& request, const Caller& caller) {
               auto revoked = directory::revokeToken(context, request.parameter("name"),
                                                     authorOf(request, caller));
               return revoked ? noContent() : problem(revoked.error());
             }));
}

}  // namespace vestibule::http
