#include "feed/sender.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/log.h"
#include "feed/security_event.h"
#include "json/parse.h"
#include "json/write.h"

namespace vestibule::feed {
namespace {

using Outcome = Attempt::Outcome;

/// The column has 64 characters, and what is cut ends in one more.
constexpr std::size_t kCodeBytes = 60;
constexpr std::size_t kDetailBytes = 500;
/// Of an answer's body, of which a refusal's `err` alone is of interest.
constexpr std::size_t kAnswerBytes = std::size_t{16} * 1024;
constexpr std::int64_t kMicroseconds = 1'000'000;

bool isSuccess(int status) { return status >= 200 && status < 300; }

/// What the receiver asks for, up to an hour.
std::chrono::seconds restOf(const jose::HttpAnswer& answer) {
  return std::min<std::chrono::seconds>(jose::retryAfter(answer).value_or(std::chrono::seconds(0)),
                                        std::chrono::hours(1));
}

Attempt answered(Outcome outcome, const jose::HttpAnswer& answer) {
  const std::string status = std::to_string(answer.status);
  return {outcome,
          {"http_" + status, "the receiver answers with the status " + status, true},
          restOf(answer)};
}

jose::HttpRules rulesOf(const directory::EventStream& stream) {
  jose::HttpRules rules;
  rules.ca_file = stream.ca_file;
  // Whether it may be http was settled when the stream was stored.
  rules.allow_http = true;
  rules.total_limit = std::chrono::seconds(10);
  rules.most_bytes = kAnswerBytes;
  // Else an event that is always answered at length would stay, and all behind it.
  rules.status_counts = true;
  return rules;
}

}  // namespace

Attempt readPushAnswer(const jose::HttpAnswer& answer) {
  if (isSuccess(answer.status)) return {Outcome::kAccepted, {}, std::chrono::seconds(0)};
  Attempt attempt = answered(Outcome::kFailed, answer);
  if (answer.status != 400) return attempt;
  attempt.outcome = Outcome::kRefused;
  const auto document = json::parse(answer.body);
  const auto err = document ? document->stringAt("err") : std::nullopt;
  if (!err) return attempt;
  attempt.failure.code = printable(*err, kCodeBytes);
  attempt.failure.detail = "the receiver refuses it: " + attempt.failure.code;
  if (const auto text = document->stringAt("description")) {
    attempt.failure.detail += ": " + printable(*text, kDetailBytes);
  }
  // About us and not about the event: they mend that, or an operator does. A key is unknown to who
  // keeps the former set.
  constexpr std::array<std::string_view, 5> kAboutUs{"authentication_failed", "access_denied",
                                                     "invalid_key", "invalid_issuer",
                                                     "invalid_audience"};
  if (std::find(kAboutUs.begin(), kAboutUs.end(), *err) != kAboutUs.end()) {
    attempt.outcome = Outcome::kFailed;
  }
  return attempt;
}

Attempt readWebhookAnswer(const jose::HttpAnswer& answer) {
  if (isSuccess(answer.status)) return {Outcome::kAccepted, {}, std::chrono::seconds(0)};
  constexpr std::array kAboutTheEvent{400, 410, 413, 415, 422};
  const bool refused = std::find(kAboutTheEvent.begin(), kAboutTheEvent.end(), answer.status) !=
                       kAboutTheEvent.end();
  return answered(refused ? Outcome::kRefused : Outcome::kFailed, answer);
}

std::string webhookSignature(std::string_view secret, std::string_view id, std::int64_t seconds,
                             std::string_view body) {
  constexpr std::string_view kEncoded = "whsec_";
  std::string key(secret);
  if (secret.starts_with(kEncoded)) {
    if (auto decoded = fromBase64(secret.substr(kEncoded.size()))) key = *std::move(decoded);
  }
  std::string text(id);
  text += '.';
  text += std::to_string(seconds);
  text += '.';
  text += body;
  return "v1," + toBase64(hmacSha256(key, text));
}

Result<Attempt> Sender::send(const directory::EventStream& stream, const store::Delivery& delivery,
                             const std::atomic<bool>& stop) {
  const bool is_push = stream.kind == directory::StreamKind::kPush;
  jose::HttpRequest request;
  request.url = stream.url;
  request.fields.emplace_back("Accept: application/json");
  std::string body;
  if (is_push) {
    auto token = source_.token(stream, delivery);
    if (!token) return propagate(token);
    body = *std::move(token);
    request.fields.emplace_back("Content-Type: application/secevent+jwt");
  } else {
    auto claims = source_.claims(stream, delivery);
    if (!claims) return propagate(claims);
    body = json::write(*claims);
    const std::string id = idText(delivery.event_id);
    const std::int64_t seconds = now() / kMicroseconds;
    request.fields.emplace_back("Content-Type: application/json");
    request.fields.push_back("webhook-id: " + id);
    request.fields.push_back("webhook-timestamp: " + std::to_string(seconds));
    if (stream.signing_secret != nullptr) {
      request.fields.push_back(
          "webhook-signature: " +
          webhookSignature(stream.signing_secret->exposeSecret(), id, seconds, body));
    }
  }
  request.authorization = stream.authorization.get();
  request.method = "POST";
  request.body = &body;
  const LogScope scope(delivery.event.correlation_id);
  const auto answer = client_.exchange(request, rulesOf(stream), stop);
  if (!answer) {
    return Attempt{Outcome::kFailed,
                   {"unreachable", printable(answer.error().internal, kDetailBytes), false},
                   std::chrono::seconds(0)};
  }
  return is_push ? readPushAnswer(*answer) : readWebhookAnswer(*answer);
}

}  // namespace vestibule::feed
