#include "directory/token_issuers.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/log.h"
#include "directory/token_issuer.h"
#include "json/merge_patch.h"
#include "json/parse.h"
#include "json/write.h"

namespace vestibule::directory {
namespace {

constexpr int kAttempts = 5;

tl::unexpected<Error> noSuchIssuer(std::string_view name) {
  return failure(ErrorKind::kNotFound, "there is no token issuer '" + printable(name, 64) + "'");
}

const store::TokenIssuerRow* findRow(const Catalog& catalog, std::string_view name) {
  for (const auto& row : catalog.tokenIssuers()) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

/// The settings alone.
json::Object settingsOf(const store::TokenIssuerRow& row) {
  auto stored = json::parse(row.text.settings);
  if (stored && stored->isObject()) return std::move(*stored->object());
  return {{"name", row.name}};
}

TokenIssuerView viewOf(const store::TokenIssuerRow& row) {
  return {settingsOf(row), row.version, row.created, row.modified};
}

Result<std::optional<std::vector<DomainNumber>>> domainsOf(const Catalog& catalog,
                                                           const TokenIssuer& issuer) {
  if (issuer.all_domains) return std::optional<std::vector<DomainNumber>>();
  std::vector<DomainNumber> numbers;
  for (const auto& name : issuer.domain_names) {
    const auto* domain = catalog.findDomain(name);
    if (domain == nullptr) {
      return failure(
          ErrorKind::kInvalidValue,
          "token issuer: /domains: there is no user store domain '" + printable(name, 64) + "'");
    }
    numbers.push_back(domain->tables().number);
  }
  return std::optional(std::move(numbers));
}

/// A document that can be stored, checked against what there is.
Result<store::TokenIssuerText> textOf(const Catalog& catalog, const TokenIssuer& issuer) {
  auto domains = domainsOf(catalog, issuer);
  if (!domains) return propagate(domains);
  const auto& provider = issuer.identity_provider;
  if (!provider.empty() && catalog.findIdentityProvider(provider) == nullptr) {
    return failure(ErrorKind::kInvalidValue,
                   "token issuer: /identityProvider: there is no identity provider '" +
                       printable(provider, 64) + "'");
  }
  return store::TokenIssuerText{issuer.rules.claims.issuer, json::write(issuer.document),
                                *std::move(domains)};
}

/// Stores the text as a new issuer or over the row.
Result<void> store(const Context& context, const store::TokenIssuerRow* existing,
                   const std::string& name, const store::TokenIssuerText& text,
                   const Author& author) {
  auto& database = *context.database;
  const auto event = eventOf(
      author, existing != nullptr ? "token-issuer.updated" : "token-issuer.created", name, now());
  return database.write([&](store::Session& session) {
    if (existing == nullptr) {
      return store::insertTokenIssuer(session, database.controlSchema(), name, text, event);
    }
    return store::updateTokenIssuer(session, database.controlSchema(), existing->number,
                                    existing->version, text, event);
  });
}

bool isSame(const store::TokenIssuerRow& row, const store::TokenIssuerText& text) {
  return row.text.settings == text.settings && row.text.domains == text.domains;
}

/// Another process was faster.
bool isRaced(const Error& error) {
  return error.kind == ErrorKind::kVersionMismatch ||
         (error.kind == ErrorKind::kUniqueness && error.attribute == "name");
}

}  // namespace

std::vector<TokenIssuerView> listTokenIssuers(const Context& context) {
  std::vector<TokenIssuerView> views;
  const auto catalog = context.catalog->current();
  for (const auto& row : catalog->tokenIssuers()) views.push_back(viewOf(row));
  return views;
}

Result<TokenIssuerView> findTokenIssuer(const Context& context, std::string_view name) {
  const auto catalog = context.catalog->current();
  const auto* row = findRow(*catalog, name);
  if (row == nullptr) return noSuchIssuer(name);
  return viewOf(*row);
}

Result<AppliedTokenIssuer> applyTokenIssuer(const Context& context, const json::Value& document,
                                            const Preconditions& conditions, const Author& author) {
  const auto issuer = compileTokenIssuer(document);
  if (!issuer) return tl::make_unexpected(issuer.error());
  for (int attempt = 1;; ++attempt) {
    // The domains and rows of now, not of half a second ago: another process may have made them.
    if (auto refreshed = context.catalog->refresh(); !refreshed) return propagate(refreshed);
    const auto catalog = context.catalog->current();
    const auto* existing = findRow(*catalog, issuer->name);
    if (existing != nullptr) {
      if (auto met = conditions.checkWrite(existing->version); !met) return propagate(met);
    } else if (conditions.has_if_match) {
      return failure(ErrorKind::kVersionMismatch, "there is no token issuer of this name");
    }
    const auto text = textOf(*catalog, *issuer);
    if (!text) return tl::make_unexpected(text.error());
    if (existing != nullptr && isSame(*existing, *text)) {
      return AppliedTokenIssuer{viewOf(*existing), false};
    }
    auto stored = store(context, existing, issuer->name, *text, author);
    if (stored) {
      if (auto refreshed = context.catalog->refresh(); !refreshed) return propagate(refreshed);
      auto view = findTokenIssuer(context, issuer->name);
      if (!view) return propagate(view);
      return AppliedTokenIssuer{*std::move(view), existing == nullptr};
    }
    if (!isRaced(stored.error()) || attempt == kAttempts) return propagate(stored);
  }
}

Result<TokenIssuerView> patchTokenIssuer(const Context& context, std::string_view name,
                                         const json::Value& patch, const Preconditions& conditions,
                                         const Author& author) {
  if (!patch.isObject()) {
    return failure(ErrorKind::kInvalidSyntax, "a change of a token issuer is a JSON object");
  }
  for (int attempt = 1;; ++attempt) {
    if (auto refreshed = context.catalog->refresh(); !refreshed) return propagate(refreshed);
    const auto catalog = context.catalog->current();
    const auto* existing = findRow(*catalog, name);
    if (existing == nullptr) return noSuchIssuer(name);
    if (auto met = conditions.checkWrite(existing->version); !met) return propagate(met);
    json::Value document = settingsOf(*existing);
    json::mergePatch(document, patch);
    const auto issuer = compileTokenIssuer(document);
    if (!issuer) return tl::make_unexpected(issuer.error());
    if (issuer->name != existing->name) {
      return failure(ErrorKind::kMutability, "the name of a token issuer cannot change", "name");
    }
    const auto text = textOf(*catalog, *issuer);
    if (!text) return tl::make_unexpected(text.error());
    if (isSame(*existing, *text)) return viewOf(*existing);
    auto stored = store(context, existing, existing->name, *text, author);
    if (stored) {
      if (auto refreshed = context.catalog->refresh(); !refreshed) return propagate(refreshed);
      return findTokenIssuer(context, name);
    }
    if (!isRaced(stored.error()) || attempt == kAttempts) return propagate(stored);
  }
}

Result<void> removeTokenIssuer(const Context& context, std::string_view name,
                               const Preconditions& conditions, const Author& author) {
  for (int attempt = 1;; ++attempt) {
    if (auto refreshed = context.catalog->refresh(); !refreshed) return propagate(refreshed);
    const auto catalog = context.catalog->current();
    const auto* existing = findRow(*catalog, name);
    if (existing == nullptr) return noSuchIssuer(name);
    if (auto met = conditions.checkWrite(existing->version); !met) return met;
    auto& database = *context.database;
    const auto event = eventOf(author, "token-issuer.deleted", name, now());
    auto deleted = database.write([&](store::Session& session) {
      return store::deleteTokenIssuer(session, database.controlSchema(), existing->number,
                                      existing->version, event);
    });
    if (deleted) return context.catalog->refresh();
    if (!isRaced(deleted.error()) || attempt == kAttempts) return deleted;
  }
}

}  // namespace vestibule::directory
