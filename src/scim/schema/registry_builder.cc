#include "scim/schema/registry_builder.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/unicode.h"
#include "json/parse.h"
#include "scim/schema/schema_reader.h"

namespace vestibule::scim {
namespace {

constexpr std::string_view kSchemaUrn = "urn:ietf:params:scim:schemas:core:2.0:Schema";
constexpr std::string_view kResourceTypeUrn = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
constexpr std::string_view kConfigUrn =
    "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";

/// Stands for a file in errors about one that is not there.
constexpr std::string_view kAllFiles = "schema files";

bool isPrefixedBy(std::string_view urn, std::string_view prefix) {
  return urn.size() > prefix.size() && urn[prefix.size()] == ':' &&
         equalIgnoringAsciiCase(urn.substr(0, prefix.size()), prefix);
}

class Builder {
 public:
  Result<RegistryParts> build(const std::vector<SchemaFile>& files) {
    for (const SchemaFile& file : files) {
      if (Result<void> read = readFile(file); !read) return propagate(read);
    }
    if (Result<void> linked = linkTypes(); !linked) return propagate(linked);
    if (Result<void> checked = checkAttributes(); !checked) return propagate(checked);
    return std::move(parts_);
  }

 private:
  Result<void> readFile(const SchemaFile& file) {
    const Place place(file.name);
    Result<json::Value> parsed = json::parse(file.content);
    if (!parsed) return tl::make_unexpected(place.error("not JSON: " + parsed.error().detail));
    json::Object* document = parsed->object();
    if (document == nullptr) return tl::make_unexpected(place.error("must be an object"));
    Fields fields(*document, place);
    const std::vector<std::string> schemas = fields.texts("schemas");
    if (fields.error()) return tl::make_unexpected(*fields.error());
    if (schemas.size() != 1) {
      return tl::make_unexpected(place.member("schemas").error("must name one schema"));
    }
    if (equalIgnoringAsciiCase(schemas[0], kSchemaUrn)) return addSchema(*document, place);
    if (equalIgnoringAsciiCase(schemas[0], kResourceTypeUrn)) {
      type_documents_.push_back({place, std::move(*document)});
      return {};
    }
    if (equalIgnoringAsciiCase(schemas[0], kConfigUrn)) return addConfig(*document, place);
    return tl::make_unexpected(place.member("schemas").error(
        "'" + schemas[0] + "' is not Schema, ResourceType or ServiceProviderConfig"));
  }

  Result<void> addSchema(const json::Object& document, const Place& place) {
    Result<Schema> schema = readSchema(document, place);
    if (!schema) return propagate(schema);
    for (const auto& other : parts_.schemas) {
      if (equalIgnoringAsciiCase(other->id, schema->id)) {
        return tl::make_unexpected(
            place.member("id").error("there is another schema '" + schema->id + "'"));
      }
      // A path `a:b:c` would otherwise be `c` of `a:b`, or the whole of `a:b:c`.
      if (isPrefixedBy(other->id, schema->id) || isPrefixedBy(schema->id, other->id)) {
        return tl::make_unexpected(
            place.member("id").error("'" + schema->id + "' and '" + other->id +
                                     "' begin alike, so that paths would have two meanings"));
      }
    }
    parts_.schemas.push_back(std::make_unique<Schema>(std::move(*schema)));
    schema_places_.push_back(place);
    return {};
  }

  Result<void> addConfig(json::Object& document, const Place& place) {
    if (!parts_.service_provider_config.empty()) {
      return tl::make_unexpected(place.error("there is another ServiceProviderConfig"));
    }
    if (Result<void> checked = checkServiceProviderConfig(document, place); !checked) {
      return propagate(checked);
    }
    document.erase("meta");
    parts_.service_provider_config = std::move(document);
    return {};
  }

