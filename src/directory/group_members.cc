#include "directory/group_members.h"

#include <algorithm>
#include <set>

#include "directory/stored_document.h"
#include "scim/filter/filter.h"
#include "scim/resource/render.h"
#include "store/search.h"

namespace vestibule::directory {
namespace {

constexpr std::size_t kMembersPerRead = 2'000;
constexpr std::size_t kResourcesPerRead = 500;

std::optional<ResourceId> memberId(const Domain& domain, std::string_view text) {
  const auto id = ResourceId::parse(text);
  const bool can_be = id &&
                      (id->kind() == ResourceKind::kUser || id->kind() == ResourceKind::kGroup) &&
                      id->domain() == domain.tables().number;
  return can_be ? id : std::nullopt;
}

const scim::ResourceType& typeOf(const Context& context, const ResourceId& member) {
  return member.kind() == ResourceKind::kGroup ? *context.group_type : *context.user_type;
}

/// Calls `take(member)` for each member in order. `read(after)` gives the next piece, so that
/// memory stays flat.
template <typename Read, typename Take>
Result<void> forEachMember(Read read, Take take, store::MemberPlace after = {}) {
  for (;;) {
    Result<store::MemberPage> page = read(after);
    if (!page) return propagate(page);
    for (auto& member : page->members) {
      if (auto taken = take(std::move(member)); !taken) return taken;
    }
    if (page->members.size() < kMembersPerRead) return {};
    after = page->last;
  }
}

/// Calls `take(member)` for each of these resources of one kind that exists.
template <typename Take>
Result<void> forEachOf(ResourceKind kind, const Context& context, const Domain& domain,
                       store::Session& session, const std::set<ResourceId>& ids, Take take) {
  const auto& type = kind == ResourceKind::kGroup ? *context.group_type : *context.user_type;
  const auto& naming = type.naming_attribute->name;
  const scim::AttributeRef id{nullptr, false, context.registry->commonAttributes().find("id"),
                              nullptr};
  for (auto next = ids.begin(); next != ids.end();) {
    scim::BoundFilter filter;
    scim::Or any;
    for (; next != ids.end() && any.children.size() < kResourcesPerRead; ++next) {
      if (next->kind() != kind) continue;
      any.children.push_back(static_cast<scim::NodeIndex>(filter.nodes.size()));
      filter.nodes.emplace_back(
          scim::Comparison{id, scim::CompareOp::kEq, next->text(), json::Value(next->text())});
    }
    filter.root = static_cast<scim::NodeIndex>(filter.nodes.size());
    filter.nodes.emplace_back(std::move(any));
    store::SearchRequest request;
    request.registry = context.registry.get();
    request.type = &type;
    request.kind = kind;
    request.filter = &filter;
    request.count = kResourcesPerRead;
    request.with_total = false;
    auto page = store::search(session, domain.tables(), request);
    if (!page) return propagate(page);
    for (const auto& found : page->resources) {
      auto attributes = parseStored(found.resource.document);
      if (!attributes) return propagate(attributes);
      const json::Value* name = attributes->find(naming);
      store::StoredMember member{found.resource.meta.id, {}};
      if (name != nullptr && name->isString()) member.name = *name->string();
      if (auto taken = take(std::move(member)); !taken) return taken;
    }
  }
  return {};
}

/// The steps of one PATCH while they are taken together.
class StepReducer {
 public:
  StepReducer(const Context& context, const View& view, const Domain& domain,
              store::Session& session, const ResourceId& group)
      : context_(context), view_(view), domain_(domain), session_(session), group_(group) {}

  Result<void> take(const scim::MemberStep& step) {
    switch (step.kind) {
      case scim::MemberStep::Kind::kReplaceAll:
      case scim::MemberStep::Kind::kRemoveAll:
        replace_all_ = true;
        add_.clear();
        remove_.clear();
        return add(step.values);
      case scim::MemberStep::Kind::kAdd:
        return add(step.values);
      case scim::MemberStep::Kind::kRemove:
        for (const auto& value : step.values) {
          if (const auto id = memberId(domain_, value)) drop(*id);
        }
        return {};
      case scim::MemberStep::Kind::kRemoveMatching:
        return removeMatching(*step.matching);
    }
    return {};
  }

  store::MembershipChange finish() const {
    return {{add_.begin(), add_.end()}, {remove_.begin(), remove_.end()}, replace_all_};
  }

 private:
  Result<void> add(const std::vector<std::string>& values) {
    auto ids = memberIds(domain_, values);
    if (!ids) return propagate(ids);
    for (const auto& id : *ids) {
      remove_.erase(id);
      add_.insert(id);
    }
    return {};
  }

