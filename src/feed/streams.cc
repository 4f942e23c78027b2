#include "feed/streams.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "base/log.h"
#include "directory/event_stream.h"
#include "feed/security_event.h"
#include "jose/remote_url.h"
#include "json/merge_patch.h"
#include "json/parse.h"
#include "json/write.h"
#include "store/audit_store.h"
#include "store/rows_removed.h"

namespace vestibule::feed {
namespace {

using directory::Author;
using directory::Context;
using directory::Preconditions;

constexpr int kAttempts = 5;

tl::unexpected<Error> noSuchStream(std::string_view name) {
  return failure(ErrorKind::kNotFound, "there is no event stream '" + printable(name, 64) + "'");
}

tl::unexpected<Error> noSuchEvent() {
  return failure(ErrorKind::kNotFound, "there is no dead event of this id");
}

const store::EventStreamRow* findRow(const directory::Catalog& catalog, std::string_view name) {
  for (const auto& row : catalog.eventStreamRows()) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

/// The settings alone.
json::Object settingsOf(const store::EventStreamRow& row) {
  auto stored = json::parse(row.text.settings);
  if (stored && stored->isObject()) return std::move(*stored->object());
  return {{"name", row.name}};
}

StreamView viewOf(const store::EventStreamRow& row) {
  auto document = settingsOf(row);
  document.set("hasAuthorization", row.text.authorization.has_value());
  document.set("hasSecret", row.text.signing_secret.has_value());
  return {std::move(document), row.version, row.created, row.modified};
}

Result<std::optional<std::vector<DomainNumber>>> domainsOf(const directory::Catalog& catalog,
                                                           const directory::EventStream& stream) {
  if (stream.all_domains) return std::optional<std::vector<DomainNumber>>();
  std::vector<DomainNumber> numbers;
  for (const auto& name : stream.domain_names) {
    const auto* domain = catalog.findDomain(name);
    if (domain == nullptr) {
      return failure(
          ErrorKind::kInvalidValue,
          "event stream: /domains: there is no user store domain '" + printable(name, 64) + "'");
    }
    numbers.push_back(domain->tables().number);
  }
  return std::optional(std::move(numbers));
}

/// The domains that the stream selects, ascending.
std::vector<DomainNumber> selected(const directory::Catalog& catalog,
                                   const store::EventStreamText& text) {
  std::vector<DomainNumber> numbers;
  if (text.domains) {
    numbers = *text.domains;
  } else {
    for (const auto& domain : catalog.domains()) numbers.push_back(domain->tables().number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

/// Which domains' resources come into the feed of the stream and leave it, as far as it wants to
/// know. A new one had none.
store::FeedChange feedChange(const directory::Catalog& catalog,
                             const store::EventStreamRow* existing,
                             const directory::EventStream& stream,
                             const store::EventStreamText& text) {
  std::vector<DomainNumber> before;
  if (existing != nullptr) before = selected(catalog, existing->text);
  const auto after = selected(catalog, text);
  store::FeedChange change;
  if (store::has(stream.kinds, store::ChangeKind::kFeedAdd)) {
    std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                        std::back_inserter(change.added));
  }
  if (store::has(stream.kinds, store::ChangeKind::kFeedRemove)) {
    std::set_difference(before.begin(), before.end(), after.begin(), after.end(),
                        std::back_inserter(change.removed));
  }
  return change;
}

/// What a change says of the secrets: null removes, absent keeps.
std::optional<std::string> secretAfter(const json::Object& change, std::string_view key,
                                       const std::optional<std::string>& before,
                                       std::optional<std::string> given) {
  if (given) return given;
  const auto* value = change.find(key);
  return value != nullptr && value->isNull() ? std::nullopt : before;
}

/// The document without what may stand there as null, and is no setting.
json::Object withoutNullSecrets(json::Object document) {
  for (const std::string_view key : {"authorization", "secret"}) {
    const auto* value = document.find(key);
    if (value != nullptr && value->isNull()) document.erase(key);
  }
  return document;
}

/// Whether the stream's events went to another scheme, host or port before.
bool goesElsewhere(const json::Object& before, const directory::EventStream& after) {
  const auto* url = before.find("url");
  if (url == nullptr || !url->isString()) return false;
  const auto former = jose::readRemoteUrl(*url->string());
  const auto latter = jose::readRemoteUrl(after.url);
  return !former || !latter || former->origin != latter->origin;
}

/// Error for a secret that the change would leave in place while it is sent to another host: who
/// may change settings could read there what is never shown.
Result<void> requireOwnSecrets(const json::Object& change, const store::EventStreamText& text) {
  const std::pair<std::string_view, bool> kept[] = {{"authorization", !!text.authorization},
                                                    {"secret", !!text.signing_secret}};
  for (const auto& [key, is_there] : kept) {
    if (!is_there || change.find(key) != nullptr) continue;
    return failure(ErrorKind::kInvalidValue,
                   "event stream: /" + std::string(key) +
                       ": has to be given anew: the url has another scheme, host or port");
  }
  return {};
}

/// A document that can be stored, checked against what there is. `change` is what was sent.
Result<store::EventStreamText> textOf(const directory::Catalog& catalog,
                                      const store::EventStreamRow* existing,
                                      const directory::EventStream& stream,
                                      const json::Object& change) {
  auto domains = domainsOf(catalog, stream);
  if (!domains) return propagate(domains);
  auto secrets = directory::readStreamSecrets(withoutNullSecrets(change));
  if (!secrets) return propagate(secrets);
  if (existing != nullptr && !existing->secret_fault.empty() &&
      (change.find("authorization") == nullptr || change.find("secret") == nullptr)) {
    return failure(
        ErrorKind::kConflict,
        existing->secret_fault + "; a change has to say what becomes of authorization and secret");
  }
  const store::EventStreamText before =
      existing != nullptr ? existing->text : store::EventStreamText();
  store::EventStreamText text{
      json::write(stream.document), *std::move(domains),
      secretAfter(change, "authorization", before.authorization, std::move(secrets->authorization)),
      secretAfter(change, "secret", before.signing_secret, std::move(secrets->signing_secret))};
  if (existing != nullptr && *settingsOf(*existing).find("kind") != *stream.document.find("kind")) {
    return failure(ErrorKind::kMutability, "the kind of an event stream cannot change", "kind");
  }
  if (existing != nullptr && goesElsewhere(settingsOf(*existing), stream)) {
    if (auto own = requireOwnSecrets(change, text); !own) return propagate(own);
  }
  if (stream.kind == directory::StreamKind::kWebhook && !text.signing_secret) {
    return failure(ErrorKind::kInvalidValue,
                   "event stream: /secret: is missing: what requests are signed with");
  }
  return text;
}

bool isSame(const store::EventStreamRow& row, const store::EventStreamText& text) {
  return row.text == text && row.secret_fault.empty();
}

/// Stores the text as a new stream or over the row.
Result<void> store(const Context& context, const store::EventStreamRow* existing,
                   const std::string& name, const store::EventStreamText& text,
                   const store::FeedChange& feed, const Author& author) {
  auto& database = *context.database;
  const auto event = directory::eventOf(
      author, existing != nullptr ? "event-stream.updated" : "event-stream.created", name, now());
  return database.write([&](store::Session& session) {
    if (existing == nullptr) {
      return store::insertEventStream(session, database.controlSchema(), name, text, feed, event);
    }
    return store::updateEventStream(session, database.controlSchema(), existing->number,
                                    existing->version, text, feed, event);
  });
}

/// Another process was faster.
bool isRaced(const Error& error) {
  return error.kind == ErrorKind::kVersionMismatch || error.kind == ErrorKind::kUniqueness;
}

Result<store::EventStreamNumber> numberOf(const Context& context, std::string_view name) {
  const auto catalog = context.catalog->current();
  const auto* row = findRow(*catalog, name);
  if (row == nullptr) return noSuchStream(name);
  return row->number;
}

void setTime(json::Object& object, std::string_view key, const std::optional<Timestamp>& time) {
  if (time) object.set(key, formatTimestamp(*time));
}

Result<void> audit(const Context& context, const store::AuditEvent& event) {
  auto& database = *context.database;
  return database.write([&](store::Session& session) {
    return store::insertAuditEvent(session, database.controlSchema(), event);
  });
}

}  // namespace

std::vector<StreamView> listStreams(const Context& context) {
  std::vector<StreamView> views;
  const auto catalog = context.catalog->current();
  for (const auto& row : catalog->eventStreamRows()) views.push_back(viewOf(row));
  return views;
}

Result<StreamView> findStream(const Context& context, std::string_view name) {
  const auto catalog = context.catalog->current();
  const auto* row = findRow(*catalog, name);
  if (row == nullptr) return noSuchStream(name);
  return viewOf(*row);
}

Result<AppliedStream> applyStream(const Context& context, const json::Value& document,
                                  const Preconditions& conditions, const Author& author) {
  const auto stream = directory::compileEventStream(
      document.isObject() ? json::Value(withoutNullSecrets(*document.object())) : document);
  if (!stream) return tl::make_unexpected(stream.error());
  for (int attempt = 1;; ++attempt) {
    // The domains and rows of now, not of half a second ago: another process may have made them.
    if (auto refreshed = context.catalog->refresh(); !refreshed) return propagate(refreshed);
    const auto catalog = context.catalog->current();
    const auto* existing = findRow(*catalog, stream->name);
    if (existing != nullptr) {
      if (auto met = conditions.checkWrite(existing->version); !met) return propagate(met);
    } else if (conditions.has_if_match) {
      return failure(ErrorKind::kVersionMismatch, "there is no event stream of this name");
    }
    const auto text = textOf(*catalog, existing, *stream, *document.object());
    if (!text) return tl::make_unexpected(text.error());
    if (existing != nullptr && isSame(*existing, *text)) {
      return AppliedStream{viewOf(*existing), false};
    }
    auto stored = store(context, existing, stream->name, *text,
                        feedChange(*catalog, existing, *stream, *text), author);
    if (stored) {
      if (auto refreshed = context.catalog->refresh(); !refreshed) return propagate(refreshed);
      auto view = findStream(context, stream->name);
      if (!view) return propagate(view);
      return AppliedStream{*std::move(view), existing == nullptr};
    }
    if (!isRaced(stored.error()) || attempt == kAttempts) return propagate(stored);
  }
}

Result<StreamView> patchStream(const Context& context, std::string_view name,
                               const json::Value& patch, const Preconditions& conditions,
                               const Author& author) {
  if (!patch.isObject()) {
    return failure(ErrorKind::kInvalidSyntax, "a change of an event stream is a JSON object");
  }
  for (int attempt = 1;; ++attempt) {
    if (auto refreshed = context.catalog->refresh(); !refreshed) return propagate(refreshed);
    const auto catalog = context.catalog->current();
    const auto* existing = findRow(*catalog, name);
    if (existing == nullptr) return noSuchStream(name);
    if (auto met = conditions.checkWrite(existing->version); !met) return propagate(met);
    json::Value document = settingsOf(*existing);
    json::mergePatch(document, patch);
    const auto stream = directory::compileEventStream(document);
    if (!stream) return tl::make_unexpected(stream.error());
    if (stream->name != existing->name) {
      return failure(ErrorKind::kMutability, "the name of an event stream cannot change", "name");
    }
    const auto text = textOf(*catalog, existing, *stream, *patch.object());
    if (!text) return tl::make_unexpected(text.error());
    if (isSame(*existing, *text)) return viewOf(*existing);
    auto stored = store(context, existing, existing->name, *text,
                        feedChange(*catalog, existing, *stream, *text), author);
    if (stored) {
      if (auto refreshed = context.catalog->refresh(); !refreshed) return propagate(refreshed);
      return findStream(context, name);
    }
    if (!isRaced(stored.error()) || attempt == kAttempts) return propagate(stored);
  }
}

Result<void> removeStream(const Context& context, std::string_view name,
                          const Preconditions& conditions, const Author& author) {
  auto& database = *context.database;
  const std::string control = database.controlSchema();
  for (int attempt = 1;; ++attempt) {
    if (auto refreshed = context.catalog->refresh(); !refreshed) return propagate(refreshed);
    const auto catalog = context.catalog->current();
    const auto* existing = findRow(*catalog, name);
    if (existing == nullptr) return noSuchStream(name);
    if (auto met = conditions.checkWrite(existing->version); !met) return met;
    const auto event = directory::eventOf(author, "event-stream.deleted", name, now());
    auto deleted = database.write([&](store::Session& session) {
      return store::deleteEventStream(session, control, existing->number, existing->version, event);
    });
    if (!deleted) {
      if (!isRaced(deleted.error()) || attempt == kAttempts) return deleted;
      continue;
    }
    // What another server still adds is removed when it is too old.
    for (std::uint64_t gone = store::kRowsRemovedAtOnce; gone == store::kRowsRemovedAtOnce;) {
      auto dropped = database.write([&](store::Session& session) {
        return store::dropStream(session, control, existing->number);
      });
      if (!dropped) return propagate(dropped);
      gone = *dropped;
    }
    return context.catalog->refresh();
  }
}

Result<json::Object> streamStatus(const Context& context, std::string_view name) {
  auto number = numberOf(context, name);
  if (!number) return propagate(number);
  auto& database = *context.database;
  auto all = database.read([&](store::Session& session) {
    return store::readProgress(session, database.controlSchema(), {*number});
  });
  if (!all) return propagate(all);
  const store::StreamProgress progress = (*all)[*number];
  json::Object status{{"name", name},
                      {"waiting", progress.waiting},
                      {"dead", progress.dead},
                      {"dropped", progress.dropped},
                      {"failures", unsigned{progress.failures}}};
  setTime(status, "lastSuccess", progress.last_success);
  setTime(status, "lastFailure", progress.last_failure);
  if (!progress.last_error.empty()) status.set("lastError", progress.last_error);
  if (progress.failures > 0) {
    setTime(status, "nextAttempt", now() + progress.next_in.count());
  }
  return status;
}

Result<DeadEvents> deadEvents(const Context& context, std::string_view name, std::uint64_t after,
                              std::uint64_t limit) {
  auto number = numberOf(context, name);
  if (!number) return propagate(number);
  auto& database = *context.database;
  auto dead = database.read([&](store::Session& session) {
    return store::deadDeliveries(session, database.controlSchema(), *number, after, limit);
  });
  if (!dead) return propagate(dead);
  DeadEvents page;
  for (const auto& delivery : *dead) {
    page.events.push_back({{"id", idText(delivery.event_id)},
                           {"txn", idText(delivery.event.txn)},
                           {"occurred", formatTimestamp(delivery.event.occurred)},
                           {"resource", delivery.event.resource.text()},
                           {"attempts", unsigned{delivery.attempts}},
                           {"code", delivery.code},
                           {"reason", delivery.detail},
                           {"correlationId", delivery.event.correlation_id}});
  }
  if (dead->size() == limit) page.next = dead->back().seq;
  return page;
}

Result<std::uint64_t> redeliver(const Context& context, std::string_view name,
                                const std::optional<std::string>& event_id, const Author& author) {
  auto number = numberOf(context, name);
  if (!number) return propagate(number);
  std::optional<std::string> id;
  if (event_id) {
    id = idBytes(*event_id);
    if (!id) return noSuchEvent();
  }
  auto& database = *context.database;
  std::uint64_t all = 0;
  for (;;) {
    auto some = database.write([&](store::Session& session) {
      return store::redeliver(session, database.controlSchema(), *number, id);
    });
    if (!some) return propagate(some);
    all += *some;
    if (id || *some < store::kRowsRemovedAtOnce) break;
  }
  if (id && all == 0) return noSuchEvent();
  if (all == 0) return all;
  auto noted = audit(context, directory::eventOf(author, "event-stream.redelivered", name, now()));
  if (!noted) return propagate(noted);
  return all;
}

Result<void> dropEvent(const Context& context, std::string_view name, const std::string& event_id,
                       const Author& author) {
  auto number = numberOf(context, name);
  if (!number) return propagate(number);
  const auto id = idBytes(event_id);
  if (!id) return noSuchEvent();
  auto& database = *context.database;
  auto dropped = database.write([&](store::Session& session) {
    return store::dropDelivery(session, database.controlSchema(), *number, *id);
  });
  if (!dropped) return propagate(dropped);
  if (!*dropped) return noSuchEvent();
  return audit(context, directory::eventOf(author, "event-stream.event-dropped", name, now()));
}

}  // namespace vestibule::feed