  Result<void> linkTypes() {
    for (const ResourceTypeDocument& document : type_documents_) {
      Result<ResourceType> type = readResourceType(document, parts_);
      if (!type) return propagate(type);
      for (const auto& other : parts_.types) {
        if (equalIgnoringAsciiCase(other->name, type->name)) {
          return tl::make_unexpected(document.place.member("name").error(
              "there is another resource type '" + type->name + "'"));
        }
        if (equalIgnoringAsciiCase(other->endpoint, type->endpoint)) {
          return tl::make_unexpected(
              document.place.member("endpoint")
                  .error("'" + type->endpoint + "' is the endpoint of '" + other->name + "'"));
        }
        if (other->kind == type->kind) {
          return tl::make_unexpected(document.place.member("x-vestibule")
                                         .member("kind")
                                         .error(std::to_string(static_cast<unsigned>(type->kind)) +
                                                " is already the kind of '" + other->name + "'"));
        }
      }
      parts_.types.push_back(std::make_unique<ResourceType>(std::move(*type)));
    }
    std::sort(parts_.types.begin(), parts_.types.end(),
              [](const auto& left, const auto& right) { return left->kind < right->kind; });
    for (const std::string_view name : {"User", "Group"}) {
      if (findType(name) == nullptr) {
        return tl::make_unexpected(
            Place(std::string(kAllFiles)).error("there is no resource type " + std::string(name)));
      }
    }
    if (parts_.service_provider_config.empty()) {
      return tl::make_unexpected(
          Place(std::string(kAllFiles)).error("there is no ServiceProviderConfig"));
    }
    return {};
  }

  Result<void> checkAttributes() {
    for (std::size_t i = 0; i < parts_.schemas.size(); ++i) {
      const Schema& schema = *parts_.schemas[i];
      const Place place = schema_places_[i].member("attributes");
      for (std::size_t j = 0; j < schema.attributes.size(); ++j) {
        const Attribute& attribute = schema.attributes[j];
        const Place here = place.element(j);
        if (std::optional<Error> error = check(schema, attribute, here)) {
          return tl::make_unexpected(std::move(*error));
        }
        for (std::size_t k = 0; k < attribute.sub_attributes.size(); ++k) {
          const Attribute& sub = attribute.sub_attributes[k];
          const Place sub_place = here.member("subAttributes").element(k);
          if (attribute.relation && sub.index != 0) {
            return tl::make_unexpected(
                ofOurs(sub_place, "index")
                    .error("a relation has rows of its own, so its parts are not indexed"));
          }
          if (std::optional<Error> error = check(schema, sub, sub_place)) {
            return tl::make_unexpected(std::move(*error));
          }
        }
      }
    }
    return {};
  }

  /// What can only be checked once all is known.
  std::optional<Error> check(const Schema& schema, const Attribute& attribute, const Place& place) {
    for (const std::string& reference : attribute.reference_types) {
      if (reference != "external" && reference != "uri" && findType(reference) == nullptr) {
        return place.member("referenceTypes")
            .error("'" + reference + "' is no resource type, 'external' or 'uri'");
      }
    }
    if (attribute.uniqueness != Uniqueness::kNone && !namesEvery(schema, attribute)) {
      if (isOf("User", schema)) {
        return place.member("uniqueness")
            .error("of users, only the attribute that names them can be unique");
      }
      if (attribute.index == 0) {
        return place.member("uniqueness").error("a unique attribute needs an index");
      }
    }
    if (attribute.index == 0) return std::nullopt;
    if (isNaming(attribute)) {
      return ofOurs(place, "index").error("the attribute that names the resource has a column");
    }
    const auto [other, added] = indexes_.emplace(attribute.index, attribute.name);
    if (!added) {
      return ofOurs(place, "index")
          .error("index " + std::to_string(attribute.index) + " is already that of '" +
                 other->second + "'");
    }
    return std::nullopt;
  }

  static Place ofOurs(const Place& place, std::string_view key) {
    return place.member("x-vestibule").member(key);
  }

  const ResourceType* findType(std::string_view name) const {
    for (const auto& type : parts_.types) {
      if (type->name == name) return type.get();
    }
    return nullptr;
  }

  /// True when resources of the type can have attributes of the schema.
  bool isOf(std::string_view type_name, const Schema& schema) const {
    const ResourceType* type = findType(type_name);
    return type->schema == &schema || type->findExtension(schema.id) != nullptr;
  }

  /// True when the attribute names the resources of every type that has the schema.
  bool namesEvery(const Schema& schema, const Attribute& attribute) const {
    return isNaming(attribute) &&
           std::all_of(parts_.types.begin(), parts_.types.end(), [&](const auto& type) {
             return type->naming_attribute == &attribute || !isOf(type->name, schema);
           });
  }

  bool isNaming(const Attribute& attribute) const {
    for (const auto& type : parts_.types) {
      if (type->naming_attribute == &attribute) return true;
    }
    return false;
  }

  RegistryParts parts_;
  std::vector<Place> schema_places_;
  std::vector<ResourceTypeDocument> type_documents_;
  std::map<std::uint16_t, std::string> indexes_;
};

}  // namespace

Result<RegistryParts> buildRegistry(const std::vector<SchemaFile>& files) {
  return Builder().build(files);
}

}  // namespace vestibule::scim
