#include "jit/jit_section.h"

#include <array>
#include <string>

#include "base/unicode.h"
#include "jit/claims.h"
#include "jit/consent_settings.h"
#include "jit/settings_reader.h"

namespace vestibule::jit {
namespace {

using scim::Fields;

void readMode(Fields& fields, IdentityProvider& provider, json::Object& canonical) {
  constexpr std::string_view kBlocking = "blocking";
  constexpr std::string_view kNonBlocking = "non-blocking";
  provider.mode = fields.wordOr<Mode>(
      "mode", {{kBlocking, Mode::kBlocking}, {kNonBlocking, Mode::kNonBlocking}}, Mode::kBlocking);
  canonical.set("mode", provider.mode == Mode::kBlocking ? kBlocking : kNonBlocking);
}

/// A login that is queued has been answered before anybody could be asked.
void checkPrompts(Fields& fields, const IdentityProvider& provider) {
  if (provider.mode == Mode::kBlocking) return;
  if (provider.prompt.scheme != Scheme::kSilently) {
    fields.fail("mode", "non-blocking: nobody can be asked, as the scheme wants it");
  } else if (provider.user_names.on_taken == NameTaken::kPrompt) {
    fields.fail("mode", "non-blocking: nobody can be asked, as onUserNameTaken wants it");
  }
}

void readSwitches(Fields& fields, Switches& switches, json::Object& canonical) {
  switches.create = fields.booleanOr("create", true);
  switches.update = fields.booleanOr("update", true);
  switches.reactivate = fields.booleanOr("reactivate", false);
  canonical.set("create", switches.create);
  canonical.set("update", switches.update);
  canonical.set("reactivate", switches.reactivate);
}

void readSync(Fields& fields, IdentityProvider& provider, json::Object& canonical) {
  constexpr std::string_view kOverrideAll = "OVERRIDE_ALL";
  constexpr std::string_view kPreserveLocal = "PRESERVE_LOCAL";
  constexpr std::string_view kNone = "NONE";
  constexpr std::string_view kMerge = "MERGE_WITH_EXISTING";
  constexpr std::string_view kFirstLoginOnly = "FIRST_LOGIN_ONLY";
  provider.attribute_sync =
      fields.wordOr<AttributeSync>("attributeSyncMethod",
                                   {{kOverrideAll, AttributeSync::kOverrideAll},
                                    {kPreserveLocal, AttributeSync::kPreserveLocal},
                                    {kNone, AttributeSync::kNone}},
                                   AttributeSync::kOverrideAll);
  provider.group_sync = fields.wordOr<GroupSync>("idpGroupSyncMethod",
                                                 {{kOverrideAll, GroupSync::kOverrideAll},
                                                  {kMerge, GroupSync::kMergeWithExisting},
                                                  {kFirstLoginOnly, GroupSync::kFirstLoginOnly},
                                                  {kNone, GroupSync::kNone}},
                                                 GroupSync::kMergeWithExisting);
  const std::array<std::string_view, 3> attribute_words{kOverrideAll, kPreserveLocal, kNone};
  canonical.set("attributeSyncMethod",
                attribute_words.at(static_cast<std::size_t>(provider.attribute_sync)));
  const std::array<std::string_view, 4> group_words{kOverrideAll, kMerge, kFirstLoginOnly, kNone};
  canonical.set("idpGroupSyncMethod",
                group_words.at(static_cast<std::size_t>(provider.group_sync)));
}

}  // namespace

json::Object readJitSection(Fields& fields, const JitSectionContext& context,
                            IdentityProvider& provider) {
  fields.allowOnly({"isEnabled",
                    "userstore",
                    "routing",
                    "allowedDomains",
                    "unknownDomain",
                    "scheme",
                    "prompt",
                    "associateLocalUser",
                    "accountLookupAttributeMappings",
                    "skipJITForLookupFailure",
                    "link",
                    "userNameTemplate",
                    "sanitizeUserName",
                    "onUserNameTaken",
                    "create",
                    "update",
                    "reactivate",
                    "conditions",
                    "protectedUsers",
                    "protectedGroups",
                    "attributeSyncMethod",
                    "idpGroupSyncMethod",
                    "consent",
                    "mode",
                    "onFailure"});
  json::Object canonical;
  provider.provisioning = fields.booleanOr("isEnabled", false);
  canonical.set("isEnabled", provider.provisioning);
  const RoleClaim roles{provider.role_claim, provider.role_separator};
  provider.routing = readRouting(fields, roles, canonical);
  provider.prompt = readPromptSettings(fields, canonical);
  provider.linking = readLinkSettings(fields, context.registry, context.user_type, canonical);
  provider.user_names = readUserNameSettings(fields, provider.linking, canonical);
  readSwitches(fields, provider.switches, canonical);
  provider.conditions = readConditions(fields, roles, canonical);
  provider.protection = readProtection(fields, canonical);
  readSync(fields, provider, canonical);
  provider.consent = readConsent(fields, canonical);
  readMode(fields, provider, canonical);
  checkPrompts(fields, provider);
  provider.on_failure = fields.wordOr<OnFailure>("onFailure",
                                                 {{nameOf(OnFailure::kRefuse), OnFailure::kRefuse},
                                                  {nameOf(OnFailure::kAllow), OnFailure::kAllow}},
                                                 OnFailure::kRefuse);
  canonical.set("onFailure", nameOf(provider.on_failure));
  return canonical;
}

}  // namespace vestibule::jit
