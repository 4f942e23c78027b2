#include "jit/prompt_settings.h"

#include <array>

#include "jit/return_url.h"
#include "jit/settings_reader.h"
#include "scim/schema/whole_number.h"

namespace vestibule::jit {
namespace {

using scim::Fields;

constexpr std::array<std::string_view, 4> kSchemes{"PROVISION_SILENTLY", "PROMPT_CONSENT",
                                                   "PROMPT_PASSWORD_CONSENT",
                                                   "PROMPT_USERNAME_PASSWORD_CONSENT"};
constexpr std::size_t kMostOrigins = 50;
constexpr std::int64_t kDefaultSeconds = 900;
constexpr std::int64_t kFewestSeconds = 30;
constexpr std::int64_t kMostSeconds = 86'400;

json::Array readOrigins(Fields& fields, PromptSettings& settings) {
  const auto stated = fields.texts("returnOrigins");
  if (stated.size() > kMostOrigins) fields.fail("returnOrigins", "has more than 50 origins");
  json::Array shown;
  for (const std::string& text : stated) {
    auto origin = originOfUrl(text);
    if (!origin) {
      fields.fail("returnOrigins", "'" + text + "': " + origin.error().detail);
      break;
    }
    const std::string_view behind = std::string_view(text).substr(text.find("://") + 3);
    const std::size_t path = behind.find_first_of("/?");
    if (path != std::string_view::npos && behind.substr(path) != "/") {
      fields.fail("returnOrigins", "'" + text + "' has more than scheme, host and port");
    }
    shown.emplace_back(*origin);
    settings.return_origins.push_back(*std::move(origin));
  }
  return shown;
}

json::Object readSection(Fields& fields, const json::Object& section, PromptSettings& settings) {
  fields.allowOnly({"returnOrigins", "expiresIn", "theme", "pageUrl"});
  json::Object canonical;
  canonical.set("returnOrigins", readOrigins(fields, settings));
  const auto seconds =
      scim::wholeNumberOr(fields, section, "expiresIn", kDefaultSeconds, 0, kMostSeconds);
  if (!fields.error() && seconds < kFewestSeconds) {
    fields.fail("expiresIn", "is less than 30 seconds");
  }
  settings.expires = std::chrono::seconds(seconds);
  canonical.set("expiresIn", seconds);
  settings.theme = fields.textOr("theme", kDefaultTheme);
  if (settings.theme.empty()) settings.theme = kDefaultTheme;
  if (!isThemeName(settings.theme)) {
    fields.fail(
        "theme",
        "is not 1 to 64 lower-case letters, digits, '-' and '_', beginning with letter or digit");
  }
  canonical.set("theme", settings.theme);
  settings.page_url = fields.textOr("pageUrl", "");
  if (!settings.page_url.empty()) {
    auto origin = originOfUrl(settings.page_url);
    if (origin) {
      settings.page_origin = *std::move(origin);
    } else {
      fields.fail("pageUrl", origin.error().detail);
    }
  }
  canonical.set("pageUrl", settings.page_url);
  return canonical;
}

}  // namespace

bool isThemeName(std::string_view name) {
  constexpr std::size_t kMostBytes = 64;
  return !name.empty() && name.size() <= kMostBytes && name.front() != '-' && name.front() != '_' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string_view::npos;
}

PromptSettings readPromptSettings(Fields& fields, json::Object& canonical) {
  PromptSettings settings;
  settings.scheme = fields.wordOr<Scheme>("scheme",
                                          {{kSchemes[0], Scheme::kSilently},
                                           {kSchemes[1], Scheme::kConsent},
                                           {kSchemes[2], Scheme::kPasswordConsent},
                                           {kSchemes[3], Scheme::kUserNamePasswordConsent}},
                                          Scheme::kSilently);
  canonical.set("scheme", kSchemes.at(static_cast<std::size_t>(settings.scheme)));
  const json::Object& section = objectOrNone(fields, "prompt");
  Fields inner(section, fields.place().member("prompt"));
  json::Object prompt = readSection(inner, section, settings);
  if (inner.error()) fields.adopt(*inner.error());
  canonical.set("prompt", std::move(prompt));
  return settings;
}

}  // namespace vestibule::jit
