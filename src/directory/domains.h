#pragma once
// The use cases on user store domains themselves.

#include <string_view>

#include "base/result.h"
#include "base/strong.h"
#include "directory/author.h"
#include "directory/context.h"
#include "json/value.h"
#include "store/migrations.h"

namespace vestibule::directory {

/// Upper-cases and checks a domain's name: 1 to 30 letters (A–Z), digits and hyphens, beginning
/// with a letter; not beginning with FEDERATED. Error kInvalidValue saying what is wrong.
[[nodiscard]] Result<DomainName> parseDomainName(std::string_view text);

/// A domain as the admin API and the command line show it:
/// `{"name","state","description","settings":{…},"version","created","modified"}`; `state` is
/// `active`, or `moving` while it is being moved to another installation, or for PRIMARY
/// `restoring`.
[[nodiscard]] json::Object describeDomain(const Domain& domain);

/// A domain that nobody is served (see Catalog::unfinishedDomains): `settings` is left out, and
/// `state` is `creating`, `deleting`, `restoring` or `moved`.
[[nodiscard]] json::Object describeUnfinishedDomain(const store::DomainRow& row);

/// Creates a domain with its MySQL schema and tables. `body`: `{"name", "description"?,
/// "settings"?}`; unknown keys are refused. Settings left out have the reference defaults of a
/// secondary store. A creation of that name that was interrupted is finished. Errors kInvalidValue,
/// kUniqueness, kConflict, kUnavailable while another process makes, deletes or migrates schemas.
[[nodiscard]] Result<json::Object> createDomain(const Context& context,
                                                const store::MigrationSet& migrations,
                                                const json::Value& body,
                                                const Author& author = commandLine());

/// Changes description and settings by RFC 7396 (null puts a setting back to its default). A change
/// to what is there already changes nothing, version included. PRIMARY cannot be disabled.
/// CaseInsensitiveUsername cannot change: it decides which names are equal, and users are stored by
/// that. Stored settings that cannot be used any more have to be among those that are set. Errors
/// kInvalidValue (with the position in a pattern), kVersionMismatch, kNotFound, kConflict.
[[nodiscard]] Result<json::Object> changeDomain(const Context& context, DomainNumber number,
                                                const json::Value& patch,
                                                const Preconditions& conditions,
                                                const Author& author = commandLine());

/// Drops a domain with everything in it, or what is left of one that is half made or half deleted.
/// `confirmation` must be the name again. Refused (kConflict) for PRIMARY and while an identity
/// provider points at it: as `jit.userstore` or in a role mapping's target. Errors kNotFound,
/// kInvalidValue, kVersionMismatch, kUnavailable as createDomain; after that the deletion may have
/// come half-way, and this again goes on with it.
[[nodiscard]] Result<void> deleteDomain(const Context& context, std::string_view name,
                                        std::string_view confirmation,
                                        const Preconditions& conditions,
                                        const Author& author = commandLine());

}  // namespace vestibule::directory
