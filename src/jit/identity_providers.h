#pragma once
// The use cases on identity providers, and their compiled form for logins.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/strong.h"
#include "directory/author.h"
#include "directory/context.h"
#include "jit/consent_purposes.h"
#include "jit/consent_receipt.h"
#include "jit/decision_counts.h"
#include "jit/identity_provider.h"
#include "jit/lint.h"
#include "jose/key_sources.h"
#include "json/value.h"
#include "store/identity_provider_history.h"

namespace vestibule::jit {

/// An identity provider as the admin API shows it.
struct IdentityProviderView {
  json::Object document;  ///< settings in canonical form, with every default written out
  Version version;
  Timestamp created = 0;
  Timestamp modified = 0;
};

/// What applying a document did.
struct AppliedIdentityProvider {
  IdentityProviderView view;
  bool created = false;  ///< false: it was there, and now has these settings
};

/// A row of the history as admin API and command line show it: `version`, `changed`, `by`,
/// `deleted`.
[[nodiscard]] json::Object describe(const store::IdentityProviderVersion& version);

/// What prompts need beside the settings.
struct PromptParts {
  ConsentTerms terms;
  /// Whether a theme can be used; empty: nobody looks. Thread-safe.
  std::function<Result<void>(std::string_view theme)> check_theme = nullptr;
};

/// All identity providers. Thread-safe; the context must outlive it. A change is seen at once by
/// this process and within a second by every other that shares the database.
class IdentityProviders {
 public:
  /// `fetching` and `limits` say how the keys of ID tokens are read and kept, `prompts` what people
  /// who are asked are shown.
  explicit IdentityProviders(const directory::Context& context, jose::FetchOptions fetching = {},
                             const jose::KeySourceLimits& limits = {}, PromptParts prompts = {})
      : context_(context),
        prompts_(std::move(prompts)),
        purposes_(context),
        key_sources_(std::move(fetching), limits) {}
  IdentityProviders(const IdentityProviders&) = delete;
  IdentityProviders& operator=(const IdentityProviders&) = delete;

  /// All of them by name. Rows whose settings cannot be read are shown as they are stored.
  [[nodiscard]] std::vector<IdentityProviderView> list() const;

  /// The one of exactly this name. Error kNotFound.
  [[nodiscard]] Result<IdentityProviderView> get(std::string_view name) const;

  /// What may not do what its author thinks in these settings, stored or not. Errors: those of
  /// compileIdentityProvider, checkDomains, checkPurposes and checkTheme, which a save of them
  /// would give.
  [[nodiscard]] Result<std::vector<Advice>> advice(const json::Value& document) const;

  /// The versions that are kept under this name, newest first, the current one among them: at most
  /// store::kKeptVersions. A deletion counts as one. Error kNotFound when there are none.
  [[nodiscard]] Result<std::vector<store::IdentityProviderVersion>> history(
      std::string_view name) const;

  /// The settings of one of them, as they were stored. Error kNotFound when that version is not
  /// kept or is a deletion; kBadSettings (JIT-1005) when it cannot be read.
  [[nodiscard]] Result<json::Object> settingsOf(std::string_view name, Version version) const;

  /// Creates the identity provider that the document names. Errors: those of `advice`, kUniqueness
  /// when there is one of this name.
  [[nodiscard]] Result<IdentityProviderView> create(
      const json::Value& document, const directory::Author& author = directory::commandLine());

  /// Creates the identity provider that the document names, or replaces its settings: what is left
  /// out gets its default. With If-Match, also `*`, it must be there. The same settings again
  /// change nothing, version included. Errors: those of `advice`, kVersionMismatch.
  [[nodiscard]] Result<AppliedIdentityProvider> apply(
      const json::Value& document, const directory::Preconditions& conditions = {},
      const directory::Author& author = directory::commandLine());

  /// Applies the settings of a version that is kept, as a new version; makes the identity provider
  /// again when it was deleted (its federated identities are gone). Errors as `settingsOf` and
  /// `apply`: settings that were allowed once may not be any more.
  [[nodiscard]] Result<AppliedIdentityProvider> rollBack(
      std::string_view name, Version version, const directory::Preconditions& conditions = {},
      const directory::Author& author = directory::commandLine());

  /// Changes settings by RFC 7396; null puts a setting back to its default. The name cannot change
  /// (kMutability). Errors as `apply`, kNotFound.
  [[nodiscard]] Result<IdentityProviderView> patch(
      std::string_view name, const json::Value& patch,
      const directory::Preconditions& conditions = {},
      const directory::Author& author = directory::commandLine());

  /// Deletes the identity provider and its federated identities; users and their memberships stay.
  /// Errors kNotFound, kVersionMismatch.
  [[nodiscard]] Result<void> remove(std::string_view name,
                                    const directory::Preconditions& conditions = {},
                                    const directory::Author& author = directory::commandLine());

  /// Error kInvalidValue, with a JSON pointer in the text, when the theme of the prompts cannot be
  /// used.
  [[nodiscard]] Result<void> checkTheme(const IdentityProvider& provider) const;

  /// The compiled settings that the catalog holds under this name, from memory: nothing is asked of
  /// the database, and no key is read yet. Errors kUnknownIdentityProvider (JIT-1001), kBadSettings
  /// (JIT-1005).
  [[nodiscard]] Result<std::shared_ptr<const IdentityProvider>> find(
      const directory::Catalog& catalog, std::string_view name) const;

  /// The purposes that its people are asked to agree to, from memory. Error kBadSettings
  /// (JIT-1005).
  [[nodiscard]] Result<std::vector<std::shared_ptr<const ConsentPurpose>>> purposesOf(
      const directory::Catalog& catalog, const IdentityProvider& provider) const;

  /// What receipts of consent say about this installation.
  [[nodiscard]] const ConsentTerms& terms() const { return prompts_.terms; }

  /// What logins have come to since the start.
  [[nodiscard]] DecisionCounts& decisions() const { return decisions_; }

  /// All consent purposes.
  [[nodiscard]] ConsentPurposes& consentPurposes() { return purposes_; }

 private:
  /// Compiles and checks a document as it would be stored.
  [[nodiscard]] Result<IdentityProvider> checked(const json::Value& document,
                                                 const directory::Catalog& catalog) const;
  /// Stores checked settings as a new row.
  [[nodiscard]] Result<store::IdentityProviderRow> insert(const IdentityProvider& provider,
                                                          const directory::Author& author);
  /// Stores checked settings over a row; the row itself when they are the same.
  [[nodiscard]] Result<store::IdentityProviderRow> replace(const store::IdentityProviderRow& row,
                                                           const IdentityProvider& provider,
                                                           const directory::Author& author);

  const directory::Context& context_;
  PromptParts prompts_;
  ConsentPurposes purposes_;
  mutable jose::KeySources key_sources_;
  /// By number. A number is never used again and a version never comes back, so that both name one
  /// text of settings for ever.
  mutable std::map<store::IdentityProviderNumber, std::shared_ptr<const IdentityProvider>>
      compiled_;
  mutable std::shared_mutex mutex_;
  mutable DecisionCounts decisions_;
};

}  // namespace vestibule::jit
