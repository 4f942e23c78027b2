#pragma once
// Identity providers of WSO2 Identity Server, as its REST API shows them, made settings of ours.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "scim/schema/registry.h"

namespace vestibule::jit {

/// What became of something in the source.
enum class ImportFate : std::uint8_t {
  kKept,     ///< means the same here
  kChanged,  ///< means nearly the same; the text says what is different
  kDropped,  ///< has no place in the settings
};

/// The fate as reports spell it: `kept`, `changed` or `dropped`.
[[nodiscard]] std::string_view nameOf(ImportFate fate);

/// One line of the report.
struct ImportNote {
  std::string pointer;  ///< JSON pointer into the source
  ImportFate fate = ImportFate::kKept;
  std::string text;  ///< one sentence; repeats names, never values of secrets
};

/// An identity provider that was read.
struct ImportedIdentityProvider {
  json::Object settings;          ///< a settings document, not compiled yet
  std::vector<ImportNote> notes;  ///< in the order of the source's sections
};

/// What the source does not say.
struct ImportOptions {
  std::string name;    ///< what it is called here; empty: as there
  std::string scheme;  ///< jit.scheme here; empty: as there, also a prompt that the save refuses
};

/// Reads what `GET /api/server/v1/identity-providers/{id}` gives (also with the `properties` of its
/// authenticators, as POST takes them), an array of these, or a list with `identityProviders`.
/// Nothing in it goes without a note but what is blank, `false` where that is the default, or only
/// describes what it stands in. The settings may still be refused when they are compiled or saved:
/// nothing is weakened to make them pass. Pure. Error kInvalidValue with the JSON pointer for: what
/// has another shape, a word that WSO2 does not have, the row of a list that was asked without
/// its sections, the file of an export, and a name for several.
[[nodiscard]] Result<std::vector<ImportedIdentityProvider>> importWso2(
    const scim::Registry& registry, const scim::ResourceType& user_type, const json::Value& source,
    const ImportOptions& options = {});

}  // namespace vestibule::jit