  void drop(const ResourceId& id) {
    add_.erase(id);
    if (!replace_all_) remove_.insert(id);
  }

  /// Chooses among who is in the group by now: those stored, unless an earlier step sent them all
  /// away, and those added since.
  Result<void> removeMatching(const scim::BoundFilter& filter) {
    std::vector<ResourceId> matching;
    std::uint64_t seen = 0;
    const auto look = [&](store::StoredMember member) -> Result<void> {
      if (++seen > context_.limits.scan_limit) {
        return failure(ErrorKind::kTooMany,
                       "the group has too many members for this filter; name them by value",
                       "members");
      }
      const scim::GroupMember shown{member.id, std::move(member.name)};
      const json::Value element(scim::memberObject(
          shown, view_.baseUrl(), view_.namingPrefix(domain_), typeOf(context_, shown.id)));
      if (scim::evaluateElement(filter, element)) matching.push_back(shown.id);
      return {};
    };
    if (!replace_all_) {
      auto looked = forEachMember(
          [&](const store::MemberPlace& after) {
            return store::listMembers(session_, domain_.tables(), group_, after, kMembersPerRead);
          },
          look);
      if (!looked) return looked;
    }
    for (const auto kind : {ResourceKind::kUser, ResourceKind::kGroup}) {
      auto looked = forEachOf(kind, context_, domain_, session_, add_, look);
      if (!looked) return looked;
    }
    for (const auto& id : matching) drop(id);
    return {};
  }

  const Context& context_;
  const View& view_;
  const Domain& domain_;
  store::Session& session_;
  const ResourceId& group_;
  // Ordered, like every set of what clients send: whoever knows a hash can make it slow.
  std::set<ResourceId> add_;
  std::set<ResourceId> remove_;
  bool replace_all_ = false;
};

}  // namespace

Result<std::vector<ResourceId>> memberIds(const Domain& domain,
                                          const std::vector<std::string>& values) {
  std::set<ResourceId> ids;
  for (const auto& value : values) {
    const auto id = memberId(domain, value);
    if (!id) {
      return failure(ErrorKind::kInvalidValue,
                     "a member is neither a user nor a group of this domain", "members");
    }
    ids.insert(*id);
  }
  return std::vector<ResourceId>(ids.begin(), ids.end());
}

Result<std::vector<std::string>> movedGroups(const Context& context, const Domain& domain,
                                             store::Session& session, const ResourceId* group,
                                             const store::MembershipChange& change) {
  const auto groupsAmong = [](const std::vector<ResourceId>& ids) {
    std::set<ResourceId> groups;
    for (const auto& id : ids) {
      if (id.kind() == ResourceKind::kGroup) groups.insert(id);
    }
    return groups;
  };
  auto add = groupsAmong(change.add);
  const auto remove = groupsAmong(change.remove);
  std::vector<std::string> moved;
  if (add.empty() && remove.empty() && !change.replace_all) return moved;
  if (group != nullptr) {
    auto read = forEachMember(
        [&](const store::MemberPlace& after) {
          return store::listMembers(session, domain.tables(), *group, after, kMembersPerRead);
        },
        [&](store::StoredMember member) -> Result<void> {
          const bool stays = add.erase(member.id) > 0;
          const bool goes = change.replace_all ? !stays : remove.contains(member.id);
          if (goes) moved.push_back(std::move(member.name));
          return {};
        },
        store::MemberPlace{true, 0});
    if (!read) return propagate(read);
  }
  auto named = forEachOf(ResourceKind::kGroup, context, domain, session, add,
                         [&](store::StoredMember member) -> Result<void> {
                           moved.push_back(std::move(member.name));
                           return {};
                         });
  if (!named) return propagate(named);
  return moved;
}

bool dependsOnMembers(const std::vector<scim::MemberStep>& steps) {
  return std::any_of(steps.begin(), steps.end(), [](const scim::MemberStep& step) {
    return step.kind == scim::MemberStep::Kind::kRemoveMatching;
  });
}

Result<store::MembershipChange> reduceSteps(const Context& context, const View& view,
                                            const Domain& domain, store::Session& session,
                                            const ResourceId& group,
                                            const std::vector<scim::MemberStep>& steps) {
  StepReducer reducer(context, view, domain, session, group);
  for (const auto& step : steps) {
    if (auto taken = reducer.take(step); !taken) return propagate(taken);
  }
  return reducer.finish();
}

}  // namespace vestibule::directory
