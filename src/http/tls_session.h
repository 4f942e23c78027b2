#pragma once
// The server's end of one TLS connection, between bytes and bytes. It knows no socket and no clock.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "http/tls_context.h"

// OpenSSL's name for it.
struct ssl_st;

namespace vestibule::http {

/// Why a session came to nothing, as far as it makes a difference to an operator.
enum class TlsFailure : std::uint8_t {
  kPlainHttp,          ///< the client does not know of TLS
  kVersion,            ///< no version that both take
  kCipher,             ///< no cipher that both take
  kClientCertificate,  ///< none, or one that is not taken
  kClientAlert,        ///< the client said so: it does not take our certificate, say
  kTooLate,            ///< the client did not finish its handshake, or went away in it
  kOther,
  kLater,  ///< after the handshake
};

/// How many there are of them.
inline constexpr std::size_t kTlsFailures = 8;

/// Opens what a client sends and seals what it gets. What there is to send, handshake and alerts
/// among it, is fetched by `takeSealed` and goes out in that order. Not thread-safe.
class TlsSession {
 public:
  enum class State {
    kHandshaking,
    kOpen,
    kEnded,   ///< the client has said that it sends no more (close_notify); it may still be sent to
    kFailed,  ///< nothing can be opened or sealed any more; the alert that says so waits to be sent
  };

  /// Awaits the client's first message. Throws std::bad_alloc.
  explicit TlsSession(const TlsContext& context);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  [[nodiscard]] State state() const { return state_; }

  /// Takes bytes of the client and returns what they say. Keeps at most one unfinished record (16
  /// kB) of what it is given, and returns at most that much more than it is given.
  [[nodiscard]] std::string open(std::string_view sealed);

  /// Seals bytes for the client. False when that is not possible: not in the handshake, nor after
  /// a failure or `end`.
  [[nodiscard]] bool seal(std::string_view plain);

  /// Says that nothing more will be sent (close_notify, RFC 8446 §6.1), if that can still be said.
  void end();

  /// What is to be sent now; empty when nothing is.
  [[nodiscard]] std::string takeSealed();

  /// After a failure: the reason, for the log. Holds nothing of what the client sent.
  [[nodiscard]] const std::string& reason() const { return reason_; }
  /// After a failure: its class.
  [[nodiscard]] TlsFailure failure() const { return failure_; }
  /// After a failure: the client does not know of TLS and has sent an HTTP request.
  [[nodiscard]] bool metPlainHttp() const { return failure_ == TlsFailure::kPlainHttp; }

 private:
  struct Bytes;
  struct Free {
    void operator()(ssl_st* ssl) const;
  };

  void fail();

  std::unique_ptr<Bytes> bytes_;
  std::unique_ptr<ssl_st, Free> ssl_;
  State state_ = State::kHandshaking;
  bool ended_ = false;
  TlsFailure failure_ = TlsFailure::kOther;
  std::string reason_;
};

}  // namespace vestibule::http
