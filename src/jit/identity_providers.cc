#include "jit/identity_providers.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/log.h"
#include "jit/changed_by.h"
#include "jit/codes.h"
#include "json/merge_patch.h"
#include "json/parse.h"
#include "json/write.h"

namespace vestibule::jit {
namespace {

/// How often a change without a wanted version is tried again when others change the same row.
constexpr int kAttempts = 5;

IdentityProviderView viewOf(const store::IdentityProviderRow& row) {
  IdentityProviderView view{{}, row.version, row.created, row.modified};
  auto settings = json::parse(row.settings);
  if (settings && settings->isObject()) {
    view.document = std::move(*settings->object());
  } else {
    view.document = json::Object{{"name", row.name}};
  }
  return view;
}

tl::unexpected<Error> noSuchProvider(std::string_view name) {
  return failure(ErrorKind::kNotFound,
                 "there is no identity provider '" + printable(name, 64) + "'");
}

/// True when a change met another one, so that it may be tried again on what is there now.
bool isRaced(const Error& error) {
  return error.kind == ErrorKind::kVersionMismatch || error.kind == ErrorKind::kUniqueness ||
         error.kind == ErrorKind::kNotFound;
}

store::NamedBySettings namedBy(const IdentityProvider& provider) {
  return {domainsNamedBy(provider), provider.consent.purposes};
}

/// What the audit has of a change.
store::AuditEvent eventAbout(const directory::Author& author, std::string_view action,
                             const std::string& name, std::optional<Version> before,
                             std::optional<Version> after) {
  auto event = directory::eventOf(author, action, name, now());
  event.identity_provider = name;
  event.version_before = before;
  event.version_after = after;
  return event;
}

}  // namespace

json::Object describe(const store::IdentityProviderVersion& version) {
  return {{"version", version.version.value()},
          {"changed", formatTimestamp(version.changed)},
          {"by", version.changed_by},
          {"deleted", version.deletion}};
}

std::vector<IdentityProviderView> IdentityProviders::list() const {
  const auto catalog = context_.catalog->current();
  std::vector<const store::IdentityProviderRow*> rows;
  for (const auto& row : catalog->identityProviders()) rows.push_back(&row);
  std::sort(rows.begin(), rows.end(),
            [](const auto* a, const auto* b) { return a->name < b->name; });
  std::vector<IdentityProviderView> views;
  views.reserve(rows.size());
  for (const auto* row : rows) views.push_back(viewOf(*row));
  return views;
}

Result<IdentityProviderView> IdentityProviders::get(std::string_view name) const {
  const auto catalog = context_.catalog->current();
  const auto* row = catalog->findIdentityProvider(name);
  if (row == nullptr) return noSuchProvider(name);
  return viewOf(*row);
}

Result<std::vector<Advice>> IdentityProviders::advice(const json::Value& document) const {
  const auto catalog = context_.catalog->current();
  auto provider = checked(document, *catalog);
  if (!provider) return propagate(provider);
  return jit::adviceOn(*provider, *catalog);
}

Result<std::vector<store::IdentityProviderVersion>> IdentityProviders::history(
    std::string_view name) const {
  auto& database = *context_.database;
  auto versions = database.read([&](store::Session& session) {
    return store::identityProviderHistory(session, database.controlSchema(), std::string(name));
  });
  if (versions && versions->empty()) return noSuchProvider(name);
  return versions;
}

Result<json::Object> IdentityProviders::settingsOf(std::string_view name, Version version) const {
  auto& database = *context_.database;
  auto settings = database.read([&](store::Session& session) {
    return store::identityProviderSettingsOf(session, database.controlSchema(), std::string(name),
                                             version);
  });
  if (!settings) return propagate(settings);
  if (!*settings) {
    return failure(ErrorKind::kNotFound, "the history of '" + printable(name, 64) +
                                             "' holds no settings of version " +
                                             std::to_string(version.value()));
  }
  auto document = json::parse(**settings);
  if (!document) return propagate(document);
  if (!document->isObject()) return refusal(kBadSettings, "the settings are no JSON object");
  return std::move(*document->object());
}

Result<IdentityProviderView> IdentityProviders::create(const json::Value& document,
                                                       const directory::Author& author) {
  if (auto refreshed = context_.catalog->refresh(); !refreshed) return propagate(refreshed);
  auto provider = checked(document, *context_.catalog->current());
  if (!provider) return propagate(provider);
  auto row = insert(*provider, author);
  if (!row) return propagate(row);
  if (auto refreshed = context_.catalog->refresh(); !refreshed) return propagate(refreshed);
  return viewOf(*row);
}

Result<AppliedIdentityProvider> IdentityProviders::apply(const json::Value& document,
                                                         const directory::Preconditions& conditions,
                                                         const directory::Author& author) {
  for (int attempt = 1;; ++attempt) {
    // The domains and rows of now, not of half a second ago: another process may have made them.
    if (auto refreshed = context_.catalog->refresh(); !refreshed) return propagate(refreshed);
    const auto catalog = context_.catalog->current();
    auto provider = checked(document, *catalog);
    if (!provider) return propagate(provider);
    const auto* existing = catalog->findIdentityProvider(provider->name);
    if (existing != nullptr) {
      if (auto met = conditions.checkWrite(existing->version); !met) return propagate(met);
    } else if (conditions.has_if_match) {
      return failure(ErrorKind::kVersionMismatch, "there is no identity provider of this name");
    }
    auto row =
        existing != nullptr ? replace(*existing, *provider, author) : insert(*provider, author);
    if (row) {
      if (auto refreshed = context_.catalog->refresh(); !refreshed) return propagate(refreshed);
      return AppliedIdentityProvider{viewOf(*row), existing == nullptr};
    }
    if (!isRaced(row.error()) || attempt == kAttempts) return propagate(row);
  }
}

Result<IdentityProviderView> IdentityProviders::patch(std::string_view name,
                                                      const json::Value& patch,
                                                      const directory::Preconditions& conditions,
                                                      const directory::Author& author) {
  if (!patch.isObject()) {
    return failure(ErrorKind::kInvalidSyntax, "a change of an identity provider is a JSON object");
  }
  for (int attempt = 1;; ++attempt) {
    if (auto refreshed = context_.catalog->refresh(); !refreshed) return propagate(refreshed);
    const auto catalog = context_.catalog->current();
    const auto* existing = catalog->findIdentityProvider(name);
    if (existing == nullptr) return noSuchProvider(name);
    if (auto met = conditions.checkWrite(existing->version); !met) return propagate(met);
    json::Value document = viewOf(*existing).document;
    json::mergePatch(document, patch);
    auto provider = checked(document, *catalog);
    if (!provider) return propagate(provider);
    if (provider->name != existing->name) {
      return failure(ErrorKind::kMutability, "the name of an identity provider cannot change",
                     "name");
    }
    auto row = replace(*existing, *provider, author);
    if (row) {
      if (auto refreshed = context_.catalog->refresh(); !refreshed) return propagate(refreshed);
      return viewOf(*row);
    }
    if (!isRaced(row.error()) || attempt == kAttempts) return propagate(row);
  }
}

Result<AppliedIdentityProvider> IdentityProviders::rollBack(
    std::string_view name, Version version, const directory::Preconditions& conditions,
    const directory::Author& author) {
  auto document = settingsOf(name, version);
  if (!document) return propagate(document);
  return apply(*std::move(document), conditions, author);
}

Result<void> IdentityProviders::remove(std::string_view name,
                                       const directory::Preconditions& conditions,
                                       const directory::Author& author) {
  for (int attempt = 1;; ++attempt) {
    if (auto refreshed = context_.catalog->refresh(); !refreshed) return propagate(refreshed);
    const auto catalog = context_.catalog->current();
    const auto* existing = catalog->findIdentityProvider(name);
    if (existing == nullptr) return noSuchProvider(name);
    if (auto met = conditions.checkWrite(existing->version); !met) return met;
    // What the caller has seen is what is deleted.
    const auto expected = conditions.has_if_match ? std::optional(existing->version) : std::nullopt;
    auto& database = *context_.database;
    const auto event = eventAbout(author, "identity-provider.deleted", existing->name,
                                  existing->version, std::nullopt);
    auto deleted = database.write([&](store::Session& session) {
      return store::deleteIdentityProvider(session, database.controlSchema(), existing->name,
                                           expected, changedBy(author, event));
    });
    if (deleted) return context_.catalog->refresh();
    if (!isRaced(deleted.error()) || attempt == kAttempts) return deleted;
  }
}

Result<std::shared_ptr<const IdentityProvider>> IdentityProviders::find(
    const directory::Catalog& catalog, std::string_view name) const {
  const auto* row = catalog.findIdentityProvider(name);
  if (row == nullptr) {
    return refusal(kUnknownIdentityProvider,
                   "there is no identity provider '" + printable(name, 64) + "'");
  }
  {
    const std::shared_lock lock(mutex_);
    const auto found = compiled_.find(row->number);
    if (found != compiled_.end() && found->second->version == row->version) return found->second;
  }
  auto provider = compileIdentityProvider(*context_.registry, *context_.user_type, *row);
  if (!provider) return refusal(kBadSettings, std::move(provider.error()));
  if (provider->id_token) provider->keys = key_sources_.at(provider->id_token->keys);
  auto shared = std::make_shared<const IdentityProvider>(*std::move(provider));
  // Let go of behind the lock: the last to hold a source of keys waits until its reading has ended.
  std::vector<std::shared_ptr<const IdentityProvider>> gone;
  const std::unique_lock lock(mutex_);
  std::erase_if(compiled_, [&](const auto& entry) {
    const auto& rows = catalog.identityProviders();
    const bool is_gone = std::none_of(
        rows.begin(), rows.end(), [&](const auto& other) { return other.number == entry.first; });
    if (is_gone) gone.push_back(entry.second);
    return is_gone;
  });
  gone.push_back(std::exchange(compiled_[row->number], shared));
  return shared;
}

Result<IdentityProvider> IdentityProviders::checked(const json::Value& document,
                                                    const directory::Catalog& catalog) const {
  auto provider = compileIdentityProvider(*context_.registry, *context_.user_type, document);
  if (!provider) return propagate(provider);
  if (auto usable = checkDomains(*provider, catalog); !usable) {
    return propagate(usable);
  }
  if (auto usable = checkPurposes(provider->consent, catalog); !usable) return propagate(usable);
  if (auto usable = checkTheme(*provider); !usable) return propagate(usable);
  return provider;
}

Result<void> IdentityProviders::checkTheme(const IdentityProvider& provider) const {
  if (!prompts_.check_theme) return {};
  auto usable = prompts_.check_theme(provider.prompt.theme);
  if (usable) return {};
  return failure(ErrorKind::kInvalidValue,
                 "identity provider: /jit/prompt/theme: " + usable.error().detail);
}

Result<store::IdentityProviderRow> IdentityProviders::insert(const IdentityProvider& provider,
                                                             const directory::Author& author) {
  auto& database = *context_.database;
  const auto event =
      eventAbout(author, "identity-provider.created", provider.name, std::nullopt, std::nullopt);
  return database.write([&](store::Session& session) {
    return store::insertIdentityProvider(session, database.controlSchema(), provider.name,
                                         json::write(provider.document), namedBy(provider),
                                         changedBy(author, event));
  });
}

Result<store::IdentityProviderRow> IdentityProviders::replace(const store::IdentityProviderRow& row,
                                                              const IdentityProvider& provider,
                                                              const directory::Author& author) {
  std::string settings = json::write(provider.document);
  if (settings == row.settings) return row;
  auto& database = *context_.database;
  const auto event = eventAbout(author, "identity-provider.updated", row.name, row.version,
                                Version(row.version.value() + 1));
  return database.write([&](store::Session& session) {
    return store::updateIdentityProvider(session, database.controlSchema(), row.name, row.version,
                                         settings, namedBy(provider), changedBy(author, event));
  });
}

Result<std::vector<std::shared_ptr<const ConsentPurpose>>> IdentityProviders::purposesOf(
    const directory::Catalog& catalog, const IdentityProvider& provider) const {
  std::vector<std::shared_ptr<const ConsentPurpose>> purposes;
  if (provider.prompt.scheme == Scheme::kSilently) return purposes;
  for (const std::string& name : provider.consent.purposes) {
    auto purpose = purposes_.find(catalog, name);
    if (!purpose) return propagate(purpose);
    purposes.push_back(*std::move(purpose));
  }
  return purposes;
}

}  // namespace vestibule::jit
