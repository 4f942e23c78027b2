#include "jit/wso2_jit_import.h"

#include <optional>
#include <string_view>
#include <utility>

#include "base/blanks.h"
#include "base/unicode.h"
#include "jit/claims.h"
#include "jit/link_rules.h"
#include "jit/settings_reader.h"
#include "jit/wso2_claims.h"

namespace vestibule::jit {
namespace {

using scim::Fields;
using scim::Place;

constexpr std::string_view kAsInUserName = "As in username";
constexpr std::string_view kPrimary = "PRIMARY";
constexpr std::string_view kSilent = "PROVISION_SILENTLY";
constexpr std::size_t kMaxRows = 100;

class JitReader {
 public:
  JitReader(Fields& fields, const ImportedClaims& claims, const scim::Registry& registry,
            const scim::ResourceType& user_type, ImportNotes& notes)
      : fields_(fields),
        claims_(claims),
        registry_(registry),
        user_type_(user_type),
        notes_(notes) {}

  json::Object read(const std::string& scheme) {
    const bool enabled = fields_.booleanOr("isEnabled", false);
    section_.set("isEnabled", enabled);
    notes_.kept(at("isEnabled"), enabled ? "users are provisioned" : "nobody is provisioned");
    readUserStore();
    readScheme(scheme);
    readLinking();
    readAttributeSync();
    readGroupSync();
    return std::move(section_);
  }

 private:
  [[nodiscard]] Place at(std::string_view key) const { return fields_.place().member(key); }

  void readUserStore() {
    const std::string store = fields_.textOr("userstore", "");
    if (equalIgnoringAsciiCase(store, kAsInUserName)) {
      section_.set("userstore", kAsInUserName);
      notes_.kept(at("userstore"),
                  "the name says the domain, an unknown one means PRIMARY; jit.allowedDomains can "
                  "bound what names may say");
      return;
    }
    const std::string domain = trimmed(store).empty() ? std::string(kPrimary) : upperAscii(store);
    section_.set("userstore", domain);
    notes_.kept(at("userstore"), "users go to the domain " + domain);
  }

  void readScheme(const std::string& wanted) {
    const auto scheme = fields_.wordOr<std::string_view>(
        "scheme",
        {{kSilent, kSilent},
         {"PROMPT_CONSENT", "PROMPT_CONSENT"},
         {"PROMPT_PASSWORD_CONSENT", "PROMPT_PASSWORD_CONSENT"},
         {"PROMPT_USERNAME_PASSWORD_CONSENT", "PROMPT_USERNAME_PASSWORD_CONSENT"}},
        kSilent);
    section_.set("scheme", wanted.empty() ? scheme : std::string_view(wanted));
    if (wanted.empty() || wanted == scheme) {
      notes_.kept(at("scheme"), "is " + std::string(scheme));
    } else {
      notes_.changed(at("scheme"),
                     std::string(scheme) + " becomes " + wanted + ", as this import was told");
    }
  }

  void readLinking() {
    bool link = fields_.booleanOr("associateLocalUser", false);
    json::Array rules;
    std::size_t stated = 0;
    readElements(fields_, "accountLookupAttributeMappings", kMaxRows,
                 [&](Fields& row, const json::Object& object) {
                   ++stated;
                   if (auto rule = readRule(row, object)) rules.emplace_back(*std::move(rule));
                 });
    const Place associate = at("associateLocalUser");
    if (link && stated > 0 && rules.empty()) {
      link = false;
      notes_.changed(associate,
                     "is off: none of its rules has a counterpart, and a rule that was not asked "
                     "for must not link anybody");
    } else if (link) {
      notes_.kept(associate, "local users are looked for and linked");
    }
    if (link && stated == 0) rules = ruleOfNone(associate);
    section_.set("associateLocalUser", link);
    if (!rules.empty()) section_.set("accountLookupAttributeMappings", std::move(rules));
    readSkip(link);
  }

  /// What WSO2 does without rules, where our own default reads another claim.
  json::Array ruleOfNone(const Place& associate) {
    notes_.changed(associate,
                   "links by an e-mail address only when the claim email_verified is true");
    if (claims_.email.empty() || claims_.email == "email") return {};
    return {json::Object{{"federatedAttribute", claims_.email},
                         {"localAttribute", user_type_.naming_attribute->name},
                         {"requireVerifiedEmail", true}}};
  }

