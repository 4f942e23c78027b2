#pragma once
// A client's representation of a resource → the canonical form that is stored (RFC 7644 §3.3,
// §3.5.1; RFC 7643 §2).

#include <string>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "scim/schema/registry.h"
#include "scim/tolerance/tolerances.h"

namespace vestibule::scim {

/// Limits on one resource.
struct ResourceLimits {
  std::size_t string_bytes = 65'536;
  std::size_t elements = 10'000;  ///< of one multi-valued attribute that is not a relation
};

/// A validated resource. `attributes` is canonical: names spelled as in the schema; in the order
/// `schemas`, naming attribute, `externalId`, core attributes as the schema lists them, extensions
/// as the resource type lists them; no null, no empty array or object; elements that are equal or
/// have equal `type` and `value` once; `schemas` exactly the core schema and the extensions that
/// have values. Nothing readOnly that a client sent, and no relation, is in it; the password is,
/// for directory/ to take out and hash. Values keep the client's spelling: canonicalValues are
/// suggestions (RFC 7643 §7) and never refused.
struct ValidResource {
  json::Object attributes;
  std::vector<std::string> dropped;  ///< unknown attributes and schema URIs that were ignored
};

/// Validates a POST body. Error kInvalidSyntax (not an object, no or wrong `schemas`),
/// kInvalidValue (wrong type, missing required attribute, two primaries, value outside its limits,
/// naming attribute of white space only), each naming the attribute. readOnly attributes and
/// relations are ignored (RFC 7644 §3.3). Values of extensions that `schemas` does not list are
/// taken all the same. Without the tolerances `unknown_attributes` and `unknown_schema_uris` what
/// these accept is kInvalidSyntax.
[[nodiscard]] Result<ValidResource> validateCreate(const Registry& registry,
                                                   const ResourceType& type,
                                                   const json::Value& body,
                                                   Tolerating tolerating = {},
                                                   const ResourceLimits& limits = {});

/// Validates a PUT body against the stored resource: as create, and kMutability when an immutable
/// attribute that has a value gets another; an immutable attribute that is absent keeps its value
/// (RFC 7644 §3.5.1), and so does one that clients never get to see. readOnly attributes, and
/// readOnly sub-attributes of values that stay the same, survive. With `put_absent_keep` so does
/// what the body leaves out altogether; what it sends as null or empty goes.
[[nodiscard]] Result<ValidResource> validateReplace(
    const Registry& registry, const ResourceType& type, const json::Value& body,
    const json::Object& current, Tolerating tolerating = {}, const ResourceLimits& limits = {});

/// Brings one value (or array of values) of one attribute into canonical form: what PATCH and claim
/// mapping use, so that every write follows the same rules. Of a multi-valued attribute the result
/// is always an array, also for one bare value. readOnly and unknown sub-attributes are left out
/// (or kInvalidSyntax without `unknown_attributes`); required ones are not asked for here
/// but by `finish`. A null result means "unassigned". Error kInvalidValue naming the attribute.
[[nodiscard]] Result<json::Value> canonicalValue(const AttributeRef& attribute,
                                                 const json::Value& value,
                                                 Tolerating tolerating = {},
                                                 const ResourceLimits& limits = {});

/// Puts members into canonical order, drops empty values, unknown members, relations, `id` and
/// `meta`, recomputes `schemas`, and checks that required attributes and sub-attributes are there
/// and at most one element is primary: the last step of every change. Names must be spelled as in
/// the schema. Errors as validateCreate.
[[nodiscard]] Result<json::Object> finish(const Registry& registry, const ResourceType& type,
                                          json::Object attributes);

/// The value at the attribute's place in a canonical resource, or null. With `sub`, the
/// sub-attribute of a single-valued complex one.
[[nodiscard]] const json::Value* valueAt(const json::Object& resource,
                                         const AttributeRef& attribute);

/// Puts a canonical value at the attribute's place (making the extension object or the complex
/// parent if needed); a null value removes it, and parents that become empty.
void assignAt(json::Object& resource, const AttributeRef& attribute, json::Value value);

/// One value of an indexed attribute, as the index stores it.
struct IndexEntry {
  std::uint16_t index = 0;
  std::string key;
  bool unique = false;  ///< no other resource of the type may have it
  bool operator==(const IndexEntry&) const = default;
  auto operator<=>(const IndexEntry&) const = default;
};

/// The entries of every indexed attribute of the resource that is not stored as a column of its
/// own, sorted, each once.
[[nodiscard]] std::vector<IndexEntry> indexEntries(const ResourceType& type,
                                                   const json::Object& resource);

}  // namespace vestibule::scim
