#include "directory/groups.h"

#include <algorithm>
#include <functional>

#include "base/log.h"
#include "base/unicode.h"
#include "directory/addressing.h"
#include "directory/announcement.h"
#include "directory/change_event.h"
#include "directory/changed_attributes.h"
#include "directory/group_members.h"
#include "directory/group_text.h"
#include "directory/guard_rails.h"
#include "directory/privileges.h"
#include "directory/stored_document.h"
#include "json/write.h"
#include "scim/filter/filter.h"
#include "scim/resource/render.h"
#include "scim/resource/validate.h"

namespace vestibule::directory {
namespace {

constexpr std::size_t kDisplayNameCharacters = 255;
/// How often a change that depends on the members is worked out anew because they have changed.
constexpr int kMostAttempts = 5;

Result<void> checkDisplayName(const Domain& domain, const std::string& name) {
  if (codePointCount(name) > kDisplayNameCharacters) {
    return failure(ErrorKind::kInvalidValue, "displayName is longer than 255 characters",
                   "displayName");
  }
  if (auto bare = requireBareName(domain, name, "displayName"); !bare) return bare;
  auto allowed = domain.policy.checkRoleName(name);
  if (!allowed) allowed.error().attribute = "displayName";
  return allowed;
}

/// The `members` array of a POST or PUT body, as ids of the domain.
Result<std::vector<ResourceId>> membersOfBody(const Domain& domain, const json::Value& body) {
  const auto* members = body.isObject() ? body.object()->findIgnoringCase("members") : nullptr;
  if (members == nullptr || members->isNull()) return std::vector<ResourceId>{};
  auto values = scim::memberValues(*members);
  if (!values) return propagate(values);
  return memberIds(domain, *values);
}

/// Whether a PUT leaves the members as they are: it names none, and is read with `put_absent_keep`.
/// If there are any is not asked for that.
bool keepsMembers(const View& view, const json::Value& body) {
  return body.isObject() && body.object()->findIgnoringCase("members") == nullptr &&
         view.tolerating().accepts(scim::Tolerance::kPutAbsentKeep);
}

std::string_view nameIn(const scim::ResourceType& type, const json::Object& attributes) {
  const auto* name = attributes.find(type.naming_attribute->name);
  return name != nullptr && name->isString() ? std::string_view(*name->string())
                                             : std::string_view();
}

/// Whether the members of a group, null for a new one, may change so (privileges.h). Whoever joins
/// a group joins those that contain it.
store::MembershipGuard guardOf(const Context& context, const View& view, const Domain& domain,
                               store::Session& session, const ResourceId* group,
                               const store::MembershipChange& members) {
  if (mayChangeEveryGroup(view.principal(), domain)) return {};
  return [&, group](const std::vector<std::string>& names) -> Result<void> {
    auto moved = movedGroups(context, domain, session, group, members);
    if (!moved) return propagate(moved);
    std::vector<std::string> concerned = names;
    concerned.insert(concerned.end(), moved->begin(), moved->end());
    for (const auto& name : concerned) {
      auto may = checkPrivilegedGroup(view.principal(), domain, name, "members");
      if (!may) return may;
    }
    return {};
  };
}

store::AuditEvent changeOf(const Context& context, const View& view, const Target& target,
                           std::string_view what) {
  return changeEvent(view, *target.domain, *context.group_type, target.id, what, now());
}

/// The edit of a PUT or PATCH: from the stored JSON to a new write, or nothing when it stays the
/// same. `event` is told what changes.
template <typename Change>
store::GroupEdit editOf(const Context& context, const View& view, const Domain& domain,
                        const Preconditions& preconditions, store::ChangeKind kind,
                        store::AuditEvent& event, Change change) {
  return [&context, &view, &domain, &preconditions, kind, &event, change = std::move(change)](
             const store::StoredResource& stored) -> Result<std::optional<store::GroupWrite>> {
    if (auto match = preconditions.checkWrite(stored.meta.version); !match) {
      return propagate(match);
    }
    auto current = parseStored(stored.document);
    if (!current) return propagate(current);
    auto edited = change(*current);
    if (!edited) return propagate(edited);
    auto write = prepareGroupWrite(context, domain, *edited,
                                   isRenamed(*context.group_type, *current, *edited));
    if (!write) return propagate(write);
    event.attributes = changedAttributes(*current, *edited);
    announce(view.catalog(), bitOf(kind), *edited, event);
    if (write->document == stored.document) return std::optional<store::GroupWrite>();
    for (const auto* attributes : {&*current, &*edited}) {
      auto may = checkPrivilegedGroup(view.principal(), domain,
                                      nameIn(*context.group_type, *attributes), "displayName");
      if (!may) return propagate(may);
    }
    if (write->keys.entries == scim::indexEntries(*context.group_type, *current)) {
      write->keys.entries.reset();
    }
    return std::optional<store::GroupWrite>(*std::move(write));
  };
}

/// The change of membership that a request asks for.
struct MembershipRequest {
  std::function<Result<store::MembershipChange>(store::Session&)> reduce;
  /// What `reduce` gives depends on who is in the group.
  bool depends_on_members = false;
};

bool isSame(const store::MembershipChange& left, const store::MembershipChange& right) {
  return left.add == right.add && left.remove == right.remove &&
         left.replace_all == right.replace_all;
}

/// `remove` of `members` without a value empties a group, as RFC 7644 §3.5.2.2 has it, and clients
/// that send it have often meant one member.
void logEmptied(const View& view, const ResourceId& group,
                const std::vector<scim::MemberStep>& steps) {
  const bool emptied = std::any_of(steps.begin(), steps.end(), [](const auto& step) {
    return step.kind == scim::MemberStep::Kind::kRemoveAll;
  });
  if (!emptied) return;
  logEvent(events::kGroupEmptied,
           {{"group", group.text()}, {"token_id", view.principal().token_id}});
}

/// Runs a change that depends on the members: it is worked out before the group is locked, since
/// users are locked before groups, and again under the lock, where it has to be the same.
Result<std::optional<store::GroupChange>> changeDependent(const Context& context, const View& view,
                                                          store::Session& session,
                                                          const Target& target,
                                                          const store::GroupEdit& edit,
                                                          const store::ChangeAudit& audit,
                                                          const MembershipRequest& request) {
  auto members = request.reduce(session);
  if (!members) return propagate(members);
  for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
    auto now_wanted = members;
    const store::GroupEdit checked =
        [&](const store::StoredResource& stored) -> Result<std::optional<store::GroupWrite>> {
      now_wanted = request.reduce(session);
      if (!now_wanted) return propagate(now_wanted);
      if (!isSame(*now_wanted, *members)) {
        return failure(ErrorKind::kUnavailable, "the members are being changed");
      }
      return edit(stored);
    };
    auto changed = store::changeGroup(
        session, target.domain->tables(), *context.group_type, target.id, checked, *members, now(),
        audit, guardOf(context, view, *target.domain, session, &target.id, *members));
    if (changed || !now_wanted || isSame(*now_wanted, *members)) return changed;
    members = std::move(now_wanted);
  }
  return failure(ErrorKind::kUnavailable,
                 "others keep changing the members of the group: try again");
}

Result<Rendered> applyChange(const Context& context, const View& view, const Target& target,
                             const store::GroupEdit& edit, const store::AuditEvent& event,
                             const MembershipRequest& request, const scim::Projection& projection,
                             bool with_body) {
  const GuardedChange guarded(context, view, *target.domain);
  const store::ChangeAudit audit{context.database->controlSchema(), event, guarded.rails()};
  auto changed = guarded.settle(context.database->write(
      [&](store::Session& session) -> Result<std::optional<store::GroupChange>> {
        if (request.depends_on_members) {
          return changeDependent(context, view, session, target, edit, audit, request);
        }
        auto members = request.reduce(session);
        if (!members) return propagate(members);
        return store::changeGroup(
            session, target.domain->tables(), *context.group_type, target.id, edit, *members, now(),
            audit, guardOf(context, view, *target.domain, session, &target.id, *members));
      }));
  if (!changed) return propagate(changed);
  if (!*changed) return notFound(*context.group_type);
  if (with_body) return getGroup(context, view, target.id.text(), projection, Preconditions{});
  Rendered rendered;
  rendered.meta = (*changed)->meta;
  rendered.location = scim::locationOf(*context.group_type, view.baseUrl(), target.id);
  return rendered;
}

}  // namespace

