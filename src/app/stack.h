#pragma once
// Everything below the listeners, opened from a configuration: what `serve` and the commands have
// in common.

#include <memory>
#include <string>

#include "app/config.h"
#include "app/embedded_database.h"
#include "base/metrics.h"
#include "base/result.h"
#include "directory/access_tokens.h"
#include "directory/catalog.h"
#include "directory/context.h"
#include "directory/failed_attempts.h"
#include "directory/list_cursor.h"
#include "directory/password_hasher.h"
#include "directory/recent_events.h"
#include "http/prompt_theme.h"
#include "jit/identity_providers.h"
#include "store/database.h"
#include "store/database_metrics.h"
#include "store/migrations.h"
#include "store/server_check.h"

namespace vestibule::app {

/// How far to open the stack.
struct StackOptions {
  bool migrate = true;  ///< make the private database and bring schemas up to date; without it, a
                        ///< database that is not there or not up to date is an error
  bool bare = false;    ///< the database as it is, or with `migrate` made where it is private:
                        ///< nothing is looked at or migrated, and there is no context()
  bool serves = false;  ///< a server: it follows changes made by other processes, and settles
                        ///< indexes (store::MigrateOptions)
  bool attach = true;   ///< when the private database runs already under a server, use that one
  const store::DatabaseMetrics* metrics = nullptr;  ///< of the database; outlives the stack
  store::MigrationProgress progress = nullptr;      ///< hears of a long migration
};

/// The open stack. Members are destroyed in reverse order: the private database last.
class Stack {
 public:
  /// Opens it. Errors are for the operator: what does not work, and what to do about it.
  [[nodiscard]] static Result<std::unique_ptr<Stack>> open(const Config& config,
                                                           const StackOptions& options);
  ~Stack();

  [[nodiscard]] const directory::Context& context() const { return context_; }
  /// Counts what the use cases count in `metrics`, which must live as long as anything serves.
  /// Once, before anything does.
  void countIn(Metrics& metrics);
  [[nodiscard]] store::Database& database() { return *database_; }
  [[nodiscard]] const store::MigrationSet& migrations() const { return migrations_; }
  [[nodiscard]] jit::IdentityProviders& identityProviders() { return *identity_providers_; }
  [[nodiscard]] jit::ConsentPurposes& consentPurposes() {
    return identity_providers_->consentPurposes();
  }
  [[nodiscard]] http::PromptThemes& themes() { return *themes_; }
  /// What migrating did, a line each.
  [[nodiscard]] const std::vector<std::string>& migrated() const { return migrated_; }
  [[nodiscard]] const store::ServerReport& report() const { return report_; }
  /// The private database, or null when `database.url` is used or another process runs it.
  [[nodiscard]] EmbeddedDatabase* embedded() { return embedded_.get(); }

 private:
  Stack() = default;
  Result<void> openDatabase(const Config& config, const StackOptions& options);

  std::unique_ptr<EmbeddedDatabase> embedded_;
  std::unique_ptr<store::Database> database_;
  store::MigrationSet migrations_;
  std::vector<std::string> migrated_;
  store::ServerReport report_;
  std::unique_ptr<directory::CatalogWatch> catalog_;
  std::unique_ptr<directory::PasswordHasher> password_hasher_;
  std::unique_ptr<directory::CursorSeal> cursor_seal_;
  std::unique_ptr<directory::AccessTokens> access_tokens_;
  directory::RecentEvents recent_events_;
  directory::FailedAttempts failed_attempts_;
  directory::Context context_;
  std::unique_ptr<http::PromptThemes> themes_;
  std::unique_ptr<jit::IdentityProviders> identity_providers_;
};

}  // namespace vestibule::app
