#pragma once
// What event streams are told of a change, as far as the use case alone knows it.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/resource_id.h"

namespace vestibule::store {

/// What a change was. One change may be several: a PATCH that sets `active` to false is kPatch and
/// kDeactivate. A set of them is their bits or-ed, as the columns `kinds` have it.
enum class ChangeKind : std::uint8_t {
  kCreate = 1,
  kPut = 2,
  kPatch = 4,
  kDelete = 8,
  kActivate = 16,
  kDeactivate = 32,
  kFeedAdd = 64,      ///< no change of the resource: a stream that did not select it does now
  kFeedRemove = 128,  ///< the other way round
};

using ChangeKinds = std::uint8_t;

[[nodiscard]] constexpr ChangeKinds bitOf(ChangeKind kind) {
  return static_cast<ChangeKinds>(kind);
}
[[nodiscard]] constexpr bool has(ChangeKinds kinds, ChangeKind kind) {
  return (kinds & bitOf(kind)) != 0;
}

/// The longest externalId that goes into an event; a longer one is left out.
inline constexpr std::size_t kMostExternalIdBytes = 1'000;

/// The most members that one event lists; a change of more is told by name.
inline constexpr std::size_t kMostMembersTold = 500;

/// How the members of a group changed, as an event lists them. A user who was a member before may
/// be among those that were added, and one who was none among those that were removed: whoever
/// follows it has the right members.
struct MembersTold {
  std::vector<ResourceId> added;
  std::vector<ResourceId> removed;
  bool all = false;  ///< `added` are all the members that there are, and `removed` is empty
  [[nodiscard]] bool operator==(const MembersTold&) const = default;
};

/// Says that the change goes into the outbox. Resource, domain, version and names of attributes are
/// those of the audit event that it belongs to.
struct Announcement {
  ChangeKinds kinds = 0;  ///< 0: no stream wants to know of the resource itself
  std::optional<std::string> external_id = {};  ///< at most kMostExternalIdBytes
  std::vector<std::string> attributes = {};     ///< names that the audit event does not have
  /// Streams want to know of groups that gain or lose the resource as a member.
  bool tells_groups = false;
  std::optional<MembersTold> members = {};  ///< of a group; the store fills it in
};

}  // namespace vestibule::store
