#include "jit/protection.h"

#include <algorithm>
#include <optional>

#include "base/blanks.h"
#include "base/unicode.h"

namespace vestibule::jit {
namespace {

/// A list of names, each made comparable by `key_of`, which gives nothing for what cannot be one.
template <typename KeyOf>
ProtectedNames readNames(scim::Fields& fields, std::string_view setting, json::Object& canonical,
                         KeyOf&& key_of) {
  ProtectedNames names;
  json::Array shown;
  const auto stated = fields.texts(setting);
  if (stated.size() > kMaxProtectedNames) fields.fail(setting, "has more than 1000 names");
  for (const std::string& text : stated) {
    const std::size_t slash = text.find('/');
    std::string domain = slash == std::string::npos ? "" : upperAscii(text.substr(0, slash));
    const std::string name = slash == std::string::npos ? text : text.substr(slash + 1);
    auto key = key_of(name);
    if (!key || (slash != std::string::npos && domain.empty())) {
      fields.fail(setting, "'" + text + "' is neither a name nor DOMAIN/name");
      break;
    }
    std::string canonical_name = domain;
    if (!domain.empty()) canonical_name += '/';
    canonical_name += name;
    shown.emplace_back(std::move(canonical_name));
    names.add(std::move(domain), *std::move(key));
  }
  canonical.set(setting, std::move(shown));
  return names;
}

std::optional<std::string> userKey(std::string_view name) {
  auto key = prepareUserName(name);
  if (!key) return std::nullopt;
  return *std::move(key);
}

}  // namespace

std::set<DomainName> ProtectedNames::domains() const {
  std::set<DomainName> domains;
  for (const auto& [domain, key] : names_) {
    if (!domain.empty()) domains.emplace(domain);
  }
  return domains;
}

std::set<std::string> ProtectedNames::keysIn(const DomainName& domain) const {
  std::set<std::string> keys;
  for (const auto& [named, key] : names_) {
    if (named.empty() || named == domain.value()) keys.insert(key);
  }
  return keys;
}

Protection readProtection(scim::Fields& fields, json::Object& canonical) {
  Protection protection;
  protection.users = readNames(fields, "protectedUsers", canonical, userKey);
  protection.groups = readNames(fields, "protectedGroups", canonical, [](const std::string& name) {
    return trimmed(name).empty() ? std::nullopt : std::optional(foldCase(name));
  });
  return protection;
}

bool isProtectedUser(const Protection& protection, const DomainName& domain,
                     std::string_view user_name) {
  if (protection.users.empty()) return false;
  const auto key = userKey(user_name);
  return key && protection.users.contain(domain, *key);
}

bool isProtectedUser(const Protection& protection, const DomainName& domain,
                     const scim::ResourceType& user_type, const store::StoredUser& user,
                     const json::Object& attributes, bool by_groups) {
  const json::Value* name = attributes.find(user_type.naming_attribute->name);
  if (name != nullptr && name->string() != nullptr &&
      isProtectedUser(protection, domain, *name->string())) {
    return true;
  }
  if (!by_groups || protection.groups.empty()) return false;
  return std::any_of(user.groups.begin(), user.groups.end(), [&](const auto& group) {
    return protection.groups.contain(domain, foldCase(group.display));
  });
}

}  // namespace vestibule::jit
