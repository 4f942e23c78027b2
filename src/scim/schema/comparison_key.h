#pragma once
// One comparator for filter, sort, uniqueness and PATCH: values become byte strings whose order by
// memcmp is the order of the values. The same keys are stored in the database's index columns.

#include <cstddef>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "json/value.h"
#include "scim/schema/attribute.h"

namespace vestibule::scim {

/// The key of one value of the attribute, or of one element of a multi-valued one: strings by
/// `preparation` and caseExact, dateTime as an instant, integers exactly, decimals as doubles,
/// booleans false before true, binary by its bytes, references as they are. Text that cannot be a
/// user name has a key too where user names are compared: one that no user name has, so that a
/// filter on it finds nobody instead of failing. Error kInvalidValue when the value is not of the
/// attribute's type, or the attribute is complex.
[[nodiscard]] Result<std::string> comparisonKey(const Attribute& attribute,
                                                const json::Value& value);

/// The key of an instant, and the instant of such a key.
[[nodiscard]] std::string instantKey(Timestamp instant);
[[nodiscard]] Timestamp instantOfKey(std::string_view key);

/// What indexKey keeps of a long key.
constexpr std::size_t kKeptOfLongKey = 160;

/// A key cut to what an index column holds: keys over 200 bytes keep kKeptOfLongKey bytes and the
/// SHA-256 of the whole, so that equality still holds, and so does the order against any key of at
/// most kKeptOfLongKey bytes.
[[nodiscard]] std::string indexKey(std::string key);

/// What cursorKey keeps of a long key.
constexpr std::size_t kKeptForCursor = 1'000;

/// A key cut to what a cursor carries: keys over 2,100 bytes keep kKeptForCursor bytes and the
/// SHA-256 of the whole. Ordered as indexKey is, by more bytes.
[[nodiscard]] std::string cursorKey(std::string key);

}  // namespace vestibule::scim
