#pragma once
// What is said to another system over HTTP, and what it answers.

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "store/outbound_store.h"

namespace vestibule::outbound {

/// One request. The body is JSON, or empty.
struct RemoteRequest {
  std::string method;
  std::string url;
  std::string body;
};

/// What came back. Nothing in it can be trusted.
struct RemoteAnswer {
  int status = 0;     ///< 0: there was no answer, and `fault` says why
  std::string body;   ///< at most kMaxAnswerBytes
  std::string fault;  ///< for people
  std::optional<std::chrono::seconds> retry_after;  ///< RFC 9110 §10.2.3, in seconds only

  [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
};

/// The most that is read of an answer.
inline constexpr std::size_t kMaxAnswerBytes = std::size_t{4} << 20U;

/// Sends a request and waits for its answer; called by one thread at a time.
using Transport = std::function<RemoteAnswer(const RemoteRequest&)>;

/// How it goes on with a resource.
enum class Verdict {
  kDone,    ///< the target has it as it is to be
  kRetry,   ///< this resource later again
  kPause,   ///< the target as a whole cannot be used now: everything later
  kTaken,   ///< its name or account is another's there: some times again, then it has failed
  kFailed,  ///< no use to try again until something changes
};

/// What an answer that is no success means. Connections that fail, 401, 408, 425, 429 and 503 pause
/// the target; other 5xx are tried again, and 409 some times; all else has failed.
[[nodiscard]] Verdict verdictOf(const RemoteAnswer& answer);

/// The answer as it is shown to operators: status, and `detail` of a SCIM error (RFC 7644 §3.12)
/// where there is one. Printable, at most 500 bytes.
[[nodiscard]] store::OutboundFault faultOf(std::string_view doing, const RemoteAnswer& answer);

/// How long a resource waits behind its attempt of this number (from 1 on): 5 s, doubled each time
/// up to an hour, and up to a fifth more by `chance` from 0 to 1.
[[nodiscard]] std::chrono::milliseconds retryDelay(std::uint32_t attempts, double chance);

/// How long a target rests behind so many failures in a row (from 1 on): what it asks for, at most
/// an hour, else 1 s, doubled each time up to a minute; and up to a fifth more by `chance`.
[[nodiscard]] std::chrono::milliseconds pauseDelay(std::uint32_t failures,
                                                   std::optional<std::chrono::seconds> retry_after,
                                                   double chance);

}  // namespace vestibule::outbound
