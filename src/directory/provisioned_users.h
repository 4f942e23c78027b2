#pragma once
// The writes of just-in-time provisioning. Like every write of a user they pass here: validation,
// policy, uniqueness and version, in one transaction with the federated identity and the grants.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/resource_id.h"
#include "base/result.h"
#include "base/strong.h"
#include "directory/context.h"
#include "json/value.h"
#include "store/audit_event.h"
#include "store/federated_identity_store.h"
#include "store/group_store.h"

namespace vestibule::directory {

/// What the transaction of a login is about to store.
struct LoginChange {
  ResourceId user;
  std::optional<Version> before;  ///< nothing: the user is new
  Version after;
  bool new_link = false;  ///< the subject has not been linked to this user before
  /// Names of those that change; what is noted of the login itself only where that is all.
  std::vector<std::string> attributes;
  /// Display names of the groups that the identity provider grants from now on, and of those it
  /// grants no more. Where another source has put the user into the same groups, it was or stays a
  /// member of them.
  std::vector<std::string> granted;
  std::vector<std::string> revoked;

  /// True when all that changes is what is remembered of the login.
  [[nodiscard]] bool empty() const {
    return !new_link && attributes.empty() && granted.empty() && revoked.empty();
  }
};

/// Makes the record of a login. Asked when all of it is settled, for an existing user under its
/// lock; again when the transaction has to be run again.
using LoginRecorder = std::function<store::LoginRecord(const LoginChange& change)>;

/// Who signed in, and what is remembered of it.
struct Login {
  store::IdentityProviderNumber identity_provider = 0;
  std::string identity_provider_name;
  Subject subject;
  /// Since when the subject is linked, when an earlier login has brought the user up to date.
  std::optional<Timestamp> known_since;
  std::string claims_digest;  ///< 32 bytes
  LoginRecorder record = {};  ///< what it makes is stored in the same transaction; empty: nothing
  store::AuditEvent asked_by = {};  ///< who asks about whom, for what a guard-rail refuses
};

/// Notes the login in `attributes` when it `changes` the user, or they do not tell of it yet; what
/// a login writes has it (provenance.h). False when they stay as they are.
bool noteLogin(const Context& context, const Login& login, bool changes, Timestamp time,
               json::Object& attributes);

/// What a new user would be stored as. Error kReadOnly; kInvalidValue from validation, and with
/// attribute `userName` from the domain's policies; kPayloadTooLarge. Writes nothing and asks
/// nothing of the database.
[[nodiscard]] Result<store::UserWrite> checkProvisionedUser(const Context& context,
                                                            const Domain& domain,
                                                            const json::Object& attributes);

/// Stores a new user with its federated identity, its groups and its password (the hash; empty:
/// none), all or nothing, and returns it as stored, the login noted. Errors as
/// checkProvisionedUser; kUniqueness with attribute `userName` when the name is taken, with
/// attribute `subject` when the login's subject has been linked meanwhile.
[[nodiscard]] Result<store::StoredUser> createProvisionedUser(
    const Context& context, const Domain& domain, const json::Object& attributes,
    const Login& login, const std::vector<store::NamedGroup>& groups,
    std::string_view password_hash = {});

/// From the stored attributes to those after the login; may run more than once, and may refuse.
using AttributeEdit = std::function<Result<json::Object>(const json::Object& current)>;

/// Whether the login may still change this user; asked under its row lock, may run more than once.
using UserCondition =
    std::function<Result<void>(const store::StoredUser& user, const json::Object& attributes)>;

/// What a login changes on a user.
struct ProvisionedUserEdit {
  UserCondition condition;  ///< empty: none
  AttributeEdit attributes;
  bool new_link = false;     ///< the subject is linked to the user by this login
  bool sync_groups = false;  ///< false: grants stay as they are
  std::vector<store::NamedGroup> grant;
  bool revoke_others = false;  ///< remove this identity provider's grants of groups that are
                               ///< neither in `grant` nor in `keep`
  std::vector<store::NamedGroup> keep;
  /// With `revoke_others`: how many groups the user may leave; nothing: any number.
  std::optional<std::size_t> max_revoked;
};

/// A user before and after a login.
struct ProvisionedUserChange {
  store::StoredUser before;
  store::StoredUser after;
};

/// Applies a login to the user under its row lock: its attributes, when they differ or do not tell
/// of the login yet, its grants, and what is remembered of the login, in one transaction. Nothing
/// when the user does not exist any more. Errors: those of the condition and the edit, of
/// validation, kReadOnly when the domain takes no writes; kVersionMismatch when the user would
/// leave more groups than `max_revoked`; kTooManyRequests from a guard-rail, which counts for the
/// identity provider; with `new_link` kUniqueness with attribute `subject` when
/// the subject has been linked meanwhile, or the user to another subject of the same identity
/// provider.
[[nodiscard]] Result<std::optional<ProvisionedUserChange>> updateProvisionedUser(
    const Context& context, const Domain& domain, const ResourceId& id, const Login& login,
    const ProvisionedUserEdit& edit);

}  // namespace vestibule::directory
