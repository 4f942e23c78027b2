#include "app/descriptor_limit.h"

#include <sys/resource.h>

#include <algorithm>

namespace vestibule::app {
namespace {

/// Two addresses, and two descriptors of each socket: Pistache's, and ours that nobody else closes.
constexpr std::size_t kDescriptorsPerCap = 4;

}  // namespace

std::size_t raiseDescriptorLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  const rlimit raised{limit.rlim_max, limit.rlim_max};
  if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  return limit.rlim_cur;
}

std::size_t connectionsThatFit(std::size_t descriptors, std::size_t wanted, std::size_t reserved) {
  const auto free = descriptors - std::min(descriptors, reserved);
  return std::clamp<std::size_t>(free / kDescriptorsPerCap, 1, wanted);
}

}  // namespace vestibule::app
