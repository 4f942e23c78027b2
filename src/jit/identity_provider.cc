#include "jit/identity_provider.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/unicode.h"
#include "directory/resource_name.h"
#include "json/parse.h"
#include "scim/schema/document_reader.h"

namespace vestibule::jit {
namespace {

using scim::Fields;
using scim::Place;

constexpr std::size_t kDescriptionCharacters = 1'000;
constexpr std::size_t kMaxMappings = 200;
constexpr std::size_t kMaxRoleMappings = 5'000;
constexpr std::size_t kMaxRoleName = 255;
constexpr std::string_view kAsInUsername = "As in username";
constexpr std::string_view kSilent = "PROVISION_SILENTLY";
constexpr std::string_view kBlocking = "blocking";

/// Notes that a documented setting has a value whose feature is not there.
void failNotOffered(Fields& fields, std::string_view key, std::string_view reason) {
  Error error = fields.place().member(key).error(reason);
  error.kind = ErrorKind::kNotImplemented;
  fields.adopt(error);
}

/// Refuses settings that the reference product has and this version does not.
void refuseKeys(Fields& fields, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (fields.has(key)) failNotOffered(fields, key, "is not offered by this version");
  }
}

/// The members of an optional object, none when it is absent.
const json::Object& objectOrNone(Fields& fields, std::string_view key) {
  static const json::Object kNone;
  const json::Object* object = fields.object(key);
  return object == nullptr ? kNone : *object;
}

std::optional<ClaimPath> optionalClaim(Fields& fields, std::string_view key) {
  const std::string text = fields.textOr(key, "");
  if (text.empty()) return std::nullopt;
  auto path = ClaimPath::compile(text);
  if (path) return *std::move(path);
  fields.fail(key, path.error().detail);
  return std::nullopt;
}

std::string textOf(const std::optional<ClaimPath>& claim) {
  return claim ? claim->text() : std::string();
}

class Compiler {
 public:
  Compiler(const scim::Registry& registry, const scim::ResourceType& user_type)
      : registry_(registry), user_type_(user_type) {}

  Result<IdentityProvider> compile(const json::Object& document) {
    Fields fields(document, Place("identity provider"));
    refuseKeys(fields, {"idToken"});
    fields.allowOnly({"name", "enabled", "description", "claims", "roles", "jit"});
    provider_.name = fields.text("name");
    if (!fields.error()) {
      if (const auto fault = directory::faultOfName(provider_.name); !fault.empty()) {
        fields.fail("name", fault);
      }
    }
    provider_.enabled = fields.booleanOr("enabled", true);
    const std::string description = fields.textOr("description", "");
    if (codePointCount(description) > kDescriptionCharacters) {
      fields.fail("description", "is longer than 1000 characters");
    }
    provider_.document = json::Object{
        {"name", provider_.name}, {"enabled", provider_.enabled}, {"description", description}};
    section(fields, "claims", &Compiler::readClaims);
    section(fields, "roles", &Compiler::readRoles);
    section(fields, "jit", &Compiler::readJit);
    if (fields.error()) {
      return tl::make_unexpected(*fields.error());
    }
    return std::move(provider_);
  }

 private:
  void section(Fields& parent, std::string_view key, json::Object (Compiler::*read)(Fields&)) {
    Fields fields(objectOrNone(parent, key), parent.place().member(key));
    json::Object canonical = (this->*read)(fields);
    if (fields.error()) parent.adopt(*fields.error());
    provider_.document.set(key, std::move(canonical));
  }

