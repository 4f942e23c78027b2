#pragma once
// Where a claim goes: one attribute of a user, named by a path.

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "json/value.h"
#include "scim/patch/patch.h"
#include "scim/schema/registry.h"

namespace vestibule::jit {

/// A place in a user that an identity provider may write to. Immutable; the registry must outlive
/// it.
class AttributeTarget {
 public:
  /// Reads `title`, `name.givenName`, `emails` (a list of strings becomes its elements),
  /// `emails[type eq "work"].value` (one element, told apart by equalities joined by `and`), each
  /// with a URN in front where it is an extension's. Error kInvalidValue, saying what is wrong and
  /// what to write instead, for: an unknown attribute; one that clients cannot write or that is a
  /// password; `userName` and `active`, which no identity provider decides; a complex attribute as
  /// a whole; a path that may mean several elements.
  [[nodiscard]] static Result<AttributeTarget> bind(const scim::Registry& registry,
                                                    const scim::ResourceType& user_type,
                                                    std::string_view path);

  /// The claim's value as a value of the attribute, canonical: numbers and booleans become strings
  /// where the attribute is a string, and strings become booleans and numbers where they are some;
  /// an integer becomes a dateTime (seconds since 1970, as OpenID Connect has it). A target that
  /// takes a list wants an array. Error kInvalidValue saying what does not fit.
  [[nodiscard]] Result<json::Value> convert(const json::Value& claim) const;

  /// True when the target is a whole multi-valued attribute.
  [[nodiscard]] bool takesList() const;
  /// The PATCH operation that puts the value there; null takes away what is there. Run it with null
  /// only where `valueIn` finds something.
  [[nodiscard]] scim::PatchOperation operation(json::Value value) const;
  /// The user's value at the target (the first, where elements are told apart by what several
  /// have), or null.
  [[nodiscard]] const json::Value* valueIn(const json::Object& user) const;
  /// True when both targets write to the same place or one to a part of the other.
  [[nodiscard]] bool overlaps(const AttributeTarget& other) const;
  /// The attribute or sub-attribute that is written.
  [[nodiscard]] const scim::Attribute& written() const { return place_.attribute.target(); }
  /// True when no user is valid without a value there.
  [[nodiscard]] bool isRequired() const;
  /// The path in canonical spelling.
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  scim::PatchOperation place_;  ///< everything but verb and value
  /// What tells the element apart, as comparison keys: two spellings of one selection are equal.
  std::map<const scim::Attribute*, std::string> selected_;
  std::string text_;
};

/// Refuses attributes that are not for identity providers to write: `userName`, `active`, groups,
/// credentials, and what clients cannot write. Error kInvalidValue about `path`.
[[nodiscard]] Result<void> checkMappable(const scim::ResourceType& type,
                                         const scim::AttributeRef& ref, std::string_view path);

}  // namespace vestibule::jit
