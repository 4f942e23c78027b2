#include <algorithm>
#include <array>

#include "base/unicode.h"
#include "scim/schema/common_attributes.h"
#include "scim/schema/registry_builder.h"

namespace vestibule::scim {
namespace {

/// What is fixed of the resource types that the RFCs define.
struct FixedType {
  std::string_view name;
  std::string_view endpoint;  ///< RFC 7644 §3.2
  ResourceKind kind;
};
constexpr std::array<FixedType, 2> kFixedTypes = {
    {{"User", "/Users", ResourceKind::kUser}, {"Group", "/Groups", ResourceKind::kGroup}}};

/// The other endpoints of the protocol (RFC 7644 §3.2).
constexpr std::array<std::string_view, 5> kTakenEndpoints = {
    "/Me", "/Bulk", "/Schemas", "/ResourceTypes", "/ServiceProviderConfig"};

const FixedType* fixedType(const ResourceType& type) {
  const auto* found = std::find_if(kFixedTypes.begin(), kFixedTypes.end(),
                                   [&](const FixedType& fixed) { return fixed.name == type.name; });
  return found == kFixedTypes.end() ? nullptr : found;
}

const Schema* findSchema(const RegistryParts& parts, std::string_view urn) {
  for (const auto& schema : parts.schemas) {
    if (equalIgnoringAsciiCase(schema->id, urn)) return schema.get();
  }
  return nullptr;
}

void readIdentity(ResourceType& type, Fields& fields) {
  type.name = fields.text("name");
  type.id = fields.textOr("id", type.name);
  type.description = fields.textOr("description", "");
  type.endpoint = fields.text("endpoint");
  if (fields.error()) return;
  if (type.id != type.name) fields.fail("id", "must be the same as the name");
  if (type.endpoint.front() != '/' || !isAttributeName(type.endpoint.substr(1))) {
    fields.fail("endpoint", "must be a slash and a name, such as /Users");
  }
  if (const FixedType* fixed = fixedType(type)) {
    if (type.endpoint != fixed->endpoint) {
      fields.fail("endpoint", "must be '" + std::string(fixed->endpoint) + "'");
    }
    return;
  }
  for (const std::string_view taken : kTakenEndpoints) {
    if (equalIgnoringAsciiCase(type.endpoint, taken)) {
      fields.fail("endpoint", "'" + type.endpoint + "' is an endpoint of the protocol");
    }
  }
}

void readExtensions(ResourceType& type, Fields& fields, const RegistryParts& parts) {
  const json::Array* documents = fields.array("schemaExtensions");
  if (documents == nullptr) return;
  const Place place = fields.place().member("schemaExtensions");
  for (std::size_t i = 0; i < documents->size(); ++i) {
    const json::Object* document = (*documents)[i].object();
    if (document == nullptr) return fields.adopt(place.element(i).error("must be an object"));
    Fields extension(*document, place.element(i));
    extension.allowOnly({"schema", "required"});
    const std::string urn = extension.text("schema");
    const bool required = extension.booleanOr("required", false);
    const Schema* schema = findSchema(parts, urn);
    if (!extension.error() && schema == nullptr) {
      extension.fail("schema", "there is no schema '" + urn + "'");
    } else if (!extension.error() &&
               (schema == type.schema || type.findExtension(urn) != nullptr)) {
      extension.fail("schema", "'" + urn + "' is listed twice");
    }
    if (extension.error()) return fields.adopt(*extension.error());
    type.extensions.push_back({schema, required});
  }
}

void readKind(ResourceType& type, const json::Object& document, Fields& own) {
  const json::Value* kind = document.find("kind");
  if (const FixedType* fixed = fixedType(type)) {
    type.kind = fixed->kind;
    if (kind != nullptr) own.fail("kind", "is fixed for '" + type.name + "'");
    return;
  }
  const auto first = static_cast<std::int64_t>(kFirstOwnKind);
  const std::optional<std::int64_t> number =
      kind != nullptr && kind->isNumber() ? kind->number()->asInt64() : std::nullopt;
  if (!number || *number < first || *number > 255) {
    own.fail("kind", "must be an integer from " + std::to_string(first) + " to 255");
    return;
  }
  type.kind = static_cast<ResourceKind>(*number);
}

void readNamingAttribute(ResourceType& type, const json::Object& document, Fields& own) {
  const FixedType* fixed = fixedType(type);
  if (fixed == nullptr && document.find("namingAttribute") == nullptr) return;
  const std::string name = own.text("namingAttribute");
  if (own.error()) return;
  const Attribute* attribute = type.schema->find(name);
  if (attribute == nullptr) {
    own.fail("namingAttribute", "'" + name + "' is no attribute of " + type.schema->id);
  } else if (attribute->type != AttributeType::kString || attribute->multi_valued ||
             !attribute->required || attribute->mutability != Mutability::kReadWrite ||
             attribute->returned == Returned::kNever || attribute->returned == Returned::kRequest) {
    own.fail("namingAttribute",
             "must be a required, single-valued, readWrite string that is returned");
  } else if (fixed == nullptr && attribute->uniqueness == Uniqueness::kNone) {
    own.fail("namingAttribute", "must be unique ('uniqueness': 'server')");
  }
  type.naming_attribute = attribute;
}

/// What only Vestibule knows about a resource type: `"x-vestibule": {…}`.
void readOwn(ResourceType& type, Fields& fields) {
  const json::Object* document = fields.object("x-vestibule");
  if (document == nullptr) return fields.fail("x-vestibule", "is missing");
  Fields own(*document, fields.place().member("x-vestibule"));
  own.allowOnly({"kind", "namingAttribute"});
  readKind(type, *document, own);
  readNamingAttribute(type, *document, own);
  if (own.error()) fields.adopt(*own.error());
}

/// The only place for a credential is the one password hash that a user's row has.
void findCredential(ResourceType& type, Fields& fields) {
  for (const Attribute& attribute : type.schema->attributes) {
    if (!attribute.credential) continue;
    if (type.name != "User" || type.credential != nullptr) {
      fields.fail("schema", "'" + attribute.name + "' of " + type.schema->id +
                                ": only a user has a credential, and only one");
    }
    type.credential = &attribute;
  }
}

void checkCoreSchema(const ResourceType& type, Fields& fields) {
  for (const Attribute& attribute : type.schema->attributes) {
    if (attribute.relation && fixedType(type) == nullptr) {
      fields.fail("schema", "'" + attribute.name + "' of " + type.schema->id +
                                ": only users and groups have relations");
    }
    if (commonAttributes().find(attribute.name) != nullptr) {
      fields.fail("schema", "'" + attribute.name + "' of " + type.schema->id +
                                " is an attribute that every resource has");
    }
    if (type.findExtension(attribute.name) != nullptr) {
      fields.fail("schema", "'" + attribute.name + "' is also the name of an extension");
    }
  }
}

/// Rows of their own and password hashes exist for the resource type itself, not for extensions of
/// operators.
void checkExtensions(const ResourceType& type, Fields& fields) {
  for (const SchemaExtension& extension : type.extensions) {
    for (const Attribute& attribute : extension.schema->attributes) {
      if (attribute.relation || attribute.credential) {
        fields.fail("schemaExtensions", "'" + attribute.name + "' of " + extension.schema->id +
                                            ": an extension has no relations or credentials");
      }
    }
  }
}

bool isReturnedAsStored(const Attribute& attribute) {
  return attribute.returned == Returned::kAlways || attribute.returned == Returned::kDefault;
}

/// Relations and credentials are not in the stored JSON, so they have no say.
bool isReturnedAsStored(const Schema& schema) {
  return std::all_of(
      schema.attributes.begin(), schema.attributes.end(), [](const Attribute& attribute) {
        if (attribute.relation || attribute.credential) return true;
        return isReturnedAsStored(attribute) &&
               std::all_of(attribute.sub_attributes.begin(), attribute.sub_attributes.end(),
                           [](const Attribute& sub) { return isReturnedAsStored(sub); });
      });
}

}  // namespace

Result<ResourceType> readResourceType(const ResourceTypeDocument& document,
                                      const RegistryParts& parts) {
  Fields fields(document.document, document.place);
  fields.allowOnly({"schemas", "id", "name", "description", "endpoint", "schema",
                    "schemaExtensions", "meta", "x-vestibule"});
  ResourceType type;
  readIdentity(type, fields);
  const std::string urn = fields.text("schema");
  type.schema = findSchema(parts, urn);
  if (type.schema == nullptr) fields.fail("schema", "there is no schema '" + urn + "'");
  if (fields.error()) return tl::make_unexpected(*fields.error());
  readExtensions(type, fields, parts);
  readOwn(type, fields);
  findCredential(type, fields);
  checkCoreSchema(type, fields);
  checkExtensions(type, fields);
  if (fields.error()) return tl::make_unexpected(*fields.error());
  type.stored_as_returned =
      isReturnedAsStored(*type.schema) &&
      std::all_of(type.extensions.begin(), type.extensions.end(),
                  [](const SchemaExtension& e) { return isReturnedAsStored(*e.schema); });
  return type;
}

}  // namespace vestibule::scim
