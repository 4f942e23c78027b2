#pragma once
// Settings that administrators keep as documents with names: of token issuers, and in rooms to the
// right of event streams and outbound targets.

#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/strong.h"
#include "directory/author.h"
#include "directory/context.h"
#include "json/value.h"

namespace vestibule::directory {

/// A document as the admin API shows it: never with a secret.
struct SettingsView {
  json::Object document;  ///< settings in canonical form, with every default written out
  Version version;
  Timestamp created = 0;
  Timestamp modified = 0;
};

/// What applying a document did.
struct AppliedSettings {
  SettingsView view;
  bool created = false;
};

/// The use cases on the documents of one kind. What they promise stands where they are declared.
struct SettingsUseCases {
  std::vector<SettingsView> (*list)(const Context& context);
  Result<SettingsView> (*find)(const Context& context, std::string_view name);
  Result<AppliedSettings> (*apply)(const Context& context, const json::Value& document,
                                   const Preconditions& conditions, const Author& author);
  Result<SettingsView> (*patch)(const Context& context, std::string_view name,
                                const json::Value& patch, const Preconditions& conditions,
                                const Author& author);
  Result<void> (*remove)(const Context& context, std::string_view name,
                         const Preconditions& conditions, const Author& author);
};

}  // namespace vestibule::directory
