#pragma once
// Resources of the types that schema files add. As user_store.h. The kind in an id says which type
// a resource is of; resources of different kinds never see each other.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/resource_id.h"
#include "base/result.h"
#include "scim/resource/validate.h"
#include "scim/schema/registry.h"
#include "store/database.h"
#include "store/domain_tables.h"
#include "store/user_store.h"

namespace vestibule::store {

struct ChangeAudit;

/// The most bytes that the key of a name has.
inline constexpr std::size_t kLongestNameKey = 1'020;

/// What of a resource is kept beside the JSON.
struct ResourceKeys {
  std::optional<std::string> name;         ///< comparison key of the naming attribute
  std::optional<std::string> external_id;  ///< as sent; the store keeps scim::indexKey of it
  std::vector<scim::IndexEntry> entries;   ///< sorted
};

/// A resource to be written.
struct ResourceWrite {
  std::string document;
  ResourceKeys keys;
};

/// The resource with this id. One query; none when it does not exist.
[[nodiscard]] Result<std::optional<StoredResource>> findResource(Session& session,
                                                                 const DomainTables& domain,
                                                                 const ResourceId& id);

/// Stores a new resource, its index entries and the event: one round trip, one transaction. Errors
/// kUniqueness with the attribute whose value another resource of the type in this domain has,
/// kPayloadTooLarge.
[[nodiscard]] Result<void> insertResource(Session& session, const DomainTables& domain,
                                          const scim::ResourceType& type,
                                          const scim::ResourceMeta& meta,
                                          const ResourceWrite& resource, const ChangeAudit& audit);

/// A resource locked for change.
struct LockedResource {
  std::uint64_t seq = 0;
  StoredResource resource;
  std::vector<scim::IndexEntry> entries;  ///< as they are stored, sorted
};

/// Begins a transaction and locks the resource's row; none (and nothing open) when it does not
/// exist. One round trip. The caller ends it by updateLockedResource, deleteLockedResource or
/// rollback.
[[nodiscard]] Result<std::optional<LockedResource>> lockResource(Session& session,
                                                                 const DomainTables& domain,
                                                                 const ResourceId& id);

/// Writes the changed resource with `meta` (version and modified are the caller's) and the event,
/// and commits: one round trip. Only index entries that differ from the stored ones are touched.
/// Errors as insertResource.
[[nodiscard]] Result<void> updateLockedResource(Session& session, const DomainTables& domain,
                                                const scim::ResourceType& type,
                                                const LockedResource& locked,
                                                const scim::ResourceMeta& meta,
                                                const ResourceWrite& resource,
                                                const ChangeAudit& audit);

/// Deletes the resource with its index entries, stores the event, and commits. Guard-rails count it
/// as one delete.
[[nodiscard]] Result<void> deleteLockedResource(Session& session, const DomainTables& domain,
                                                const LockedResource& locked,
                                                const ChangeAudit& audit);

}  // namespace vestibule::store
