#include "directory/users.h"

#include <cassert>
#include <functional>

#include "base/unicode.h"
#include "directory/addressing.h"
#include "directory/announcement.h"
#include "directory/change_event.h"
#include "directory/changed_attributes.h"
#include "directory/guard_rails.h"
#include "directory/privileges.h"
#include "directory/self_service.h"
#include "directory/stored_document.h"
#include "json/write.h"
#include "scim/resource/render.h"
#include "scim/resource/validate.h"

namespace vestibule::directory {
namespace {

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

/// Takes the password out of `attributes`; null when they have none.
json::Value takePassword(const scim::ResourceType& type, json::Object& attributes) {
  if (type.credential == nullptr) return {};
  auto* value = attributes.find(type.credential->name);
  if (value == nullptr) return {};
  json::Value taken = std::move(*value);
  attributes.erase(type.credential->name);
  return taken;
}

/// The password of a PUT body, if it has one: absence keeps the old one, and so do null and an
/// empty text, which both mean no value.
Result<PasswordChange> passwordOfBody(const Context& context, const Domain& domain,
                                      const json::Value& body) {
  const auto* credential = context.user_type->credential;
  const auto* sent = credential != nullptr && body.isObject()
                         ? body.object()->findIgnoringCase(credential->name)
                         : nullptr;
  // What is no string, validation refuses.
  if (sent == nullptr || !sent->isString() || sent->string()->empty()) return PasswordChange{};
  auto hash = hashPassword(context, domain, *sent);
  if (!hash) return propagate(hash);
  return PasswordChange{*std::move(hash)};
}

/// The password operations of a PATCH, taken out: the last one that does anything counts, as it
/// would in order.
Result<PasswordChange> takePassword(const Context& context, const Domain& domain,
                                    std::vector<scim::PatchOperation>& operations) {
  const auto* credential = context.user_type->credential;
  PasswordChange change;
  std::optional<json::Value> last;
  std::erase_if(operations, [&](const scim::PatchOperation& operation) {
    if (credential == nullptr || operation.attribute.attribute != credential) return false;
    const bool removes = operation.verb == scim::PatchVerb::kRemove;
    const bool null = !operation.value || operation.value->isNull();
    if (removes || (null && operation.verb == scim::PatchVerb::kReplace)) {
      last.reset();
      change.hash = std::string();
    } else if (!null) {
      last = operation.value;
    }
    return true;
  });
  if (!last) return change;
  auto hash = hashPassword(context, domain, *std::move(last));
  if (!hash) return propagate(hash);
  change.hash = *std::move(hash);
  return change;
}

/// See checkSelfServiceRead. Most principals may without a look at the user.
Result<void> mayRead(const Principal& principal, const store::StoredUser& user) {
  if (principal.has(Scope::kScimRead)) return {};
  auto attributes = parseStored(user.resource.document);
  if (!attributes) return propagate(attributes);
  return checkSelfServiceRead(principal, *attributes);
}

/// What of a user changes, by name.
std::vector<std::string> namesOfChange(const Context& context, const json::Object& before,
                                       const json::Object& after, bool password) {
  auto names = changedAttributes(before, after);
  if (password) names.push_back(context.user_type->credential->name);
  return names;
}

/// From stored attributes to new ones, with the bare user name; may run more than once.
using Edit = std::function<Result<json::Object>(const json::Object& current)>;

/// The frame of every change: lock, compare, write what differs, all in one transaction.
Result<Rendered> changeUser(const Context& context, const View& view, const Target& target,
                            const Preconditions& preconditions, const scim::Projection& projection,
                            const PasswordChange& password, store::ChangeKind kind,
                            const Edit& edit) {
  const auto& tables = target.domain->tables();
  const GuardedChange guarded(context, view, *target.domain);
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
    if (auto match = preconditions.checkWrite(user.resource.meta.version); !match) {
      return stop(std::move(match.error()));
    }
    auto current = parseStored(user.resource.document);
    if (!current) return stop(std::move(current.error()));
    auto edited = edit(*current);
    if (!edited) return stop(std::move(edited.error()));
    if (auto may = checkSelfServiceWrite(view.principal(), *current, *edited); !may) {
      return stop(std::move(may.error()));
    }
    if (auto may =
            checkPrivilegedWrite(context, view.principal(), *target.domain, *current, *edited);
        !may) {
      return stop(std::move(may.error()));
    }

    auto write = prepareUserWrite(context, *target.domain, *edited,
                                  isRenamed(*context.user_type, *current, *edited));
    if (!write) return stop(std::move(write.error()));
    const bool password_stays =
        !password.hash || (password.hash->empty() && !(*locked)->has_password);
    if (write->document == user.resource.document && password_stays) {
      store::rollback(session);
      return std::move(user);
    }
    auto before = userKeys(context, *target.domain, *current);
    if (!before) return stop(std::move(before.error()));
    auto meta = user.resource.meta;
    meta.version = Version(meta.version.value() + 1);
    meta.modified = std::max(now(), meta.modified);
    auto event =
        changeEvent(view, *target.domain, *context.user_type, target.id, "updated", meta.modified);
    event.version_before = user.resource.meta.version;
    event.version_after = meta.version;
    event.attributes = namesOfChange(context, *current, *edited, !password_stays);
    announce(view.catalog(), withActivation(bitOf(kind), *current, *edited), *edited, event);
    const bool deactivates = isActive(*current) && !isActive(*edited);
    auto stored = store::updateLockedUser(
        session, tables, **locked, meta, *write, *before, password.hash,
        {context.database->controlSchema(), event, deactivates ? guarded.rails() : nullptr});
    if (!stored) return propagate(stored);
    user.resource.meta = meta;
    user.resource.document = std::move(write->document);
    return std::move(user);
  });
  changed = guarded.settle(std::move(changed));
  if (!changed) return propagate(changed);
  return renderUser(context, view, *target.domain, *changed, projection);
}

}  // namespace

