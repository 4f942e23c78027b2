#include "directory/group_members.h"

#include <algorithm>
#include <cassert>
#include <unordered_set>

#include "directory/stored_document.h"
#include "json/write.h"
#include "scim/filter/filter.h"
#include "scim/resource/render.h"

namespace vestibule::directory {
namespace {

constexpr std::size_t kMembersPerRead = 2'000;

std::optional<ResourceId> memberId(const Domain& domain, std::string_view text) {
  const auto id = ResourceId::parse(text);
  if (!id || id->kind() != ResourceKind::kUser || id->domain() != domain.tables().number) {
    return std::nullopt;
  }
  return id;
}

/// Calls `take(member)` for each member in order. Reads in pieces, so that memory stays flat.
template <typename Take>
Result<void> forEachMember(const Context& context, const Domain& domain, const ResourceId& group,
                           Take take) {
  std::uint64_t after = 0;
  for (;;) {
    auto page = context.database->read([&](store::Session& session) {
      return store::listMembers(session, domain.tables(), group, after, kMembersPerRead);
    });
    if (!page) return propagate(page);
    for (auto& member : page->members) {
      if (auto taken = take(std::move(member)); !taken) return taken;
    }
    if (page->members.size() < kMembersPerRead) return {};
    after = page->last;
  }
}

Result<std::vector<ResourceId>> matchingMembers(const Context& context, const Domain& domain,
                                                const ResourceId& group,
                                                const scim::BoundFilter& filter) {
  std::vector<ResourceId> matching;
  std::uint64_t seen = 0;
  auto read =
      forEachMember(context, domain, group, [&](store::StoredMember member) -> Result<void> {
        if (++seen > context.limits.scan_limit) {
          return failure(ErrorKind::kTooMany,
                         "the group has too many members for this filter; name them by value",
                         "members");
        }
        const scim::GroupMember shown{member.id, std::move(member.user_name)};
        const json::Value element(scim::memberObject(shown, "", "", *context.user_type));
        if (scim::evaluateElement(filter, element)) matching.push_back(shown.id);
        return {};
      });
  if (!read) return propagate(read);
  return matching;
}

/// Insertion-ordered set of ids.
class IdSet {
 public:
  void insert(const ResourceId& id) {
    if (known_.insert(id).second) order_.push_back(id);
  }
  void erase(const ResourceId& id) { known_.erase(id); }
  void clear() {
    known_.clear();
    order_.clear();
  }
  [[nodiscard]] std::vector<ResourceId> take() {
    // An id that was erased and inserted again stands in `order_` twice.
    std::vector<ResourceId> ids;
    for (const auto& id : order_) {
      if (known_.erase(id) > 0) ids.push_back(id);
    }
    return ids;
  }

 private:
  std::unordered_set<ResourceId> known_;
  std::vector<ResourceId> order_;
};

}  // namespace

Result<std::vector<ResourceId>> memberIds(const Domain& domain,
                                          const std::vector<std::string>& values) {
  IdSet ids;
  for (const auto& value : values) {
    const auto id = memberId(domain, value);
    if (!id) {
      const auto parsed = ResourceId::parse(value);
      return failure(ErrorKind::kInvalidValue,
                     parsed && parsed->kind() == ResourceKind::kGroup
                         ? "groups as members of groups are not supported"
                         : "a member is not a user of this domain",
                     "members");
    }
    ids.insert(*id);
  }
  return ids.take();
}

Result<store::MembershipChange> reduceSteps(const Context& context, const Domain& domain,
                                            const ResourceId& group,
                                            const std::vector<scim::MemberStep>& steps) {
  IdSet add;
  IdSet remove;
  store::MembershipChange change;
  const auto drop = [&](const ResourceId& id) {
    add.erase(id);
    if (!change.replace_all) remove.insert(id);
  };
  for (const auto& step : steps) {
    switch (step.kind) {
      case scim::MemberStep::Kind::kReplaceAll:
      case scim::MemberStep::Kind::kRemoveAll:
        change.replace_all = true;
        add.clear();
        remove.clear();
        [[fallthrough]];
      case scim::MemberStep::Kind::kAdd: {
        auto ids = memberIds(domain, step.values);
        if (!ids) return propagate(ids);
        for (const auto& id : *ids) {
          remove.erase(id);
          add.insert(id);
        }
        break;
      }
      case scim::MemberStep::Kind::kRemove:
        for (const auto& value : step.values) {
          if (const auto id = memberId(domain, value)) drop(*id);
        }
        break;
      case scim::MemberStep::Kind::kRemoveMatching: {
        auto matching = matchingMembers(context, domain, group, *step.matching);
        if (!matching) return propagate(matching);
        for (const auto& id : *matching) drop(id);
        break;
      }
    }
  }
  change.add = add.take();
  change.remove = remove.take();
  return change;
}

Result<Rendered> renderGroup(const Context& context, const View& view, const Domain& domain,
                             const store::StoredResource& group,
                             const scim::Projection& projection) {
  const auto& type = *context.group_type;
  const auto prefix = view.namingPrefix(domain);
  Rendered rendered;
  rendered.meta = group.meta;
  rendered.location = scim::locationOf(type, view.baseUrl(), group.meta.id);

  scim::AttributeRef members;
  members.schema = type.schema;
  members.attribute = scim::relationOf(type);
  if (projection.isDefault() && type.stored_as_returned) {
    std::string text;
    auto read = forEachMember(context, domain, group.meta.id,
                              [&](store::StoredMember member) -> Result<void> {
                                text += text.empty() ? R"("members":[)" : ",";
                                scim::appendMember(text, {member.id, std::move(member.user_name)},
                                                   view.baseUrl(), prefix, *context.user_type);
                                return {};
                              });
    if (!read) return propagate(read);
    if (!text.empty()) text += ']';
    rendered.body =
        scim::renderStored(type, group.document, group.meta, view.baseUrl(), prefix, text);
    return rendered;
  }

  json::Array array;
  if (projection.shows(members)) {
    auto read = forEachMember(
        context, domain, group.meta.id, [&](store::StoredMember member) -> Result<void> {
          array.emplace_back(scim::memberObject({member.id, std::move(member.user_name)},
                                                view.baseUrl(), prefix, *context.user_type));
          return {};
        });
    if (!read) return propagate(read);
  }
  auto attributes = parseStored(group.document);
  if (!attributes) return propagate(attributes);
  rendered.body = json::write(
      projection.apply(type, scim::completeResource(type, *std::move(attributes), group.meta,
                                                    view.baseUrl(), prefix, std::move(array))));
  return rendered;
}

}  // namespace vestibule::directory
