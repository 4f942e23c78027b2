#pragma once
// Where users come from, as SCIM shows it: the extension of scim-schemas/provenance.json in the
// stored attributes of a user, one entry for each federated identity. Where the schema files do not
// make it an extension of users, with all its attributes, nothing is noted. Pure; whoever writes
// holds the user's row lock, so that no entry is lost.

#include <string_view>

#include "base/clock.h"
#include "directory/identity_name.h"
#include "json/value.h"
#include "scim/schema/registry.h"

namespace vestibule::directory {

inline constexpr std::string_view kProvenanceSchema =
    "urn:vestibule:params:scim:schemas:extension:provenance:2.0:User";

/// True when anything is noted at all.
[[nodiscard]] bool notesProvisions(const scim::ResourceType& user_type);

/// True when an entry says that a login of the identity has brought the user up to date, or nothing
/// is noted at all.
[[nodiscard]] bool isProvisionNoted(const scim::ResourceType& user_type,
                                    const json::Object& attributes, const IdentityName& identity);

/// Notes a login of the identity at `time`: state `synced`. `first` counts where no entry tells yet
/// since when.
void noteProvision(const scim::ResourceType& user_type, const IdentityName& identity,
                   Timestamp first, Timestamp time, json::Object& attributes);

/// Notes that the identity is linked and waits for a login, whatever an entry said of it: state
/// `linked`.
void noteLink(const scim::ResourceType& user_type, const IdentityName& identity,
              json::Object& attributes);

/// Removes the entry of the identity; the extension goes with the last one.
void forgetIdentity(const scim::ResourceType& user_type, const IdentityName& identity,
                    json::Object& attributes);

}  // namespace vestibule::directory
