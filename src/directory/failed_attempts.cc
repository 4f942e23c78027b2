#include "directory/failed_attempts.h"

#include <cstring>
#include <functional>
#include <string>

#include "base/crypto.h"

namespace vestibule::directory {

FailedAttempts::FailedAttempts() {
  const std::string bytes = randomBytes(sizeof(seed_));
  std::memcpy(&seed_, bytes.data(), sizeof(seed_));
}

std::uint32_t FailedAttempts::count(std::string_view peer, RequestRate::Clock::time_point now) {
  std::string seeded(sizeof(seed_), '\0');
  std::memcpy(seeded.data(), &seed_, sizeof(seed_));
  seeded += peer;
  return rates_[std::hash<std::string>{}(seeded) % kPlaces].admit(kPerMinute, now);
}

}  // namespace vestibule::directory
