#pragma once
// Settings: whether people are asked before they are provisioned, and where.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "scim/schema/document_reader.h"

namespace vestibule::jit {

/// The theme that comes with Vestibule.
inline constexpr std::string_view kDefaultTheme = "default";

/// True for what a theme may be called, which is what its folder is called: 1 to 64 of a-z, 0-9,
/// `-` and `_`, the first no `-`, `_`.
[[nodiscard]] bool isThemeName(std::string_view name);

/// What a person is asked (scheme).
enum class Scheme : std::uint8_t {
  kSilently,                 ///< PROVISION_SILENTLY: nothing
  kConsent,                  ///< PROMPT_CONSENT
  kPasswordConsent,          ///< PROMPT_PASSWORD_CONSENT
  kUserNamePasswordConsent,  ///< PROMPT_USERNAME_PASSWORD_CONSENT
};

/// How people are asked.
struct PromptSettings {
  Scheme scheme = Scheme::kSilently;
  std::vector<std::string> return_origins;  ///< where browsers may be sent back to
  std::chrono::seconds expires{900};        ///< how long a person may take
  std::string theme;                        ///< templates and styles of the page
  /// A page elsewhere that asks in place of ours: it is opened with `?ticket=`, and its origin may
  /// use the JSON form. Empty: ours.
  std::string page_url;
  std::string page_origin;  ///< of `page_url`

  [[nodiscard]] bool asksPassword() const { return scheme >= Scheme::kPasswordConsent; }
  [[nodiscard]] bool asksUserName() const { return scheme == Scheme::kUserNamePasswordConsent; }
};

/// Reads `scheme` and the section `prompt` of the section `jit` and adds them to `canonical`.
/// Refused: origins and a page that are no http or https URL.
[[nodiscard]] PromptSettings readPromptSettings(scim::Fields& fields, json::Object& canonical);

}  // namespace vestibule::jit
