#include "store/event_stream_store.h"

#include "store/audit_rows.h"
#include "store/control_change.h"
#include "store/event_statements.h"
#include "store/feed_walk_rows.h"
#include "store/number_list.h"
#include "store/sealed_columns.h"
#include "store/session.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

Parameter textOrNull(const std::optional<std::string>& text) {
  return text ? Parameter(std::string_view(*text)) : Parameter(nullptr);
}

Parameter blobOrNull(const std::optional<std::string>& bytes) {
  return bytes ? Parameter(Blob{*bytes}) : Parameter(nullptr);
}

/// The secrets of a stream as they are stored.
struct SealedSecrets {
  SealedSecrets(const SecretKeys& keys, const EventStreamText& text) {
    if (text.authorization) authorization = keys.seal(*text.authorization, kStreamAuthorization);
    if (text.signing_secret) signing_secret = keys.seal(*text.signing_secret, kStreamSecret);
  }
  std::optional<std::string> authorization;
  std::optional<std::string> signing_secret;
};

std::optional<std::string> numbersOf(const EventStreamText& text) {
  if (!text.domains) return std::nullopt;
  return numbersText(*text.domains);
}

Error nameFailure(const Session& session, Error error) {
  if (session.failure() != Failure::kDuplicate) return error;
  return {ErrorKind::kUniqueness, "an event stream of this name exists already", {}, "name", {}};
}

/// Where the results of the statement behind beginChange stand.
constexpr std::size_t kPlaceOfChange = 2;

Result<void> requireMet(const Result<std::vector<StatementResult>>& results) {
  if (!results) return tl::make_unexpected(results.error());
  if (results->at(kPlaceOfChange).affected > 0) return {};
  return failure(ErrorKind::kVersionMismatch, "the event stream has been changed since");
}

}  // namespace

Result<void> insertEventStream(Session& session, const std::string& control_schema,
                               const std::string& name, const EventStreamText& text,
                               const FeedChange& feed, const AuditEvent& event) {
  const auto numbers = numbersOf(text);
  const SealedSecrets secrets(session.secretKeys(), text);
  const FeedWalkRow walk(feed, 0, event);
  const AuditRow audit(event);
  StatementBatch batch;
  beginChange(batch, control_schema);
  batch.add(inControl("INSERT INTO {control}.event_streams (name, settings, domain_numbers, "
                      "authorization_value, signing_secret, version, created, modified) VALUES "
                      "(?, ?, ?, ?, ?, 1, ?, ?)",
                      control_schema),
            {std::string_view(name), std::string_view(text.settings), textOrNull(numbers),
             blobOrNull(secrets.authorization), blobOrNull(secrets.signing_secret),
             std::int64_t{event.occurred}, std::int64_t{event.occurred}});
  batch.add(
      inControl("INSERT INTO {control}.event_stream_progress (stream_number, due, failures, "
                "dropped) VALUES (LAST_INSERT_ID(), 0, 0, 0)",
                control_schema));
  walk.addOfNewTo(batch, control_schema);
  audit.addTo(batch, control_schema);
  auto stored = batch.commit().run(session);
  if (!stored) return tl::make_unexpected(nameFailure(session, std::move(stored.error())));
  return {};
}

Result<void> updateEventStream(Session& session, const std::string& control_schema,
                               EventStreamNumber number, Version expected,
                               const EventStreamText& text, const FeedChange& feed,
                               const AuditEvent& event) {
  const auto numbers = numbersOf(text);
  const SealedSecrets secrets(session.secretKeys(), text);
  const FeedWalkRow walk(feed, number, event);
  const AuditRow audit(event);
  StatementBatch batch;
  beginChange(batch, control_schema);
  batch.add(inControl("UPDATE {control}.event_streams SET settings = ?, domain_numbers = ?, "
                      "authorization_value = ?, signing_secret = ?, version = version + 1, "
                      "modified = ? WHERE number = ? AND version = ?",
                      control_schema),
            {std::string_view(text.settings), textOrNull(numbers),
             blobOrNull(secrets.authorization), blobOrNull(secrets.signing_secret),
             std::int64_t{event.occurred}, std::uint64_t{number}, expected.value()});
  audit.addIfChangedTo(batch, control_schema);
  walk.addIfChangedTo(batch, control_schema);
  // What it waits for may be mended. Whoever was faster than this has done the same.
  batch.add(eventText(sql::kDueNow, control_schema), {std::uint64_t{number}});
  return requireMet(batch.commit().run(session));
}

Result<void> deleteEventStream(Session& session, const std::string& control_schema,
                               EventStreamNumber number, Version expected,
                               const AuditEvent& event) {
  const AuditRow audit(event);
  StatementBatch batch;
  beginChange(batch, control_schema);
  batch.add(inControl("DELETE FROM {control}.event_streams WHERE number = ? AND version = ?",
                      control_schema),
            {std::uint64_t{number}, expected.value()});
  audit.addIfChangedTo(batch, control_schema);
  batch.add(inControl("DELETE FROM {control}.event_stream_progress WHERE stream_number = ? AND NOT "
                      "EXISTS (SELECT 1 FROM {control}.event_streams s WHERE s.number = ?)",
                      control_schema),
            {std::uint64_t{number}, std::uint64_t{number}});
  return requireMet(batch.commit().run(session));
}

}  // namespace vestibule::store
