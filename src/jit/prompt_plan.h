#pragma once
// What a login has to ask its person, and what the answers make of it.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "directory/context.h"
#include "jit/consent.h"
#include "jit/identity_provider.h"
#include "jit/mapping.h"
#include "jit/prompt_form.h"
#include "jit/trace.h"
#include "store/consent_store.h"

namespace vestibule::jit {

/// What was answered, or is to be asked.
struct Questioned {
  std::optional<PromptForm> form;                 ///< still to be answered; nothing: go on
  std::vector<FieldProblem> problems;             ///< of the answers, with `form`
  std::string user_name;                          ///< of a new user
  bool has_decided = false;                       ///< the user has answered to some purpose before
  std::vector<AskedPurpose> asked;                ///< consents that were answered
  std::vector<store::ConsentDecision> decisions;  ///< and what was decided about them
};

/// Asks for one login. Not thread-safe; all that it is given must outlive it.
class PromptPlanner {
 public:
  using Purposes = std::vector<std::shared_ptr<const ConsentPurpose>>;

  /// `answers` is null where nobody has been asked yet.
  PromptPlanner(const directory::Context& context, const IdentityProvider& provider,
                const Purposes& purposes, const PromptAnswers* answers, Trace& trace)
      : context_(context),
        provider_(provider),
        purposes_(purposes),
        answers_(answers),
        trace_(trace) {}

  /// For a user to be made, whose name is `name`, or with `asks_name` is to be asked for. `mapped`
  /// gets the values that were answered and loses those that were refused. Errors
  /// kInvalidAttribute (JIT-1301) for a missing value where nobody is asked; the database's.
  [[nodiscard]] Result<Questioned> forNewUser(const directory::Domain& domain,
                                              const std::string& name, bool asks_name,
                                              MappedClaims& mapped);

  /// For a user that exists: consents that were never asked for, and values that must be there and
  /// are not. Whatever the user has refused or withdrawn is taken out of `mapped`, also where
  /// nobody is asked. One query.
  [[nodiscard]] Result<Questioned> forUser(const directory::Domain& domain, const ResourceId& user,
                                           const json::Object& attributes, MappedClaims& mapped);

 private:
  [[nodiscard]] PromptForm emptyForm(const directory::Domain& domain,
                                     const MappedClaims& mapped) const;
  [[nodiscard]] Result<void> askUserName(const directory::Domain& domain, const std::string& name,
                                         Questioned& questioned);
  void askPassword(const directory::Domain& domain, Questioned& questioned) const;
  [[nodiscard]] static std::vector<MappedValue*> missing(
      MappedClaims& mapped, const json::Object& attributes,
      const std::vector<store::ConsentDecision>& decisions);
  void askAttributes(const std::vector<MappedValue*>& missing, Questioned& questioned) const;
  void askConsent(Questioned& questioned) const;
  void refuseUnasked(Questioned& questioned) const;
  void settle(Questioned& questioned, const std::vector<store::ConsentDecision>& decisions,
              MappedClaims& mapped);

  const directory::Context& context_;
  const IdentityProvider& provider_;
  const Purposes& purposes_;
  const PromptAnswers* answers_;
  Trace& trace_;
};

/// What a login of this identity provider stands on beside its settings: whether it is noted for
/// SCIM to show (directory/provenance.h), and where people are asked, the purposes that they are
/// asked to agree to, as they are now.
[[nodiscard]] json::Array termsOf(const scim::ResourceType& user_type,
                                  const IdentityProvider& provider,
                                  const PromptPlanner::Purposes& purposes);

/// The password of the answers as it is stored (Argon2id), empty without one. Waits for the hasher.
/// Error kUnavailable when too many wait.
[[nodiscard]] Result<std::string> hashPassword(const directory::Context& context,
                                               const PromptAnswers* answers);

}  // namespace vestibule::jit
