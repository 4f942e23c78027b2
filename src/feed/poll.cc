#include "feed/poll.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/log.h"
#include "feed/security_event.h"

namespace vestibule::feed {
namespace {

/// The column has 64 characters, and what is cut ends in one more.
constexpr std::size_t kCodeBytes = 60;
constexpr std::size_t kDetailBytes = 500;

tl::unexpected<Error> wrong(std::string_view member, std::string_view reason) {
  return failure(ErrorKind::kInvalidValue, std::string(member).append(" ").append(reason),
                 std::string(member));
}

Result<void> readAcknowledged(const json::Object& body, PollRequest& request) {
  const auto* ack = body.find("ack");
  if (ack == nullptr) return {};
  if (ack->array() == nullptr) return wrong("ack", "is a list of ids");
  if (ack->array()->size() > kMostSettledAtOnce) return wrong("ack", "has more than 1000 ids");
  for (const json::Value& id : *ack->array()) {
    if (!id.isString()) return wrong("ack", "is a list of ids");
    if (auto bytes = idBytes(*id.string())) request.acknowledged.push_back(*std::move(bytes));
  }
  return {};
}

Result<void> readComplaints(const json::Object& body, PollRequest& request) {
  const auto* errors = body.find("setErrs");
  if (errors == nullptr) return {};
  if (errors->object() == nullptr)
    return wrong("setErrs", "is an object with a member for each id");
  if (errors->object()->size() > kMostSettledAtOnce) {
    return wrong("setErrs", "has more than 1000 ids");
  }
  for (const auto& [id, error] : *errors->object()) {
    const auto code = error.stringAt("err");
    if (!code) return wrong("setErrs", "has a member without `err`");
    auto bytes = idBytes(id);
    if (!bytes) continue;
    store::DeliveryFailure said{printable(*code, kCodeBytes), {}, true};
    said.detail = "the receiver refuses it: " + said.code;
    if (const auto text = error.stringAt("description")) {
      said.detail += ": " + printable(*text, kDetailBytes);
    }
    request.complaints.push_back({*std::move(bytes), std::move(said)});
  }
  return {};
}

}  // namespace

Result<PollRequest> readPollRequest(const json::Value& body) {
  if (!body.isObject()) {
    return failure(ErrorKind::kInvalidSyntax, "the body is a JSON object (RFC 8936)");
  }
  const json::Object& object = *body.object();
  PollRequest request;
  if (const auto* most = object.find("maxEvents")) {
    const auto number = most->number() == nullptr ? std::nullopt : most->number()->asInt64();
    if (!number || *number < 0) return wrong("maxEvents", "is a whole number from 0");
    request.max_events = std::min(static_cast<std::uint64_t>(*number), kMostEventsAtOnce);
  }
  if (const auto* at_once = object.find("returnImmediately")) {
    if (at_once->boolean() == nullptr) return wrong("returnImmediately", "is true or false");
    request.return_immediately = *at_once->boolean();
  }
  if (auto read = readAcknowledged(object, request); !read) return propagate(read);
  if (auto read = readComplaints(object, request); !read) return propagate(read);
  return request;
}

Result<std::shared_ptr<const directory::EventStream>> pollableStream(
    const directory::Context& context, const directory::Principal& principal,
    std::string_view name) {
  auto stream = context.catalog->current()->findEventStream(name);
  const auto names_it = [&] {
    const auto& pollers = stream->pollers;
    return std::find(pollers.begin(), pollers.end(), principal.name) != pollers.end();
  };
  const auto sees_all = [&] {
    if (principal.all_domains) return true;
    return !stream->all_domains &&
           std::all_of(stream->domains.begin(), stream->domains.end(),
                       [&](DomainNumber domain) { return principal.sees(domain); });
  };
  if (stream == nullptr || stream->kind != directory::StreamKind::kPoll || !names_it() ||
      !sees_all()) {
    return failure(ErrorKind::kNotFound,
                   "there is no event stream '" + printable(name, 64) + "' for this token");
  }
  return stream;
}

Result<void> settle(const directory::Context& context, const EventMetrics& metrics,
                    const directory::EventStream& stream, const PollRequest& request) {
  auto& database = *context.database;
  auto settled = database.write([&](store::Session& session) {
    return store::settleDeliveries(session, database.controlSchema(), stream.number,
                                   request.acknowledged, request.complaints, now());
  });
  if (!settled) return propagate(settled);
  const auto kind = static_cast<std::size_t>(stream.kind);
  metrics.attempted(kind, DeliveryResult::kDelivered, settled->acknowledged);
  metrics.attempted(kind, DeliveryResult::kRefused, settled->refused);
  if (settled->refused > 0) {
    const auto& last = request.complaints.back().failure;
    logEvent(events::kEventDead,
             {{"event_stream", stream.name}, {"code", last.code}, {"reason", last.detail}});
  }
  return {};
}

Result<json::Object> waitingEvents(const directory::Context& context, EventSource& source,
                                   const directory::EventStream& stream, std::uint64_t max_events) {
  json::Object sets;
  bool more = false;
  if (!stream.paused) {
    auto& database = *context.database;
    auto waiting = database.read([&](store::Session& session) {
      return store::nextDeliveries(session, database.controlSchema(), stream.number,
                                   max_events + 1);
    });
    if (!waiting) return propagate(waiting);
    more = waiting->size() > max_events;
    if (more) waiting->pop_back();
    for (const auto& delivery : *waiting) {
      auto token = source.token(stream, delivery);
      if (!token) return propagate(token);
      sets.set(idText(delivery.event_id), *std::move(token));
    }
  }
  json::Object answer{{"sets", std::move(sets)}};
  if (more) answer.set("moreAvailable", true);
  return answer;
}

}  // namespace vestibule::feed
