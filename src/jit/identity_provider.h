#pragma once
// An identity provider's settings, compiled: what the admin API takes as JSON, checked and bound to
// the schemas.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "directory/catalog.h"
#include "jit/attribute_target.h"
#include "jit/claims.h"
#include "jit/consent_settings.h"
#include "jit/eligibility.h"
#include "jit/forward_auth_settings.h"
#include "jit/id_token_settings.h"
#include "jit/link_rules.h"
#include "jit/prompt_settings.h"
#include "jit/protection.h"
#include "jit/routing_rules.h"
#include "jit/transforms.h"
#include "jit/user_name_settings.h"
#include "json/value.h"
#include "policy/pattern.h"
#include "scim/schema/registry.h"
#include "store/control_store.h"

namespace vestibule::jit {

/// What a login does to the attributes of a user that exists (attributeSyncMethod).
enum class AttributeSync : std::uint8_t {
  kOverrideAll,    ///< the user has what the identity provider sent and nothing else
  kPreserveLocal,  ///< what was sent is set, what was sent blank is removed, all else stays
  kNone,           ///< attributes stay as they are
};

/// What a login does to the groups of a user (idpGroupSyncMethod).
enum class GroupSync : std::uint8_t {
  kOverrideAll,  ///< this identity provider grants exactly what it sent; grants of others are never
                 ///< touched
  kMergeWithExisting,  ///< groups are only added
  kFirstLoginOnly,     ///< granted when the user is created or linked; later logins change nothing
  kNone,               ///< no group is granted or revoked, not even to a new user
};

/// What becomes of a role that no mapping names.
enum class UnmappedRoles : std::uint8_t { kDrop, kPass };

/// What the gateway should do when a provision fails.
enum class OnFailure : std::uint8_t { kRefuse, kAllow };

/// The setting as documents spell it: `refuse` or `allow`.
[[nodiscard]] std::string_view nameOf(OnFailure on_failure);

/// What logins do to one attribute, whatever attributeSyncMethod says (claims.mappings[].sync).
enum class MappingSync : std::uint8_t {
  kOverride,       ///< the user has what was sent, and no value when none was
  kImportOnce,     ///< set when the user is created or linked; later logins leave it
  kPreserveLocal,  ///< set as long as the user has no value
};

/// One row of claims.mappings.
struct ClaimMapping {
  ClaimPath claim;
  AttributeTarget target;
  std::optional<json::Value> default_value;  ///< canonical; used when the claim is absent or blank
  std::optional<MappingSync> sync;           ///< nothing: as attributeSyncMethod says
  Transforms transforms;                     ///< of the claim's values; the default is not touched
  /// The user must have a value, by the settings or the schema: who has none is asked for it, or
  /// not made where nobody is asked. A claim that is absent or blank takes no value away.
  bool required = false;
};

/// A group that a role is mapped to.
struct LocalRole {
  std::string domain;  ///< upper-case
  std::string group;
};

/// What a login may do at all.
struct Switches {
  bool create = true;       ///< make users
  bool update = true;       ///< change attributes and groups of users that exist
  bool reactivate = false;  ///< enable users that are disabled
};

/// When a gateway gets its answer.
enum class Mode : std::uint8_t {
  kBlocking,     ///< when the login is provisioned
  kNonBlocking,  ///< as soon as it is queued
};

/// One identity provider. Immutable, thread-safe; the registry must outlive it.
struct IdentityProvider {
  store::IdentityProviderNumber number = 0;
  Version version;
  std::string name;
  bool enabled = true;

  std::optional<ClaimPath> user_id_claim;
  std::optional<ClaimPath> role_claim;
  std::string role_separator;  ///< divides roles within one string; empty: a string is one role
  std::vector<ClaimMapping> mappings;

  std::multimap<std::string, LocalRole, std::less<>> roles;
  UnmappedRoles unmapped = UnmappedRoles::kDrop;
  std::vector<policy::Pattern> role_filter;  ///< a role counts when one matches; none: every role
  bool create_groups = false;                ///< make groups that roles stand for and that are not

  bool provisioning = false;  ///< jit.isEnabled
  RoutingSettings routing;
  PromptSettings prompt;
  Conditions conditions;
  UserNameSettings user_names;
  LinkSettings linking;
  Switches switches;
  Protection protection;
  AttributeSync attribute_sync = AttributeSync::kOverrideAll;
  GroupSync group_sync = GroupSync::kMergeWithExisting;
  std::optional<std::size_t> max_revoked;  ///< groups one login may take away; nothing: any number
  ConsentSettings consent;
  Mode mode = Mode::kBlocking;
  OnFailure on_failure = OnFailure::kRefuse;

  std::optional<ForwardAuthSettings> forward_auth;  ///< nothing: no proxy may ask
  std::optional<IdTokenSettings> id_token;          ///< nothing: ID tokens are not taken
  /// Where its keys come from; null without `id_token`, and as long as nobody logs in.
  std::shared_ptr<jose::KeySource> keys;

  /// The settings in canonical form, with every default written out.
  json::Object document;
};

/// Compiles a settings document. Nothing in it is ignored: error kInvalidValue with a JSON pointer
/// in the text for an unknown key, a wrong type or word, a mapping that cannot work (see
/// AttributeTarget), two mappings to the same place. Domains and consent purposes are not looked
/// at: see `checkDomains` and `checkPurposes`.
[[nodiscard]] Result<IdentityProvider> compileIdentityProvider(const scim::Registry& registry,
                                                               const scim::ResourceType& user_type,
                                                               const json::Value& document);

/// The same from the database. Errors as above, for a row that an older or newer version wrote.
[[nodiscard]] Result<IdentityProvider> compileIdentityProvider(
    const scim::Registry& registry, const scim::ResourceType& user_type,
    const store::IdentityProviderRow& row);

/// True when some login of it may have to ask its person something.
[[nodiscard]] bool mayAsk(const IdentityProvider& provider);

/// The domains that the settings name, each once: `userstore`, unless it is `As in username`, those
/// of routing rules, of allowedDomains, of the targets of role mappings, and of protected names.
[[nodiscard]] std::vector<DomainName> domainsNamedBy(const IdentityProvider& provider);

/// Error kInvalidValue, with a JSON pointer in the text, when a setting names a domain that does
/// not exist.
[[nodiscard]] Result<void> checkDomains(const IdentityProvider& provider,
                                        const directory::Catalog& catalog);

}  // namespace vestibule::jit
