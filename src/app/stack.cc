#include "app/stack.h"

#include <filesystem>
#include <system_error>

#include "app/operator_error.h"
#include "app/resources.h"
#include "app/secret_key_file.h"
#include "directory/guard_rails.h"
#include "jose/key_fetch.h"
#include "json/write.h"
#include "policy/domain_policy.h"
#include "store/secret_store.h"

namespace vestibule::app {
namespace {

EmbeddedDatabaseOptions embeddedOptions(const Config& config) {
  EmbeddedDatabaseOptions options;
  options.data_dir = config.data_dir;
  options.mariadbd = config.database.mariadbd;
  options.tuning = config.database.tuning;
  return options;
}

Result<std::shared_ptr<const scim::Registry>> loadRegistry(const Config& config) {
  std::filesystem::path folder = config.scim.schema_dir;
  if (folder.empty()) {
    auto found = resourceFolder("scim-schemas");
    if (!found) return propagate(found);
    folder = *std::move(found);
  }
  auto files = readSchemaFiles(folder);
  if (!files) return propagate(files);
  return scim::Registry::load(*files);
}

/// How the keys of ID tokens are read.
Result<jose::FetchOptions> keyFetching(const Config& config) {
  const auto& file = config.jit.ca_file;
  std::error_code fault;
  if (!file.empty() && !std::filesystem::is_regular_file(file, fault)) {
    return operatorFailure(ErrorKind::kNotFound, "jit.ca_file: there is no file " + file.string());
  }
  jose::FetchOptions options;
  options.ca_file = file;
  return options;
}

}  // namespace

Stack::~Stack() = default;

void Stack::countIn(Metrics& metrics) {
  context_.guard_rail_refusals = &directory::addGuardRailCounter(metrics);
}

Result<void> Stack::openDatabase(const Config& config, const StackOptions& options) {
  auto keys = readSecretKeys(config);
  if (!keys) return propagate(keys);
  store::DatabaseOptions database;
  database.secret_keys = *std::move(keys);
  database.url = config.database.url;
  database.metrics = options.metrics;
  database.schema_prefix = config.database.schema_prefix;
  database.connect_seconds = config.database.connect_seconds;
  database.read_seconds = config.database.read_seconds;
  database.lock_wait_seconds = config.database.lock_wait_seconds;
  database.sessions = databaseSessions(config);
  if (database.url.empty()) {
    const auto running = options.attach ? runningDatabaseSocket(config.data_dir) : std::nullopt;
    if (running) {
      database.url = socketUrl(*running);
    } else {
      if (!options.migrate && !holdsDatabase(config.data_dir)) {
        return operatorFailure(ErrorKind::kNotFound,
                               "there is no database in data_dir " + config.data_dir.string() +
                                   ": `vestibule serve` or `vestibule migrate` makes it, or "
                                   "another data_dir or database.url is meant");
      }
      auto embedded = EmbeddedDatabase::start(embeddedOptions(config));
      if (!embedded) return propagate(embedded);
      embedded_ = *std::move(embedded);
      database.url = embedded_->url();
    }
  }
  auto created = store::Database::create(std::move(database));
  if (!created) return propagate(created);
  database_ = *std::move(created);
  return {};
}

Result<std::unique_ptr<Stack>> Stack::open(const Config& config, const StackOptions& options) {
  auto stack = std::unique_ptr<Stack>(new Stack());
  auto fetching = keyFetching(config);
  if (!fetching) return propagate(fetching);
  auto registry = loadRegistry(config);
  if (!registry) return propagate(registry);
  auto sql = resourceFolder("sql");
  if (!sql) return propagate(sql);
  auto migrations = store::readMigrations(sql->string());
  if (!migrations) return propagate(migrations);
  stack->migrations_ = *std::move(migrations);
  stack->migrations_.types = store::indexedTypes(**registry);

  if (auto opened = stack->openDatabase(config, options); !opened) return propagate(opened);
  auto report = store::checkServer(*stack->database_);
  if (!report) return propagate(report);
  stack->report_ = *std::move(report);
  if (auto advice = adviceOnSecretKeys(config)) {
    stack->report_.findings.push_back({false, *std::move(advice)});
  }
  for (const auto& finding : stack->report_.findings) {
    if (finding.fatal) {
      return operatorFailure(ErrorKind::kConflict, "the database cannot be used: " + finding.text);
    }
  }
  if (options.bare) {
    // The migrations point into it.
    stack->context_.registry = *std::move(registry);
    return stack;
  }
  if (options.migrate) {
    store::MigrateOptions how;
    how.serves = options.serves;
    how.progress = options.progress;
    auto migrated =
        store::migrate(*stack->database_, stack->migrations_,
                       json::write(policy::PolicySettings::primaryDefaults().toJson()), how);
    if (!migrated) return propagate(migrated);
    stack->migrated_ = *std::move(migrated);
  } else {
    auto current = store::isUpToDate(*stack->database_, stack->migrations_);
    if (!current) return propagate(current);
    if (!*current) {
      return operatorFailure(ErrorKind::kConflict,
                             "the schemas of the database are not there or not up to date: "
                             "`vestibule migrate` or `vestibule serve` has to run first");
    }
  }
  auto catalog = directory::CatalogWatch::start(*stack->database_, options.serves);
  if (!catalog) return propagate(catalog);
  stack->catalog_ = *std::move(catalog);
  stack->password_hasher_ = std::make_unique<directory::PasswordHasher>();

  auto cursor_key = store::sharedSecret(*stack->database_, "list-cursor");
  if (!cursor_key) return propagate(cursor_key);
  stack->cursor_seal_ = std::make_unique<directory::CursorSeal>(
      *std::move(cursor_key), std::chrono::seconds(config.scim.cursor_seconds));

  auto& context = stack->context_;
  context.recent_events = &stack->recent_events_;
  stack->access_tokens_ = std::make_unique<directory::AccessTokens>(*fetching);
  context.access_tokens = stack->access_tokens_.get();
  context.failed_attempts = &stack->failed_attempts_;
  context.cursor_seal = stack->cursor_seal_.get();
  context.database = stack->database_.get();
  context.catalog = stack->catalog_.get();
  context.password_hasher = stack->password_hasher_.get();
  context.registry = *std::move(registry);
  context.user_type = context.registry->findResourceType("User");
  context.group_type = context.registry->findResourceType("Group");
  if (context.user_type == nullptr || context.group_type == nullptr) {
    return operatorFailure(ErrorKind::kInvalidValue,
                           "the schema files define no User or no Group resource type");
  }
  auto tolerances = scim::parseTolerances(config.scim.tolerances);
  if (!tolerances) return propagate(tolerances);
  context.tolerances = *tolerances;
  context.limits.max_results = config.scim.max_results;
  context.limits.scan_limit = config.scim.scan_limit;
  context.limits.bulk_operations = config.scim.bulk_operations;
  context.limits.bulk_payload_bytes = config.scim.bulk_payload_bytes;
  auto web = resourceFolder("web");
  if (!web) return propagate(web);
  stack->themes_ = std::make_unique<http::PromptThemes>(*web / "prompt", config.prompt.themes);
  auto* themes = stack->themes_.get();
  stack->identity_providers_ = std::make_unique<jit::IdentityProviders>(
      stack->context_, *std::move(fetching), jose::KeySourceLimits(),
      jit::PromptParts{config.consent,
                       [themes](std::string_view theme) { return themes->checkTheme(theme); }});
  return stack;
}

}  // namespace vestibule::app
