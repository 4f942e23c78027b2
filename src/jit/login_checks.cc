#include "jit/login_checks.h"

#include "base/unicode.h"
#include "directory/self_service.h"
#include "jit/codes.h"

namespace vestibule::jit {

SyncRules rulesOf(const IdentityProvider& provider) {
  return {provider.attribute_sync, provider.switches.update};
}

Result<void> checkSubject(const Subject& subject) {
  const std::string& text = subject.value();
  if (text.empty()) return refusal(kBadSubject, "the subject is empty", "subject");
  if (!isValidUtf8(text) || text.find('\0') != std::string::npos) {
    return refusal(kBadSubject, "the subject is not UTF-8 text without NUL", "subject");
  }
  if (text.size() > kMaxSubjectBytes || codePointCount(text) > kMaxSubjectCharacters) {
    return refusal(kBadSubject, "the subject is longer than 255 characters", "subject");
  }
  return {};
}

Result<void> requireEnabled(const IdentityProvider& provider) {
  if (provider.enabled) return {};
  return refusal(kDisabledIdentityProvider,
                 "the identity provider '" + provider.name + "' is disabled");
}

Result<void> requireActive(const IdentityProvider& provider, const json::Object& attributes) {
  if (directory::isActive(attributes) || provider.switches.reactivate) return {};
  return refusal(kUserDisabled, "the user is disabled, and only an administrator can enable it");
}

bool isUsual(const IdentityProvider& provider, std::string_view document) {
  // Documents are stored compact: this text is in each one that says so, and in hardly any other.
  constexpr std::string_view kDisabled = R"("active":false)";
  return provider.switches.update && provider.protection.users.empty() &&
         document.find(kDisabled) == std::string_view::npos;
}

Result<json::Object> attributesAfterLogin(const directory::Context& context,
                                          const IdentityProvider& provider,
                                          const MappedClaims& mapped, const json::Object& current) {
  if (auto active = requireActive(provider, current); !active) return propagate(active);
  json::Object enabled = current;
  if (!directory::isActive(current)) enabled.set("active", true);
  return syncedAttributes(*context.registry, *context.user_type, rulesOf(provider), enabled,
                          mapped);
}

}  // namespace vestibule::jit
