#include "scim/resource/validate.h"

#include "base/unicode.h"
#include "scim/resource/canonicalize.h"
#include "scim/resource/replace.h"
#include "scim/schema/common_attributes.h"
#include "scim/tolerance/legacy_schema_uris.h"

namespace vestibule::scim {
namespace {

/// Reads a body into an object with canonical names and values, not yet in order and not yet
/// checked as a whole.
class BodyReader {
 public:
  BodyReader(const ResourceType& type, Tolerating tolerating, const ResourceLimits& limits)
      : type_(type), rules_{tolerating, limits, false, &read_.dropped} {}
  BodyReader(const BodyReader&) = delete;
  BodyReader& operator=(const BodyReader&) = delete;

  Result<ValidResource> read(const json::Value& body) {
    const json::Object* members = body.object();
    if (members == nullptr) {
      return failure(ErrorKind::kInvalidSyntax,
                     "a resource must be a JSON object, not " + std::string(body.typeName()));
    }
    if (Result<void> schemas = readSchemas(*members); !schemas) return propagate(schemas);
    for (const json::Member& member : *members) {
      if (Result<void> done = readMember(member); !done) return propagate(done);
    }
    return std::move(read_);
  }

 private:
  Result<void> readSchemas(const json::Object& members) {
    const json::Value* schemas = members.findIgnoringCase("schemas");
    const json::Array* uris = schemas != nullptr ? schemas->array() : nullptr;
    if (uris == nullptr || uris->empty()) {
      return wrongSchemas("'schemas' must be an array with '" + type_.schema->id + "'");
    }
    bool has_core = false;
    for (const json::Value& value : *uris) {
      const std::string* sent = value.string();
      if (sent == nullptr) return wrongSchemas("'schemas' must hold strings only");
      const std::string_view uri = current(*sent);
      if (equalIgnoringAsciiCase(uri, type_.schema->id)) {
        has_core = true;
      } else if (type_.findExtension(uri) == nullptr) {
        const std::string shown = sent->substr(0, kShownUri);
        if (!rules_.tolerating.accepts(Tolerance::kUnknownSchemaUris)) {
          return wrongSchemas("'" + shown + "' is no schema of " + type_.name);
        }
        read_.dropped.push_back(shown);
      }
    }
    if (!has_core) return wrongSchemas("'schemas' must contain '" + type_.schema->id + "'");
    return {};
  }

  static tl::unexpected<Error> wrongSchemas(std::string detail) {
    return failure(ErrorKind::kInvalidSyntax, std::move(detail), "schemas");
  }

  Result<void> readMember(const json::Member& member) {
    if (const Attribute* attribute = type_.schema->find(member.key)) {
      return readAttribute({type_.schema, false, attribute, nullptr}, member.value);
    }
    if (const Attribute* attribute = commonAttributes().find(member.key)) {
      // `schemas` is computed, so what was sent has done its work.
      if (attribute->name == "schemas") return {};
      return readAttribute({nullptr, false, attribute, nullptr}, member.value);
    }
    if (const Schema* extension = type_.findExtension(current(member.key))) {
      return readExtension(*extension, member.value);
    }
    return meetUnknownName("", member.key, rules_);
  }

  Result<void> readExtension(const Schema& extension, const json::Value& value) {
    if (value.isNull()) return {};
    const json::Object* members = value.object();
    if (members == nullptr) {
      return failure(ErrorKind::kInvalidValue, "'" + extension.id + "' must be an object",
                     extension.id);
    }
    for (const json::Member& member : *members) {
      const Attribute* attribute = extension.find(member.key);
      Result<void> done = attribute != nullptr
                              ? readAttribute({&extension, true, attribute, nullptr}, member.value)
                              : meetUnknownName(extension.id + ":", member.key, rules_);
      if (!done) return done;
    }
    return {};
  }

  Result<void> readAttribute(const AttributeRef& ref, const json::Value& value) {
    if (ref.attribute->mutability == Mutability::kReadOnly || ref.attribute->relation) return {};
    Result<json::Value> canonical = canonicalize(ref, value, rules_);
    if (!canonical) return propagate(canonical);
    if (!canonical->isNull()) assignAt(read_.attributes, ref, std::move(*canonical));
    return {};
  }

  std::string_view current(std::string_view uri) const {
    return currentSchemaUri(uri, type_, rules_.tolerating);
  }

  static constexpr std::size_t kShownUri = 120;

  const ResourceType& type_;
  ValidResource read_;
  ValueRules rules_;
};

}  // namespace

Result<ValidResource> validateCreate(const Registry& registry, const ResourceType& type,
                                     const json::Value& body, Tolerating tolerating,
                                     const ResourceLimits& limits) {
  Result<ValidResource> read = BodyReader(type, tolerating, limits).read(body);
  if (!read) return propagate(read);
  Result<json::Object> finished = finish(registry, type, std::move(read->attributes));
  if (!finished) return propagate(finished);
  read->attributes = std::move(*finished);
  return read;
}

Result<ValidResource> validateReplace(const Registry& registry, const ResourceType& type,
                                      const json::Value& body, const json::Object& current,
                                      Tolerating tolerating, const ResourceLimits& limits) {
  Result<ValidResource> read = BodyReader(type, tolerating, limits).read(body);
  if (!read) return propagate(read);
  keepLeftOut(type, current, body, tolerating, read->attributes);
  if (Result<void> kept = keepFromCurrent(type, current, read->attributes); !kept) {
    return propagate(kept);
  }
  Result<json::Object> finished = finish(registry, type, std::move(read->attributes));
  if (!finished) return propagate(finished);
  read->attributes = std::move(*finished);
  return read;
}

}  // namespace vestibule::scim
