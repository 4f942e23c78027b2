#pragma once
// The people of the benchmark: user number n of a seed is always the same person with the same id,
// so that loader, bound and load generator agree without asking each other or the database.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/resource_id.h"
#include "base/strong.h"
#include "names.h"

namespace vestibule::bench {

inline constexpr std::string_view kDomain = "BENCH";
inline constexpr std::string_view kIdentityProvider = "bench-idp";
/// The same with its provisions queued: changing bench-idp's own settings would make every known
/// user's next login one that looks again.
inline constexpr std::string_view kQueueingProvider = "bench-queue";
/// In which a proxy sends the ID token of a login.
inline constexpr std::string_view kProxyTokenHeader = "X-Id-Token";

/// What the domain holds. User number n has row number n + 1. Groups are numbered from 0: the large
/// one, one for each department, then the small ones; group number g has row number g + 1.
struct Layout {
  std::uint64_t users = 1'000'000;
  std::uint64_t seed = 1;

  /// Members of the large group: the users before this number. Nobody else is in it.
  [[nodiscard]] std::uint64_t largeMembers() const;
  [[nodiscard]] std::uint64_t smallGroups() const;
  [[nodiscard]] std::uint64_t groups() const;
  [[nodiscard]] std::uint64_t firstSmallGroup() const;
  /// The members of a small group: kSmallMembers users, all of them members of the large group too.
  [[nodiscard]] std::vector<std::uint64_t> membersOfSmall(std::uint64_t small) const;
  /// Users from this number on are changed by the measurements, those before it never are: their
  /// last login stays what the loader says it was.
  [[nodiscard]] std::uint64_t firstChanging() const;
};

inline constexpr std::uint64_t kLargeMembers = 100'000;
inline constexpr std::uint64_t kSmallMembers = 10;

/// Random bits that depend on nothing but their arguments.
[[nodiscard]] std::uint64_t mix(std::uint64_t seed, std::uint64_t n, std::uint64_t salt);

/// One person. `label` makes the names unique.
struct Person {
  const Culture* culture = nullptr;
  Name given;
  Name family;
  std::string_view title;
  std::uint64_t department = 0;
  std::uint64_t bits = 0;  ///< decides house numbers and the like
  std::string label;
  std::string manager;  ///< the id of the manager; empty: none

  [[nodiscard]] std::string userName() const;
  /// The beginning of `userName` that nobody else's has.
  [[nodiscard]] std::string userNamePrefix() const;
  [[nodiscard]] std::string displayName() const;
  /// What the identity provider calls the person.
  [[nodiscard]] std::string subject() const;
};

/// Makes people and ids of one domain.
class Population {
 public:
  Population(const Layout& layout, DomainNumber domain) : layout_(layout), domain_(domain) {}

  [[nodiscard]] const Layout& layout() const { return layout_; }
  [[nodiscard]] ResourceId userId(std::uint64_t n) const;
  [[nodiscard]] ResourceId groupId(std::uint64_t g) const;
  /// User number n as loaded.
  [[nodiscard]] Person person(std::uint64_t n) const;
  /// Somebody like user number n, under another label.
  [[nodiscard]] Person person(std::uint64_t n, std::string label) const;
  [[nodiscard]] std::string groupName(std::uint64_t g) const;

 private:
  [[nodiscard]] ResourceId id(std::uint64_t n, ResourceKind kind) const;

  Layout layout_;
  DomainNumber domain_;
};

/// The body of a SCIM POST: about 1.5 kB.
[[nodiscard]] std::string scimUser(const Person& person);
/// The claims an identity provider sends.
[[nodiscard]] std::string claims(const Person& person);
/// The body of a provision.
[[nodiscard]] std::string provisionBody(const Person& person,
                                        std::string_view provider = kIdentityProvider);
/// The identity provider's settings, as `vestibule idp apply` takes them. Claims are taken with and
/// without an ID token, whose keys are in this file, and tokens from a proxy as well.
[[nodiscard]] std::string identityProviderSettings(const std::string& key_set_file);

/// Labels that no one else has: kNewLabelLength characters, from the microseconds since 1970.
inline constexpr std::size_t kNewLabelLength = 11;
[[nodiscard]] std::string newLabel(std::uint64_t microseconds);

}  // namespace vestibule::bench
