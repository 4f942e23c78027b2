#include "jit/user_name_settings.h"

#include <string>
#include <utility>

#include "jit/settings_reader.h"

namespace vestibule::jit {
namespace {

constexpr std::string_view kSetting = "onUserNameTaken";

std::string_view wordOf(NameTaken on_taken) {
  switch (on_taken) {
    case NameTaken::kSuffix:
      return "suffix";
    case NameTaken::kLink:
      return "link";
    case NameTaken::kPrompt:
      return "prompt";
    case NameTaken::kRefuse:
      break;
  }
  return "refuse";
}

void checkLink(scim::Fields& fields, const LinkSettings& linking,
               const UserNameSettings& settings) {
  if (!linking.look_up || !linking.allowed) {
    fields.fail(kSetting, "'link' needs associateLocalUser, and link not to be false");
  } else if (linking.skip_without_match) {
    fields.fail(kSetting, "'link' has no effect with skipJITForLookupFailure: nobody is made");
  } else if (settings.pattern || settings.sanitize) {
    fields.fail(kSetting,
                "'link' takes the name as the identity provider sends it: userNameTemplate and "
                "sanitizeUserName would make two names one");
  }
}

}  // namespace

UserNameSettings readUserNameSettings(scim::Fields& fields, const LinkSettings& linking,
                                      json::Object& canonical) {
  UserNameSettings settings;
  const std::string text = fields.textOr("userNameTemplate", "");
  if (!text.empty()) {
    auto pattern = UserNameTemplate::compile(text);
    if (pattern) {
      settings.pattern = *std::move(pattern);
    } else {
      fields.fail("userNameTemplate", pattern.error().detail);
    }
  }
  settings.sanitize = fields.booleanOr("sanitizeUserName", false);
  settings.on_taken = fields.wordOr<NameTaken>(kSetting,
                                               {{"refuse", NameTaken::kRefuse},
                                                {"suffix", NameTaken::kSuffix},
                                                {"link", NameTaken::kLink},
                                                {"prompt", NameTaken::kPrompt}},
                                               NameTaken::kRefuse);
  if (settings.on_taken == NameTaken::kLink) checkLink(fields, linking, settings);
  canonical.set("userNameTemplate", text);
  canonical.set("sanitizeUserName", settings.sanitize);
  canonical.set(kSetting, wordOf(settings.on_taken));
  return settings;
}

}  // namespace vestibule::jit
