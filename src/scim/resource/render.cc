#include "scim/resource/render.h"

#include <cassert>

#include "json/write.h"

namespace vestibule::scim {
namespace {

void appendQuoted(std::string& out, std::string_view plain) {
  out += '"';
  out += plain;
  out += '"';
}

/// `{"value":…,"$ref":…,"display":…,"type":…}`
void appendReference(std::string& out, const ResourceId& id, const std::string& display,
                     std::string_view base_url, std::string_view naming_prefix,
                     const ResourceType& type, std::string_view reference_type) {
  const std::string text = id.text();
  out += R"({"value":)";
  appendQuoted(out, text);
  out += R"(,"$ref":)";
  json::appendString(out, std::string(base_url) + type.endpoint + "/" + text);
  out += R"(,"display":)";
  json::appendString(out, std::string(naming_prefix) + display);
  out += R"(,"type":)";
  appendQuoted(out, reference_type);
  out += '}';
}

json::Object referenceObject(const ResourceId& id, const std::string& display,
                             std::string_view base_url, std::string_view naming_prefix,
                             const ResourceType& type, std::string_view reference_type) {
  json::Object object;
  object.set("value", id.text());
  object.set("$ref", locationOf(type, base_url, id));
  object.set("display", std::string(naming_prefix) + display);
  object.set("type", reference_type);
  return object;
}

std::string_view typeOf(const GroupMembership& group) {
  return group.direct ? "direct" : "indirect";
}

}  // namespace

std::string etag(Version version) { return "W/\"" + std::to_string(version.value()) + "\""; }

std::string locationOf(const ResourceType& type, std::string_view base_url, const ResourceId& id) {
  std::string location(base_url);
  location += type.endpoint;
  location += '/';
  location += id.text();
  return location;
}

std::string groupsText(const std::vector<GroupMembership>& groups, std::string_view base_url,
                       std::string_view naming_prefix, const ResourceType& group_type) {
  if (groups.empty()) return {};
  std::string out = R"("groups":[)";
  for (const auto& group : groups) {
    if (out.back() != '[') out += ',';
    appendReference(out, group.id, group.display, base_url, naming_prefix, group_type,
                    typeOf(group));
  }
  out += ']';
  return out;
}

void appendMember(std::string& out, const GroupMember& member, std::string_view base_url,
                  std::string_view naming_prefix, const ResourceType& member_type) {
  appendReference(out, member.id, member.display, base_url, naming_prefix, member_type,
                  member_type.name);
}

void appendUpToRelation(std::string& out, const ResourceType& type, std::string_view stored_json,
                        const ResourceId& id, std::string_view naming_prefix) {
  assert(stored_json.size() >= 2 && stored_json.front() == '{' && stored_json.back() == '}');
  out += R"({"id":)";
  appendQuoted(out, id.text());

  std::string_view attributes = stored_json.substr(1, stored_json.size() - 2);
  if (!attributes.empty()) out += ',';
  if (!naming_prefix.empty() && type.naming_attribute != nullptr) {
    // Canonical JSON has the naming attribute right behind `schemas`, so the first match is the
    // one: no string can hold an unescaped quote.
    const std::string key = "\"" + type.naming_attribute->name + "\":\"";
    const auto found = attributes.find(key);
    if (found != std::string_view::npos) {
      const auto value = found + key.size();
      out += attributes.substr(0, value);
      out += naming_prefix;
      attributes.remove_prefix(value);
    }
  }
  out += attributes;
}

void appendMeta(std::string& out, const ResourceType& type, const ResourceMeta& meta,
                std::string_view base_url) {
  out += R"(,"meta":{"resourceType":)";
  appendQuoted(out, type.name);
  out += R"(,"created":)";
  appendQuoted(out, formatTimestamp(meta.created));
  out += R"(,"lastModified":)";
  appendQuoted(out, formatTimestamp(meta.modified));
  out += R"(,"location":)";
  json::appendString(out, locationOf(type, base_url, meta.id));
  out += R"(,"version":"W/\")";
  out += std::to_string(meta.version.value());
  out += R"(\""}})";
}

std::string renderStored(const ResourceType& type, std::string_view stored_json,
                         const ResourceMeta& meta, std::string_view base_url,
                         std::string_view naming_prefix, std::string_view relation) {
  std::string out;
  out.reserve(stored_json.size() + relation.size() + base_url.size() + naming_prefix.size() + 320);
  appendUpToRelation(out, type, stored_json, meta.id, naming_prefix);
  if (!relation.empty()) {
    out += ',';
    out += relation;
  }
  appendMeta(out, type, meta, base_url);
  return out;
}

json::Object completeResource(const ResourceType& type, json::Object attributes,
                              const ResourceMeta& meta, std::string_view base_url,
                              std::string_view naming_prefix, json::Array relation) {
  json::Object resource;
  resource.set("id", meta.id.text());
  for (auto& member : attributes.members()) {
    resource.members().push_back(std::move(member));
  }
  if (!naming_prefix.empty() && type.naming_attribute != nullptr) {
    if (auto* name = resource.find(type.naming_attribute->name);
        name != nullptr && name->isString()) {
      name->string()->insert(0, naming_prefix);
    }
  }
  if (const auto* attribute = relationOf(type); attribute != nullptr && !relation.empty()) {
    resource.set(attribute->name, std::move(relation));
  }
  json::Object about;
  about.set("resourceType", type.name);
  about.set("created", formatTimestamp(meta.created));
  about.set("lastModified", formatTimestamp(meta.modified));
  about.set("location", locationOf(type, base_url, meta.id));
  about.set("version", etag(meta.version));
  resource.set("meta", std::move(about));
  return resource;
}

json::Array groupsArray(const std::vector<GroupMembership>& groups, std::string_view base_url,
                        std::string_view naming_prefix, const ResourceType& group_type) {
  json::Array array;
  array.reserve(groups.size());
  for (const auto& group : groups) {
    array.emplace_back(referenceObject(group.id, group.display, base_url, naming_prefix, group_type,
                                       typeOf(group)));
  }
  return array;
}

json::Object memberObject(const GroupMember& member, std::string_view base_url,
                          std::string_view naming_prefix, const ResourceType& member_type) {
  return referenceObject(member.id, member.display, base_url, naming_prefix, member_type,
                         member_type.name);
}

const Attribute* relationOf(const ResourceType& type) {
  for (const auto& attribute : type.schema->attributes) {
    if (attribute.relation) return &attribute;
  }
  return nullptr;
}

}  // namespace vestibule::scim
