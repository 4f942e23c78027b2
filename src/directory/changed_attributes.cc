#include "directory/changed_attributes.h"

#include <string_view>

namespace vestibule::directory {
namespace {

/// Only extensions are called by a URN at the top of a resource (RFC 7643 §3).
bool isExtension(const json::Member& member) {
  return member.key.starts_with("urn:") && member.value.isObject();
}

void compare(const json::Object& before, const json::Object& after, const std::string& prefix,
             std::vector<std::string>& names);

/// One attribute, or all of an extension; null where it is absent.
void compareMember(const json::Member& member, const json::Value* before, const json::Value* after,
                   const std::string& prefix, std::vector<std::string>& names) {
  if (prefix.empty() && isExtension(member)) {
    static const json::Object kNone;
    const auto* old_part = before == nullptr ? nullptr : before->object();
    const auto* new_part = after == nullptr ? nullptr : after->object();
    compare(old_part == nullptr ? kNone : *old_part, new_part == nullptr ? kNone : *new_part,
            member.key + ":", names);
    return;
  }
  const bool same = before != nullptr && after != nullptr && *before == *after;
  if (!same) names.push_back(prefix + member.key);
}

void compare(const json::Object& before, const json::Object& after, const std::string& prefix,
             std::vector<std::string>& names) {
  for (const auto& member : after) {
    if (prefix.empty() && member.key == "schemas") continue;
    compareMember(member, before.find(member.key), &member.value, prefix, names);
  }
  for (const auto& member : before) {
    if (prefix.empty() && member.key == "schemas") continue;
    if (after.find(member.key) == nullptr) {
      compareMember(member, &member.value, nullptr, prefix, names);
    }
  }
}

}  // namespace

std::vector<std::string> changedAttributes(const json::Object& before, const json::Object& after) {
  std::vector<std::string> names;
  compare(before, after, {}, names);
  return names;
}

}  // namespace vestibule::directory