  json::Object readClaims(Fields& fields) {
    fields.allowOnly({"userIdClaim", "roleClaim", "roleClaimSeparator", "mappings"});
    provider_.user_id_claim = optionalClaim(fields, "userIdClaim");
    provider_.role_claim = optionalClaim(fields, "roleClaim");
    provider_.role_separator = fields.textOr("roleClaimSeparator", "");
    if (provider_.role_separator.size() > 8) {
      fields.fail("roleClaimSeparator", "is longer than 8 bytes");
    }
    json::Array rows;
    if (const json::Array* mappings = fields.array("mappings")) {
      if (mappings->size() > kMaxMappings) fields.fail("mappings", "has more than 200 rows");
      const Place place = fields.place().member("mappings");
      for (std::size_t i = 0; i < mappings->size() && !fields.error(); ++i) {
        readElement(fields, (*mappings)[i], place.element(i),
                    [&](Fields& row, const json::Object& object) {
                      rows.push_back(readMapping(row, object));
                    });
      }
    }
    return {{"userIdClaim", textOf(provider_.user_id_claim)},
            {"roleClaim", textOf(provider_.role_claim)},
            {"roleClaimSeparator", provider_.role_separator},
            {"mappings", std::move(rows)}};
  }

  template <typename Read>
  static void readElement(Fields& parent, const json::Value& element, const Place& place,
                          Read&& read) {
    const json::Object* object = element.object();
    if (object == nullptr) {
      parent.adopt(place.error("must be an object"));
      return;
    }
    Fields fields(*object, place);
    read(fields, *object);
    if (fields.error()) parent.adopt(*fields.error());
  }

  json::Value readMapping(Fields& fields, const json::Object& object) {
    fields.allowOnly({"idpClaim", "attribute", "defaultValue"});
    const std::string claim_text = fields.text("idpClaim");
    const std::string attribute = fields.text("attribute");
    if (fields.error()) return {};
    auto claim = ClaimPath::compile(claim_text);
    if (!claim) fields.fail("idpClaim", claim.error().detail);
    auto target = AttributeTarget::bind(registry_, user_type_, attribute);
    if (!target) fields.fail("attribute", target.error().detail);
    if (fields.error()) return {};
    for (const ClaimMapping& other : provider_.mappings) {
      if (other.target.overlaps(*target)) {
        fields.fail("attribute",
                    "is mapped twice: '" + other.claim.text() + "' goes to the same place");
      }
    }
    json::Object row{{"idpClaim", claim_text}, {"attribute", target->text()}};
    ClaimMapping mapping{*std::move(claim), *std::move(target), std::nullopt};
    if (const json::Value* stated = object.find("defaultValue")) {
      mapping.default_value = readDefault(fields, mapping.target, *stated);
      row.set("defaultValue", *stated);
    }
    provider_.mappings.push_back(std::move(mapping));
    return row;
  }

  static std::optional<json::Value> readDefault(Fields& fields, const AttributeTarget& target,
                                                const json::Value& stated) {
    json::Value value = stated;
    if (target.takesList() && !stated.isArray()) value = json::Array{stated};
    if (!target.takesList() && !claimText(stated)) {
      fields.fail("defaultValue", "must be a string, a number, true or false");
      return std::nullopt;
    }
    auto converted = target.convert(value);
    if (!converted) {
      fields.fail("defaultValue", converted.error().detail);
      return std::nullopt;
    }
    if (converted->isNull()) {
      fields.fail("defaultValue", "is blank");
      return std::nullopt;
    }
    return *std::move(converted);
  }

  json::Object readRoles(Fields& fields) {
    fields.allowOnly({"mappings", "unmapped"});
    json::Array rows;
    if (const json::Array* mappings = fields.array("mappings")) {
      if (mappings->size() > kMaxRoleMappings) fields.fail("mappings", "has more than 5000 rows");
      const Place place = fields.place().member("mappings");
      for (std::size_t i = 0; i < mappings->size() && !fields.error(); ++i) {
        readElement(fields, (*mappings)[i], place.element(i),
                    [&](Fields& row, const json::Object&) { rows.push_back(readRole(row)); });
      }
    }
    constexpr std::string_view kDrop = "drop";
    constexpr std::string_view kPass = "pass";
    provider_.unmapped = fields.wordOr<UnmappedRoles>(
        "unmapped", {{kDrop, UnmappedRoles::kDrop}, {kPass, UnmappedRoles::kPass}},
        UnmappedRoles::kDrop);
    return {{"mappings", std::move(rows)},
            {"unmapped", provider_.unmapped == UnmappedRoles::kDrop ? kDrop : kPass}};
  }

