#pragma once
// How many descriptors this process may open, and how many connections fit into that.

#include <cstddef>

namespace vestibule::app {

/// Raises the soft limit of open descriptors to the hard one, and returns the limit in force. The
/// usual soft limit of 1024 is there for programs that call select().
std::size_t raiseDescriptorLimit();

/// How many connections each of the two addresses can take, at most `wanted`, when `reserved` of
/// `descriptors` are needed for other things. At least one.
[[nodiscard]] std::size_t connectionsThatFit(std::size_t descriptors, std::size_t wanted,
                                             std::size_t reserved);

}  // namespace vestibule::app
