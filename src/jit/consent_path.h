#pragma once
// What a consent can be about: an attribute of users, one of its sub-attributes, or a whole purpose.

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

  /// True when a mapping to this target writes what the path is about, or a part of it.
  [[nodiscard]] bool covers(const AttributeTarget& target) const;
  /// The path in canonical spelling.
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace vestibule::jit
