#include <algorithm>

#include "base/log.h"
#include "directory/federated_identities.h"
#include "http/admin_api.h"
#include "http/admin_request.h"
#include "http/error_response.h"
#include "http/jit_answer.h"

namespace vestibule::http {
namespace {

constexpr const char* kIdentities = "/admin/v1/federated-identities";

tl::unexpected<Error> wrong(std::string attribute, std::string detail) {
  return failure(ErrorKind::kInvalidValue, std::move(detail), std::move(attribute));
}

/// The pair that the query names.
Result<directory::IdentityName> nameIn(const Request& request) {
  const auto provider = request.queryValue("identityProvider");
  if (!provider) return wrong("identityProvider", "the query has to name an identity provider");
  const auto subject = request.queryValue("subject");
  if (!subject) return wrong("subject", "the query has to name a subject");
  return directory::IdentityName{std::string(*provider), Subject(std::string(*subject))};
}

/// The texts of a body with exactly these members.
Result<std::vector<std::string>> membersOf(const json::Value& body,
                                           const std::vector<std::string_view>& names) {
  if (!body.isObject()) return failure(ErrorKind::kInvalidSyntax, "the body is a JSON object");
  for (const auto& [key, value] : *body.object()) {
    if (std::find(names.begin(), names.end(), key) == names.end()) {
      return wrong(printable(key, 64), "unknown key");
    }
  }
  std::vector<std::string> texts;
  for (const auto name : names) {
    const auto text = body.stringAt(name);
    if (!text) return wrong(std::string(name), std::string(name) + " is needed, as a text");
    texts.emplace_back(*text);
  }
  return texts;
}

Result<ResourceId> userIn(const std::string& text) {
  const auto id = ResourceId::parse(text);
  if (!id) return wrong("user", "user is the id of a user");
  return *id;
}

json::Object listOf(const std::vector<store::FederatedIdentity>& identities,
                    const directory::Catalog& catalog) {
  json::Array shown;
  for (const auto& identity : identities) {
    shown.emplace_back(directory::describeIdentity(identity, catalog));
  }
  json::Object body;
  body.set("federatedIdentities", std::move(shown));
  return body;
}

/// The links of a user, the one of a pair, or a page of those of an identity provider.
Result<json::Object> list(const directory::Context& context, const Request& request) {
  const auto catalog = context.catalog->current();
  if (const auto user = request.queryValue("user")) {
    auto id = userIn(std::string(*user));
    if (!id) return propagate(id);
    auto identities = directory::identitiesOfUser(context, *id);
    if (!identities) return propagate(identities);
    return listOf(*identities, *catalog);
  }
  if (request.queryValue("subject")) {
    auto name = nameIn(request);
    if (!name) return propagate(name);
    auto identity = directory::findIdentity(context, *name);
    if (!identity) return propagate(identity);
    return listOf({*identity}, *catalog);
  }
  const auto provider = request.queryValue("identityProvider");
  if (!provider) {
    return wrong("identityProvider",
                 "say whose links: user, or identityProvider with or without subject");
  }
  auto count = pageSizeOf(request);
  if (!count) return propagate(count);
  const Subject after(std::string(request.queryValue("after").value_or("")));
  // One more tells whether there is another page.
  auto identities = directory::listIdentities(context, *provider, after, *count + 1);
  if (!identities) return propagate(identities);
  const bool more = identities->size() > *count;
  if (more) identities->pop_back();
  auto body = listOf(*identities, *catalog);
  if (more) body.set("after", identities->back().subject.value());
  return body;
}

/// The answer to a change says what the audit finds it by.
Response traceable(Response response, const directory::Author& author) {
  response.headers.set(kCorrelationHeader, author.correlation_id);
  return response;
}

Response shown(int status, const directory::Context& context,
               const Result<store::FederatedIdentity>& identity) {
  if (!identity) return problem(identity.error());
  return adminAnswer(status, directory::describeIdentity(*identity, *context.catalog->current()));
}

Response link(const directory::Context& context, const json::Value& body,
              const directory::Author& author) {
  auto texts = membersOf(body, {"identityProvider", "subject", "user"});
  if (!texts) return problem(texts.error());
  auto user = userIn(texts->at(2));
  if (!user) return problem(user.error());
  auto linked =
      directory::linkIdentity(context, {texts->at(0), Subject(texts->at(1))}, *user, author);
  // In a body an unknown name is a wrong value, not an unknown address.
  if (!linked && linked.error().kind == ErrorKind::kNotFound) {
    linked.error().kind = ErrorKind::kInvalidValue;
  }
  return shown(201, context, linked);
}

Response move(const directory::Context& context, const Request& request, const json::Value& body,
              const directory::Author& author) {
  auto name = nameIn(request);
  if (!name) return problem(name.error());
  auto texts = membersOf(body, {"user"});
  if (!texts) return problem(texts.error());
  auto user = userIn(texts->at(0));
  if (!user) return problem(user.error());
  return shown(200, context, directory::moveIdentity(context, *name, *user, author));
}

}  // namespace

void addFederatedIdentityRoutes(Router& router, const directory::Context& context) {
  router.add(Method::kGet, kIdentities,
             sharedOnly(context, [&context](const Request& request, const Caller&) {
               auto body = list(context, request);
               return body ? adminAnswer(200, *std::move(body)) : problem(body.error());
             }));
  router.add(Method::kPost, kIdentities,
             sharedWithBody(context, [&context](const Request& request, const Caller& caller,
                                                const json::Value& body) {
               const auto author = authorOf(request, caller);
               return traceable(link(context, body, author), author);
             }));
  router.add(Method::kPatch, kIdentities,
             sharedWithBody(context, [&context](const Request& request, const Caller& caller,
                                                const json::Value& body) {
               const auto author = authorOf(request, caller);
               return traceable(move(context, request, body, author), author);
             }));
  router.add(Method::kDelete, kIdentities,
             sharedOnly(context, [&context](const Request& request, const Caller& caller) {
               const auto author = authorOf(request, caller);
               auto name = nameIn(request);
               if (!name) return problem(name.error());
               auto removed = directory::unlinkIdentity(context, *name, author);
               if (!removed) return problem(removed.error());
               return traceable(noContent(), author);
             }));
}

}  // namespace vestibule::http
