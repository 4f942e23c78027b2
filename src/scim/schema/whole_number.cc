#include "scim/schema/whole_number.h"

#include <optional>
#include <string>

namespace vestibule::scim {

std::int64_t wholeNumberOr(Fields& fields, const json::Object& object, std::string_view key,
                           std::int64_t fallback, std::int64_t least, std::int64_t most) {
  const json::Value* value = object.find(key);
  if (value == nullptr) return fallback;
  const auto number = value->number() == nullptr ? std::nullopt : value->number()->asInt64();
  if (number && *number >= least && *number <= most) return *number;
  fields.fail(
      key, "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return fallback;
}

}  // namespace vestibule::scim
