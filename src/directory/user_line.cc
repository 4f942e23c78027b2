#include "directory/user_line.h"

#include <utility>

#include "directory/addressing.h"
#include "directory/changed_attributes.h"
#include "directory/privileges.h"
#include "directory/users.h"
#include "policy/password_hash.h"
#include "scim/resource/validate.h"
#include "scim/schema/comparison_key.h"

namespace vestibule::directory {
namespace {

json::Value takeCredential(const scim::ResourceType& type, json::Object& attributes) {
  auto* value = type.credential == nullptr ? nullptr : attributes.find(type.credential->name);
  if (value == nullptr) return {};
  json::Value taken = std::move(*value);
  attributes.erase(type.credential->name);
  return taken;
}

Result<store::UserWrite> prepareNew(const Context& context, const View& view,
                                    const json::Object& attributes) {
  const auto& domain = *view.soleDomain();
  auto may = checkPrivilegedWrite(context, view.principal(), domain, json::Object(), attributes);
  if (!may) return propagate(may);
  return prepareUserWrite(context, domain, attributes, true);
}

Result<std::optional<std::string>> passwordOf(const Context& context, const Domain& domain,
                                              const UserImportRules& rules, json::Value value) {
  if (value.isNull()) return std::optional<std::string>();
  if (rules.password_hashes && value.isString() && policy::isPasswordHash(*value.string())) {
    return std::optional(std::move(*value.string()));
  }
  auto hash = hashPassword(context, domain, std::move(value));
  if (!hash) return propagate(hash);
  return std::optional(*std::move(hash));
}

Result<std::optional<ResourceId>> idOf(const Domain& domain, const UserImportRules& rules,
                                       const json::Value& body) {
  const bool asked =
      rules.keep_ids || (rules.match == store::UserMatch::kId && rules.mode != ImportMode::kCreate);
  const auto* value = asked ? body.object()->findIgnoringCase("id") : nullptr;
  if (value == nullptr || value->isNull()) return std::optional<ResourceId>();
  const auto id = value->isString() ? ResourceId::parse(*value->string()) : std::nullopt;
  if (!id || id->kind() != ResourceKind::kUser || id->domain() != domain.tables().number) {
    return failure(ErrorKind::kInvalidValue, "the id is none of a user of this domain", "id");
  }
  return id;
}

/// What a line that has none of these means: a new user, where there may be one.
Result<std::string> withoutKey(const UserImportRules& rules, const std::string& attribute) {
  if (rules.mode == ImportMode::kUpsert) return std::string();
  return failure(ErrorKind::kInvalidValue, "the line has no " + attribute + " to find a user by",
                 attribute);
}

Result<std::string> matchKeyOf(const UserImportRules& rules, const store::UserKeys& keys,
                               const std::optional<ResourceId>& id) {
  switch (rules.match) {
    case store::UserMatch::kExternalId:
      if (!keys.external_id) return withoutKey(rules, "externalId");
      return scim::indexKey(*keys.external_id);
    case store::UserMatch::kId:
      if (!id) return withoutKey(rules, "id");
      return std::string(id->bytes());
    case store::UserMatch::kUserName:
      break;
  }
  return keys.user_name_fold;
}

}  // namespace

Result<UserLine> prepareUserLine(const Context& context, const View& view,
                                 const UserImportRules& rules, json::Value body,
                                 std::set<std::string>& ignored) {
  const auto& type = *context.user_type;
  const auto& domain = *view.soleDomain();
  auto valid = scim::validateCreate(*context.registry, type, body, view.tolerating());
  if (!valid) return propagate(valid);
  ignored.insert(valid->dropped.begin(), valid->dropped.end());
  auto& attributes = valid->attributes;
  if (auto named = localiseNameWithin(view, type, domain, attributes); !named) {
    return propagate(named);
  }
  UserLine line;
  line.names = changedAttributes({}, attributes);
  auto keys = userKeys(context, domain, attributes);
  if (!keys) return propagate(keys);
  auto id = idOf(domain, rules, body);
  if (!id) return propagate(id);
  if (rules.keep_ids) line.id = *id;
  const bool only_new = rules.mode == ImportMode::kCreate;
  if (!only_new) {
    auto key = matchKeyOf(rules, *keys, *id);
    if (!key) return propagate(key);
    line.match_key = *std::move(key);
  }
  line.keys = *std::move(keys);
  auto password = takeCredential(type, attributes);
  line.as_new = prepareNew(context, view, attributes);
  if (!line.as_new && only_new) return propagate(line.as_new);
  auto hash = passwordOf(context, domain, rules, std::move(password));
  if (!hash) return propagate(hash);
  line.password_hash = *std::move(hash);
  if (!only_new) line.body = std::move(body);
  return line;
}

}  // namespace vestibule::directory
