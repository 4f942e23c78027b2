#include "directory/provenance.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "scim/resource/validate.h"

namespace vestibule::directory {
namespace {

constexpr std::string_view kIdentities = "identities";
constexpr std::string_view kIdentityProvider = "identityProvider";
constexpr std::string_view kSubject = "subject";
constexpr std::string_view kFirst = "firstProvisioned";
constexpr std::string_view kLast = "lastProvisioned";
constexpr std::string_view kState = "state";
constexpr std::array kParts{kIdentityProvider, kSubject, kFirst, kLast, kState};

constexpr std::string_view kLinked = "linked";
constexpr std::string_view kSynced = "synced";

/// The attribute with the entries; its `attribute` is null where nothing is noted.
scim::AttributeRef entriesOf(const scim::ResourceType& type) {
  scim::AttributeRef ref;
  const scim::Schema* schema = type.findExtension(kProvenanceSchema);
  const scim::Attribute* found = schema == nullptr ? nullptr : schema->find(kIdentities);
  if (found == nullptr || !found->multi_valued) return ref;
  const bool complete = std::all_of(kParts.begin(), kParts.end(), [&](std::string_view part) {
    return found->findSub(part) != nullptr;
  });
  if (complete) ref = {schema, true, found, nullptr};
  return ref;
}

bool isOf(const json::Value& entry, const IdentityName& identity) {
  return entry.stringAt(kIdentityProvider) == identity.identity_provider &&
         entry.stringAt(kSubject) == identity.subject.value();
}

json::Array storedEntries(const json::Object& attributes, const scim::AttributeRef& ref) {
  const json::Value* value = scim::valueAt(attributes, ref);
  const json::Array* entries = value == nullptr ? nullptr : value->array();
  return entries == nullptr ? json::Array() : *entries;
}

json::Array::iterator entryOf(json::Array& entries, const IdentityName& identity) {
  return std::find_if(entries.begin(), entries.end(),
                      [&](const json::Value& entry) { return isOf(entry, identity); });
}

/// The URNs of the extensions that canonical resources have behind this one.
std::vector<std::string_view> extensionsBehind(const scim::ResourceType& type,
                                               const scim::Schema* schema) {
  std::vector<std::string_view> behind;
  for (auto extension = type.extensions.rbegin(); extension->schema != schema; ++extension) {
    behind.emplace_back(extension->schema->id);
  }
  std::reverse(behind.begin(), behind.end());
  return behind;
}

/// Brings the extension and its URN to where canonical resources have them. What else the resource
/// holds stays as it is: a change of a link does not depend on the user being valid by schema files
/// that have changed since it was stored.
void settle(const scim::ResourceType& type, const scim::Schema* schema, json::Object& attributes) {
  const auto behind = extensionsBehind(type, schema);
  for (const std::string_view urn : behind) {
    json::Value* found = attributes.find(urn);
    if (found == nullptr) continue;
    json::Value value = std::move(*found);
    attributes.erase(urn);
    attributes.set(urn, std::move(value));
  }
  json::Value* schemas = attributes.find("schemas");
  json::Array* urns = schemas == nullptr ? nullptr : schemas->array();
  if (urns == nullptr) return;
  const json::Value urn(schema->id);
  urns->erase(std::remove(urns->begin(), urns->end(), urn), urns->end());
  if (attributes.find(schema->id) == nullptr) return;
  const auto place = std::find_if(urns->begin(), urns->end(), [&](const json::Value& listed) {
    return listed.isString() &&
           std::find(behind.begin(), behind.end(), *listed.string()) != behind.end();
  });
  urns->insert(place, urn);
}

void store(const scim::ResourceType& type, const scim::AttributeRef& ref, json::Array entries,
           json::Object& attributes) {
  scim::assignAt(attributes, ref, json::Value(std::move(entries)));
  settle(type, ref.schema, attributes);
}

/// Puts the entry in the place of the one of the same identity, or behind all others.
void put(const scim::ResourceType& type, const scim::AttributeRef& ref,
         const IdentityName& identity, json::Object entry, json::Object& attributes) {
  json::Array entries = storedEntries(attributes, ref);
  const auto found = entryOf(entries, identity);
  if (found != entries.end()) {
    *found = json::Value(std::move(entry));
  } else {
    entries.emplace_back(std::move(entry));
  }
  store(type, ref, std::move(entries), attributes);
}

}  // namespace

bool notesProvisions(const scim::ResourceType& user_type) {
  return entriesOf(user_type).attribute != nullptr;
}

bool isProvisionNoted(const scim::ResourceType& user_type, const json::Object& attributes,
                      const IdentityName& identity) {
  const auto ref = entriesOf(user_type);
  if (ref.attribute == nullptr) return true;
  const json::Value* value = scim::valueAt(attributes, ref);
  const json::Array* entries = value == nullptr ? nullptr : value->array();
  return entries != nullptr &&
         std::any_of(entries->begin(), entries->end(), [&](const json::Value& entry) {
           return isOf(entry, identity) && entry.stringAt(kState) == kSynced;
         });
}

void noteProvision(const scim::ResourceType& user_type, const IdentityName& identity,
                   Timestamp first, Timestamp time, json::Object& attributes) {
  const auto ref = entriesOf(user_type);
  if (ref.attribute == nullptr) return;
  json::Array entries = storedEntries(attributes, ref);
  const auto found = entryOf(entries, identity);
  const json::Value* since = found == entries.end() ? nullptr : found->find(kFirst);
  json::Object entry{{std::string(kIdentityProvider), identity.identity_provider},
                     {std::string(kSubject), identity.subject.value()}};
  entry.set(kFirst, since != nullptr ? *since : json::Value(formatTimestamp(first)));
  entry.set(kLast, formatTimestamp(time));
  entry.set(kState, kSynced);
  put(user_type, ref, identity, std::move(entry), attributes);
}

void noteLink(const scim::ResourceType& user_type, const IdentityName& identity,
              json::Object& attributes) {
  const auto ref = entriesOf(user_type);
  if (ref.attribute == nullptr) return;
  json::Object entry{{std::string(kIdentityProvider), identity.identity_provider},
                     {std::string(kSubject), identity.subject.value()},
                     {std::string(kState), kLinked}};
  put(user_type, ref, identity, std::move(entry), attributes);
}

void forgetIdentity(const scim::ResourceType& user_type, const IdentityName& identity,
                    json::Object& attributes) {
  const auto ref = entriesOf(user_type);
  if (ref.attribute == nullptr) return;
  json::Array entries = storedEntries(attributes, ref);
  const auto found = entryOf(entries, identity);
  if (found == entries.end()) return;
  entries.erase(found);
  store(user_type, ref, std::move(entries), attributes);
}

}  // namespace vestibule::directory
