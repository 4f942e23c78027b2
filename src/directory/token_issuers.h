#pragma once
// The use cases on issuers of access tokens.

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "directory/author.h"
#include "directory/context.h"
#include "directory/settings_document.h"
#include "json/value.h"

namespace vestibule::directory {

/// An issuer as the admin API shows it.
using TokenIssuerView = SettingsView;
using AppliedTokenIssuer = AppliedSettings;

/// All of them, by age. Settings that cannot be read any more are shown as they are stored.
[[nodiscard]] std::vector<TokenIssuerView> listTokenIssuers(const Context& context);

/// The one of exactly this name. Error kNotFound.
[[nodiscard]] Result<TokenIssuerView> findTokenIssuer(const Context& context,
                                                      std::string_view name);

/// Creates the issuer that the document names, or replaces its settings: what is left out gets its
/// default. With If-Match, also `*`, it must be there. The same settings again change nothing,
/// version included. It is bound to the domains of now: one that is deleted and made again is
/// another. Errors of compileTokenIssuer, kInvalidValue for a domain or identity provider that
/// there is not, kUniqueness when another has the same `issuer`, kVersionMismatch.
[[nodiscard]] Result<AppliedTokenIssuer> applyTokenIssuer(const Context& context,
                                                          const json::Value& document,
                                                          const Preconditions& conditions = {},
                                                          const Author& author = commandLine());

/// Changes settings by RFC 7396; null puts a setting back to its default. The name cannot change
/// (kMutability). Errors as applyTokenIssuer, kNotFound.
[[nodiscard]] Result<TokenIssuerView> patchTokenIssuer(const Context& context,
                                                       std::string_view name,
                                                       const json::Value& patch,
                                                       const Preconditions& conditions = {},
                                                       const Author& author = commandLine());

/// Deletes it: its tokens are worth nothing from then on, within a second on every server. Errors
/// kNotFound, kVersionMismatch.
[[nodiscard]] Result<void> removeTokenIssuer(const Context& context, std::string_view name,
                                             const Preconditions& conditions = {},
                                             const Author& author = commandLine());

/// The above together.
inline constexpr SettingsUseCases kTokenIssuerSettings{
    listTokenIssuers, findTokenIssuer, applyTokenIssuer, patchTokenIssuer, removeTokenIssuer};

}  // namespace vestibule::directory
