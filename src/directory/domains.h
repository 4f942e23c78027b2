#pragma once
// The use cases on user store domains themselves.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "directory/context.h"
#include "json/value.h"
#include "store/migrations.h"

namespace vestibule::directory {

/// Upper-cases and checks a domain's name: 1 to 30 letters (A–Z), digits and hyphens, beginning
/// with a letter; not beginning with FEDERATED. Error kInvalidValue saying what is wrong.
[[nodiscard]] Result<DomainName> parseDomainName(std::string_view text);

/// A domain as the admin API and the command line show it:
/// `{"name","state","description","settings":{…},"version","created","modified"}`.
[[nodiscard]] json::Object describeDomain(const Domain& domain);

/// Creates a domain with its MySQL schema and tables. `body`: `{"name", "description"?,
/// "settings"?}`; unknown keys are refused. Settings left out have the reference defaults of a
/// secondary store. Errors kInvalidValue, kUniqueness.
[[nodiscard]] Result<json::Object> createDomain(const Context& context,
                                                const store::MigrationSet& migrations,
                                                const json::Value& body);

/// Changes description and settings by RFC 7396 (null puts a setting back to its default).
/// `expected`: the version the caller has seen, if any. PRIMARY cannot be disabled.
/// CaseInsensitiveUsername changes only while the domain has no users. Errors kInvalidValue (with
/// the position in a pattern), kVersionMismatch, kNotFound, kConflict.
[[nodiscard]] Result<json::Object> changeDomain(const Context& context, std::string_view name,
                                                const json::Value& patch,
                                                std::optional<Version> expected);

/// Drops a domain with everything in it. `confirmation` must be the name again. Refused (kConflict)
/// for PRIMARY and while an identity provider points at it.
[[nodiscard]] Result<void> deleteDomain(const Context& context, std::string_view name,
                                        std::string_view confirmation);

/// The names of identity providers whose settings point at the domain: as `jit.userstore` or in a
/// role mapping's target.
[[nodiscard]] std::vector<std::string> identityProvidersOf(const Catalog& catalog,
                                                           const DomainName& name);

}  // namespace vestibule::directory
