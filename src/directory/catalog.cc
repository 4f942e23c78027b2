#include "directory/catalog.h"

#include <algorithm>
#include <cassert>
#include <chrono>

#include "base/log.h"
#include "base/unicode.h"
#include "directory/event_stream.h"
#include "directory/token_issuer.h"
#include "json/parse.h"

namespace vestibule::directory {
namespace {

constexpr std::chrono::milliseconds kWatchInterval{500};
constexpr std::chrono::minutes kNoteInterval{1};

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
    logEvent(events::kDomainBadSetting, {{"domain", row.name.value()}, {"setting", kCaseRule}});
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

/// PRIMARY goes on being served while it is restored (store/primary_place.h): there is always one.
bool isServed(const store::DomainRow& row) {
  const auto& state = row.state;
  return state == "active" || state == "moving" ||
         (state == "restoring" && row.name.value() == kPrimaryDomain);
}

std::unique_ptr<Domain> makeDomain(store::DomainRow row, const Catalog* former) {
  auto compiled = compilePolicy(row);
  if (!compiled) {
    logEvent(events::kDomainClosed,
             {{"domain", row.name.value()}, {"reason", compiled.error().detail}});
  }
  auto policy = compiled ? *std::move(compiled) : closedPolicy(row);
  std::string prefix = row.name.value() == kPrimaryDomain ? "" : row.name.value() + "/";
  const auto* known = former != nullptr ? former->findDomain(row.tables.number) : nullptr;
  auto domain =
      std::make_unique<Domain>(Domain{std::move(row), std::move(policy), std::move(prefix), {}});
  domain->unsettled = domain->row.state != "active";
  if (known != nullptr) domain->rate = known->rate;
  return domain;
}

}  // namespace

std::shared_ptr<const Catalog> Catalog::build(store::ControlRows rows, const Catalog* former) {
  auto catalog = std::shared_ptr<Catalog>(new Catalog());
  catalog->revision_ = rows.revision;
  for (auto& row : rows.domains) {
    if (isServed(row)) {
      catalog->domains_.push_back(makeDomain(std::move(row), former));
    } else {
      catalog->unfinished_domains_.push_back(std::move(row));
    }
  }
  std::sort(catalog->domains_.begin(), catalog->domains_.end(),
            [](const auto& left, const auto& right) {
              return left->tables().number < right->tables().number;
            });
  catalog->outbound_targets_ = std::move(rows.outbound_targets);
  for (const auto& target : catalog->outbound_targets_) {
    if (!target.text.enabled) continue;
    for (const auto& domain : catalog->domains_) {
      if (target.takes(domain->tables().number)) domain->outbound_targets.push_back(target.number);
    }
  }
  catalog->identity_providers_ = std::move(rows.identity_providers);
  catalog->consent_purposes_ = std::move(rows.consent_purposes);
  for (const auto& token : rows.tokens) catalog->addHolder(token, former);
  catalog->tokens_ = std::move(rows.tokens);
  for (const auto& row : rows.token_issuers) catalog->addIssuer(row);
  catalog->token_issuers_ = std::move(rows.token_issuers);
  for (const auto& row : rows.event_streams) catalog->addEventStream(row);
  catalog->event_stream_rows_ = std::move(rows.event_streams);
  return catalog;
}

void Catalog::addIssuer(const store::TokenIssuerRow& row) {
  const auto document = json::parse(row.text.settings);
  auto issuer = document ? compileTokenIssuer(*document)
                         : Result<TokenIssuer>(tl::make_unexpected(document.error()));
  if (!issuer) {
    logEvent(events::kTokenIssuerNotAccepted,
             {{"token_issuer", row.name}, {"reason", issuer.error().detail}});
    return;
  }
  if (!issuer->enabled) return;
  issuer->number = row.number;
  issuer->version = row.version;
  // The numbers count, not the names: those may be of other domains by now.
  issuer->all_domains = !row.text.domains.has_value();
  issuer->domains = row.text.domains.value_or(std::vector<DomainNumber>());
  compiled_issuers_.push_back(std::make_shared<const TokenIssuer>(*std::move(issuer)));
}

void Catalog::addEventStream(const store::EventStreamRow& row) {
  auto stream = streamOfRow(row);
  if (stream) {
    event_streams_.push_back(std::make_shared<const EventStream>(*std::move(stream)));
  } else {
    logEvent(events::kEventStreamNotServed,
             {{"event_stream", row.name}, {"reason", stream.error().detail}});
  }
}

void Catalog::addHolder(const store::TokenRow& token, const Catalog* former) {
  auto scopes = parseScopes(token.scopes);
  if (!scopes) {
    logEvent(events::kTokenNotAccepted,
             {{"token_id", token.id}, {"reason", scopes.error().detail}});
    return;
  }
  Holder holder;
  holder.expires = token.expires;
  Principal& principal = holder.principal;
  principal.token_id = token.id;
  principal.name = token.name;
  principal.scopes = *scopes;
  principal.all_domains = !token.domains.has_value();
  if (token.domains) principal.domains = *token.domains;
  principal.user = token.user;
  principal.requests_per_minute = token.requests_per_minute;
  if (token.tolerances) {
    auto tolerances = scim::parseTolerances(*token.tolerances);
    if (!tolerances) {
      logEvent(events::kTokenNotAccepted,
               {{"token_id", token.id}, {"reason", tolerances.error().detail}});
      return;
    }
    principal.tolerances = *tolerances;
  }
  if (former != nullptr) {
    const auto known = former->activities_.find(token.id);
    if (known != former->activities_.end()) principal.activity = known->second;
  }
  activities_.emplace(token.id, principal.activity);
  if (token.former) {
    Holder before = holder;
    before.expires = std::min(token.former->expires, token.expires.value_or(token.former->expires));
    holders_.emplace(token.former->sha256, std::move(before));
  }
  holders_.emplace(token.sha256, std::move(holder));
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

const store::OutboundTargetRow* Catalog::findOutboundTarget(std::string_view name) const {
  for (const auto& target : outbound_targets_) {
    if (target.name == name) return &target;
  }
  return nullptr;
}

std::shared_ptr<const TokenIssuer> Catalog::findTokenIssuer(std::string_view issuer) const {
  for (const auto& one : compiled_issuers_) {
    if (one->rules.claims.issuer == issuer) return one;
  }
  return nullptr;
}

std::shared_ptr<const EventStream> Catalog::findEventStream(std::string_view name) const {
  for (const auto& stream : event_streams_) {
    if (stream->name == name) return stream;
  }
  return nullptr;
}

bool Catalog::wantsEvents(DomainNumber domain, store::ChangeKinds changes) const {
  return std::any_of(event_streams_.begin(), event_streams_.end(),
                     [&](const auto& stream) { return stream->wanted(domain, changes) != 0; });
}

std::optional<Timestamp> Catalog::lastUse(const std::string& token_id) const {
  const auto found = activities_.find(token_id);
  if (found == activities_.end()) return std::nullopt;
  const Timestamp used = found->second->last_used.load(std::memory_order_relaxed);
  return used == 0 ? std::nullopt : std::optional(used);
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
  const auto former = current();
  std::atomic_store(&catalog_, Catalog::build(*std::move(rows), former.get()));
  return {};
}

Result<void> CatalogWatch::noteTokenUses() {
  const std::lock_guard lock(uses_mutex_);
  const auto catalog = current();
  std::vector<store::TokenUse> uses;
  for (const auto& token : catalog->tokens()) {
    const auto used = catalog->lastUse(token.id);
    const auto noted = noted_uses_.find(token.id);
    if (used && (noted == noted_uses_.end() || noted->second < *used)) {
      uses.push_back({token.id, *used});
    }
  }
  if (uses.empty()) return {};
  auto stored = database_.write([&](store::Session& session) {
    return store::noteTokenUses(session, database_.controlSchema(), uses);
  });
  if (!stored) return stored;
  for (auto& use : uses) noted_uses_[std::move(use.id)] = use.used;
  return {};
}

void CatalogWatch::watch() {
  auto next_noting = std::chrono::steady_clock::now() + kNoteInterval;
  const auto note = [this] {
    auto noted = noteTokenUses();
    if (!noted) logEvent(events::kTokenUsesNotNoted, {{"reason", noted.error().detail}});
  };
  std::unique_lock lock(stop_mutex_);
  while (!stop_signal_.wait_for(lock, kWatchInterval, [this] { return stopping_; })) {
    lock.unlock();
    auto revision = database_.read([this](store::Session& session) {
      return store::readRevision(session, database_.controlSchema());
    });
    // An unreachable database is reported by whoever needs it; the catalog stays what it was.
    if (revision && *revision != current()->revision()) {
      if (auto refreshed = refresh(); !refreshed) {
        logEvent(events::kCatalogUnread, {{"reason", refreshed.error().detail}});
      }
    }
    if (std::chrono::steady_clock::now() >= next_noting) {
      note();
      next_noting = std::chrono::steady_clock::now() + kNoteInterval;
    }
    lock.lock();
  }
  lock.unlock();
  note();
}

}  // namespace vestibule::directory
