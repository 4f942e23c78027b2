#include "directory/users.h"

#include <cassert>
#include <functional>

#include "base/unicode.h"
#include "directory/addressing.h"
#include "directory/stored_document.h"
#include "json/write.h"
#include "scim/resource/render.h"

namespace vestibule::directory {
namespace {

constexpr std::string_view kPassword = "password";

/// What a request does to the password.
struct PasswordChange {
  std::optional<std::string> hash;  ///< nothing: keep; empty: remove
};

scim::AttributeRef relationRef(const scim::ResourceType& type) {
  scim::AttributeRef ref;
  ref.schema = type.schema;
  ref.attribute = scim::relationOf(type);
  return ref;
}

bool showsGroups(const Context& context, const scim::Projection& projection) {
  return projection.shows(relationRef(*context.user_type));
}

/// Checks the password against the domain's policy and hashes it. The text is wiped from
/// `attributes`.
Result<std::optional<std::string>> takePassword(const Context& context, const Domain& domain,
                                                json::Object& attributes) {
  auto* value = attributes.find(kPassword);
  if (value == nullptr) return std::nullopt;
  Secret password(value->isString() ? std::move(*value->string()) : std::string());
  attributes.erase(kPassword);
  if (auto allowed = domain.policy.checkPassword(password); !allowed) return propagate(allowed);
  auto hash = context.password_hasher->hash(password);
  if (!hash) return propagate(hash);
  return std::optional<std::string>(*std::move(hash));
}

/// The password operations of a PATCH, taken out: the last one counts, as it would in order.
Result<PasswordChange> takePassword(const Context& context, const Domain& domain,
                                    std::vector<scim::PatchOperation>& operations) {
  PasswordChange change;
  std::optional<json::Value> last;
  bool removed = false;
  for (auto operation = operations.begin(); operation != operations.end();) {
    const bool is_password = operation->attribute.attribute != nullptr &&
                             !operation->attribute.in_extension &&
                             operation->attribute.attribute->name == kPassword;
    if (!is_password) {
      ++operation;
      continue;
    }
    removed = operation->verb == scim::PatchVerb::kRemove ||
              (operation->value && operation->value->isNull());
    last = removed ? std::nullopt : std::move(operation->value);
    operation = operations.erase(operation);
  }
  if (removed) change.hash = std::string();
  if (!last) return change;
  if (!last->isString() || last->string()->empty()) {
    return failure(ErrorKind::kInvalidValue, "a password is a string that is not empty",
                   std::string(kPassword));
  }
  json::Object holder;
  holder.set(kPassword, *std::move(last));
  auto hash = takePassword(context, domain, holder);
  if (!hash) return propagate(hash);
  change.hash = *std::move(hash);
  return change;
}

/// From stored attributes to new ones, with the bare user name; may run more than once.
using Edit = std::function<Result<json::Object>(const json::Object& current)>;

/// The frame of every change: lock, compare, write what differs, all in one transaction.
Result<Rendered> changeUser(const Context& context, const View& view, const Target& target,
                            const Preconditions& preconditions, const scim::Projection& projection,
                            const PasswordChange& password, const Edit& edit) {
  const auto& tables = target.domain->tables();
  auto changed = context.database->write([&](store::Session& session) -> Result<store::StoredUser> {
    auto locked = store::lockUser(session, tables, target.id, showsGroups(context, projection));
    if (!locked) return propagate(locked);
    if (!*locked) return notFound(*context.user_type);
    auto& user = (*locked)->user;
    // Whatever stops here leaves the row as it was and gives the lock back.
    const auto stop = [&](Error error) -> Result<store::StoredUser> {
      store::rollback(session);
      return tl::make_unexpected(std::move(error));
    };
    if (auto match = preconditions.checkMatch(user.resource.meta.version); !match) {
      return stop(std::move(match.error()));
    }
    auto current = parseStored(user.resource.document);
    if (!current) return stop(std::move(current.error()));
    auto edited = edit(*current);
    if (!edited) return stop(std::move(edited.error()));

    auto write = prepareUserWrite(context, *target.domain, *edited,
                                  isRenamed(*context.user_type, *current, *edited));
    if (!write) return stop(std::move(write.error()));
    if (write->document == user.resource.document && !password.hash) {
      store::rollback(session);
      return std::move(user);
    }
    auto before = userKeys(context, *target.domain, *current);
    if (!before) return stop(std::move(before.error()));
    auto meta = user.resource.meta;
    meta.version = Version(meta.version.value() + 1);
    meta.modified = std::max(now(), meta.modified);
    auto stored =
        store::updateLockedUser(session, tables, **locked, meta, *write, *before, password.hash);
    if (!stored) return propagate(stored);
    user.resource.meta = meta;
    user.resource.document = std::move(write->document);
    return std::move(user);
  });
  if (!changed) return propagate(changed);
  return renderUser(context, view, *target.domain, *changed, projection);
}

}  // namespace

Result<store::UserKeys> userKeys(const Context& context, const Domain& domain,
                                 const json::Object& attributes) {
  const auto* name = attributes.find(context.user_type->naming_attribute->name);
  if (name == nullptr || !name->isString()) {
    return failure(ErrorKind::kInvalidValue, "userName is required", "userName");
  }
  store::UserKeys keys;
  auto fold = prepareUserName(*name->string());
  if (!fold) {
    fold.error().attribute = "userName";
    return propagate(fold);
  }
  keys.user_name_fold = *std::move(fold);
  if (!domain.policy.settings().case_insensitive_username) {
    auto kept = prepareUserNameKeepingCase(*name->string());
    if (!kept) return propagate(kept);
    keys.user_name_case = *std::move(kept);
  }
  if (const auto* external = attributes.find("externalId");
      external != nullptr && external->isString()) {
    keys.external_id = *external->string();
  }
  keys.entries = scim::indexEntries(*context.user_type, attributes);
  return keys;
}

Result<store::UserWrite> prepareUserWrite(const Context& context, const Domain& domain,
                                          const json::Object& attributes, bool check_user_name) {
  assert(attributes.find(kPassword) == nullptr);
  auto keys = userKeys(context, domain, attributes);
  if (!keys) return propagate(keys);
  if (check_user_name) {
    const auto& name = *attributes.find(context.user_type->naming_attribute->name)->string();
    if (domain.naming_prefix.empty() && name.find('/') != std::string::npos) {
      return failure(ErrorKind::kInvalidValue,
                     "a user name of the PRIMARY domain has no \"/\": it divides domain and name",
                     "userName");
    }
    if (auto allowed = domain.policy.checkUserName(name); !allowed) {
      allowed.error().attribute = "userName";
      return propagate(allowed);
    }
  }
  store::UserWrite write{json::write(attributes), *std::move(keys)};
  if (write.document.size() > kMaxDocumentBytes) {
    return failure(ErrorKind::kPayloadTooLarge, "the user would be larger than 1 MB");
  }
  return write;
}

Result<PreparedUser> prepareUser(const Context& context, const Domain& domain,
                                 json::Object attributes) {
  // Names first: they are cheap to refuse, a password is not cheap to hash.
  json::Object without_password = attributes;
  without_password.erase(kPassword);
  auto write = prepareUserWrite(context, domain, without_password, true);
  if (!write) return propagate(write);
  auto hash = takePassword(context, domain, attributes);
  if (!hash) return propagate(hash);
  return PreparedUser{*std::move(write), *std::move(hash)};
}

Rendered renderUser(const Context& context, const View& view, const Domain& domain,
                    const store::StoredUser& user, const scim::Projection& projection) {
  const auto& type = *context.user_type;
  const auto prefix = view.namingPrefix(domain);
  Rendered rendered;
  rendered.meta = user.resource.meta;
  rendered.location = scim::locationOf(type, view.baseUrl(), rendered.meta.id);
  if (projection.isDefault() && type.stored_as_returned) {
    rendered.body = scim::renderStored(
        type, user.resource.document, rendered.meta, view.baseUrl(), prefix,
        scim::groupsText(user.groups, view.baseUrl(), prefix, *context.group_type));
    return rendered;
  }
  auto attributes = parseStored(user.resource.document);
  assert(attributes && "the store gives back what canonical JSON went in");
  rendered.body = json::write(projection.apply(
      type,
      scim::completeResource(
          type, attributes ? *std::move(attributes) : json::Object(), rendered.meta, view.baseUrl(),
          prefix, scim::groupsArray(user.groups, view.baseUrl(), prefix, *context.group_type))));
  return rendered;
}

Result<Rendered> createUser(const Context& context, const View& view, const json::Value& body,
                            const scim::Projection& projection) {
  auto valid = scim::validateCreate(*context.registry, *context.user_type, body);
  if (!valid) return propagate(valid);
  logDropped(valid->dropped);
  auto domain = localiseName(view, *context.user_type, valid->attributes);
  if (!domain) return propagate(domain);
  if (auto writable = requireWritable(**domain); !writable) return propagate(writable);
  auto prepared = prepareUser(context, **domain, std::move(valid->attributes));
  if (!prepared) return propagate(prepared);

  scim::ResourceMeta meta;
  meta.id = ResourceId::generate((*domain)->tables().number, ResourceKind::kUser);
  meta.version = Version(1);
  meta.created = meta.modified = now();
  auto stored = context.database->write([&](store::Session& session) {
    return store::insertUser(session, (*domain)->tables(), meta, prepared->write,
                             prepared->password_hash.value_or(std::string()));
  });
  if (!stored) return propagate(stored);
  store::StoredUser user;
  user.resource.meta = meta;
  user.resource.document = std::move(prepared->write.document);
  return renderUser(context, view, **domain, user, projection);
}

Result<Rendered> getUser(const Context& context, const View& view, std::string_view id,
                         const scim::Projection& projection, const Preconditions& preconditions) {
  auto target = findTarget(view, *context.user_type, ResourceKind::kUser, id);
  if (!target) return propagate(target);
  auto user = context.database->read([&](store::Session& session) {
    return store::findUser(session, target->domain->tables(), target->id,
                           showsGroups(context, projection));
  });
  if (!user) return propagate(user);
  if (!*user) return notFound(*context.user_type);
  if (preconditions.isNotModified((*user)->resource.meta.version)) {
    Rendered rendered;
    rendered.meta = (*user)->resource.meta;
    rendered.location = scim::locationOf(*context.user_type, view.baseUrl(), target->id);
    rendered.not_modified = true;
    return rendered;
  }
  return renderUser(context, view, *target->domain, **user, projection);
}

Result<Rendered> replaceUser(const Context& context, const View& view, std::string_view id,
                             const json::Value& body, const scim::Projection& projection,
                             const Preconditions& preconditions) {
  auto target = findTarget(view, *context.user_type, ResourceKind::kUser, id);
  if (!target) return propagate(target);
  if (auto writable = requireWritable(*target->domain); !writable) return propagate(writable);

  PasswordChange password;
  if (const auto* sent = body.isObject() ? body.object()->findIgnoringCase(kPassword) : nullptr;
      sent != nullptr && sent->isString() && !sent->string()->empty()) {
    json::Object holder;
    holder.set(kPassword, *sent);
    auto hash = takePassword(context, *target->domain, holder);
    if (!hash) return propagate(hash);
    password.hash = *std::move(hash);
  }
  return changeUser(
      context, view, *target, preconditions, projection, password,
      [&](const json::Object& current) -> Result<json::Object> {
        auto valid = scim::validateReplace(*context.registry, *context.user_type, body, current);
        if (!valid) return propagate(valid);
        valid->attributes.erase(kPassword);
        if (auto named =
                localiseNameWithin(view, *context.user_type, *target->domain, valid->attributes);
            !named) {
          return propagate(named);
        }
        return std::move(valid->attributes);
      });
}

Result<Rendered> patchUser(const Context& context, const View& view, std::string_view id,
                           const json::Value& body, const scim::Projection& projection,
                           const Preconditions& preconditions) {
  auto target = findTarget(view, *context.user_type, ResourceKind::kUser, id);
  if (!target) return propagate(target);
  if (auto writable = requireWritable(*target->domain); !writable) return propagate(writable);
  auto operations = scim::parsePatch(*context.registry, *context.user_type, body);
  if (!operations) return propagate(operations);
  auto password = takePassword(context, *target->domain, *operations);
  if (!password) return propagate(password);

  return changeUser(
      context, view, *target, preconditions, projection, *password,
      [&](const json::Object& current) -> Result<json::Object> {
        auto edited = scim::applyPatch(*context.registry, *context.user_type, current, *operations);
        if (!edited) return propagate(edited);
        // Only a name that this request wrote may carry a domain in front.
        if (isRenamed(*context.user_type, current, *edited)) {
          if (auto named = localiseNameWithin(view, *context.user_type, *target->domain, *edited);
              !named) {
            return propagate(named);
          }
        }
        return edited;
      });
}

Result<void> deleteUser(const Context& context, const View& view, std::string_view id,
                        const Preconditions& preconditions) {
  auto target = findTarget(view, *context.user_type, ResourceKind::kUser, id);
  if (!target) return propagate(target);
  if (auto writable = requireWritable(*target->domain); !writable) return propagate(writable);
  return context.database->write([&](store::Session& session) -> Result<void> {
    auto locked = store::lockUser(session, target->domain->tables(), target->id, false);
    if (!locked) return propagate(locked);
    if (!*locked) return notFound(*context.user_type);
    if (auto match = preconditions.checkMatch((*locked)->user.resource.meta.version); !match) {
      store::rollback(session);
      return propagate(match);
    }
    return store::deleteLockedUser(session, target->domain->tables(), **locked,
                                   context.database->controlSchema(), now());
  });
}

}  // namespace vestibule::directory
