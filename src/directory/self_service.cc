#include "directory/self_service.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <string>
#include <string_view>

namespace vestibule::directory {
namespace {

/// Attributes of the core schema (RFC 7643 §4.1) that say how somebody is called and reached. All
/// others, and those of every extension, say who they are to other systems or what they may do.
constexpr std::array<std::string_view, 11> kOwnAttributes{
    "name",     "displayName",  "nickName", "profileUrl", "preferredLanguage", "locale",
    "timezone", "phoneNumbers", "ims",      "photos",     "addresses"};

bool actsBySelfService(const Principal& principal, Scope scope) {
  return principal.has(selfServiceScope(scope)) && !principal.has(scope);
}

Result<void> requireActive(const json::Object& user) {
  if (isActive(user)) return {};
  return failure(ErrorKind::kForbidden, "the user of this token is deactivated", "active");
}

bool isSame(const json::Value* left, const json::Value* right) {
  if (left == nullptr || right == nullptr) return left == right;
  return *left == *right;
}

/// The name of a member that `one` has and `other` has not, or has with another value; empty when
/// there is none.
std::string_view firstDifferent(const json::Object& one, const json::Object& other) {
  for (const auto& [key, value] : one) {
    if (!isSame(&value, other.find(key))) return key;
  }
  return {};
}

/// The attribute `key` that differs, with the sub-attribute where it is a whole extension.
std::string nameOf(std::string_view key, const json::Value* before, const json::Value* after) {
  std::string name(key);
  if (!key.starts_with("urn:")) return name;
  static const json::Object kNone;
  const auto* old_values = before != nullptr ? before->object() : &kNone;
  const auto* new_values = after != nullptr ? after->object() : &kNone;
  if (old_values == nullptr || new_values == nullptr) return name;
  auto within = firstDifferent(*new_values, *old_values);
  if (within.empty()) within = firstDifferent(*old_values, *new_values);
  return within.empty() ? name : name.append(":").append(within);
}

Result<void> checkOwn(const json::Object& changed, const json::Object& before,
                      const json::Object& after) {
  for (const auto& [key, value] : changed) {
    const auto* old_value = before.find(key);
    const auto* new_value = after.find(key);
    const bool own = isOwnAttribute(key);
    // `schemas` follows from the other attributes, which are looked at.
    if (own || key == "schemas" || isSame(old_value, new_value)) continue;
    const std::string name = nameOf(key, old_value, new_value);
    return failure(ErrorKind::kForbidden,
                   "users may not change " + name + " of themselves: it takes a token with the " +
                       "scope scim:write",
                   name);
  }
  return {};
}

}  // namespace

Scope selfServiceScope(Scope scope) {
  assert(scope == Scope::kScimRead || scope == Scope::kScimWrite);
  return scope == Scope::kScimRead ? Scope::kMeRead : Scope::kMeWrite;
}

bool isOwnAttribute(std::string_view name) {
  return std::find(kOwnAttributes.begin(), kOwnAttributes.end(), name) != kOwnAttributes.end();
}

bool isActive(const json::Object& attributes) {
  const json::Value* active = attributes.find("active");
  return active == nullptr || active->boolean() == nullptr || *active->boolean();
}

Result<void> checkSelfServiceRead(const Principal& principal, const json::Object& user) {
  return actsBySelfService(principal, Scope::kScimRead) ? requireActive(user) : Result<void>();
}

Result<void> checkSelfServiceWrite(const Principal& principal, const json::Object& before,
                                   const json::Object& after) {
  if (!actsBySelfService(principal, Scope::kScimWrite)) return {};
  if (auto active = requireActive(before); !active) return active;
  if (auto own = checkOwn(after, before, after); !own) return own;
  return checkOwn(before, before, after);  // what is gone
}

Result<void> checkSelfServiceDelete(const Principal& principal) {
  if (!actsBySelfService(principal, Scope::kScimWrite)) return {};
  return failure(ErrorKind::kForbidden,
                 "users may not delete themselves: it takes a token with the scope scim:write");
}

}  // namespace vestibule::directory
