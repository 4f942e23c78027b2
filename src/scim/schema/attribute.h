#pragma once
// Attribute definitions (RFC 7643 §2, §7) as the schema files declare them.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vestibule::scim {

enum class AttributeType : std::uint8_t {
  kString,
  kBoolean,
  kDecimal,
  kInteger,
  kDateTime,
  kBinary,
  kReference,
  kComplex
};
enum class Mutability : std::uint8_t { kReadOnly, kReadWrite, kImmutable, kWriteOnly };
enum class Returned : std::uint8_t { kAlways, kNever, kDefault, kRequest };
enum class Uniqueness : std::uint8_t { kNone, kServer, kGlobal };

/// How strings of an attribute are prepared before they are compared.
enum class Preparation : std::uint8_t {
  kNone,      ///< by caseExact alone
  kUserName,  ///< RFC 8265 UsernameCaseMapped (RFC 7643 §4.1.1)
};

/// One attribute or sub-attribute with all its characteristics. Immutable once the registry is
/// built.
struct Attribute {
  std::string name;  ///< in its canonical spelling
  std::string description;
  AttributeType type = AttributeType::kString;
  bool multi_valued = false;
  bool required = false;
  bool case_exact = false;
  Mutability mutability = Mutability::kReadWrite;
  Returned returned = Returned::kDefault;
  Uniqueness uniqueness = Uniqueness::kNone;
  std::vector<std::string> canonical_values;
  std::vector<std::string> reference_types;
  std::vector<Attribute> sub_attributes;
  /// Of ours (`"x-vestibule": {…}` in the schema file, never shown to clients):
  Preparation preparation = Preparation::kNone;
  /// The permanent number of this attribute's index, 0 when it has none. An indexed attribute is
  /// found by SQL, not by a scan.
  std::uint16_t index = 0;
  /// True for attributes that are kept as rows of their own (group members, a user's groups), not
  /// in the stored JSON.
  bool relation = false;
  /// True for the password: it comes in clear, is kept apart as a hash, and is never in the stored
  /// JSON.
  bool credential = false;

  /// The sub-attribute of this name in any ASCII case, or null.
  [[nodiscard]] const Attribute* findSub(std::string_view sub_name) const;
};

/// The first attribute of this name in any ASCII case, or null. O(attributes).
[[nodiscard]] const Attribute* findAttribute(const std::vector<Attribute>& attributes,
                                             std::string_view name);

/// True for a letter followed by letters, digits, `$`, `-` and `_` (RFC 7643 §2.1), and for `$ref`.
[[nodiscard]] bool isAttributeName(std::string_view name);

/// The word for the characteristic as schema documents spell it.
[[nodiscard]] std::string_view nameOf(AttributeType type);
[[nodiscard]] std::string_view nameOf(Mutability mutability);
[[nodiscard]] std::string_view nameOf(Returned returned);
[[nodiscard]] std::string_view nameOf(Uniqueness uniqueness);

}  // namespace vestibule::scim
