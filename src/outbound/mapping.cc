#include "outbound/mapping.h"

#include <utility>

#include "directory/self_service.h"
#include "scim/filter/filter.h"
#include "scim/message.h"
#include "scim/patch/patch.h"
#include "scim/resource/validate.h"

namespace vestibule::outbound {
namespace {

constexpr std::size_t kMaxRows = 200;

/// Why the path cannot be used; empty when it can.
std::string faultOf(const scim::PatchPath& path, bool is_written) {
  if (path.whole != nullptr) return "is a schema: name one of its attributes";
  const scim::Attribute& attribute = *path.attribute.attribute;
  if (attribute.credential) return "is a credential";
  if (attribute.relation) return "is not mapped: groups are provisioned by `groups`";
  if (is_written && path.attribute.target().mutability == scim::Mutability::kReadOnly) {
    return "is readOnly";
  }
  if (path.attribute.schema == nullptr && attribute.name == "schemas") {
    return "follows from the other attributes";
  }
  return {};
}

std::optional<scim::PatchPath> readPath(scim::Fields& fields, std::string_view key,
                                        const directory::Context& context,
                                        const std::string& text) {
  if (fields.error()) return std::nullopt;
  auto path = scim::parsePatchPath(*context.registry, *context.user_type, text);
  if (!path) {
    fields.fail(key, path.error().detail);
    return std::nullopt;
  }
  if (const auto fault = faultOf(*path, key == "target"); !fault.empty()) {
    fields.fail(key, "'" + text + "' " + fault);
    return std::nullopt;
  }
  return *std::move(path);
}

void readRow(scim::Fields& parent, const json::Value& element, const scim::Place& place,
             const directory::Context& context, Mapping& mapping, json::Array& shown) {
  const json::Object* object = element.object();
  if (object == nullptr) {
    parent.adopt(place.error("must be an object"));
    return;
  }
  scim::Fields fields(*object, place);
  fields.allowOnly({"target", "source", "constant"});
  MappingRow row;
  row.target = fields.text("target");
  (void)readPath(fields, "target", context, row.target);
  json::Object canonical{{"target", row.target}};
  if (fields.has("source") == fields.has("constant")) {
    fields.fail("target", "needs either a source or a constant");
  } else if (fields.has("source")) {
    const std::string source = fields.text("source");
    row.source = readPath(fields, "source", context, source);
    canonical.set("source", source);
  } else {
    row.constant = *object->find("constant");
    canonical.set("constant", row.constant);
  }
  if (fields.error()) parent.adopt(*fields.error());
  mapping.push_back(std::move(row));
  shown.emplace_back(std::move(canonical));
}

/// The user's value at the path: of the first element that the path selects.
const json::Value* valueOf(const json::Object& user, const scim::PatchPath& path) {
  if (!path.selection) return scim::valueAt(user, path.attribute);
  scim::AttributeRef whole = path.attribute;
  whole.sub = nullptr;
  const json::Value* value = scim::valueAt(user, whole);
  const json::Array* elements = value == nullptr ? nullptr : value->array();
  if (elements == nullptr) return nullptr;
  for (const json::Value& element : *elements) {
    if (!scim::evaluateElement(*path.selection, element)) continue;
    if (path.attribute.sub == nullptr) return &element;
    if (const json::Value* part = element.find(path.attribute.sub->name)) return part;
  }
  return nullptr;
}

json::Object coreOf(const scim::ResourceType& type, const json::Object& resource) {
  json::Object core{{"schemas", json::Array{type.schema->id}}};
  for (const auto& [name, value] : resource) {
    const scim::Attribute* attribute = type.schema->find(name);
    if (attribute == nullptr || attribute->relation || attribute->credential) continue;
    core.set(name, value);
  }
  return core;
}

}  // namespace

Mapping readMapping(scim::Fields& fields, const directory::Context& context,
                    json::Object& document) {
  Mapping mapping;
  json::Array shown;
  if (const json::Array* rows = fields.array("mappings")) {
    if (rows->size() > kMaxRows) fields.fail("mappings", "has more than 200 rows");
    const scim::Place place = fields.place().member("mappings");
    for (std::size_t i = 0; i < rows->size() && !fields.error(); ++i) {
      readRow(fields, (*rows)[i], place.element(i), context, mapping, shown);
    }
  }
  if (!shown.empty()) document.set("mappings", std::move(shown));
  return mapping;
}

Result<json::Object> mapUser(const Mapping& mapping, const directory::Context& context,
                             const json::Object& user) {
  const auto& type = *context.user_type;
  const json::Value* id = user.find("id");
  const json::Value external_id = id == nullptr ? json::Value() : *id;
  const json::Value active(directory::isActive(user));
  if (mapping.empty()) {
    json::Object core = coreOf(type, user);
    core.set("externalId", external_id);
    core.set("active", active);
    return core;
  }
  const std::string& naming = type.naming_attribute->name;
  const json::Value* name = user.find(naming);
  json::Object sent{{"schemas", json::Array{type.schema->id}},
                    {naming, name == nullptr ? json::Value() : *name},
                    {"externalId", external_id},
                    {"active", active}};
  json::Array operations;
  for (const auto& row : mapping) {
    const json::Value* value = row.source ? valueOf(user, *row.source) : &row.constant;
    if (value == nullptr || value->isNull()) continue;
    operations.emplace_back(
        json::Object{{"op", "replace"}, {"path", row.target}, {"value", *value}});
  }
  if (operations.empty()) return sent;
  auto parsed = scim::parsePatch(*context.registry, type,
                                 json::Object{{"schemas", json::Array{scim::kPatchOpSchema}},
                                              {"Operations", std::move(operations)}});
  if (!parsed) return propagate(parsed);
  return scim::applyPatch(*context.registry, type, sent, *parsed);
}

json::Object mapGroup(const directory::Context& context, const json::Object& group) {
  json::Object core = coreOf(*context.group_type, group);
  const json::Value* id = group.find("id");
  if (id != nullptr) core.set("externalId", *id);
  return core;
}

}  // namespace vestibule::outbound