Result<store::GroupWrite> prepareGroupWrite(const Context& context, const Domain& domain,
                                            const json::Object& attributes, bool check_name) {
  const auto* name = attributes.find(context.group_type->naming_attribute->name);
  if (name == nullptr || !name->isString()) {
    return failure(ErrorKind::kInvalidValue, "displayName is required", "displayName");
  }
  const std::string& text = *name->string();
  if (check_name) {
    if (auto allowed = checkDisplayName(domain, text); !allowed) return propagate(allowed);
  }
  store::GroupWrite write;
  write.document = json::write(attributes);
  if (write.document.size() > kMaxDocumentBytes) {
    return failure(ErrorKind::kPayloadTooLarge, "the group would be larger than 1 MB");
  }
  write.keys.display_name = text;
  write.keys.display_name_key = foldCase(text);
  if (const auto* external = attributes.find("externalId");
      external != nullptr && external->isString()) {
    write.keys.external_id = *external->string();
  }
  write.keys.entries = scim::indexEntries(*context.group_type, attributes);
  return write;
}

Result<Rendered> createGroup(const Context& context, const View& view, const json::Value& body,
                             const scim::Projection& projection,
                             const store::ImportBatchMark* mark) {
  auto valid =
      scim::validateCreate(*context.registry, *context.group_type, body, view.tolerating());
  if (!valid) return propagate(valid);
  logDropped(valid->dropped);
  auto domain = localiseName(view, *context.group_type, valid->attributes);
  if (!domain) return propagate(domain);
  if (auto writable = requireWritable(**domain); !writable) return propagate(writable);
  auto write = prepareGroupWrite(context, **domain, valid->attributes, true);
  if (!write) return propagate(write);
  if (auto may =
          checkPrivilegedGroup(view.principal(), **domain, write->keys.display_name, "displayName");
      !may) {
    return propagate(may);
  }
  auto members = membersOfBody(**domain, body);
  if (!members) return propagate(members);

  scim::ResourceMeta meta;
  meta.id = ResourceId::generate((*domain)->tables().number, ResourceKind::kGroup);
  meta.version = Version(1);
  meta.created = meta.modified = now();
  const store::MembershipChange joining{*members, {}, false};
  auto event = changeEvent(view, **domain, *context.group_type, meta.id, "created", meta.created);
  event.version_after = meta.version;
  event.attributes = changedAttributes({}, valid->attributes);
  if (!members->empty()) event.attributes.push_back(scim::relationOf(*context.group_type)->name);
  announce(view.catalog(), bitOf(store::ChangeKind::kCreate), valid->attributes, event);
  auto stored = context.database->write([&](store::Session& session) -> Result<void> {
    if (const auto guard = guardOf(context, view, **domain, session, nullptr, joining)) {
      if (auto may = guard({}); !may) return may;
    }
    return store::insertGroup(session, (*domain)->tables(), *context.group_type, meta, *write,
                              joining.add,
                              {context.database->controlSchema(), event, nullptr, mark});
  });
  if (!stored) return propagate(stored);
  store::StoredResource group{meta, std::move(write->document)};
  return renderGroup(context, view, **domain, group,
                     answering(*context.group_type, projection, body));
}

