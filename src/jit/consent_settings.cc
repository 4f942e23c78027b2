#include "jit/consent_settings.h"

#include <algorithm>

#include "base/log.h"
#include "jit/settings_reader.h"

namespace vestibule::jit {
namespace {

constexpr std::size_t kMaxPurposes = 20;

void readPurposes(scim::Fields& fields, ConsentSettings& settings) {
  if (!fields.has("purposes")) return;
  settings.purposes = fields.texts("purposes");
  auto& purposes = settings.purposes;
  if (purposes.empty()) {
    fields.fail("purposes", "names no purpose: leave it out for the purpose DEFAULT");
  }
  if (purposes.size() > kMaxPurposes) fields.fail("purposes", "names more than 20 purposes");
  for (auto purpose = purposes.begin(); purpose != purposes.end(); ++purpose) {
    if (std::find(purposes.begin(), purpose, *purpose) != purpose) {
      fields.fail("purposes", "names '" + printable(*purpose, 64) + "' twice");
    }
  }
}

}  // namespace

ConsentSettings readConsent(scim::Fields& fields, json::Object& canonical) {
  ConsentSettings settings;
  scim::Fields section(objectOrNone(fields, "consent"), fields.place().member("consent"));
  section.allowOnly({"purposes"});
  readPurposes(section, settings);
  if (section.error()) fields.adopt(*section.error());
  canonical.set(
      "consent",
      json::Object{{"purposes", json::Array(settings.purposes.begin(), settings.purposes.end())}});
  return settings;
}

Result<void> checkPurposes(const ConsentSettings& settings, const directory::Catalog& catalog) {
  for (std::size_t i = 0; i < settings.purposes.size(); ++i) {
    if (catalog.findConsentPurpose(settings.purposes[i]) != nullptr) continue;
    return failure(ErrorKind::kInvalidValue, "identity provider: /jit/consent/purposes/" +
                                                 std::to_string(i) +
                                                 ": there is no consent purpose '" +
                                                 printable(settings.purposes[i], 64) + "'");
  }
  return {};
}

}  // namespace vestibule::jit
