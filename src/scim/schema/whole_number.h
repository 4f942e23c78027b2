#pragma once
// Whole numbers of settings documents.

#include <cstdint>
#include <string_view>

#include "json/value.h"
#include "scim/schema/document_reader.h"

namespace vestibule::scim {

/// The member `key` of `object`, which `fields` reads: a whole number from `least` to `most`, or
/// the fallback when it is absent. Everything else, null too, is noted in `fields`.
[[nodiscard]] std::int64_t wholeNumberOr(Fields& fields, const json::Object& object,
                                         std::string_view key, std::int64_t fallback,
                                         std::int64_t least, std::int64_t most);

}  // namespace vestibule::scim
