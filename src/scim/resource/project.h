#pragma once
// `attributes` and `excludedAttributes` (RFC 7644 §3.9) and the `returned` characteristic (RFC 7643 §7).

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "scim/schema/registry.h"

namespace vestibule::scim {

/// What a response shows of a resource.
class Projection {
 public:
  /// The default set: everything `always` and `default`.
  Projection() = default;

  /// From the query's lists (comma-separated texts, repeated parameters joined by the caller). Unknown names are ignored; a filter
  /// behind a name (`emails[type eq "work"]`) is taken off. Error kInvalidValue when both lists are given.
  [[nodiscard]] static Result<Projection> parse(const Registry& registry, const ResourceType& type,
                                                const std::vector<std::string>& attributes,
                                                const std::vector<std::string>& excluded);

  /// True when nothing was asked for: the stored bytes may be used as they are.
  [[nodiscard]] bool isDefault() const { return mode_ == Mode::kDefault; }
  /// Whether this attribute would be shown (also asked for relations, to leave their query out).
  [[nodiscard]] bool shows(const AttributeRef& attribute) const;
  /// The part of a complete resource that is shown. `requested` names attributes the client itself sent (RFC 7643 §7 `request`).
  [[nodiscard]] json::Object apply(const ResourceType& type, const json::Object& resource) const;

 private:
  enum class Mode { kDefault, kOnly, kExcept };
  Mode mode_ = Mode::kDefault;
  std::vector<AttributeRef> named_;
  std::vector<const Schema*> named_schemas_;  ///< whole extensions named by URN
};

}  // namespace vestibule::scim
