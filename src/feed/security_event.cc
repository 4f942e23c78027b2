#include "feed/security_event.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "scim/message.h"
#include "scim/resource/render.h"
#include "store/change_text.h"

namespace vestibule::feed {
namespace {

constexpr std::string_view kPrefix = "urn:ietf:params:scim:event:";
constexpr std::string_view kMembers = "members";
constexpr std::size_t kIdBytes = 16;
constexpr std::int64_t kMicroseconds = 1'000'000;

/// The attribute of a name as changedAttributes makes it: with the URN where an extension has it.
const scim::Attribute* attributeOf(const scim::ResourceType& type, std::string_view name) {
  const auto colon = name.rfind(':');
  if (colon == std::string_view::npos) return findAttribute(type.schema->attributes, name);
  const auto* extension = type.findExtension(name.substr(0, colon));
  return extension == nullptr ? nullptr
                              : findAttribute(extension->attributes, name.substr(colon + 1));
}

bool isNeverReturned(const scim::ResourceType* type, std::string_view name) {
  const auto* attribute = type == nullptr ? nullptr : attributeOf(*type, name);
  return attribute != nullptr && attribute->returned == scim::Returned::kNever;
}

std::vector<std::string> shownNames(const store::ToldChange& change,
                                    const scim::ResourceType* type) {
  std::vector<std::string> names;
  for (const auto& name : change.attributes) {
    if (isNeverReturned(type, name)) continue;
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

/// The value of the name in the representation; null where it has none.
const json::Value* valueOf(const json::Object& resource, std::string_view name) {
  const auto colon = name.rfind(':');
  if (colon == std::string_view::npos) return resource.find(name);
  const auto* extension = resource.find(name.substr(0, colon));
  return extension == nullptr ? nullptr : extension->find(name.substr(colon + 1));
}

/// Whether the attribute is the members of a group: of them an event lists who came and went, since
/// there may be a million.
bool isMembers(const scim::ResourceType* type, std::string_view name) {
  return name == kMembers && type != nullptr && type->kind == ResourceKind::kGroup;
}

/// Members as `members` of a group has them, but for what would have to be looked up.
json::Array memberValues(const std::vector<ResourceId>& ids) {
  json::Array values;
  values.reserve(ids.size());
  for (const auto& id : ids) {
    values.emplace_back(json::Object{
        {"value", id.text()}, {"type", id.kind() == ResourceKind::kGroup ? "Group" : "User"}});
  }
  return values;
}

/// What makes the members of a group what the change made them (RFC 7644 §3.5.2).
void addMemberOperations(json::Array& operations, const store::MembersTold& members) {
  if (members.all) {
    json::Object operation{{"op", members.added.empty() ? "remove" : "replace"},
                           {"path", kMembers}};
    if (!members.added.empty()) operation.set("value", memberValues(members.added));
    operations.emplace_back(std::move(operation));
    return;
  }
  if (!members.added.empty()) {
    operations.emplace_back(
        json::Object{{"op", "add"}, {"path", kMembers}, {"value", memberValues(members.added)}});
  }
  for (const auto& id : members.removed) {
    operations.emplace_back(
        json::Object{{"op", "remove"}, {"path", "members[value eq \"" + id.text() + "\"]"}});
  }
}

/// What brings a resource to the values of now, and its members to those of the change; nothing
/// when these are not listed.
std::optional<json::Object> patchOf(const EventFacts& facts, const store::ToldChange& change,
                                    const std::vector<std::string>& names) {
  const json::Object& resource = *facts.resource;
  json::Array operations;
  for (const std::string& name : names) {
    if (isMembers(facts.type, name)) {
      if (!change.members) return std::nullopt;
      addMemberOperations(operations, *change.members);
      continue;
    }
    const auto* value = valueOf(resource, name);
    json::Object operation{{"op", value == nullptr ? "remove" : "replace"}, {"path", name}};
    if (value != nullptr) operation.set("value", *value);
    operations.emplace_back(std::move(operation));
  }
  if (operations.empty()) return std::nullopt;
  return json::Object{{"schemas", json::Array{scim::kPatchOpSchema}},
                      {"Operations", std::move(operations)}};
}

/// The resource as POST and PUT are told; nothing when it would lack members that the group has.
std::optional<json::Object> wholeOf(const EventFacts& facts, const store::ToldChange& change,
                                    store::ChangeKinds kinds) {
  if (!facts.resource || facts.type == nullptr || facts.type->kind != ResourceKind::kGroup) {
    return facts.resource;
  }
  const auto& members = change.members;
  if (members && !members->all) return std::nullopt;
  // A new group without members names none; of another one all have to be listed.
  const auto& names = change.attributes;
  const bool none = has(kinds, store::ChangeKind::kCreate) &&
                    std::find(names.begin(), names.end(), kMembers) == names.end();
  if (!members && !none) return std::nullopt;
  auto resource = facts.resource;
  if (members && !members->added.empty()) resource->set(kMembers, memberValues(members->added));
  return resource;
}

json::Object subjectOf(const store::OutboxEvent& event, const scim::ResourceType* type) {
  const std::string id = event.resource.text();
  json::Object subject{{"format", "scim"},
                       {"uri", (type == nullptr ? std::string() : type->endpoint) + "/" + id},
                       {"id", id}};
  if (event.external_id) subject.set("externalId", *event.external_id);
  return subject;
}

}  // namespace

std::string idText(std::string_view bytes) { return toHex(bytes); }

std::optional<std::string> idBytes(std::string_view text) {
  if (text.size() != 2 * kIdBytes) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hexDigit(text[i]);
    const int low = hexDigit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

json::Object securityEvent(const directory::EventStream& stream, const store::Delivery& delivery,
                           const EventFacts& facts) {
  const store::OutboxEvent& event = delivery.event;
  const auto change = store::readChange(event.attributes);
  const auto names = shownNames(change, facts.type);
  const bool full = stream.full && facts.resource;
  json::Object told;
  const auto tell = [&](std::string_view action, std::optional<json::Object> data) {
    const char* const how = data ? ":full" : ":notice";
    json::Object payload;
    if (data) {
      payload.set("data", *std::move(data));
    } else {
      payload.set("attributes", json::Array(names.begin(), names.end()));
    }
    if (event.version) payload.set("version", scim::etag(*event.version));
    told.set(std::string(kPrefix).append("prov:").append(action).append(how), std::move(payload));
  };
  const auto whole = full ? wholeOf(facts, change, event.kinds) : std::nullopt;
  if (has(event.kinds, store::ChangeKind::kCreate)) tell("create", whole);
  if (has(event.kinds, store::ChangeKind::kPut)) tell("put", whole);
  if (has(event.kinds, store::ChangeKind::kPatch)) {
    tell("patch", full ? patchOf(facts, change, names) : std::nullopt);
  }
  constexpr std::array<std::pair<store::ChangeKind, std::string_view>, 5> kPlain{
      {{store::ChangeKind::kDelete, "prov:delete"},
       {store::ChangeKind::kActivate, "prov:activate"},
       {store::ChangeKind::kDeactivate, "prov:deactivate"},
       {store::ChangeKind::kFeedAdd, "feed:add"},
       {store::ChangeKind::kFeedRemove, "feed:remove"}}};
  for (const auto& [kind, action] : kPlain) {
    if (has(event.kinds, kind)) told.set(std::string(kPrefix).append(action), json::Object());
  }
  json::Object claims{{"iss", facts.issuer},
                      {"iat", facts.issued / kMicroseconds},
                      {"jti", idText(delivery.event_id)},
                      {"txn", idText(event.txn)},
                      {"toe", event.occurred / kMicroseconds}};
  if (!stream.audiences.empty()) {
    claims.set("aud", json::Array(stream.audiences.begin(), stream.audiences.end()));
  }
  claims.set("sub_id", subjectOf(event, facts.type));
  claims.set("events", std::move(told));
  return claims;
}

}  // namespace vestibule::feed
