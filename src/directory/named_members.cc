#include "directory/named_members.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/unicode.h"
#include "store/group_store.h"
#include "store/user_batch_store.h"

namespace vestibule::directory {
namespace {

/// What a `members` array names, by kind.
struct Names {
  std::set<ResourceId> users;
  std::set<ResourceId> groups;
  std::map<std::string, std::string> user_names;   ///< folded, and as sent
  std::map<std::string, std::string> group_names;  ///< folded, and as sent
};

tl::unexpected<Error> badMember(const std::string& what) {
  return failure(ErrorKind::kInvalidValue, what, "members");
}

Result<void> takeId(Names& names, FoundMembers& found, const Domain& domain,
                    const json::Object& member) {
  const auto* value = member.findIgnoringCase("value");
  if (value == nullptr || !value->isString()) return badMember("a member has no value");
  const auto id = ResourceId::parse(*value->string());
  if (!id || id->domain() != domain.tables().number) {
    found.missing.push_back(*value->string());
  } else if (id->kind() == ResourceKind::kGroup) {
    names.groups.insert(*id);
  } else {
    names.users.insert(*id);
  }
  return {};
}

Result<void> takeName(Names& names, FoundMembers& found, const json::Object& member) {
  const auto* display = member.findIgnoringCase("display");
  if (display == nullptr || !display->isString()) {
    return badMember("a member has no display, which is to be its name");
  }
  const auto* type = member.findIgnoringCase("type");
  const bool is_group =
      type != nullptr && type->isString() && lowerAscii(*type->string()) == "group";
  if (is_group) {
    names.group_names.emplace(foldCase(*display->string()), *display->string());
    return {};
  }
  auto fold = prepareUserName(*display->string());
  if (fold) {
    names.user_names.emplace(*std::move(fold), *display->string());
  } else {
    found.missing.push_back(*display->string());
  }
  return {};
}

Result<void> findByIds(const Domain& domain, store::Session& session, const Names& names,
                       FoundMembers& found) {
  auto users =
      store::existingUsers(session, domain.tables(), {names.users.begin(), names.users.end()});
  if (!users) return propagate(users);
  const std::set<ResourceId> existing(users->begin(), users->end());
  for (const auto& id : names.users) {
    if (existing.contains(id)) {
      found.ids.push_back(id);
    } else {
      found.missing.push_back(id.text());
    }
  }
  for (const auto& id : names.groups) {
    auto group = store::findGroup(session, domain.tables(), id);
    if (!group) return propagate(group);
    if (*group) {
      found.ids.push_back(id);
    } else {
      found.missing.push_back(id.text());
    }
  }
  return {};
}

std::vector<std::string> keysOf(const std::map<std::string, std::string>& names) {
  std::vector<std::string> keys;
  keys.reserve(names.size());
  for (const auto& [key, name] : names) keys.push_back(key);
  return keys;
}

Result<void> findByNames(const Domain& domain, store::Session& session, const Names& names,
                         FoundMembers& found) {
  auto users = store::findUserIdsByName(session, domain.tables(), keysOf(names.user_names));
  if (!users) return propagate(users);
  std::map<std::string, std::vector<ResourceId>> by_fold;
  for (auto& [fold, id] : *users) by_fold[fold].push_back(id);
  for (const auto& [fold, name] : names.user_names) {
    const auto& ids = by_fold[fold];
    if (ids.size() == 1) {
      found.ids.push_back(ids.front());
    } else {
      found.missing.push_back(name);  // of several that differ in case, none is meant for certain
    }
  }
  auto groups = store::findGroupsByName(session, domain.tables(), keysOf(names.group_names));
  if (!groups) return propagate(groups);
  std::map<std::string, ResourceId> group_ids;
  for (const auto& group : groups->groups) group_ids.emplace(group.display_name_key, group.id);
  for (const auto& [key, name] : names.group_names) {
    const auto group = group_ids.find(key);
    if (group != group_ids.end()) {
      found.ids.push_back(group->second);
    } else {
      found.missing.push_back(name);
    }
  }
  return {};
}

}  // namespace

Result<FoundMembers> findMembers(const Context& context, const Domain& domain,
                                 const json::Value& members, MembersBy by) {
  const auto* array = members.array();
  if (array == nullptr) return badMember("members is no array");
  Names names;
  FoundMembers unknown;
  for (const auto& member : *array) {
    if (!member.isObject()) return badMember("a member is no object");
    auto taken = by == MembersBy::kId ? takeId(names, unknown, domain, *member.object())
                                      : takeName(names, unknown, *member.object());
    if (!taken) return propagate(taken);
  }
  return context.database->read([&](store::Session& session) -> Result<FoundMembers> {
    FoundMembers found = unknown;
    auto looked_up = by == MembersBy::kId ? findByIds(domain, session, names, found)
                                          : findByNames(domain, session, names, found);
    if (!looked_up) return propagate(looked_up);
    return found;
  });
}

}  // namespace vestibule::directory
