#pragma once
// Who sends tokens that are not valid, again and again (security case A-10).

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/request_rate.h"

namespace vestibule::directory {

/// Counts failed attempts by the address that they come from. It has a fixed size: addresses may
/// share a place, and then share its rate. That costs neither of them anything with a valid token,
/// which is never refused here: nobody can lock anybody out. Thread-safe.
class FailedAttempts {
 public:
  /// How many an address may make in a minute.
  static constexpr std::uint32_t kPerMinute = 600;

  FailedAttempts();

  /// Counts one of this address: 0, or in how many seconds the next one will be looked at.
  [[nodiscard]] std::uint32_t count(std::string_view peer, RequestRate::Clock::time_point now);

 private:
  static constexpr std::size_t kPlaces = 4'096;

  std::uint64_t seed_ = 0;  ///< so that nobody can choose with whom to share
  std::array<RequestRate, kPlaces> rates_;
};

}  // namespace vestibule::directory
