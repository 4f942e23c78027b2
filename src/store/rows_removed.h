#pragma once

#include <cstdint>

namespace vestibule::store {

/// Rows that one statement removes of what is too old: it holds their locks until it is done.
inline constexpr std::uint64_t kRowsRemovedAtOnce = 1'000;

}  // namespace vestibule::store
