#pragma once
// One attempt to bring one event to a receiver: as a signed token (RFC 8935) or as a webhook.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "directory/event_stream.h"
#include "feed/event_source.h"
#include "jose/http_exchange.h"
#include "store/delivery_store.h"

namespace vestibule::feed {

/// What came of an attempt.
struct Attempt {
  enum class Outcome : std::uint8_t {
    kAccepted,  ///< the receiver has the event
    kRefused,   ///< it does not want this event, whatever we do
    kFailed,    ///< it may work later
  };
  Outcome outcome = Outcome::kFailed;
  store::DeliveryFailure failure;       ///< unless accepted
  std::chrono::seconds retry_after{0};  ///< at least, as the receiver asks (RFC 9110 §10.2.3)
};

/// What the answer to a token says (RFC 8935 §2.2 to §2.4): 2xx accepts. 400 refuses it, but for an
/// `err` about who we are and what we sign with (`authentication_failed`, `access_denied`,
/// `invalid_key`, `invalid_issuer`, `invalid_audience`): that and every other status is a failure,
/// which the receiver or an operator may mend.
[[nodiscard]] Attempt readPushAnswer(const jose::HttpAnswer& answer);

/// What the answer to a webhook says: 2xx accepts; 400, 410, 413, 415 and 422 are about this event
/// and refuse it; the rest are failures.
[[nodiscard]] Attempt readWebhookAnswer(const jose::HttpAnswer& answer);

/// The value of `webhook-signature`: `v1,` and the base64 of HMAC-SHA256 over `id.seconds.body`,
/// as Standard Webhooks has it. A secret `whsec_…` is the base64 of the key, any other is the key.
[[nodiscard]] std::string webhookSignature(std::string_view secret, std::string_view id,
                                           std::int64_t seconds, std::string_view body);

/// Sends events, and keeps the connection from one to the next. For one thread at a time.
class Sender {
 public:
  /// `source` must outlive it.
  explicit Sender(EventSource& source) : source_(source) {}

  /// Sends the event now. Error kUnavailable when the event cannot be made, since the database
  /// cannot be read: that says nothing about the receiver.
  [[nodiscard]] Result<Attempt> send(const directory::EventStream& stream,
                                     const store::Delivery& delivery,
                                     const std::atomic<bool>& stop);

 private:
  EventSource& source_;
  jose::HttpClient client_;
};

}  // namespace vestibule::feed
