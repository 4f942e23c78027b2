#pragma once
// The first half of a provision: reads, and decides what is to be done. Nothing is written here.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "directory/context.h"
#include "directory/provisioned_users.h"
#include "jit/group_plan.h"
#include "jit/identity_provider.h"
#include "jit/linking.h"
#include "jit/login_kind.h"
#include "jit/mapping.h"
#include "jit/outcome.h"
#include "jit/trace.h"
#include "json/value.h"
#include "store/user_store.h"

namespace vestibule::jit {

/// What the gateway asks.
struct ProvisionRequest {
  std::string identity_provider;
  Subject subject;  ///< may be empty beside a token
  json::Object claims;
  std::string id_token = {};  ///< as it was sent, not verified; empty: there is none
  /// What records and traces of the request are found by: at most 64 ASCII characters.
  std::string correlation_id = {};
  /// Subject and claims are those of an ID token that was verified before.
  bool verified = false;
  /// The operation that this runs for: its end is stored with what the login writes. What is said
  /// of the login itself is filled in.
  std::optional<store::OperationEnd> operation = {};
};

/// Error kBadSubject (JIT-1003) for a subject that cannot be one.
[[nodiscard]] Result<void> checkSubject(const Subject& subject);

/// Bytes a subject may have: 255 characters of at most four.
inline constexpr std::size_t kMaxSubjectBytes = 1'020;
inline constexpr std::size_t kMaxSubjectCharacters = 255;

/// What is to be done, and all it takes to do it.
struct Plan {
  Outcome outcome = Outcome::kSkipped;  ///< what it comes to: anything but kRefused
  bool writes = false;  ///< also without a change of the user: what is remembered of the login may
                        ///< have to follow
  const directory::Domain* domain = nullptr;  ///< null when skipped; lives as long as the catalog
  std::optional<store::StoredUser> user;      ///< the user that is known already
  std::optional<LinkMatch> link;         ///< `user` is a local user whom a rule found: to be linked
  std::optional<ResourceId> stale_link;  ///< the subject is linked to this user, who is gone
  LoginKind kind = LoginKind::kLater;
  directory::Login login;
  MappedClaims mapped;      ///< points into the identity provider
  json::Object attributes;  ///< of the user when all is done
  bool sync_groups = false;
  std::vector<store::NamedGroup> groups;  ///< that the identity provider grants
  /// To be made before anything else; then everything is to be decided anew.
  std::vector<store::GroupWrite> new_groups;
  std::vector<store::NamedGroup> kept_groups;  ///< protected: their grants stay as they are
  GroupChanges changes;
};

/// How far a decision has come, also one that ends in a refusal. The domain is one that the caller
/// may use.
struct Reached {
  const directory::Domain* domain = nullptr;
  std::optional<ResourceId> user;
};

/// Decides. `provider` is enabled and of this `catalog`; both must outlive the plan. A known user
/// with unchanged claims costs one query, or two beyond eight groups. Every step is traced, and
/// `reached` says whom and what it came to. Errors: JIT-1003, those of the 11xx to 14xx codes, and
/// the database's.
[[nodiscard]] Result<Plan> makePlan(const directory::Context& context,
                                    const directory::Catalog& catalog,
                                    const directory::Principal& principal,
                                    const IdentityProvider& provider,
                                    const ProvisionRequest& request, Trace& trace,
                                    Reached& reached);

/// Error kDisabledIdentityProvider (JIT-1002) when its logins are switched off.
[[nodiscard]] Result<void> requireEnabled(const IdentityProvider& provider);

/// Refuses a user that was disabled (`active` is false), unless the identity provider may enable
/// it. Error kUserDisabled (JIT-1401).
[[nodiscard]] Result<void> requireActive(const IdentityProvider& provider,
                                         const json::Object& attributes);

/// The user's attributes after this login: enabled, and brought up to date as far as the settings
/// let a login do so. What the plan computed, computed again on the row as it is under its lock.
/// Errors kUserDisabled, kInvalidAttribute.
[[nodiscard]] Result<json::Object> attributesAfterLogin(const directory::Context& context,
                                                        const IdentityProvider& provider,
                                                        const MappedClaims& mapped,
                                                        const json::Object& current);

}  // namespace vestibule::jit
