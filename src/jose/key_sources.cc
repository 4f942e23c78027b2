#include "jose/key_sources.h"

#include <utility>

namespace vestibule::jose {

std::shared_ptr<KeySource> KeySources::at(const KeyLocation& location) {
  const std::lock_guard lock(mutex_);
  std::erase_if(sources_, [](const auto& entry) { return entry.second.expired(); });
  auto& held = sources_[location.target];
  if (auto source = held.lock()) return source;
  auto source = std::make_shared<KeySource>(
      location.target,
      [location, options = options_](const std::atomic<bool>& stop) {
        return fetchKeys(location, options, stop);
      },
      limits_);
  held = source;
  return source;
}

}  // namespace vestibule::jose
