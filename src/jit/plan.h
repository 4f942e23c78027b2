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
#include "jit/prompt_form.h"
#include "jit/prompt_plan.h"
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
  std::string return_url = {};  ///< where a browser goes back to after a prompt; may be empty
  /// False where nobody waits for a prompt, in a queue or behind a proxy: who has to be asked is
  /// refused there.
  bool can_ask = true;
  /// What the person answered to a prompt; null: nobody was asked. Outlives the request.
  const PromptAnswers* answers = nullptr;
  std::string language = {};  ///< that the prompt was shown in, such as `de`
  /// The prompt that was answered: its end is stored with what the login writes. What is said of
  /// the login itself is filled in.
  std::optional<store::PromptEnd> prompt = {};
  /// The operation that this runs for: its end is stored with what the login writes. What is said
  /// of the login itself is filled in.
  std::optional<store::OperationEnd> operation = {};
};

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
  std::optional<PromptForm> form;      ///< outcome kPrompt: what has to be asked
  std::vector<FieldProblem> problems;  ///< of the answers that were given to it
  bool has_decided = false;            ///< the user has answered to some purpose before
  std::vector<AskedPurpose> asked;     ///< consents that were answered, to be stored
  std::vector<store::ConsentDecision> decisions;
};

/// By what a login is decided. All of it outlives the plan.
struct LoginRules {
  const directory::Catalog& catalog;
  const directory::Principal& principal;
  const IdentityProvider& provider;  ///< enabled, and of the catalog
  const PromptPlanner::Purposes& purposes;
};

/// How far a decision has come, also one that ends in a refusal. The domain is one that the caller
/// may use.
struct Reached {
  const directory::Domain* domain = nullptr;
  std::optional<ResourceId> user;
};

/// Decides. A known user with unchanged claims costs one query, or two beyond eight groups. Every
/// step is traced, and `reached` says whom and what it came to. Errors: JIT-1003, those of the 11xx
/// to 14xx codes, and the database's.
[[nodiscard]] Result<Plan> makePlan(const directory::Context& context, const LoginRules& rules,
                                    const ProvisionRequest& request, Trace& trace,
                                    Reached& reached);

}  // namespace vestibule::jit
