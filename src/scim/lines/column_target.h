#pragma once
// A place in a resource that one column of a table stands for.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "scim/schema/registry.h"

namespace vestibule::scim {

/// An attribute by its path, to be written to and read from as text. Immutable; the registry must
/// outlive it.
class ColumnTarget {
 public:
  /// Reads `userName`, `name.givenName`, `nickNames` (several values in one column), `emails`
  /// (several of `value`), `emails[type eq "work"].value` (one element, told apart by equalities
  /// joined by `and`), each with a URN in front where it is an extension's. Error kInvalidValue,
  /// saying what is wrong, for: an unknown attribute, a complex attribute as a whole, a path that
  /// may mean several elements, and a readOnly attribute but `id`.
  [[nodiscard]] static Result<ColumnTarget> bind(const Registry& registry, const ResourceType& type,
                                                 std::string_view path);

  /// Puts the text there, as the attribute's type has it: `true` and `false` in any case are
  /// booleans, numbers numbers; what does not fit stays text, for validation to refuse. `separator`
  /// divides several values. An empty text does nothing.
  void put(json::Object& resource, std::string_view text, std::string_view separator) const;
  /// Puts a value there as it is.
  void putValue(json::Object& resource, json::Value value) const;
  /// The text of what is there; empty for nothing. Several values have `separator` between them;
  /// where they are elements with an equality, the first counts.
  [[nodiscard]] std::string read(const json::Object& resource, std::string_view separator) const;

  /// True when the column may hold several values.
  [[nodiscard]] bool takesList() const { return whole_list_; }
  /// The path in canonical spelling.
  [[nodiscard]] const std::string& text() const { return text_; }
  /// True for the password.
  [[nodiscard]] bool isCredential() const { return attribute_.attribute->credential; }
  /// True for the readOnly `id`.
  [[nodiscard]] bool isId() const { return text_ == "id"; }

 private:
  [[nodiscard]] json::Object& holder(json::Object& resource) const;

  AttributeRef attribute_;
  /// What tells the element apart: sub-attributes and their values.
  std::vector<std::pair<std::string, json::Value>> equalities_;
  bool selects_ = false;
  bool whole_list_ = false;
  std::string text_;
};

}  // namespace vestibule::scim