  json::Value readRole(Fields& fields) {
    fields.allowOnly({"idpRole", "localRole"});
    std::string idp_role = fields.text("idpRole");
    const std::string local_role = fields.text("localRole");
    if (fields.error()) return {};
    if (trimmed(idp_role).empty()) fields.fail("idpRole", "is blank");
    if (trimmed(idp_role) != idp_role) {
      fields.fail("idpRole", "begins or ends with white space, which no role of a claim does");
    }
    const std::size_t slash = local_role.find('/');
    LocalRole role{std::string(directory::kPrimaryDomain), local_role};
    if (slash != std::string::npos) {
      role = {upperAscii(local_role.substr(0, slash)), local_role.substr(slash + 1)};
    }
    if (trimmed(role.group).empty() || codePointCount(role.group) > kMaxRoleName) {
      fields.fail("localRole", "must be DOMAIN/name with a name of 1 to 255 characters");
    }
    const auto [first, last] = provider_.roles.equal_range(idp_role);
    for (auto other = first; other != last; ++other) {
      if (other->second.domain == role.domain && other->second.group == role.group) {
        fields.fail("localRole", "is mapped twice from the same role");
      }
    }
    json::Object row{{"idpRole", idp_role}, {"localRole", role.domain + "/" + role.group}};
    provider_.roles.emplace(std::move(idp_role), std::move(role));
    return row;
  }

  json::Object readJit(Fields& fields) {
    refuseKeys(fields, {"accountLookupAttributeMappings", "skipJITForLookupFailure"});
    fields.allowOnly({"isEnabled", "userstore", "scheme", "associateLocalUser",
                      "attributeSyncMethod", "idpGroupSyncMethod", "mode", "onFailure"});
    provider_.provisioning = fields.booleanOr("isEnabled", false);
    readUserstore(fields);
    readScheme(fields);
    const std::string mode = fields.textOr("mode", kBlocking);
    if (mode == "non-blocking") {
      failNotOffered(fields, "mode", "'non-blocking' is not offered by this version: use blocking");
    } else if (mode != kBlocking) {
      fields.fail("mode", "'" + mode + "' is none of blocking, non-blocking");
    }
    if (fields.booleanOr("associateLocalUser", false)) {
      failNotOffered(fields, "associateLocalUser",
                     "linking to local users is not offered by this version: use false");
    }
    constexpr std::string_view kOverrideAll = "OVERRIDE_ALL";
    constexpr std::string_view kPreserveLocal = "PRESERVE_LOCAL";
    constexpr std::string_view kNone = "NONE";
    constexpr std::string_view kMerge = "MERGE_WITH_EXISTING";
    provider_.attribute_sync =
        fields.wordOr<AttributeSync>("attributeSyncMethod",
                                     {{kOverrideAll, AttributeSync::kOverrideAll},
                                      {kPreserveLocal, AttributeSync::kPreserveLocal},
                                      {kNone, AttributeSync::kNone}},
                                     AttributeSync::kOverrideAll);
    provider_.group_sync = fields.wordOr<GroupSync>(
        "idpGroupSyncMethod",
        {{kOverrideAll, GroupSync::kOverrideAll}, {kMerge, GroupSync::kMergeWithExisting}},
        GroupSync::kMergeWithExisting);
    provider_.on_failure =
        fields.wordOr<OnFailure>("onFailure",
                                 {{nameOf(OnFailure::kRefuse), OnFailure::kRefuse},
                                  {nameOf(OnFailure::kAllow), OnFailure::kAllow}},
                                 OnFailure::kRefuse);
    const std::array<std::string_view, 3> attribute_words{kOverrideAll, kPreserveLocal, kNone};
    return {
        {"isEnabled", provider_.provisioning},
        {"userstore", provider_.as_in_username ? std::string(kAsInUsername) : provider_.userstore},
        {"scheme", kSilent},
        {"associateLocalUser", false},
        {"attributeSyncMethod",
         attribute_words.at(static_cast<std::size_t>(provider_.attribute_sync))},
        {"idpGroupSyncMethod",
         provider_.group_sync == GroupSync::kOverrideAll ? kOverrideAll : kMerge},
        {"mode", kBlocking},
        {"onFailure", nameOf(provider_.on_failure)}};
  }

