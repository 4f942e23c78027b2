#pragma once
// What is done to the values of a claim before they become an attribute's
// (claims.mappings[].transforms).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "policy/replacement.h"
#include "scim/schema/document_reader.h"

namespace vestibule::jit {

enum class TransformKind : std::uint8_t {
  kTrim,       ///< no white space at the ends
  kLowercase,  ///< Unicode lower case
  kUppercase,  ///< Unicode upper case
  kReplace,    ///< every match of a pattern becomes something else
  kSplit,      ///< one text becomes several
  kPrefix,     ///< text in front
  kSuffix,     ///< text behind
};

/// One step.
struct Transform {
  TransformKind kind = TransformKind::kTrim;
  std::string text;  ///< of kSplit, kPrefix and kSuffix
  std::optional<policy::Replacement> replacement;
};

/// In the order they are applied.
using Transforms = std::vector<Transform>;

/// Steps that a mapping may have.
inline constexpr std::size_t kMaxTransforms = 10;
/// Values that a claim may have after a step.
inline constexpr std::size_t kMaxTransformedValues = 1'000;
/// Bytes of text in which one login may look for patterns of kReplace: each costs up to a tenth of
/// a millisecond.
inline constexpr std::size_t kMaxReplacedBytes = std::size_t{16} * 1024;

/// What one login may still spend on transforms.
struct TransformBudget {
  std::size_t replaced_bytes = kMaxReplacedBytes;
};

/// Reads the setting `transforms`, which may be absent, and adds it to the row as it is stated.
[[nodiscard]] Transforms readTransforms(scim::Fields& fields, json::Object& row);

/// The values after all steps, in order; none of them blank. Numbers and booleans count as their
/// text, objects stay as they are. Error kInvalidValue when there is more to do than the limits
/// allow.
[[nodiscard]] Result<std::vector<json::Value>> transformed(
    const Transforms& transforms, const std::vector<const json::Value*>& values,
    TransformBudget& budget);

}  // namespace vestibule::jit
