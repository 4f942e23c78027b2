#pragma once
// One value of an attribute as PATCH compares and merges it.

#include <string>

#include "base/result.h"
#include "json/value.h"
#include "scim/patch/patch.h"

namespace vestibule::scim {

/// What the operations of one request may still cost.
class PatchBudget {
 public:
  /// Counts `times` comparisons with every element. Error kTooMany beyond kMaxPatchWork.
  [[nodiscard]] Result<void> look(const json::Array& elements, std::size_t times = 1);
  /// Counts `times` copies of the value. Error kPayloadTooLarge when more than kMaxPatchBytes have
  /// been written.
  [[nodiscard]] Result<void> write(const json::Value& value, std::size_t times = 1);

 private:
  std::size_t looked_ = 0;
  std::size_t written_ = 0;
};

/// What every step needs.
struct PatchContext {
  Tolerating tolerating;
  const ResourceLimits& limits;
  PatchBudget budget;
};

/// Equal for elements that are the same in every sub-attribute; an absent `primary` is false.
[[nodiscard]] std::string equalityKey(const Attribute& attribute, const json::Value& element);

/// Equal for elements that may not stand twice in one attribute: the same `value` and `type` where
/// there is a `value` (RFC 7643 §2.4), else the same in everything.
[[nodiscard]] std::string identityKey(const Attribute& attribute, const json::Value& element);

/// True when both are equal as values of the attribute.
[[nodiscard]] bool equalValues(const Attribute& attribute, const json::Value& left,
                               const json::Value& right);

/// True when the element is its attribute's primary one.
[[nodiscard]] bool isPrimary(const json::Value& element);

/// Members in the order the schema has them.
void orderSubs(const Attribute& attribute, json::Object& element);

/// Copies what clients cannot write (readOnly sub-attributes) from `before` to `after`, if both are
/// about the same `value`.
void keepReadOnlySubs(const Attribute& attribute, const json::Object& before, json::Object& after);

/// Error kMutability when the sub-attribute is immutable and has another value than `value` (null:
/// none) in `element`.
[[nodiscard]] Result<void> checkImmutableSub(const AttributeRef& attribute, const Attribute& sub,
                                             const json::Object& element, const json::Value& value);

/// Sets, or with a null value removes, one sub-attribute. `value` is canonical. A `primary` that is
/// false is not set where there is none. Errors kMutability: immutable, or required and removed.
[[nodiscard]] Result<void> setSub(const AttributeRef& attribute, const Attribute& sub,
                                  json::Object& element, json::Value value);

/// Merges the members of `source`, as sent, into a canonical complex value; others stay (F12, F15,
/// F32). Null members unassign when the verb is replace and are nothing to add. Errors: those of
/// canonicalValue, kMutability.
[[nodiscard]] Result<void> mergeSubs(PatchContext& context, PatchVerb verb,
                                     const AttributeRef& attribute, const json::Object& source,
                                     json::Object& element);

/// The attribute's value in canonical form as a list; one value is a list of one (F34), unassigned
/// is empty.
[[nodiscard]] Result<json::Array> canonicalElements(const PatchContext& context,
                                                    const AttributeRef& attribute,
                                                    const json::Value& value);

}  // namespace vestibule::scim
