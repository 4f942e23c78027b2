#pragma once
// Resources as responses show them: the stored JSON with `id`, `meta`, `groups` and names around
// it.

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/resource_id.h"
#include "base/strong.h"
#include "json/value.h"
#include "scim/schema/registry.h"

namespace vestibule::scim {

/// What the server knows of a resource beside its attributes (RFC 7643 §3.1).
struct ResourceMeta {
  ResourceId id;
  Version version;
  Timestamp created = 0;
  Timestamp modified = 0;
};

/// One membership of a user, as `groups` shows it.
struct GroupMembership {
  ResourceId id;
  std::string display;
  bool direct = true;  ///< false: through a group that this one contains
};

/// One member of a group: a user or a group of the group's domain.
struct GroupMember {
  ResourceId id;
  std::string display;
};

/// The entity tag of a version, `W/"7"`: the text of `meta.version` and of the ETag header (RFC
/// 7644 §3.14).
[[nodiscard]] std::string etag(Version version);

/// The absolute URL of a resource below `base_url` (without a trailing slash).
[[nodiscard]] std::string locationOf(const ResourceType& type, std::string_view base_url,
                                     const ResourceId& id);

/// `"groups":[…]`, ready to be spliced into a user; empty when there is none.
/// `naming_prefix` goes in front of each display.
[[nodiscard]] std::string groupsText(const std::vector<GroupMembership>& groups,
                                     std::string_view base_url, std::string_view naming_prefix,
                                     const ResourceType& group_type);

/// Appends one element of `members`; `member_type` is what the member's id says it is.
void appendMember(std::string& out, const GroupMember& member, std::string_view base_url,
                  std::string_view naming_prefix, const ResourceType& member_type);

/// The response text of a stored resource: the canonical bytes with `id` in front and `relation`
/// (such as `groupsText`; may be empty) and `meta` behind, and `naming_prefix` put before the
/// naming attribute's value, which is the member behind `schemas`. Parses nothing: O(bytes).
[[nodiscard]] std::string renderStored(const ResourceType& type, std::string_view stored_json,
                                       const ResourceMeta& meta, std::string_view base_url,
                                       std::string_view naming_prefix, std::string_view relation);

/// The two ends of `renderStored`, for a relation so long that it is better appended between them
/// than made first and copied: all up to the attributes, and `meta` with the closing brace.
void appendUpToRelation(std::string& out, const ResourceType& type, std::string_view stored_json,
                        const ResourceId& id, std::string_view naming_prefix);
void appendMeta(std::string& out, const ResourceType& type, const ResourceMeta& meta,
                std::string_view base_url);

/// The same as values, for projection and filters: `attributes` is the parsed stored JSON,
/// `relation` the array for the type's relation attribute (empty: none).
[[nodiscard]] json::Object completeResource(const ResourceType& type, json::Object attributes,
                                            const ResourceMeta& meta, std::string_view base_url,
                                            std::string_view naming_prefix, json::Array relation);

/// The relation arrays for completeResource.
[[nodiscard]] json::Array groupsArray(const std::vector<GroupMembership>& groups,
                                      std::string_view base_url, std::string_view naming_prefix,
                                      const ResourceType& group_type);
[[nodiscard]] json::Object memberObject(const GroupMember& member, std::string_view base_url,
                                        std::string_view naming_prefix,
                                        const ResourceType& member_type);

/// The attribute of the type's own schema that is kept as rows (`groups`, `members`), or null.
[[nodiscard]] const Attribute* relationOf(const ResourceType& type);

}  // namespace vestibule::scim
