#include "jit/identity_provider.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/blanks.h"
#include "base/unicode.h"
#include "directory/resource_name.h"
#include "jit/jit_section.h"
#include "jit/settings_reader.h"
#include "json/parse.h"
#include "scim/schema/document_reader.h"
#include "scim/schema/whole_number.h"

namespace vestibule::jit {
namespace {

using scim::Fields;
using scim::Place;

constexpr std::size_t kDescriptionCharacters = 1'000;
constexpr std::size_t kMaxMappings = 200;
constexpr std::size_t kMaxRoleMappings = 5'000;
constexpr std::size_t kMaxRoleName = 255;
constexpr std::size_t kMaxRoleFilters = 20;
constexpr std::int64_t kMaxRevoked = 1'000'000;

class Compiler {
 public:
  Compiler(const scim::Registry& registry, const scim::ResourceType& user_type)
      : registry_(registry), user_type_(user_type) {}

  Result<IdentityProvider> compile(const json::Object& document) {
    Fields fields(document, Place("identity provider"));
    fields.allowOnly(
        {"name", "enabled", "description", "claims", "roles", "jit", "idToken", "forwardAuth"});
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
    if (fields.has("idToken")) section(fields, "idToken", &Compiler::readIdToken);
    if (fields.has("forwardAuth"))
      section(fields, "forwardAuth", &Compiler::readForwardAuthSection);
    checkForwardAuth(fields);
    if (fields.error()) {
      return tl::make_unexpected(*fields.error());
    }
    return std::move(provider_);
  }

 private:
  void section(Fields& parent, std::string_view key,
               json::Object (Compiler::*read)(Fields&, const json::Object&)) {
    const json::Object& object = objectOrNone(parent, key);
    Fields fields(object, parent.place().member(key));
    json::Object canonical = (this->*read)(fields, object);
    if (fields.error()) parent.adopt(*fields.error());
    provider_.document.set(key, std::move(canonical));
  }

  json::Object readForwardAuthSection(Fields& fields, const json::Object& section) {
    json::Object canonical;
    provider_.forward_auth = readForwardAuth(fields, section, canonical);
    return canonical;
  }

  /// What no proxy could ever satisfy.
  void checkForwardAuth(Fields& fields) const {
    if (!provider_.forward_auth || fields.error()) return;
    const bool by_token = !provider_.forward_auth->id_token_header.empty();
    const bool takes_token = provider_.id_token.has_value();
    if (by_token && !takes_token) {
      fields.adopt(fields.place()
                       .member("forwardAuth")
                       .member("idTokenHeader")
                       .error("needs the section idToken, which says how tokens are verified"));
    }
    if (!by_token && takes_token && provider_.id_token->required) {
      fields.adopt(
          fields.place()
              .member("forwardAuth")
              .error("names no idTokenHeader, and idToken.required wants a token for each login"));
    }
  }

  json::Object readIdToken(Fields& fields, const json::Object& section) {
    provider_.id_token = readIdTokenSettings(fields, section);
    return provider_.id_token->document;
  }

  json::Object readClaims(Fields& fields, const json::Object&) {
    fields.allowOnly({"userIdClaim", "roleClaim", "roleClaimSeparator", "mappings"});
    provider_.user_id_claim = optionalClaim(fields, "userIdClaim");
    provider_.role_claim = optionalClaim(fields, "roleClaim");
    provider_.role_separator = fields.textOr("roleClaimSeparator", "");
    if (provider_.role_separator.size() > 8) {
      fields.fail("roleClaimSeparator", "is longer than 8 bytes");
    }
    json::Array rows;
    readElements(fields, "mappings", kMaxMappings, [&](Fields& row, const json::Object& object) {
      rows.push_back(readMapping(row, object));
    });
    return {{"userIdClaim", textOf(provider_.user_id_claim)},
            {"roleClaim", textOf(provider_.role_claim)},
            {"roleClaimSeparator", provider_.role_separator},
            {"mappings", std::move(rows)}};
  }

