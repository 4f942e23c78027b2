#include "scim/schema/comparison_key.h"

#include <bit>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/encoding.h"
#include "base/unicode.h"

namespace vestibule::scim {
namespace {

constexpr std::size_t kLongestIndexKey = 200;
constexpr std::size_t kLongestCursorKey = 2'100;
constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63;

std::string bigEndian(std::uint64_t bits) {
  std::string bytes(8, '\0');
  for (int i = 7; i >= 0; --i) {
    bytes[static_cast<std::size_t>(i)] = static_cast<char>(bits & 0xFF);
    bits >>= 8;
  }
  return bytes;
}

std::string cut(std::string key, std::size_t longest, std::size_t kept) {
  if (key.size() <= longest) return key;
  const std::string digest = sha256(key);
  key.resize(kept);
  return key + digest;
}

/// With the sign bit turned over, two's complement sorts as unsigned bytes.
std::string integerKey(std::int64_t value) {
  return bigEndian(static_cast<std::uint64_t>(value) ^ kSignBit);
}

/// IEEE 754 sorts as unsigned bytes once negative values are inverted and positive ones get the
/// sign bit.
std::string decimalKey(double value) {
  const double without_negative_zero = value == 0.0 ? 0.0 : value;
  const auto bits = std::bit_cast<std::uint64_t>(without_negative_zero);
  return bigEndian((bits & kSignBit) != 0 ? ~bits : bits | kSignBit);
}

std::string stringKey(const Attribute& attribute, const std::string& text) {
  if (attribute.preparation == Preparation::kUserName) {
    // Parts of names, as `sw` and `co` have them, need not be names. What cannot be prepared keeps
    // its bytes but for ASCII case: if that were the key of a user name, the text could have been
    // prepared.
    return prepareUserName(text).value_or(lowerAscii(text));
  }
  return attribute.case_exact ? text : foldCase(text);
}

tl::unexpected<Error> wrongType(const Attribute& attribute, std::string_view expected) {
  return failure(ErrorKind::kInvalidValue,
                 "'" + attribute.name + "' must be " + std::string(expected), attribute.name);
}

}  // namespace

Result<std::string> comparisonKey(const Attribute& attribute, const json::Value& value) {
  switch (attribute.type) {
    case AttributeType::kString:
      if (const std::string* text = value.string()) return stringKey(attribute, *text);
      return wrongType(attribute, "a string");
    case AttributeType::kBinary:
      // By its bytes: padding and the alphabet are spelling. A literal that is no base64 is
      // nobody's.
      if (const std::string* text = value.string()) return fromBase64(*text).value_or(*text);
      return wrongType(attribute, "a string");
    case AttributeType::kReference:
      if (const std::string* text = value.string()) return *text;
      return wrongType(attribute, "a string");
    case AttributeType::kBoolean:
      if (const bool* boolean = value.boolean()) return std::string(*boolean ? "1" : "0");
      return wrongType(attribute, "true or false");
    case AttributeType::kInteger: {
      const std::optional<std::int64_t> number =
          value.isNumber() ? value.number()->asInt64() : std::nullopt;
      if (number) return integerKey(*number);
      return wrongType(attribute, "an integer of 64 bits");
    }
    case AttributeType::kDecimal: {
      const std::optional<double> number =
          value.isNumber() ? value.number()->asDouble() : std::nullopt;
      if (number) return decimalKey(*number);
      return wrongType(attribute, "a number");
    }
    case AttributeType::kDateTime: {
      const std::optional<Timestamp> instant =
          value.isString() ? parseTimestamp(*value.string()) : std::nullopt;
      if (instant) return instantKey(*instant);
      return wrongType(attribute, "a date with time, such as 2026-11-23T08:20:00Z");
    }
    case AttributeType::kComplex:
      break;
  }
  return failure(ErrorKind::kInvalidValue,
                 "'" + attribute.name + "' is complex: name a sub-attribute", attribute.name);
}

std::string instantKey(Timestamp instant) { return integerKey(instant); }

Timestamp instantOfKey(std::string_view key) {
  std::uint64_t bits = 0;
  for (const char byte : key) bits = bits << 8 | static_cast<unsigned char>(byte);
  return static_cast<Timestamp>(bits ^ kSignBit);
}

std::string indexKey(std::string key) {
  return cut(std::move(key), kLongestIndexKey, kKeptOfLongKey);
}

std::string cursorKey(std::string key) {
  return cut(std::move(key), kLongestCursorKey, kKeptForCursor);
}

}  // namespace vestibule::scim