Result<Rendered> getGroup(const Context& context, const View& view, std::string_view id,
                          const scim::Projection& projection, const Preconditions& preconditions) {
  auto target = findTarget(view, *context.group_type, ResourceKind::kGroup, id);
  if (!target) return propagate(target);
  auto group = context.database->read([&](store::Session& session) {
    return store::findGroup(session, target->domain->tables(), target->id);
  });
  if (!group) return propagate(group);
  if (!*group) return notFound(*context.group_type);
  if (preconditions.isNotModified((*group)->meta.version)) {
    Rendered rendered;
    rendered.meta = (*group)->meta;
    rendered.location = scim::locationOf(*context.group_type, view.baseUrl(), target->id);
    rendered.not_modified = true;
    return rendered;
  }
  return renderGroup(context, view, *target->domain, **group, projection);
}

Result<Rendered> replaceGroup(const Context& context, const View& view, std::string_view id,
                              const json::Value& body, const scim::Projection& projection,
                              const Preconditions& preconditions) {
  auto target = findTarget(view, *context.group_type, ResourceKind::kGroup, id);
  if (!target) return propagate(target);
  if (auto writable = requireWritable(*target->domain); !writable) return propagate(writable);
  auto members = membersOfBody(*target->domain, body);
  if (!members) return propagate(members);
  const bool replaces_members = !keepsMembers(view, body);
  const MembershipRequest request{[&](store::Session&) -> Result<store::MembershipChange> {
    return store::MembershipChange{*members, {}, replaces_members};
  }};
  auto event = changeOf(context, view, *target, "updated");
  const auto edit = editOf(context, view, *target->domain, preconditions, store::ChangeKind::kPut,
                           event, [&](const json::Object& current) -> Result<json::Object> {
                             auto valid =
                                 scim::validateReplace(*context.registry, *context.group_type, body,
                                                       current, view.tolerating());
                             if (!valid) return propagate(valid);
                             logDropped(valid->dropped);
                             if (auto named = localiseNameWithin(
                                     view, *context.group_type, *target->domain, valid->attributes);
                                 !named) {
                               return propagate(named);
                             }
                             return std::move(valid->attributes);
                           });
  return applyChange(context, view, *target, edit, event, request,
                     answering(*context.group_type, projection, body), true);
}

