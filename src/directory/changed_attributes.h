#pragma once
// What differs between two states of a resource, by name: for records that tell no values.

#include <string>
#include <vector>

#include "json/value.h"

namespace vestibule::directory {

/// The names of the attributes whose values differ, in the order of `after` and then of those that
/// are gone; `URN:name` for those of an extension. `schemas` follows from the others and is left
/// out.
[[nodiscard]] std::vector<std::string> changedAttributes(const json::Object& before,
                                                         const json::Object& after);

}  // namespace vestibule::directory
