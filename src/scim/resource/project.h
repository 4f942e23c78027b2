#pragma once
// `attributes` and `excludedAttributes` (RFC 7644 §3.9) and the `returned` characteristic (RFC 7643
// §7).

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

  /// From the query's lists (comma-separated texts, one for each time the parameter was given).
  /// Unknown names are ignored; a filter behind a name (`emails[type eq "work"]`) is taken off; a
  /// schema's URN alone names all its attributes but those returned on request. Lists without any
  /// name count as not given. Error kInvalidValue when both lists are given.
  [[nodiscard]] static Result<Projection> parse(const Registry& registry, const ResourceType& type,
                                                const std::vector<std::string>& attributes,
                                                const std::vector<std::string>& excluded);

  /// True when nothing was asked for: the stored bytes may be used as they are.
  [[nodiscard]] bool isDefault() const { return mode_ == Mode::kDefault; }
  /// This projection as the answer to a POST, PUT or PATCH that itself sent `sent`: those of them
  /// that are returned on request are shown as well (RFC 7643 §7), unless the query says what to
  /// show. An attribute stands for all of its sub-attributes.
  [[nodiscard]] Projection answering(const std::vector<AttributeRef>& sent) const;
  /// Whether this attribute, or a part of it, would be shown (also asked for relations, to leave
  /// their query out).
  [[nodiscard]] bool shows(const AttributeRef& attribute) const;
  /// The part of a complete resource (canonical names) that is shown. Members that no schema knows
  /// are not.
  [[nodiscard]] json::Object apply(const ResourceType& type, const json::Object& resource) const;

 private:
  enum class Mode { kDefault, kOnly, kExcept };

  [[nodiscard]] bool showsAttribute(const AttributeRef& attribute) const;
  [[nodiscard]] bool showsSub(const AttributeRef& sub) const;
  [[nodiscard]] bool namesWhole(const AttributeRef& attribute) const;
  [[nodiscard]] bool namesPart(const AttributeRef& attribute) const;
  [[nodiscard]] bool names(const AttributeRef& ref) const;
  [[nodiscard]] bool wasSent(const AttributeRef& ref) const;
  [[nodiscard]] std::vector<const Attribute*> shownSubs(const AttributeRef& attribute) const;
  [[nodiscard]] json::Value part(const AttributeRef& attribute, const json::Value& value) const;

  Mode mode_ = Mode::kDefault;
  std::vector<AttributeRef> named_;           ///< each once, as in all of these
  std::vector<const Schema*> named_schemas_;  ///< whole schemas named by URN
  std::vector<AttributeRef> sent_;
};

/// The attributes that the body of a POST or PUT has, whatever the case of their names: what
/// `Projection::answering` takes.
[[nodiscard]] std::vector<AttributeRef> attributesIn(const ResourceType& type,
                                                     const json::Object& body);

}  // namespace vestibule::scim
