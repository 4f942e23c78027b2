#include "http/jit_result.h"

#include <utility>

#include "directory/users.h"
#include "jit/codes.h"
#include "json/write.h"

namespace vestibule::http {
namespace {

/// The view of one domain below its own base.
Result<directory::View> viewOf(std::shared_ptr<const directory::Catalog> catalog,
                               const Caller& caller, const directory::Domain& domain,
                               const std::string& origin) {
  const std::string& name = domain.name().value();
  return directory::View::ofDomain(std::move(catalog), *caller.principal,
                                   origin + "/domains/" + name + "/scim/v2", name);
}

}  // namespace

Result<ShownUser> showUser(const directory::Context& context, const Caller& caller,
                           const jit::Provisioned& done, const std::string& origin) {
  if (done.new_attributes) {
    const auto shown = scim::Projection().apply(*context.user_type, *done.new_attributes);
    return ShownUser{json::write(shown), {}};
  }
  if (!done.user) return ShownUser{};
  auto view = viewOf(done.catalog, caller, *done.domain, origin);
  if (!view) return propagate(view);
  auto rendered =
      directory::renderUser(context, *view, *done.domain, *done.user, scim::Projection());
  if (!rendered) return propagate(rendered);
  return ShownUser{std::move(rendered->body), std::move(rendered->location)};
}

Result<ShownUser> showUser(const directory::Context& context, const Caller& caller,
                           const std::optional<DomainNumber>& domain_number,
                           const std::optional<ResourceId>& user, const std::string& origin) {
  if (!user || !domain_number) return ShownUser{};
  const auto catalog = context.catalog->current();
  const directory::Domain* domain = catalog->findDomain(*domain_number);
  if (domain == nullptr || !caller.principal->sees(*domain_number)) return ShownUser{};
  auto view = viewOf(catalog, caller, *domain, origin);
  if (!view) return propagate(view);
  auto rendered = directory::getUser(context, *view, user->text(), scim::Projection(), {});
  if (rendered) return ShownUser{std::move(rendered->body), std::move(rendered->location)};
  if (rendered.error().kind == ErrorKind::kNotFound) return ShownUser{};
  return propagate(rendered);
}

std::string resultMembers(std::string_view outcome, const directory::Domain* domain,
                          const ShownUser& user, const ResultOf& of, const std::string& groups) {
  std::string text = "\"outcome\":";
  const auto add = [&](std::string_view key, std::string_view value) {
    text.append(",\"").append(key).append("\":");
    json::appendString(text, value);
  };
  json::appendString(text, outcome);
  if (domain != nullptr) add("domain", domain->name().value());
  if (!user.body.empty()) text += ",\"user\":" + user.body;
  add("identityProvider", of.identity_provider);
  add("subject", of.subject.value());
  if (!groups.empty()) text += ",\"groups\":" + groups;
  return text;
}

std::string resultMembers(const jit::Provisioned& done, const ShownUser& user, const ResultOf& of) {
  // Before somebody is asked nothing is decided about groups.
  const bool settled = done.domain != nullptr && done.outcome != jit::Outcome::kPrompt;
  const std::string groups = settled ? json::write(describe(done.groups)) : std::string();
  return resultMembers(nameOf(done.outcome), done.domain, user, of, groups);
}

std::string resultMembers(const directory::Catalog& catalog, const store::Operation& operation,
                          const ShownUser& user) {
  const directory::Domain* domain =
      operation.domain ? catalog.findDomain(*operation.domain) : nullptr;
  return resultMembers(operation.outcome.value_or(""), domain, user,
                       {operation.identity_provider, operation.subject},
                       operation.groups.value_or(""));
}

Error errorOf(const store::Operation& operation) {
  const jit::CodeInfo* info = jit::findCode(operation.code);
  return {info == nullptr ? ErrorKind::kInternal : info->kind,
          operation.detail,
          {},
          {},
          operation.code};
}

}  // namespace vestibule::http
