#pragma once
// The use cases on outbound targets.

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "directory/author.h"
#include "directory/context.h"
#include "directory/settings_document.h"
#include "json/value.h"
#include "outbound/target.h"
#include "store/outbound_target_store.h"

namespace vestibule::outbound {

/// A target as the admin API shows it: never with its secret.
using TargetView = directory::SettingsView;
using AppliedTarget = directory::AppliedSettings;

/// All of them, by age. Settings that cannot be read any more are shown as they are stored.
[[nodiscard]] std::vector<TargetView> listTargets(const directory::Context& context);

/// The one of exactly this name. Error kNotFound.
[[nodiscard]] Result<TargetView> findTarget(const directory::Context& context,
                                            std::string_view name);

/// Creates the target that the document names, or replaces its settings: what is left out gets its
/// default, but the secret, which stays as long as it goes to the same hosts in the same way. With
/// If-Match, also `*`, it must be there. The same settings again change nothing, version included.
/// A change has every resource of its domains looked at again. It is bound to the domains of now:
/// one that is deleted and made again is another. Errors of compileTarget, kInvalidValue for a
/// domain that there is not and a target that needs a secret of its own and has none,
/// kVersionMismatch.
[[nodiscard]] Result<AppliedTarget> applyTarget(
    const directory::Context& context, const json::Value& document,
    const directory::Preconditions& conditions = {},
    const directory::Author& author = directory::commandLine());

/// Changes settings by RFC 7396; null puts a setting back to its default. The name cannot change
/// (kMutability). Errors as applyTarget, kNotFound.
[[nodiscard]] Result<TargetView> patchTarget(
    const directory::Context& context, std::string_view name, const json::Value& patch,
    const directory::Preconditions& conditions = {},
    const directory::Author& author = directory::commandLine());

/// Deletes it, and what is remembered of it: what the other system has stays there. Errors
/// kNotFound, kVersionMismatch.
[[nodiscard]] Result<void> removeTarget(const directory::Context& context, std::string_view name,
                                        const directory::Preconditions& conditions = {},
                                        const directory::Author& author = directory::commandLine());

/// Forgets what is remembered of targets that are gone, where removeTarget was cut off or another
/// server went on for a moment. Cheap where there is nothing. Errors of the database.
[[nodiscard]] Result<void> forgetRemovedTargets(const directory::Context& context);

/// The use cases that every kind of settings has.
inline constexpr directory::SettingsUseCases kTargetSettings{listTargets, findTarget, applyTarget,
                                                             patchTarget, removeTarget};

/// The stored settings, ready for use. Errors of compileTarget.
[[nodiscard]] Result<Target> compileStored(const directory::Context& context,
                                           const store::OutboundTargetRow& row);

/// The row of this name in the catalog of now. Error kNotFound.
[[nodiscard]] Result<store::OutboundTargetRow> targetRow(const directory::Context& context,
                                                         std::string_view name);

}  // namespace vestibule::outbound
