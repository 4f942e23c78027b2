#pragma once
// What event streams are told of a change, as far as the use case alone knows it.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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

/// Says that the change goes into the outbox. Resource, domain, version and names of attributes are
/// those of the audit event that it belongs to.
struct Announcement {
  ChangeKinds kinds = 0;
  std::optional<std::string> external_id = {};  ///< at most kMostExternalIdBytes
  std::vector<std::string> attributes = {};     ///< names that the audit event does not have
};

}  // namespace vestibule::store
