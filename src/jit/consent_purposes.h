#pragma once
// The use cases on consent purposes, and their compiled form for logins.

#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/strong.h"
#include "directory/author.h"
#include "directory/context.h"
#include "jit/consent_purpose.h"
#include "json/value.h"
#include "store/consent_purpose_store.h"

namespace vestibule::jit {

/// A consent purpose as the admin API shows it.
struct ConsentPurposeView {
  json::Object document;  ///< settings in canonical form, with every default written out
  Version version;
  Timestamp created = 0;
  Timestamp modified = 0;
};

/// How a purpose is changed.
struct PurposeChange {
  directory::Preconditions conditions = {};
  /// Nobody is asked again because a text has changed: a misspelling was corrected, a translation
  /// was added.
  bool editorial = false;
  directory::Author author = directory::commandLine();
};

/// What applying a document did.
struct AppliedConsentPurpose {
  ConsentPurposeView view;
  bool created = false;  ///< false: it was there, and now has these settings
};

/// A version as admin API and command line show it: `version`, `changed`, `by`, `asksAgain` (the
/// attributes whose terms it changed; an empty text is the purpose as a whole), `settings`.
[[nodiscard]] json::Object describe(const store::ConsentPurposeVersion& version);

/// All consent purposes. Thread-safe; the context must outlive it. A change is seen at once by this
/// process and within a second by every other that shares the database.
class ConsentPurposes {
 public:
  explicit ConsentPurposes(const directory::Context& context) : context_(context) {}
  ConsentPurposes(const ConsentPurposes&) = delete;
  ConsentPurposes& operator=(const ConsentPurposes&) = delete;

  /// All of them by name. Rows whose settings cannot be read are shown by their name alone.
  [[nodiscard]] std::vector<ConsentPurposeView> list() const;

  /// The one of exactly this name. Error kNotFound.
  [[nodiscard]] Result<ConsentPurposeView> get(std::string_view name) const;

  /// All versions, newest first. Error kNotFound.
  [[nodiscard]] Result<std::vector<store::ConsentPurposeVersion>> versions(
      std::string_view name) const;

  /// Creates the purpose that the document names. Errors: those of compileConsentPurpose,
  /// kUniqueness when there is one of this name.
  [[nodiscard]] Result<ConsentPurposeView> create(
      const json::Value& document, const directory::Author& author = directory::commandLine());

  /// Creates the purpose that the document names, or replaces its settings: what is left out gets
  /// its default. With If-Match, also `*`, it must be there. The same settings again change
  /// nothing, version included. Errors: those of compileConsentPurpose, kVersionMismatch.
  [[nodiscard]] Result<AppliedConsentPurpose> apply(const json::Value& document,
                                                    const PurposeChange& change = {});

  /// Changes settings by RFC 7396; null puts a setting back to its default. The name cannot change
  /// (kMutability). Errors as `apply`, kNotFound.
  [[nodiscard]] Result<ConsentPurposeView> patch(std::string_view name, const json::Value& patch,
                                                 const PurposeChange& change = {});

  /// Deletes the purpose. What people decided about it stays: what they refused or withdrew is kept
  /// away as before. Errors kNotFound, kVersionMismatch; kConflict for DEFAULT, and while settings
  /// of identity providers name it.
  [[nodiscard]] Result<void> remove(std::string_view name,
                                    const directory::Preconditions& conditions = {},
                                    const directory::Author& author = directory::commandLine());

  /// The compiled purpose that the catalog holds under this name, from memory: nothing is asked of
  /// the database. Error kBadSettings (JIT-1005) when there is none or it cannot be used.
  [[nodiscard]] Result<std::shared_ptr<const ConsentPurpose>> find(
      const directory::Catalog& catalog, std::string_view name) const;

 private:
  /// Stores a purpose as a new row.
  [[nodiscard]] Result<store::ConsentPurposeRow> insert(ConsentPurpose purpose,
                                                        const directory::Author& author);
  /// Stores a purpose over a row; the row itself when it says the same.
  [[nodiscard]] Result<store::ConsentPurposeRow> replace(const store::ConsentPurposeRow& row,
                                                         ConsentPurpose purpose,
                                                         const PurposeChange& change);

  const directory::Context& context_;
  /// By number. A number is never used again and a version never comes back, so that both name one
  /// purpose for ever.
  mutable std::map<PurposeNumber, std::shared_ptr<const ConsentPurpose>> compiled_;
  mutable std::shared_mutex mutex_;
};

}  // namespace vestibule::jit
