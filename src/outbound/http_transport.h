#pragma once
// The transport of a target that is a real one: by HTTP.

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "base/secret.h"
#include "outbound/access_token.h"
#include "outbound/remote.h"

namespace vestibule::outbound {

/// How the other system is reached.
struct HttpTransportOptions {
  /// PEM file of the authorities that may vouch for it, and no others; empty: those that the system
  /// trusts.
  std::string ca_file;
  Secret authorization;  ///< the value of `Authorization`; empty: none is sent
  /// In place of `authorization`: a token by client credentials, from an endpoint that the same
  /// authorities vouch for; null: none.
  std::unique_ptr<AccessToken> token;
  std::chrono::milliseconds total_limit{10'000};
};

/// Sends requests of SCIM one after the other by jose::HttpClient, with what that promises, and
/// keeps the connection between them. No more than kMaxAnswerBytes are taken. `stop` must outlive
/// it: a request ends within about a second once it is set. What went wrong is in the answer's
/// `fault`, without the secret. With a token, an answer 401 has a new one fetched and the request
/// sent once more, so that one request takes up to kMostExchanges; where no token is to be had
/// there is no answer.
[[nodiscard]] Transport httpTransport(HttpTransportOptions options, const std::atomic<bool>& stop);

/// Exchanges that one request comes to with a token.
inline constexpr int kMostExchanges = 3;

}  // namespace vestibule::outbound
