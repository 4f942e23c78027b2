#pragma once
// The section `jit.consent` of an identity provider's settings.

#include <string>
#include <vector>

#include "base/result.h"
#include "directory/catalog.h"
#include "json/value.h"
#include "scim/schema/document_reader.h"

namespace vestibule::jit {

/// The purpose that is always there.
inline constexpr std::string_view kDefaultPurpose = "DEFAULT";

/// What people are asked to agree to when they come from an identity provider.
struct ConsentSettings {
  /// Names of purposes, in the order in which they are asked about; each once, at least one.
  std::vector<std::string> purposes{std::string(kDefaultPurpose)};
};

/// Reads the member `consent` of the section, and adds its canonical form. What is wrong is noted
/// in `fields`.
[[nodiscard]] ConsentSettings readConsent(scim::Fields& fields, json::Object& canonical);

/// Error kInvalidValue, with a JSON pointer in the text, when a purpose does not exist.
[[nodiscard]] Result<void> checkPurposes(const ConsentSettings& settings,
                                         const directory::Catalog& catalog);

}  // namespace vestibule::jit