  std::optional<json::Object> readRule(Fields& row, const json::Object& object) {
    notes_.dropUnknown(object, row.place(), {"federatedAttribute", "localAttribute"});
    const std::string claim = row.text("federatedAttribute");
    const std::string local = row.text("localAttribute");
    if (row.error()) return std::nullopt;
    const auto known = wso2Claim(local);
    if (!known || known->misleading) {
      notes_.dropped(row.place(), "'" + local + "' has no counterpart to find users by");
      return std::nullopt;
    }
    // Rules compare with any element: `emails[primary eq true].value` is looked for in emails.
    std::string path(known->attribute);
    if (const auto bracket = path.find('['); bracket != std::string::npos) {
      path.erase(bracket, path.find(']') + 1 - bracket);
    }
    const auto compiled = ClaimPath::compile(claim);
    const auto attribute = linkAttribute(registry_, user_type_, path);
    if (!compiled || !attribute) {
      notes_.dropped(row.place(), compiled ? attribute.error().detail : compiled.error().detail);
      return std::nullopt;
    }
    notes_.kept(row.place(), "'" + claim + "' finds users by " + path);
    const std::string both = lowerAscii(claim + " " + path);
    if (both.find("mail") != std::string::npos) {
      notes_.changed(row.place(),
                     "links only when the claim email_verified is true "
                     "(requireVerifiedEmail)");
    }
    return json::Object{{"federatedAttribute", claim}, {"localAttribute", path}};
  }

  void readSkip(bool link) {
    const bool skip = fields_.booleanOr("skipJITForLookupFailure", false);
    section_.set("skipJITForLookupFailure", skip && link);
    if (!skip) return;
    if (link) {
      notes_.kept(at("skipJITForLookupFailure"), "who is not found is not provisioned");
      return;
    }
    if (!fields_.booleanOr("associateLocalUser", false)) {
      notes_.dropped(at("skipJITForLookupFailure"), "has no effect without associateLocalUser");
      return;
    }
    // Nobody can be found any more, so nobody may be made either.
    section_.set("create", false);
    notes_.changed(at("skipJITForLookupFailure"),
                   "becomes jit.create false: nobody is looked for, and nobody is to be made");
  }

  void readAttributeSync() {
    const auto method = fields_.wordOr<std::string_view>(
        "attributeSyncMethod",
        {{"OVERRIDE_ALL", "OVERRIDE_ALL"}, {"PRESERVE_LOCAL", "PRESERVE_LOCAL"}, {"NONE", "NONE"}},
        "OVERRIDE_ALL");
    section_.set("attributeSyncMethod", method);
    notes_.kept(at("attributeSyncMethod"), "is " + std::string(method));
  }

  void readGroupSync() {
    constexpr std::string_view kKey = "idpGroupSyncMethod";
    const auto method =
        fields_.wordOr<std::string_view>(kKey,
                                         {{"OVERRIDE_ALL", "OVERRIDE_ALL"},
                                          {"MERGE_WITH_EXISTING", "MERGE_WITH_EXISTING"},
                                          {"PRESERVE_EXISTING", "MERGE_WITH_EXISTING"}},
                                         "MERGE_WITH_EXISTING");
    section_.set(kKey, method);
    if (!fields_.has(kKey)) {
      if (!claims_.has_roles) return;
      notes_.changed(
          at(kKey),
          "is not there: groups are only added. WSO2 versions without it may take roles "
          "away, by a setting of the server: OVERRIDE_ALL takes those that this identity "
          "provider granted");
    } else if (method == "OVERRIDE_ALL") {
      notes_.changed(at(kKey), "takes away what this identity provider granted, and nothing else");
    } else {
      notes_.kept(at(kKey), "groups are only added");
    }
  }

  Fields& fields_;
  const ImportedClaims& claims_;
  const scim::Registry& registry_;
  const scim::ResourceType& user_type_;
  ImportNotes& notes_;
  json::Object section_;
};

}  // namespace

json::Object importWso2Jit(Fields& jit, const json::Object& source, const ImportedClaims& claims,
                           const std::string& scheme, const scim::Registry& registry,
                           const scim::ResourceType& user_type, ImportNotes& notes) {
  notes.dropUnknown(
      source, jit.place(),
      {"isEnabled", "userstore", "scheme", "associateLocalUser", "accountLookupAttributeMappings",
       "skipJITForLookupFailure", "attributeSyncMethod", "idpGroupSyncMethod"});
  return JitReader(jit, claims, registry, user_type, notes).read(scheme);
}

}  // namespace vestibule::jit