  void readUserstore(Fields& fields) {
    const std::string userstore = fields.textOr("userstore", directory::kPrimaryDomain);
    if (trimmed(userstore).empty()) fields.fail("userstore", "is blank");
    provider_.as_in_username = equalIgnoringAsciiCase(userstore, kAsInUsername);
    if (!provider_.as_in_username) provider_.userstore = upperAscii(userstore);
  }

  static void readScheme(Fields& fields) {
    const std::string scheme = fields.textOr("scheme", kSilent);
    if (scheme == kSilent) return;
    for (const std::string_view prompt :
         {"PROMPT_CONSENT", "PROMPT_PASSWORD_CONSENT", "PROMPT_USERNAME_PASSWORD_CONSENT"}) {
      if (scheme == prompt) {
        failNotOffered(fields, "scheme",
                       "'" + scheme +
                           "' is not offered by this version, which cannot prompt: use "
                           "PROVISION_SILENTLY");
        return;
      }
    }
    fields.fail("scheme", "'" + scheme +
                              "' is none of PROVISION_SILENTLY, PROMPT_CONSENT, "
                              "PROMPT_PASSWORD_CONSENT, PROMPT_USERNAME_PASSWORD_CONSENT");
  }

  const scim::Registry& registry_;
  const scim::ResourceType& user_type_;
  IdentityProvider provider_;
};

}  // namespace

std::string_view nameOf(OnFailure on_failure) {
  return on_failure == OnFailure::kAllow ? "allow" : "refuse";
}

Result<IdentityProvider> compileIdentityProvider(const scim::Registry& registry,
                                                 const scim::ResourceType& user_type,
                                                 const json::Value& document) {
  if (!document.isObject()) {
    return failure(ErrorKind::kInvalidSyntax, "an identity provider is a JSON object");
  }
  return Compiler(registry, user_type).compile(*document.object());
}

Result<IdentityProvider> compileIdentityProvider(const scim::Registry& registry,
                                                 const scim::ResourceType& user_type,
                                                 const store::IdentityProviderRow& row) {
  auto document = json::parse(row.settings);
  if (!document) return propagate(document);
  auto provider = compileIdentityProvider(registry, user_type, *document);
  if (!provider) return propagate(provider);
  provider->number = row.number;
  provider->version = row.version;
  return provider;
}

std::vector<DomainName> domainsNamedBy(const IdentityProvider& provider) {
  std::set<DomainName> domains;
  if (!provider.as_in_username) domains.emplace(provider.userstore);
  for (const auto& [idp_role, role] : provider.roles) domains.emplace(role.domain);
  return {domains.begin(), domains.end()};
}

Result<void> checkDomains(const IdentityProvider& provider, const directory::Catalog& catalog) {
  const auto missing = [](const std::string& pointer, const std::string& domain) {
    return failure(
        ErrorKind::kInvalidValue,
        "identity provider: " + pointer + ": there is no user store domain '" + domain + "'");
  };
  if (!provider.as_in_username && catalog.findDomain(provider.userstore) == nullptr) {
    return missing("/jit/userstore", provider.userstore);
  }
  for (const auto& [idp_role, role] : provider.roles) {
    if (catalog.findDomain(role.domain) == nullptr) {
      return missing("/roles/mappings", role.domain);
    }
  }
  return {};
}

}  // namespace vestibule::jit