Result<Rendered> patchGroup(const Context& context, const View& view, std::string_view id,
                            const json::Value& body, const scim::Projection& projection,
                            const Preconditions& preconditions, bool with_body) {
  auto target = findTarget(view, *context.group_type, ResourceKind::kGroup, id);
  if (!target) return propagate(target);
  if (auto writable = requireWritable(*target->domain); !writable) return propagate(writable);
  std::vector<std::string> dropped;
  auto operations =
      scim::parsePatch(*context.registry, *context.group_type, body, view.tolerating(), &dropped);
  if (!operations) return propagate(operations);
  logDropped(dropped);
  const auto shown = answering(*context.group_type, projection, *operations);
  auto split = scim::splitMembership(*scim::relationOf(*context.group_type), *std::move(operations),
                                     view.tolerating());
  if (!split) return propagate(split);
  const MembershipRequest request{[&](store::Session& session) {
                                    return reduceSteps(context, view, *target->domain, session,
                                                       target->id, split->members);
                                  },
                                  dependsOnMembers(split->members)};

  auto event = changeOf(context, view, *target, "updated");
  const auto logged = [&](Result<Rendered> changed) {
    if (changed) logEmptied(view, target->id, split->members);
    return changed;
  };
  if (split->rest.empty()) {
    // Pure membership: the stored JSON is neither parsed nor written.
    const store::GroupEdit check =
        [&](const store::StoredResource& stored) -> Result<std::optional<store::GroupWrite>> {
      if (auto match = preconditions.checkWrite(stored.meta.version); !match) {
        return propagate(match);
      }
      announceStored(view.catalog(), bitOf(store::ChangeKind::kPatch), stored.document, event);
      return std::optional<store::GroupWrite>();
    };
    return logged(applyChange(context, view, *target, check, event, request, shown, with_body));
  }
  const auto edit = editOf(context, view, *target->domain, preconditions, store::ChangeKind::kPatch,
                           event, [&](const json::Object& current) {
                             return editAsShown(view, *context.group_type, *target->domain, current,
                                                [&](const json::Object& attributes) {
                                                  return scim::applyPatch(
                                                      *context.registry, *context.group_type,
                                                      attributes, split->rest, view.tolerating());
                                                });
                           });
  return logged(applyChange(context, view, *target, edit, event, request, shown, with_body));
}

Result<void> deleteGroup(const Context& context, const View& view, std::string_view id,
                         const Preconditions& preconditions) {
  auto target = findTarget(view, *context.group_type, ResourceKind::kGroup, id);
  if (!target) return propagate(target);
  if (auto writable = requireWritable(*target->domain); !writable) return propagate(writable);
  const store::MembershipChange emptying{{}, {}, true};
  auto event = changeOf(context, view, *target, "deleted");
  const GuardedChange guarded(context, view, *target->domain);
  auto deleted = guarded.settle(context.database->write([&](store::Session& session) {
    return store::deleteGroup(
        session, target->domain->tables(), target->id,
        [&](const store::StoredResource& stored) {
          announceStored(view.catalog(), bitOf(store::ChangeKind::kDelete), stored.document, event);
          return preconditions.checkWrite(stored.meta.version);
        },
        now(), {context.database->controlSchema(), event, guarded.rails()},
        guardOf(context, view, *target->domain, session, &target->id, emptying));
  }));
  if (!deleted) return propagate(deleted);
  if (!*deleted) return notFound(*context.group_type);
  return {};
}

}  // namespace vestibule::directory
