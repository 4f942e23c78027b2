#include "outbound/access_token.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "base/log.h"
#include "base/unicode.h"
#include "jose/authorization.h"
#include "json/parse.h"
#include "outbound/base_url.h"

namespace vestibule::outbound {
namespace {

using std::chrono::seconds;

constexpr std::size_t kMaxFault = 200;
constexpr seconds kUnsaid{3'600};
constexpr std::int64_t kLongest = 86'400;
constexpr std::chrono::milliseconds kMargin{30'000};

tl::unexpected<Error> noToken(std::string reason) {
  return tl::make_unexpected(Error{ErrorKind::kUnavailable,
                                   "there is no access token",
                                   "no access token: " + std::move(reason),
                                   {},
                                   {}});
}

/// What an endpoint that refuses says of it (§5.2).
tl::unexpected<Error> refused(const jose::HttpAnswer& answer) {
  std::string text = "status " + std::to_string(answer.status);
  const auto body = json::parse(answer.body);
  for (const char* key : {"error", "error_description"}) {
    const auto said = body ? body->stringAt(key) : std::nullopt;
    if (said && !said->empty()) text += ": " + printable(*said, kMaxFault);
  }
  if (answer.status >= 300 && answer.status < 400) text += ": redirects are not followed";
  auto error = noToken(std::move(text));
  if (const auto after = jose::retryAfter(answer)) {
    error.value().retry_after = static_cast<std::uint32_t>(after->count());
  }
  return error;
}

/// A header can carry it: it ends no line, and no word of it is lost.
bool isUsable(std::string_view token) {
  return !token.empty() &&
         std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

/// `expires_in`, up to a day. Some write the number as a text.
seconds lifetimeOf(const json::Value& body) {
  const json::Value* value = body.find("expires_in");
  std::optional<std::int64_t> number;
  if (value != nullptr && value->number() != nullptr) number = value->number()->asInt64();
  if (const auto text = body.stringAt("expires_in")) {
    std::int64_t read = 0;
    const char* const end = text->data() + text->size();
    const auto [stopped, fault] = std::from_chars(text->data(), end, read);
    if (stopped == end && fault == std::errc()) number = read;
  }
  if (!number) return kUnsaid;
  return seconds(std::clamp<std::int64_t>(*number, 0, kLongest));
}

}  // namespace

AccessToken::AccessToken(TokenEndpoint endpoint, std::string_view client_secret)
    : endpoint_(std::move(endpoint)),
      client_(jose::basicAuthorization(percentEncoded(endpoint_.client_id),
                                       Secret(percentEncoded(client_secret)).exposeSecret())) {}

Result<AccessToken::Held> AccessToken::at(Clock::time_point moment, const jose::HttpRules& rules,
                                          const std::atomic<bool>& stop) {
  if (ends_ && moment < *ends_) return Held{&authorization_, false};
  ends_.reset();
  std::string body = "grant_type=client_credentials";
  if (!endpoint_.scope.empty()) body += "&scope=" + percentEncoded(endpoint_.scope);
  jose::HttpRequest request;
  request.url = endpoint_.url;
  request.fields = {"Accept: application/json", "Content-Type: application/x-www-form-urlencoded"};
  request.body = &body;
  request.authorization = &client_;
  jose::HttpRules own = rules;
  own.most_bytes = kMaxTokenAnswerBytes;
  const auto answer = http_.exchange(request, own, stop);
  if (!answer) return noToken(answer.error().internal);
  if (auto taken = read(*answer, moment); !taken) return propagate(taken);
  return Held{&authorization_, true};
}

Result<void> AccessToken::read(const jose::HttpAnswer& answer, Clock::time_point moment) {
  constexpr int kOk = 200;
  if (answer.status != kOk) return refused(answer);
  const auto body = json::parse(answer.body);
  if (!body || !body->isObject()) return noToken("the answer is no JSON object");
  const auto token = body->stringAt("access_token");
  if (!token || !isUsable(*token)) return noToken("the answer has no access_token");
  if (!equalIgnoringAsciiCase(body->stringAt("token_type").value_or(""), "Bearer")) {
    return noToken("the answer has no token_type Bearer");
  }
  authorization_ = jose::bearerAuthorization(*token);
  const std::chrono::milliseconds lifetime = lifetimeOf(*body);
  // A token that ends on its way would cost a request.
  ends_ = moment + lifetime - std::min(kMargin, lifetime / 5);
  return {};
}

}  // namespace vestibule::outbound
