#include "scim/schema/schema_reader.h"

#include <algorithm>

#include "base/unicode.h"

namespace vestibule::scim {
namespace {

enum class Level { kTop, kSub };

Result<std::vector<Attribute>> readAttributes(const json::Array& documents, const Place& place,
                                              Level level);

void checkCanonicalValues(const Attribute& attribute, Fields& fields) {
  if (attribute.canonical_values.empty()) return;
  if (attribute.type != AttributeType::kString) {
    fields.fail("canonicalValues", "only strings have canonical values");
  }
  for (auto value = attribute.canonical_values.begin(); value != attribute.canonical_values.end();
       ++value) {
    if (std::find(attribute.canonical_values.begin(), value, *value) != value) {
      fields.fail("canonicalValues", "'" + *value + "' is listed twice");
    }
  }
}

void checkCharacteristics(const Attribute& attribute, Fields& fields) {
  const bool complex = attribute.type == AttributeType::kComplex;
  const bool reference = attribute.type == AttributeType::kReference;
  checkCanonicalValues(attribute, fields);
  if (reference && attribute.reference_types.empty()) {
    fields.fail("referenceTypes", "a reference must say what it refers to");
  }
  if (!reference && !attribute.reference_types.empty()) {
    fields.fail("referenceTypes", "only references refer to something");
  }
  if (complex && attribute.uniqueness != Uniqueness::kNone) {
    fields.fail("uniqueness", "a complex attribute cannot be unique");
  }
  if (attribute.mutability == Mutability::kReadOnly && attribute.returned == Returned::kNever) {
    fields.fail("returned", "a readOnly attribute that is never returned has no use");
  }
  if (attribute.mutability == Mutability::kWriteOnly && attribute.returned != Returned::kNever) {
    fields.fail("returned", "a writeOnly attribute must be returned 'never'");
  }
}

/// What only Vestibule knows about an attribute: `"x-vestibule": {…}`.
void readOwn(Attribute& attribute, Fields& fields, Level level) {
  const json::Object* document = fields.object("x-vestibule");
  if (document == nullptr) return;
  Fields own(*document, fields.place().member("x-vestibule"));
  own.allowOnly({"index", "preparation", "relation", "credential"});
  attribute.preparation = own.wordOr<Preparation>(
      "preparation", {{"userName", Preparation::kUserName}}, Preparation::kNone);
  attribute.relation = own.booleanOr("relation", false);
  attribute.credential = own.booleanOr("credential", false);

  const bool simple = attribute.type != AttributeType::kComplex;
  if (const json::Value* index = document->find("index")) {
    const std::optional<std::int64_t> number =
        index->isNumber() ? index->number()->asInt64() : std::nullopt;
    if (!number || *number < 1 || *number > 65'535) {
      own.fail("index", "must be an integer from 1 to 65535");
    } else if (!simple || attribute.type == AttributeType::kBinary) {
      own.fail("index", "a complex or binary attribute cannot be indexed");
    } else if (attribute.returned == Returned::kNever) {
      own.fail("index", "an attribute that is never returned cannot be searched for");
    } else {
      attribute.index = static_cast<std::uint16_t>(*number);
    }
  }
  if (attribute.preparation != Preparation::kNone &&
      (attribute.type != AttributeType::kString || attribute.multi_valued)) {
    own.fail("preparation", "only a single-valued string can be prepared");
  }
  if (attribute.relation && (level != Level::kTop || simple || !attribute.multi_valued ||
                             attribute.findSub("value") == nullptr)) {
    own.fail("relation",
             "a relation must be a multi-valued complex attribute with a sub-attribute 'value'");
  }
  if (attribute.credential &&
      (level != Level::kTop || attribute.type != AttributeType::kString || attribute.multi_valued ||
       attribute.mutability != Mutability::kWriteOnly)) {
    own.fail("credential", "a credential must be a single-valued, writeOnly string");
  }
  if (own.error()) fields.adopt(*own.error());
}

void readSubAttributes(Attribute& attribute, Fields& fields, Level level) {
  const json::Array* subs = fields.array("subAttributes");
  if (attribute.type != AttributeType::kComplex) {
    if (subs != nullptr && !subs->empty()) {
      fields.fail("subAttributes", "only complex attributes have sub-attributes");
    }
    return;
  }
  if (level == Level::kSub) {
    fields.fail("type", "a sub-attribute cannot be complex (RFC 7643 section 2.3.8)");
    return;
  }
  if (subs == nullptr || subs->empty()) {
    fields.fail("subAttributes", "a complex attribute must have sub-attributes");
    return;
  }
  Result<std::vector<Attribute>> read =
      readAttributes(*subs, fields.place().member("subAttributes"), Level::kSub);
  if (!read) {
    fields.adopt(read.error());
    return;
  }
  attribute.sub_attributes = std::move(*read);
}

Result<Attribute> readAttribute(const json::Object& document, const Place& place, Level level) {
  Fields fields(document, place);
  fields.allowOnly({"name", "type", "multiValued", "description", "required", "canonicalValues",
                    "caseExact", "mutability", "returned", "uniqueness", "referenceTypes",
                    "subAttributes", "x-vestibule"});
  Attribute attribute;
  attribute.name = fields.text("name");
  if (!attribute.name.empty() && !isAttributeName(attribute.name)) {
    fields.fail("name", "'" + attribute.name + "' is not a name (RFC 7643 section 2.1)");
  }
  attribute.description = fields.textOr("description", "");
  attribute.type = fields.wordOr<AttributeType>("type",
                                                {{"string", AttributeType::kString},
                                                 {"boolean", AttributeType::kBoolean},
                                                 {"decimal", AttributeType::kDecimal},
                                                 {"integer", AttributeType::kInteger},
                                                 {"dateTime", AttributeType::kDateTime},
                                                 {"binary", AttributeType::kBinary},
                                                 {"reference", AttributeType::kReference},
                                                 {"complex", AttributeType::kComplex}},
                                                AttributeType::kString);
  attribute.multi_valued = fields.booleanOr("multiValued", false);
  attribute.required = fields.booleanOr("required", false);
  attribute.case_exact = fields.booleanOr("caseExact", false) ||
                         attribute.type == AttributeType::kBinary ||
                         attribute.type == AttributeType::kReference;
  attribute.mutability = fields.wordOr<Mutability>("mutability",
                                                   {{"readOnly", Mutability::kReadOnly},
                                                    {"readWrite", Mutability::kReadWrite},
                                                    {"immutable", Mutability::kImmutable},
                                                    {"writeOnly", Mutability::kWriteOnly}},
                                                   Mutability::kReadWrite);
  attribute.returned = fields.wordOr<Returned>("returned",
                                               {{"always", Returned::kAlways},
                                                {"never", Returned::kNever},
                                                {"default", Returned::kDefault},
                                                {"request", Returned::kRequest}},
                                               Returned::kDefault);
  attribute.uniqueness = fields.wordOr<Uniqueness>("uniqueness",
                                                   {{"none", Uniqueness::kNone},
                                                    {"server", Uniqueness::kServer},
                                                    {"global", Uniqueness::kGlobal}},
                                                   Uniqueness::kNone);
  attribute.canonical_values = fields.texts("canonicalValues");
  attribute.reference_types = fields.texts("referenceTypes");
  if (level == Level::kSub && attribute.multi_valued) {
    fields.fail("multiValued", "a sub-attribute with several values is not supported");
  }
  readSubAttributes(attribute, fields, level);
  checkCharacteristics(attribute, fields);
  readOwn(attribute, fields, level);
  if (fields.error()) return tl::make_unexpected(*fields.error());
  return attribute;
}

Result<std::vector<Attribute>> readAttributes(const json::Array& documents, const Place& place,
                                              Level level) {
  std::vector<Attribute> attributes;
  attributes.reserve(documents.size());
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const Place here = place.element(i);
    const json::Object* document = documents[i].object();
    if (document == nullptr) return tl::make_unexpected(here.error("must be an object"));
    Result<Attribute> attribute = readAttribute(*document, here, level);
    if (!attribute) return propagate(attribute);
    if (findAttribute(attributes, attribute->name) != nullptr) {
      return tl::make_unexpected(
          here.member("name").error("'" + attribute->name + "' is declared twice"));
    }
    attributes.push_back(std::move(*attribute));
  }
  return attributes;
}

/// Schema URIs stand in paths before a colon and in stored JSON without escapes, so what would need
/// one is refused.
bool isSchemaUri(std::string_view uri) {
  const auto allowed = [](char c) {
    return c > 0x20 && c < 0x7F &&
           std::string_view("\"\\[](),<>{}^`|").find(c) == std::string_view::npos;
  };
  return uri.find(':') != std::string_view::npos && uri.back() != ':' &&
         std::all_of(uri.begin(), uri.end(), allowed);
}

}  // namespace

Result<Schema> readSchema(const json::Object& document, const Place& place) {
  Fields fields(document, place);
  fields.allowOnly({"schemas", "id", "name", "description", "attributes", "meta"});
  Schema schema;
  schema.id = fields.text("id");
  if (!schema.id.empty() && !isSchemaUri(schema.id)) {
    fields.fail("id", "'" + schema.id + "' is not a URI that can be used in paths");
  }
  schema.name = fields.textOr("name", "");
  schema.description = fields.textOr("description", "");
  const json::Array* attributes = fields.array("attributes");
  if (attributes == nullptr || attributes->empty()) {
    fields.fail("attributes", "a schema must have attributes");
  }
  if (fields.error()) return tl::make_unexpected(*fields.error());
  Result<std::vector<Attribute>> read =
      readAttributes(*attributes, place.member("attributes"), Level::kTop);
  if (!read) return propagate(read);
  schema.attributes = std::move(*read);
  return schema;
}

}  // namespace vestibule::scim
