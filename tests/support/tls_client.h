#pragma once
// A client that speaks TLS, with every freedom to misbehave.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "support/certificates.h"
#include "support/raw_client.h"

// OpenSSL's names for them.
struct ssl_st;
struct ssl_ctx_st;

namespace vestibule::test {

/// What a client offers. Versions are OpenSSL's, such as TLS1_2_VERSION; 0 leaves the choice open.
struct TlsClientOptions {
  std::string ca_file = {};  ///< whom it trusts; empty: it does not look
  int lowest = 0;
  int highest = 0;
  std::optional<Certificate> certificate = std::nullopt;
  std::string alpn = {};  ///< names with their lengths in front
  std::string host = "localhost";
};

/// The client's end of a connection, without a socket: for a server's end that has none either.
class TlsEnd {
 public:
  /// Throws std::runtime_error when it cannot be made so.
  explicit TlsEnd(const TlsClientOptions& options = {});
  ~TlsEnd();
  TlsEnd(const TlsEnd&) = delete;
  TlsEnd& operator=(const TlsEnd&) = delete;
  TlsEnd(TlsEnd&& other) noexcept;

  [[nodiscard]] ssl_st* ssl() const { return ssl_.get(); }
  /// The common name in the certificate of the server; empty before the handshake.
  [[nodiscard]] std::string serverName() const;
  /// What OpenSSL says of the last failure of this thread.
  [[nodiscard]] static std::string reason();

 private:
  struct Free {
    void operator()(ssl_st* ssl) const;
    void operator()(ssl_ctx_st* context) const;
  };
  std::unique_ptr<ssl_ctx_st, Free> context_;
  std::unique_ptr<ssl_st, Free> ssl_;
};

/// A TLS connection to this machine. What it does waits ten seconds at most.
class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port, const TlsClientOptions& options = {},
                     int receive_buffer = 0);
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  /// True when the handshake succeeds. In TLS 1.3 a server that refuses the client says so later.
  [[nodiscard]] bool handshake();
  /// Says by TLS that nothing more will be sent, and goes on reading.
  void endSending();
  /// True when the server has ended the connection by close_notify: what came is complete.
  [[nodiscard]] bool endedOrderly() const { return ended_orderly_; }
  [[nodiscard]] std::string serverName() const { return end_.serverName(); }
  [[nodiscard]] ssl_st* ssl() const { return end_.ssl(); }

  /// For requests and answers, after the handshake; before it, for bytes that are no TLS.
  RawClient& raw() { return raw_; }
  bool send(std::string_view bytes) { return raw_.send(bytes); }
  [[nodiscard]] std::optional<RawAnswer> receive(
      bool to_head = false, RawClient::Milliseconds patience = RawClient::kPatience) {
    return raw_.receive(to_head, patience);
  }

 private:
  RawClient raw_;
  TlsEnd end_;
  bool ended_orderly_ = false;
};

}  // namespace vestibule::test
