#pragma once
// Schemas and resource types (RFC 7643 §6, §7), read once at start into an immutable registry that
// drives validation, filters, PATCH, projection and discovery.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/resource_id.h"
#include "base/result.h"
#include "json/value.h"
#include "scim/schema/attribute.h"

namespace vestibule::scim {

/// A schema: a URN and the attributes below it.
struct Schema {
  std::string id;
  std::string name;
  std::string description;
  std::vector<Attribute> attributes;

  /// The attribute of this name in any ASCII case, or null.
  [[nodiscard]] const Attribute* find(std::string_view attribute_name) const;
};

/// An extension of a resource type.
struct SchemaExtension {
  const Schema* schema = nullptr;
  bool required = false;
};

/// A kind of resource with its endpoint.
struct ResourceType {
  std::string id;
  std::string name;
  std::string description;
  std::string endpoint;  ///< relative to the base URL, such as `/Users`
  /// The permanent number in the ids of its resources: fixed for users and groups, from
  /// `x-vestibule` for the others.
  ResourceKind kind = ResourceKind::kUser;
  const Schema* schema = nullptr;
  std::vector<SchemaExtension> extensions;
  /// The attribute that carries the `DOMAIN/` prefix over several domains (`userName`,
  /// `displayName`), from `x-vestibule`. It is the first member after `schemas` in canonical JSON,
  /// and no two resources of the type in a domain have the same value. Null where the type names
  /// none, which users and groups do.
  const Attribute* naming_attribute = nullptr;
  /// The password of a user: of the attributes in `schema` the one that is a credential, or null.
  const Attribute* credential = nullptr;
  /// False when the stored JSON may hold an attribute that is returned on request or never: then a
  /// plain GET has to project.
  bool stored_as_returned = true;

  /// The extension schema of this URN in any ASCII case, or null.
  [[nodiscard]] const Schema* findExtension(std::string_view urn) const;
};

/// An attribute as a path names it: where it is defined and what it is.
struct AttributeRef {
  const Schema* schema =
      nullptr;  ///< the defining schema; null for the common attributes (RFC 7643 §3.1)
  bool in_extension = false;  ///< its value lives in the object keyed by the schema's URN
  const Attribute* attribute = nullptr;
  const Attribute* sub = nullptr;  ///< null when the path ends at the attribute

  /// What the path ends at.
  [[nodiscard]] const Attribute& target() const { return sub != nullptr ? *sub : *attribute; }
  /// The path in SCIM notation, with the URN for extensions.
  [[nodiscard]] std::string text() const;
  bool operator==(const AttributeRef&) const = default;
};

/// A schema file: its name for error texts and its content.
struct SchemaFile {
  std::string name;
  std::string content;
};

/// All schemas and resource types. Immutable and thread-safe after `load`; pointers into it live as
/// long as it does.
class Registry {
 public:
  /// Reads schema documents (RFC 7643 §7) and resource type documents (§6), told apart by their
  /// `schemas`, and the ServiceProviderConfig document. Error kInvalidValue whose detail is "file:
  /// JSON pointer: reason" for anything that is malformed or contradicts itself (a readOnly
  /// attribute that is never returned, a complex sub-attribute, an unknown schema of a resource
  /// type, an index number used twice, …), and for what is not there: the resource types User and
  /// Group and the ServiceProviderConfig.
  [[nodiscard]] static Result<std::shared_ptr<const Registry>> load(
      const std::vector<SchemaFile>& files);

  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;
  ~Registry();

  [[nodiscard]] const std::vector<std::unique_ptr<Schema>>& schemas() const;
  /// By ascending kind: users, groups, then what schema files add.
  [[nodiscard]] const std::vector<std::unique_ptr<ResourceType>>& resourceTypes() const;
  /// The schema of this URN in any ASCII case, or null.
  [[nodiscard]] const Schema* findSchema(std::string_view urn) const;
  /// The resource type of this name in any ASCII case, or null.
  [[nodiscard]] const ResourceType* findResourceType(std::string_view name) const;
  /// `schemas`, `id`, `externalId` and `meta`, which every resource has (RFC 7643 §3.1). The same
  /// object for every registry.
  [[nodiscard]] const Schema& commonAttributes() const;
  /// The ServiceProviderConfig document as its file states it, without `meta`.
  [[nodiscard]] const json::Object& serviceProviderConfig() const;

 private:
  Registry();
  struct Content;
  std::unique_ptr<Content> content_;
};

}  // namespace vestibule::scim
