#pragma once
// The use cases on event streams.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "directory/author.h"
#include "directory/context.h"
#include "directory/settings_document.h"
#include "json/value.h"
#include "store/delivery_store.h"

namespace vestibule::feed {

/// A stream as the admin API shows it: of secrets no more than whether there are any
/// (`hasAuthorization`, `hasSecret`).
using StreamView = directory::SettingsView;
using AppliedStream = directory::AppliedSettings;

/// All of them, by age. Settings that cannot be read any more are shown as they are stored.
[[nodiscard]] std::vector<StreamView> listStreams(const directory::Context& context);

/// The one of exactly this name. Error kNotFound.
[[nodiscard]] Result<StreamView> findStream(const directory::Context& context,
                                            std::string_view name);

/// Creates the stream that the document names, or replaces its settings: what is left out gets its
/// default, but secrets stay as they are. With If-Match, also `*`, it must be there. The same
/// settings again change nothing, version included. What waits stays. Errors of
/// compileEventStream; kInvalidValue for a domain that there is not and a webhook without a secret;
/// kMutability for another kind; kVersionMismatch.
[[nodiscard]] Result<AppliedStream> applyStream(
    const directory::Context& context, const json::Value& document,
    const directory::Preconditions& conditions = {},
    const directory::Author& author = directory::commandLine());

/// Changes settings by RFC 7396; null puts a setting back to its default and removes
/// `authorization`. The name and the kind cannot change (kMutability). Errors as applyStream,
/// kNotFound.
[[nodiscard]] Result<StreamView> patchStream(
    const directory::Context& context, std::string_view name, const json::Value& patch,
    const directory::Preconditions& conditions = {},
    const directory::Author& author = directory::commandLine());

/// Deletes it and what waits for it. Errors kNotFound, kVersionMismatch.
[[nodiscard]] Result<void> removeStream(const directory::Context& context, std::string_view name,
                                        const directory::Preconditions& conditions = {},
                                        const directory::Author& author = directory::commandLine());

/// The above together.
inline constexpr directory::SettingsUseCases kStreamSettings{listStreams, findStream, applyStream,
                                                             patchStream, removeStream};

/// How the stream gets on. Errors kNotFound, kUnavailable.
[[nodiscard]] Result<json::Object> streamStatus(const directory::Context& context,
                                                std::string_view name);

/// A page of dead events, in the order of the changes.
struct DeadEvents {
  std::vector<json::Object> events;
  std::optional<std::uint64_t> next;  ///< what to ask behind for more; nothing: that was all
};
/// Up to `limit` dead events of the stream behind `after`. Errors kNotFound, kUnavailable.
[[nodiscard]] Result<DeadEvents> deadEvents(const directory::Context& context,
                                            std::string_view name, std::uint64_t after,
                                            std::uint64_t limit);

/// Has a dead event sent again, or without an id all of them; returns how many. Errors kNotFound,
/// also when there is no dead event of that id; kUnavailable.
[[nodiscard]] Result<std::uint64_t> redeliver(
    const directory::Context& context, std::string_view name,
    const std::optional<std::string>& event_id,
    const directory::Author& author = directory::commandLine());

/// Forgets a dead event. Errors as redeliver.
[[nodiscard]] Result<void> dropEvent(const directory::Context& context, std::string_view name,
                                     const std::string& event_id,
                                     const directory::Author& author = directory::commandLine());

}  // namespace vestibule::feed
