#pragma once
// Which attributes of a user a target gets.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "directory/context.h"
#include "json/value.h"
#include "scim/patch/path.h"
#include "scim/schema/document_reader.h"

namespace vestibule::outbound {

/// One row: what is put where.
struct MappingRow {
  std::string target;                     ///< the path that is written to
  std::optional<scim::PatchPath> source;  ///< read from; nothing: `constant` is written
  json::Value constant;
};

/// The rows of a target. Without any, a user goes as the attributes of the core schema are.
using Mapping = std::vector<MappingRow>;

/// Reads `mappings` of a target's settings, and puts their canonical form into `document`. Notes a
/// failure in `fields` for: a path that is none, that clients cannot write, a credential, `groups`,
/// and a row with both or neither of `source` and `constant`.
[[nodiscard]] Mapping readMapping(scim::Fields& fields, const directory::Context& context,
                                  json::Object& document);

/// What is sent of a user. `user` is complete: with `id`, `meta` and `groups`. `userName` and
/// `active` are always in it; `externalId` is our id unless a row says otherwise. Error
/// kInvalidValue when the rows give no valid user: a value that the target path does not take, no
/// user name.
[[nodiscard]] Result<json::Object> mapUser(const Mapping& mapping,
                                           const directory::Context& context,
                                           const json::Object& user);

/// What is sent of a group, without its members.
[[nodiscard]] json::Object mapGroup(const directory::Context& context, const json::Object& group);

}  // namespace vestibule::outbound
