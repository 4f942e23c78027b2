#include "directory/catalog.h"

#include <algorithm>
#include <cassert>
#include <chrono>

#include "base/log.h"
#include "base/unicode.h"
#include "json/parse.h"

namespace vestibule::directory {
namespace {

constexpr std::chrono::milliseconds kWatchInterval{500};

policy::PolicySettings defaultsOf(const store::DomainRow& row) {
  return row.name.value() == kPrimaryDomain ? policy::PolicySettings::primaryDefaults()
                                            : policy::PolicySettings::secondaryDefaults();
}

/// The policy of a domain whose stored settings cannot be used any more: it takes no writes.
policy::DomainPolicy closedPolicy(const store::DomainRow& row) {
  constexpr std::string_view kCaseRule = "CaseInsensitiveUsername";
  auto settings = defaultsOf(row);
  const auto stored = json::parse(row.settings);
  const auto* case_rule = stored ? stored->find(kCaseRule) : nullptr;
  if (case_rule != nullptr && !settings.set(kCaseRule, *case_rule)) {
    spdlog::error("domain {}: {} cannot be read", row.name.value(), kCaseRule);
  }
  settings.read_only = true;
  auto policy = policy::DomainPolicy::compile(std::move(settings));
  assert(policy && "the reference defaults compile");
  return *std::move(policy);
}

Result<policy::DomainPolicy> compilePolicy(const store::DomainRow& row) {
  auto document = json::parse(row.settings);
  if (!document) return propagate(document);
  auto settings = policy::PolicySettings::fromJson(*document, defaultsOf(row));
  if (!settings) return propagate(settings);
  return policy::DomainPolicy::compile(*std::move(settings));
}

std::unique_ptr<Domain> makeDomain(store::DomainRow row) {
  auto compiled = compilePolicy(row);
  if (!compiled) {
    spdlog::error("domain {} takes no writes: its stored settings cannot be used: {}",
                  row.name.value(), compiled.error().detail);
  }
  auto policy = compiled ? *std::move(compiled) : closedPolicy(row);
  std::string prefix = row.name.value() == kPrimaryDomain ? "" : row.name.value() + "/";
  return std::make_unique<Domain>(Domain{std::move(row), std::move(policy), std::move(prefix)});
}

}  // namespace

std::shared_ptr<const Catalog> Catalog::build(store::ControlRows rows) {
  auto catalog = std::shared_ptr<Catalog>(new Catalog());
  catalog->revision_ = rows.revision;
  for (auto& row : rows.domains) {
    if (row.state == "active") {
      catalog->domains_.push_back(makeDomain(std::move(row)));
    } else {
      catalog->unfinished_domains_.push_back(std::move(row));
    }
  }
  std::sort(catalog->domains_.begin(), catalog->domains_.end(),
            [](const auto& left, const auto& right) {
              return left->tables().number < right->tables().number;
            });
  catalog->identity_providers_ = std::move(rows.identity_providers);
  catalog->consent_purposes_ = std::move(rows.consent_purposes);
  for (const auto& token : rows.tokens) {
    auto scopes = parseScopes(token.scopes);
    if (!scopes) {
      spdlog::error("token {} is not accepted: {}", token.id, scopes.error().detail);
      continue;
    }
    Holder holder;
    holder.expires = token.expires;
    holder.principal.token_id = token.id;
    holder.principal.name = token.name;
    holder.principal.scopes = *scopes;
    holder.principal.all_domains = !token.domains.has_value();
    if (token.domains) holder.principal.domains = *token.domains;
    holder.principal.user = token.user;
    if (token.tolerances) {
      auto tolerances = scim::parseTolerances(*token.tolerances);
      if (!tolerances) {
        spdlog::error("token {} is not accepted: {}", token.id, tolerances.error().detail);
        continue;
      }
      holder.principal.tolerances = *tolerances;
    }
    catalog->holders_.emplace(token.sha256, std::move(holder));
  }
  catalog->tokens_ = std::move(rows.tokens);
  return catalog;
}

const Domain* Catalog::findDomain(std::string_view name) const {
  for (const auto& domain : domains_) {
    if (equalIgnoringAsciiCase(domain->name().value(), name)) return domain.get();
  }
  return nullptr;
}

const Domain* Catalog::findDomain(DomainNumber number) const {
  const auto found = std::lower_bound(
      domains_.begin(), domains_.end(), number,
      [](const auto& domain, DomainNumber wanted) { return domain->tables().number < wanted; });
  return found != domains_.end() && (*found)->tables().number == number ? found->get() : nullptr;
}

const Domain& Catalog::primary() const {
  const auto* domain = findDomain(kPrimaryDomain);
  assert(domain != nullptr && "migrations make PRIMARY, and nothing deletes it");
  return *domain;
}

const store::IdentityProviderRow* Catalog::findIdentityProvider(std::string_view name) const {
  for (const auto& provider : identity_providers_) {
    if (provider.name == name) return &provider;
  }
  return nullptr;
}

const store::ConsentPurposeRow* Catalog::findConsentPurpose(std::string_view name) const {
  for (const auto& purpose : consent_purposes_) {
    if (purpose.name == name) return &purpose;
  }
  return nullptr;
}

const Principal* Catalog::findPrincipal(std::string_view token_sha256, Timestamp at) const {
  // A look-up by digest: how long it takes tells nothing about any token.
  const auto found = holders_.find(std::string(token_sha256));
  if (found == holders_.end()) return nullptr;
  if (found->second.expires && *found->second.expires <= at) return nullptr;
  return &found->second.principal;
}

Result<std::unique_ptr<CatalogWatch>> CatalogWatch::start(store::Database& database, bool watch) {
  auto catalog = std::unique_ptr<CatalogWatch>(new CatalogWatch(database));
  if (auto first = catalog->refresh(); !first) return propagate(first);
  if (watch) {
    catalog->thread_ = std::thread([raw = catalog.get()] { raw->watch(); });
  }
  return catalog;
}

CatalogWatch::~CatalogWatch() {
  {
    const std::lock_guard lock(stop_mutex_);
    stopping_ = true;
  }
  stop_signal_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Result<void> CatalogWatch::refresh() {
  // One at a time, so that an older reading never replaces a newer one.
  const std::lock_guard lock(refresh_mutex_);
  auto rows = database_.read([this](store::Session& session) {
    return store::readControlRows(session, database_.controlSchema());
  });
  if (!rows) return propagate(rows);
  std::atomic_store(&catalog_, Catalog::build(*std::move(rows)));
  return {};
}

void CatalogWatch::watch() {
  std::unique_lock lock(stop_mutex_);
  while (!stop_signal_.wait_for(lock, kWatchInterval, [this] { return stopping_; })) {
    lock.unlock();
    auto revision = database_.read([this](store::Session& session) {
      return store::readRevision(session, database_.controlSchema());
    });
    // An unreachable database is reported by whoever needs it; the catalog stays what it was.
    if (revision && *revision != current()->revision()) {
      if (auto refreshed = refresh(); !refreshed) {
        spdlog::warn("the catalog changed but could not be read: {}", refreshed.error().detail);
      }
    }
    lock.lock();
  }
}

}  // namespace vestibule::directory