Result<std::string> hashPassword(const Context& context, const Domain& domain, json::Value value) {
  if (!value.isString() || value.string()->empty()) {
    return failure(ErrorKind::kInvalidValue, "a password is a string that is not empty",
                   context.user_type->credential->name);
  }
  const Secret password(std::move(*value.string()));
  if (auto allowed = domain.policy.checkPassword(password); !allowed) return propagate(allowed);
  return context.password_hasher->hash(password);
}

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
  assert(context.user_type->credential == nullptr ||
         attributes.find(context.user_type->credential->name) == nullptr);
  auto keys = userKeys(context, domain, attributes);
  if (!keys) return propagate(keys);
  if (check_user_name) {
    const auto& name = *attributes.find(context.user_type->naming_attribute->name)->string();
    if (auto bare = requireBareName(domain, name, "userName"); !bare) return propagate(bare);
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
  json::Value password = takePassword(*context.user_type, attributes);
  // Names first: they are cheap to refuse, a password is not cheap to hash.
  auto write = prepareUserWrite(context, domain, attributes, true);
  if (!write) return propagate(write);
  PreparedUser prepared{*std::move(write), std::nullopt};
  if (password.isNull()) return prepared;
  auto hash = hashPassword(context, domain, std::move(password));
  if (!hash) return propagate(hash);
  prepared.password_hash = *std::move(hash);
  return prepared;
}

Result<Rendered> renderUser(const Context& context, const View& view, const Domain& domain,
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
  if (!attributes) return propagate(attributes);
  rendered.body = json::write(projection.apply(
      type, scim::completeResource(
                type, *std::move(attributes), rendered.meta, view.baseUrl(), prefix,
                scim::groupsArray(user.groups, view.baseUrl(), prefix, *context.group_type))));
  return rendered;
}

