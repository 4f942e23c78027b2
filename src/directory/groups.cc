#include "directory/groups.h"

#include <algorithm>
#include <cassert>
#include <unordered_set>

#include "base/unicode.h"
#include "directory/addressing.h"
#include "directory/group_members.h"
#include "directory/stored_document.h"
#include "json/write.h"
#include "scim/filter/filter.h"
#include "scim/resource/render.h"

namespace vestibule::directory {
namespace {

constexpr std::size_t kDisplayNameCharacters = 255;

/// The `members` array of a POST or PUT body, as ids of the domain.
Result<std::vector<ResourceId>> membersOfBody(const Domain& domain, const json::Value& body) {
  const auto* members = body.isObject() ? body.object()->findIgnoringCase("members") : nullptr;
  if (members == nullptr || members->isNull()) return std::vector<ResourceId>{};
  auto values = scim::memberValues(*members);
  if (!values) return propagate(values);
  return memberIds(domain, *values);
}

/// The edit of a PUT or PATCH: from the stored JSON to a new write, or nothing when it stays the
/// same.
template <typename Change>
store::GroupEdit editOf(const Context& context, const Domain& domain,
                        const Preconditions& preconditions, Change change) {
  return [&context, &domain, &preconditions, change = std::move(change)](
             const store::StoredResource& stored) -> Result<std::optional<store::GroupWrite>> {
    if (auto match = preconditions.checkMatch(stored.meta.version); !match) {
      return propagate(match);
    }
    auto current = parseStored(stored.document);
    if (!current) return propagate(current);
    auto edited = change(*current);
    if (!edited) return propagate(edited);
    auto write = prepareGroupWrite(context, domain, *edited);
    if (!write) return propagate(write);
    if (write->document == stored.document) return std::optional<store::GroupWrite>();
    return std::optional<store::GroupWrite>(*std::move(write));
  };
}

Result<Rendered> applyChange(const Context& context, const View& view, const Target& target,
                             const store::GroupEdit& edit, const store::MembershipChange& members,
                             const scim::Projection& projection, bool with_body) {
  auto changed = context.database->write([&](store::Session& session) {
    return store::changeGroup(session, target.domain->tables(), target.id, edit, members, now());
  });
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
                                            const json::Object& attributes) {
  const auto* name = attributes.find(context.group_type->naming_attribute->name);
  if (name == nullptr || !name->isString()) {
    return failure(ErrorKind::kInvalidValue, "displayName is required", "displayName");
  }
  const std::string& text = *name->string();
  if (codePointCount(text) > kDisplayNameCharacters) {
    return failure(ErrorKind::kInvalidValue, "displayName is longer than 255 characters",
                   "displayName");
  }
  if (domain.naming_prefix.empty() && text.find('/') != std::string::npos) {
    return failure(ErrorKind::kInvalidValue,
                   "a group name of the PRIMARY domain has no \"/\": it divides domain and name",
                   "displayName");
  }
  if (auto allowed = domain.policy.checkRoleName(text); !allowed) {
    allowed.error().attribute = "displayName";
    return propagate(allowed);
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
  return write;
}

Result<Rendered> createGroup(const Context& context, const View& view, const json::Value& body,
                             const scim::Projection& projection) {
  auto valid = scim::validateCreate(*context.registry, *context.group_type, body);
  if (!valid) return propagate(valid);
  logDropped(valid->dropped);
  auto domain = localiseName(view, *context.group_type, valid->attributes);
  if (!domain) return propagate(domain);
  if (auto writable = requireWritable(**domain); !writable) return propagate(writable);
  auto write = prepareGroupWrite(context, **domain, valid->attributes);
  if (!write) return propagate(write);
  auto members = membersOfBody(**domain, body);
  if (!members) return propagate(members);

  scim::ResourceMeta meta;
  meta.id = ResourceId::generate((*domain)->tables().number, ResourceKind::kGroup);
  meta.version = Version(1);
  meta.created = meta.modified = now();
  auto stored = context.database->write([&](store::Session& session) {
    return store::insertGroup(session, (*domain)->tables(), meta, *write, *members);
  });
  if (!stored) return propagate(stored);
  store::StoredResource group{meta, std::move(write->document)};
  return renderGroup(context, view, **domain, group, projection);
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
  store::MembershipChange change;
  change.add = *std::move(members);
  change.replace_all = true;
  const auto edit = editOf(
      context, *target->domain, preconditions,
      [&](const json::Object& current) -> Result<json::Object> {
        auto valid = scim::validateReplace(*context.registry, *context.group_type, body, current);
        if (!valid) return propagate(valid);
        if (auto named =
                localiseNameWithin(view, *context.group_type, *target->domain, valid->attributes);
            !named) {
          return propagate(named);
        }
        return std::move(valid->attributes);
      });
  return applyChange(context, view, *target, edit, change, projection, true);
}

Result<Rendered> patchGroup(const Context& context, const View& view, std::string_view id,
                            const json::Value& body, const scim::Projection& projection,
                            const Preconditions& preconditions, bool with_body) {
  auto target = findTarget(view, *context.group_type, ResourceKind::kGroup, id);
  if (!target) return propagate(target);
  if (auto writable = requireWritable(*target->domain); !writable) return propagate(writable);
  auto operations = scim::parsePatch(*context.registry, *context.group_type, body);
  if (!operations) return propagate(operations);
  auto split =
      scim::splitMembership(*scim::relationOf(*context.group_type), *std::move(operations));
  if (!split) return propagate(split);
  auto members = reduceSteps(context, *target->domain, target->id, split->members);
  if (!members) return propagate(members);

  if (split->rest.empty()) {
    // Pure membership: the stored JSON is neither parsed nor written.
    const store::GroupEdit check =
        [&](const store::StoredResource& stored) -> Result<std::optional<store::GroupWrite>> {
      if (auto match = preconditions.checkMatch(stored.meta.version); !match) {
        return propagate(match);
      }
      return std::optional<store::GroupWrite>();
    };
    return applyChange(context, view, *target, check, *members, projection, with_body);
  }
  const auto edit = editOf(
      context, *target->domain, preconditions,
      [&](const json::Object& current) -> Result<json::Object> {
        auto edited =
            scim::applyPatch(*context.registry, *context.group_type, current, split->rest);
        if (!edited) return propagate(edited);
        if (isRenamed(*context.group_type, current, *edited)) {
          if (auto named = localiseNameWithin(view, *context.group_type, *target->domain, *edited);
              !named) {
            return propagate(named);
          }
        }
        return edited;
      });
  return applyChange(context, view, *target, edit, *members, projection, with_body);
}

Result<void> deleteGroup(const Context& context, const View& view, std::string_view id,
                         const Preconditions& preconditions) {
  auto target = findTarget(view, *context.group_type, ResourceKind::kGroup, id);
  if (!target) return propagate(target);
  if (auto writable = requireWritable(*target->domain); !writable) return propagate(writable);
  auto deleted = context.database->write([&](store::Session& session) {
    return store::deleteGroup(session, target->domain->tables(), target->id,
                              [&](const store::StoredResource& stored) {
                                return preconditions.checkMatch(stored.meta.version);
                              });
  });
  if (!deleted) return propagate(deleted);
  if (!*deleted) return notFound(*context.group_type);
  return {};
}

}  // namespace vestibule::directory
