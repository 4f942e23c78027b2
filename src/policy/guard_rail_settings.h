#pragma once
// How much one client, or one identity provider, may take away from a user store domain in a window
// of time: the setting `guardRails`.

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "json/value.h"

namespace vestibule::policy {

/// The setting as it is stored and shown.
struct GuardRailSettings {
  static constexpr std::string_view kName = "guardRails";
  /// A week.
  static constexpr std::uint32_t kMostWindowMinutes = 10'080;
  static constexpr std::uint32_t kMostOfCap = 1'000'000'000;

  std::uint32_t window_minutes = 60;                 ///< windowMinutes: 1 to kMostWindowMinutes
  std::optional<std::uint32_t> deletes;              ///< caps: 1 to kMostOfCap; nothing: no cap
  std::optional<std::uint32_t> deactivations;        ///< of users
  std::optional<std::uint32_t> membership_removals;  ///< membershipRemovals
  /// liftedUntil: until then nothing is counted or refused.
  std::optional<Timestamp> lifted_until;

  /// Reads `{"windowMinutes"?, "deletes"?, "deactivations"?, "membershipRemovals"?,
  /// "liftedUntil"?}` or that as text, as command lines have it; members that are null are left
  /// out. Error kInvalidValue, with the member as the attribute, for an unknown member (POL-1021)
  /// and a value of another type or beyond the bounds (POL-1022).
  [[nodiscard]] static Result<GuardRailSettings> fromJson(const json::Value& value);
  /// The same back; what is not set is left out.
  [[nodiscard]] json::Object toJson() const;

  [[nodiscard]] bool capsNothing() const {
    return !deletes && !deactivations && !membership_removals;
  }
  /// Whether nothing is counted at `moment`.
  [[nodiscard]] bool areLifted(Timestamp moment) const {
    return lifted_until && moment < *lifted_until;
  }

  bool operator==(const GuardRailSettings&) const = default;
};

}  // namespace vestibule::policy
