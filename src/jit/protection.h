#pragma once
// Users and groups that no login of an identity provider touches (protectedUsers, protectedGroups).

#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "directory/catalog.h"
#include "json/value.h"
#include "scim/schema/document_reader.h"
#include "scim/schema/registry.h"
#include "store/user_store.h"

namespace vestibule::jit {

/// Names in domains.
class ProtectedNames {
 public:
  /// `domain` empty: the name in every domain.
  void add(std::string domain, std::string key) {
    names_.emplace(std::move(domain), std::move(key));
  }
  /// True when the folded name is one of them in this domain. O(log names).
  [[nodiscard]] bool contain(const DomainName& domain, const std::string& key) const {
    return names_.contains({domain.value(), key}) || names_.contains({std::string(), key});
  }
  [[nodiscard]] bool empty() const { return names_.empty(); }
  /// The domains that are named, each once.
  [[nodiscard]] std::set<DomainName> domains() const;
  /// The folded names that hold in this domain.
  [[nodiscard]] std::set<std::string> keysIn(const DomainName& domain) const;

 private:
  std::set<std::pair<std::string, std::string>> names_;
};

/// What an identity provider may not touch.
struct Protection {
  ProtectedNames users;   ///< by the prepared user name, whatever the domain thinks of case
  ProtectedNames groups;  ///< by the folded display name
};

/// Names that each list may have.
inline constexpr std::size_t kMaxProtectedNames = 1'000;

/// Reads protectedUsers and protectedGroups of the section `jit` (`DOMAIN/name`; a bare name is
/// protected in every domain), and adds them to `canonical`.
[[nodiscard]] Protection readProtection(scim::Fields& fields, json::Object& canonical);

/// True when a user of this name is protected in the domain.
[[nodiscard]] bool isProtectedUser(const Protection& protection, const DomainName& domain,
                                   std::string_view user_name);

/// True when the user is protected by its name, or, with `by_groups`, is in a protected group,
/// directly or through others.
[[nodiscard]] bool isProtectedUser(const Protection& protection, const DomainName& domain,
                                   const scim::ResourceType& user_type,
                                   const store::StoredUser& user, const json::Object& attributes,
                                   bool by_groups);

}  // namespace vestibule::jit