  json::Value readMapping(Fields& fields, const json::Object& object) {
    fields.allowOnly({"idpClaim", "attribute", "defaultValue", "sync", "transforms", "required"});
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
    ClaimMapping mapping{
        *std::move(claim), *std::move(target), std::nullopt, std::nullopt, {}, false};
    if (const json::Value* stated = object.find("defaultValue")) {
      mapping.default_value = readDefault(fields, mapping.target, *stated);
      row.set("defaultValue", *stated);
    }
    if (fields.has("sync")) {
      mapping.sync = fields.wordOr<MappingSync>("sync",
                                                {{"override", MappingSync::kOverride},
                                                 {"import-once", MappingSync::kImportOnce},
                                                 {"preserve-local", MappingSync::kPreserveLocal}},
                                                MappingSync::kOverride);
      row.set("sync", *object.find("sync"));
    }
    mapping.transforms = readTransforms(fields, row);
    mapping.required = fields.booleanOr("required", false);
    if (fields.has("required")) row.set("required", mapping.required);
    if (mapping.required && mapping.default_value) {
      fields.fail("required", "has no effect beside defaultValue");
    }
    mapping.required = mapping.required || mapping.target.isRequired();
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

  json::Object readRoles(Fields& fields, const json::Object& section) {
    fields.allowOnly({"filter", "mappings", "unmapped", "createGroups", "maxRevokedPerLogin"});
    json::Array filter = readRoleFilter(fields);
    json::Array rows;
    readElements(fields, "mappings", kMaxRoleMappings,
                 [&](Fields& row, const json::Object&) { rows.push_back(readRole(row)); });
    constexpr std::string_view kDrop = "drop";
    constexpr std::string_view kPass = "pass";
    provider_.unmapped = fields.wordOr<UnmappedRoles>(
        "unmapped", {{kDrop, UnmappedRoles::kDrop}, {kPass, UnmappedRoles::kPass}},
        UnmappedRoles::kDrop);
    const auto most = scim::wholeNumberOr(fields, section, "maxRevokedPerLogin", 0, 0, kMaxRevoked);
    if (most > 0) provider_.max_revoked = static_cast<std::size_t>(most);
    provider_.create_groups = fields.booleanOr("createGroups", false);
    return {{"filter", std::move(filter)},
            {"mappings", std::move(rows)},
            {"unmapped", provider_.unmapped == UnmappedRoles::kDrop ? kDrop : kPass},
            {"createGroups", provider_.create_groups},
            {"maxRevokedPerLogin", most}};
  }

  json::Array readRoleFilter(Fields& fields) {
    const auto stated = fields.texts("filter");
    if (stated.size() > kMaxRoleFilters) fields.fail("filter", "has more than 20 patterns");
    json::Array shown;
    for (const std::string& text : stated) {
      auto pattern = policy::Pattern::compile(text, policy::Dialect::kJava);
      if (!pattern) {
        fields.fail("filter", "'" + text + "': " + pattern.error().detail);
        break;
      }
      provider_.role_filter.push_back(*std::move(pattern));
      shown.emplace_back(text);
    }
    return shown;
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

  json::Object readJit(Fields& fields, const json::Object&) {
    return readJitSection(fields, {registry_, user_type_}, provider_);
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

bool mayAsk(const IdentityProvider& provider) {
  return provider.prompt.scheme != Scheme::kSilently ||
         provider.user_names.on_taken == NameTaken::kPrompt;
}

std::vector<DomainName> domainsNamedBy(const IdentityProvider& provider) {
  std::set<DomainName> domains;
  if (!provider.routing.as_in_username) domains.emplace(provider.routing.userstore);
  for (const RoutingRule& rule : provider.routing.rules) domains.emplace(rule.domain);
  domains.insert(provider.routing.allowed.begin(), provider.routing.allowed.end());
  for (const auto& [idp_role, role] : provider.roles) domains.emplace(role.domain);
  domains.merge(provider.protection.users.domains());
  domains.merge(provider.protection.groups.domains());
  return {domains.begin(), domains.end()};
}

Result<void> checkDomains(const IdentityProvider& provider, const directory::Catalog& catalog) {
  const auto missing = [](const std::string& pointer, const std::string& domain) {
    return failure(
        ErrorKind::kInvalidValue,
        "identity provider: " + pointer + ": there is no user store domain '" + domain + "'");
  };
  const RoutingSettings& routing = provider.routing;
  if (!routing.as_in_username && catalog.findDomain(routing.userstore) == nullptr) {
    return missing("/jit/userstore", routing.userstore);
  }
  for (std::size_t i = 0; i < routing.rules.size(); ++i) {
    if (catalog.findDomain(routing.rules[i].domain) == nullptr) {
      return missing("/jit/routing/" + std::to_string(i) + "/userstore", routing.rules[i].domain);
    }
  }
  for (const std::string& domain : routing.allowed) {
    if (catalog.findDomain(domain) == nullptr) return missing("/jit/allowedDomains", domain);
  }
  for (const auto& [idp_role, role] : provider.roles) {
    if (catalog.findDomain(role.domain) == nullptr) {
      return missing("/roles/mappings", role.domain);
    }
  }
  for (const auto& [setting, names] :
       {std::pair("/jit/protectedUsers", &provider.protection.users),
        std::pair("/jit/protectedGroups", &provider.protection.groups)}) {
    for (const DomainName& domain : names->domains()) {
      if (catalog.findDomain(domain.value()) == nullptr) return missing(setting, domain.value());
    }
  }
  return {};
}

}  // namespace vestibule::jit