Result<Rendered> createUser(const Context& context, const View& view, const json::Value& body,
                            const scim::Projection& projection) {
  auto valid = scim::validateCreate(*context.registry, *context.user_type, body, view.tolerating());
  if (!valid) return propagate(valid);
  logDropped(valid->dropped);
  auto domain = localiseName(view, *context.user_type, valid->attributes);
  if (!domain) return propagate(domain);
  if (auto writable = requireWritable(**domain); !writable) return propagate(writable);
  if (auto may = checkPrivilegedWrite(context, view.principal(), **domain, json::Object(),
                                      valid->attributes);
      !may) {
    return propagate(may);
  }
  auto names = changedAttributes({}, valid->attributes);
  auto prepared = prepareUser(context, **domain, std::move(valid->attributes));
  if (!prepared) return propagate(prepared);

  scim::ResourceMeta meta;
  meta.id = ResourceId::generate((*domain)->tables().number, ResourceKind::kUser);
  meta.version = Version(1);
  meta.created = meta.modified = now();
  auto event = changeEvent(view, **domain, *context.user_type, meta.id, "created", meta.created);
  event.version_after = meta.version;
  event.attributes = std::move(names);
  announceStored(view.catalog(), bitOf(store::ChangeKind::kCreate), prepared->write.document,
                 event);
  auto stored = context.database->write([&](store::Session& session) {
    return store::insertUser(session, (*domain)->tables(), meta, prepared->write,
                             prepared->password_hash.value_or(std::string()),
                             {context.database->controlSchema(), event});
  });
  if (!stored) return propagate(stored);
  store::StoredUser user;
  user.resource.meta = meta;
  user.resource.document = std::move(prepared->write.document);
  return renderUser(context, view, **domain, user, answering(*context.user_type, projection, body));
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
  if (auto may = mayRead(view.principal(), **user); !may) return propagate(may);
  // Joining and leaving a group changes `groups` but not the version of the user (docs/decisions),
  // so where they are shown the version does not say that nothing has changed.
  if (!showsGroups(context, projection) &&
      preconditions.isNotModified((*user)->resource.meta.version)) {
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

  auto password = passwordOfBody(context, *target->domain, body);
  if (!password) return propagate(password);
  return changeUser(
      context, view, *target, preconditions, answering(*context.user_type, projection, body),
      *password, store::ChangeKind::kPut, [&](const json::Object& current) -> Result<json::Object> {
        auto valid = scim::validateReplace(*context.registry, *context.user_type, body, current,
                                           view.tolerating());
        if (!valid) return propagate(valid);
        logDropped(valid->dropped);
        (void)takePassword(*context.user_type, valid->attributes);
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
  std::vector<std::string> dropped;
  auto operations =
      scim::parsePatch(*context.registry, *context.user_type, body, view.tolerating(), &dropped);
  if (!operations) return propagate(operations);
  logDropped(dropped);
  auto password = takePassword(context, *target->domain, *operations);
  if (!password) return propagate(password);

  return changeUser(
      context, view, *target, preconditions, answering(*context.user_type, projection, *operations),
      *password, store::ChangeKind::kPatch, [&](const json::Object& current) {
        return editAsShown(view, *context.user_type, *target->domain, current,
                           [&](const json::Object& shown) {
                             return scim::applyPatch(*context.registry, *context.user_type, shown,
                                                     *operations, view.tolerating());
                           });
      });
}

Result<void> deleteUser(const Context& context, const View& view, std::string_view id,
                        const Preconditions& preconditions) {
  auto target = findTarget(view, *context.user_type, ResourceKind::kUser, id);
  if (!target) return propagate(target);
  if (auto writable = requireWritable(*target->domain); !writable) return propagate(writable);
  const GuardedChange guarded(context, view, *target->domain);
  return guarded.settle(context.database->write([&](store::Session& session) -> Result<void> {
    const bool asks_groups = !mayChangeEveryGroup(view.principal(), *target->domain);
    auto locked = store::lockUser(session, target->domain->tables(), target->id, asks_groups);
    if (!locked) return propagate(locked);
    if (!*locked) return notFound(*context.user_type);
    if (auto may = checkSelfServiceDelete(view.principal()); !may) {
      store::rollback(session);
      return may;
    }
    if (auto match = preconditions.checkWrite((*locked)->user.resource.meta.version); !match) {
      store::rollback(session);
      return propagate(match);
    }
    for (const auto& group : (*locked)->user.groups) {
      auto may = checkPrivilegedGroup(view.principal(), *target->domain, group.display, "groups");
      if (may) continue;
      store::rollback(session);
      return may;
    }
    auto event =
        changeEvent(view, *target->domain, *context.user_type, target->id, "deleted", now());
    event.version_before = (*locked)->user.resource.meta.version;
    announceStored(view.catalog(), bitOf(store::ChangeKind::kDelete),
                   (*locked)->user.resource.document, event);
    return store::deleteLockedUser(session, target->domain->tables(), **locked, event.occurred,
                                   {context.database->controlSchema(), event, guarded.rails()});
  }));
}

}  // namespace vestibule::directory
