#pragma once
// A resource type made for tests, with an attribute for every combination of characteristics that a
// schema file may declare (RFC 7643 §2.2, §7): type × mutability × returned × uniqueness ×
// caseExact in an extension, and every type several times over in the core schema. Written by the
// rules, so that nobody has to.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "json/write.h"
#include "support/scim_schemas.h"

namespace vestibule::scim::test {

inline constexpr const char* kConformanceUrn = "urn:vestibule:test:conformance:1.0:Specimen";
inline constexpr const char* kMatrixUrn = "urn:vestibule:test:conformance:matrix:1.0:Specimen";

/// `stringReadWriteDefaultServerExact` and its like.
inline std::string matrixName(std::string_view type, std::string_view mutability,
                              std::string_view returned, std::string_view uniqueness, bool exact) {
  std::string name(type);
  for (const std::string_view part : {mutability, returned, uniqueness}) {
    name += static_cast<char>(part.front() - 'a' + 'A');
    name += part.substr(1);
  }
  return name + (exact ? "Exact" : "Folded");
}

/// True for what a schema file must not say (docs in scim-schemas/README.md).
inline bool isContradiction(std::string_view type, std::string_view mutability,
                            std::string_view returned, std::string_view uniqueness) {
  const bool never = returned == "never";
  if (mutability == "writeOnly" && !never) return true;
  if (mutability == "readOnly" && never) return true;
  // A unique attribute is indexed, and these cannot be.
  return uniqueness != "none" && (never || type == "complex" || type == "binary");
}

/// The attributes of the matrix as JSON; unique ones have an index number from 2000 on.
inline json::Array matrixAttributes() {
  json::Array attributes;
  int index = 2'000;
  for (const std::string_view type :
       {"string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"}) {
    for (const std::string_view mutability : {"readOnly", "readWrite", "immutable", "writeOnly"}) {
      for (const std::string_view returned : {"always", "never", "default", "request"}) {
        for (const std::string_view uniqueness : {"none", "server", "global"}) {
          for (const bool exact : {false, true}) {
            if (isContradiction(type, mutability, returned, uniqueness)) continue;
            json::Object attribute{
                {"name", matrixName(type, mutability, returned, uniqueness, exact)},
                {"type", type},
                {"mutability", mutability},
                {"returned", returned},
                {"uniqueness", uniqueness},
                {"caseExact", exact}};
            if (type == "reference") attribute.set("referenceTypes", json::Array{"external"});
            if (type == "complex") {
              attribute.set("subAttributes", json::Array{json::Object{{"name", "value"}},
                                                         json::Object{{"name", "note"}}});
            }
            if (uniqueness != "none") {
              attribute.set("x-vestibule", json::Object{{"index", index++}});
            }
            attributes.emplace_back(std::move(attribute));
          }
        }
      }
    }
  }
  return attributes;
}

/// `plain`: the defaults; `one…`, `many…` and `indexed…` for each type that can be so.
inline json::Array coreAttributes() {
  json::Array attributes{json::Object{{"name", "plain"}}};
  int index = 1'500;
  for (const std::string_view type :
       {"string", "boolean", "decimal", "integer", "dateTime", "binary", "reference"}) {
    std::string end(type);
    end.front() = static_cast<char>(end.front() - 'a' + 'A');
    for (const std::string_view kind : {"one", "many", "indexed"}) {
      if (kind == "indexed" && type == "binary") continue;
      json::Object attribute{{"name", std::string(kind) + end}, {"type", type}};
      if (kind == "many") attribute.set("multiValued", true);
      if (type == "reference") attribute.set("referenceTypes", json::Array{"external"});
      if (kind == "indexed") attribute.set("x-vestibule", json::Object{{"index", index++}});
      attributes.emplace_back(std::move(attribute));
    }
  }
  attributes.emplace_back(json::Object{{"name", "oneExact"}, {"caseExact", true}});
  attributes.emplace_back(json::Object{{"name", "indexedExact"},
                                       {"caseExact", true},
                                       {"x-vestibule", json::Object{{"index", index}}}});
  attributes.emplace_back(json::Object{
      {"name", "parts"},
      {"type", "complex"},
      {"multiValued", true},
      {"subAttributes", json::Array{json::Object{{"name", "value"}},
                                    json::Object{{"name", "size"}, {"type", "integer"}},
                                    json::Object{{"name", "primary"}, {"type", "boolean"}}}}});
  return attributes;
}

inline SchemaFile schemaFile(const char* name, const char* urn, json::Array attributes) {
  return {name, json::write(json::Object{
                    {"schemas", json::Array{"urn:ietf:params:scim:schemas:core:2.0:Schema"}},
                    {"id", urn},
                    {"attributes", std::move(attributes)}})};
}

/// The shipped schemas with the resource type `Specimen` at /Specimens. Loaded once.
inline const std::shared_ptr<const Registry>& conformanceRegistry() {
  static const std::shared_ptr<const Registry> kRegistry = [] {
    auto files = shippedSchemas();
    files.push_back(schemaFile("specimen.json", kConformanceUrn, coreAttributes()));
    files.push_back(schemaFile("matrix.json", kMatrixUrn, matrixAttributes()));
    files.push_back(
        {"resource-type-specimen.json",
         json::write(json::Object{
             {"schemas", json::Array{"urn:ietf:params:scim:schemas:core:2.0:ResourceType"}},
             {"name", "Specimen"},
             {"endpoint", "/Specimens"},
             {"schema", kConformanceUrn},
             {"schemaExtensions", json::Array{json::Object{{"schema", kMatrixUrn}}}},
             {"x-vestibule", json::Object{{"kind", 200}}}})});
    return loaded(files);
  }();
  return kRegistry;
}

inline const ResourceType& specimenType() {
  return *conformanceRegistry()->findResourceType("Specimen");
}

/// The n-th value of the attribute's type, n from 1 to 9: all differ, but for booleans, which
/// alternate; later ones are greater.
inline json::Value specimenValue(const Attribute& attribute, int n) {
  const std::string number = std::to_string(n);
  switch (attribute.type) {
    case AttributeType::kString:
      return "Value " + number;
    case AttributeType::kBoolean:
      return n % 2 == 0;
    case AttributeType::kInteger:
      return n;
    case AttributeType::kDecimal:
      return parsed(number + ".5");
    case AttributeType::kDateTime:
      return "2026-01-0" + number + "T00:00:00Z";
    case AttributeType::kBinary:
      return "AAA" + std::string(1, static_cast<char>('A' + n - 1));
    case AttributeType::kReference:
      return "https://h.example/" + number;
    case AttributeType::kComplex:
      return json::Object{{"value", "Value " + number}};
  }
  return {};
}

/// A value that is not of the attribute's type.
inline json::Value wrongValue(const Attribute& attribute) {
  switch (attribute.type) {
    case AttributeType::kString:
    case AttributeType::kReference:
    case AttributeType::kBinary:
    case AttributeType::kDateTime:
      return 7;
    case AttributeType::kComplex:
      return json::Array{json::Object{{"value", "a"}}, json::Object{{"value", "b"}}};
    case AttributeType::kBoolean:
    case AttributeType::kInteger:
    case AttributeType::kDecimal:
      return "seven";
  }
  return {};
}

}  // namespace vestibule::scim::test
