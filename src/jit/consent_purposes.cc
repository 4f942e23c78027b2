#include "jit/consent_purposes.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "base/log.h"
#include "jit/changed_by.h"
#include "jit/codes.h"
#include "json/merge_patch.h"
#include "json/parse.h"

namespace vestibule::jit {
namespace {

/// How often a change without a wanted version is tried again when others change the same row.
constexpr int kAttempts = 5;

ConsentPurposeView viewOf(const store::ConsentPurposeRow& row) {
  ConsentPurposeView view{{}, Version(row.version), row.created, row.modified};
  auto settings = json::parse(row.text.settings);
  if (settings && settings->isObject()) {
    view.document = std::move(*settings->object());
  } else {
    view.document = json::Object{{"name", row.name}};
  }
  return view;
}

tl::unexpected<Error> noSuchPurpose(std::string_view name) {
  return failure(ErrorKind::kNotFound, "there is no consent purpose '" + printable(name, 64) + "'");
}

/// True when a change met another one, so that it may be tried again on what is there now.
bool isRaced(const Error& error) {
  return error.kind == ErrorKind::kVersionMismatch || error.kind == ErrorKind::kUniqueness ||
         error.kind == ErrorKind::kNotFound;
}

}  // namespace

json::Object describe(const store::ConsentPurposeVersion& version) {
  json::Array asks_again;
  const auto terms = json::parse(version.text.terms);
  if (terms && terms->isObject()) {
    for (const json::Member& term : *terms->object()) {
      if (term.value == json::Value(std::uint64_t{version.version})) {
        asks_again.emplace_back(term.key);
      }
    }
  }
  auto settings = json::parse(version.text.settings);
  return {{"version", std::uint64_t{version.version}},
          {"changed", formatTimestamp(version.changed)},
          {"by", version.changed_by},
          {"asksAgain", std::move(asks_again)},
          {"settings", settings ? *std::move(settings) : json::Value()}};
}

std::vector<ConsentPurposeView> ConsentPurposes::list() const {
  const auto catalog = context_.catalog->current();
  std::vector<const store::ConsentPurposeRow*> rows;
  for (const auto& row : catalog->consentPurposes()) rows.push_back(&row);
  std::sort(rows.begin(), rows.end(),
            [](const auto* a, const auto* b) { return a->name < b->name; });
  std::vector<ConsentPurposeView> views;
  views.reserve(rows.size());
  for (const auto* row : rows) views.push_back(viewOf(*row));
  return views;
}

Result<ConsentPurposeView> ConsentPurposes::get(std::string_view name) const {
  const auto catalog = context_.catalog->current();
  const auto* row = catalog->findConsentPurpose(name);
  if (row == nullptr) return noSuchPurpose(name);
  return viewOf(*row);
}

Result<std::vector<store::ConsentPurposeVersion>> ConsentPurposes::versions(
    std::string_view name) const {
  const auto catalog = context_.catalog->current();
  const auto* row = catalog->findConsentPurpose(name);
  if (row == nullptr) return noSuchPurpose(name);
  auto& database = *context_.database;
  return database.read([&](store::Session& session) {
    return store::consentPurposeVersions(session, database.controlSchema(), row->number);
  });
}

Result<ConsentPurposeView> ConsentPurposes::create(const json::Value& document,
                                                   const directory::Author& author) {
  auto purpose = compileConsentPurpose(*context_.registry, *context_.user_type, document);
  if (!purpose) return propagate(purpose);
  for (int attempt = 1;; ++attempt) {
    auto row = insert(*purpose, author);
    if (row) {
      if (auto refreshed = context_.catalog->refresh(); !refreshed) return propagate(refreshed);
      return viewOf(*row);
    }
    // Another one of the name has come and gone.
    const bool raced = row.error().kind == ErrorKind::kVersionMismatch;
    if (!raced || attempt == kAttempts) return propagate(row);
  }
}

Result<AppliedConsentPurpose> ConsentPurposes::apply(const json::Value& document,
                                                     const PurposeChange& change) {
  auto purpose = compileConsentPurpose(*context_.registry, *context_.user_type, document);
  if (!purpose) return propagate(purpose);
  for (int attempt = 1;; ++attempt) {
    // The row of now, not of half a second ago: another process may have made it.
    if (auto refreshed = context_.catalog->refresh(); !refreshed) return propagate(refreshed);
    const auto catalog = context_.catalog->current();
    const auto* existing = catalog->findConsentPurpose(purpose->name);
    if (existing != nullptr) {
      auto met = change.conditions.checkWrite(Version(existing->version));
      if (!met) return propagate(met);
    } else if (change.conditions.has_if_match) {
      return failure(ErrorKind::kVersionMismatch, "there is no consent purpose of this name");
    }
    auto row = existing != nullptr ? replace(*existing, *purpose, change)
                                   : insert(*purpose, change.author);
    if (row) {
      if (auto refreshed = context_.catalog->refresh(); !refreshed) return propagate(refreshed);
      return AppliedConsentPurpose{viewOf(*row), existing == nullptr};
    }
    if (!isRaced(row.error()) || attempt == kAttempts) return propagate(row);
  }
}

Result<ConsentPurposeView> ConsentPurposes::patch(std::string_view name, const json::Value& patch,
                                                  const PurposeChange& change) {
  if (!patch.isObject()) {
    return failure(ErrorKind::kInvalidSyntax, "a change of a consent purpose is a JSON object");
  }
  for (int attempt = 1;; ++attempt) {
    if (auto refreshed = context_.catalog->refresh(); !refreshed) return propagate(refreshed);
    const auto catalog = context_.catalog->current();
    const auto* existing = catalog->findConsentPurpose(name);
    if (existing == nullptr) return noSuchPurpose(name);
    auto met = change.conditions.checkWrite(Version(existing->version));
    if (!met) return propagate(met);
    json::Value document = viewOf(*existing).document;
    json::mergePatch(document, patch);
    auto purpose = compileConsentPurpose(*context_.registry, *context_.user_type, document);
    if (!purpose) return propagate(purpose);
    if (purpose->name != existing->name) {
      return failure(ErrorKind::kMutability, "the name of a consent purpose cannot change", "name");
    }
    auto row = replace(*existing, *std::move(purpose), change);
    if (row) {
      if (auto refreshed = context_.catalog->refresh(); !refreshed) return propagate(refreshed);
      return viewOf(*row);
    }
    if (!isRaced(row.error()) || attempt == kAttempts) return propagate(row);
  }
}

Result<void> ConsentPurposes::remove(std::string_view name,
                                     const directory::Preconditions& conditions,
                                     const directory::Author& author) {
  for (int attempt = 1;; ++attempt) {
    if (auto refreshed = context_.catalog->refresh(); !refreshed) return propagate(refreshed);
    const auto catalog = context_.catalog->current();
    const auto* existing = catalog->findConsentPurpose(name);
    if (existing == nullptr) return noSuchPurpose(name);
    if (auto met = conditions.checkWrite(Version(existing->version)); !met) return met;
    std::optional<std::uint32_t> expected;
    if (conditions.has_if_match || conditions.has_if_none_match) expected = existing->version;
    auto& database = *context_.database;
    auto event = directory::eventOf(author, "consent-purpose.deleted", existing->name, now());
    event.version_before = Version(existing->version);
    auto deleted = database.write([&](store::Session& session) {
      return store::deleteConsentPurpose(session, database.controlSchema(), existing->name,
                                         expected, &event);
    });
    if (deleted) return context_.catalog->refresh();
    if (!isRaced(deleted.error()) || attempt == kAttempts) return deleted;
  }
}

Result<std::shared_ptr<const ConsentPurpose>> ConsentPurposes::find(
    const directory::Catalog& catalog, std::string_view name) const {
  const auto* row = catalog.findConsentPurpose(name);
  if (row == nullptr) {
    return refusal(kBadSettings, "there is no consent purpose '" + printable(name, 64) + "'");
  }
  {
    const std::shared_lock lock(mutex_);
    const auto found = compiled_.find(row->number);
    if (found != compiled_.end() && found->second->version == row->version) return found->second;
  }
  auto purpose = compileConsentPurpose(*context_.registry, *context_.user_type, *row);
  if (!purpose) return refusal(kBadSettings, std::move(purpose.error()));
  auto shared = std::make_shared<const ConsentPurpose>(*std::move(purpose));
  const std::unique_lock lock(mutex_);
  std::erase_if(compiled_, [&](const auto& entry) {
    const auto& rows = catalog.consentPurposes();
    return std::none_of(rows.begin(), rows.end(),
                        [&](const auto& other) { return other.number == entry.first; });
  });
  compiled_[row->number] = shared;
  return shared;
}

Result<store::ConsentPurposeRow> ConsentPurposes::insert(ConsentPurpose purpose,
                                                         const directory::Author& author) {
  auto& database = *context_.database;
  auto version = database.read([&](store::Session& session) {
    return store::nextPurposeVersion(session, database.controlSchema(), purpose.name);
  });
  if (!version) return propagate(version);
  settleTerms(purpose, *version, nullptr, false);
  const auto text = textOf(purpose);
  auto event = directory::eventOf(author, "consent-purpose.created", purpose.name, now());
  event.version_after = Version(*version);
  return database.write([&](store::Session& session) {
    return store::insertConsentPurpose(session, database.controlSchema(), purpose.name, *version,
                                       text, changedBy(author, event));
  });
}

Result<store::ConsentPurposeRow> ConsentPurposes::replace(const store::ConsentPurposeRow& row,
                                                          ConsentPurpose purpose,
                                                          const PurposeChange& change) {
  const auto before = compileConsentPurpose(*context_.registry, *context_.user_type, row);
  if (before && before->document == purpose.document) return row;
  settleTerms(purpose, row.version + 1, before ? &*before : nullptr, change.editorial);
  const auto text = textOf(purpose);
  auto event = directory::eventOf(change.author, "consent-purpose.updated", row.name, now());
  event.version_before = Version(row.version);
  event.version_after = Version(row.version + 1);
  auto& database = *context_.database;
  return database.write([&](store::Session& session) {
    return store::updateConsentPurpose(session, database.controlSchema(), row.name, row.version,
                                       text, changedBy(change.author, event));
  });
}

}  // namespace vestibule::jit
