#pragma once
// Guard-rails: how much one actor may take away from a domain in a window of time. What is counted
// is counted in the transaction of the change, so that what is rolled back is not.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/audit_event.h"
#include "store/database.h"
#include "store/domain_tables.h"

namespace vestibule::store {

/// What is counted. The numbers are stored.
enum class RailKind : std::uint8_t {
  kDeletes = 1,             ///< of users, groups and resources
  kDeactivations = 2,       ///< of users that stay
  kMembershipRemovals = 3,  ///< of members of a group when both stay
};
inline constexpr std::array kRailKinds = {RailKind::kDeletes, RailKind::kDeactivations,
                                          RailKind::kMembershipRemovals};

/// `deletes`, `deactivations` or `membershipRemovals`.
[[nodiscard]] std::string_view nameOf(RailKind kind);
/// The kind of this name.
[[nodiscard]] std::optional<RailKind> railKindOf(std::string_view name);

/// Whose changes are counted together.
struct RailActor {
  /// The numbers are stored.
  enum class Kind : std::uint8_t { kToken = 1, kIdentityProvider = 2 };

  Kind kind = Kind::kToken;
  std::string id;  ///< of the token, or the number of the identity provider; at most 64 bytes
};

/// The guard-rails that a change stands under. A change that would make more than a cap is refused
/// as a whole: the functions that take these fail with kTooManyRequests, the kind's name as the
/// attribute, and nothing of the transaction stays.
struct GuardRails {
  RailActor actor;
  std::chrono::microseconds window{};
  /// By kind, in the order of kRailKinds; nothing: not capped, and not counted.
  std::array<std::optional<std::uint64_t>, kRailKinds.size()> caps;

  [[nodiscard]] const std::optional<std::uint64_t>& cap(RailKind kind) const {
    return caps.at(static_cast<std::size_t>(kind) - 1);
  }
};

/// What of a window is stored.
struct RailWindow {
  RailActor actor;
  RailKind kind = RailKind::kDeletes;
  std::chrono::microseconds left{};  ///< until it ends, by the database's clock
  Timestamp ends = 0;                ///< by the database's clock
  std::uint64_t used = 0;
  std::uint64_t refused = 0;  ///< requests
};

/// Notes that a change was refused, in a transaction of its own, and stores `event` when that is
/// the first refusal of the window, however many processes refuse at once. A refusal while no
/// window is open begins one. One round trip.
[[nodiscard]] Result<RailWindow> noteRailRefusal(Session& session, const DomainTables& domain,
                                                 const GuardRails& rails, RailKind kind,
                                                 const ChangeAudit& event);

/// The windows that are open, by actor and kind; at most `limit`. One query on the whole table,
/// which has a row for each kind and actor that ever took anything away.
[[nodiscard]] Result<std::vector<RailWindow>> listRailWindows(Session& session,
                                                              const DomainTables& domain,
                                                              std::uint64_t limit);

}  // namespace vestibule::store
