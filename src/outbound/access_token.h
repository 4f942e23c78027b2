#pragma once
// The access token that a client has for itself: OAuth 2.0 client credentials (RFC 6749 §4.4).

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "jose/http_exchange.h"
#include "outbound/target.h"

namespace vestibule::outbound {

/// Has a token from its endpoint and keeps it until shortly before it ends. Not thread-safe.
class AccessToken {
 public:
  using Clock = std::chrono::steady_clock;

  /// A token as a request carries it.
  struct Held {
    const Secret* authorization = nullptr;  ///< the value of `Authorization`, until the next call
    bool is_new = false;                    ///< it was fetched by this call
  };

  AccessToken(TokenEndpoint endpoint, std::string_view client_secret);

  /// The token that is held at this moment, or else a new one: asked for by POST, with the client's
  /// id and secret by Basic (§2.3.1). Kept until a fifth of `expires_in`, at most half a minute, is
  /// left; for an hour where the endpoint does not say. `rules` and `stop` as of
  /// jose::HttpClient::exchange, but that no more than kMaxTokenAnswerBytes are taken. Error
  /// kUnavailable with a reason for people in `internal`, without secret and token, and with
  /// `retry_after` where the endpoint asks for it: when there is no answer, one that is no success
  /// (§5.2), or one that is no bearer token (§5.1).
  [[nodiscard]] Result<Held> at(Clock::time_point moment, const jose::HttpRules& rules,
                                const std::atomic<bool>& stop);

  /// The token is not taken any more: the next call has a new one.
  void forget() { ends_.reset(); }

 private:
  [[nodiscard]] Result<void> read(const jose::HttpAnswer& answer, Clock::time_point moment);

  TokenEndpoint endpoint_;
  Secret client_;  ///< the value of `Authorization` for the endpoint
  jose::HttpClient http_;
  Secret authorization_;
  std::optional<Clock::time_point> ends_;  ///< nothing: no token is held
};

/// The most that is read of an endpoint's answer.
inline constexpr std::size_t kMaxTokenAnswerBytes = std::size_t{64} * 1024;

}  // namespace vestibule::outbound
