#pragma once
// What a consent can be about: an attribute of users, one of its sub-attributes, or a whole
// purpose.

#include <string>
#include <string_view>

#include "base/result.h"
#include "jit/attribute_target.h"
#include "scim/schema/registry.h"

namespace vestibule::jit {

/// `emails`, `name.givenName`, `urn:…:User:department`; empty for a purpose as a whole.
class ConsentPath {
 public:
  ConsentPath() = default;  ///< the purpose as a whole

  /// Reads a path without a value filter. Error kInvalidValue for what no identity provider writes:
  /// an unknown attribute, one that clients cannot write, a password, `userName`, `active`.
  [[nodiscard]] static Result<ConsentPath> bind(const scim::Registry& registry,
                                                const scim::ResourceType& user_type,
                                                std::string_view path);

  /// A path that `bind` gave once, by its text. What it names may be gone from the schemas since;
  /// then it covers nothing.
  [[nodiscard]] static ConsentPath ofText(std::string text);

  /// True when a mapping to this target writes what the path is about, or a part of it. A purpose
  /// as a whole is about no attribute: who agrees to it decides about each attribute that other
  /// purposes name.
  [[nodiscard]] bool covers(const AttributeTarget& target) const;
  /// True when the other path is this one or a part of it.
  [[nodiscard]] bool contains(const ConsentPath& other) const;
  /// The path in canonical spelling.
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace vestibule::jit
